"""The beam, the atmosphere and the loss budget of a downlink."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.model.hardware import SatelliteHardware
from satqn.physics import freespace
from satqn.physics.atmosphere import beyond_secant, slant_transmittance

HW = SatelliteHardware()
BEAM = (HW.beam_waist, HW.wavelength, HW.receiver_radius)


def test_beam_doubles_its_area_at_the_rayleigh_range():
    reach = float(freespace.rayleigh_range(0.15, 810e-9))
    assert float(freespace.beam_radius(0.0, 0.15, 810e-9)) == 0.15
    assert float(freespace.beam_radius(reach, 0.15, 810e-9)) == pytest.approx(0.15 * np.sqrt(2), rel=1e-14)


def test_exact_diffraction_is_the_integral_of_the_beam():
    """Midpoint rule over the intensity 2/(pi w^2) exp(-2 r^2/w^2) within the aperture."""
    w, a = float(freespace.beam_radius(1e6, *BEAM[:2])), HW.receiver_radius
    r = (np.arange(200_000) + 0.5) * a / 200_000
    collected = np.sum(2 * np.pi * r * 2 / (np.pi * w**2) * np.exp(-2 * r**2 / w**2)) * a / 200_000
    assert float(freespace.diffraction(1e6, *BEAM)) == pytest.approx(collected, rel=1e-9)


def test_far_field_is_the_limit_of_the_exact_part_and_above_it():
    z = np.array([1e6, 1e7, 1e8, 1e9])
    exact, far = freespace.diffraction(z, *BEAM), freespace.diffraction(z, *BEAM, "far_field")
    assert np.all(far > exact)
    np.testing.assert_allclose(far[-1] / exact[-1], 1.0, rtol=1e-6)


def test_far_field_refuses_to_collect_more_than_everything():
    """Up to sqrt(2) pi a w0/lambda = 411.4 km with this beam."""
    limit = np.sqrt(2) * np.pi * HW.receiver_radius * HW.beam_waist / HW.wavelength
    assert float(freespace.diffraction(1.000001 * limit, *BEAM, "far_field")) == pytest.approx(1.0, abs=1e-5)
    for z in (0.999999 * limit, 0.0):
        with pytest.raises(InputError, match="exact"):
            freespace.diffraction([1e7, z], *BEAM, "far_field")


@pytest.mark.parametrize("model", ["exact", "far_field"])
def test_budget_sums_to_the_transmittance(model):
    slant, cos = np.array([1e7, 1.05e7, 1.2e7]), np.array([1.0, 0.88, 0.6])
    budget = freespace.loss_budget(slant, cos, HW, model)
    assert list(budget) == ["diffraction", "atmosphere", *(name for name, _ in HW.efficiencies)]
    total = sum(budget.values())
    eta = freespace.downlink(slant, cos, HW, model)
    np.testing.assert_allclose(total, -10 * np.log10(eta), rtol=0, atol=1e-12)
    assert all(np.all(item >= 0) and item.shape == (3,) for item in budget.values())


def test_budget_names_what_the_hardware_names():
    hw = replace(HW, efficiencies=(("mirror", 0.5),), zenith_transmittance=1.0)
    budget = freespace.loss_budget(1e7, 0.9, hw)
    assert list(budget) == ["diffraction", "atmosphere", "mirror"]
    assert float(budget["atmosphere"]) == 0.0
    assert float(budget["mirror"]) == pytest.approx(3.0103, abs=1e-4)


def test_hardware_without_efficiencies_loses_only_on_the_way():
    hw = replace(HW, efficiencies=())
    eta = freespace.downlink(1e7, 1.0, hw)
    assert float(eta) == pytest.approx(float(freespace.diffraction(1e7, *BEAM)) * 0.967, rel=1e-14)


def test_pair_rate_is_the_product():
    assert float(freespace.pair_rate(1e-3, 2e-4, HW)) == pytest.approx(12.0, rel=1e-14)


def test_atmosphere_is_thicker_at_a_slant():
    assert float(slant_transmittance(0.967, 1.0)) == 0.967
    assert float(slant_transmittance(0.967, 0.5)) == pytest.approx(0.967**2, rel=1e-14)
    assert beyond_secant(np.cos([0.0, 0.999, 1.001, 1.5])).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: freespace.downlink(-1.0, 1.0, HW), "-1 m"),
        (lambda: freespace.downlink(float("nan"), 1.0, HW), "nan"),
        (lambda: freespace.downlink(1e7, 0.0, HW), "is 0."),
        (lambda: freespace.downlink(1e7, -0.2, HW), "-0.2"),
        (lambda: freespace.downlink(1e7, 1.1, HW), "1.1"),
        (lambda: freespace.downlink(1e7, 1.0, HW, "geometric"), "'geometric'"),
        (lambda: freespace.downlink(1e7, 1.0, replace(HW, beam_waist=0.0)), "is 0 m"),
        (lambda: freespace.downlink(1e7, 1.0, replace(HW, fidelity=0.2)), "0.2"),
        (lambda: freespace.downlink(1e7, 1.0, replace(HW, efficiencies=(("lens", 1.2),))), "lens is 1.2"),
        (lambda: freespace.pair_rate(1.2, 0.1, HW), "1.2"),
        (lambda: slant_transmittance(0.0, 1.0), "is 0."),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
