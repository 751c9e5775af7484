"""Contacts against an oracle that looks at every second."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.oracles import contacts as oracle

from satqn.earth import WGS84
from satqn.errors import InputError
from satqn.orbits.constellation import MeanElements, geostationary, walker
from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.propagate import DesignedOrbits
from satqn.sightline import Sightline

EPOCH = datetime(2026, 3, 20, tzinfo=UTC)
RNG = np.random.default_rng(44)


def orbit(altitude, eccentricity, inclination_deg, anomaly=0.0):
    return MeanElements(
        EPOCH,
        WGS84.equatorial_radius + altitude,
        eccentricity,
        math.radians(inclination_deg),
        0.7,
        4.7,
        anomaly,
    )


ORBITS = {
    "low": (walker(6, 3, 1, altitude=550e3, inclination=math.radians(53), epoch=EPOCH), 10.0),
    "polar, coarse": (walker(6, 3, 1, altitude=800e3, inclination=math.radians(98.6), epoch=EPOCH), 40.0),
    "medium": (walker(4, 2, 1, altitude=10_000e3, inclination=math.radians(55), epoch=EPOCH), 60.0),
    "molniya": (orbit(20_200e3, 0.72, 63.4), 20.0),
    "retrograde": (orbit(700e3, 0.01, 140.0), 20.0),
}
SITES = Sites.at(
    [40.4, -35.0, 0.0, 89.9, 47.0, 10.0],
    [117.6, 150.0, -60.0, 0.0, 11.0, 100.0],
    [890.0, 0.0, 20.0, 0.0, 20e3, 20e3],
    mask=np.radians([20.0, 10.0, 0.0, 30.0, -3.9, -3.0]),
)


@pytest.mark.parametrize("name", ORBITS)
def test_contacts_are_those_of_the_oracle(name):
    elements, step = ORBITS[name]
    orbits, duration = DesignedOrbits(elements), 86_400.0
    found = find_contacts(orbits, SITES, EPOCH, duration, step=step)
    fine = np.arange(0.0, duration + 0.5, 1.0)
    total = 0
    for i in range(len(orbits)):
        track = orbits.positions(EPOCH, fine, i, i + 1)[0]
        for s in range(len(SITES)):
            slow = oracle.contacts(track, fine, SITES.position[s], SITES.least_elevation[s])
            mine = np.flatnonzero((found.satellite == i) & (found.site == s))
            assert len(mine) == len(slow)
            for k, (rise, _, setting, elevation, distance) in zip(mine, slow, strict=True):
                assert found.rise[k] == pytest.approx(rise, abs=0.02)
                assert found.set[k] == pytest.approx(setting, abs=0.02)
                # half a second of the oracle is 0.007 rad near the zenith
                assert elevation - 1e-6 <= found.elevation[k] <= elevation + 7e-3
                assert found.range[k] == pytest.approx(distance, rel=2e-3)
            total += len(mine)
    assert total == len(found) > 5
    assert np.all(found.rise <= found.culmination)
    assert np.all(found.culmination <= found.set)
    assert np.all(np.diff(found.rise) >= 0)


@pytest.mark.parametrize("name", ORBITS)
def test_culmination_is_the_highest_moment(name):
    elements, step = ORBITS[name]
    orbits = DesignedOrbits(elements)
    found = find_contacts(orbits, SITES, EPOCH, 40_000.0, step=step)
    inside = np.flatnonzero((found.culmination - found.rise > 1) & (found.set - found.culmination > 1))
    assert len(inside) > 1
    for k in inside:
        i, s = int(found.satellite[k]), int(found.site[k])
        near = orbits.positions(EPOCH, found.culmination[k] + np.array([0.0, -0.5, 0.5]), i, i + 1)[0]
        line = Sightline.between(np.broadcast_to(SITES.position[s], near.shape), near)
        exact, *around = line.elevation()
        assert found.elevation[k] == pytest.approx(exact, abs=1e-6)
        assert found.range[k] == pytest.approx(line.length[0], abs=2.0)
        assert max(around) < exact + 1e-8


def test_the_step_costs_time_and_not_accuracy():
    orbits = DesignedOrbits(ORBITS["low"][0])
    fine, coarse = (find_contacts(orbits, SITES, EPOCH, 43_200.0, step=step) for step in (2.0, 40.0))
    assert len(fine) == len(coarse)
    for name in ("rise", "set"):
        np.testing.assert_allclose(getattr(coarse, name), getattr(fine, name), atol=1e-3)
    np.testing.assert_allclose(coarse.elevation, fine.elevation, atol=1e-5)


def test_contacts_shorter_than_a_step_are_found():
    """A mask just below the highest elevation of a pass leaves a contact of seconds."""
    orbits = DesignedOrbits(ORBITS["low"][0])
    passes = find_contacts(orbits, Sites.at(40.4, 117.6, mask=np.radians(10.0)), EPOCH, 86_400.0, step=5.0)
    best = int(np.argmax(passes.elevation))
    for below, longest in ((1e-4, 3.0), (1e-3, 10.0)):
        site = Sites.at(40.4, 117.6, mask=passes.elevation[best] - below)
        for step in (7.0, 40.0):
            short = find_contacts(orbits, site, EPOCH, 86_400.0, step=step)
            mine = np.flatnonzero(np.abs(short.culmination - passes.culmination[best]) < 5.0)
            assert len(mine) == 1
            assert 0.05 < float(short.duration[mine[0]]) < longest


def test_contacts_are_cut_at_the_ends_of_the_time_asked_for():
    orbits = DesignedOrbits(ORBITS["low"][0])
    site = Sites.at(40.4, 117.6, mask=np.radians(20.0))
    whole = find_contacts(orbits, site, EPOCH, 86_400.0)
    k = int(np.argmax(whole.duration))
    middle = float(whole.rise[k] + whole.set[k]) / 2
    first = find_contacts(orbits, site, EPOCH, middle)
    last = np.flatnonzero(first.satellite == whole.satellite[k])[-1]
    assert first.cut_at_end[last]
    assert first.set[last] == pytest.approx(middle)
    assert first.rise[last] == pytest.approx(whole.rise[k], abs=1e-3)
    assert not first.cut_at_start[last]


def test_a_satellite_that_stands_still_is_in_contact_all_day_or_never():
    orbits = DesignedOrbits(geostationary([19.2, -120.0], EPOCH))
    found = find_contacts(orbits, Sites.at(47.0, 11.0), EPOCH, 86_400.0, step=300.0)
    assert found.satellite.tolist() == [0]
    assert bool(found.cut_at_start[0])
    assert bool(found.cut_at_end[0])
    assert float(found.duration[0]) == 86_400.0
    assert np.degrees(found.elevation[0]) == pytest.approx(35.3, abs=0.3)


def test_few_at_a_time_is_the_same_as_all_at_once(monkeypatch):
    orbits = DesignedOrbits(ORBITS["low"][0])
    together = find_contacts(orbits, SITES, EPOCH, 20_000.0)
    monkeypatch.setattr("satqn.orbits.contacts._AT_ONCE", 1)
    done = []
    apart = find_contacts(orbits, SITES, EPOCH, 20_000.0, progress=lambda now, of: done.append((now, of)))
    assert done == [(n, 6) for n in range(1, 7)]
    for name in ("satellite", "site", "rise", "culmination", "set", "elevation", "range"):
        np.testing.assert_array_equal(getattr(apart, name), getattr(together, name))


def test_no_satellites_no_contacts():
    orbits = DesignedOrbits(geostationary([], EPOCH))
    assert len(find_contacts(orbits, SITES, EPOCH, 1000.0)) == 0


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda o: find_contacts(o, SITES, EPOCH, 0.0), "duration is 0 s"),
        (lambda o: find_contacts(o, SITES, EPOCH, 100.0, step=-1.0), "step is -1 s"),
        (lambda o: find_contacts(o, SITES, EPOCH, 86_400.0, step=300.0), "Take a step of at most"),
        (lambda o: Sites.at(0.0, 0.0, mask=2.0), "least elevation"),
    ],
)
def test_bad_input_is_named(call, seen):
    with pytest.raises(InputError, match=seen):
        call(DesignedOrbits(ORBITS["low"][0]))
