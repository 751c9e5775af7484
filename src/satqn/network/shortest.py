"""Shortest fibre paths with their nodes, for many pairs, and to the nearest ground station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from satqn.errors import InputError
from satqn.model.network import Network

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class FibrePaths(NamedTuple):
    """Shortest paths, ragged: ``indptr, nodes, length = finder.paths(a, b)``.

    Parameters
    ----------
    indptr
        Path p visits ``nodes[indptr[p]:indptr[p + 1]]``, both ends included; it is empty where there is
        no way.
    nodes
        Node indices.
    length
        Fibre length of every path, m; ``inf`` where there is no way.
    """

    indptr: IntArray
    nodes: IntArray
    length: FloatArray


class PathFinder:
    """Finds exact shortest paths by fibre length in one network.

    Parameters
    ----------
    network
        The fibre network.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._graph = _graph(network)

    def lengths(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """Return the lengths of the shortest paths from ``a[p]`` to ``b[p]``, m; ``inf`` without a way."""
        return self.paths(a, b).length

    def paths(self, a: ArrayLike, b: ArrayLike) -> FibrePaths:
        """Return the shortest paths from ``a[p]`` to ``b[p]`` with the nodes on them.

        Parameters
        ----------
        a, b
            Node indices, one-dimensional and of equal length.

        Raises
        ------
        InputError
            If an index is no node.
        """
        start, goal = _indices(a, len(self.network)), _indices(b, len(self.network))
        length = np.empty(len(start))
        ragged: list[IntArray] = [np.empty(0, dtype=np.int64)] * len(start)
        sources, group = np.unique(start, return_inverse=True)
        for source, pairs in zip(sources, _groups(group, len(sources)), strict=True):
            distance, before = dijkstra(self._graph, indices=source, return_predecessors=True)
            length[pairs] = distance[goal[pairs]]
            legs = _walk_back(before, goal[pairs], np.isfinite(length[pairs]))
            for p, leg in zip(pairs, legs, strict=True):
                ragged[p] = leg[::-1]
        return _join(ragged, length)


@dataclass(frozen=True, slots=True)
class NearestStations:
    """The nearest ground station by fibre of every node of a network, and the way there.

    Parameters
    ----------
    station
        Node index of the nearest station; a node from which no station can be reached stands alone:
        its distance is ``inf``.
    distance
        Fibre length to it, m.
    onward
        The next node on the way to it; a station, and a node without a way, has itself.
    """

    station: IntArray
    distance: FloatArray
    onward: IntArray

    def legs(self, nodes: ArrayLike) -> FibrePaths:
        """Return the paths from nodes to their nearest stations; empty where none can be reached."""
        start = _indices(nodes, len(self.station))
        length = self.distance[start]
        return _join(_walk_back(self.onward, start, np.isfinite(length)), length)


def nearest_station(network: Network, stations: ArrayLike) -> NearestStations:
    """Return for every node the ground station nearest by fibre.

    Parameters
    ----------
    network
        The fibre network.
    stations
        Node indices of the ground stations, at least one.

    Raises
    ------
    InputError
        If there is no station, or an index is no node.
    """
    sites = np.unique(_indices(stations, len(network)))
    if sites.size == 0:
        raise InputError(
            "there are no ground stations", why="no node has a nearest one", fix="name or place some"
        )
    distance, before, source = dijkstra(
        _graph(network), indices=sites, min_only=True, return_predecessors=True
    )
    own = np.arange(len(network))
    reached = np.isfinite(distance)
    return NearestStations(
        station=np.where(reached, source, own).astype(np.int64),
        distance=distance,
        onward=np.where(reached & (before >= 0), before, own).astype(np.int64),
    )


def _graph(network: Network) -> csr_array:
    n = len(network)
    return csr_array((network.weights, network.indices, network.indptr), shape=(n, n))


def _indices(nodes: ArrayLike, n: int) -> IntArray:
    index = np.atleast_1d(np.asarray(nodes, dtype=np.int64))
    outside = (index < 0) | (index >= n)
    if outside.any():
        raise InputError(
            f"node {index[outside][0]} of a network of {n} nodes", fix=f"use indices 0 to {n - 1}"
        )
    return index


def _groups(group: IntArray, count: int) -> list[IntArray]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group, minlength=count))[:-1])


def _walk_back(before: NDArray[np.integer], start: IntArray, exists: NDArray[np.bool_]) -> list[IntArray]:
    """Return the nodes from each start along ``before`` to its end."""
    walks = []
    for node, there in zip(start.tolist(), exists.tolist(), strict=True):
        walk = []
        while there:
            walk.append(node)
            following = int(before[node])
            there = following >= 0 and following != node
            node = following
        walks.append(np.array(walk, dtype=np.int64))
    return walks


def _join(ragged: list[IntArray], length: FloatArray) -> FibrePaths:
    indptr = np.concatenate([[0], np.cumsum([len(path) for path in ragged], dtype=np.int64)]).astype(np.int64)
    nodes = np.concatenate([np.empty(0, dtype=np.int64), *ragged])
    return FibrePaths(indptr, nodes, length)
