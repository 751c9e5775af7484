"""What a plan decides, in terms that do not depend on how it numbers its paths and stores."""

from __future__ import annotations

from typing import Any

from satqn.model.plan import Plan, PlanClass, PlanPath, RealLeg


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
    route = {one.id: _route(one) for one in plan.classes}
    path = {one.id: _path(one, route) for one in plan.paths}
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


def _route(one: PlanClass) -> str:
    return "=".join(one.route if one.route[0] <= one.route[-1] else one.route[::-1])


def _path(one: PlanPath, route: dict[str, str]) -> str:
    """Return a path in words: links with ``-``, virtual links as their route in brackets."""
    parts = [
        "-".join(leg.nodes) if isinstance(leg, RealLeg) else f"[{leg.start}|{route[leg.inventory]}|{leg.end}]"
        for leg in one.legs
    ]
    return " ".join(parts)
