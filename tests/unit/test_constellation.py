"""Designed constellations and how J2 turns them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satqn.constants import EARTH_GM
from satqn.earth import J2, WGS84
from satqn.errors import InputError
from satqn.kernels.orbit import eccentric_anomaly
from satqn.orbits.constellation import MeanElements, geostationary, walker, walker_star
from satqn.orbits.frames import julian_date, sidereal_angle
from satqn.orbits.propagate import DesignedOrbits

EPOCH = datetime(2026, 3, 20, tzinfo=UTC)


def one(altitude=550e3, eccentricity=0.0, inclination_deg=53.0, **angles):
    return MeanElements(
        EPOCH, WGS84.equatorial_radius + altitude, eccentricity, math.radians(inclination_deg),
        angles.get("raan", 0.3), angles.get("perigee", 1.1), angles.get("anomaly", 2.2),
    )  # fmt: skip


def test_walker_delta_is_spread_as_walker_said():
    shell = walker(24, 3, 1, altitude=10e6, inclination=math.radians(55), epoch=EPOCH)
    np.testing.assert_allclose(np.degrees(np.unique(shell.raan)), [0, 120, 240])
    np.testing.assert_allclose(np.degrees(shell.mean_anomaly[:8]), np.arange(8) * 45)
    ahead = np.degrees(shell.mean_anomaly[8] - shell.mean_anomaly[0])
    assert ahead == pytest.approx(1 * 360 / 24)
    star = walker_star(66, 6, 2, altitude=780e3, inclination=math.radians(86.4), epoch=EPOCH)
    np.testing.assert_allclose(np.degrees(np.unique(star.raan)), np.arange(6) * 30, atol=1e-9)


def test_periods():
    assert float(
        walker(1, 1, 0, altitude=10_000e3, inclination=1, epoch=EPOCH).period[0]
    ) / 3600 == pytest.approx(5.79, abs=0.005)
    sphere = 2 * math.pi * math.sqrt((6371e3 + 10_000e3) ** 3 / EARTH_GM) / 3600
    assert round(sphere, 2) == 5.79  # the specification counts from the mean radius


def test_sun_synchronous_orbit_turns_with_the_sun():
    """Micius-like, 500 km: 97.4 degrees for one turn in 365.2422 days (Vallado, section 11.4)."""
    rate = float(one(500e3, inclination_deg=97.4).secular_rates()[0][0])
    assert math.degrees(rate) * 86_400 == pytest.approx(360 / 365.2422, rel=0.005)


def test_critical_inclination_keeps_the_perigee():
    rate = one(800e3, 0.1, math.degrees(math.acos(math.sqrt(0.2)))).secular_rates()[1]
    assert float(rate[0]) == pytest.approx(0.0, abs=1e-18)


def test_geostationary_satellites_stay():
    satellites = geostationary([-75.0, 0.0, 19.2], EPOCH)
    assert float(satellites.semi_major_axis[0]) == pytest.approx(42_166.26e3, abs=10)
    track = DesignedOrbits(satellites).positions(EPOCH, np.linspace(0, 30 * 86_400, 50))
    lat, lon, altitude = WGS84.geodetic(track)
    np.testing.assert_allclose(lon, np.broadcast_to([[-75.0], [0.0], [19.2]], lon.shape), atol=1e-5)
    np.testing.assert_allclose(lat, 0.0, atol=1e-12)
    assert np.ptp(altitude) < 1e-6


@given(st.floats(-20.0, 20.0), st.floats(0.0, 0.99))
def test_keplers_equation(mean, e):
    anomaly = eccentric_anomaly(mean, e)
    off = anomaly - e * math.sin(anomaly) - mean  # a whole number of turns
    assert math.remainder(off, 2 * math.pi) == pytest.approx(0.0, abs=1e-12)


def integrate(position, velocity, seconds):
    """Runge-Kutta in the field of a point mass and J2: slow, obvious, no mean elements."""

    def pull(r):
        distance = np.linalg.norm(r)
        z = r[2] / distance
        bulge = 1.5 * J2 * EARTH_GM * WGS84.equatorial_radius**2 / distance**5
        return -EARTH_GM * r / distance**3 - bulge * r * (np.array([1.0, 1.0, 3.0]) - 5.0 * z * z)

    step, t = 5.0, 0.0
    state = np.concatenate([position, velocity])

    def slope(s):
        return np.concatenate([s[3:], pull(s[:3])])

    while t < seconds - 1e-9:
        h = min(step, seconds - t)
        a = slope(state)
        b = slope(state + h / 2 * a)
        c = slope(state + h / 2 * b)
        d = slope(state + h * c)
        state = state + h / 6 * (a + 2 * b + 2 * c + d)
        t += h
    return state


@pytest.mark.parametrize("inclination_deg", [30.0, 53.0, 97.4])
def test_the_node_turns_as_in_an_integration(inclination_deg):
    """The plane of an integrated orbit, over 15 revolutions: the secular rate to 1 %."""
    elements = one(800e3, inclination_deg=inclination_deg, raan=0.0, perigee=0.0, anomaly=0.0)
    a, i = float(elements.semi_major_axis[0]), math.radians(inclination_deg)
    speed = math.sqrt(EARTH_GM / a)
    start = np.array([a, 0.0, 0.0]), speed * np.array([0.0, math.cos(i), math.sin(i)])
    seconds = 15 * float(elements.period[0])
    end = integrate(*start, seconds)
    normal = np.cross(end[:3], end[3:])
    node = math.atan2(normal[0], -normal[1])
    assert node == pytest.approx(float(elements.secular_rates()[0][0]) * seconds, rel=0.01)


def test_positions_are_those_of_rotation_matrices():
    elements = one(700e3, 0.05, 63.0)
    seconds = np.array([0.0, 1234.5, 86_400.0])
    start = EPOCH + timedelta(hours=3)
    got = DesignedOrbits(elements).positions(start, seconds)[0]
    rates = [float(rate[0]) for rate in elements.secular_rates()]

    def turn(axis, angle):
        c, s = math.cos(angle), math.sin(angle)
        return np.array(
            [[c, -s, 0], [s, c, 0], [0, 0, 1]] if axis == "z" else [[1, 0, 0], [0, c, -s], [0, s, c]]
        )

    for k, t in enumerate(seconds):
        since = t + 3 * 3600
        raan, perigee, mean = 0.3 + rates[0] * since, 1.1 + rates[1] * since, 2.2 + rates[2] * since
        ecc = mean
        for _ in range(200):
            ecc = mean + 0.05 * math.sin(ecc)
        a = float(elements.semi_major_axis[0])
        flat = [a * (math.cos(ecc) - 0.05), a * math.sqrt(1 - 0.05**2) * math.sin(ecc), 0.0]
        inertial = turn("z", raan) @ turn("x", math.radians(63.0)) @ turn("z", perigee) @ flat
        day, fraction = julian_date(start + timedelta(seconds=float(t)))
        slow = turn("z", -float(sidereal_angle(day, fraction))) @ inertial
        np.testing.assert_allclose(got[k], slow, atol=1e-3)


def test_runs_of_satellites_are_slices_of_all():
    orbits = DesignedOrbits(walker(12, 4, 1, altitude=1e6, inclination=1.0, epoch=EPOCH))
    everything = orbits.positions(EPOCH, [0.0, 60.0])
    assert everything.shape == (12, 2, 3)
    np.testing.assert_array_equal(orbits.positions(EPOCH, [0.0, 60.0], 3, 7), everything[3:7])


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: walker(25, 3, 1, altitude=1e6, inclination=1, epoch=EPOCH), "25 satellites in 3 planes"),
        (lambda: walker(24, 3, 3, altitude=1e6, inclination=1, epoch=EPOCH), "phasing is 3"),
        (lambda: walker(24, 3, 1, altitude=-1e3, inclination=1, epoch=EPOCH), "-1 km above"),
        (lambda: walker(24, 3, 1, altitude=1e6, inclination=4, epoch=EPOCH), "inclination"),
        (lambda: one(500e3, 0.2), "above the equatorial radius"),
        (lambda: one(500e3, -0.1), "eccentricity is -0.1"),
        (lambda: one(float("nan")), "finite"),
        (lambda: geostationary(0.0, datetime(2026, 1, 1)), "time zone"),
    ],
)
def test_bad_input_is_named(call, seen):
    with pytest.raises(InputError, match=seen):
        call()
