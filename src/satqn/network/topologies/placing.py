"""Places for nodes that came without one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.constants import EARTH_RADIUS
from satqn.network.topologies.model import Around
from satqn.sphere import positions, unit_vectors

FloatArray = NDArray[np.float64]

_OPPOSITE = 1e-6
"""Neighbours whose mean is so short stand around the whole Earth: no direction is their middle."""


def mean_of_neighbours(
    lat_deg: FloatArray,
    lon_deg: FloatArray,
    known: NDArray[np.bool_],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Put every node without a position at the mean of its neighbours, all of them at once.

    Parameters
    ----------
    lat_deg, lon_deg
        Degrees; what stands there for nodes without a position does not count.
    known
        Which nodes have a position.
    a, b
        Ends of the links.

    Returns
    -------
    lat_deg, lon_deg, placed
        With the new positions, and which nodes have one now: those that links join to a known one.

    Notes
    -----
    The unit vectors v of the unknown nodes solve v_i = mean of v_j over the neighbours j of i, a linear
    system with one solution where every node is joined to a known one; v is then lifted to the sphere. A
    chain of such nodes stands in equal steps between its ends.

    Examples
    --------
    >>> lat, lon, placed = mean_of_neighbours(
    ...     np.array([0.0, 9.0, 0.0]), np.array([10.0, 0.0, 30.0]), np.array([True, False, True]),
    ...     np.array([0, 1]), np.array([1, 2]))
    >>> lat.round(9).tolist(), lon.round(9).tolist()
    ([0.0, 0.0, 0.0], [10.0, 20.0, 30.0])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import spsolve

    size = known.size
    joined = coo_array((np.ones(a.size), (a, b)), shape=(size, size)).tocsr()
    joined = ((joined + joined.T) > 0).astype(float)
    _, part = connected_components(joined, directed=False)
    reached = np.isin(part, part[known])
    free = np.flatnonzero(reached & ~known)
    lat, lon, placed = lat_deg.copy(), lon_deg.copy(), known.copy()
    if not free.size:
        return lat, lon, placed
    held = np.flatnonzero(known)
    degrees = joined.sum(axis=1)
    system = (coo_array((degrees[free], (np.arange(free.size),) * 2)) - joined[free][:, free]).tocsc()
    pull = joined[free][:, held] @ unit_vectors(lat_deg[held], lon_deg[held])
    vectors = np.asarray(spsolve(system, pull)).reshape(free.size, 3)
    good = np.linalg.norm(vectors, axis=1) > _OPPOSITE
    lat[free[good]], lon[free[good]] = positions(vectors[good])
    placed[free[good]] = True
    return lat, lon, placed


def on_a_circle(count: int, around: Around) -> tuple[FloatArray, FloatArray]:
    """Return positions, degrees, of nodes on a circle, the first in the north and on to the east."""
    angle = np.arange(count) * (2.0 * math.pi / max(count, 1))
    away = around.radius / EARTH_RADIUS if count > 1 else 0.0
    lat0, lon0 = math.radians(around.lat_deg), math.radians(around.lon_deg)
    sin_lat = math.sin(lat0) * math.cos(away) + math.cos(lat0) * math.sin(away) * np.cos(angle)
    lat = np.arcsin(np.clip(sin_lat, -1.0, 1.0))
    east = np.arctan2(
        np.sin(angle) * math.sin(away) * math.cos(lat0), math.cos(away) - math.sin(lat0) * np.sin(lat)
    )
    return np.degrees(lat), (np.degrees(lon0 + east) + 180.0) % 360.0 - 180.0
