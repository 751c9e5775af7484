"""A network prepared for shortest paths between any two of its nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.dissection import nested_dissection
from satqn.kernels.hierarchy import Hierarchy, climb, customise, eliminate, meet, unpack
from satqn.kernels.sweep_down import sweep_down
from satqn.model.network import Network
from satqn.model.shown import Shown
from satqn.sphere import unit_vectors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 4096
"""Pairs answered at a time, so that the labels of their ends stay below about 50 MB."""

SOURCES_AT_ONCE = 16
"""Sources swept down together: one row of distances then fills two lines of the cache."""


@dataclass(frozen=True, slots=True, repr=False)
class ContractionHierarchy(Shown):
    """Shortest paths of one network after a preparation of well under a second per 100 000 nodes.

    Parameters
    ----------
    hierarchy
        The network with its nodes numbered by rank.
    node_at, rank
        The node at every rank, and the rank of every node, shape (n,).

    Notes
    -----
    Fast where the network can be cut into halves at few nodes, as fibre on a map can: with s nodes in
    the largest separator the arcs grow as n log n, and a path costs about s squared steps. Source:
    Dibbelt, Strasser, Wagner (2016).
    """

    hierarchy: Hierarchy
    node_at: IntArray
    rank: IntArray

    @classmethod
    def of(cls, network: Network) -> ContractionHierarchy:
        """Prepare a network."""
        n = len(network)
        links = network.links
        node_at = nested_dissection(network.indptr.copy(), network.indices.copy(), _sweeps(network))
        rank = np.empty(n, dtype=np.int64)
        rank[node_at] = np.arange(n)
        first, heads, parent, depth = eliminate(*_renumbered(network, rank))

        tails = np.repeat(np.arange(n), np.diff(first))
        heads = heads[np.lexsort((heads, tails))]
        arriving_first, arriving = _grouped(heads, n)
        length = np.full(len(heads), np.inf)
        low = np.minimum(rank[links.a], rank[links.b])
        high = np.maximum(rank[links.a], rank[links.b])
        arc_of_link = np.searchsorted(tails * n + heads, low * n + high)
        np.minimum.at(length, arc_of_link, links.length)
        down, up, hops = customise(first, tails, heads, arriving_first, arriving, length)
        hierarchy = Hierarchy(first, tails, heads, parent, depth, length, down, up, hops)
        return cls(hierarchy, node_at, rank)

    def lengths(self, a: IntArray, b: IntArray) -> FloatArray:
        """Return the lengths of the shortest paths, m; ``inf`` where there is none."""
        found = []
        for start in range(0, max(len(a), 1), BLOCK):
            labelled, pairs = self._ends(a[start : start + BLOCK], b[start : start + BLOCK])
            found.append(meet(self.hierarchy, climb(self.hierarchy, labelled), pairs)[0])
        return np.concatenate(found)

    def distances_from(self, sources: IntArray) -> FloatArray:
        """Return the lengths of the shortest paths from some nodes to all nodes, m, shape (sources, n)."""
        found = np.empty((len(sources), len(self.node_at)))
        for start in range(0, len(sources), SOURCES_AT_ONCE):
            block = slice(start, start + SOURCES_AT_ONCE)
            labels = climb(self.hierarchy, self.rank[sources[block]])
            found[block] = sweep_down(self.hierarchy, labels)[self.rank].T
        return found

    def paths(self, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the shortest paths, ragged: ``indptr``, nodes and lengths, m."""
        found = []
        for start in range(0, max(len(a), 1), BLOCK):
            labelled, pairs = self._ends(a[start : start + BLOCK], b[start : start + BLOCK])
            labels = climb(self.hierarchy, labelled)
            length, turn = meet(self.hierarchy, labels, pairs)
            indptr, path = unpack(self.hierarchy, labels, pairs, length, turn)
            found.append((np.diff(indptr), self.node_at[path], length))
        hops, nodes, lengths = zip(*found, strict=True)
        indptr = np.cumsum(np.concatenate([[0], *hops]), dtype=np.int64)
        return indptr, np.concatenate(nodes), np.concatenate(lengths)

    def _ends(self, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
        """Return the different ends by rank, and the place of each pair's ends among them."""
        labelled, place = np.unique(self.rank[np.stack([a, b], axis=1)], return_inverse=True)
        return labelled, place.reshape(-1, 2)


def _sweeps(network: Network) -> IntArray:
    """Return the nodes in the order along the two longest axes of the map, and along their diagonals."""
    points = unit_vectors(network.nodes.lat_deg, network.nodes.lon_deg)
    points = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(points.T @ points)
    x, y = points @ axes[:, 2], points @ axes[:, 1]
    return np.stack([np.argsort(line, kind="stable") for line in (x, y, x + y, x - y)])


def _renumbered(network: Network, rank: IntArray) -> tuple[IntArray, IntArray]:
    """Return the CSR graph with node i called ``rank[i]``."""
    tail = rank[np.repeat(np.arange(len(network)), np.diff(network.indptr))]
    indptr, order = _grouped(tail, len(network))
    return indptr, rank[network.indices][order]


def _grouped(key: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Return where each key from 0 to n - 1 begins in the entries sorted by key, and these entries."""
    return np.concatenate([[0], np.cumsum(np.bincount(key, minlength=n))]), np.argsort(key, kind="stable")
