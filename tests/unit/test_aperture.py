"""Truncated beams against the field integrated point by point, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import j0, j1
from tests.oracles import aperture as oracle

from satqn.errors import InputError
from satqn.physics.aperture import WHOLE_BEAM, Truncation, collected, passed
from satqn.physics.freespace import diffraction

NM810 = 810e-9

CASES = {  # waist, outer, inner, receiver, shadow, distance
    "500 km, clipped at the waist": (0.15, 0.15, 0.0, 0.6, 0.0, 5e5),
    "500 km, both shadowed": (0.15, 0.15, 0.05, 0.6, 0.2, 5e5),
    "nearly a flat top": (3.0, 0.15, 0.0, 0.5, 0.0, 7e5),
    "receiver as wide as the rings": (0.1, 0.1, 0.0, 5.0, 1.0, 1e6),
    "HAP, near field": (0.15, 0.2, 0.03, 0.5, 0.1, 2e4),
    "1.5 km": (0.08, 0.1, 0.02, 0.09, 0.03, 1.5e3),
    "far beyond": (0.15, 0.15, 0.1, 0.5, 0.0, 4e7),
    "most of the beam shadowed": (0.05, 0.15, 0.08, 1.0, 0.0, 5e5),
    "hardly clipped": (0.05, 0.15, 0.0, 1.0, 0.0, 5e5),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_collected_is_the_power_of_the_field(name):
    waist, outer, inner, receiver, shadow, z = CASES[name]
    slow = oracle.collected(
        z, wavelength=NM810, waist=waist, outer=outer, inner=inner, receiver=receiver, shadow=shadow,
        points=1200,
    )  # fmt: skip
    found = collected(z, Truncation(NM810, waist, outer, inner, receiver, shadow, 0.0))
    assert float(found) == pytest.approx(slow, rel=1e-9)


@pytest.mark.parametrize(
    ("waist", "outer", "inner", "receiver", "shadow", "z", "jitter", "reach"),
    [
        (0.15, 0.15, 0.0, 0.6, 0.0, 9.7e5, 1e-6, 10.0),
        (0.15, 0.15, 0.06, 0.6, 0.2, 5e5, 2e-6, 12.0),
        (0.05, 0.05, 0.0, 0.25, 0.0, 2e4, 5e-6, 1.2),
        (0.1, 0.12, 0.03, 0.3, 0.1, 2e6, 2e-5, 260.0),
    ],
)
def test_jitter_is_the_mean_over_pointing_errors(waist, outer, inner, receiver, shadow, z, jitter, reach):
    """The rings beyond ``reach`` are hit by nothing but errors of more than five sigma."""
    slow = oracle.collected(
        z, wavelength=NM810, waist=waist, outer=outer, inner=inner, receiver=receiver, shadow=shadow,
        jitter=jitter, reach=reach, points=1600,
    )  # fmt: skip
    found = collected(z, Truncation(NM810, waist, outer, inner, receiver, shadow, jitter))
    assert float(found) == pytest.approx(slow, rel=2e-7)


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0.02, 0.4), st.floats(-0.6, 0.7), st.floats(0.0, 0.6), st.floats(0.05, 1.5),
    st.floats(0.0, 0.5), st.floats(4.0, 7.5),
)  # fmt: skip
def test_any_telescopes_at_any_distance(outer, widths, hole, receiver, dark, height):
    """Proven beside the field; the table gives what the integral gives."""
    waist, z = outer * 10**-widths, 10.0**height
    beam = Truncation(NM810, waist, outer, hole * outer, receiver, dark * receiver, 0.0)
    if z < beam.nearest:
        return
    try:
        share = passed(waist, outer, beam.obscuration)
    except InputError:
        return
    k = 2.0 * np.pi / NM810
    points = 80 + int(k * outer * (outer + 2.0 * receiver) / z)
    slow = oracle.collected(
        z, wavelength=NM810, waist=waist, outer=outer, inner=beam.obscuration, receiver=receiver,
        shadow=beam.receiver_obscuration, points=min(points, 2500),
    )  # fmt: skip
    found = float(collected(z, beam))
    assert found == pytest.approx(slow, rel=1e-8, abs=1e-13)
    assert 0.0 <= found <= share * (1.0 + 1e-12)


@pytest.mark.parametrize("jitter", [0.0, 1e-6])
@pytest.mark.parametrize("shadow", [0.0, 0.2])
def test_a_wide_telescope_gives_the_gaussian_beam(jitter, shadow):
    z = np.array([2e4, 5e5, 968_776.663, 1e7])
    whole = diffraction(z, 0.15, NM810, 0.6, pointing_jitter=jitter, obscuration_radius=shadow)
    for radius in (0.999 * WHOLE_BEAM * 0.15, WHOLE_BEAM * 0.15, 5.0):
        found = collected(z, Truncation(NM810, 0.15, radius, 0.0, 0.6, shadow, jitter))
        np.testing.assert_allclose(found, whole, rtol=1e-11)


@pytest.mark.parametrize(("ring", "share"), [(3.8317, 0.8378), (7.0156, 0.9099), (10.1735, 0.9376)])
def test_a_flat_top_has_the_rings_of_airy(ring, share):
    """Encircled energy within the dark rings: Rayleigh 1881; Born and Wolf, table 8.2. 1 - J0^2 - J1^2."""
    outer, z = 0.05, 1e9
    receiver = ring * z * NM810 / (2.0 * np.pi * outer)
    waist = 1e3 * outer
    found = float(collected(z, Truncation(NM810, waist, outer, 0.0, receiver, 0.0, 0.0)))
    within = found / passed(waist, outer)
    assert within == pytest.approx(1.0 - j0(ring) ** 2 - j1(ring) ** 2, rel=1e-5)  # e^-1e-6 over the top
    assert within == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(("radius", "hole"), [(0.15, 0.0), (0.1, 0.0), (0.15, 0.05), (0.5, 0.0)])
def test_far_away_the_gain_is_that_of_klein_and_degnan(radius, hole):
    """A small receiver on the axis: [exp(-b^2/w0^2) - exp(-a^2/w0^2)]^2 of the whole beam."""
    w0, z = 0.1, 1e9
    gain = (np.exp(-((hole / w0) ** 2)) - np.exp(-((radius / w0) ** 2))) ** 2
    whole = float(diffraction(z, w0, NM810, 0.5))
    found = float(collected(z, Truncation(NM810, w0, radius, hole, 0.5, 0.0, 0.0)))
    assert found / whole == pytest.approx(gain, rel=1e-6)


def test_the_old_factor_was_far_too_small_near_by():
    """At 500 km the clipped beam into 0.6 m is a quarter more than the factor of the axis says."""
    factor = (1.0 - np.exp(-1.0)) ** 2 * float(diffraction(5e5, 0.15, NM810, 0.6))
    found = float(collected(5e5, Truncation(NM810, 0.15, 0.15, 0.0, 0.6, 0.0, 0.0)))
    assert 1.2 < found / factor < 1.35


def test_what_passes_is_the_power_of_the_annulus():
    power, _ = quad(lambda r: 4 * r / 0.1**2 * np.exp(-2 * (r / 0.1) ** 2), 0.03, 0.15)
    assert passed(0.1, 0.15, 0.03) == pytest.approx(power, rel=1e-12)


def test_a_value_does_not_depend_on_its_neighbours():
    beam = Truncation(NM810, 0.15, 0.2, 0.03, 0.5, 0.1, 1e-6)
    many = np.geomspace(1e5, 4e7, 400)
    together = collected(many, beam)
    assert [float(collected(z, beam)) for z in many[::37]] == together[::37].tolist()
    np.testing.assert_array_equal(collected(many.reshape(20, 20), beam), together.reshape(20, 20))


def test_the_shadow_of_the_telescope_is_refused():
    beam = Truncation(NM810, 0.15, 0.15, 0.0, 0.6, 0.0, 0.0)
    with pytest.raises(InputError, match="truncating telescope"):
        collected([5e5, 100.0], beam)
    with pytest.raises(InputError, match="nearly all"):
        passed(0.05, 0.15, 0.14)
