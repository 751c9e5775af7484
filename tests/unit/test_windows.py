"""Windows between moving ends, against closed forms and against contacts."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from satqn.earth import EARTHS, WGS84
from satqn.errors import InputError
from satqn.orbits.constellation import MeanElements, walker
from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.platforms import Platforms
from satqn.orbits.propagate import DesignedOrbits
from satqn.orbits.visibility import SightRules, sight
from satqn.orbits.windows import _seen, pair_windows, sight_windows
from satqn.sightline import Sightline

EPOCH = datetime(2026, 3, 20, tzinfo=UTC)
SHELL = DesignedOrbits(walker(6, 3, 1, altitude=550e3, inclination=math.radians(53), epoch=EPOCH))


def test_two_satellites_on_the_equator_lose_each_other_behind_the_earth():
    """Same plane over a circular section: hidden while the angle between them is above 2 acos(r0/r)."""
    r = WGS84.equatorial_radius + np.array([1000e3, 2000e3])
    zero = np.zeros(2)
    elements = MeanElements(EPOCH, r, zero, zero, zero, zero, zero)
    seconds = 86_400.0
    found = sight_windows((DesignedOrbits(elements), 0), (DesignedOrbits(elements), 1), EPOCH, seconds)
    turning = sum(elements.secular_rates())
    relative = float(turning[0] - turning[1])
    grazed = WGS84.equatorial_radius + 80e3
    half = float(np.arccos(grazed / r[0]) + np.arccos(grazed / r[1]))
    meetings = np.arange(0, int(seconds * relative / (2 * math.pi)) + 1) * 2 * math.pi / relative
    assert len(found) >= len(meetings) > 2
    np.testing.assert_allclose(found.begin[1 : len(meetings)], meetings[1:] - half / relative, atol=1e-3)
    np.testing.assert_allclose(found.end[0], half / relative, atol=1e-3)
    assert found.begin[0] == 0.0


def test_satellites_side_by_side_always_see_each_other_and_opposite_ones_never():
    pair = DesignedOrbits(walker(36, 1, 0, altitude=550e3, inclination=1.0, epoch=EPOCH))
    near = sight_windows((pair, 0), (pair, 1), EPOCH, 6000.0)
    assert (near.begin.tolist(), near.end.tolist()) == ([0.0], [6000.0])
    assert len(sight_windows((pair, 0), (pair, 18), EPOCH, 6000.0)) == 0


def test_a_station_has_the_same_windows_as_contacts():
    station = Platforms(40.4, 117.6, 890.0)
    for k in range(len(SHELL)):
        contacts = find_contacts(SHELL, Sites.at(40.4, 117.6, 890.0), EPOCH, 86_400.0)
        mine = contacts.satellite == k
        windows = sight_windows((station, 0), (SHELL, k), EPOCH, 86_400.0, step=20.0)
        assert len(windows) == np.count_nonzero(mine)
        np.testing.assert_allclose(windows.begin, contacts.rise[mine], atol=1e-3)
        np.testing.assert_allclose(windows.end, contacts.set[mine], atol=1e-3)


def test_a_hap_circles_at_its_altitude_and_radius():
    haps = Platforms([40.0, 0.0], [-74.0, 10.0], 20e3, radius=[5e3, 0.0], period=1200.0)
    track = haps.positions(EPOCH, np.arange(0.0, 1201.0, 300.0))
    lat, lon, altitude = WGS84.geodetic(track)
    np.testing.assert_allclose(altitude, 20e3, atol=1e-6)
    np.testing.assert_allclose(track[:, 0], track[:, -1], atol=1e-6)
    centre = WGS84.position(40.0, -74.0, 20e3)
    np.testing.assert_allclose(np.linalg.norm(track[0] - centre, axis=-1), 5e3, rtol=1e-3)
    assert lon[0, 0] > -74.0
    assert lat[0, 1] < 40.0
    np.testing.assert_allclose(track[1], np.broadcast_to(WGS84.position(0.0, 10.0, 20e3), (5, 3)), atol=1e-6)
    np.testing.assert_array_equal(haps.positions(EPOCH, [0.0], 1), haps.positions(EPOCH, [0.0])[1:])


def test_a_circling_hap_sees_its_ground_station_all_day():
    hap, station = Platforms(40.0, -74.0, 20e3, radius=5e3, period=1200.0), Platforms(40.1, -74.1, 0.0)
    found = sight_windows((hap, 0), (station, 0), EPOCH, 3600.0)
    assert (found.begin.tolist(), found.end.tolist()) == ([0.0], [3600.0])


@pytest.mark.parametrize("earth", EARTHS.values(), ids=list(EARTHS))
@pytest.mark.parametrize("margin", [0.0, 80e3, 900e3])
def test_the_distance_from_the_centre_decides_as_the_line_does(earth, margin):
    """Ends on the ground, in the air and in orbit; half of the lines graze the margin."""
    rng, n = np.random.default_rng(11), 20_000
    altitude = rng.choice([0.0, 20e3, 79e3, 81e3, 200e3, 550e3, 1.2e6, 2e7], (2, n)) + rng.uniform(
        0, 5e3, (2, n)
    )
    lat, lon = rng.uniform(-85, 85, n), rng.uniform(-180, 180, n)
    radius = earth.equatorial_radius + altitude
    grazing = np.sum(np.arccos(np.minimum(1.0, (earth.equatorial_radius + margin) / radius)), axis=0)
    apart = np.degrees(
        np.where(rng.random(n) < 0.5, grazing * rng.normal(1, 3e-3, n), rng.uniform(0.01, 2, n))
    )
    north = np.abs(lat + apart) < 90
    start = earth.position(lat, lon, altitude[0])
    end = earth.position(np.where(north, lat + apart, lat / 2), np.where(north, lon, lon + 20), altitude[1])
    rules = SightRules(satellite_margin=margin)
    found = _seen(start, end, earth, rules)
    np.testing.assert_array_equal(found, sight(Sightline.between(start, end, earth), rules).visible)
    assert 0.05 < found.mean() < 0.95


def test_pairs_together_are_the_pairs_one_by_one():
    pairs = np.array([[0, 1], [0, 3], [2, 5], [4, 1], [3, 2]])

    def where(ends, seconds):
        return np.stack(
            [SHELL.positions(EPOCH, [t], k, k + 1)[0, 0] for k, t in zip(ends, seconds, strict=True)]
        )

    told = []
    together = pair_windows(where, pairs, 7200.0, step=60.0, progress=lambda *done: told.append(done))
    for (a, b), windows in zip(pairs, together, strict=True):
        alone = sight_windows((SHELL, a), (SHELL, b), EPOCH, 7200.0, step=60.0)
        np.testing.assert_allclose(windows.begin, alone.begin, atol=1e-5)
        np.testing.assert_allclose(windows.end, alone.end, atol=1e-5)
    assert told[-1] == (5, 5)
    assert pair_windows(where, np.empty((0, 2), dtype=int), 60.0) == []


def test_bad_input_is_named():
    with pytest.raises(InputError, match="duration 0 s"):
        sight_windows((SHELL, 0), (SHELL, 1), EPOCH, 0.0)
    with pytest.raises(InputError, match="radius -1"):
        Platforms(0.0, 0.0, 20e3, radius=-1.0)
    with pytest.raises(InputError, match="latitude is 95"):
        Platforms(95.0, 0.0, 20e3)
