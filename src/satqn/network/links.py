"""Links by great circle between points, and the nearest neighbours that they join."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError
from satqn.model.network import LinkTable, NodeTable
from satqn.sphere import central_angle, unit_vectors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def link_table(points: FloatArray, a: IntArray, b: IntArray) -> LinkTable:
    """Return links between points as long as their great circles, each once, smaller index first, sorted.

    Parameters
    ----------
    points
        Unit vectors of all nodes, shape (n, 3).
    a, b
        Ends of the links, in any order, repeated or not.
    """
    n = len(points)
    key = np.unique(np.minimum(a, b) * n + np.maximum(a, b))
    low, high = np.divmod(key, max(n, 1))
    return LinkTable(low, high, EARTH_RADIUS * central_angle(points[low], points[high]))


def nearest_neighbour_links(nodes: NodeTable, k: int = 3) -> LinkTable:
    """Return the links from every node to its k nearest neighbours by great circle.

    Parameters
    ----------
    nodes
        The n nodes; if n <= k, every pair of them is linked.
    k
        Neighbours per node, at least 1. A node has more links than k where it is the neighbour of others.

    Returns
    -------
    LinkTable
        The undirected union: a link exists if either end counts the other among its k nearest.

    Notes
    -----
    Neighbours by chord are neighbours by great circle, so a k-d tree on unit vectors is exact, across
    the date line and the poles too. Of neighbours at equal distance an arbitrary one is taken, the same
    in every run. Source: shao2025, Methods; specification of the hybrid network, section 3.
    """
    if k < 1:
        raise InputError(
            f"{k} neighbours per node", why="A network without links joins nobody", fix="Use k >= 1"
        )
    n = len(nodes)
    points = unit_vectors(nodes.lat_deg, nodes.lon_deg)
    count = min(k, n - 1)
    if count < 1:
        none = np.empty(0, dtype=np.int64)
        return link_table(points, none, none)
    _, found = cKDTree(points).query(points, k=count + 1)
    # A node finds itself, but among nodes at one place not always first, or not at all.
    others = found != np.arange(n)[:, None]
    others[others.all(axis=1), -1] = False
    return link_table(points, np.repeat(np.arange(n), count), found[others].astype(np.int64))
