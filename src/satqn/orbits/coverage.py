"""How much of its time one satellite is seen by all of some ground stations, in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError

FloatArray = NDArray[np.float64]

_POINTS = 100_000
"""Midpoints of the argument of latitude: the share is then right to about 1e-6 of the time."""
_BLOCK = 10_000


def footprint_radius(altitude: float, mask: float) -> float:
    """Return the angle at the Earth's centre within which a satellite stands above an elevation, rad.

    Parameters
    ----------
    altitude
        Of the satellite, m, above the sphere of 6371 km.
    mask
        Least elevation, rad, in [0, pi/2).

    Notes
    -----
    lambda = acos(R cos e/(R + h)) - e.

    Examples
    --------
    >>> round(math.degrees(footprint_radius(10_000e3, math.radians(20.0))), 6)
    48.549682
    """
    if not (math.isfinite(altitude) and altitude > 0.0):
        raise InputError(f"altitude is {altitude / 1e3:g} km", fix="It must be above 0")
    if not 0.0 <= mask < math.pi / 2.0:
        raise InputError(f"mask is {math.degrees(mask):g} degrees", fix="It must lie in [0, 90)")
    return math.acos(EARTH_RADIUS * math.cos(mask) / (EARTH_RADIUS + altitude)) - mask


def share_in_view(
    stations: Sequence[tuple[float, float]],
    altitude: float,
    inclination: float,
    mask: float,
    *,
    points: int = _POINTS,
) -> float:
    """Return the share of its time that one satellite stands above the mask of all stations at once.

    Parameters
    ----------
    stations
        Latitude and longitude of each, degrees.
    altitude
        Of the circular orbit, m.
    inclination
        rad, in [0, pi].
    mask
        Least elevation at every station, rad.
    points
        Of the argument of latitude: the error is about 1 / points of the share or less.

    Notes
    -----
    The argument of latitude u is uniform in time, lat = asin(sin i sin u), and over many revolutions the
    longitude is uniform and independent of u: at each u the arcs of longitude inside the stations' caps are
    intersected exactly. Orbits whose ground track soon repeats (10 000 km: 4.1 revolutions a day) are
    not uniform over a few days. T satellites of a shell have T times this share on average.

    Examples
    --------
    >>> round(share_in_view([(40.7, -74.0)], 10_000e3, math.radians(56), math.radians(20)), 4)
    0.1711
    """
    if not stations:
        raise InputError("no ground station", fix="Give at least one")
    if not 0.0 <= inclination <= math.pi:
        raise InputError(
            f"inclination is {math.degrees(inclination):g} degrees", fix="It must lie in [0, 180]"
        )
    return _share(stations, footprint_radius(altitude, mask), inclination, points)


def _share(stations: Sequence[tuple[float, float]], radius: float, inclination: float, points: int) -> float:
    """Return the share of time within an angle, rad, of all stations."""
    cap = math.cos(radius)
    lat = np.radians([place[0] for place in stations])
    lon = np.radians([place[1] for place in stations])
    # The ascending half: the descending one mirrors it.
    u = (np.arange(points) + 0.5) * np.pi / points - np.pi / 2.0
    latitudes = np.arcsin(np.sin(inclination) * np.sin(u))
    total = sum(
        float(_common_longitudes(block, lat, lon, cap).sum())
        for block in np.array_split(latitudes, math.ceil(points / _BLOCK))
    )
    return total / (2.0 * math.pi * points)


_LOWEST_GROUND = 6_356_252.0
"""m; the polar radius of WGS-84 less 500 m, the lowest ground that scenarios take."""
_EQUATOR = 6_378_137.0
"""m; the radius above which altitudes of orbits count in scenarios."""
_ABOVE_MEAN = 30_000.0
"""m; a designed orbit rises less than this above its mean altitude by J2, Sun and Moon."""
_TILT = math.radians(0.5)
"""rad; geodetic and geocentric vertical differ by up to 0.193 degrees, osculating and mean inclination by
less than 0.1 degrees."""
_PROOF_POINTS = 4_000
"""At 0.045 degrees of argument of latitude none can be missed that the widening by `_TILT` adds."""


def can_be_in_view(
    stations: Sequence[tuple[float, float]], altitude: float, inclination: float, mask: float
) -> bool:
    """Return False only if no satellite of a circular orbit is ever above the mask of all stations at once.

    Parameters
    ----------
    stations
        Latitude and longitude of each, degrees.
    altitude
        Of the orbit above the equatorial radius, m.
    inclination
        rad, in [0, pi].
    mask
        Least elevation at every station, rad; below 0 for platforms in the air.

    Notes
    -----
    The footprint is widened by more than the flattening of the Earth, the height of the ground and the
    perturbations of the orbit can add, whatever the nodes are and however long one looks: False is a proof,
    and True only says that nothing forbids it.

    Examples
    --------
    >>> can_be_in_view([(60.0, 25.0)], 550e3, math.radians(10), math.radians(20))
    False
    """
    low = mask - _TILT
    radius = math.acos(_LOWEST_GROUND * math.cos(low) / (_EQUATOR + altitude + _ABOVE_MEAN)) - low
    folded = min(inclination, math.pi - inclination)
    widest = min(folded + _TILT, math.pi / 2.0)
    return _share(stations, min(radius + _TILT, math.pi), widest, _PROOF_POINTS) > 0.0


def _common_longitudes(satellite: FloatArray, lat: FloatArray, lon: FloatArray, cap: float) -> FloatArray:
    """Return the width of the longitudes, rad, at which satellites of these latitudes are in every cap.

    Each cap is an arc of half width w about its station's longitude. Between neighbouring ends of arcs
    nothing changes, so each piece is in all of them if its middle is.
    """
    phi = satellite[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (cap - np.sin(phi) * np.sin(lat)) / (np.cos(phi) * np.cos(lat))
    half = np.arccos(np.clip(np.nan_to_num(cosine, nan=0.0, posinf=2.0, neginf=-2.0), -1.0, 1.0))
    ends = np.concatenate([lon - half, lon + half], axis=1) % (2.0 * np.pi)
    edge = np.zeros((len(satellite), 1))
    ends = np.sort(np.concatenate([edge, ends, edge + 2.0 * np.pi], axis=1), axis=1)
    middle = (ends[:, 1:] + ends[:, :-1]) / 2.0
    width = np.diff(ends, axis=1)
    away = np.abs((middle[:, :, None] - lon + np.pi) % (2.0 * np.pi) - np.pi)
    inside = np.all(away <= half[:, None, :], axis=2)
    return np.asarray((width * inside).sum(axis=1))
