"""Two plans beside each other: what is better, for whom, and where on the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satqn.reports.globe.people import tidy

Document = Mapping[str, Any]


def compare_globes(a: Document, b: Document) -> dict[str, Any]:
    """Return the differences of two plans: what ``b`` has more than ``a``.

    Parameters
    ----------
    a, b
        From :func:`satqn.api.globe`.

    Returns
    -------
    dict
        ``result``, ``demands``, ``links`` (pairs taken of every link that either uses), ``bodies``.
    """
    return {
        "result": {
            key: _both(a["result"][key], b["result"][key])
            for key in ("delivered_pairs", "objective_pairs", "bound_pairs")
        },
        "demands": _demands(a, b),
        "links": _links(a, b),
        "bodies": _bodies(a, b),
    }


def _both(one: float | None, other: float | None) -> dict[str, float | None]:
    more = None if one is None or other is None else tidy(other - one)
    share = None if more is None or not one else tidy(more / one)
    return {"a": one, "b": other, "more": more, "share": share}


def _demands(a: Document, b: Document) -> list[dict[str, Any]]:
    one, other = ({demand["id"]: demand for demand in found["demands"]} for found in (a, b))
    rows = []
    for name in dict.fromkeys((*one, *other)):
        here, there = one.get(name), other.get(name)
        rows.append(
            {
                "id": name,
                "pairs": _both(_of(here, "delivered_pairs"), _of(there, "delivered_pairs")),
                "slots_served": _both(_of(here, "slots_served"), _of(there, "slots_served")),
            }
        )
    return rows


def _of(demand: Document | None, key: str) -> float | None:
    return None if demand is None else demand[key]


def _links(a: Document, b: Document) -> list[dict[str, Any]]:
    one, other = _taken(a), _taken(b)
    rows = []
    for ends in dict.fromkeys((*one, *other)):
        here, there = one.get(ends, 0.0), other.get(ends, 0.0)
        if here or there:
            rows.append({"a": ends[0], "b": ends[1], "pairs": _both(tidy(here), tidy(there))})
    return sorted(rows, key=lambda row: -abs(row["pairs"]["more"]))


def _taken(found: Document) -> dict[tuple[str, str], float]:
    """Return the base pairs that a plan takes of every link."""
    total: dict[tuple[str, str], float] = {}
    for slot in found["slots"]:
        for e, used in zip(slot["links"], slot["used_per_s"], strict=True):
            ends = (found["links"][e]["a"], found["links"][e]["b"])
            total[ends] = total.get(ends, 0.0) + used * found["time"]["slot_s"]
    return total


def _bodies(a: Document, b: Document) -> dict[str, list[str]]:
    """Return who is new, who has gone, and who stands elsewhere."""
    one, other = ({body["id"]: body for body in found["bodies"]} for found in (a, b))
    place = ("lat_deg", "lon_deg", "altitude_km")
    return {
        "added": [name for name in other if name not in one],
        "removed": [name for name in one if name not in other],
        "moved": [
            name for name in one if name in other and any(one[name][k] != other[name][k] for k in place)
        ],
    }
