"""Straight lines above the Earth, against dense scans."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.earth import SPHERE, WGS84
from satqn.errors import InputError
from satqn.orbits import geometry
from satqn.sightline import Sightline

RNG = np.random.default_rng(42)


def random_lines(earth, count, top):
    ends = [
        earth.position(
            np.degrees(np.arcsin(RNG.uniform(-1, 1, count))),
            RNG.uniform(-180, 180, count),
            RNG.uniform(0.0, top, count),
        )
        for _ in range(2)
    ]
    return Sightline.between(*ends, earth)


@pytest.mark.parametrize("earth", [SPHERE, WGS84], ids=["sphere", "wgs84"])
def test_lowest_point_is_that_of_a_dense_scan(earth):
    line = random_lines(earth, 300, 2e7)
    along, lowest = line.lowest_point()
    fraction = np.linspace(0.0, 1.0, 4001)[:, None]
    heights = earth.altitude(line.at(fraction * line.length))
    seen = lowest > -3e6  # deeper lines have no meaning
    assert np.count_nonzero(seen) > 200
    assert np.all((lowest <= heights.min(axis=0) + 1e-6)[seen])
    spacing = line.length / 4000
    assert np.all((heights.min(axis=0) - lowest <= spacing**2 / 6e6 + spacing * 1e-3)[seen])
    assert np.all((along >= 0.0) & (along <= line.length))


@pytest.mark.parametrize("earth", [SPHERE, WGS84], ids=["sphere", "wgs84"])
def test_reach_comes_to_the_altitude(earth):
    lat, lon = RNG.uniform(-90, 90, 500), RNG.uniform(-180, 180, 500)
    start = earth.position(lat, lon, RNG.uniform(0, 2e4, 500))
    elevation, azimuth = RNG.uniform(0.0, np.pi / 2, 500), RNG.uniform(0, 2 * np.pi, 500)
    up = earth.up(start)
    east = np.stack([-np.sin(np.radians(lon)), np.cos(np.radians(lon)), np.zeros(500)], axis=-1)
    north = np.cross(up, east)
    level = np.cos(azimuth)[:, None] * north + np.sin(azimuth)[:, None] * east
    direction = np.sin(elevation)[:, None] * up + np.cos(elevation)[:, None] * level
    line = Sightline.between(start, start + 5e7 * direction, earth)
    np.testing.assert_allclose(line.elevation(), elevation, atol=1e-9)
    along = line.reach(3e5)
    np.testing.assert_allclose(earth.altitude(line.at(along)), 3e5, atol=1e-3)
    short = Sightline.between(start, line.at(along / 2), earth)
    np.testing.assert_array_equal(short.reach(3e5), short.length)


def test_agrees_with_the_spherical_geometry_of_shao2025():
    station, point = (40.7128, -74.0060), (36.77, -95.82)
    angle = geometry.ground_angle(*station, *point)
    line = Sightline.between(SPHERE.position(*station), SPHERE.position(*point, 1e7), SPHERE)
    assert float(line.length) == pytest.approx(float(geometry.slant_range(angle, 1e7)), rel=1e-13)
    assert float(line.elevation()) == pytest.approx(float(geometry.elevation(angle, 1e7)), rel=1e-12)


def test_reversed_lines_are_the_same_line():
    line = random_lines(WGS84, 50, 1e6)
    back = line.reversed()
    np.testing.assert_allclose(back.at(back.length), line.start, atol=1e-6)
    np.testing.assert_allclose(back.lowest_point()[1], line.lowest_point()[1], atol=1e-6)


@pytest.mark.parametrize(
    ("start", "end", "seen"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], "same place"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "shape"),
        ([1.0, 2.0, np.nan], [1.0, 2.0, 3.0], "not finite"),
    ],
)
def test_bad_ends_are_named(start, end, seen):
    with pytest.raises(InputError, match=seen):
        Sightline.between(start, end)
