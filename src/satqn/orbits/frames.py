"""Time scales and frames: UTC to Julian date, sidereal time, TEME to Earth-fixed.

UT1 is taken to be UTC (they differ by at most 0.9 s, 0.4 km at the equator) and polar motion is ignored
(at most 20 m): both are below what SGP4 knows of a satellite. Times are Julian dates in two parts, the
noon or midnight before and the rest of the day, so that they keep a nanosecond.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError

FloatArray = NDArray[np.float64]

DAY = 86_400.0
"""Seconds in a day."""

SIDEREAL_RATE = 2.0 * math.pi * 1.002737909350795 / DAY
"""Rate of the sidereal angle, rad/s. Source: S. Aoki et al. (1982), as :func:`sidereal_angle`."""

J2000 = 2_451_545.0
"""Julian date of 1 January 2000, noon."""

_ORIGIN = datetime(2000, 1, 1, 12, tzinfo=UTC)


def julian_date(moment: datetime) -> tuple[float, float]:
    """Return the Julian date (UTC) of a moment as a whole number of half days and a fraction in [0, 1).

    Raises
    ------
    InputError
        For a moment without a time zone.

    Examples
    --------
    >>> julian_date(datetime(2000, 1, 1, 18, tzinfo=UTC))
    (2451545.0, 0.25)
    """
    if moment.tzinfo is None:
        raise InputError(
            f"the time {moment.isoformat()} has no time zone", fix="Write it in UTC, with a Z at its end"
        )
    since = moment - _ORIGIN
    return J2000 + since.days, (since.seconds + since.microseconds * 1e-6) / DAY


def moment_of(julian_day: float, fraction: float) -> datetime:
    """Return the moment (UTC) of a Julian date in two parts, to the microsecond."""
    return _ORIGIN + timedelta(days=julian_day - J2000) + timedelta(seconds=fraction * DAY)


def sidereal_angle(julian_day: ArrayLike, fraction: ArrayLike) -> FloatArray:
    """Return Greenwich mean sidereal time, rad, in [0, 2 pi).

    Parameters
    ----------
    julian_day, fraction
        Julian date UT1 in two parts; they broadcast.

    Notes
    -----
    The polynomial of 1982 in UT1, as SGP4's frame wants it. Source: S. Aoki et al., Astronomy and
    Astrophysics 105, 359 (1982); D. Vallado, "Fundamentals of Astrodynamics and Applications", eq. 3-47.
    """
    whole, rest = np.asarray(julian_day, dtype=float), np.asarray(fraction, dtype=float)
    centuries = ((whole - J2000) + rest) / 36_525.0
    drift = (8_640_184.812866 + (0.093104 - 6.2e-6 * centuries) * centuries) * centuries
    # One turn a day is taken from the two parts apart: the product with 876 600 h would lose digits.
    turns = (whole - J2000) % 1.0 + rest + (67_310.54841 + drift) / DAY
    return np.asarray(2.0 * math.pi * (turns % 1.0))


def earth_fixed(teme: ArrayLike, angle: ArrayLike) -> FloatArray:
    """Return positions in TEME turned into the Earth-fixed frame.

    Parameters
    ----------
    teme
        Shape (..., 3), any unit.
    angle
        Sidereal angle, rad, shape (...).

    Notes
    -----
    A rotation about the pole by the sidereal angle. Source: D. Vallado et al., "Revisiting Spacetrack
    Report #3", AIAA 2006-6753, appendix C.
    """
    x, y, z = np.moveaxis(np.asarray(teme, dtype=float), -1, 0)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(np.broadcast_arrays(cos * x + sin * y, cos * y - sin * x, z), axis=-1)
