"""Who wants pairs, what they get, and why it is not more: the worst served first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_view import PlanView, Service
from satqn.reports.plan_words import unserved


def demands(record: PlanRecord, view: PlanView) -> list[dict[str, Any]]:
    """Return every demand with what it gets, the worst served first.

    Parameters
    ----------
    record, view
        What was found out, and how it is looked at.

    Notes
    -----
    Worst is who is served in the fewest slots, then who gets the fewest pairs.
    """
    scenario = record.stage.scenario
    reasons: dict[str, list[dict[str, str]]] = {}
    for demand, slots, reason in unserved(record.explanation) if record.explanation is not None else ():
        reasons.setdefault(demand, []).append({"slots": slots, "reason": reason})
    nothing = {
        str(one["demand"]): str(one["sentence"]) for one in record.summary.get("demands_with_nothing") or ()
    }
    simulated = {one["id"]: one["delivered_pairs"] for one in (record.replay or {}).get("demands", ())}
    found = []
    for wish in scenario.demands:
        name = str(wish.id)
        rate = view.rate(name)
        served = int(np.count_nonzero(rate))
        pairs = float(rate.sum() * view.timeline.slot)
        found.append(
            {
                "id": name,
                "source": wish.source,
                "destination": wish.destination,
                "colour": view.colours[name],
                "weight": wish.weight,
                "target_fidelity": wish.target_fidelity or scenario.target_fidelity,
                "minimum_rate_per_s": wish.minimum_rate_per_s,
                "delivered_pairs": tidy(pairs),
                "mean_rate_per_s": tidy(float(rate.mean())),
                "slots_served": served,
                "rate_per_s": [tidy(float(value)) for value in rate],
                "simulated_pairs": simulated.get(name),
                "sentence": nothing.get(name),
                "reasons": reasons.get(name, []),
            }
        )
    return sorted(found, key=lambda one: (one["slots_served"], one["delivered_pairs"], one["id"]))


def services(view: PlanView) -> list[dict[str, Any]]:
    """Return who is served in which slot through which bodies."""
    return [_service(one) for one in view.services]


def _service(one: Service) -> dict[str, Any]:
    return {
        "slot": one.slot,
        "demand": one.demand,
        "path": one.path.id,
        "rate_per_s": tidy(one.rate),
        "pairs": tidy(one.pairs),
        "fidelity": tidy(one.path.fidelity),
        "base_pairs": tidy(one.path.base_pairs),
        "nodes": list(one.nodes),
        "stored": [hop.stored for hop in one.hops],
    }


def stores(record: PlanRecord, slots: int) -> list[dict[str, Any]]:
    """Return every store with what is in it at the begin of each slot and after the last, and what is put in.

    Parameters
    ----------
    record
        What was planned.
    slots
        Number of slots.
    """
    plan = record.plan
    stock = {one.id: [tidy(one.initial_stock)] + [0.0] * slots for one in plan.classes}
    rate = {one.id: [0.0] * slots for one in plan.classes}
    for kept in plan.stock:
        stock[kept.inventory][kept.slot - 1] = tidy(kept.pairs)
    for put in plan.store:
        rate[put.inventory][put.slot - 1] = tidy(put.rate)
    return [
        {
            "id": one.id,
            "pair": list(one.pair),
            "route": list(one.route),
            "pairs": stock[one.id],
            "stored_per_s": rate[one.id],
        }
        for one in plan.classes
    ]


def tidy(value: float) -> float:
    """Return a number with six digits: what a page shows has no more.

    Examples
    --------
    >>> tidy(1234567.89), tidy(0.0)
    (1234570.0, 0.0)
    """
    return float(f"{value:.6g}")


def delivered(replay: Mapping[str, Any] | None) -> Any:
    """Return mean and interval of what the simulation delivers, None without one."""
    return None if replay is None else replay["delivered_pairs"]
