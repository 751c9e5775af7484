"""Joining the components of a network by the least total length of new links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from satqn.model.network import LinkTable, NodeTable
from satqn.network.links import link_table
from satqn.sphere import unit_vectors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def components(n: int, links: LinkTable) -> IntArray:
    """Return the component of each of ``n`` nodes, numbered from 0."""
    graph = coo_array((np.ones(len(links), dtype=np.int8), (links.a, links.b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def joining_links(nodes: NodeTable, links: LinkTable) -> LinkTable:
    """Return the new links of least total length that make a network connected.

    Parameters
    ----------
    nodes
        The n nodes.
    links
        The links that exist.

    Returns
    -------
    LinkTable
        One link fewer than there are components; empty if the network is connected.

    Notes
    -----
    Borůvka's algorithm for the minimum spanning tree over components: in every round each component
    but the largest takes its shortest link to another one. Exact, unlike growing k until the
    k-nearest-neighbour graph is connected. Source: specification of the hybrid network, section 3.
    """
    points = unit_vectors(nodes.lat_deg, nodes.lon_deg)
    label = components(len(nodes), links)
    ends: list[tuple[int, int]] = []
    while label.size and label.max() > 0:
        accepted, label = _boruvka_round(points, label)
        ends += accepted
    a, b = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    return link_table(points, a, b)


def _boruvka_round(points: FloatArray, label: IntArray) -> tuple[list[tuple[int, int]], IntArray]:
    """Return the links that one round adds, and the components after it."""
    seekers = np.flatnonzero(label != np.bincount(label).argmax())
    chord, foreign = _nearest_foreign(points, label, seekers)
    order = np.lexsort((chord, label[seekers]))
    first = order[np.diff(label[seekers][order], prepend=-1) > 0]
    first = first[np.argsort(chord[first], kind="stable")]

    # Two components may choose the same link, and equal lengths may close a cycle: taking the choices
    # in the order of their length, and only those that join, keeps the tree minimal.
    root = np.arange(label.max() + 1)
    accepted = []
    for choice in first:
        a, b = seekers[choice], foreign[choice]
        root_a, root_b = root[label[a]], root[label[b]]
        if root_a != root_b:
            root[root == root_a] = root_b
            accepted.append((int(a), int(b)))
    _, merged = np.unique(root[label], return_inverse=True)
    return accepted, merged.astype(np.int64)


def _nearest_foreign(points: FloatArray, label: IntArray, seekers: IntArray) -> tuple[FloatArray, IntArray]:
    """Return for each seeker the chord to, and the index of, the nearest node of another component.

    Numbers that differ, differ in a bit. So the nearest foreign node is the nearest over all bits of
    the nodes whose component number has the opposite bit: two trees a bit, whatever the components are.
    """
    best = np.full(len(seekers), np.inf)
    foreign = np.zeros(len(seekers), dtype=np.int64)
    for bit in range(int(label.max()).bit_length()):
        side = (label >> bit) & 1
        for value in (0, 1):
            asking = np.flatnonzero(side[seekers] == value)
            offered = np.flatnonzero(side != value)
            if asking.size == 0 or offered.size == 0:
                continue
            chord, near = cKDTree(points[offered]).query(points[seekers[asking]])
            closer = chord < best[asking]
            best[asking[closer]] = chord[closer]
            foreign[asking[closer]] = offered[near[closer]]
    return best, foreign
