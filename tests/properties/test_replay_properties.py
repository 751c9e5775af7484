"""Replay of plans of random small instances, under random options: the books always close."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.replay_cases import books_close
from tests.oracles.routing_instances import small_documents

from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, solve
from satqn.simulate.replay import replay_plan
from satqn.simulate.replay_counts import LEDGER_NAMES
from satqn.simulate.replay_options import ReplayOptions


@st.composite
def options(draw: st.DrawFn) -> ReplayOptions:
    generation = draw(st.sampled_from(["mean", "poisson", "binomial"]))
    outage = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    return ReplayOptions(
        generation=generation,
        attempts_per_slot=50 if generation == "binomial" else None,
        use_spare_pairs=generation != "mean" and draw(st.booleans()),
        draw_order=draw(st.sampled_from(["fifo", "lifo"])),
        memory_coherence_s=draw(st.sampled_from([None, 1e9, 30.0, 1.0])),
        extra_rounds=draw(st.booleans()),
        outage_probability=outage,
        outage_kinds=draw(st.sampled_from([("base_station",), ("aerial", "satellite")])),
        outage_mean_slots=draw(st.sampled_from([None, 4.0])),
    )


@given(small_documents(slots=3), options(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_every_missing_pair_has_a_reason(fields: dict[str, Any], chosen: ReplayOptions, seed: int) -> None:
    instance = instance_from_document(fields)
    plan = solve(instance, Settings(gap=0.0)).plan
    if plan is None:  # minimum rates that cannot be met
        return
    counts = replay_plan(instance, plan, chosen, runs=20, seed=seed)
    books_close(counts)
    assert counts.promised_pairs == pytest.approx(plan.delivered_pairs, abs=1e-6)
    if chosen.outage_probability == 1.0 and "base_station" in chosen.outage_kinds:
        # Every node is a base station: what is delivered can only come from store to store.
        assert counts.ledger[LEDGER_NAMES.index("made")].sum() == 0
    left = counts.ledger[LEDGER_NAMES.index("left")]
    held = np.zeros(len(instance.nodes))
    for q, group in enumerate(plan.classes):
        for end in (group.route[0], group.route[-1]):
            held[instance.nodes.ids.index(end)] += left[q]
    capacity = np.floor(instance.nodes.storage_capacity)
    if chosen.generation != "mean":
        assert np.all(held <= counts.runs * capacity)
    again = replay_plan(instance, plan, chosen, runs=20, seed=seed)
    assert np.array_equal(counts.delivered, again.delivered)


@given(small_documents(slots=3), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_planned_counts_miss_only_odd_pairs_and_lost_stock(fields: dict[str, Any], seed: int) -> None:
    """Delivered = promised within 5 sigma once odd pairs and empty stock are taken out."""
    instance = instance_from_document(fields)
    plan = solve(instance, Settings(gap=0.0)).plan
    if plan is None:
        return
    counts = replay_plan(instance, plan, ReplayOptions(generation="mean"), runs=400, seed=seed)
    for reason in ("luck", "synchronisation", "spare_pairs", "outage", "decoherence"):
        assert counts.missing(reason).mean == 0.0
    virtual = [path for path in plan.paths if sum(hasattr(leg, "inventory") for leg in path.legs)]
    if instance.options.stock_retention == 1.0 or not virtual:
        assert counts.missing("empty_stock").mean == pytest.approx(0.0, abs=1e-9)
    z = counts.z_of_chance
    assert z is None or abs(z) < 6 or math.isclose(counts.chance[0], 0.0, abs_tol=1e-6)
