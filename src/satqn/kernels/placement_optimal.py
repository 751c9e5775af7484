"""Optimal placement of repeaters: a longest path with exactly N edges, for every N worth trying.

An edge (i, j) is a segment between the ion repeaters (or ends) i and j with its photon repeater at the
node nearest the middle: the total loss is fixed, so that node minimises the segment's time. Its weight
is the log weight of its copies at the given time; the chain's fidelity grows with the sum of the weights,
so the longest path is the optimum. *Source*: spec of the hybrid network, section 3.

Two bounds keep the search short. A chain of N segments cannot beat its ceiling 1/4 (1 + 3 s^(N-1)); and
since the waiting factor never falls with N, the layers n > N of a search made with the factor of N bound
what n segments can reach with theirs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from satqn.kernels.placement import (
    SNAP,
    ChainRules,
    ceiling,
    chain_fidelity,
    chain_times,
    copies_in,
    log_product_at,
    segment_time,
    smallest_time,
)
from satqn.kernels.placement_greedy import greedy_at, greedy_fastest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ROUNDS = 6
"""Waiting factors tried for one N when the factor depends on the chain found."""
NARROW = 1.002
"""Bracket of the time at which bisection gives way to stepping from one answer to the next."""
NO_LIMIT = 1 << 40
"""More copies than any table holds."""


class Band(NamedTuple):
    """The segments short enough to matter, as ragged rows by first node, and the work space of a search.

    Row i, ``indptr[i]:indptr[i+1]``, holds the segments (i, i+2), (i, i+3), ...: their times never fall
    along a row. ``stop[i]`` ends the part of the row that is ready, ``weights`` belong to one time and
    waiting factor, ``value[n, j]`` to the longest chain of n segments from the first node to node j.
    """

    indptr: IntArray
    times: FloatArray
    weights: FloatArray
    stop: IntArray
    value: FloatArray


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
def arms_of(positions: FloatArray, used: IntArray, n: int, arms: FloatArray) -> None:
    """Write the 2n arms between the nodes in use."""
    for i in range(2 * n):
        arms[i] = positions[used[i + 1]] - positions[used[i]]


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
        indptr, times[:size], np.empty(size), np.empty(nodes, np.int64), np.empty((depth + 1, nodes))
    )


@njit(cache=True)
def weigh(band: Band, time: float, factor: float, log_weight: FloatArray) -> None:
    """Write the log weight of every segment at ``time`` and the end of every row's ready segments."""
    last = len(log_weight) - 1
    for i in range(len(band.stop)):
        e = band.indptr[i]
        while e < band.indptr[i + 1]:
            k = copies_in(time, band.times[e] * factor, last)
            if k < 1:
                break
            band.weights[e] = log_weight[k]
            e += 1
        band.stop[i] = e


@njit(cache=True)
def longest_chains(band: Band, depth: int) -> None:
    """Fill ``band.value[n, j]``, n <= depth: the largest weight of a chain of n segments from 0 to j."""
    value = band.value
    value[0, :] = -np.inf
    value[0, 0] = 0.0
    for n in range(1, depth + 1):
        row, before = value[n], value[n - 1]
        row[:] = -np.inf
        for i in range(2 * n - 2, len(band.stop) - 2):
            v = before[i]
            if v > -np.inf:
                first = band.indptr[i]
                ready = band.weights[first : band.stop[i]]
                reached = row[i + 2 : i + 2 + len(ready)]
                for c in range(len(ready)):
                    reached[c] = max(reached[c], v + ready[c])


@njit(cache=True)
def trace(positions: FloatArray, band: Band, n: int, used: IntArray) -> None:
    """Write the nodes of the best chain of n segments to the last node into ``used[:2n+1]``."""
    j = len(positions) - 1
    used[2 * n] = j
    for layer in range(n, 0, -1):
        for i in range(2 * layer - 2, j - 1):
            e = band.indptr[i] + j - i - 2
            if e < band.stop[i] and band.value[layer - 1, i] + band.weights[e] == band.value[layer, j]:
                used[2 * layer - 1] = middle_node(positions, i, j, i + 1)
                used[2 * layer - 2] = i
                j = i
                break


@njit(cache=True)
def best_of(
    n: int,
    depth: int,
    time: float,
    guess: float,
    positions: FloatArray,
    band: Band,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, float]:
    """Return (F, waiting factor) of the best chain of exactly n segments at ``time``; F = 0 if none.

    With a factor that depends on n alone, one search with it is exact. The exact factor depends on all
    segments of the chain: each search assumes one, its answer's true factor is assumed next, and the best
    answer by its true fidelity is kept. Since a factor is at least 1, a search that assumes 1 is an upper
    bound; the answer itself is the best found, not proven the best.
    """
    end = len(positions) - 1
    if not rules.exact_waiting:
        weigh(band, time, factors[n], log_weight)
        longest_chains(band, depth)
        f = chain_fidelity(n, band.value[n, end], rules)
        if f > 0.0:
            trace(positions, band, n, used)
        return f, factors[n]
    arms, times, found = np.empty(2 * n), np.empty(n), np.empty(2 * n + 1, np.int64)
    best, best_factor, factor = 0.0, guess, guess
    for _ in range(ROUNDS):
        weigh(band, time, factor, log_weight)
        longest_chains(band, n)
        if band.value[n, end] == -np.inf:
            if factor < 1.01:
                break
            factor = 1.0 + 0.5 * (factor - 1.0)
            continue
        trace(positions, band, n, found)
        arms_of(positions, found, n, arms)
        true_factor = chain_times(arms, n, rules, factors, times)
        f = chain_fidelity(n, log_product_at(time, times, n, log_weight), rules)
        if f > best:
            best, best_factor = f, true_factor
            used[: 2 * n + 1] = found
        if abs(true_factor - factor) < 1e-3 * factor:
            break
        factor = true_factor
    return best, best_factor


@njit(cache=True)
def optimal_at(
    positions: FloatArray,
    time: float,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (F, N) of the best placement at ``time``; (0, 0) if none is ready. ``used``: see greedy_at."""
    best, best_n = greedy_at(positions, time, rules, factors, log_weight, used)
    end = len(positions) - 1
    most = min(end // 2, rules.most)
    depth = 0
    while depth < most and ceiling(depth + 1, rules) > best:
        depth += 1
    if depth == 0:
        return best, best_n
    band = segment_band(positions, time, depth, rules)
    found = np.empty(2 * depth + 1, np.int64)
    weigh(band, time, 1.0, log_weight)
    longest_chains(band, depth)
    bound = np.empty(depth + 1)
    for n in range(1, depth + 1):
        bound[n] = chain_fidelity(n, band.value[n, end], rules)
    bounded_at, guess, guessed_at = 1, 1.0, 1
    for n in range(1, depth + 1):
        if bound[n] <= best or ceiling(n, rules) <= best:
            continue
        deep = not rules.exact_waiting and 4 * n >= 5 * bounded_at
        guess *= factors[n] / factors[guessed_at]
        guessed_at = n
        f, guess = best_of(
            n, depth if deep else n, time, guess, positions, band, rules, factors, log_weight, found
        )
        if deep:
            bounded_at = n
            for more in range(n + 1, depth + 1):
                bound[more] = chain_fidelity(more, band.value[more, end], rules)
        if f > best:
            best, best_n = f, n
            used[: 2 * n + 1] = found[: 2 * n + 1]
    return best, best_n


@njit(cache=True)
def optimal_fastest(
    positions: FloatArray,
    target: float,
    below: float,
    floor: float,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (T, N) of the placement that reaches the target first, T < ``below``; (inf, 0) if none does."""
    end = len(positions) - 1
    most = min(end // 2, rules.most)
    depth = 0
    while depth < most and ceiling(depth + 1, rules) >= target:
        depth += 1
    if depth == 0:
        return np.inf, 0
    arms, times, found = np.empty(2 * depth), np.empty(depth), np.empty(2 * depth + 1, np.int64)
    best, best_n = greedy_fastest(positions, target, floor, NO_LIMIT, rules, factors, log_weight, used)
    if best >= below:
        best, best_n = below, 0
    if best == np.inf:
        found[0], found[1], found[2] = 0, middle_node(positions, 0, end, 1), end
        arms_of(positions, found, 1, arms)
        chain_times(arms, 1, rules, factors, times)
        best = smallest_time(times, 1, target, np.inf, floor, rules, log_weight)
        if best == np.inf:
            return np.inf, 0
        best_n = 1
        used[:3] = found[:3]
    band = segment_band(positions, best, depth, rules)
    middle = max(1, best_n)
    for step in range(depth):
        n = middle + step if middle + step <= depth else depth - step
        low, guess = 0.0, factors[n]
        time = best * (1.0 - SNAP)
        while time >= floor:
            f, guess = best_of(n, n, time, guess, positions, band, rules, factors, log_weight, found)
            if f >= target:
                arms_of(positions, found, n, arms)
                chain_times(arms, n, rules, factors, times)
                best, best_n = smallest_time(times, n, target, best, floor, rules, log_weight), n
                used[: 2 * n + 1] = found[: 2 * n + 1]
                if best <= floor:
                    return best, best_n
            elif time >= best * (1.0 - 2.0 * SNAP):
                break
            else:
                low = time
            if low == 0.0:
                time = max(0.7 * best, floor)
            elif best > NARROW * low:
                time = np.sqrt(low * best)
            else:
                time = best * (1.0 - SNAP)
    return (best, best_n) if best_n > 0 else (np.inf, 0)
