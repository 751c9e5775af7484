"""Memories that dephase while copies wait: what storage leaves, the tables, the smallest times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from tests.oracles.placement import copies_in

from satqn.hybrid.placement import place_at_time, place_for_target
from satqn.hybrid.setting import chain_setting
from satqn.kernels.copies import (
    AGED,
    PERFECT,
    RESTARTED,
    Memory,
    satellite_factor,
    storage_factor,
    stored_fidelity,
)
from satqn.model.hardware import FibreHardware
from satqn.model.options import PHYSICAL, PUBLISHED
from satqn.physics.purification import bbpssw, copies_table, dejmps_phase_flip

POSITIONS = 1e3 * np.arange(0.0, 220.0, 20.0)


def test_what_storage_leaves():
    assert storage_factor(0.5, Memory(PERFECT, 1.0)) == 1.0
    assert storage_factor(0.5, Memory(RESTARTED, 2.0)) == pytest.approx(np.exp(-0.0625), rel=1e-15)
    for time in (1e-12, 0.01, 0.5, 3.0, 40.0):
        mean = quad(
            lambda t: np.exp(-2.0 * (t / 2.0) ** 2), 0.0, time, epsabs=0, limit=500, points=[min(5, time)]
        )
        assert storage_factor(time, Memory(AGED, 2.0)) == pytest.approx(mean[0] / time, rel=1e-9)


def test_the_last_satellite_pair_is_fresh():
    aged = Memory(AGED, 1.0)
    assert satellite_factor(0.7, 1, aged) == 1.0
    assert satellite_factor(0.7, 4, aged) == pytest.approx((1.0 + 3.0 * storage_factor(0.7, aged)) / 4.0)
    assert satellite_factor(0.7, 4, Memory(RESTARTED, 1.0)) == storage_factor(0.7, Memory(RESTARTED, 1.0))


@pytest.mark.parametrize("purify", [bbpssw, dejmps_phase_flip])
def test_purifying_copies_of_unknown_age_is_purifying_their_mean(purify):
    """Both the unnormalised output and the success probability are linear in every input."""
    rng = np.random.default_rng(3)
    a, b = 0.5 + 0.45 * rng.random((2, 1000, 1))
    grid_f, grid_p = purify(a, b.T)
    mean_f, mean_p = purify(a.mean(), b.mean())
    assert grid_p.mean() == pytest.approx(float(mean_p), rel=1e-12)
    assert (grid_f * grid_p).mean() == pytest.approx(float(mean_f * mean_p), rel=1e-12)


@pytest.mark.parametrize("purification", ["bbpssw", "dejmps"])
def test_tables_between_their_rows(purification):
    setting = chain_setting(FibreHardware(), replace(PHYSICAL, purification=purification), memory_time=1.0)
    table = setting.tables.segment
    for factor, error in (
        (1.0, 1e-12),
        (0.97, 7e-5),
        (0.64, 7e-5),
        (0.52, 7e-5),
        (0.031, 7e-3),
        (0.0, 1e-12),
    ):
        exact = np.minimum(copies_table(0.5 + 0.470596 * factor, 1300, purification), 1.0)
        near = [stored_fidelity(table, k, factor) for k in range(1301)]
        np.testing.assert_allclose(near, exact, rtol=0.0, atol=error)


@pytest.mark.parametrize("decoherence", ["restarted", "aged"])
@pytest.mark.parametrize("options", [PHYSICAL, PUBLISHED])
def test_shorter_memories_never_help(options, decoherence):
    found = [
        place_at_time(
            POSITIONS,
            0.2,
            chain_setting(FibreHardware(), replace(options, decoherence=decoherence), memory_time=tau),
        )
        for tau in (None, 1e6, 10.0, 1.0, 0.2)
    ]
    fidelities = [0.0 if placement is None else placement.fidelity for placement in found]
    assert fidelities[1] == pytest.approx(fidelities[0], abs=2e-3 if options is PUBLISHED else 1e-6)
    assert fidelities[1:] == sorted(fidelities[1:], reverse=True)
    assert fidelities[0] > fidelities[-1]


@pytest.mark.parametrize("tau", [0.5, 2.0, 20.0])
def test_the_smallest_time_with_a_finite_memory(tau):
    """Against steps of 0.1 % over all times: F rises and falls, the first success counts."""
    setting = chain_setting(FibreHardware(), PHYSICAL, target_fidelity=0.93, memory_time=tau)
    found = place_for_target(POSITIONS, setting)
    first = None
    for time in np.geomspace(1e-3, 10.0 * tau, round(np.log(1e4 * tau) / 1e-3)):
        placement = place_at_time(POSITIONS, float(time), setting, for_rate=True)
        if placement is not None and placement.fidelity >= 0.93:
            first = float(time)
            break
    assert (found is None) == (first is None)
    if found is not None:
        assert found.fidelity >= 0.93
        assert found.time == pytest.approx(first, rel=0.0075)


def test_segments_tell_their_copies():
    found = place_at_time(POSITIONS, 0.2, chain_setting(FibreHardware(), PHYSICAL, memory_time=5.0))
    assert found is not None
    for segment in found.segments:
        assert segment.copies == copies_in(0.2, segment.time)
        assert 0.5 < segment.fidelity <= 1.0
