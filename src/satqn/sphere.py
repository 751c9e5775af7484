"""Geometry on the spherical Earth: unit vectors, great circles and points along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import EARTH_RADIUS

FloatArray = NDArray[np.float64]


def unit_vectors(lat_deg: ArrayLike, lon_deg: ArrayLike) -> FloatArray:
    """Return the unit vectors from the Earth's centre to points on its surface.

    Parameters
    ----------
    lat_deg, lon_deg
        Position, degrees north and east; any shapes that broadcast.

    Returns
    -------
    NDArray[np.float64]
        Shape (..., 3): x towards 0 N 0 E, y towards 0 N 90 E, z towards the North Pole.

    Examples
    --------
    >>> unit_vectors(0.0, 90.0).round(12).tolist()
    [0.0, 1.0, 0.0]
    """
    lat, lon = np.broadcast_arrays(np.radians(lat_deg, dtype=float), np.radians(lon_deg, dtype=float))
    cos_lat = np.cos(lat)
    return np.stack([cos_lat * np.cos(lon), cos_lat * np.sin(lon), np.sin(lat)], axis=-1)


def positions(vectors: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return latitude and longitude of vectors from the Earth's centre, the inverse of :func:`unit_vectors`.

    Parameters
    ----------
    vectors
        Shape (..., 3), of any length but zero.

    Returns
    -------
    lat_deg, lon_deg
        Degrees north in [-90, 90] and east in [-180, 180], shape (...).
    """
    x, y, z = np.moveaxis(np.asarray(vectors, dtype=float), -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def central_angle(u: ArrayLike, v: ArrayLike) -> FloatArray:
    """Return the angle between vectors, in radians, to full precision from 0 to pi.

    Parameters
    ----------
    u, v
        Shape (..., 3), broadcasting; unit length is assumed.

    Notes
    -----
    Source: W. Kahan, "How futile are mindless assessments of roundoff", section 12:
    ``2 atan2(|u - v|, |u + v|)`` loses no digits where ``acos(u.v)`` (near 0 and pi) does.
    """
    a, b = np.asarray(u, dtype=float), np.asarray(v, dtype=float)
    return np.asarray(2.0 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)))


def great_circle(
    lat1_deg: ArrayLike, lon1_deg: ArrayLike, lat2_deg: ArrayLike, lon2_deg: ArrayLike
) -> FloatArray:
    """Return great-circle distances on the sphere of radius ``EARTH_RADIUS``, in m.

    Parameters
    ----------
    lat1_deg, lon1_deg, lat2_deg, lon2_deg
        Positions, degrees north and east; any shapes that broadcast.

    Notes
    -----
    Accurate for points centimetres apart and for antipodes. On the real Earth it is right to 0.5 %.

    Examples
    --------
    New York to Los Angeles (specification of the hybrid network, section 6):

    >>> round(float(great_circle(40.7128, -74.0060, 34.0522, -118.2437)))
    3935746
    """
    return EARTH_RADIUS * central_angle(unit_vectors(lat1_deg, lon1_deg), unit_vectors(lat2_deg, lon2_deg))


def chord(distance: ArrayLike) -> FloatArray:
    """Return the straight chord on the unit sphere that spans a great-circle distance in m.

    It grows with the distance, so neighbours by chord are neighbours by great circle.
    """
    return np.asarray(2.0 * np.sin(np.asarray(distance, dtype=float) / (2.0 * EARTH_RADIUS)))


def along_great_circle(start: ArrayLike, end: ArrayLike, fraction: ArrayLike) -> FloatArray:
    """Return the points that divide great circles at given fractions of their length.

    Parameters
    ----------
    start, end
        Unit vectors, shape (..., 3); not antipodal.
    fraction
        From 0 (start) to 1 (end), shape (...).

    Returns
    -------
    NDArray[np.float64]
        Unit vectors, shape (..., 3).

    Notes
    -----
    Source: K. Shoemake, "Animating rotation with quaternion curves" (1985), spherical interpolation.
    """
    a, b, t = np.asarray(start, dtype=float), np.asarray(end, dtype=float), np.asarray(fraction, dtype=float)
    angle = central_angle(a, b)
    sin_angle = np.sin(angle)
    same = sin_angle == 0.0
    safe = np.where(same, 1.0, sin_angle)
    weight_a = np.where(same, 1.0 - t, np.sin((1.0 - t) * angle) / safe)
    weight_b = np.where(same, t, np.sin(t * angle) / safe)
    return np.asarray(weight_a[..., None] * a + weight_b[..., None] * b)
