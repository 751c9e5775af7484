"""The numbers of the specification of links, section 5, to the digits given there."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.constants import SPEED_OF_LIGHT
from satqn.earth import SPHERE
from satqn.physics.atmosphere import air_mass, kasten_young
from satqn.physics.generation import attempt_rate, diluted_fidelity
from satqn.physics.line_budget import line_factors
from satqn.physics.optics import FreeSpaceOptics
from satqn.sightline import Sightline

# higher end and lower end (m), ground distance (m), w0, a_R, wavelength, jitter;
# range (km), lowest point (km), eta_atm, eta_diff without and with jitter
LINES = {
    "ground to HAP": (
        (20e3, 0.0, 0.0, 0.05, 0.25, 810e-9, 0.0),
        (20.0, 0.0, 0.968568610, 0.9999263084, 0.9999263084),
    ),
    "HAP to HAP": (
        (20e3, 20e3, 400e3, 0.05, 0.15, 810e-9, 2e-6),
        (401.189789, 16.8512, 0.872189283, 0.01045319488, 0.006540563533),
    ),
    "ground to satellite": (
        (500e3, 890.0, 800e3, 0.15, 0.6, 810e-9, 1e-6),
        (968.776663, 0.890, 0.938387074, 0.2270689789, 0.1041047153),
    ),
    "satellite to satellite": (
        (550e3, 550e3, 3000e3, 0.15, 0.15, 1550e-9, 0.5e-6),
        (3228.960218, 359.0591, 1.0, 3.987794446e-4, 3.650507965e-4),
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_line(name):
    (high, low, ground, waist, radius, wavelength, jitter), expected = LINES[name]
    top = SPHERE.position(0.0, 0.0, high)
    bottom = SPHERE.position(0.0, np.degrees(ground / SPHERE.equatorial_radius), low)
    line = Sightline.between(top, bottom, SPHERE)
    still = line_factors(line, FreeSpaceOptics(wavelength, waist, radius, 0.967))
    shaken = line_factors(line, FreeSpaceOptics(wavelength, waist, radius, 0.967, pointing_jitter=jitter))
    assert float(line.length) / 1e3 == pytest.approx(expected[0], abs=5e-7)
    assert float(line.lowest_point()[1]) / 1e3 == pytest.approx(expected[1], abs=5e-5)
    assert float(still["atmosphere"]) == pytest.approx(expected[2], abs=5e-10)
    assert float(still["diffraction"]) == pytest.approx(expected[3], rel=5e-10)
    assert float(shaken["diffraction"]) == pytest.approx(expected[4], rel=5e-10)


def test_air_mass_at_ten_degrees():
    """From sea level into space: 5.584 by the integral, 5.759 by the secant, 5.586 by Kasten and Young."""
    ten = np.radians(10.0)
    start = SPHERE.position(0.0, 0.0, 0.0)
    line = Sightline.between(start, start + 1e8 * np.array([np.sin(ten), np.cos(ten), 0.0]), SPHERE)
    assert round(float(air_mass(line)), 3) == 5.584
    assert round(float(1.0 / np.sin(ten)), 3) == 5.759
    assert round(float(kasten_young(ten)), 3) == 5.586


def test_round_trips_of_a_multimode_memory():
    assert round(float(attempt_rate(1000, 500e3, 175e-6, SPEED_OF_LIGHT))) == 284_848
    assert round(float(attempt_rate(10, 10_000e3, 0.0, SPEED_OF_LIGHT))) == 150


def test_accidentals_dilute_the_fidelity():
    assert round(float(diluted_fidelity(1000.0, 20.0, 0.98)), 6) == 0.965686
