"""Geometry on the sphere at its difficult points."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.constants import EARTH_RADIUS
from satqn.sphere import along_great_circle, central_angle, chord, great_circle, positions, unit_vectors


def test_published_distance():
    assert float(great_circle(40.7128, -74.0060, 34.0522, -118.2437)) == pytest.approx(3_935_746, abs=0.5)


@pytest.mark.parametrize("metres", [1e-3, 1.0, 1e3, 1e6])
def test_small_distances_keep_their_digits(metres):
    north = np.degrees(metres / EARTH_RADIUS)
    assert float(great_circle(0.0, 12.0, north, 12.0)) == pytest.approx(metres, rel=1e-9, abs=1e-9)


def test_antipodes_are_half_a_circle_apart():
    assert float(great_circle(40.0, 10.0, -40.0, -170.0)) == pytest.approx(np.pi * EARTH_RADIUS, rel=1e-15)


def test_shapes_broadcast():
    assert great_circle(np.zeros((3, 1)), 0.0, 0.0, np.arange(4.0)).shape == (3, 4)


def test_chord_belongs_to_distance():
    points = unit_vectors([10.0, 20.0], [30.0, -50.0])
    distance = EARTH_RADIUS * central_angle(points[0], points[1])
    assert float(chord(distance)) == pytest.approx(np.linalg.norm(points[0] - points[1]), rel=1e-15)


def test_point_between_a_place_and_itself():
    here = unit_vectors(12.0, 34.0)
    lat, lon = positions(along_great_circle(here, here, 0.3))
    assert (float(lat), float(lon)) == pytest.approx((12.0, 34.0))


def test_middle_of_the_way_over_the_pole():
    lat, _ = positions(along_great_circle(unit_vectors(80.0, 0.0), unit_vectors(80.0, 180.0), 0.5))
    assert float(lat) == pytest.approx(90.0)
