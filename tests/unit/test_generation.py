"""Rate and fidelity by kind of generation."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.constants import SPEED_OF_LIGHT, SPEED_OF_LIGHT_IN_FIBRE
from satqn.errors import InputError
from satqn.model.hardware import FibreHardware
from satqn.physics import fiber, generation


def test_dual_downlink_is_equation_9_and_its_accidentals_are_counted():
    """Poisson clicks at both stations, counted in a simulation of coarse windows."""
    made = generation.dual_downlink(1e-2, 2e-2, source_rate=1e5, fidelity=0.9)
    assert float(made.rate) == pytest.approx(20.0)
    assert float(made.accidental_rate) == 0.0
    assert float(made.fidelity) == pytest.approx(0.9)

    rng, windows, window = np.random.default_rng(5), 4_000_000, 1e-6
    source, a, b, noise_a, noise_b = 4e4, 0.05, 0.08, 500.0, 900.0
    pairs = rng.poisson(source * window, windows)
    both = rng.binomial(pairs, a * b)
    lone_a = rng.binomial(pairs - both, a * (1 - b) / (1 - a * b)) + rng.poisson(noise_a * window, windows)
    lone_b = rng.poisson((source * b * (1 - a) + noise_b) * window, windows)
    counted = np.sum(lone_a * lone_b) / (windows * window)
    made = generation.dual_downlink(
        a, b, source_rate=source, fidelity=0.9, noise_rate_a=noise_a, noise_rate_b=noise_b, window=window
    )
    assert float(made.accidental_rate) == pytest.approx(
        counted, abs=5 * np.sqrt(counted / (windows * window))
    )
    assert float(made.rate) == pytest.approx(np.sum(both) / (windows * window), rel=0.1)


def test_a_photon_is_lone_only_where_its_partner_is_lost():
    """Of ten pairs two arrive at both (a = 1/2, b = 2/5), three at A alone, two at B alone, three nowhere."""
    common = {"source_rate": 1e6, "fidelity": 0.9, "window": 1e-9}
    made = generation.dual_downlink(0.5, 0.4, **common)
    assert float(made.rate) == pytest.approx(2e5, rel=1e-12)
    assert float(made.accidental_rate) == pytest.approx(3e5 * 2e5 * 1e-9, rel=1e-12)
    # Where every partner arrives nobody clicks alone but for the noise.
    for ends in ((1.0, 0.4), (0.5, 1.0), (1.0, 1.0)):
        assert float(generation.dual_downlink(*ends, **common).accidental_rate) == 0.0
    noisy = generation.dual_downlink(0.5, 1.0, noise_rate_a=1e4, **common)
    assert float(noisy.accidental_rate) == pytest.approx(1e4 * 5e5 * 1e-9, rel=1e-12)


def test_one_sided_waits_for_its_herald():
    common = {"memory_modes": 1000, "memory_efficiency": 0.5, "overhead": 175e-6, "fidelity": 0.98}
    slow = generation.one_sided(0.01, 500e3, source_rate=1e9, **common)
    assert float(slow.rate) == pytest.approx(284_848 * 0.01 * 0.5, rel=1e-5)
    fast = generation.one_sided(0.01, 500e3, source_rate=1e3, **common)
    assert float(fast.rate) == pytest.approx(1e3 * 0.01 * 0.5)
    noisy = generation.one_sided(0.01, 500e3, source_rate=1e9, noise_per_window=1e-3, **common)
    assert float(noisy.rate) == float(slow.rate)
    assert float(noisy.fidelity) == pytest.approx((0.01 * 0.98 + 0.99e-3 / 4) / (0.01 + 0.99e-3))


def test_midpoint_is_the_segment_of_the_fibre_chain():
    hw = FibreHardware()
    eta = [
        hw.detector_efficiency * float(fiber.fibre_transmittance(arm, hw.attenuation_per_m))
        for arm in (8e3, 5e3)
    ]
    made = generation.midpoint(
        *eta, 8e3, 5e3, memory_modes=10, overhead=hw.emission_time, fidelity=0.97,
        speed=SPEED_OF_LIGHT_IN_FIBRE,
    )  # fmt: skip
    assert float(made.rate) == pytest.approx(10.0 / float(fiber.segment_time(8e3, 5e3, hw)), rel=1e-12)
    assert float(made.fidelity) == pytest.approx(0.97)


def test_fibre_chain_takes_the_best_number():
    hw = FibreHardware()
    made, count = generation.fibre_chain(300e3, hw)
    best, rate = fiber.best_photon_repeaters(300e3, hw, "exact", hw.ion_pairs)
    assert (count, float(made.rate)) == (best, rate)
    assert float(made.fidelity) == float(fiber.chain_fidelity(best, hw))
    direct, none = generation.fibre_chain(10e3, hw, photon_repeaters=0)
    assert none == 0
    assert float(direct.rate) == pytest.approx(10.0 / float(fiber.direct_time(10e3, hw)))


def test_nothing_at_all_is_fully_mixed():
    assert float(generation.diluted_fidelity(0.0, 0.0, 0.9)) == 0.25
    assert float(generation.diluted_fidelity(0.0, 5.0, 0.9)) == 0.25


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: generation.attempt_rate(0, 1e3, 1e-6, SPEED_OF_LIGHT), "memory modes is 0"),
        (lambda: generation.attempt_rate(1, 0.0, 0.0, SPEED_OF_LIGHT), "time of an attempt is 0"),
        (lambda: generation.dual_downlink(1.1, 0.1, source_rate=1.0, fidelity=0.9), "1.1"),
        (lambda: generation.dual_downlink(0.1, 0.1, source_rate=1.0, fidelity=0.2), "0.2"),
    ],
)
def test_bad_input_is_named(call, seen):
    with pytest.raises(InputError, match=seen):
        call()
