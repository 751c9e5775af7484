"""The segments of a path as edges, and the longest path over a given number of them.

An edge (i, j) is a segment between the ion repeaters (or ends) i and j with its photon repeater at the
node nearest the middle: the total loss is fixed, so that node minimises the segment's time. Its weight
is the log weight of its copies at the given time; the chain's fidelity grows with the sum of the weights,
so the longest path with N edges is the optimum for N. *Source*: spec of the hybrid network, section 3.

Only what can still win is looked at. From node j on, a chain needs at least ``fewest[j]`` more segments
and adds at most ``rest[j]`` to its weight, whatever their number: both come from one sweep over
the segments. And a chain of N segments wins only if its weight is above the one at which the closed form
gives the fidelity to beat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.placement import ChainRules, copies_in, segment_time

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NEVER = 1 << 30
"""More segments than any path holds: no chain leads on from here."""
SLACK = 1e-12
"""Rounding error allowed to bounds: what they let through is compared exactly."""


class Band(NamedTuple):
    """The segments short enough to matter, as ragged rows by first node, and the work space of a search.

    Row i, ``indptr[i]:indptr[i+1]``, holds the segments (i, i+2), (i, i+3), ...: their times never fall
    along a row. ``stop[i]`` ends the part of the row that is ready; ``weights``, ``rest`` and ``fewest``
    belong to one time and waiting factor; ``value[n, j]`` is the weight of the longest chain of n segments
    from the first node to node j; ``need[n]`` is the weight above which n segments win.
    """

    indptr: IntArray
    times: FloatArray
    weights: FloatArray
    stop: IntArray
    rest: FloatArray
    fewest: IntArray
    value: FloatArray
    need: FloatArray


@njit(cache=True)
def middle_node(positions: FloatArray, i: int, j: int, start: int) -> int:
    """Return the node between i and j nearest their middle, searching upwards from ``start``."""
    m = start
    while m + 1 < j and max(positions[m + 1] - positions[i], positions[j] - positions[m + 1]) <= max(
        positions[m] - positions[i], positions[j] - positions[m]
    ):
        m += 1
    return m


@njit(cache=True)
def segment_band(positions: FloatArray, longest: float, depth: int, rules: ChainRules) -> Band:
    """Return every segment with a time of its own <= ``longest``, and room for ``depth`` layers."""
    nodes = len(positions)
    indptr = np.zeros(nodes + 1, np.int64)
    times = np.empty(8 * nodes)
    size = 0
    for i in range(nodes):
        m = i + 1
        for j in range(i + 2, nodes):
            m = middle_node(positions, i, j, m)
            t = segment_time(positions[m] - positions[i], positions[j] - positions[m], rules)
            if t > longest:
                break
            if size == len(times):
                grown = np.empty(2 * size)
                grown[:size] = times
                times = grown
            times[size] = t
            size += 1
        indptr[i + 1] = size
    return Band(
        indptr,
        times[:size],
        np.empty(size),
        np.empty(nodes, np.int64),
        np.empty(nodes),
        np.empty(nodes, np.int64),
        np.empty((depth + 1, nodes)),
        np.empty(depth + 1),
    )


@njit(cache=True)
def weigh(band: Band, time: float, factor: float, log_weight: FloatArray) -> None:
    """Write the log weight of every segment at ``time``, the bounds from every node on, and layer 0."""
    band.value[0, :] = -np.inf
    band.value[0, 0] = 0.0
    last, end = len(log_weight) - 1, len(band.stop) - 1
    band.rest[end], band.fewest[end], band.stop[end] = 0.0, 0, band.indptr[end]
    for i in range(end - 1, -1, -1):
        rest, fewest = -np.inf, NEVER
        e = band.indptr[i]
        for j in range(i + 2, i + 2 + band.indptr[i + 1] - e):
            k = copies_in(time, band.times[e] * factor, last)
            if k < 1:
                break
            band.weights[e] = log_weight[k]
            rest = max(rest, log_weight[k] + band.rest[j])
            fewest = min(fewest, band.fewest[j] + 1)
            e += 1
        band.stop[i], band.rest[i], band.fewest[i] = e, rest, fewest


@njit(cache=True)
def set_needs(band: Band, above: float, rules: ChainRules) -> None:
    """Write the weight that n segments must exceed for a fidelity > ``above``, n = 1, 2, ..."""
    for n in range(1, len(band.need)):
        share = (4.0 * above - 1.0) / rules.swap ** (n - 1)
        product = share / 3.0 if rules.werner else 0.5 * (share - 1.0)
        band.need[n] = np.log(product) if product > 0.0 else -np.inf


@njit(cache=True)
def extend(band: Band, n: int, most: int, exactly: bool) -> bool:
    """Fill layer n from layer n - 1 where it can still win with up to (or exactly) ``most`` segments."""
    row, before = band.value[n], band.value[n - 1]
    row[:] = -np.inf
    alive = False
    for i in range(2 * n - 2, len(row) - 2):
        v = before[i]
        final = n - 1 + band.fewest[i]
        if v == -np.inf or final > most:
            continue
        if v + band.rest[i] < band.need[most if exactly else final] - SLACK:
            continue
        alive = True
        ready = band.weights[band.indptr[i] : band.stop[i]]
        reached = row[i + 2 : i + 2 + len(ready)]
        for c in range(len(ready)):
            weight = v + ready[c]
            reached[c] = weight if weight > reached[c] else reached[c]
    return alive


@njit(cache=True)
def trace(positions: FloatArray, band: Band, n: int, used: IntArray) -> None:
    """Write the nodes of the best chain of n segments to the last node into ``used[:2n+1]``."""
    j = len(positions) - 1
    used[2 * n] = j
    for layer in range(n, 0, -1):
        for i in range(j - 2, 2 * layer - 3, -1):
            e = band.indptr[i] + j - i - 2
            if e < band.stop[i] and band.value[layer - 1, i] + band.weights[e] == band.value[layer, j]:
                used[2 * layer - 1] = middle_node(positions, i, j, i + 1)
                used[2 * layer - 2] = i
                j = i
                break
