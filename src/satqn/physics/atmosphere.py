"""Absorption and scattering in the clear atmosphere."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]

SECANT_LIMIT = 1.0
"""Zenith angle up to which 1/cos is taken for the air mass, rad. Source: shao2025, eq. 8."""


class SlantWarning(UserWarning):
    """A zenith angle beyond :data:`SECANT_LIMIT`."""


def beyond_secant(cos_zenith: ArrayLike) -> NDArray[np.bool_]:
    """Return where the zenith angle is above 1 rad, so that the law of the secant is not to be trusted."""
    return np.asarray(np.asarray(cos_zenith, dtype=float) < np.cos(SECANT_LIMIT))


def slant_transmittance(zenith_transmittance: ArrayLike, cos_zenith: ArrayLike) -> FloatArray:
    """Return the transmittance of the whole atmosphere along a slanted line.

    Parameters
    ----------
    zenith_transmittance
        Transmittance straight up, in (0, 1].
    cos_zenith
        Cosine of the zenith angle at the ground, in (0, 1].

    Warns
    -----
    SlantWarning
        Beyond a zenith angle of 1 rad: the secant makes the air mass, hence the loss, too large
        there (5.76 against 5.58 at 10 degrees of elevation).

    Notes
    -----
    eta_atm,0 ** (1 / cos(theta)). Source: shao2025, eq. 8. Valid up to 1 rad.
    """
    zenith = in_range("zenith transmittance", zenith_transmittance, 0.0, 1.0, above=True)
    cos = in_range("cosine of the zenith angle", cos_zenith, 0.0, 1.0, above=True)
    steep = beyond_secant(cos)
    if np.any(steep):
        worst = float(np.degrees(np.arccos(cos.min())))
        warnings.warn(
            f"zenith angle {worst:.1f} deg is beyond {np.degrees(SECANT_LIMIT):.1f} deg (1 rad): "
            "1/cos overstates the loss of the atmosphere there",
            SlantWarning,
            stacklevel=2,
        )
    return np.asarray(zenith ** (1.0 / cos))
