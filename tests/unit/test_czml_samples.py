"""Samples of moving bodies: between them a viewer is right, however few or many they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.reports.exports.czml_samples import DEGREE, TOLERANCE, interpolated, sample_times


def on_orbit(axis: float, eccentricity: float, anomaly: float):
    """Return where a body on Kepler's orbit is, axis in m, by Newton's iteration."""
    rate = np.sqrt(3.986e14 / axis**3)

    def where(seconds):
        mean = np.remainder(anomaly + rate * np.asarray(seconds) + np.pi, 2.0 * np.pi) - np.pi
        e = mean + 0.85 * eccentricity * np.sign(np.sin(mean))
        for _ in range(60):
            e = e - (e - eccentricity * np.sin(e) - mean) / (1.0 - eccentricity * np.cos(e))
        x, y = axis * (np.cos(e) - eccentricity), axis * np.sqrt(1.0 - eccentricity**2) * np.sin(e)
        return np.column_stack([x, y, np.zeros_like(x)])

    return where


@settings(max_examples=60, deadline=None)
@given(
    st.floats(6_600e3, 60_000e3),
    st.floats(0.0, 0.9),
    st.floats(0.0, 6.28),
    st.sampled_from([0.02, 1.0, 60.0, 600.0, 1200.0, 4200.0, 5400.0, 20_000.0, 86_400.0]),
)
def test_every_orbit_is_right_between_its_samples(axis, eccentricity, anomaly, duration):
    eccentricity = min(eccentricity, 1.0 - 6_500e3 / axis)
    where = on_orbit(axis, eccentricity, anomaly)
    times = sample_times(where, duration)
    assert (times[0], times[-1]) == (0.0, duration)
    assert np.all(np.diff(times) > 0.0)
    at = np.concatenate([times[:-1] + share * np.diff(times) for share in (0.07, 0.35, 0.5, 0.66, 0.93)])
    off = np.linalg.norm(interpolated(times, where(times), at) - where(at), axis=1)
    assert np.max(off) < 2.0 * TOLERANCE
    assert times.size <= max(DEGREE + 1, 120 * (1.0 + duration / (2.0 * np.pi * np.sqrt(axis**3 / 3.986e14))))


def test_a_plan_of_milliseconds_has_samples():
    times = sample_times(on_orbit(7e6, 0.0, 0.0), 0.004)
    assert times.tolist() == [0.0, 0.001, 0.002, 0.003, 0.004]


@pytest.mark.parametrize("period", [1.0, 7.3, 50.0, 400.0])
def test_quick_circles_are_not_missed_between_samples(period):
    def where(seconds):
        turn = 2.0 * np.pi * np.asarray(seconds) / period
        return np.column_stack([30e3 * np.cos(turn), 30e3 * np.sin(turn), 0.0 * turn])

    times = sample_times(where, 40.0 * period, period / 8.0)
    at = np.random.default_rng(2).uniform(0.0, 40.0 * period, 3000)
    off = np.linalg.norm(interpolated(times, where(times), at) - where(at), axis=1)
    assert np.max(off) < 2.0 * TOLERANCE
