"""Distances to a node over real links and, layer by layer, over virtual ones: sums, or widest paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_heap import doubled, doubled_int, pop, push
from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True, nogil=True)
def spread(
    ptr: IntArray, head: IntArray, cost: FloatArray, widest: bool, limit: float, distance: FloatArray
) -> None:
    """Lower the distances of all nodes to what the graph allows (Dijkstra from every finite entry).

    Parameters
    ----------
    ptr, head
        Arcs: those of node v go to ``head[ptr[v]:ptr[v + 1]]``; every link is there in both directions.
    cost
        Of every arc, >= 0.
    widest
        Whether the length of a path is the largest cost on it, instead of their sum.
    limit
        Distances beyond it stay infinite.
    distance
        Start values, shape (N,), inf where there is none; changed in place.
    """
    room = 256
    key, tie, item = np.empty(room), np.empty(room), np.empty(room, np.int64)
    size = 0
    for v in range(len(distance)):
        if distance[v] > limit:
            distance[v] = np.inf
        elif distance[v] < np.inf:
            if size == room:
                key, tie, item = doubled(key), doubled(tie), doubled_int(item)
                room *= 2
            size = push(key, tie, item, size, distance[v], 0.0, v)
    while size > 0:
        near, v = key[0], item[0]
        size = pop(key, tie, item, size)
        if near > distance[v]:
            continue
        for arc in range(ptr[v], ptr[v + 1]):
            u = head[arc]
            far = max(near, cost[arc]) if widest else near + cost[arc]
            if far < distance[u] and far <= limit:
                distance[u] = far
                if size == room:
                    key, tie, item = doubled(key), doubled(tie), doubled_int(item)
                    room *= 2
                size = push(key, tie, item, size, far, 0.0, u)


@njit(cache=True, nogil=True)
def spread_layers(
    ptr: IntArray,
    head: IntArray,
    cost: FloatArray,
    pair_a: IntArray,
    pair_b: IntArray,
    jump: FloatArray,
    target: int,
    widest: bool,
    limit: float,
    distance: FloatArray,
) -> None:
    """Fill the distances to a node where so and so many virtual links may still be taken.

    Parameters
    ----------
    ptr, head, cost, widest, limit
        As of :func:`spread`.
    pair_a, pair_b, jump
        Ends and cost of the virtual links, which run both ways; inf where there is none.
    target
        The node.
    distance
        Shape (layers, N), filled: in row l, ``layers - 1 - l`` virtual links may be taken.
    """
    layers = distance.shape[0]
    for layer in range(layers - 1, -1, -1):
        row = distance[layer]
        row[:] = np.inf
        row[target] = 0.0
        if layer < layers - 1:
            beyond = distance[layer + 1]
            for n in range(len(pair_a)):
                if jump[n] < np.inf:
                    a, b = pair_a[n], pair_b[n]
                    via_b = max(jump[n], beyond[b]) if widest else jump[n] + beyond[b]
                    via_a = max(jump[n], beyond[a]) if widest else jump[n] + beyond[a]
                    row[a] = min(row[a], via_b)
                    row[b] = min(row[b], via_a)
        spread(ptr, head, cost, widest, limit, row)


@njit(cache=True, nogil=True)
def between_pairs(
    ptr: IntArray, head: IntArray, cost: FloatArray, widest: bool, pair_a: IntArray, pair_b: IntArray
) -> FloatArray:
    """Return the distance between the two nodes of every pair; pairs are ordered by their first node.

    Parameters
    ----------
    ptr, head, cost, widest
        As of :func:`spread`.
    pair_a, pair_b
        The pairs.
    """
    found = np.full(len(pair_a), np.inf)
    distance = np.empty(len(ptr) - 1)
    n = 0
    while n < len(pair_a):
        a = pair_a[n]
        distance[:] = np.inf
        distance[a] = 0.0
        spread(ptr, head, cost, widest, np.inf, distance)
        while n < len(pair_a) and pair_a[n] == a:
            found[n] = distance[pair_b[n]]
            n += 1
    return found
