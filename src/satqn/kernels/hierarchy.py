"""Contraction hierarchy: shortest paths by climbing from both ends of a pair.

Nodes are numbered by rank; eliminating them in that order, and linking the neighbours of each that
remain, gives a graph in which every shortest path first climbs and then descends. An *arc* leads from
its tail to a head of higher rank; arcs are sorted by tail, then head, and those of node x are
``first[x]`` to ``first[x + 1]``. All heads above x lie on one chain of parents up to a root: its
ancestors.

Source: J. Dibbelt, B. Strasser, D. Wagner, "Customizable contraction hierarchies" (2016): elimination
order, lower triangles, elimination-tree query.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Hierarchy(NamedTuple):
    """A contraction hierarchy of n nodes and its arcs.

    Parameters
    ----------
    first, tails, heads
        The arcs; all columns but ``first`` (n + 1) have one entry an arc.
    parent, depth
        Lowest neighbour above each node (a root has itself) and the number of its ancestors; shape (n,).
    length
        Shortest way between the ends of an arc through nodes of lower rank, m.
    down, up
        The arcs w-x and w-y of which x-y consists; an arc that is a link consists of itself.
    hops
        Links of which an arc consists.
    """

    first: IntArray
    tails: IntArray
    heads: IntArray
    parent: IntArray
    depth: IntArray
    length: FloatArray
    down: IntArray
    up: IntArray
    hops: IntArray


class Labels(NamedTuple):
    """Distances from nodes to all their ancestors.

    Parameters
    ----------
    nodes
        The labelled nodes.
    start
        The label of ``nodes[k]`` begins at ``start[k]``; the ancestor at depth d is at ``start[k] + d``.
    distance
        m, by climbing only; ``inf`` where that does not lead there.
    last_arc
        The last arc of the way; it has no meaning at the node itself and where the distance is infinite.
    """

    nodes: IntArray
    start: IntArray
    distance: FloatArray
    last_arc: IntArray


@njit(cache=True)
def eliminate(indptr: IntArray, indices: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the arcs that elimination makes, and the tree of parents.

    Parameters
    ----------
    indptr, indices
        Symmetric CSR graph, n nodes numbered by rank.

    Returns
    -------
    first, heads, parent, depth
        As in :class:`Hierarchy`, but the heads of a node come unsorted.
    """
    n = len(indptr) - 1
    nobody = n
    first = np.zeros(n + 1, dtype=np.int64)
    heads = np.empty(2 * len(indices) + n, dtype=np.int64)
    parent = np.arange(n)
    eldest, sibling = np.full(n, nobody), np.full(n, nobody)
    seen = np.full(n, nobody)
    count = 0
    for x in range(n):
        if count + n > len(heads):
            heads = np.concatenate((heads, np.empty(len(heads) + n, dtype=np.int64)))
        for e in range(indptr[x], indptr[x + 1]):
            y = indices[e]
            if y > x and seen[y] != x:
                seen[y] = x
                heads[count] = y
                count += 1
        child = eldest[x]
        while child != nobody:
            for e in range(first[child], first[child + 1]):
                y = heads[e]
                if y != x and seen[y] != x:
                    seen[y] = x
                    heads[count] = y
                    count += 1
            child = sibling[child]
        first[x + 1] = count
        if count > first[x]:
            above = heads[first[x]]
            for e in range(first[x] + 1, count):
                above = min(above, heads[e])
            parent[x] = above
            sibling[x] = eldest[above]
            eldest[above] = x
    depth = np.zeros(n, dtype=np.int64)
    for x in range(n - 1, -1, -1):
        if parent[x] != x:
            depth[x] = depth[parent[x]] + 1
    return first, heads[:count].copy(), parent, depth


@njit(cache=True)
def customise(
    first: IntArray,
    tails: IntArray,
    heads: IntArray,
    arriving_first: IntArray,
    arriving: IntArray,
    length: FloatArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """Give every arc the length of the shortest way between its ends through nodes of lower rank.

    Parameters
    ----------
    first, tails, heads
        The arcs.
    arriving_first, arriving
        The arcs whose head is x are ``arriving[arriving_first[x]:arriving_first[x + 1]]``.
    length
        Of the link on each arc, m, ``inf`` where there is none; shortened in place.

    Returns
    -------
    down, up, hops
        The shortest way x-y over w consists of the arcs w-x, ``down``, and w-y, ``up``; an arc that is a
        link consists of itself. ``hops`` counts the links.
    """
    down, up = np.arange(len(heads)), np.arange(len(heads))
    hops = np.ones(len(heads), dtype=np.int64)
    arc_to = np.zeros(len(first), dtype=np.int64)
    for x in range(len(first) - 1):
        for e in range(first[x], first[x + 1]):
            arc_to[heads[e]] = e
        for t in range(arriving_first[x], arriving_first[x + 1]):
            w_x = arriving[t]
            for w_y in range(w_x + 1, first[tails[w_x] + 1]):
                x_y = arc_to[heads[w_y]]
                through = length[w_x] + length[w_y]
                if through < length[x_y]:
                    length[x_y] = through
                    down[x_y], up[x_y] = w_x, w_y
                    hops[x_y] = hops[w_x] + hops[w_y]
    return down, up, hops


@njit(cache=True)
def climb(hierarchy: Hierarchy, nodes: IntArray) -> Labels:
    """Return the labels of nodes: their distances to all their ancestors by climbing."""
    first, heads, parent, depth, length = (
        hierarchy.first,
        hierarchy.heads,
        hierarchy.parent,
        hierarchy.depth,
        hierarchy.length,
    )
    start = np.zeros(len(nodes) + 1, dtype=np.int64)
    for k in range(len(nodes)):
        start[k + 1] = start[k] + depth[nodes[k]] + 1
    distance = np.full(start[-1], np.inf)
    last_arc = np.zeros(start[-1], dtype=np.int64)
    for k in range(len(nodes)):
        x = nodes[k]
        distance[start[k] + depth[x]] = 0.0
        climbing = True
        while climbing:
            so_far = distance[start[k] + depth[x]]
            if so_far < np.inf:
                for e in range(first[x], first[x + 1]):
                    y = start[k] + depth[heads[e]]
                    if so_far + length[e] < distance[y]:
                        distance[y] = so_far + length[e]
                        last_arc[y] = e
            climbing = parent[x] != x
            x = parent[x]
    return Labels(nodes, start, distance, last_arc)


@njit(cache=True)
def meet(hierarchy: Hierarchy, labels: Labels, pairs: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the length of the shortest path of every pair, and the depth of the node where it turns.

    Parameters
    ----------
    hierarchy, labels
        The labels of all ends.
    pairs
        Places of the two ends among the labelled nodes, shape (pairs, 2).

    Returns
    -------
    length, turn
        Length in m, ``inf`` where there is no path; ``turn`` has a meaning only where there is one.
    """
    parent, depth = hierarchy.parent, hierarchy.depth
    length = np.full(len(pairs), np.inf)
    turn = np.zeros(len(pairs), dtype=np.int64)
    for p in range(len(pairs)):
        a, b = pairs[p]
        x, y = labels.nodes[a], labels.nodes[b]
        while x != y and depth[x] + depth[y] > 0:
            if depth[x] >= depth[y]:
                x = parent[x]
            else:
                y = parent[y]
        if x != y:
            continue  # two roots: the ends lie in different components
        # Of equally good turns the lowest: over links of no length a higher one could lead back.
        for d in range(depth[x], -1, -1):
            total = labels.distance[labels.start[a] + d] + labels.distance[labels.start[b] + d]
            if total < length[p]:
                length[p] = total
                turn[p] = d
    return length, turn


@njit(cache=True)
def unpack(
    hierarchy: Hierarchy, labels: Labels, pairs: IntArray, length: FloatArray, turn: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the nodes of every path, from the first end to the second, ragged.

    Parameters
    ----------
    hierarchy, labels, pairs
        As given to :func:`meet`.
    length, turn
        As returned by it.

    Returns
    -------
    indptr, path
        Path p is ``path[indptr[p]:indptr[p + 1]]``; it is empty where its length is infinite.
    """
    tails, heads, depth = hierarchy.tails, hierarchy.heads, hierarchy.depth
    down, up, hops = hierarchy.down, hierarchy.up, hierarchy.hops
    nodes, start, last_arc = labels.nodes, labels.start, labels.last_arc
    indptr = np.zeros(len(pairs) + 1, dtype=np.int64)
    for p in range(len(pairs)):
        count = 0
        if length[p] < np.inf:
            count = 1
            for end in pairs[p]:
                d = turn[p]
                while d != depth[nodes[end]]:
                    arc = last_arc[start[end] + d]
                    count += hops[arc]
                    d = depth[tails[arc]]
        indptr[p + 1] = indptr[p] + count

    path = np.empty(indptr[-1], dtype=np.int64)
    # The arcs still to pass, the next one last: 2 e climbs arc e, 2 e + 1 descends it. An arc gives way
    # to two arcs of a node further down the tree, so twice the longest chain of ancestors is room enough.
    stack = np.empty(2 * depth.max() + 4, dtype=np.int64)
    for p in range(len(pairs)):
        if not length[p] < np.inf:
            continue
        at = indptr[p]
        path[at] = nodes[pairs[p, 0]]
        for side in range(2):
            end = pairs[p, side]
            waiting = 0
            d = turn[p]
            while d != depth[nodes[end]]:
                arc = last_arc[start[end] + d]
                stack[waiting] = 2 * arc + side
                waiting += 1
                d = depth[tails[arc]]
            if side == 1:
                for t in range(waiting // 2):
                    stack[t], stack[waiting - 1 - t] = stack[waiting - 1 - t], stack[t]
            while waiting > 0:
                waiting -= 1
                arc, descending = stack[waiting] >> 1, stack[waiting] & 1
                if down[arc] == arc:
                    at += 1
                    path[at] = tails[arc] if descending else heads[arc]
                else:
                    # Either way first comes down to the node below, then climbs from it.
                    stack[waiting] = 2 * (down[arc] if descending else up[arc])
                    stack[waiting + 1] = 2 * (up[arc] if descending else down[arc]) + 1
                    waiting += 2
    return indptr, path
