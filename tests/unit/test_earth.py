"""Geodetic places on the sphere and on WGS-84."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import sightline as oracle

from satqn.earth import SPHERE, WGS84
from satqn.errors import InputError

RNG = np.random.default_rng(41)


@pytest.mark.parametrize("earth", [SPHERE, WGS84], ids=["sphere", "wgs84"])
@pytest.mark.parametrize("altitude", [-1e4, 0.0, 20e3, 5e5, 1e7, 4e8])
def test_there_and_back(earth, altitude):
    lat, lon = RNG.uniform(-90, 90, 2000), RNG.uniform(-180, 180, 2000)
    lat[:3] = 90.0, -90.0, 0.0
    back_lat, back_lon, back = earth.geodetic(earth.position(lat, lon, altitude))
    np.testing.assert_allclose(back_lat, lat, atol=1e-12)
    np.testing.assert_allclose(back_lon[2:], lon[2:], atol=1e-12)
    np.testing.assert_allclose(back, altitude, atol=1e-6)


@pytest.mark.parametrize("earth", [SPHERE, WGS84], ids=["sphere", "wgs84"])
def test_up_is_where_altitude_grows(earth):
    place = earth.position(RNG.uniform(-90, 90, 500), RNG.uniform(-180, 180, 500), RNG.uniform(0, 1e7, 500))
    up = earth.up(place)
    np.testing.assert_allclose(np.linalg.norm(up, axis=-1), 1.0, atol=1e-14)
    np.testing.assert_allclose(earth.altitude(place + 1e3 * up) - earth.altitude(place), 1e3, atol=1e-6)


def test_altitude_is_the_distance_to_the_nearest_ground():
    for _ in range(50):
        place = RNG.normal(size=3)
        place *= RNG.uniform(6.2e6, 5e7) / np.linalg.norm(place)
        slow = oracle.altitude(place, WGS84.equatorial_radius, WGS84.flattening)
        assert float(WGS84.altitude(place)) == pytest.approx(slow, abs=1e-4)


def test_wgs84_semi_minor_axis_and_a_published_place():
    """b = 6 356 752.3142 m (NGA.STND.0036). Delingha to Lijiang is 1203 km (Yin et al. 2017)."""
    assert float(WGS84.position(90.0, 0.0)[2]) == pytest.approx(6_356_752.3142, abs=5e-5)
    delingha = WGS84.position(37.3786, 97.7269, 3153.0)
    lijiang = WGS84.position(26.6942, 100.0297, 3233.0)
    assert np.linalg.norm(delingha - lijiang) / 1e3 == pytest.approx(1203, abs=0.5)


def test_the_centre_of_the_earth_is_deep_and_finite():
    assert float(WGS84.altitude([0.0, 0.0, 0.0])) < -6e6
    assert np.all(np.isfinite(WGS84.up([0.0, 0.0, 0.0])))


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ((91, 0, 0), "91 degrees"),
        ((0, np.inf, 0), "inf degrees"),
        ((0, 0, np.nan), "nan m"),
        ((0, 0, -4e6), "-4"),
    ],
)
def test_bad_places_are_named(place, seen):
    with pytest.raises(InputError, match=seen):
        WGS84.position(*place)
