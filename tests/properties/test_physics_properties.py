"""What must hold for all states, chains and numbers of copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import copies as copies_oracle
from tests.oracles import waiting as waiting_oracle

from satqn.model.hardware import FibreHardware
from satqn.physics import bell, fiber
from satqn.physics.purification import bbpssw, copies_table, dejmps, dejmps_phase_flip
from satqn.physics.waiting import expected_max_geometric, waiting_factor

fidelities = st.floats(0.25, 1.0, exclude_min=True)
entangled = st.floats(0.5, 1.0, exclude_min=True)
probabilities = st.floats(0.0, 1.0)
protocols = st.sampled_from(["bbpssw", "dejmps"])
waitings = st.sampled_from(["power", "harmonic", "exact"])
hardware = st.builds(
    FibreHardware,
    attenuation_per_m=st.floats(0.0, 1e-4),
    emission_time=st.floats(1e-6, 1e-2),
    detector_efficiency=st.floats(0.02, 1.0),
)


@st.composite
def states(draw):
    weights = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4))) + 1e-9
    return weights / weights.sum()


@given(states(), states(), fidelities)
def test_swap_gives_a_state_and_does_not_care_for_order(a, b, fs):
    out = bell.swap(a, b, fs)
    assert np.all(out >= 0)
    assert out.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(out, bell.swap(b, a, fs), atol=1e-15)


@given(states(), states(), states(), fidelities)
def test_swaps_may_be_made_in_any_order(a, b, c, fs):
    np.testing.assert_allclose(
        bell.swap(bell.swap(a, b, fs), c, fs), bell.swap(a, bell.swap(b, c, fs), fs), atol=1e-14
    )


@given(states())
def test_a_perfect_pair_and_a_perfect_swap_change_nothing(a):
    np.testing.assert_allclose(bell.swap(a, bell.werner(1.0)), a, atol=1e-15)


@given(states(), probabilities, probabilities)
def test_noise_commutes_with_swaps(a, p, q):
    b = bell.werner(0.9)
    np.testing.assert_allclose(
        bell.swap(bell.dephase(a, p), bell.depolarise(b, q)),
        bell.depolarise(bell.dephase(bell.swap(a, b), p), q),
        atol=1e-14,
    )


@given(st.lists(fidelities, min_size=1, max_size=30), fidelities, st.sampled_from(["phase_flip", "werner"]))
def test_closed_form_is_the_chain_of_swaps(segments, fs, kind):
    make = bell.from_phase_flip if kind == "phase_flip" else bell.werner
    state = make(segments[0])
    for f in segments[1:]:
        state = bell.swap(state, make(f), fs)
    assert float(bell.chained_fidelity(segments, fs, kind)) == pytest.approx(state[0], abs=1e-13)


@given(st.integers(1, 200), fidelities, fidelities, fidelities)
def test_fidelity_of_a_chain_is_that_of_its_segments(n, f0, fp, fs):
    hw = FibreHardware(ion_photon_fidelity=f0, photonic_bsm_fidelity=fp, ion_swap_fidelity=fs)
    segments = np.full(n, bell.elementary_fidelity(f0, fp))
    expected = bell.chained_fidelity(segments, fs)
    assert float(fiber.chain_fidelity(n, hw)) == pytest.approx(float(expected), abs=1e-12)


@given(entangled, entangled)
def test_purification_beats_the_worse_pair(f1, f2):
    for purify in (bbpssw, dejmps_phase_flip):
        f, p = purify(f1, f2)
        assert float(f) >= min(f1, f2) - 1e-15
        assert 0.5 <= float(p) <= 1.0


@given(states(), states())
def test_dejmps_gives_a_state_whichever_pair_is_measured(a, b):
    (first, p), (second, q) = dejmps(a, b), dejmps(b, a)
    assert float(p) == pytest.approx(float(q), rel=1e-12)
    np.testing.assert_allclose(first, second, atol=1e-12)
    assert np.all(first >= 0)
    assert first.sum() == pytest.approx(1.0, abs=1e-12)


@settings(deadline=None)
@given(st.floats(0.25, 1.0, exclude_min=True), st.integers(1, 400), protocols)
def test_more_copies_are_never_worse(f1, k_max, protocol):
    table = copies_table(f1, k_max, protocol)
    assert table.shape == (k_max + 1,)
    assert table[0] == 0.0
    assert np.all(np.diff(table[1:]) >= 0.0)
    assert np.all((table[1:] >= f1) & (table[1:] <= 1.0 + 1e-14))


@settings(deadline=None, max_examples=30)
@given(entangled.filter(lambda f: f < 1), st.integers(1, 18), protocols)
def test_copies_are_the_best_mean_over_multisets(f1, k, protocol):
    purify = copies_oracle.bbpssw if protocol == "bbpssw" else copies_oracle.dejmps
    best = max(copies_oracle.mean_fidelity(f1, j, purify) for j in range(1, k + 1))
    assert float(copies_table(f1, k, protocol)[k]) == pytest.approx(best, rel=1e-13)


@settings(deadline=None)
@given(st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=6))
def test_expected_maximum_is_that_of_exact_arithmetic(p):
    exact = float(waiting_oracle.expected_max(p))
    assert float(expected_max_geometric(p)) == pytest.approx(exact, rel=1e-10)


@settings(deadline=None)
@given(st.integers(1, 300), st.floats(1e-12, 1.0))
def test_exact_waiting_lies_between_one_and_the_harmonic_number(n, p):
    exact, harmonic = float(waiting_factor("exact", n, p)), float(waiting_factor("harmonic", n))
    assert 1.0 - 1e-10 <= exact <= harmonic * (1 + 1e-10)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.0, 3e5), hardware, waitings, st.sampled_from([1, 10]))
def test_best_number_of_repeaters_is_best_of_all(length, hw, waiting, ion_pairs):
    n, rate = fiber.best_photon_repeaters(length, hw, waiting, ion_pairs)
    tried = np.arange(0, 400 if waiting == "exact" else 5000)
    rates = fiber.chain_rate(length, tried, hw, waiting, ion_pairs)
    assert rate >= rates.max() * (1 - 1e-12)
    assert rate == pytest.approx(float(fiber.chain_rate(length, n, hw, waiting, ion_pairs)), rel=1e-12)


@settings(deadline=None, max_examples=10)
@given(hardware, st.sampled_from(["power", "harmonic"]))
def test_repeaters_pay_beyond_the_crossover_and_only_there(hw, waiting):
    length = fiber.crossover_length(hw, waiting)
    for factor in (0.1, 0.5, 0.9, 0.999999):
        assert fiber.best_photon_repeaters(factor * length, hw, waiting)[0] == 0
    for factor in (1.000001, 1.1, 2.0, 5.0):
        assert fiber.best_photon_repeaters(factor * length, hw, waiting)[0] > 0


@given(st.floats(0.0, 3e5), st.integers(0, 60), waitings, st.floats(1.0, 2.0))
@settings(deadline=None)
def test_a_longer_fibre_is_slower_and_a_better_detector_faster(length, n, waiting, factor):
    hw = FibreHardware()
    rate = float(fiber.chain_rate(length, n, hw, waiting))
    assert float(fiber.chain_rate(length * factor, n, hw, waiting)) <= rate * (1 + 1e-10)
    better = replace(hw, detector_efficiency=hw.detector_efficiency * factor)
    assert float(fiber.chain_rate(length, n, better, waiting)) >= rate * (1 - 1e-10)
