"""The chain simulator against closed forms, exact means and the plain event loop.

Seeds are fixed, so nothing here fails by luck from run to run. Were they drawn anew, a bound of 5.5 standard
errors on fewer than 200 independent numbers would be broken once in 10^5 runs.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import chain_events

from satqn.errors import InputError
from satqn.physics import bell
from satqn.physics.waiting import expected_max_geometric
from satqn.simulate.chain import Chain, CutOff, Memory, Purification, Swap
from satqn.simulate.chain_kernel import RunningChain, is_single
from satqn.simulate.monte_carlo import refuse_too_large, simulate_chain, warm_up

LIMIT = 5.5
DELIVERIES = 256 * 12
DECAYING = Memory(dephasing_time=60.0, depolarising_time=200.0)
GAUSSIAN = Memory(gaussian_dephasing_time=40.0)


def chain(links, success, **others):
    return Chain.uniform(links, success=success, attempt_time=1.0, **others)


def counts_of(one, restart="fresh", deliveries=20_000, seed=1, general=False):
    words = np.random.SeedSequence(seed).generate_state(4, np.uint64)
    running = RunningChain(one, restart, words, general=general)
    assert running.advance(deliveries, 1 << 40) == 0
    return running.counts()


def z(estimate, exact):
    return (estimate.mean - float(exact)) / estimate.error


def chi_square_z(seen, expected):
    """Return how many standard errors the chi-square of the well filled bins is off its mean."""
    full = expected > 50
    bins = int(full.sum())
    return (np.sum((seen[full] - expected[full]) ** 2 / expected[full]) - bins) / math.sqrt(2 * bins)


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.8])
def test_one_segment_is_geometric(p, general):
    found = counts_of(chain(1, p), general=general)
    assert abs(z(found.time, 1 / p)) < LIMIT
    t = np.arange(1, 32)
    expected = p * (1 - p) ** (t - 1) * found.delivered
    assert abs(chi_square_z(found.times[1 + 32 * np.log2(t).astype(int) + _step(t)], expected)) < LIMIT


def _step(t):
    octave = np.log2(t).astype(int)
    return ((t / 2.0**octave - 1.0) * 32).astype(int)


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.8])
def test_two_segments_are_the_larger_of_two_geometrics(p, general):
    found = counts_of(chain(2, p), general=general)
    assert abs(z(found.time, (3 - 2 * p) / (p * (2 - p)))) < LIMIT
    t = np.arange(1, 32)
    expected = ((1 - (1 - p) ** t) ** 2 - (1 - (1 - p) ** (t - 1)) ** 2) * found.delivered
    assert abs(chi_square_z(found.times[1 + 32 * np.log2(t).astype(int) + _step(t)], expected)) < LIMIT


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("order", ["asap", "nested"])
@pytest.mark.parametrize("p", [[0.2] * 3, [0.5] * 8, [0.02, 0.1, 0.9, 1.0, 0.03], [0.1] * 16])
def test_deterministic_swaps_wait_for_the_slowest_segment(p, order, seed):
    one = Chain(np.array(p), np.array(1e-3), bell.werner(1.0), order=order)
    found = simulate_chain(one, deliveries=30_000, seed=seed).counts
    assert abs(z(found.time, 1e-3 * expected_max_geometric(p))) < LIMIT


@pytest.mark.parametrize("links", [2, 8, 32])
def test_rare_successes_wait_for_the_harmonic_number(links):
    p = 1e-7
    found = counts_of(chain(links, p), deliveries=40_000)
    assert abs(z(found.time, sum(1 / k for k in range(1, links + 1)) / p)) < LIMIT


@pytest.mark.parametrize("sharing", ["shared", "bound"])
@pytest.mark.parametrize("general", [False, True])
def test_a_swap_that_fails_starts_two_segments_again(sharing, general):
    p, q = 0.3, 0.4
    found = counts_of(chain(2, p, swap=Swap(q), sharing=sharing), general=general, deliveries=10_000)
    assert abs(z(found.time, (3 - 2 * p) / (p * (2 - p)) / q)) < LIMIT


def two_segments_with_cutoff(p, limit, memory, state):
    """Return mean time and mean fidelity of two segments, by first steps."""
    q = 1 - p
    left = q**limit  # the partner does not come in time
    mean = (1 + 2 * p * q * (1 - left) / p) / (1 - q * q - 2 * p * q * left)
    ages = np.arange(limit + 1)
    weights = np.where(ages == 0, p * p, 2 * p * q * p * q ** (ages - 1.0))
    fidelities = []
    for age in ages:
        old = state
        for _ in range(2):  # both qubits of the pair that waits
            old = bell.dephase(old, (1 - math.exp(-age / memory.dephasing_time)) / 2)
            old = bell.depolarise(old, 1 - math.exp(-age / memory.depolarising_time))
        fidelities.append(bell.swap(old, state)[0])
    return mean, np.average(fidelities, weights=weights)


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize(("p", "limit"), [(0.1, 3), (0.3, 1), (0.3, 5), (0.2, 0), (0.1, 200)])
def test_two_segments_with_cutoff_and_decay(p, limit, general):
    one = chain(2, p, fidelity=0.95, memory=DECAYING, cutoff=CutOff((float(limit),)))
    mean, fidelity = two_segments_with_cutoff(p, limit, DECAYING, bell.werner(0.95))
    for seed in range(3):
        found = counts_of(one, general=general, deliveries=5_000, seed=seed)
        assert abs(z(found.time, mean)) < LIMIT
        if limit > 0:
            assert abs(z(found.fidelity, fidelity)) < LIMIT
        else:
            assert found.fidelity.mean == pytest.approx(fidelity, abs=1e-12)


@pytest.mark.parametrize("limit", [0.3, 0.3 - 1e-17, 3 * 0.1])
def test_a_partner_that_comes_at_the_very_instant_of_the_cutoff_counts(limit):
    """Three attempts of 0.1 s fit into 0.3 s however the numbers are rounded."""
    one = Chain.uniform(2, success=0.3, attempt_time=0.1, cutoff=CutOff((limit,)))
    mean, _ = two_segments_with_cutoff(0.3, 3, DECAYING, bell.werner(1.0))
    assert abs(z(counts_of(one).time, 0.1 * mean)) < LIMIT


LOSSY = Swap(0.7, 0.02, 0.01)
COMPARED = {
    "asap": chain(4, 0.4, fidelity=0.97, memory=DECAYING, cutoff=CutOff((4.0,))),
    "asap, lossy, bound": chain(
        4, 0.5, fidelity=0.97, memory=GAUSSIAN, swap=LOSSY, sharing="bound", cutoff=CutOff((7.0,))
    ),
    "nested, five links": chain(
        5, 0.5, fidelity=0.97, memory=GAUSSIAN, swap=LOSSY, order="nested", cutoff=CutOff((7.0,), "formed")
    ),
    "two memories": chain(3, 0.4, fidelity=0.97, memories=2, memory=DECAYING, swap=LOSSY, cutoff=CutOff((6.0,))),
    "purified, three memories": chain(
        3, 0.6, fidelity=0.97, memories=3, memory=GAUSSIAN,
        purification=Purification((1, 1), "dejmps", 0.02, 0.01), cutoff=CutOff((14.0,)),
    ),
    "purified lanes": chain(
        2, 0.5, fidelity=0.95, memories=4, memory=DECAYING, order="nested", sharing="bound",
        purification=Purification((1, 1), "bbpssw", 0.02, 0.01), cutoff=CutOff((12.0, None)),
    ),
    "siblings": chain(
        4, 0.5, fidelity=0.95, memories=2, memory=DECAYING, order="nested", sharing="bound",
        purification=Purification((0, 1)), cutoff=CutOff((3.0, 5.0, 6.0), "formed", "siblings"),
    ),
    "halves of other width": chain(
        3, 0.5, fidelity=0.97, memories=2, memory=DECAYING, order="nested", sharing="bound",
        purification=Purification((0, 1, 0)),
    ),
    "halves of other width, cut off": chain(
        7, 0.7, fidelity=0.98, memories=4, memory=GAUSSIAN, swap=LOSSY, order="nested", sharing="bound",
        purification=Purification((0, 1, 1, 0)), cutoff=CutOff((20.0,)),
    ),
    "random order": chain(
        4, 0.6, fidelity=0.97, memories=2, memory=DECAYING, cutoff=CutOff((3.0,)), simultaneous="random"
    ),
    "random order, one memory": chain(
        5, 0.7, fidelity=0.97, memory=GAUSSIAN, swap=LOSSY, cutoff=CutOff((3.0,)), simultaneous="random"
    ),
    "unequal links": Chain(
        np.array([0.2, 0.5, 1.0]), np.array([1.0, 0.7, 2.5]), np.array([0.9, 0.05, 0.03, 0.02]),
        memories=2, memory=DECAYING, cutoff=CutOff((8.0,)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("restart", ["fresh", "continuous"])
@pytest.mark.parametrize("name", COMPARED)
def test_the_plain_event_loop_finds_the_same(name, restart):
    one = COMPARED[name]
    slow = chain_events.simulate(one, restart, 400, seed=5)
    assert slow.made == (
        slow.delivered + slow.lost_in_swaps + slow.lost_in_purification + slow.lost_by_cutoff + slow.left_over
    )
    for general in {False, True} if is_single(one) else {True}:
        found = counts_of(one, restart, DELIVERIES, general=general)
        used = found.pairs_used()
        assert used["made"] == sum(used.values()) - used["made"]
        assert abs(difference(batches(slow.times), found.time)) < LIMIT
        assert abs(difference(batches(slow.fidelities), found.fidelity)) < LIMIT
        for reason in ("made", "lost_in_swaps", "lost_in_purification", "lost_by_cutoff"):
            ours, theirs = used[reason] / found.delivered, getattr(slow, reason) / len(slow.times)
            # losses come in clumps with a spread of about their mean and the size of a clump
            mean = max(ours, theirs)
            spread = math.sqrt((mean**2 + 16 * mean) / len(slow.times))
            assert abs(ours - theirs) <= LIMIT * spread, reason


def batches(values):
    """Return mean and standard error of correlated values, by batches of 20."""
    means = np.array(values).reshape(-1, 20).mean(axis=1)
    return means.mean(), means.std(ddof=1) / math.sqrt(means.size)


def difference(slow, found):
    return (slow[0] - found.mean) / math.hypot(slow[1], found.error)


@pytest.mark.parametrize("restart", ["fresh", "continuous"])
@pytest.mark.parametrize("sharing", ["shared", "bound"])
def test_both_kernels_find_the_same(sharing, restart):
    one = chain(
        7,
        0.3,
        fidelity=0.98,
        memory=GAUSSIAN,
        swap=Swap(0.9, 0.01, 0.0),
        sharing=sharing,
        cutoff=CutOff((9.0,)),
    )
    fast, slow = counts_of(one, restart), counts_of(one, restart, 4_096, seed=2, general=True)
    for a, b in ((fast.time, slow.time), (fast.fidelity, slow.fidelity)):
        assert abs(a.mean - b.mean) / math.hypot(a.error, b.error) < LIMIT


def test_intervals_hold_what_they_promise():
    """Of 300 intervals of 95 % about 285 hold the truth; fewer than 265 or more than 299 do not happen."""
    exact = 1e-3 * 8 / 3
    runs = [counts_of(chain(2, 0.5), deliveries=500, seed=k) for k in range(300)]
    assert 265 <= sum(abs(one.time.mean - exact * 1e3) < 1.96 * one.time.error for one in runs) <= 299


def test_batches_know_that_deliveries_are_correlated():
    """The spread of the means of many runs is what one run says of itself."""
    one = chain(4, 0.5)
    runs = [counts_of(one, "continuous", 256 * 40, seed=k) for k in range(100)]
    means = np.array([run.time.mean for run in runs])
    promised = math.sqrt(np.mean([run.time.error**2 for run in runs]))
    assert 0.65 < means.std(ddof=1) / promised < 1.4


@pytest.mark.parametrize("memories", [1, 32])
def test_intervals_of_many_memories_hold_what_they_promise(memories):
    """Many memories make deliveries remember each other over hundreds; of 120 intervals 95 % hold the truth."""
    one = chain(2, 0.3, fidelity=0.97, memories=memories, memory=DECAYING)
    runs = []
    for seed in range(120):
        words = np.random.SeedSequence(seed).generate_state(4, np.uint64)
        running = RunningChain(one, "continuous", words)
        running.advance(warm_up(one), 1 << 60)
        running.begin_counting()
        running.advance(8192, 1 << 60)
        runs.append(running.counts())
    for name in ("time", "fidelity"):
        found = [getattr(run, name) for run in runs]
        truth = np.mean([each.mean for each in found])
        held = sum(abs(each.mean - truth) < 1.96 * each.error for each in found)
        assert held >= 105, name  # 114 are expected; fewer than 105 come once in ten thousand times
        spread = np.std([each.mean for each in found], ddof=1)
        assert np.mean([each.error for each in found]) < 2.0 * spread
    few = [run.effective_samples()["delivery_time_s"] for run in runs]
    assert all(0 < each <= 8192 for each in few)


def test_effective_samples_are_the_deliveries_where_each_begins_anew():
    found = counts_of(chain(2, 0.5), deliveries=5_000)
    assert found.effective_samples()["delivery_time_s"] == pytest.approx(5_000)
    assert found.to_dict()["effective_samples"]["delivery_time_s"] == pytest.approx(5_000)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_where_elementary_pairs_went_adds_up(data):
    """Whatever the chain: made are delivered, lost or left over."""
    links = data.draw(st.integers(1, 7))
    order = data.draw(st.sampled_from(["asap", "nested"]))
    sharing = data.draw(st.sampled_from(["shared", "bound"]))
    levels = Chain.uniform(links, success=0.5, attempt_time=1.0, order=order).levels
    rounds = tuple(data.draw(st.integers(0, 1)) for _ in range(levels + 1))
    siblings = order == "nested" and sharing == "bound" and data.draw(st.booleans())
    if siblings and any(rounds[1:]):
        links = 2 ** (links // 2)
        rounds = rounds[: Chain.uniform(links, success=0.5, attempt_time=1.0, order=order).levels + 1]
    one = chain(
        links, data.draw(st.sampled_from([0.4, 0.8, 1.0])), fidelity=0.95, order=order, sharing=sharing,
        memories=2 ** sum(rounds) * data.draw(st.integers(1, 2)), purification=Purification(rounds),
        swap=Swap(data.draw(st.sampled_from([0.7, 1.0]))),
        cutoff=CutOff((data.draw(st.sampled_from([6.0, 15.0])),), discards="siblings" if siblings else "pair"),
        simultaneous=data.draw(st.sampled_from(["link_order", "random"])),
    )  # fmt: skip
    words = np.random.SeedSequence(data.draw(st.integers(0, 99))).generate_state(4, np.uint64)
    running = RunningChain(one, data.draw(st.sampled_from(["fresh", "continuous"])), words)
    for _ in range(4):
        running.advance(10**9, data.draw(st.integers(1, 400)))
        used = running.counts().pairs_used()
        assert used["made"] == sum(used.values()) - used["made"]
        if data.draw(st.booleans()):
            running.begin_counting()


def test_the_example_of_unequal_halves():
    """Three links, the first two purified together: one of the last link's lanes waits, none is lost."""
    run = simulate_chain(COMPARED["halves of other width"], deliveries=1_000, restart="continuous", seed=3)
    used = run.counts.pairs_used()
    assert used["made"] == sum(used.values()) - used["made"]
    assert used["delivered"] == 5 * 1_000  # two pairs of two links and one of one


def test_the_clock_is_set_back_without_a_trace():
    """A chain that has run for 2^45 attempts goes on as one that has just begun."""
    for one, general in ((chain(4, 0.4, memory=GAUSSIAN, cutoff=CutOff((5.0,))), False),
                         (chain(4, 0.4, memories=2, memory=GAUSSIAN, cutoff=CutOff((5.0,))), True)):  # fmt: skip
        counts = []
        for late in (0.0, 2.0**45):
            words = np.random.SeedSequence(1).generate_state(4, np.uint64)
            running = RunningChain(one, "continuous", words, general=general)
            running.work.queue[:] += late
            running.work.clock[:2] += late
            running.advance(500, 1 << 60)
            counts.append(running.counts())
            assert running.work.clock[0] < 1e9
        assert counts[0].tally.tolist() == counts[1].tally.tolist()
        assert counts[0].sums.tolist() == counts[1].sums.tolist()


def test_the_order_of_what_comes_at_once_matters_and_is_documented():
    """Memories of 8 attempts and a cut-off of 3: a thousandth or three of fidelity."""
    apart = []
    for how in ("link_order", "random"):
        one = chain(
            6, 0.8, fidelity=0.98, memories=2, memory=Memory(8.0), cutoff=CutOff((3.0,)), simultaneous=how
        )
        apart.append(counts_of(one, "continuous", 300_000).fidelity)
    first, mixed = apart
    assert abs(first.mean - mixed.mean) / math.hypot(first.error, mixed.error) > LIMIT
    assert abs(first.mean - mixed.mean) < 0.004


@pytest.mark.parametrize("success", [1e-300, 1e-310, 5e-324, 1e-14])
def test_waits_beyond_whole_numbers_are_refused(success):
    with pytest.raises(InputError, match="link 1 waits"):
        chain(2, success)
    with pytest.raises(InputError, match="link 2 waits"):
        Chain(np.array([0.5, 0.5]), np.array([1e-14, 1e14]), np.array([1.0, 0, 0, 0]))
    with pytest.raises(InputError, match="attempt time is 1e"):
        Chain(np.array([0.5, 0.5]), np.array([1.0, 1e300]), np.array([1.0, 0, 0, 0]))


def test_waits_up_to_whole_numbers_are_exact():
    found = counts_of(chain(2, 1e-13), deliveries=3_000).time
    assert abs(z(found, 1.5e13)) < LIMIT


def test_a_delivery_longer_than_whole_numbers_says_so():
    with pytest.raises(InputError, match="takes more than"):
        simulate_chain(chain(2, 1e-13, swap=Swap(1e-6)), deliveries=10)


@pytest.mark.parametrize("how", [
    {"swap": Swap(1e-300)},
    {"cutoff": CutOff((0.0,)), "success": 1e-5, "links": 4},
])  # fmt: skip
def test_what_never_delivers_is_refused_with_an_estimate(how):
    one = chain(how.pop("links", 2), how.pop("success", 0.5), **how)
    with pytest.raises(InputError, match="no pair was delivered in") as caught:
        simulate_chain(one, deliveries=10_000)
    assert "--force" in str(caught.value)


def test_too_large_is_refused_before_anything_is_built():
    one = Chain.uniform(10_000, success=0.5, attempt_time=1.0, memories=4096)
    with pytest.raises(InputError, match=r"need .* GiB") as caught:
        simulate_chain(one, deliveries=1)
    assert "--force" in str(caught.value)
    with pytest.raises(InputError, match="at least"):
        simulate_chain(Chain.uniform(1000, success=0.5, attempt_time=1.0), deliveries=10**9)
    refuse_too_large(8, 4096, "fresh", 65_536)


@pytest.mark.parametrize(
    "memory", [Memory(1e-300, 1e-300, 1e-300), Memory(5e-324), Memory(None, None, 1e-200)]
)
def test_memories_that_keep_nothing(memory):
    found = counts_of(chain(2, 0.5, memory=memory), deliveries=2_000)
    assert 0.25 <= found.fidelity.mean < 1.0  # pairs that come at once are swapped at once
    assert math.isfinite(found.fidelity.error)


def test_longer_cutoffs_deliver_sooner_and_worse():
    found = [
        counts_of(
            chain(4, 0.3, fidelity=0.98, memory=DECAYING, cutoff=CutOff((float(t),))), deliveries=20_000
        )
        for t in (2, 4, 8, 16)
    ]
    assert all(a.time.mean > b.time.mean for a, b in pairwise(found))
    assert all(a.fidelity.mean > b.fidelity.mean for a, b in pairwise(found))


def test_without_decay_fidelity_is_the_closed_form():
    one = chain(8, 0.5, fidelity=0.99, swap=Swap(1.0, 0.04, 0.0))
    exact = float(bell.chained_fidelity(np.full(8, 0.99), 0.97, "werner"))
    for general in (False, True):
        assert counts_of(one, deliveries=200, general=general).fidelity.mean == pytest.approx(
            exact, abs=1e-12
        )


def test_siblings_need_halves_that_are_alike():
    how = {
        "order": "nested",
        "sharing": "bound",
        "cutoff": CutOff((5.0,), "formed", "siblings"),
        "memories": 4,
    }
    for links, rounds in ((3, (0, 1, 0)), (5, (0, 1, 1, 0)), (6, (0, 1, 0, 0))):
        with pytest.raises(InputError, match="siblings"):
            chain(links, 0.5, purification=Purification(rounds), **how)
    for links, rounds in (
        (4, (0, 1, 0)),
        (6, (1, 0, 0, 0)),
        (3, (2, 0, 0)),
        (6, (0, 0, 1, 0)),
        (8, (0, 1, 1, 0)),
    ):
        assert chain(links, 0.5, purification=Purification(rounds), **how).links == links


def test_a_chain_that_is_stuck_says_so():
    with pytest.raises(InputError, match="stuck"):
        simulate_chain(
            chain(2, 0.5, memories=2, order="nested", purification=Purification((1, 1))), deliveries=10
        )


@pytest.mark.parametrize(
    ("make", "seen"),
    [
        (lambda: chain(0, 0.5), "0"),
        (lambda: chain(2, 0.0), "is 0."),
        (lambda: chain(2, 1.5), "1.5"),
        (lambda: Chain(np.array([[0.5]]), np.array(1.0), bell.werner(1.0)), "(1, 1)"),
        (lambda: Chain(np.array([0.5, 0.5]), np.ones(3), bell.werner(1.0)), "(3,)"),
        (lambda: chain(2, 0.5, memories=0), "0"),
        (lambda: chain(2, 0.5, order="best"), "'best'"),
        (lambda: chain(2, 0.5, memories=2, purification=Purification((1, 0, 0))), "3 levels"),
        (lambda: chain(2, 0.5, purification=Purification((1,))), "1 memories"),
        (lambda: chain(2, 0.5, memories=3, sharing="bound", purification=Purification((1,))), "3 memories"),
        (lambda: chain(4, 0.5, cutoff=CutOff((1.0, 2.0, 3.0))), "3 cut-off times"),
        (lambda: chain(4, 0.5, cutoff=CutOff(discards="siblings")), "siblings"),
        (lambda: CutOff((-1.0,)), "-1"),
        (lambda: Memory(dephasing_time=0.0), "0"),
        (lambda: Swap(success=0.0), "0"),
        (lambda: Swap(readout_error=0.6), "0.6"),
        (lambda: Purification((-1,)), "-1"),
        (lambda: simulate_chain(chain(1, 0.5), deliveries=0), "0"),
        (lambda: simulate_chain(chain(1, 0.5), target_relative_error=-1.0), "-1"),
    ],
)
def test_bad_input_is_named_with_its_value(make, seen):
    with pytest.raises(InputError) as error:
        make()
    assert seen in str(error.value)
