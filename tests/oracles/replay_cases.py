"""Small plans to replay, and what must hold for the counts of any replay."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy import stats
from tests.oracles.routing_instances import document

from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, solve
from satqn.simulate.replay_counts import LEDGER_NAMES, REASON_NAMES, ReplayCounts


def limit(tests: int) -> float:
    """Largest |z| of so many tests that chance exceeds less than once in 10^4 times."""
    return float(stats.norm.isf(0.5e-4 / tests))


def planned(fields: dict[str, Any]) -> tuple[RoutingInstance, Plan]:
    instance = instance_from_document(fields)
    found = solve(instance, Settings(gap=0.0)).plan
    assert found is not None
    return instance, found


@cache
def stored(protocol: str = "dejmps", retention: float = 1.0) -> tuple[RoutingInstance, Plan]:
    """Two demands draw from one store over five slots, one of them after purification; two classes share it."""
    links = [("a", "m", 40, 0.98), ("m", "n", [12.3, 9.7, 11.0, 0.0, 0.0], 0.97), ("n", "b", 40, 0.98),
             ("m", "o", [6.5, 6.5, 0, 0, 0], 0.99), ("o", "n", 6.5, 0.99), ("c", "m", 25, 0.99),
             ("a", "b", [8.4, 0, 0, 0, 3.3], 0.9)]  # fmt: skip
    fields = document(
        links, [("a", "b", [0.2, 0.1, 0.1, 2.0, 1.0]), ("c", "b", [0, 0, 0, 1.4, 3.0])], slots=5,
        storage={"m": 21, "n": 30}, slot_duration_s=1.0,
        options={"purification": protocol, "stock_retention": retention, "splittable": True},
    )  # fmt: skip
    fields["demands"][0]["target_fidelity"] = 0.95
    fields["initial_stock"] = [{"pair": ["m", "n"], "route": ["m", "n"], "pairs": 3.5}]
    return planned(fields)


def books_close(counts: ReplayCounts) -> None:
    """Every missing pair has a reason, every stored pair a fate."""
    gap = counts.runs * counts.promised - counts.delivered
    assert np.allclose(
        counts.reasons.sum(axis=0), gap, rtol=0, atol=1e-8 * max(1.0, counts.runs * counts.promised.max())
    )
    book = dict(zip(LEDGER_NAMES, counts.ledger, strict=True))
    assert np.array_equal(
        book["initial"] + book["made"], book["overflow"] + book["lost"] + book["drawn"] + book["left"]
    )
    made = counts.runs * counts.stored_as_planned - counts.store_reasons.sum(axis=0)
    assert np.allclose(made, book["made"], rtol=1e-9, atol=1e-6)
    assert counts.ledger.min(initial=0) >= 0
    assert counts.delivered.min() >= 0
    at = REASON_NAMES.index
    for name in ("synchronisation", "outage", "empty_stock", "decoherence", "odd_pair"):
        assert counts.reasons[at(name)].min() >= 0
    assert counts.reasons[at("spare_pairs")].max() <= 0
