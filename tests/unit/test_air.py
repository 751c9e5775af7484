"""The compiled air along lines, against the same rule in numpy and against small steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import air as oracle

from satqn.earth import EARTHS, WGS84
from satqn.physics.atmosphere import SCALE_HEIGHT, air_mass
from satqn.sightline import Sightline

PLACE = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 7.6).map(lambda x: 10**x))
"""Latitude, longitude, altitude from 1 m to beyond the geostationary orbit."""


@settings(max_examples=300, deadline=None)
@given(PLACE, PLACE, st.sampled_from(["sphere", "wgs84"]), st.floats(5000.0, 20_000.0))
def test_the_kernel_is_the_rule_in_numpy(one, other, earth, height):
    figure = EARTHS[earth]
    start, end = figure.position(*one), figure.position(*other)
    if np.linalg.norm(end - start) < 1.0:
        return
    line = Sightline.between(start, end, figure)
    if float(line.lowest_point()[1]) < -100.0:
        return
    # Places 4e7 m away are known to 7e-9 m, which is 1e-12 of a scale height.
    np.testing.assert_allclose(air_mass(line, height), oracle.air_mass(line, height), rtol=2e-12, atol=1e-15)


def test_many_lines_at_once_are_the_lines_one_by_one():
    rng = np.random.default_rng(5)
    start = WGS84.position(rng.uniform(-90, 90, (7, 5)), rng.uniform(-180, 180, (7, 5)), 5e5)
    end = WGS84.position(rng.uniform(-90, 90, 5), rng.uniform(-180, 180, 5), 2e7)
    line = Sightline.between(start, end)
    whole = air_mass(line)
    assert whole.shape == (7, 5)
    for i in np.ndindex(7, 5):
        alone = Sightline.between(line.start[i], line.at(line.length)[i])
        np.testing.assert_allclose(air_mass(alone), whole[i], rtol=1e-11)


def test_air_from_either_end_is_the_same_and_grazing_lines_hold_most():
    one, other = WGS84.position(0.0, 0.0, 20e3), WGS84.position(0.0, 8.0, 20e3)
    level = Sightline.between(one, other)
    np.testing.assert_allclose(air_mass(level), air_mass(level.reversed()), rtol=1e-11)
    up = Sightline.between(one, WGS84.position(0.0, 0.0, 2e7))
    np.testing.assert_allclose(air_mass(up), np.exp(-20e3 / SCALE_HEIGHT), rtol=1e-11)
    assert float(air_mass(level)) > 20 * float(air_mass(up))


def test_air_of_a_sphere_and_its_pole_are_finite():
    for figure in EARTHS.values():
        line = Sightline.between(figure.position(90.0, 0.0, 0.0), figure.position(90.0, 0.0, 1e6), figure)
        np.testing.assert_allclose(air_mass(line), 1.0, rtol=1e-11)
