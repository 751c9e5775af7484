"""Who sees whom: margins above the Earth and masks."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.earth import SPHERE, WGS84
from satqn.orbits.visibility import SightRules, least_elevation, sight
from satqn.sightline import Sightline

R = SPHERE.equatorial_radius


def line(low, high, apart):
    """A line between two altitudes whose foot points are ``apart`` m of ground away."""
    return Sightline.between(
        SPHERE.position(0, 0, low), SPHERE.position(0, np.degrees(apart / R), high), SPHERE
    )


def grazing(low, high, lowest):
    """Ground distance at which a line between two altitudes comes down to ``lowest``."""
    return R * (np.arccos((R + lowest) / (R + low)) + np.arccos((R + lowest) / (R + high)))


@pytest.mark.parametrize(
    ("low", "high", "margin"),
    [(550e3, 550e3, 80e3), (90e3, 36e6, 80e3), (20e3, 550e3, 5e3), (20e3, 20e3, 5e3)],
)
def test_platforms_see_each_other_above_the_margin(low, high, margin):
    limit = grazing(low, high, margin)
    near, far = sight(line(low, high, 0.9999 * limit)), sight(line(low, high, 1.0001 * limit))
    assert bool(near.clear)
    assert not bool(far.clear)
    assert not bool(far.visible)


def test_a_platform_below_the_margin_must_be_the_lowest_point():
    rules = SightRules(hap_margin=25e3, hap_mask=-np.pi / 2)
    assert bool(sight(line(20e3, 550e3, 100e3), rules).visible)
    assert not bool(sight(line(20e3, 20e3, 100e3), rules).visible)


@pytest.mark.parametrize(("low", "mask_deg"), [(0.0, 20.0), (890.0, 20.0), (-430.0, 20.0), (20e3, -5.0)])
def test_the_lower_end_has_the_mask(low, mask_deg):
    rules = SightRules(hap_margin=-1e6)  # only the mask matters
    start = SPHERE.position(0, 0, low)
    for offset, visible in ((0.01, True), (-0.01, False)):
        angle = np.radians(mask_deg + offset)
        end = start + 1.2e6 * np.array([np.sin(angle), np.cos(angle), 0.0])
        for ends in ((start, end), (end, start)):
            seen = sight(Sightline.between(*ends, SPHERE), rules)
            assert float(np.degrees(seen.elevation)) == pytest.approx(mask_deg + offset)
            assert bool(seen.visible) is visible


def test_a_hap_sees_the_ground_below_it():
    assert bool(sight(line(0.0, 20e3, 10e3)).visible)


def test_ground_stations_do_not_see_through_the_curve():
    seen = sight(line(0.0, 0.0, 10e3), SightRules(ground_mask=-1.0))
    assert float(seen.lowest) == pytest.approx(-(10e3**2) / (8 * R), rel=1e-3)
    assert not bool(seen.visible)


@pytest.mark.parametrize("earth", [SPHERE, WGS84], ids=["sphere", "wgs84"])
def test_least_elevation_is_where_sight_begins(earth):
    """A fixed site may use one angle for all satellites: to 0.02 degrees it is the rule for lines."""
    for altitude in (0.0, 890.0, 12e3, 20e3):
        start = earth.position(35.0, 0.0, altitude)
        up, east = earth.up(start), np.array([0.0, 1.0, 0.0])
        least = float(least_elevation(np.asarray(altitude), earth))
        for offset, visible in ((0.02, True), (-0.02, False)):
            angle = least + np.radians(offset)
            end = start + 3e6 * (np.sin(angle) * up + np.cos(angle) * east)
            assert bool(sight(Sightline.between(start, end, earth)).visible) is visible
