"""Shortest fibre paths with their nodes, for many pairs, and to the nearest ground station."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from satqn.errors import InputError
from satqn.model.network import Network
from satqn.model.shown import Shown

if TYPE_CHECKING:
    from satqn.network.hierarchy import ContractionHierarchy

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Method = Literal["auto", "trees", "hierarchy"]

SMALL_NETWORK = 2_000
"""Nodes below which a tree per end is found sooner than a hierarchy is compiled."""

FEW_ENDS = 32
"""Ends up to which trees cost less than preparing a hierarchy, on a network of any size."""

_TREES_AT_ONCE = 32


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
    method
        ``trees``: Dijkstra's algorithm from every different end; ``hierarchy``: a contraction hierarchy,
        prepared once; ``auto``: trees in small networks and for few ends, unless there is a hierarchy.

    Notes
    -----
    Both methods are exact and give the same answer in every run. Where several paths are equally long
    they may choose different ones.

    Examples
    --------
    >>> from satqn.model.network import LinkTable, NodeTable
    >>> at = np.array([0.0, 1.0, 2.0])
    >>> nodes = NodeTable(np.array(["a", "b", "c"]), at, at, at, np.zeros(3, dtype=bool))
    >>> links = LinkTable(np.array([0, 1]), np.array([1, 2]), np.array([5e3, 7e3]))
    >>> finder = PathFinder(Network.from_tables(nodes, links))
    >>> finder.paths([2], [0]).nodes.tolist(), finder.lengths([2], [0]).tolist()
    ([2, 1, 0], [12000.0])
    """

    def __init__(self, network: Network, method: Method = "auto") -> None:
        self.network = network
        self.method = method
        self._graph = _graph(network)
        self._hierarchy: ContractionHierarchy | None = None

    def lengths(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """Return the lengths of the shortest paths from ``a[p]`` to ``b[p]``, m.

        Parameters
        ----------
        a, b
            Node indices, one-dimensional and of equal length.

        Returns
        -------
        NDArray[np.float64]
            Shape (pairs,); ``inf`` where there is no way, 0 from a node to itself.

        Raises
        ------
        InputError
            If an index is no node.
        """
        start, goal = self._pairs(a, b)
        if (hierarchy := self._prepared(goal)) is not None:
            return hierarchy.lengths(start, goal)
        length = np.empty(len(start))
        for trees in self._trees(goal):
            length[trees.pairs] = trees.distance[trees.row, start[trees.pairs]]
        return length

    def distances_from(self, sources: ArrayLike) -> FloatArray:
        """Return the lengths of the shortest paths from some nodes to all nodes, m.

        Parameters
        ----------
        sources
            Node indices.

        Returns
        -------
        NDArray[np.float64]
            Shape (sources, n); ``inf`` where there is no way.
        """
        start = _indices(sources, len(self.network))
        if (hierarchy := self._prepared(start)) is not None:
            return hierarchy.distances_from(start)
        return np.asarray(dijkstra(self._graph, indices=start))

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
        start, goal = self._pairs(a, b)
        if (hierarchy := self._prepared(goal)) is not None:
            return FibrePaths(*hierarchy.paths(start, goal))
        n = len(self.network)
        length, stops = np.empty(len(start)), np.zeros(len(start), dtype=np.int64)
        walks = []
        for trees in self._trees(goal):
            begin = trees.row * n + start[trees.pairs]
            length[trees.pairs] = trees.distance.ravel()[begin]
            here, walk = _walks(trees.onward.ravel(), begin, np.isfinite(length[trees.pairs]))
            stops[trees.pairs] = here
            walks.append((trees.pairs, here, walk % n))
        indptr = np.concatenate([[0], np.cumsum(stops)])
        nodes = np.empty(indptr[-1], dtype=np.int64)
        for pairs, here, walk in walks:
            before = np.cumsum(here) - here
            nodes[np.repeat(indptr[pairs] - before, here) + np.arange(len(walk))] = walk
        return FibrePaths(indptr, nodes, length)

    def _pairs(self, a: ArrayLike, b: ArrayLike) -> tuple[IntArray, IntArray]:
        start, goal = _indices(a, len(self.network)), _indices(b, len(self.network))
        if len(start) != len(goal):
            raise InputError(
                f"{len(start)} starts and {len(goal)} goals", fix="Give one goal for every start"
            )
        return start, goal

    def _prepared(self, goal: IntArray) -> ContractionHierarchy | None:
        """Return the hierarchy if it is there or worth preparing."""
        trees_do = len(self.network) < SMALL_NETWORK or np.unique(goal).size <= FEW_ENDS
        if self._hierarchy is None and (
            self.method == "hierarchy" or (self.method == "auto" and not trees_do)
        ):
            from satqn.network.hierarchy import ContractionHierarchy

            self._hierarchy = ContractionHierarchy.of(self.network)
        return self._hierarchy

    def _trees(self, goal: IntArray) -> Iterator[_Trees]:
        """Yield the trees of shortest paths to all different goals, a few at a time."""
        goals, rank = np.unique(goal, return_inverse=True)
        own = np.arange(len(self.network))
        for first in range(0, len(goals), _TREES_AT_ONCE):
            some = goals[first : first + _TREES_AT_ONCE]
            pairs = np.flatnonzero((rank >= first) & (rank < first + len(some)))
            distance, before = dijkstra(self._graph, indices=some, return_predecessors=True)
            onward = np.where(before < 0, own, before) + len(own) * np.arange(len(some))[:, None]
            yield _Trees(pairs, rank[pairs] - first, distance, onward)


class _Trees(NamedTuple):
    """Trees of shortest paths to some goals: one row each.

    The tree of pair ``pairs[k]`` is row ``row[k]`` of the distances, m, and of the next nodes towards the
    goal, which are numbered through the rows.
    """

    pairs: IntArray
    row: IntArray
    distance: FloatArray
    onward: IntArray


@dataclass(frozen=True, slots=True, repr=False)
class NearestStations(Shown):
    """The nearest ground station by fibre of every node of a network, and the way there.

    Parameters
    ----------
    station
        Node index of the nearest station. A node from which none can be reached has itself here, and
        an infinite distance.
    distance
        Fibre length to it, m.
    onward
        The next node on the way; a station, and a node without a way, has itself.
    """

    station: IntArray
    distance: FloatArray
    onward: IntArray

    def legs(self, nodes: ArrayLike) -> FibrePaths:
        """Return the paths from nodes to their nearest stations; empty where none can be reached."""
        start = _indices(nodes, len(self.station))
        length = self.distance[start]
        stops, walk = _walks(self.onward, start, np.isfinite(length))
        return FibrePaths(np.concatenate([[0], np.cumsum(stops)]), walk, length)


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

    Notes
    -----
    One tree of shortest paths that grows from all stations at once.
    """
    sites = np.unique(_indices(stations, len(network)))
    if sites.size == 0:
        raise InputError(
            "there are no ground stations", why="No node has a nearest one", fix="Name or place some"
        )
    distance, before, source = dijkstra(
        _graph(network), indices=sites, min_only=True, return_predecessors=True
    )
    own = np.arange(len(network))
    reached = np.isfinite(distance)
    return NearestStations(
        station=np.where(reached, source, own).astype(np.int64),
        distance=distance,
        onward=np.where(before < 0, own, before).astype(np.int64),
    )


def _graph(network: Network) -> csr_array:
    n = len(network)
    return csr_array((network.weights, network.indices, network.indptr), shape=(n, n))


def _indices(nodes: ArrayLike, n: int) -> IntArray:
    index = np.atleast_1d(np.asarray(nodes, dtype=np.int64))
    outside = (index < 0) | (index >= n)
    if outside.any():
        raise InputError(
            f"node {index[outside][0]} of a network of {n} nodes", fix=f"Use indices 0 to {n - 1}"
        )
    return index


def _walks(onward: IntArray, start: IntArray, exists: NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Follow ``onward`` from every start that exists until it stays; return the stops of each walk, and all.

    All walks take a step at a time together.
    """
    walker = np.flatnonzero(exists)
    node = start[walker]
    walkers, nodes = [walker], [node]
    while walker.size:
        following = onward[node]
        moving = following != node
        walker, node = walker[moving], following[moving]
        walkers.append(walker)
        nodes.append(node)
    who = np.concatenate(walkers)
    return np.bincount(who, minlength=len(start)), np.concatenate(nodes)[np.argsort(who, kind="stable")]
