"""Fibre segments, chains and direct transmission: limits, edges and bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.errors import InputError
from satqn.model.hardware import FibreHardware
from satqn.physics import fiber
from satqn.physics.waiting import expected_max_geometric

HW = FibreHardware()
PERFECT = FibreHardware(attenuation_per_m=0.0, detector_efficiency=1.0)


def test_attenuation_is_base_ten():
    """0.0173 per km is 0.173 dB per km: 10 dB need 57.8 km."""
    assert float(fiber.fibre_transmittance(1e4 / 0.173, 1.73e-5)) == pytest.approx(0.1, rel=1e-14)


def test_half_of_the_lossless_measurements_succeed():
    assert float(fiber.segment_success(5e3, 9e3, PERFECT)) == 0.5
    assert float(fiber.segment_success(0.0, 0.0, HW)) == pytest.approx(0.21**2 / 2)


def test_equal_arms_do_not_care_whose_losses_count():
    for losses in ("longer_arm", "true_arms"):
        success = float(fiber.segment_success(20e3, 20e3, HW, losses))
        assert success == pytest.approx(0.21**2 / 2 * 10**-0.692, rel=1e-14)


def test_the_longer_arm_sets_the_attempt():
    assert float(fiber.attempt_time(1e3, 20e3, HW, "one_way")) == pytest.approx(275e-6)
    assert float(fiber.attempt_time(20e3, 1e3, HW, "round_trip")) == pytest.approx(375e-6)


def test_a_chain_of_one_segment_is_a_segment():
    assert float(chain := fiber.chain_rate(40e3, 1, HW)) == pytest.approx(
        1 / float(fiber.segment_time(20e3, 20e3, HW)), rel=1e-14
    )
    for waiting in ("harmonic", "exact"):
        assert float(fiber.chain_rate(40e3, 1, HW, waiting)) == pytest.approx(float(chain), rel=1e-12)


def test_exact_waiting_counts_cycles_of_all_ion_pairs():
    n, m, length = 5, 10, 100e3
    arm = length / (2 * n)
    p = float(fiber.segment_success(arm, arm, HW))
    cycle = float(fiber.attempt_time(arm, arm, HW))
    in_cycle = 1 - (1 - p) ** m
    # The first success of m pairs every 1/in_cycle cycles, but m p successes a cycle.
    expected = cycle / (m * p) * in_cycle * float(expected_max_geometric([in_cycle] * n))
    assert float(fiber.chain_rate(length, n, HW, "exact", m)) == pytest.approx(1 / expected, rel=1e-12)
    for waiting in ("power", "harmonic"):
        one = float(fiber.chain_rate(length, n, HW, waiting))
        assert float(fiber.chain_rate(length, n, HW, waiting, m)) == pytest.approx(m * one, rel=1e-14)


def test_arrays_broadcast():
    lengths, n = np.array([50e3, 100e3]), np.array([[0], [1], [7]])
    for waiting in ("power", "harmonic", "exact"):
        rates = fiber.chain_rate(lengths, n, HW, waiting)
        assert rates.shape == (3, 2)
        assert float(rates[2, 1]) == float(fiber.chain_rate(100e3, 7, HW, waiting))
    assert fiber.segment_time(lengths, n * 1e3, HW).shape == (3, 2)
    assert fiber.chain_fidelity(n, HW).shape == (3, 1)


def test_no_length_is_best_bridged_without_a_repeater():
    assert fiber.best_photon_repeaters(0.0, HW) == (0, pytest.approx(0.21 / 175e-6))


def test_a_cap_on_the_repeaters_is_kept():
    assert fiber.best_photon_repeaters(300e3, HW, n_max=25)[0] == 25
    assert fiber.best_photon_repeaters(300e3, HW, n_max=0) == (0, float(fiber.chain_rate(300e3, 0, HW)))


@pytest.mark.parametrize("waiting", ["power", "harmonic", "exact"])
def test_where_no_double_is_as_small_as_the_transmittance_the_rate_is_zero(waiting):
    length = 30_000e3
    assert fiber.chain_rate(length, [0, 1], HW, waiting).tolist() == [0.0, 0.0]
    assert float(fiber.direct_time(length, HW)) == np.inf
    n, rate = fiber.best_photon_repeaters(length, HW, waiting)
    assert n > 1000
    assert rate > 0


def test_crossover_without_attenuation_still_exists():
    """Repeaters then win by their shorter round trips alone."""
    length = fiber.crossover_length(replace(HW, attenuation_per_m=0.0), "harmonic")
    hw = replace(HW, attenuation_per_m=0.0)
    assert fiber.best_photon_repeaters(0.999 * length, hw, "harmonic")[0] == 0
    assert fiber.best_photon_repeaters(1.001 * length, hw, "harmonic")[0] > 0


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: fiber.chain_rate(-1.0, 1, HW), "-1 m"),
        (lambda: fiber.chain_rate(float("nan"), 1, HW), "nan"),
        (lambda: fiber.chain_rate(1e3, -1, HW), "-1"),
        (lambda: fiber.chain_rate(1e3, 1.5, HW), "1.5"),
        (lambda: fiber.chain_rate(1e3, 1, HW, ion_pairs=0), "0"),
        (lambda: fiber.chain_rate(1e3, 1, HW, "slow"), "'slow'"),
        (lambda: fiber.direct_time(float("inf"), HW), "inf"),
        (lambda: fiber.segment_time(1e3, -2e3, HW), "-2000 m"),
        (lambda: fiber.segment_success(1e3, 1e3, HW, "none"), "'none'"),
        (lambda: fiber.attempt_time(1e3, 1e3, HW, "never"), "'never'"),
        (lambda: fiber.best_photon_repeaters(1e3, HW, n_max=-1), "-1"),
        (lambda: fiber.chain_fidelity(3, replace(HW, ion_swap_fidelity=0.25)), "0.25"),
        (lambda: fiber.chain_fidelity(3, replace(HW, ion_photon_fidelity=1.2)), "1.2"),
        (lambda: fiber.direct_time(1e3, replace(HW, detector_efficiency=0.0)), "is 0."),
        (lambda: fiber.direct_time(1e3, replace(HW, light_speed=-1.0)), "-1"),
        (lambda: fiber.direct_time(1e3, replace(HW, attenuation_per_m=-1e-5)), "-1e-05"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)


@settings(max_examples=60, deadline=None)
@given(
    waiting=st.sampled_from(["power", "harmonic", "exact"]),
    ion_pairs=st.sampled_from([1, 3, 20, 60, 1300]),
    length=st.floats(0.0, 2e6),
    limit=st.integers(0, 700),
    detector=st.floats(0.05, 1.0),
    emission=st.floats(1e-7, 1e-3),
)
def test_best_number_of_repeaters_is_that_of_trying_all(
    waiting, ion_pairs, length, limit, detector, emission
) -> None:
    hw = replace(HW, detector_efficiency=detector, emission_time=emission)
    rates = fiber.chain_rate(length, np.arange(limit + 1), hw, waiting, ion_pairs)
    best, rate = fiber.best_photon_repeaters(length, hw, waiting, ion_pairs, limit)
    assert rate == pytest.approx(rates.max(), rel=1e-13)
    # Vector instructions may round one digit otherwise: the number is that of the best, or of its equal.
    assert best == int(np.argmax(rates)) or rates[best] == pytest.approx(rates.max(), rel=1e-13)


@pytest.mark.parametrize("ion_pairs", [1, 1300, 10**6])
@pytest.mark.parametrize("length", [1e3, 3e5, 3e6, 1e12])
def test_the_search_for_the_best_number_ends(
    ion_pairs: int, length: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    chain_rate = fiber.chain_rate
    monkeypatch.setattr(
        fiber, "chain_rate", lambda *a, **b: seen.append(np.size(a[1])) or chain_rate(*a, **b)
    )
    count, rate = fiber.best_photon_repeaters(length, HW, "exact", ion_pairs)
    assert 0 <= count <= fiber.MOST_REPEATERS
    assert rate > 0.0
    assert sum(seen) < 5000
