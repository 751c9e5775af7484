"""The replay kernel against a replay in plain Python, pair by pair: same means, same spread, same stocks."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from tests.oracles.replay import Replayer, Rules
from tests.oracles.replay_cases import books_close, limit, stored

from satqn.simulate.replay import replay_plan
from satqn.simulate.replay_counts import LEDGER_NAMES
from satqn.simulate.replay_options import ReplayOptions

MEAN = ReplayOptions(generation="mean")

RULES: dict[str, tuple[ReplayOptions, Rules]] = {
    "poisson": (ReplayOptions(), Rules()),
    "mean": (MEAN, Rules("mean")),
    "binomial, spare": (
        ReplayOptions(generation="binomial", attempts_per_slot=60, use_spare_pairs=True),
        Rules("binomial", 60, spare=True),
    ),
    "spare": (ReplayOptions(use_spare_pairs=True), Rules(spare=True)),
    "aging, newest first": (
        ReplayOptions(memory_coherence_s=60.0, draw_order="lifo", extra_rounds=True),
        Rules(lifo=True, coherence_s=60.0, extra_rounds=True),
    ),
    "aging beyond use": (ReplayOptions(memory_coherence_s=40.0), Rules(coherence_s=40.0)),
    "long outages": (
        ReplayOptions(outage_probability=0.3, outage_mean_slots=3.0, outage_kinds=("base_station",)),
        Rules(outage=0.3, outage_slots=3.0),
    ),
    "short outages": (ReplayOptions(outage_probability=0.2), Rules(outage=0.2)),
}


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(("protocol", "retention"), [("dejmps", 1.0), ("bbpssw", 0.8)])
def test_the_oracle_counts_the_same(rules: str, protocol: str, retention: float) -> None:
    options, told = RULES[rules]
    if rules == "mean" and retention < 1:
        pytest.skip("planned losses are not binomial")
    instance, plan = stored(protocol, retention)
    counts = replay_plan(instance, plan, options, runs=20_000, seed=3)
    books_close(counts)
    oracle, rng, runs = Replayer(instance, plan, told), random.Random(17), 400
    histories = [oracle.run(rng) for _ in range(runs)]
    ids = instance.demands.ids
    compared: list[tuple[float, np.ndarray]] = []
    for k, name in enumerate(ids):
        for slot in range(counts.slots):
            compared.append(
                (counts.cell(slot, k).mean, np.array([h.delivered[slot, name] for h in histories]))
            )
    compared.append((counts.delivered_pairs.mean, np.array([sum(h.delivered.values()) for h in histories])))
    book = dict(zip(LEDGER_NAMES, counts.ledger / counts.runs, strict=True))
    for q, group in enumerate(c.id for c in plan.classes):
        for fate in ("made", "overflow", "lost", "drawn", "left"):
            compared.append((float(book[fate][q]), np.array([getattr(h, fate)[group] for h in histories])))
    worst = limit(len(compared) * len(RULES) * 2)
    for expected, seen in compared:
        # An event that is too rare to be seen so often may have no spread among the histories.
        error = max(seen.std(ddof=1), math.sqrt(max(expected, 0.0) / 2), 0.02) / math.sqrt(runs)
        assert abs(seen.mean() - expected) <= worst * error
    spread = np.array([sum(h.delivered.values()) for h in histories]).std(ddof=1)
    assert counts.delivered_pairs.error is not None
    ratio = spread / (counts.delivered_pairs.error * math.sqrt(counts.runs) + 1e-12)
    assert rules == "mean" or abs(math.log(ratio)) < worst * 1.5 / math.sqrt(2 * runs)
