"""Replay of plans: against an oracle that plays pair by pair, exact means, and its own books."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.oracles.replay import (
    after_purification,
    least_of_poissons,
    moments,
    success_chances,
)
from tests.oracles.replay_cases import books_close, limit, planned, stored
from tests.oracles.routing_instances import document

from satqn.errors import InputError, InvalidFileError
from satqn.kernels.replay_draws import binomial
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, RealLeg
from satqn.routing.generate import case_study
from satqn.routing.solve import Settings, solve
from satqn.simulate.executor import Workers
from satqn.simulate.replay import ReplayInterrupted, replay_plan
from satqn.simulate.replay_counts import LEDGER_NAMES, ReplayCounts, estimate
from satqn.simulate.replay_ladders import aged_fidelity, ladders
from satqn.simulate.replay_options import ReplayOptions

MEAN, POISSON = ReplayOptions(generation="mean"), ReplayOptions()


@cache
def case(seed: int, target: float = 0.9) -> tuple[RoutingInstance, Plan]:
    instance = case_study(seed, target_fidelity=target)
    found = solve(instance, Settings(gap=0.01)).plan
    assert found is not None
    return instance, found


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("target", [0.9, 0.96])
def test_the_case_study_delivers_what_it_promises(seed: int, target: float) -> None:
    """Planned counts: what is missing is odd pairs, to the pair; the rest is noise within 4 sigma."""
    instance, plan = case(seed, target)
    counts = replay_plan(instance, plan, MEAN, runs=2000, seed=seed)
    books_close(counts)
    assert counts.promised_pairs == pytest.approx(plan.delivered_pairs)
    for reason in ("luck", "synchronisation", "spare_pairs", "outage", "empty_stock", "decoherence"):
        assert counts.missing(reason).mean == 0.0
    assert counts.ledger[LEDGER_NAMES.index("overflow")].sum() == 0
    assert abs(counts.z_of_chance or 0.0) < 4
    odd = counts.missing("odd_pair").mean
    purified = any(path.base_pairs > 1 for path in plan.paths)
    assert purified == (target > 0.9)
    assert (odd > 0) == purified
    assert counts.delivered_pairs.z(counts.promised_pairs - odd) == pytest.approx(0.0, abs=4.0)


def exact_cells(
    instance: RoutingInstance, plan: Plan, *, poisson: bool
) -> dict[tuple[int, int], tuple[float, float]]:
    """Mean and variance of the pairs of every demand and slot whose paths use links only."""
    tau, options = instance.slot_length, instance.options
    paths = {path.id: path for path in plan.paths}
    cells: dict[tuple[int, int], tuple[float, float]] = {}
    virtual = set()
    for serve in plan.serve:
        path = paths[serve.path]
        k = instance.demands.ids.index(path.demand)
        if len(path.legs) > 1 or not isinstance(path.legs[0], RealLeg):
            virtual.add((serve.slot - 1, k))
            continue
        chances = success_chances(
            path.fidelity, float(instance.demands.target_fidelity[k]), options.purification
        )
        assert chances is not None
        base = serve.rate * tau * math.prod(2 / p for p in chances)
        if poisson:
            pairs = least_of_poissons(base, len(path.legs[0].nodes) - 1)
        else:
            pairs = np.zeros(math.floor(base) + 2)
            pairs[math.floor(base) :] = [1 - base % 1, base % 1]
        mean, variance = moments(after_purification(pairs, chances))
        before = cells.get((serve.slot - 1, k), (0.0, 0.0))
        cells[serve.slot - 1, k] = (before[0] + mean, before[1] + variance)
    return {cell: found for cell, found in cells.items() if cell not in virtual}


@pytest.mark.parametrize(("seed", "target"), [(0, 0.9), (1, 0.96), (2, 0.96)])
@pytest.mark.parametrize("options", [MEAN, POISSON], ids=["mean", "poisson"])
def test_every_cell_of_the_case_study_has_its_exact_mean(
    seed: int, target: float, options: ReplayOptions
) -> None:
    """Synchronised links, odd pairs and failing rounds cost what convolution says, cell by cell."""
    instance, plan = case(seed, target)
    counts = replay_plan(instance, plan, options, runs=4000, seed=7)
    books_close(counts)
    assert abs(counts.z_of_chance or 0.0) < 4
    cells = exact_cells(instance, plan, poisson=options.generation == "poisson")
    assert len(cells) > 15
    worst = limit(2 * len(cells))
    for (slot, k), (mean, variance) in cells.items():
        found = counts.cell(slot, k)
        assert abs(found.mean - mean) <= worst * math.sqrt(variance / counts.runs) + 1e-9
        # The spread too: the error of a variance is sqrt(2/runs) of it for nearly normal counts.
        assert found.error is not None
        if options.generation == "poisson":
            assert found.error**2 * counts.runs == pytest.approx(
                variance, rel=1.2 * worst * math.sqrt(2 / counts.runs)
            )


def test_synchronised_links_lose_what_the_least_of_two_poissons_loses() -> None:
    """E[min] of two Poisson counts of mean m is m - E|X - Y| / 2, and X - Y is a Skellam number."""
    instance, plan = planned(document([("a", "c", 100), ("c", "b", 100)], [("a", "b")]))
    counts = replay_plan(instance, plan, POISSON, runs=20_000, seed=1)
    k = np.arange(-400, 401)
    loss = float(np.abs(k) @ stats.skellam.pmf(k, 100, 100)) / 2
    assert loss == pytest.approx(math.sqrt(100 / math.pi), rel=0.01)
    found = counts.missing("synchronisation")
    assert found.z(loss) == pytest.approx(0.0, abs=limit(2))
    assert counts.delivered_pairs.z(100 - loss) == pytest.approx(0.0, abs=limit(2))


def test_stock_of_one_class_follows_its_exact_distribution() -> None:
    """A store filled for three slots, full at 24, and emptied: overflow and empty stock by convolution."""
    links = [("a", "m", 100), ("m", "n", [10, 10, 10, 0]), ("n", "b", 100)]
    instance, plan = planned(document(links, [("a", "b", [0, 0, 0, 1])], slots=4, storage={"m": 24, "n": 24}))
    assert plan.delivered_pairs == pytest.approx(24)
    added = {s.slot: s.rate for s in plan.store}
    stock, overflow = np.zeros(25), 0.0
    stock[0] = 1.0
    for slot in (1, 2, 3):
        more = np.convolve(stock, stats.poisson.pmf(np.arange(80), added.get(slot, 0.0)))
        overflow += float(more[25:] @ np.arange(1, len(more) - 24))
        stock = np.append(more[:24], more[24:].sum())
    counts = replay_plan(instance, plan, POISSON, runs=20_000, seed=5)
    books_close(counts)
    poor = least_of_poissons(24.0, 2)
    both = np.outer(poor, stock)
    pairs = np.minimum(np.minimum(np.arange(len(poor)), 24)[:, None], np.arange(25)[None, :])
    assert counts.delivered_pairs.z(float((both * pairs).sum())) == pytest.approx(0, abs=limit(3))
    short = np.minimum(np.arange(len(poor)), 24)[:, None] - pairs
    assert counts.missing("empty_stock").z(float((both * short).sum())) == pytest.approx(0, abs=limit(3))
    seen = counts.ledger[LEDGER_NAMES.index("overflow"), 0] / counts.runs
    assert seen == pytest.approx(overflow, abs=limit(3) * math.sqrt(30 / counts.runs))
    assert overflow > 1


def test_decoherence_only_lowers() -> None:
    """Without purification the same seed draws the same pairs: fewer of them are good enough, never more."""
    links = [("a", "m", 30, 0.99), ("m", "n", [10, 10, 10, 0], 0.99), ("n", "b", 30, 0.99)]
    fields = document(links, [("a", "b", [0, 0, 0, 1])], slots=4, storage={"m": 24, "n": 24})
    instance, plan = planned(fields | {"slot_duration_s": 2.0})
    last = replay_plan(instance, plan, POISSON, runs=500, seed=2).total[0]
    seen = [last]
    for coherence in (1e6, 120.0, 60.0, 30.0, 5.0):
        counts = replay_plan(instance, plan, ReplayOptions(memory_coherence_s=coherence), runs=500, seed=2)
        books_close(counts)
        assert counts.total[0] <= last
        last = counts.total[0]
        seen.append(last)
    assert seen[1] == seen[0]
    assert len(set(seen)) > 2
    assert seen[-1] == 0
    newest = ReplayOptions(memory_coherence_s=60.0, draw_order="lifo")
    assert replay_plan(instance, plan, newest, runs=500, seed=2).total[0] >= seen[3]


def waiting(stored_in: tuple[int, ...]) -> tuple[RoutingInstance, Plan]:
    """Ten pairs stored in every slot of these, ten of all of them drawn in slot 4."""
    links = [("a", "m", 30, 0.99), ("m", "n", 10, 0.99), ("n", "b", 30, 0.99)]
    fields = document(links, [("a", "b", [0, 0, 0, 1])], slots=4, storage={"m": 40, "n": 40})
    instance, plan = planned(fields | {"slot_duration_s": 2.0})
    path = next(path for path in plan.paths if len(path.legs) == 3)
    store = tuple(replace(plan.store[0], slot=slot, rate=10.0) for slot in stored_in)
    return instance, replace(
        plan, serve=(replace(plan.serve[0], slot=4, path=path.id, rate=10.0),), store=store
    )


@pytest.mark.parametrize(("order", "age"), [("fifo", 3), ("lifo", 1)])
def test_the_oldest_or_the_newest_pair_is_used_first(order: Any, age: int) -> None:
    """After 3 slots of 2 s a pair is below the target, after one it is not, if T is chosen between."""
    instance, plan = waiting((1, 2, 3))
    f = plan.paths[0].fidelity
    for slots, works in ((age + 0.5, True), (age - 0.5, False)):
        coherence = 2.0 * slots / math.log((f - 0.25) / (0.9 - 0.25))
        options = ReplayOptions(generation="mean", memory_coherence_s=coherence, draw_order=order)
        counts = replay_plan(instance, plan, options, runs=20)
        books_close(counts)
        assert counts.delivered_pairs.mean == (10.0 if works else 0.0)
        assert counts.missing("decoherence").mean == pytest.approx(0.0 if works else 10.0)
        assert counts.ledger[LEDGER_NAMES.index("left"), 0] == 20 * 20


def test_no_more_is_drawn_than_planned() -> None:
    instance, plan = waiting((1, 2, 3))
    totals = [int(replay_plan(instance, plan, POISSON, runs=1, seed=seed).total[0]) for seed in range(60)]
    assert max(totals) == 10
    assert min(totals) < 10


def test_pairs_are_usable_from_the_next_slot_on() -> None:
    instance, plan = waiting((4,))
    counts = replay_plan(instance, plan, MEAN, runs=10)
    assert counts.missing("empty_stock").mean == 10
    assert counts.ledger[LEDGER_NAMES.index("left"), 0] == 100


def test_uses_of_a_link_share_its_attempts() -> None:
    """As many attempts as pairs: the link always makes 20, and every use of it a binomial number."""
    fields = document([("a", "b", 20), ("b", "c", 20)], [("a", "b"), ("a", "c")])
    instance, plan = planned(fields)
    paths = {path.demand: path.id for path in plan.paths}
    if len(paths) < 2:
        instance, plan = planned(fields | {"demands": [d | {"minimum_rate": 8.0} for d in fields["demands"]]})
        paths = {path.demand: path.id for path in plan.paths}
    serve = tuple(replace(plan.serve[0], path=paths[k], rate=rate) for k, rate in (("k1", 12.0), ("k2", 8.0)))
    options = ReplayOptions(generation="binomial", attempts_per_slot=50)
    counts = replay_plan(instance, replace(plan, serve=serve), options, runs=20_000, seed=8)
    first = counts.cell(0, 0)
    assert first.error is not None
    assert first.z(12.0) == pytest.approx(0, abs=limit(3))
    assert first.error**2 * counts.runs == pytest.approx(12 * (1 - 12 / 50), rel=0.06)
    # Both uses of a link that makes all its attempts: one gets what the other does not.
    alone = tuple(replace(plan.serve[0], path=paths["k1"], rate=rate) for rate in (12.0, 8.0))
    full = ReplayOptions(generation="binomial", attempts_per_slot=20)
    counts = replay_plan(instance, replace(plan, serve=alone), full, runs=500)
    assert counts.delivered_pairs.mean == 20.0
    assert counts.delivered_pairs.error == 0.0


def test_aged_pairs_by_hand() -> None:
    """F = 1/4 + (F0 - 1/4) exp(-t/T); a path is aged as swapping aged pairs ages it."""
    fresh = np.array([[0.97]])
    aged = aged_fidelity(fresh, np.array([0.0, 1.0, 5.0]), 50.0)
    assert aged[0] == pytest.approx([0.25 + 0.72 * math.exp(-t / 50) for t in (0, 1, 5)])
    from satqn.physics.bell import depolarise, swap, werner

    waited = swap(depolarise(werner(0.98), 1 - math.exp(-5 / 50)), werner(0.96))[0]
    at_once = swap(werner(0.98), werner(0.96))[0]
    assert aged_fidelity(np.array([at_once]), np.array([5.0]), 50.0)[0] == pytest.approx(waited, rel=1e-12)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps", "none"])
def test_ladders_are_those_of_the_plain_protocol(protocol: Any) -> None:
    fresh, ages = np.linspace(0.3, 1.0, 36)[:, None], np.arange(5.0)
    fidelity, target = aged_fidelity(fresh, ages, 20.0), np.full(36, 0.9)
    for extra in (False, True):
        found = ladders(fidelity, target, protocol, extra_rounds=extra)
        for p in range(36):
            first = success_chances(float(fidelity[p, 0]), 0.9, protocol)
            for age in range(5):
                most = 10 if extra or first is None else len(first)
                chances = success_chances(float(fidelity[p, age]), 0.9, protocol, most)
                if first is None and not extra:
                    continue
                assert found.reached[p, age] == (chances is not None)
                if chances is not None:
                    assert found.rounds[p, age] == len(chances)
                    assert found.success[p, age, : len(chances)] == pytest.approx(chances, rel=1e-12)
                    assert found.worth[p, age, 0] == pytest.approx(
                        math.prod(c / 2 for c in chances), rel=1e-12
                    )


@pytest.mark.parametrize("generation", ["mean", "poisson"])
def test_outages_without_end_deliver_nothing(generation: Any) -> None:
    instance, plan = case(0)
    for length in (None, 4.0):
        options = ReplayOptions(generation=generation, outage_probability=1.0, outage_mean_slots=length)
        counts = replay_plan(instance, plan, options, runs=50)
        books_close(counts)
        assert counts.total[0] == 0
        assert counts.missing("outage").mean == pytest.approx(counts.promised_pairs)


def test_outages_of_any_length_take_their_share() -> None:
    """A path of two base stations stands if both are up: (1 - p)^2 of the slots, however outages last."""
    instance, plan = planned(document([("a", "b", 10)], [("a", "b")], slots=40))
    spread = []
    for length in (None, 8.0):
        options = ReplayOptions(generation="mean", outage_probability=0.2, outage_mean_slots=length)
        counts = replay_plan(instance, plan, options, runs=4000, seed=4)
        found = counts.delivered_pairs
        assert found.z(400 * 0.64) == pytest.approx(0.0, abs=limit(4))
        assert found.error is not None
        spread.append(found.error)
        first = counts.cell(0, 0)
        assert first.z(6.4) == pytest.approx(0.0, abs=limit(4))
    assert spread[1] > 2 * spread[0]


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (7, 0.5), (40, 0.93), (300, 0.85), (3000, 0.4), (100_000, 0.31)]
)
def test_binomial_numbers_are_binomial(n: int, p: float) -> None:
    rng = np.random.default_rng(11)
    drawn = np.array([binomial(rng, n, p) for _ in range(20_000)])
    edges = np.unique(stats.binom.ppf(np.linspace(0.05, 0.95, 19), n, p))
    cdf = np.concatenate([[0.0], stats.binom.cdf(edges, n, p), [1.0]])
    seen = np.bincount(np.searchsorted(edges, drawn), minlength=len(edges) + 1)
    expected = np.diff(cdf) * len(drawn)
    keep = expected > 0
    assert seen[~keep].sum() == 0
    surprise = float(((seen[keep] - expected[keep]) ** 2 / expected[keep]).sum())
    assert stats.chi2.sf(surprise, keep.sum() - 1) > 1e-4 / 12
    assert (drawn.mean() - n * p) / math.sqrt(n * p * (1 - p) / len(drawn)) == pytest.approx(0, abs=limit(12))
    assert (binomial(rng, n, 0.0), binomial(rng, n, 1.0), binomial(rng, 0, p)) == (0, n, 0)


def same(a: ReplayCounts, b: ReplayCounts) -> bool:
    names = (
        "delivered",
        "squares",
        "demand_squares",
        "total",
        "chance",
        "reasons",
        "reason_squares",
        "ledger",
        "store_reasons",
    )
    return a.runs == b.runs and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in names)


def test_same_seed_same_counts_and_blocks_add() -> None:
    instance, plan = stored()
    whole = replay_plan(instance, plan, runs=600, seed=9)
    assert same(whole, replay_plan(instance, plan, runs=600, seed=9))
    assert not same(whole, replay_plan(instance, plan, runs=600, seed=10))
    first = replay_plan(instance, plan, runs=256, seed=9)
    assert (first + first).runs == 512
    assert (first + first).delivered_pairs.mean == first.delivered_pairs.mean
    with pytest.raises(InputError, match="different replays"):
        first + replay_plan(instance, plan, runs=256, seed=10)


@pytest.mark.slow
def test_workers_do_not_change_the_counts() -> None:
    instance, plan = stored()
    with Workers(2) as workers:
        together = replay_plan(instance, plan, runs=2000, workers=workers)
    assert same(replay_plan(instance, plan, runs=2000), together)


def test_a_stopped_replay_goes_on_where_it_was(tmp_path: Path) -> None:
    instance, plan = stored()
    whole = replay_plan(instance, plan, runs=1000, seed=1)

    def stop(done: int, _: int) -> None:
        if done >= 512:
            raise KeyboardInterrupt

    with pytest.raises(ReplayInterrupted) as stopped:
        replay_plan(instance, plan, runs=1000, seed=1, store=tmp_path, report=stop)
    partial = stopped.value.partial
    assert partial is not None
    assert partial.runs == 512
    files = sorted(tmp_path.rglob("*.kept"))
    assert len(files) == 2
    files[0].write_bytes(b"half")  # a damaged entry is computed again
    stamp = files[1].stat().st_mtime_ns
    assert same(whole, replay_plan(instance, plan, runs=1000, seed=1, store=tmp_path))
    assert files[1].stat().st_mtime_ns == stamp
    assert len(list(tmp_path.rglob("*.kept"))) == 4
    assert same(whole, replay_plan(instance, plan, runs=1000, seed=1, store=tmp_path))


def test_a_replay_stops_when_it_is_precise() -> None:
    """Looks after 4, 8, 16, ... blocks: the first at which it is precise ends it."""
    instance, plan = stored()
    found = replay_plan(instance, plan, runs=100_000, seed=1, target_relative_error=0.006)
    assert found.relative_error <= 0.006
    blocks = found.runs // 256
    assert blocks in {8, 16, 32, 64, 128}
    before = replay_plan(instance, plan, runs=found.runs // 2, seed=1)
    assert before.relative_error > 0.006
    low, high = found.delivered_pairs.low, found.delivered_pairs.high
    assert low is not None
    assert high is not None
    assert (high - low) / 2 == pytest.approx(found.relative_error * found.delivered_pairs.mean)
    assert replay_plan(instance, plan, runs=1).relative_error == math.inf


def test_what_counts_say() -> None:
    instance, plan = stored()
    said = replay_plan(instance, plan, runs=300).to_dict()
    assert said["runs"] == 300
    assert said["promised_pairs"] == pytest.approx(plan.delivered_pairs)
    gap = said["promised_pairs"] - said["delivered_pairs"]["mean"]
    assert sum(reason["mean"] for reason in said["reasons"].values()) == pytest.approx(gap)
    assert sum(d["delivered_pairs"]["mean"] for d in said["demands"]) == pytest.approx(
        said["delivered_pairs"]["mean"]
    )
    assert sum(s["delivered_pairs"] for s in said["slots"]) == pytest.approx(said["delivered_pairs"]["mean"])
    for demand in said["demands"]:
        short = demand["promised_pairs"] - demand["delivered_pairs"]["mean"]
        assert sum(demand["reasons"].values()) == pytest.approx(short)
    single = replay_plan(instance, plan, runs=1).to_dict()
    assert single["z"] is None
    assert single["delivered_pairs"]["low"] is None


def test_estimates() -> None:
    values = np.array([3.0, 5.0, 4.0, 8.0])
    found = estimate(float(values.sum()), float((values**2).sum()), 4)
    assert (found.mean, found.error) == pytest.approx((5.0, values.std(ddof=1) / 2))
    assert found.z(4.0) == pytest.approx(1.0 / (values.std(ddof=1) / 2))
    assert estimate(10.0, 50.0, 2).z(5.0) == 0.0
    assert estimate(10.0, 50.0, 2).z(6.0) is None


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"generation": "lucky"}, "lucky"),
        ({"draw_order": "random"}, "random"),
        ({"outage_probability": 1.5}, "1.5"),
        ({"outage_probability": float("nan")}, "nan"),
        ({"outage_kinds": ("ship",)}, "ship"),
        ({"generation": "binomial"}, "attempts"),
        ({"attempts_per_slot": 5}, "attempts"),
        ({"generation": "mean", "use_spare_pairs": True}, "spare"),
        ({"memory_coherence_s": 0.0}, "coherence"),
        ({"outage_probability": 0.5, "outage_mean_slots": 0.5}, "0.5 slots"),
        ({"outage_probability": 0.9, "outage_mean_slots": 2.0}, "90 %"),
    ],
)
def test_bad_options_are_named(choice: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ReplayOptions(**choice)


def test_bad_numbers_are_named() -> None:
    instance, plan = stored()
    for bad in ({"runs": 0}, {"runs": 2.5}, {"seed": -1}, {"target_relative_error": 0.0}):
        with pytest.raises(InputError):
            replay_plan(instance, plan, **bad)
    few = ReplayOptions(generation="binomial", attempts_per_slot=5)
    with pytest.raises(InvalidFileError, match="in 5 attempts"):
        replay_plan(instance, plan, few)


def test_a_plan_that_does_not_fit_lists_all_its_faults() -> None:
    instance, plan = stored()
    serve, path = plan.serve[0], plan.paths[0]
    with pytest.raises(InvalidFileError) as found:
        replay_plan(
            instance,
            replace(
                plan,
                serve=(replace(serve, rate=1e6), replace(serve, path="nowhere"), replace(serve, slot=9)),
                store=(replace(plan.store[0], rate=-1.0),),
                paths=(replace(path, fidelity=0.5), *plan.paths[1:]),
                classes=(replace(plan.classes[0], route=("m", "zz")), *plan.classes[1:]),
            ),
        )
    text = str(found.value)
    for words in (
        "initial stock is",
        "nowhere",
        "slots 1 to 5",
        "negative",
        "fidelity is 0.5",
        "m–zz",
        "takes",
    ):
        assert words in text


def test_paths_join_their_users() -> None:
    instance, plan = stored()
    real = next(path for path in plan.paths if len(path.legs) == 1)
    other = replace(real, demand="k2" if real.demand == "k1" else "k1")
    paths = tuple(other if path is real else path for path in plan.paths)
    with pytest.raises(InvalidFileError, match="joins a and b, not b and c of k2"):
        replay_plan(instance, replace(plan, paths=paths))
    with pytest.raises(InvalidFileError, match="no demand 'k9'"):
        replay_plan(instance, replace(plan, paths=(replace(real, demand="k9"), *plan.paths[1:])))


def test_spare_pairs_are_not_taken_from_shared_terminals() -> None:
    instance, plan = planned(document([("a", "b", 10)], [("a", "b")]))
    shared = replace(instance, nodes=replace(instance.nodes, terminals=(1.0, None)))
    assert replay_plan(shared, plan, runs=10).runs == 10
    with pytest.raises(InputError, match="terminals"):
        replay_plan(shared, plan, ReplayOptions(use_spare_pairs=True))


def test_a_plan_that_serves_nobody() -> None:
    instance, plan = planned(document([("a", "b", 10)], [("a", "b")]))
    idle = replay_plan(instance, replace(plan, serve=(), paths=()), runs=10)
    assert (idle.promised_pairs, idle.delivered_pairs.mean, idle.z, idle.relative_error) == (0, 0, 0, 0)
