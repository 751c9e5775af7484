"""A satellite above the spherical Earth as a ground station sees it.

Everything follows from the angle, at the Earth's centre, between the station and the point below the
satellite: take it from :func:`ground_angle`, then ask for range, zenith angle or elevation.

Examples
--------
New York and a satellite 10 000 km above the centre of the United States:

>>> angle = ground_angle(40.7128, -74.0060, 36.76971675, -95.82228375)
>>> round(float(slant_range(angle, 1e7)) / 1e3, 4)
10467.3315
>>> round(float(np.degrees(zenith_angle(angle, 1e7))), 7)
27.9156372
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError
from satqn.sphere import central_angle, great_circle, unit_vectors

__all__ = [
    "cos_zenith",
    "elevation",
    "great_circle",
    "ground_angle",
    "slant_range",
    "unit_vectors",
    "zenith_angle",
]

FloatArray = NDArray[np.float64]


def ground_angle(
    lat_deg: ArrayLike, lon_deg: ArrayLike, subpoint_lat_deg: ArrayLike, subpoint_lon_deg: ArrayLike
) -> FloatArray:
    """Return the central angle between places and the point below a satellite, rad, in [0, pi].

    Parameters
    ----------
    lat_deg, lon_deg, subpoint_lat_deg, subpoint_lon_deg
        Degrees north, in [-90, 90], and east, any finite value; they broadcast.

    Raises
    ------
    InputError
        For a latitude or longitude that is no place.
    """
    lat, lon = _place(lat_deg, lon_deg)
    sub_lat, sub_lon = _place(subpoint_lat_deg, subpoint_lon_deg)
    return central_angle(unit_vectors(lat, lon), unit_vectors(sub_lat, sub_lon))


def slant_range(ground_angle: ArrayLike, altitude: ArrayLike) -> FloatArray:
    """Return the straight distance from station to satellite, m.

    Parameters
    ----------
    ground_angle
        Central angle from station to sub-satellite point, rad.
    altitude
        Of the satellite above the sphere, m, > 0; broadcasts.

    Notes
    -----
    z^2 = h^2 + 4 R (R + h) sin^2(angle/2): the law of cosines without its cancellation.
    """
    angle, h = np.asarray(ground_angle, dtype=float), _altitude(altitude)
    chord = 2.0 * np.sqrt(EARTH_RADIUS * (EARTH_RADIUS + h)) * np.sin(angle / 2.0)
    return np.asarray(np.hypot(h, chord))


def elevation(ground_angle: ArrayLike, altitude: ArrayLike) -> FloatArray:
    """Return the elevation of the satellite above the horizon, rad; negative below it.

    Parameters as in :func:`slant_range`.
    """
    angle, h = np.asarray(ground_angle, dtype=float), _altitude(altitude)
    up, along = _components(angle, h)
    return np.asarray(np.arctan2(up, along))


def zenith_angle(ground_angle: ArrayLike, altitude: ArrayLike) -> FloatArray:
    """Return the angle of the satellite from the zenith, rad; above pi/2 it is below the horizon.

    Parameters as in :func:`slant_range`.
    """
    up, along = _components(np.asarray(ground_angle, dtype=float), _altitude(altitude))
    return np.asarray(np.arctan2(along, up))


def cos_zenith(ground_angle: ArrayLike, altitude: ArrayLike) -> FloatArray:
    """Return the cosine of the zenith angle, (h^2 + 2 h R - z^2) / (2 z R); not positive below the horizon.

    Parameters as in :func:`slant_range`. Source: shao2025, eq. 8.
    """
    up, along = _components(np.asarray(ground_angle, dtype=float), _altitude(altitude))
    return np.asarray(np.clip(up / np.hypot(up, along), -1.0, 1.0))  # the quotient may round beyond 1


def _components(angle: FloatArray, h: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the vertical and horizontal part, m, of the line from station to satellite."""
    up = h - 2.0 * (EARTH_RADIUS + h) * np.square(np.sin(angle / 2.0))
    return np.asarray(up), np.asarray((EARTH_RADIUS + h) * np.sin(angle))


def _place(lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
    lat, lon = np.asarray(lat_deg, dtype=float), np.asarray(lon_deg, dtype=float)
    if np.any(off := ~(np.abs(lat) <= 90.0)):
        raise InputError(f"latitude is {lat[off].flat[0]:.10g} degrees", fix="It must lie in [-90, 90]")
    if np.any(lost := ~np.isfinite(lon)):
        raise InputError(f"longitude is {lon[lost].flat[0]} degrees", fix="It must be finite")
    return lat, lon


def _altitude(altitude: ArrayLike) -> FloatArray:
    h = np.asarray(altitude, dtype=float)
    if np.any(wrong := ~(np.isfinite(h) & (h > 0.0))):
        raise InputError(f"altitude is {h[wrong].flat[0]:.10g} m", fix="It must be positive and finite")
    return h
