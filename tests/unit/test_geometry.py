"""A satellite as a station sees it, against vectors in space."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError
from satqn.orbits import geometry

RNG = np.random.default_rng(22)


@pytest.mark.parametrize("altitude", [1e3, 5e5, 1e7, 3.5786e7, 4e8])
def test_range_and_elevation_are_those_of_vectors(altitude):
    lat, sub_lat = np.degrees(np.arcsin(RNG.uniform(-1, 1, size=(2, 500))))
    lon, sub_lon = RNG.uniform(-180, 360, size=(2, 500))
    station = EARTH_RADIUS * geometry.unit_vectors(lat, lon)
    satellite = (EARTH_RADIUS + altitude) * geometry.unit_vectors(sub_lat, sub_lon)
    line = satellite - station
    distance = np.linalg.norm(line, axis=-1)
    up = np.sum(line * station, axis=-1) / EARTH_RADIUS

    angle = geometry.ground_angle(lat, lon, sub_lat, sub_lon)
    np.testing.assert_allclose(geometry.slant_range(angle, altitude), distance, rtol=1e-13)
    np.testing.assert_allclose(geometry.cos_zenith(angle, altitude), up / distance, atol=1e-13)
    elevation = geometry.elevation(angle, altitude)
    np.testing.assert_allclose(np.sin(elevation), up / distance, atol=1e-13)
    np.testing.assert_allclose(geometry.zenith_angle(angle, altitude), np.pi / 2 - elevation, atol=1e-14)


def test_cosine_is_that_of_equation_8():
    angle, h, r = np.linspace(0.0, np.pi, 50), 1e7, EARTH_RADIUS
    z = geometry.slant_range(angle, h)
    np.testing.assert_allclose(
        geometry.cos_zenith(angle, h), (h**2 + 2 * h * r - z**2) / (2 * z * r), atol=1e-13
    )


def test_overhead_on_the_horizon_and_on_the_other_side():
    h = 1e7
    horizon = np.arccos(EARTH_RADIUS / (EARTH_RADIUS + h))
    assert float(geometry.slant_range(0.0, h)) == h
    assert float(geometry.elevation(0.0, h)) == np.pi / 2
    assert float(geometry.cos_zenith(0.0, h)) == 1.0
    assert float(geometry.elevation(horizon, h)) == pytest.approx(0.0, abs=1e-15)
    assert float(geometry.elevation(horizon - 1e-9, h)) > 0 > float(geometry.elevation(horizon + 1e-9, h))
    assert float(geometry.elevation(np.pi, h)) == pytest.approx(-np.pi / 2)
    assert float(geometry.slant_range(np.pi, h)) == pytest.approx(2 * EARTH_RADIUS + h, rel=1e-15)


def test_angles_are_accurate_when_tiny_and_when_antipodal():
    tiny = geometry.ground_angle(40.0, -74.0, 40.0 + 1e-9, -74.0)
    assert float(tiny) == pytest.approx(np.radians(1e-9), rel=1e-5)
    assert float(geometry.ground_angle(12.0, 30.0, -12.0, -150.0)) == pytest.approx(np.pi, abs=1e-15)
    assert float(geometry.ground_angle(0.0, 179.0, 0.0, -179.0)) == pytest.approx(np.radians(2.0), rel=1e-13)


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: geometry.ground_angle(91.0, 0.0, 0.0, 0.0), "91"),
        (lambda: geometry.ground_angle(0.0, 0.0, float("nan"), 0.0), "nan"),
        (lambda: geometry.ground_angle(0.0, float("inf"), 0.0, 0.0), "inf"),
        (lambda: geometry.slant_range(0.1, 0.0), "0 m"),
        (lambda: geometry.elevation(0.1, -5.0), "-5 m"),
        (lambda: geometry.cos_zenith(0.1, float("nan")), "nan"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
