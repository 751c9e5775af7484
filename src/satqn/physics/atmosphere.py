"""Absorption and scattering in the clear atmosphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]

SECANT_LIMIT = 1.0
"""Zenith angle up to which 1/cos is taken for the air mass, rad. Source: shao2025, eq. 8."""


def beyond_secant(cos_zenith: ArrayLike) -> NDArray[np.bool_]:
    """Return where the zenith angle is above 1 rad, beyond what :func:`slant_transmittance` is made for."""
    return np.asarray(np.asarray(cos_zenith, dtype=float) < np.cos(SECANT_LIMIT))


def slant_transmittance(zenith_transmittance: ArrayLike, cos_zenith: ArrayLike) -> FloatArray:
    """Return the transmittance of the whole atmosphere along a slanted line.

    Parameters
    ----------
    zenith_transmittance
        Transmittance straight up, in (0, 1].
    cos_zenith
        Cosine of the zenith angle at the ground, in (0, 1].

    Notes
    -----
    eta_atm,0 ** (1 / cos(theta)). Source: shao2025, eq. 8. Valid up to a zenith angle of 1 rad: ask
    :func:`beyond_secant` and tell the user. Beyond it the air mass, hence the loss, comes out too
    large: 5.76 for 5.58 at 10 degrees of elevation.
    """
    zenith = in_range("zenith transmittance", zenith_transmittance, 0.0, 1.0, above=True)
    cos = in_range("cosine of the zenith angle", cos_zenith, 0.0, 1.0, above=True)
    return np.asarray(zenith ** (1.0 / cos))
