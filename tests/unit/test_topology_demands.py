"""Demands that the seed draws come as often as their weights say."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import pytest
from tests.oracles.topology import EAST, NORTH, WEST

from satqn.scenario.planning import PlanScenario
from satqn.topology.demands import all_demands

DRAWS = 600
NEVER = 5.0
"""Standard errors that a count of the right law does not leave."""


@pytest.mark.parametrize(
    ("by", "weights"),
    [("population", {"East": 7, "West": 2, "North": 1}), ("uniform", {"East": 1, "West": 1, "North": 1})],
)
def test_ends_are_drawn_in_proportion_to_their_weights(by, weights):
    """One end, then another one of those that are left: p_i p_j / (1 - p_i) + p_j p_i / (1 - p_j)."""
    people = {"East": 700_000, "West": 200_000, "North": 100_000}
    scenario = PlanScenario.model_validate({
        "study": "plan", "name": "drawn", "hardware": {},
        "time": {"start": "2026-06-21T00:00:00Z", "horizon_s": 60, "slot_s": 60},
        "ground": {"nodes": [{"id": node["id"], "lat_deg": node["lat_deg"], "lon_deg": node["lon_deg"],
                              "population": people[node["id"]]} for node in (EAST, WEST, NORTH)]},
        "drawn_demands": {"count": 1, "by": by},
    })  # fmt: skip
    counts: Counter[frozenset[str]] = Counter()
    for seed in range(DRAWS):
        (demand,) = all_demands(scenario.model_copy(update={"seed": seed}))
        counts[frozenset((demand.source, demand.destination))] += 1
    whole = sum(weights.values())
    share = {name: weight / whole for name, weight in weights.items()}
    for i, j in combinations(share, 2):
        p = share[i] * share[j] * (1 / (1 - share[i]) + 1 / (1 - share[j]))
        spread = math.sqrt(DRAWS * p * (1 - p))
        assert counts[frozenset((i, j))] == pytest.approx(DRAWS * p, abs=NEVER * spread), (i, j)
