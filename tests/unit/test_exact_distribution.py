"""Exact distributions of delivery time and fidelity against histories, sampling, chains and closed forms."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.oracles import waiting_distribution as oracle

from satqn.errors import InputError
from satqn.physics.bell import chained_fidelity
from satqn.physics.waiting import expected_max_geometric
from satqn.simulate import exact_distribution
from satqn.simulate.attempts import power_difference, window_sum
from satqn.simulate.exact_distribution import waiting_distribution
from satqn.simulate.nested_protocol import Level, NestedProtocol
from satqn.simulate.renewal import until_success

SWAP, DISTIL = Level("swap"), Level("distil")

HISTORIES = [
    (NestedProtocol(0.3, 0.9), 6),
    (NestedProtocol(1.0, 0.9, (Level("swap", 0.5), Level("swap", 0.25))), 6),
    (NestedProtocol(0.3, 0.9, (SWAP,), 3.0), 8),
    (NestedProtocol(0.3, 0.9, (Level("swap", 0.4, 0),), 3.0), 8),
    (NestedProtocol(0.3, 0.9, (Level("swap", 0.4, 2),), 3.0), 9),
    (NestedProtocol(0.3, 0.9, (Level("swap", 0.6, 1, 0.97), Level("swap", 0.7, 2, 0.95)), 5.0), 6),
    (NestedProtocol(0.4, 0.9, (Level("swap", 0.8, 2, 0.97, links=3),), 5.0), 7),
    (NestedProtocol(0.4, 0.9, (Level("swap", 0.8, 0, 0.97, links=4),), 5.0), 4),
    (NestedProtocol(0.4, 0.9, (Level("distil"),), 5.0), 8),
    (NestedProtocol(0.4, 0.9, (Level("distil", cutoff=2), Level("swap", 0.9, 1)), 5.0), 5),
    (NestedProtocol(0.4, 0.9, (Level("swap", 0.9, 3), Level("distil", cutoff=1)), 5.0), 5),
    (NestedProtocol(0.4, 0.9, (Level("swap", 0.8, 2, 0.97, links=3),), 5.0, "phase_flip"), 6),
    (NestedProtocol(0.4, 0.9, (Level("swap", 0.8, 2, 0.97), SWAP), 5.0, "phase_flip"), 5),
]


def followed(protocol, last):
    """Return the fast columns up to `last`, from more steps than that."""
    found = waiting_distribution(protocol, 0.9999)
    assert found.steps > last
    return found.probability[:last], found.weighted_fidelity[:last]


@pytest.mark.parametrize(("protocol", "last"), HISTORIES)
def test_against_every_history(protocol, last):
    mass, fidelity = oracle.enumerate_histories(protocol, last)
    found, weighted = followed(protocol, last)
    np.testing.assert_allclose(found, mass, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(weighted, fidelity, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("p", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("cutoff", [0, 1, 7, 60])
def test_two_segments_step_by_step(p, cutoff):
    protocol = NestedProtocol(p, 0.95, (Level("swap", cutoff=cutoff),), 25.0)
    found = waiting_distribution(protocol, 1.0 - 1e-10)
    last = min(found.steps, 3000)
    mass, fidelity = oracle.two_segments_step_by_step(p, 0.95, cutoff, 25.0, last)
    np.testing.assert_allclose(found.probability[:last], mass, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(found.weighted_fidelity[:last], fidelity, rtol=1e-10, atol=1e-15)
    seen = ~found.fidelity.mask[:last]
    np.testing.assert_allclose(found.fidelity[:last][seen], (fidelity / mass)[seen], rtol=1e-4)


HALF = Level("swap", 0.5)
SAMPLED = {
    "one_level": NestedProtocol(0.05, 0.97, (HALF,), 40.0),
    "one_level_cutoff": NestedProtocol(0.05, 0.97, (Level("swap", 0.5, 8),), 40.0),
    "one_level_of_five": NestedProtocol(0.1, 0.97, (Level("swap", 0.9, 12, 0.98, links=5),), 40.0),
    "distilled_segment": NestedProtocol(0.05, 0.9, (DISTIL,), 40.0),
    "distilled_segment_cutoff": NestedProtocol(0.05, 0.9, (Level("distil", cutoff=8), HALF), 60.0),
    "two_levels": NestedProtocol(0.1, 0.97, (HALF, HALF), 100.0),
    "two_levels_cutoff": NestedProtocol(0.1, 0.97, (Level("swap", 0.5, 10), Level("swap", 0.5, 30)), 100.0),
    "swap_then_distil": NestedProtocol(0.1, 0.97, (HALF, Level("distil", cutoff=40), HALF), 200.0),
    "three_levels": NestedProtocol(0.2, 0.98, (Level("swap", 0.7, swap_fidelity=0.99),) * 3, 300.0),
    "three_levels_cutoff": NestedProtocol(
        0.2, 0.98, (Level("swap", 0.7, 5), Level("swap", 0.7, 15), Level("swap", 0.7, 40)), 300.0
    ),
    "three_levels_distil": NestedProtocol(0.4, 0.97, (DISTIL, SWAP, DISTIL, SWAP, Level("swap", 0.8)), 200.0),
    "four_levels": NestedProtocol(0.3, 0.99, (Level("swap", 0.8),) * 4, 400.0),
    "four_levels_cutoff": NestedProtocol(0.3, 0.99, (Level("swap", 0.8, 12), SWAP, SWAP, SWAP), 400.0),
    "phase_flips": NestedProtocol(0.1, 0.97, (Level("swap", 0.9, 15, 0.98),) * 2, 60.0, "phase_flip"),
}


@pytest.mark.parametrize("name", SAMPLED)
def test_against_sampling(name):
    protocol, count = SAMPLED[name], 60_000
    found = waiting_distribution(protocol)
    rng = np.random.default_rng(np.random.SeedSequence(20, spawn_key=(list(SAMPLED).index(name),)))
    times, fidelities = oracle.sample(protocol, count, rng)

    def z(samples, exact):
        return (samples.mean() - exact) / (samples.std(ddof=1) / math.sqrt(samples.size))

    median = found.quantile(0.5)
    early = slice(0, median)
    share = found.probability[early].sum()
    scores = {
        "mean time": z(times, found.mean),
        "mean fidelity": z(fidelities, found.fidelity_mean),
        "share by the median": z(times <= median, share),
        "share by the 95 % quantile": z(times <= found.quantile(0.95), found.probability[: found.quantile(0.95)].sum()),
        "fidelity of early pairs": z(fidelities[times <= median], found.weighted_fidelity[early].sum() / share),
    }  # fmt: skip
    assert max(map(abs, scores.values())) < 4.0, scores


@pytest.mark.parametrize("p", [1e-3, 0.2, 0.75, 1.0])
def test_mean_of_the_slower_of_two(p):
    found = waiting_distribution(NestedProtocol(p, 0.9, (Level("swap", 0.5),)))
    assert found.mean == pytest.approx(2.0 * (3.0 - 2.0 * p) / (p * (2.0 - p)), rel=1e-9)


@pytest.mark.parametrize("p", [0.02, 0.1, 0.8])
@pytest.mark.parametrize("cutoff", [0, 1, 5, 100])
def test_mean_time_and_fidelity_of_two_segments_with_a_cutoff(p, cutoff):
    # Wald: rounds from the first link of the two on; G more attempts until the second
    q, decay, chance, w0 = 1.0 - p, math.exp(-1.0 / 50.0), 0.6, (4.0 * 0.95 - 1.0) / 3.0
    lone = 2.0 * q / (1.0 + q)
    works = (1.0 - lone) + lone * (1.0 - q**cutoff)
    mean = (1.0 / (p * (2.0 - p)) + lone * (1.0 - q**cutoff) / p) / (chance * works)
    stored = math.fsum(p * q ** (k - 1) * decay**k for k in range(1, cutoff + 1))
    w = w0**2 * ((1.0 - lone) + lone * stored) / works
    found = waiting_distribution(NestedProtocol(p, 0.95, (Level("swap", chance, cutoff),), 50.0), 1.0 - 1e-12)
    assert found.mean == pytest.approx(mean, rel=1e-10)
    assert found.fidelity_mean == pytest.approx((1.0 + 3.0 * w) / 4.0, rel=1e-10)


@pytest.mark.parametrize("links", [2, 3, 8, 105, 1000])
@pytest.mark.parametrize("p", [0.004, 0.3])
def test_mean_of_the_slowest_of_many_in_one_level_or_nested(p, links):
    exact = float(expected_max_geometric(np.full(links, p)))
    assert waiting_distribution(NestedProtocol(p, 1.0, (Level("swap", links=links),))).mean == pytest.approx(
        exact, rel=1e-9
    )
    if links == 8:
        assert waiting_distribution(NestedProtocol(p, 1.0, (SWAP,) * 3)).mean == pytest.approx(
            exact, rel=1e-9
        )


def test_harmonic_number_as_p_goes_to_zero():
    errors = []
    for p in (1e-2, 1e-3, 1e-4):
        mean = waiting_distribution(NestedProtocol(p, 1.0, (SWAP,) * 3)).mean
        errors.append(abs(p * mean / (761.0 / 280.0) - 1.0))
    assert errors[0] > 5.0 * errors[1] > 25.0 * errors[2]
    assert errors[2] < 1e-4


@pytest.mark.parametrize("state", ["werner", "phase_flip"])
@pytest.mark.parametrize("levels", [(2, 2, 2), (8,), (3, 5)])
def test_perfect_memories_give_the_closed_form_of_a_chain(state, levels):
    protocol = NestedProtocol(0.2, 0.97, tuple(Level("swap", 0.9, 10, 0.99, n) for n in levels), None, state)
    closed = chained_fidelity(np.full(math.prod(levels), 0.97), 0.99, state)
    found = waiting_distribution(protocol, 0.999)
    np.testing.assert_allclose(found.fidelity.compressed(), float(closed), rtol=1e-4)
    np.testing.assert_allclose(found.weighted_fidelity, float(closed) * found.probability, atol=1e-15)
    assert found.fidelity_mean == pytest.approx(float(closed), rel=1e-12)


def test_quotient_of_series_keeps_its_digits_in_the_tail():
    rng = np.random.default_rng(5)
    times = np.arange(1, 801)
    for chance in (0.9, 0.3, 0.02):
        attempt = rng.gamma(3.0, size=times.size) * times * np.exp(-times / 6.0)
        attempt /= attempt.sum()
        success, failure = chance * attempt, (1.0 - chance) * attempt
        columns = np.stack([success, success * np.exp(-times / 50.0)])
        found = until_success(columns, failure)
        for column, fast in zip(columns, found, strict=True):
            slow = oracle.until_success_by_recursion(column, failure)
            seen = slow > 1e-20 * slow.max()
            np.testing.assert_allclose(fast[seen], slow[seen], rtol=1e-9)


columns = st.lists(st.floats(0.0, 1.0).map(lambda x: x**9), min_size=1, max_size=40).map(np.array)


@settings(deadline=None)
@given(columns, st.floats(0.3, 1.0), st.integers(0, 50))
def test_window_sums(column, decay, width):
    slow = [
        math.fsum(column[t - k] * decay**k for k in range(1, width + 1) if t >= k) for t in range(column.size)
    ]
    np.testing.assert_allclose(window_sum(column, decay, width), slow, rtol=1e-12, atol=1e-300)


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 9))
def test_differences_of_powers(low, step, power):
    found = float(power_difference(np.array([low + step]), np.array([low]), np.array([step]), power)[0])
    assert found == pytest.approx((low + step) ** power - low**power, rel=1e-12, abs=1e-13 * 2.0**power)


levels = st.lists(
    st.one_of(
        st.builds(
            Level,
            st.just("swap"),
            st.floats(0.4, 1.0),
            st.none() | st.integers(1, 20),
            st.floats(0.8, 1.0),
            st.integers(2, 3),
        ),
        st.builds(Level, st.just("distil"), cutoff=st.none() | st.integers(1, 20)),
    ),
    max_size=3,
).map(tuple)
protocols = st.builds(NestedProtocol, st.floats(0.4, 1.0), st.floats(0.3, 1.0), levels, st.floats(0.5, 500.0))


def quick_distribution(protocol, coverage):
    """Return the distribution, or leave out what takes more than a moment."""
    try:
        return waiting_distribution(protocol, coverage, max_steps=20_000)
    except InputError:
        reject()


@settings(max_examples=40, deadline=None)
@given(protocols, st.sampled_from([0.5, 0.99, 1.0 - 1e-9]))
def test_what_holds_for_every_protocol(protocol, coverage):
    found = quick_distribution(protocol, coverage)
    assert found.probability.min() >= 0.0
    assert coverage <= found.probability.sum() <= 1.0 + 1e-10
    seen = found.fidelity.compressed()
    assert seen.min() > 0.25 - 1e-9
    assert seen.max() < 1.0 + 1e-9
    assert found.quantile(0.1) <= found.quantile(0.5)
    longer = quick_distribution(protocol, 1.0 - (1.0 - coverage) / 10.0)
    early = longer.probability[: found.steps]
    np.testing.assert_allclose(found.probability[: early.size], early, rtol=1e-6, atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 0.9), st.floats(0.5, 1.0), st.floats(0.5, 100.0), st.integers(0, 30), st.integers(0, 30)
)
def test_a_shorter_cutoff_makes_fewer_but_better_pairs(p, fidelity, coherence, cutoff, more):
    def deliver(steps):
        protocol = NestedProtocol(p, fidelity, (Level("swap", 0.5, steps),), coherence)
        return waiting_distribution(protocol, 1.0 - 1e-7)

    short, long, none = deliver(cutoff), deliver(cutoff + more), deliver(None)
    assert short.fidelity_mean >= long.fidelity_mean - 1e-6
    assert long.fidelity_mean >= none.fidelity_mean - 1e-6
    assert short.mean >= long.mean * (1.0 - 1e-6)
    assert long.mean >= none.mean * (1.0 - 1e-6)


@settings(max_examples=30, deadline=None)
@given(protocols, st.floats(1.0, 10.0))
def test_better_memories_make_no_worse_pairs(protocol, factor):
    if any(level.kind == "distil" for level in protocol.levels):
        return  # their success, hence the time others wait, depends on the states
    better = NestedProtocol(
        protocol.success, protocol.fidelity, protocol.levels, protocol.coherence_steps * factor
    )
    np.testing.assert_array_less(
        quick_distribution(protocol, 0.99).weighted_fidelity,
        quick_distribution(better, 0.99).weighted_fidelity + 1e-12,
    )


def test_distilling_gains_as_bbpssw_does_where_nothing_waits():
    found = waiting_distribution(NestedProtocol(1.0, 0.87, (DISTIL,)))
    assert found.fidelity_mean == pytest.approx(0.901494349984, abs=1e-12)
    assert found.mean == pytest.approx(1.0 / 0.841688888889, rel=1e-9)


def test_the_mean_is_right_although_little_is_followed():
    protocol = NestedProtocol(0.02, 0.97, (Level("swap", 0.5, 10), Level("swap", 0.5)), 100.0)
    whole, part = waiting_distribution(protocol, 1.0 - 1e-12), waiting_distribution(protocol, 0.9)
    assert part.coverage < 0.999
    assert part.mean == pytest.approx(whole.mean, rel=1e-3)
    assert part.mean_beyond > 1e-3 * part.mean
    assert whole.mean_beyond < 1e-9 * whole.mean
    assert part.fidelity_mean == pytest.approx(whole.fidelity_mean, abs=2.0 * (1.0 - part.coverage))


def test_columns_and_summary():
    found = waiting_distribution(NestedProtocol(0.3, 0.97, (Level("swap", 0.5, 4),), 10.0))
    assert found.time.tolist() == list(range(1, found.steps + 1))
    summary = found.to_dict([0.5, 0.9])
    assert summary["quantiles_steps"] == {"0.5": found.quantile(0.5), "0.9": found.quantile(0.9)}
    assert summary["coverage"] == pytest.approx(found.probability.sum())
    assert summary["protocol"]["levels"][0]["cutoff_steps"] == 4
    with pytest.raises(ValueError, match="read-only"):
        found.probability[0] = 1.0


def test_a_quantile_is_the_first_step_that_reaches_it():
    found = waiting_distribution(NestedProtocol(0.5, 0.97))
    assert [found.quantile(share) for share in (0.5, 0.500001, 0.75, 0.875, 0.9)] == [1, 2, 2, 3, 4]


def test_nothing_is_renormalised():
    found = waiting_distribution(NestedProtocol(0.1, 0.97), 0.5)
    assert found.coverage == pytest.approx(1.0 - 0.9**found.steps, rel=1e-12)
    with pytest.raises(InputError, match="cover"):
        found.quantile(1.0 - 1e-12)


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: NestedProtocol(0.0, 0.9), "is 0."),
        (lambda: NestedProtocol(1.1, 0.9), "1.1"),
        (lambda: NestedProtocol(0.1, 0.2), "0.2"),
        (lambda: NestedProtocol(0.1, 0.4, state="phase_flip"), "0.4"),
        (lambda: NestedProtocol(0.1, 0.9, state="ghz"), "'ghz'"),
        (lambda: NestedProtocol(0.1, 0.9, coherence_steps=0.0), "is 0."),
        (lambda: NestedProtocol(0.1, 0.9, (DISTIL,), state="phase_flip"), "BBPSSW"),
        (lambda: Level("merge"), "'merge'"),
        (lambda: Level("swap", -0.5), "-0.5"),
        (lambda: Level("swap", cutoff=-1), "-1"),
        (lambda: Level("swap", cutoff=1.5), "1.5"),
        (lambda: Level("swap", links=1), "is 1."),
        (lambda: Level("distil", links=3), "links 3"),
        (lambda: waiting_distribution(NestedProtocol(0.1, 0.9), 1.0), "coverage is 1."),
        (lambda: waiting_distribution(NestedProtocol(1e-9, 0.9), max_steps=1000), "1000 steps cover"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)


def test_examples():
    from satqn.simulate import nested_protocol

    for module in (exact_distribution, nested_protocol):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0
