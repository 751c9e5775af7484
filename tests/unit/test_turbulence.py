"""The 5/7 profile has the numbers it is named after."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from satqn.errors import InputError
from satqn.physics import turbulence


def test_five_centimetres_and_seven_microradians():
    strength = turbulence.turbulence_above()
    assert float(turbulence.fried_parameter(500e-9, np.pi / 2, strength)) == pytest.approx(0.05, rel=0.01)
    moment = sum(
        quad(lambda h: float(turbulence.hufnagel_valley(h)) * h ** (5 / 3), *span, limit=200)[0]
        for span in ((0.0, 1e3), (1e3, 3e4))
    )
    isoplanatic = (2.914 * (2 * np.pi / 500e-9) ** 2 * moment) ** -0.6
    assert isoplanatic == pytest.approx(7e-6, rel=0.02)


@pytest.mark.parametrize("height", [0.0, 50.0, 3000.0, 15e3, 20e3, 49e3])
def test_the_integral_is_that_of_adaptive_quadrature(height):
    edges = [height, *(e for e in (200.0, 1e3, 5e3, 1e4, 2e4) if e > height), 5e4]
    slow = sum(
        quad(lambda h: float(turbulence.hufnagel_valley(h)), low, high, epsabs=0, epsrel=1e-12)[0]
        for low, high in pairwise(edges)
    )
    assert turbulence.turbulence_above(height) == pytest.approx(slow, rel=1e-10)


def test_what_is_left_above_the_turbulent_air():
    """The threshold of an uplink: 0.7 % of the turbulence, r0 of 1.7 m at 810 nm."""
    above = turbulence.turbulence_above(15e3)
    assert above / turbulence.turbulence_above() == pytest.approx(0.0069, abs=1e-4)
    assert float(turbulence.fried_parameter(810e-9, np.pi / 2, above)) == pytest.approx(1.75, abs=0.01)


def test_strehl_ratio_has_both_limits():
    assert float(turbulence.strehl_ratio(1e-3, 1.0)) == pytest.approx(1.0, abs=2e-5)
    assert float(turbulence.strehl_ratio(100.0, 0.05)) == pytest.approx((0.05 / 100) ** 2, rel=1e-4)
    r0 = float(turbulence.fried_parameter(810e-9, np.pi / 2, turbulence.turbulence_above()))
    small, large = turbulence.single_mode_coupling([0.05, 1.0], r0)
    assert 0.3 < small < turbulence.AIRY_MODE_MATCH
    assert large < 0.01  # why stations have adaptive optics


def test_bad_input_is_named():
    with pytest.raises(InputError, match="elevation is 0"):
        turbulence.fried_parameter(810e-9, 0.0, 1e-12)
    with pytest.raises(InputError, match="height is -1"):
        turbulence.hufnagel_valley(-1.0)
