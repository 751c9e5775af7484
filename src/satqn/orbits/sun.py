"""Where the Sun stands: it makes the day, and with it the background of a link."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.earth import WGS84, Earth
from satqn.orbits.frames import DAY, J2000, earth_fixed, julian_date, sidereal_angle

FloatArray = NDArray[np.float64]


def sun_direction(start: datetime, seconds: ArrayLike) -> FloatArray:
    """Return the Earth-fixed unit vectors towards the Sun, shape (..., 3).

    Parameters
    ----------
    start
        With a time zone.
    seconds
        After ``start``, shape (...).

    Notes
    -----
    To 0.01 degrees between 1950 and 2050. Source: The Astronomical Almanac, section C, "Low-precision
    formulas for the Sun's coordinates".
    """
    day, fraction = julian_date(start)
    rest = fraction + np.asarray(seconds, dtype=float) / DAY
    n = (day - J2000) + rest
    anomaly = np.radians(357.528 + 0.9856003 * n)
    longitude = np.radians(280.460 + 0.9856474 * n + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * n)
    inertial = np.stack(
        [np.cos(longitude), np.cos(obliquity) * np.sin(longitude), np.sin(obliquity) * np.sin(longitude)],
        axis=-1,
    )
    return earth_fixed(inertial, sidereal_angle(day, rest))


def sun_elevation(
    position: ArrayLike, start: datetime, seconds: ArrayLike, earth: Earth = WGS84
) -> FloatArray:
    """Return the elevation of the Sun's centre, rad, without refraction.

    Parameters
    ----------
    position
        Earth-fixed, m, shape (..., 3); broadcasts against the shape of ``seconds``.
    start, seconds
        As in :func:`sun_direction`.
    earth
        Figure of the Earth.
    """
    cosine = np.sum(earth.up(position) * sun_direction(start, seconds), axis=-1)
    return np.asarray(np.arcsin(np.clip(cosine, -1.0, 1.0)))
