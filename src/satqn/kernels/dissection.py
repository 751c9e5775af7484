"""Nested dissection: an order of elimination for graphs that lie in the plane or on a sphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

IntArray = NDArray[np.int64]

WHOLE = 4
"""Parts of at most this many nodes are not cut further."""

BALANCE = 0.25
"""Each side of a cut has at least this share of the nodes."""


@njit(cache=True)
def nested_dissection(indptr: IntArray, indices: IntArray, sweeps: IntArray) -> IntArray:
    """Return the nodes in an order that keeps elimination sparse.

    Parameters
    ----------
    indptr, indices
        Symmetric CSR graph of n nodes.
    sweeps
        The nodes as lines sweeping over the map in several directions meet them, shape (directions, n);
        overwritten.

    Returns
    -------
    NDArray[np.int64]
        Node at every rank, shape (n,): each part before the separator that cuts it from its sibling.

    Notes
    -----
    Source: A. George, "Nested dissection of a regular finite element mesh" (1973). The cut of a part is
    the best position of any sweep line: fewest nodes on one side with a neighbour on the other, divided
    by the square root of the share of the smaller side.
    """
    directions, n = sweeps.shape
    part = np.zeros(n, dtype=np.int64)
    place = np.empty(n, dtype=np.int64)
    fate = np.empty(n, dtype=np.int64)
    moved = np.empty(n, dtype=np.int64)
    change = np.empty((2, n + 2), dtype=np.int64)
    # Each cut leaves at most three quarters, so the parts that wait are fewer than 2.5 log n.
    waiting = np.empty((256, 2), dtype=np.int64)
    waiting[0, 0], waiting[0, 1] = 0, n
    count = 1
    parts = 0
    while count > 0:
        count -= 1
        low, high = waiting[count, 0], waiting[count, 1]
        if high - low <= WHOLE:
            continue
        parts += 1
        for t in range(low, high):
            part[sweeps[0, t]] = parts

        best = np.inf
        best_direction, best_cut, best_side = 0, 0, 0
        for direction in range(directions):
            score, cut, side = _best_cut(indptr, indices, sweeps[direction, low:high], part, place, change)
            if score < best:
                best, best_direction, best_cut, best_side = score, direction, cut, side

        counts = _assign(
            indptr, indices, sweeps[best_direction, low:high], part, place, best_cut, best_side, fate
        )
        for direction in range(directions):
            _partition(sweeps[direction, low:high], fate, counts, moved)
        middle = low + counts[0]
        waiting[count, 0], waiting[count, 1] = low, middle
        waiting[count + 1, 0], waiting[count + 1, 1] = middle, middle + counts[1]
        count += 2
    return sweeps[0].copy()


@njit(cache=True)
def _best_cut(
    indptr: IntArray, indices: IntArray, sweep: IntArray, part: IntArray, place: IntArray, change: IntArray
) -> tuple[float, int, int]:
    """Return score, position and side of the best separator along one sweep.

    A cut at c has the nodes at places < c behind it. A node at p with its last neighbour at q > p is
    on the rim behind all cuts p < c <= q; one with its first neighbour at q < p is on the rim ahead of
    all cuts q < c <= p. So running sums of the changes count the rim of every cut in one pass.
    """
    size = len(sweep)
    own = part[sweep[0]]
    for t in range(size):
        place[sweep[t]] = t
    for cut in range(size + 2):
        change[0, cut] = 0
        change[1, cut] = 0
    for p in range(size):
        node = sweep[p]
        first, last = p, p
        for e in range(indptr[node], indptr[node + 1]):
            if part[indices[e]] == own:
                q = place[indices[e]]
                first, last = min(first, q), max(last, q)
        change[0, p + 1] += 1
        change[0, last + 1] -= 1
        change[1, first + 1] += 1
        change[1, p + 1] -= 1

    best, best_cut, best_side = np.inf, 0, 0
    behind, ahead = 0, 0
    for cut in range(1, size):
        behind += change[0, cut]
        ahead += change[1, cut]
        share = min(cut, size - cut) / size
        score = min(behind, ahead) / np.sqrt(share)
        if share >= BALANCE and score < best:
            best, best_cut, best_side = score, cut, int(ahead < behind)
    return best, best_cut, best_side


@njit(cache=True)
def _assign(
    indptr: IntArray,
    indices: IntArray,
    sweep: IntArray,
    part: IntArray,
    place: IntArray,
    cut: int,
    side: int,
    fate: IntArray,
) -> IntArray:
    """Set the fate of every node (0 behind, 1 ahead, 2 separator) and return how many have each."""
    own = part[sweep[0]]
    counts = np.zeros(3, dtype=np.int64)
    for t in range(len(sweep)):
        place[sweep[t]] = t
    for p in range(len(sweep)):
        node = sweep[p]
        ahead = int(p >= cut)
        fate[node] = ahead
        if ahead == side:
            for e in range(indptr[node], indptr[node + 1]):
                if part[indices[e]] == own and int(place[indices[e]] >= cut) != side:
                    fate[node] = 2
                    break
        counts[fate[node]] += 1
    return counts


@njit(cache=True)
def _partition(sweep: IntArray, fate: IntArray, counts: IntArray, moved: IntArray) -> None:
    """Sort a sweep by fate, keeping its order within each."""
    following = np.zeros(3, dtype=np.int64)
    following[1] = counts[0]
    following[2] = counts[0] + counts[1]
    for t in range(len(sweep)):
        node = sweep[t]
        moved[following[fate[node]]] = node
        following[fate[node]] += 1
    for t in range(len(sweep)):
        sweep[t] = moved[t]
