"""Plans as tables: what is served, stored and in store, as data frames and data sets."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from satqn.errors import InputError
from satqn.extras import need
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, PlanClass, PlanPath, RealLeg

PlanTable = Literal["serve", "store", "stock", "log"]
TABLES = ("serve", "store", "stock", "log")

_LOG_COLUMNS = ("wall_s", "iteration", "event", "bound", "incumbent")


def path_words(path: PlanPath, classes: dict[str, PlanClass]) -> str:
    """Return a path in words: links joined by ``-``, a virtual link as its route in brackets."""
    parts = [
        "-".join(leg.nodes)
        if isinstance(leg, RealLeg)
        else f"[{leg.start}|{route_words(classes[leg.inventory])}|{leg.end}]"
        for leg in path.legs
    ]
    return " ".join(parts)


def route_words(one: PlanClass) -> str:
    """Return the route over which a class is filled, from either end the same."""
    return "=".join(one.route if one.route[0] <= one.route[-1] else one.route[::-1])


def plan_frame(plan: Plan, table: PlanTable, instance: RoutingInstance | None) -> Any:
    """Return one table of a plan as a ``pandas.DataFrame``; see :meth:`satqn.model.plan.Plan.to_pandas`.

    Raises
    ------
    InputError
        No such table, or pandas is not installed.
    """
    if table not in TABLES:
        raise InputError(f"a plan has no table {table!r}", fix=f"It has {', '.join(TABLES)}")
    frame = need("pandas").DataFrame
    if table == "log":
        rows = [[getattr(line, name) for name in _LOG_COLUMNS] for line in plan.log]
        return frame(rows, columns=_LOG_COLUMNS)
    classes = {one.id: one for one in plan.classes}
    if table == "stock":
        stocks = [(one.slot, route_words(classes[one.inventory]), one.pairs) for one in plan.stock]
        return frame(stocks, columns=("slot", "store", "pairs"))
    if table == "store":
        stores = [(one.slot, route_words(classes[one.inventory]), one.rate) for one in plan.store]
        return _with_pairs(frame(stores, columns=("slot", "store", "rate")), instance)
    paths = {path.id: path for path in plan.paths}
    served = [
        (one.slot, path.demand, path_words(path, classes), one.rate, path.fidelity, path.base_pairs)
        for one in plan.serve
        for path in (paths[one.path],)
    ]
    columns = ("slot", "demand", "path", "rate", "fidelity", "base_pairs")
    return _with_pairs(frame(served, columns=columns), instance)


def _with_pairs(frame: Any, instance: RoutingInstance | None) -> Any:
    return frame if instance is None else frame.assign(pairs=frame["rate"] * instance.slot_length)


def plan_dataset(plan: Plan, instance: RoutingInstance | None) -> Any:
    """Return a plan as an ``xarray.Dataset``; see :meth:`satqn.model.plan.Plan.to_xarray`.

    Raises
    ------
    InputError
        xarray is not installed.
    """
    xarray = need("xarray")
    owner = {path.id: path.demand for path in plan.paths}
    words = {one.id: route_words(one) for one in plan.classes}
    used = [one.slot for records in (plan.serve, plan.store, plan.stock) for one in records]
    slots = max(used, default=0) if instance is None else instance.storing_slots
    demands = list(dict.fromkeys(owner.values())) if instance is None else list(instance.demands.ids)
    stores = list(dict.fromkeys(words.values()))
    rate = np.zeros((slots, len(demands)))
    stored, stock = np.zeros((slots, len(stores))), np.zeros((slots, len(stores)))
    for serve in plan.serve:
        rate[serve.slot - 1, demands.index(owner[serve.path])] += serve.rate
    for store in plan.store:
        stored[store.slot - 1, stores.index(words[store.inventory])] += store.rate
    for held in plan.stock:
        stock[held.slot - 1, stores.index(words[held.inventory])] += held.pairs
    by_demand, by_store = ("slot", "demand"), ("slot", "store")
    unit = {"units": _rate_unit(instance)}
    data = {
        "rate": (by_demand, rate, {**unit, "long_name": "delivered purified pairs"}),
        "stored_rate": (by_store, stored, {**unit, "long_name": "pairs put in store"}),
        "stock_pairs": (by_store, stock, {"units": "1", "long_name": "pairs in store when the slot starts"}),
    }
    if instance is not None:
        data["pairs"] = (by_demand, rate * instance.slot_length, {"units": "1", "long_name": "delivered"})
    facts = {name: getattr(plan, name) for name in ("method", "status", "objective_pairs", "bound_pairs")}
    return xarray.Dataset(
        data,
        coords={
            "slot": np.arange(1, slots + 1),
            "demand": np.array(demands, dtype=object),
            "store": np.array(stores, dtype=object),
        },
        attrs={name: value for name, value in facts.items() if value is not None} | {"source": "satqn"},
    )


def _rate_unit(instance: RoutingInstance | None) -> str:
    if instance is None:
        return "pairs in the rate unit of the instance"
    return "s-1" if instance.rate_unit == "pairs_per_second" else "1"
