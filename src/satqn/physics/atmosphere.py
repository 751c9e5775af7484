"""Absorption and scattering in the clear atmosphere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range, one_of
from satqn.sightline import Sightline

FloatArray = NDArray[np.float64]
AirMass = Literal["integral", "secant", "kasten_young"]

SCALE_HEIGHT = 6600.0
"""Height in which clear-air extinction falls to 1/e, m. Source: Pirandola 2021 (Physical Review Research
3, 023130), alpha(h) = 5e-6/m exp(-h/6600 m) near 800 nm: 0.967 straight up from sea level."""

_LEAST_ANGLE = 1e-6
"""Rounding of elevations, rad."""

_INTO_SPACE = 1e7
"""Length of a line that leaves the air at any elevation, m."""

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


def kasten_young(elevation: ArrayLike) -> FloatArray:
    """Return the relative air mass of the whole atmosphere at an elevation in [0, pi/2] rad.

    Notes
    -----
    1 / [sin h + 0.50572 (h + 6.07995)^-1.6364], h in degrees. Source: F. Kasten and A. T. Young,
    "Revised optical air mass tables and approximation formula", Applied Optics 28, 4735 (1989), eq. 3.
    It is for a refracting atmosphere of the real profile: 38 at the horizon.

    Examples
    --------
    >>> round(float(kasten_young(np.radians(10.0))), 3)
    5.586
    """
    angle = in_range("elevation", elevation, 0.0, np.pi / 2, unit="rad")
    degrees = np.degrees(angle)
    return np.asarray(1.0 / (np.sin(angle) + 0.50572 * (degrees + 6.07995) ** -1.6364))


def air_mass(line: Sightline, scale_height: float = SCALE_HEIGHT) -> FloatArray:
    """Return the air along lines, in units of what is straight above sea level.

    Parameters
    ----------
    line
        Any geometry: up, down, level or grazing, on a sphere or an ellipsoid.
    scale_height
        H, m, > 0.

    Notes
    -----
    The integral of exp(-h(s)/H) ds/H along the straight line (specification of links, section 1). It is
    taken from the lowest point towards either end as far as 40 H above it, by one Gauss-Legendre rule of
    48 points: the exponent grows between linearly (steep) and quadratically (grazing), which that rule
    integrates to about 1e-13.

    Examples
    --------
    >>> from satqn.earth import SPHERE
    >>> line = Sightline.between(SPHERE.position(0, 0, 0.0), SPHERE.position(0, 0, 20e3), SPHERE)
    >>> round(float(air_mass(line)), 9), round(float(1 - np.exp(-20 / 6.6)), 9)
    (0.951699001, 0.951699001)
    """
    height = float(in_range("scale height", scale_height, 0.0, above=True, unit="m"))
    from satqn.kernels.air import line_air

    shape = line.length.shape
    # The kernel is compiled once, for arrays of its own.
    starts = np.require(np.broadcast_to(line.start, (*shape, 3)).reshape(-1, 3), float, ("C", "W"))
    ways = np.require(np.broadcast_to(line.direction, (*shape, 3)).reshape(-1, 3), float, ("C", "W"))
    out = np.empty(line.length.size)
    lengths = np.require(line.length.reshape(-1), float, ("C", "W"))
    line_air(starts, ways, lengths, line.earth.equatorial_radius, line.earth.flattening, height, out)
    return out.reshape(shape)


@dataclass(frozen=True, slots=True)
class AirTable:
    """Transmittance from the ground into space by elevation, as measured or computed for a site.

    Parameters
    ----------
    elevations
        rad, in [0, pi/2], ascending, two or more.
    transmittances
        In (0, 1], not falling.
    """

    elevations: tuple[float, ...]
    transmittances: tuple[float, ...]

    def __post_init__(self) -> None:
        angle = in_range("elevation", self.elevations, 0.0, np.pi / 2, unit="rad")
        share = in_range("transmittance", self.transmittances, 0.0, 1.0, above=True)
        if angle.size < 2 or angle.shape != share.shape:
            raise InputError("a table of air needs two elevations or more, each with its transmittance")
        if np.any(np.diff(angle) <= 0.0) or np.any(np.diff(share) < -1e-9):
            raise InputError("elevations and transmittances of a table of air ascend")

    def depth(self, elevation: ArrayLike) -> FloatArray:
        """Return the optical depth, -ln of the transmittance, into space at elevations, rad.

        Notes
        -----
        Between the rows it is linear in the air mass of Kasten and Young, above the last in proportion to it:
        so an atmosphere of one layer is met exactly.

        Raises
        ------
        InputError
            An elevation below the first of the table.
        """
        angle = in_range("elevation", elevation, -np.pi / 2, np.pi / 2, unit="rad")
        if np.any(angle < self.elevations[0] - _LEAST_ANGLE):
            raise InputError(
                f"an elevation of {np.degrees(np.min(angle)):.4g} degrees",
                why=f"The table of the air begins at {np.degrees(self.elevations[0]):.4g} degrees",
                fix="Begin it lower",
            )
        known = kasten_young(np.array(self.elevations))[::-1]
        depths = -np.log(np.array(self.transmittances))[::-1]
        mass = kasten_young(np.maximum(angle, self.elevations[0]))
        return np.asarray(np.interp(mass, known, depths) * np.minimum(mass / known[0], 1.0))


def table_transmittance(line: Sightline, table: AirTable, scale_height: float = SCALE_HEIGHT) -> FloatArray:
    """Return the transmittance of clear air along lines that have an end on the ground, from a table.

    Parameters
    ----------
    line
        From either end.
    table
        Of the air above the lower ends.
    scale_height
        m; it says which part of the air lies below an upper end that is not in space.

    Examples
    --------
    >>> from satqn.earth import SPHERE
    >>> table = AirTable((np.radians(10.0), np.pi / 2), (0.6, 0.9))
    >>> down = Sightline.between(SPHERE.position(0, 0, 5e5), SPHERE.position(0, 0, 0.0), SPHERE)
    >>> round(float(table_transmittance(down, table)), 9)
    0.9
    """
    bottom, top = line.earth.altitude(line.start), line.earth.altitude(line.at(line.length))
    upward = (bottom <= top)[..., None]
    other = line.reversed()
    start = np.where(upward, line.start, other.start)
    way = np.where(upward, line.direction, other.direction)
    whole = Sightline(start, way, np.full(line.length.shape, _INTO_SPACE), line.earth)
    elevation = np.where(bottom <= top, line.elevation(), other.elevation())
    share = air_mass(line, scale_height) / air_mass(whole, scale_height)
    return np.asarray(np.exp(-table.depth(elevation) * np.minimum(share, 1.0)))


def line_transmittance(
    line: Sightline,
    zenith_transmittance: ArrayLike,
    model: AirMass = "integral",
    scale_height: float = SCALE_HEIGHT,
) -> FloatArray:
    """Return the transmittance of clear air along straight lines.

    Parameters
    ----------
    line
        From either end; above the Earth.
    zenith_transmittance
        Straight up from sea level, in (0, 1].
    model
        ``integral``: :func:`air_mass`. ``secant`` and ``kasten_young``: the air between the altitudes of
        both ends times 1/sin(elevation), or that of Kasten and Young, at the lower end.
    scale_height
        m, > 0.

    Raises
    ------
    InputError
        ``secant`` or ``kasten_young`` for a line that is not above the horizon of its lower end.

    Notes
    -----
    Source: specification of links, section 1. At 10 degrees of elevation from sea level into space the
    air mass is 5.584 by the integral, 5.759 by the secant, 5.586 by Kasten and Young.
    """
    one_of("air mass", model, ("integral", "secant", "kasten_young"))
    zenith = in_range("zenith transmittance", zenith_transmittance, 0.0, 1.0, above=True)
    if model == "integral":
        return np.asarray(zenith ** air_mass(line, scale_height))
    height = float(in_range("scale height", scale_height, 0.0, above=True, unit="m"))
    bottom, top = line.earth.altitude(line.start), line.earth.altitude(line.at(line.length))
    elevation = np.where(bottom <= top, line.elevation(), line.reversed().elevation())
    if np.any(elevation <= 0.0):
        raise InputError(
            f"a line at {np.degrees(np.min(elevation)):.4g} degrees of elevation with the {model} air mass",
            why="It is a law for lines that climb from their lower end",
            fix="Use the integral",
        )
    slant = 1.0 / np.sin(elevation) if model == "secant" else kasten_young(elevation)
    return np.asarray(zenith ** (np.abs(np.exp(-bottom / height) - np.exp(-top / height)) * slant))
