"""Turbulence: how well a telescope on the ground couples starlight-like beams into a single-mode fibre.

Without adaptive optics. A station that has it states its coupling as a number with a source (0.7 in
shao2025) among the efficiencies of :class:`satqn.physics.optics.FreeSpaceOptics` instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]

WIND = 21.0
"""Root mean square wind of the high troposphere in the 5/7 profile, m/s."""

GROUND_STRENGTH = 1.7e-14
"""C_n^2 at the ground in the 5/7 profile, m^(-2/3)."""

AIRY_MODE_MATCH = 0.8145
"""Largest overlap of the Airy pattern of a clear, unaberrated telescope with the mode of a fibre.
Source: S. Shaklan and F. Roddier, Applied Optics 27, 2334 (1988)."""

_TOP = 50_000.0
"""Height up to which the profile is integrated, m: 1e-12 of it is above."""

_PANELS = np.array([0.0, 100.0, 300.0, 1e3, 3e3, 6e3, 1e4, 1.5e4, 2e4, 3e4, _TOP])
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def hufnagel_valley(
    height: ArrayLike, wind: float = WIND, ground_strength: float = GROUND_STRENGTH
) -> FloatArray:
    """Return the structure constant C_n^2 of the refractive index, m^(-2/3), at heights above the ground.

    Parameters
    ----------
    height
        m, >= 0, above the station (the model is for a station near sea level).
    wind
        m/s.
    ground_strength
        A, m^(-2/3).

    Notes
    -----
    0.00594 (v/27)^2 (1e-5 h)^10 exp(-h/1000) + 2.7e-16 exp(-h/1500) + A exp(-h/100). The defaults give
    r0 = 5 cm and an isoplanatic angle of 7 microradians at 500 nm, hence 5/7. Source: R. R. Beland,
    "Propagation through atmospheric optical turbulence" (IR/EO Systems Handbook, volume 2, 1993).
    """
    h = in_range("height", height, 0.0, unit="m")
    tropopause = 0.00594 * (wind / 27.0) ** 2 * (1e-5 * h) ** 10 * np.exp(-h / 1000.0)
    return np.asarray(tropopause + 2.7e-16 * np.exp(-h / 1500.0) + ground_strength * np.exp(-h / 100.0))


def turbulence_above(
    height: float = 0.0, wind: float = WIND, ground_strength: float = GROUND_STRENGTH
) -> float:
    """Return the integral of C_n^2 from a height upwards, m^(1/3), of the Hufnagel-Valley profile."""
    base = float(in_range("height", height, 0.0, unit="m"))
    edges = np.concatenate([[base], _PANELS[base < _PANELS]])
    half, middle = np.diff(edges) / 2.0, (edges[1:] + edges[:-1]) / 2.0
    heights = middle[:, None] + half[:, None] * _NODES
    strengths = hufnagel_valley(heights, wind, ground_strength)
    return float(np.sum(half * np.sum(_WEIGHTS * strengths, axis=1)))


def fried_parameter(
    wavelength: ArrayLike, elevation: ArrayLike, integrated_strength: ArrayLike
) -> FloatArray:
    """Return Fried's coherence diameter r0, m, of a plane wave that comes down through the air.

    Parameters
    ----------
    wavelength
        m.
    elevation
        Of the line at the ground, in (0, pi/2] rad.
    integrated_strength
        Integral of C_n^2 over the height, m^(1/3): see :func:`turbulence_above`.

    Notes
    -----
    [0.423 k^2 sec(theta) integral C_n^2 dh]^(-3/5). Source: D. L. Fried, J. Opt. Soc. Am. 56, 1372 (1966);
    specification of links, section 1. For a source within or near the turbulent air (a HAP) the wave is
    spherical and r0 larger: this is on the safe side. Weak turbulence: elevations above 20 degrees or so.

    Examples
    --------
    >>> round(float(fried_parameter(500e-9, np.pi / 2, turbulence_above())), 4)
    0.0496
    """
    k = 2.0 * np.pi / in_range("wavelength", wavelength, 0.0, above=True, unit="m")
    slant = np.sin(in_range("elevation", elevation, 0.0, np.pi / 2, above=True, unit="rad"))
    strength = in_range("integrated strength", integrated_strength, 0.0, above=True, unit="m^(1/3)")
    return np.asarray((0.423 * k * k * strength / slant) ** -0.6)


def strehl_ratio(aperture_diameter: ArrayLike, fried: ArrayLike) -> FloatArray:
    """Return the long-exposure Strehl ratio of a telescope behind turbulence, without adaptive optics.

    Parameters
    ----------
    aperture_diameter, fried
        D and r0, m.

    Notes
    -----
    [1 + (D/r0)^(5/3)]^(-6/5), tilt included: right for D << r0 and, (r0/D)^2, for D >> r0. Source:
    L. C. Andrews and R. L. Phillips, "Laser Beam Propagation through Random Media", 2nd edition (2005),
    section 14.
    """
    d = in_range("aperture diameter", aperture_diameter, 0.0, above=True, unit="m")
    r0 = in_range("r0", fried, 0.0, above=True, unit="m")
    return np.asarray((1.0 + (d / r0) ** (5.0 / 3.0)) ** -1.2)


def single_mode_coupling(
    aperture_diameter: ArrayLike, fried: ArrayLike, mode_match: ArrayLike = AIRY_MODE_MATCH
) -> FloatArray:
    """Return the mean share of the collected light that enters a single-mode fibre.

    Parameters
    ----------
    aperture_diameter, fried
        D and r0, m.
    mode_match
        What a telescope without turbulence couples, in (0, 1].

    Notes
    -----
    The mode match times the Strehl ratio: the stated approximation of the specification of links,
    section 1. Scintillation is ignored.
    """
    match = in_range("mode match", mode_match, 0.0, 1.0, above=True)
    return np.asarray(match * strehl_ratio(aperture_diameter, fried))
