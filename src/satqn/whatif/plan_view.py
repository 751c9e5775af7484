"""What a plan decides, in terms that do not depend on how it numbers its paths and stores."""

from __future__ import annotations

from typing import Any

from satqn.model.plan import Plan
from satqn.model.plan_tables import path_words, route_words


def plan_view(plan: Plan) -> dict[str, Any]:
    """Return a plan as a tree of plain values that can be compared with that of another plan.

    Parameters
    ----------
    plan
        The plan. Not part of the view: its method, its log, and the names of its paths and classes.

    Returns
    -------
    dict
        Objective, bound, gap and status; ``delivered_rate`` by demand, summed over slots; ``serve`` by
        demand, slot and path; ``store`` and ``stock`` by slot and route. Rates in the unit of the instance.
    """
    classes = {one.id: one for one in plan.classes}
    route = {one.id: route_words(one) for one in plan.classes}
    path = {one.id: path_words(one, classes) for one in plan.paths}
    owner = {one.id: one.demand for one in plan.paths}
    delivered: dict[str, float] = {}
    serve: dict[str, dict[str, dict[str, float]]] = {}
    for one in sorted(plan.serve, key=lambda one: one.slot):
        demand = owner[one.path]
        delivered[demand] = delivered.get(demand, 0.0) + one.rate
        serve.setdefault(demand, {}).setdefault(f"slot {one.slot}", {})[path[one.path]] = one.rate
    store: dict[str, dict[str, float]] = {}
    for kept in sorted(plan.store, key=lambda kept: kept.slot):
        store.setdefault(f"slot {kept.slot}", {})[route[kept.inventory]] = kept.rate
    stock: dict[str, dict[str, float]] = {}
    for held in sorted(plan.stock, key=lambda held: held.slot):
        stock.setdefault(f"slot {held.slot}", {})[route[held.inventory]] = held.pairs
    return {
        "instance_sha256": plan.instance_sha256,
        "status": plan.status,
        "objective_pairs": plan.objective_pairs,
        "delivered_pairs": plan.delivered_pairs,
        "bound_pairs": plan.bound_pairs,
        "gap": plan.gap,
        "delivered_rate": delivered,
        "serve": serve,
        "store": store,
        "stock": stock,
    }
