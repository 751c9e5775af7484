"""The replayed hybrid protocol against exact means, closed forms and a plain event loop."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import copies as copies_oracle
from tests.oracles import hybrid_rounds as oracle

from satqn.errors import InputError
from satqn.kernels import hybrid_distil
from satqn.kernels.simulate_states import BBPSSW, DEJMPS
from satqn.physics.purification import copies_table
from satqn.physics.waiting import expected_max_geometric
from satqn.simulate.hybrid import FibrePart, SatellitePart, WayPlan, replay_way

S = (4.0 * 0.99 - 1.0) / 3.0
SIGMAS = 5.0
PROTOCOLS = {"bbpssw": BBPSSW, "dejmps": DEJMPS}
ORACLES = {"bbpssw": copies_oracle.bbpssw, "dejmps": copies_oracle.dejmps}


def way(protocol="dejmps", *, memory_time=None, time=0.011, swaps=3) -> WayPlan:
    parts = (
        FibrePart(1.0e-3, 0.11, 2, 0.95, copies=2),
        FibrePart(0.7e-3, 0.30, 1, 0.97, copies=4),
        SatellitePart(150.0, 0.87, copies=1),
        FibrePart(1.3e-3, 0.25, 3, 0.96, copies=5),
    )
    return WayPlan(parts, time, 0.8, swaps=swaps, swap=S, protocol=protocol, memory_time=memory_time)


def z(a, a_error, b, b_error=0.0):
    return abs(a - b) / math.hypot(a_error, b_error)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("equal", [True, False], ids=["by the couple", "copy by copy"])
def test_distilled_copies_have_the_exact_mean_of_the_tables(protocol, equal) -> None:
    # So poor copies that the means of many do not hang on losses too rare to be sampled.
    rng, f1, runs = np.random.default_rng(5), 0.7 if protocol == "bbpssw" else 0.56, 6000
    table = copies_table(f1, 200, protocol)
    values, groups = np.empty(hybrid_distil.GROUPS), np.empty(hybrid_distil.GROUPS, np.int64)
    equals, made = np.full(200, f1), np.empty(200)
    for k in (1, 2, 3, 4, 5, 7, 12, 33, 90, 200):
        if equal:
            call = (f1, k, PROTOCOLS[protocol], values, groups, rng)
            found = np.array([hybrid_distil.distil_equal(*call) for _ in range(runs)])
        else:
            call = (equals, k, PROTOCOLS[protocol], made, rng)
            found = np.array([hybrid_distil.distil(*call) for _ in range(runs)])
        error = found[:, 0].std() / math.sqrt(runs)
        assert abs(found[:, 0].mean() - table[k]) <= SIGMAS * error + 1e-12
        assert np.array_equal(found[:, 1] == 0.0, found[:, 0] == f1)  # raw exactly where it is still f1


@settings(max_examples=150, deadline=None)
@given(
    copies=st.lists(st.floats(0.3, 0.999), min_size=1, max_size=12),
    protocol=st.sampled_from(list(PROTOCOLS)),
    seed=st.integers(0, 2**32),
)
def test_distilling_draw_by_draw_is_the_process_of_the_definition(copies, protocol, seed) -> None:
    ascending = np.sort(np.array(copies))
    rng = np.random.default_rng(seed)
    made = np.empty(len(copies))
    found, worked = hybrid_distil.distil(ascending, len(copies), PROTOCOLS[protocol], made, rng)

    rng = np.random.default_rng(seed)
    useful = [f for f in ascending.tolist() if f > 0.5]
    if not useful:
        assert found == ascending[-1]
        assert not worked
        return
    reserve, pairs = useful[0], useful[1:]
    heapq.heapify(pairs)
    while len(pairs) > 1:
        better, success = ORACLES[protocol](heapq.heappop(pairs), heapq.heappop(pairs))
        if rng.random() < success:
            heapq.heappush(pairs, better)
    assert found == pytest.approx(pairs[0] if pairs else reserve, abs=1e-13)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_one_number_a_state_is_exact(protocol) -> None:
    """Purifying 4-vectors keeps phase flips (DEJMPS) or Werner states (BBPSSW), with the kernel's numbers."""
    for f1, f2 in ((0.6, 0.9), (0.87, 0.87), (0.51, 0.999)):
        state, success = oracle.purify(oracle.phase_flip(f1), oracle.phase_flip(f2), protocol)
        f, p = hybrid_distil.purified(f1, f2, PROTOCOLS[protocol])
        family = oracle.phase_flip(f) if protocol == "dejmps" else oracle.twirl((f, 0.0, 0.0, 0.0))
        assert success == pytest.approx(p, abs=1e-14)
        assert state == pytest.approx(family, abs=1e-14)


def test_counted_numbers_give_the_closed_form() -> None:
    plan = way()
    counts = replay_way(plan, "counted", runs=20_000, seed=3)
    product = math.prod(
        2.0 * copies_table(part.fidelity, part.copies, "dejmps")[-1] - 1.0 for part in plan.parts
    )
    exact = 0.25 * (1.0 + S**3 * (1.0 + 2.0 * product))
    assert z(counts.fidelity.mean, counts.fidelity.error, exact) < SIGMAS
    assert counts.share.mean == 1.0
    assert counts.mean_copies.tolist() == [2.0, 4.0, 1.0, 5.0]
    mean = replay_way(plan, "mean", runs=10, seed=3)
    assert mean.mean_copies.tolist() == [2.0, 4.0, 1.0, 6.0]  # 2.42, 4.71, 1.65 and 6.35 in 11 ms


def test_rounds_succeed_with_the_product_of_the_parts() -> None:
    plan = way()
    counts = replay_way(plan, "rounds", runs=40_000, seed=4)
    segments = [1.0 - 0.89**22, 1.0 - 0.70**15, 1.0 - 0.75**24]  # attempts in 11 ms
    satellite = 1.0 - math.exp(-150.0 * 0.011)
    assert z(counts.share.mean, counts.share.error, math.prod(segments) * satellite) < SIGMAS
    without = counts.without_satellite
    assert z(without.mean, without.error, 1.0 - satellite) < SIGMAS
    assert z(counts.without_fibre.mean, counts.without_fibre.error, 1.0 - math.prod(segments)) < SIGMAS
    expected = np.array([22 * 0.11, 15 * 0.30, 150.0 * 0.011, 24 * 0.25])
    spread = np.sqrt([22 * 0.11 * 0.89, 15 * 0.3 * 0.7, 150.0 * 0.011, 24 * 0.25 * 0.75])
    assert np.all(np.abs(counts.mean_copies - expected) < SIGMAS * spread / 200.0)
    assert counts.time.mean == pytest.approx(0.011 / counts.share.mean)
    assert counts.histogram.sum() == counts.delivered


def test_waiting_for_first_copies_takes_the_exact_mean() -> None:
    chances = (0.1, 0.03, 0.4)
    parts = tuple(FibrePart(2e-3, p, 4, 0.97, copies=1) for p in chances)
    plan = WayPlan(parts, 0.1, 0.9, swaps=2, swap=S, protocol="dejmps")
    counts = replay_way(plan, "planned", runs=40_000, seed=8)
    exact = 2e-3 * float(expected_max_geometric([1.0 - (1.0 - p) ** 4 for p in chances]))
    assert z(counts.time.mean, counts.time.error, exact) < SIGMAS


@pytest.mark.parametrize("memory_time", [None, 0.02], ids=["perfect", "20 ms"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_discipline_agrees_with_the_plain_event_loop(protocol, memory_time) -> None:
    plan, rng, runs = way(protocol, memory_time=memory_time), random.Random(17), 2500
    for discipline in ("rounds", "patient", "planned"):
        counts = replay_way(plan, discipline, runs=30_000, seed=6)
        played = [oracle.play_round(plan, discipline, rng) for _ in range(runs)]
        good = np.array([(time, f) for time, f in played if f is not None])
        share = len(good) / runs
        share_error = math.sqrt(max(share * (1.0 - share), 1.0 / runs) / runs)
        assert z(counts.share.mean, counts.share.error, share, share_error) < SIGMAS
        means, errors = good.mean(axis=0), good.std(axis=0) / math.sqrt(len(good))
        assert z(counts.fidelity.mean, counts.fidelity.error, means[1], errors[1]) < SIGMAS
        if discipline != "rounds":
            assert z(counts.time.mean, counts.time.error, means[0], errors[0]) < SIGMAS


@pytest.mark.parametrize("discipline", ["counted", "mean", "rounds", "patient", "planned"])
def test_very_long_memories_are_perfect_ones(discipline) -> None:
    """Numbers of copies drawn at once, and copies one by one, are the same process."""
    scores = []
    for seed in range(12):
        perfect = replay_way(way(), discipline, runs=3000, seed=seed)
        timed = replay_way(way(memory_time=1e9), discipline, runs=3000, seed=100 + seed)
        f, g = perfect.fidelity, timed.fidelity
        scores.append((f.mean - g.mean) / math.hypot(f.error, g.error))
        if discipline in ("patient", "planned"):
            t, u = perfect.time, timed.time
            assert z(t.mean, t.error, u.mean, u.error) < SIGMAS
    assert abs(sum(scores)) / math.sqrt(len(scores)) < SIGMAS
    assert sum(score**2 for score in scores) < 50.0  # chi squared with 12 degrees of freedom: p = 1e-6


def test_one_copy_of_everything_and_no_luck_is_deterministic() -> None:
    sure = (FibrePart(1e-3, 1.0, 1, 0.97, copies=1), FibrePart(1e-3, 1.0, 1, 0.9, copies=1))
    plan = WayPlan(sure, 1.5e-3, 0.8, swaps=1, swap=S, protocol="bbpssw")
    counts = replay_way(plan, "rounds", runs=10, seed=1)
    exact = 0.25 * (1.0 + S * (1.0 + 2.0 * 0.94 * 0.8))
    assert counts.fidelity.mean == pytest.approx(exact, abs=1e-14)
    assert counts.delivered == 10


def test_same_seed_same_counts_and_every_key_its_own() -> None:
    one = replay_way(way(), "patient", runs=700, seed=2, key=("a", "b"))
    again = replay_way(way(), "patient", runs=700, seed=2, key=("a", "b"))
    other = replay_way(way(), "patient", runs=700, seed=2, key=("a", "c"))
    assert all(np.array_equal(x, y) for x, y in zip(one.arrays(), again.arrays(), strict=True))
    assert not np.array_equal(one.sums, other.sums)
    both = one + other
    assert both.runs == 1400
    assert both.fidelity.mean == pytest.approx((one.fidelity.mean + other.fidelity.mean) / 2.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parts": ()}, "without parts"),
        ({"time": 0.0}, "time per pair"),
        ({"swaps": -1}, "swaps"),
        ({"protocol": "epl"}, "protocol"),
        ({"memory_time": -1.0}, "memory time"),
    ],
)
def test_bad_plans_are_refused(change, words) -> None:
    with pytest.raises(InputError, match=words):
        replace(way(), **change)


@pytest.mark.parametrize(
    "change", [{"success": 0.0}, {"attempt_time": -1.0}, {"ion_pairs": 0}, {"copies": 0}]
)
def test_bad_parts_are_refused(change) -> None:
    with pytest.raises(InputError):
        replace(way().parts[0], **change)
    with pytest.raises(InputError):
        SatellitePart(0.0, 0.87, 1)
    with pytest.raises(InputError, match="runs"):
        replay_way(way(), "rounds", runs=0, seed=1)
