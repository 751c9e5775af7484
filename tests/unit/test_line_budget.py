"""The budget of any line: air, jitter, apertures, and the uplink that needs its wander."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from tests.oracles import sightline as oracle

from satqn.earth import SPHERE, WGS84
from satqn.errors import InputError
from satqn.model.hardware import SatelliteHardware
from satqn.physics import freespace
from satqn.physics.aperture import Truncation, collected, passed
from satqn.physics.atmosphere import SCALE_HEIGHT, air_mass, line_transmittance
from satqn.physics.line_budget import blocked, line_factors, line_transmission
from satqn.physics.optics import FreeSpaceOptics
from satqn.sightline import Sightline

RNG = np.random.default_rng(43)
OPTICS = FreeSpaceOptics(810e-9, 0.15, 0.5, 0.967)


def up_from(height, elevation, length, earth=SPHERE):
    start = earth.position(0.0, 0.0, height)
    direction = np.array([np.sin(elevation), np.cos(elevation), 0.0])
    return Sightline.between(start, start + length * direction, earth)


def test_air_is_the_integral_in_every_geometry():
    worst = 0.0
    for _ in range(150):
        height, length = RNG.uniform(0, 3e4), 10 ** RNG.uniform(3.0, 7.5)
        elevation = np.radians(RNG.choice([-4.0, -1.0, -0.1, 0.0, 0.1, 1.0, 5.0, 20.0, 60.0, 90.0]))
        line = up_from(height, elevation, length)
        if float(line.lowest_point()[1]) < -1e3:
            continue
        slow = oracle.air_mass_on_sphere(height, elevation, length, SPHERE.equatorial_radius, SCALE_HEIGHT)
        worst = max(worst, abs(float(air_mass(line)) / slow - 1.0))
    assert worst < 1e-11


def test_air_on_the_ellipsoid_is_that_of_many_small_steps():
    high = WGS84.position(60.0, 10.0, 20e3)
    line = Sightline.between(high, WGS84.position(57.0, 10.0, 22e3), WGS84)
    along = (np.arange(200_000) + 0.5) / 200_000 * float(line.length)
    many = Sightline(line.start, line.direction, along, WGS84)
    slow = np.mean(np.exp(-WGS84.altitude(many.at(along)) / SCALE_HEIGHT)) * float(line.length) / SCALE_HEIGHT
    assert float(air_mass(line)) == pytest.approx(slow, rel=1e-9)


@pytest.mark.parametrize("model", ["secant", "kasten_young"])
def test_laws_of_the_air_mass_agree_with_the_integral_near_the_zenith(model):
    line = up_from(500.0, np.radians(50.0), 1e7)
    assert float(line_transmittance(line, 0.9, model)) == pytest.approx(
        float(line_transmittance(line, 0.9)), rel=3e-4
    )
    np.testing.assert_allclose(
        line_transmittance(line.reversed(), 0.9, model), line_transmittance(line, 0.9, model), rtol=1e-12
    )
    with pytest.raises(InputError, match="integral"):
        line_transmittance(up_from(20e3, -0.02, 2e5), 0.9, model)


def test_secant_from_sea_level_is_the_published_law():
    hw = SatelliteHardware()
    line = up_from(0.0, np.radians(40.0), 1.2e7).reversed()
    optics = FreeSpaceOptics(
        hw.wavelength, hw.beam_waist, hw.receiver_radius, hw.zenith_transmittance,
        air_mass="secant", efficiencies=hw.efficiencies,
    )  # fmt: skip
    published = freespace.downlink(1.2e7, np.sin(np.radians(40.0)), hw)
    assert float(line_transmission(line, optics)) == pytest.approx(float(published), rel=1e-12)


def test_jitter_is_the_mean_over_pointing_errors():
    """Mean over a Gaussian error of what the aperture collects of the displaced spot."""
    z, sigma, a = 968_776.663, 1e-6, 0.6
    w = float(freespace.beam_radius(z, 0.15, 810e-9))
    error = RNG.normal(scale=sigma * z, size=(4000, 2))
    r = np.sqrt((np.arange(60) + 0.5) / 60) * a  # equal areas
    phi = (np.arange(24) + 0.5) / 24 * 2 * np.pi
    x, y = np.outer(r, np.cos(phi)).ravel(), np.outer(r, np.sin(phi)).ravel()
    square = (x - error[:, :1]) ** 2 + (y - error[:, 1:]) ** 2
    collected = np.mean(np.exp(-2 * square / w**2), axis=1) * np.pi * a**2 * 2 / (np.pi * w**2)
    model = float(freespace.diffraction(z, 0.15, 810e-9, a, pointing_jitter=sigma))
    assert model == pytest.approx(collected.mean(), abs=4 * collected.std() / np.sqrt(4000))
    assert model == pytest.approx(0.1041047153, rel=1e-9)


def test_obscured_receiver_collects_the_annulus():
    w = float(freespace.beam_radius(1e6, 0.15, 810e-9))
    annulus, _ = quad(lambda r: 4 * r / w**2 * np.exp(-2 * r**2 / w**2), 0.2, 0.5)
    assert float(freespace.diffraction(1e6, 0.15, 810e-9, 0.5, obscuration_radius=0.2)) == pytest.approx(
        annulus, rel=1e-12
    )


@pytest.mark.parametrize(("radius", "hole"), [(0.15, 0.0), (0.1, 0.0), (0.15, 0.05), (1.0, 0.0)])
def test_a_truncated_beam_is_two_items(radius, hole):
    """What passes the telescope, and what of that is received; their product is proven in test_aperture."""
    optics = replace(
        OPTICS, beam_waist=0.1, transmitter_radius=radius, transmitter_obscuration=hole,
        pointing_jitter=1e-6, beam_wander=5e-6, receiver_obscuration=0.1,
    )  # fmt: skip
    line = Sightline.between(
        np.array([SPHERE.position(0, 0, 5e5), SPHERE.position(0, 0, 0.0)]),
        np.array([SPHERE.position(0, 2, 0.0), SPHERE.position(0, 2, 5e5)]), SPHERE,
    )  # fmt: skip
    factors = line_factors(line, optics)
    assert factors["transmitter_aperture"] == pytest.approx(passed(0.1, radius, hole), rel=1e-12)
    for i, jitter in enumerate((1e-6, np.hypot(1e-6, 5e-6))):  # the second line climbs: its beam wanders
        beam = Truncation(810e-9, 0.1, radius, hole, 0.5, 0.1, jitter)
        both = factors["transmitter_aperture"][i] * factors["diffraction"][i]
        assert both == pytest.approx(float(collected(line.length[i], beam)), rel=1e-12)


def test_a_telescope_wider_than_the_beam_changes_nothing():
    line = up_from(0.0, 1.0, 1e6).reversed()
    wide = line_transmission(line, replace(OPTICS, transmitter_radius=2.0))
    assert float(wide) == pytest.approx(float(line_transmission(line, OPTICS)), rel=1e-14)


def test_items_appear_only_when_asked_for():
    line = up_from(0.0, 1.0, 1e6).reversed()
    assert list(line_factors(line, OPTICS)) == ["diffraction", "atmosphere"]
    full = replace(OPTICS, transmitter_radius=0.2, efficiencies=(("detector", 0.5),))
    factors = line_factors(line, full)
    assert list(factors) == ["transmitter_aperture", "diffraction", "atmosphere", "detector"]
    assert float(line_transmission(line, full)) == pytest.approx(
        np.prod([float(f) for f in factors.values()])
    )


def test_an_uplink_without_wander_is_an_error_and_with_it_weaker():
    rising = up_from(0.0, np.radians(60.0), 6e5)
    with pytest.raises(InputError, match="wander"):
        line_factors(rising, OPTICS)
    up = line_transmission(rising, replace(OPTICS, beam_wander=5e-6))
    down = line_transmission(rising.reversed(), replace(OPTICS, beam_wander=5e-6))
    assert float(up) < 0.5 * float(down)
    assert float(line_transmission(rising, replace(OPTICS, beam_wander=0.0))) == pytest.approx(float(down))


@pytest.mark.parametrize(("height", "elevation"), [(20e3, 0.5), (500e3, 0.5), (10.0, 0.01)])
def test_a_beam_above_the_turbulence_or_level_is_no_uplink(height, elevation):
    assert float(line_transmission(up_from(height, elevation, 5e4), OPTICS)) > 0.0


def test_light_does_not_pass_through_the_earth():
    through = Sightline.between(SPHERE.position(0, 0, 5e5), SPHERE.position(0, 120, 5e5), SPHERE)
    assert bool(blocked(through))
    with pytest.raises(InputError, match="below the surface"):
        line_factors(through, OPTICS)
    below_sea_level = up_from(-430.0, 1.0, 1e6).reversed()
    assert not bool(blocked(below_sea_level))


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"wavelength": 0.0}, "wavelength is 0"),
        ({"beam_waist": -1.0}, "beam_waist is -1"),
        ({"zenith_transmittance": 1.2}, "1.2"),
        ({"pointing_jitter": float("nan")}, "pointing_jitter is nan"),
        ({"receiver_obscuration": 0.6}, "0.6"),
        ({"transmitter_obscuration": 0.1}, "without a radius"),
        ({"transmitter_radius": 0.2, "transmitter_obscuration": 0.2}, "shadows nearly all"),
        ({"transmitter_radius": 0.2, "transmitter_obscuration": 0.3}, "transmitter obscuration is 0.3"),
        ({"air_mass": "flat"}, "'flat'"),
        ({"efficiencies": (("detector", 0.0),)}, "detector is 0"),
        ({"beam_wander": -1e-6}, "beam_wander"),
    ],
)
def test_bad_optics_are_named(change, seen):
    with pytest.raises(InputError, match=seen):
        replace(OPTICS, **change)
