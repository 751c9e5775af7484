"""Optimal placement of repeaters: for every number of segments worth trying, the longest path of edges.

The best fidelity at a time, and the smallest time to a target. *Source*: spec of the hybrid network,
section 3. :mod:`satqn.kernels.placement_band` says what the edges are.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from satqn.kernels.placement import (
    SNAP,
    ChainRules,
    arms_of,
    ceiling,
    chain_fidelity,
    chain_times,
    log_product_at,
    smallest_time,
)
from satqn.kernels.placement_band import Band, extend, middle_node, segment_band, set_needs, trace, weigh
from satqn.kernels.placement_greedy import greedy_at, greedy_fastest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NARROW = 1.002
"""Bracket of the time at which bisection gives way to stepping from one answer to the next."""
NO_LIMIT = 1 << 40
"""More copies than any table holds."""
COARSE, FINE = 7, 15
"""Waiting factors assumed between 1 and ``LARGEST`` by a quick and by a thorough search."""
ROUNDS = 3
"""Rounds of a search for the best fidelity; each looks closer around the factor that served best so far."""
LARGEST = 0.75
"""Largest factor assumed, as an exponent of H_N: no better chain was found above in the US network."""


@njit(cache=True)
def best_of(
    n: int,
    time: float,
    above: float,
    positions: FloatArray,
    band: Band,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> float:
    """Return F of the best chain of exactly n segments if it is > ``above``, else 0; the factor is by n."""
    end = len(positions) - 1
    set_needs(band, above, rules)
    weigh(band, time, factors[n], log_weight)
    for layer in range(1, n + 1):
        if not extend(band, layer, n, True):
            return 0.0
    f = chain_fidelity(n, band.value[n, end], rules)
    if f <= above:
        return 0.0
    trace(positions, band, n, used)
    return f


@njit(cache=True)
def search_exact(
    depth: int,
    time: float,
    above: float,
    points: int,
    rounds: int,
    positions: FloatArray,
    band: Band,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (F, N) of the best chain found of up to ``depth`` segments if F > ``above``, else (0, 0).

    The exact waiting factor depends on all segments of a chain, so the weights do not simply add. The
    search assumes a factor, takes the longest chain of every N, and judges it by its true factor; ``points``
    factors are assumed, and in every further round as many around the one that served best. One round
    ends with the first success. A factor is at least 1, so a search that assumes 1 is an upper bound; the
    answer itself is the best found, not proven the best.
    """
    end = len(positions) - 1
    arms, times, found = np.empty(2 * depth), np.empty(depth), np.empty(2 * depth + 1, np.int64)
    best, best_n = 0.0, 0
    set_needs(band, above, rules)
    low, high, served = 0.0, LARGEST, 0.0
    for _ in range(rounds):
        step = (high - low) / (points + 1)
        for c in range(points):
            exponent = low + step * (c + 1)
            weigh(band, time, factors[depth] ** exponent, log_weight)
            for n in range(1, depth + 1):
                if not extend(band, n, depth, False):
                    break
                if band.value[n, end] <= band.need[n]:
                    continue
                trace(positions, band, n, found)
                arms_of(positions, found, n, arms)
                chain_times(arms, n, rules, factors, times)
                f = chain_fidelity(n, log_product_at(time, times, n, log_weight), rules)
                if f > max(best, above):
                    best, best_n, served = f, n, exponent
                    used[: 2 * n + 1] = found[: 2 * n + 1]
                    set_needs(band, best, rules)
            if best_n > 0 and rounds == 1:
                return best, best_n
        if best_n == 0:
            break
        low, high = max(served - step, 0.0), served + step
    return best, best_n


@njit(cache=True)
def deepest(positions: FloatArray, above: float, rules: ChainRules) -> int:
    """Return the largest number of segments whose ceiling is > ``above``."""
    depth = 0
    while depth < min((len(positions) - 1) // 2, rules.most) and ceiling(depth + 1, rules) > above:
        depth += 1
    return depth


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
    depth = deepest(positions, best, rules)
    if depth == 0:
        return best, best_n
    band = segment_band(positions, time, depth, rules)
    if rules.exact_waiting:
        f, n = search_exact(
            depth, time, best, FINE, ROUNDS, positions, band, rules, factors, log_weight, used
        )
        return (f, n) if n > 0 else (best, best_n)
    for n in range(1, depth + 1):
        if ceiling(n, rules) <= best:
            break
        f = best_of(n, time, best, positions, band, rules, factors, log_weight, used)
        if f > best:
            best, best_n = f, n
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
    """Return (T, N) of the placement that reaches the target first, T < ``below``; (inf, 0) if none does.

    With the exact waiting factor all N are searched at once, otherwise one after the other. Bisection over
    T; every success is moved back to the smallest time of its own placement; the end is proven by a search
    just below it.
    """
    above = np.nextafter(target, 0.0)
    depth = deepest(positions, above, rules)
    if depth == 0:
        return np.inf, 0
    arms, times, found = np.empty(2 * depth), np.empty(depth), np.empty(2 * depth + 1, np.int64)
    best, best_n = first_guess(positions, target, floor, rules, factors, log_weight, used)
    if best >= below:
        best, best_n = below, 0
    if best == np.inf or best <= floor:
        return (best, best_n) if best_n > 0 else (np.inf, 0)
    band = segment_band(positions, best, depth, rules)
    middle = max(1, best_n)
    for step in range(1 if rules.exact_waiting else depth):
        n = middle + step if middle + step <= depth else depth - step
        low, time = 0.0, best * (1.0 - SNAP)
        while True:
            last_step = time >= best * (1.0 - 2.0 * SNAP)
            if rules.exact_waiting:
                points = FINE if last_step else COARSE
                f, n = search_exact(
                    depth, time, above, points, 1, positions, band, rules, factors, log_weight, found
                )
            else:
                f = best_of(n, time, above, positions, band, rules, factors, log_weight, found)
            if f >= target:
                arms_of(positions, found, n, arms)
                chain_times(arms, n, rules, factors, times)
                best, best_n = smallest_time(times, n, target, best, floor, rules, log_weight), n
                used[: 2 * n + 1] = found[: 2 * n + 1]
                if best <= floor:
                    return best, best_n
            elif last_step:
                break
            else:
                low = time
            if low == 0.0:
                time = 0.7 * best
            elif best > NARROW * low:
                time = np.sqrt(low * best)
            else:
                time = best * (1.0 - SNAP)
            time = max(time, floor)
    return (best, best_n) if best_n > 0 else (np.inf, 0)


@njit(cache=True)
def first_guess(
    positions: FloatArray,
    target: float,
    floor: float,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (T, N) of the greedy answer or, where there is none, of one segment over the whole path."""
    best, n = greedy_fastest(positions, target, floor, NO_LIMIT, rules, factors, log_weight, used)
    if best < np.inf:
        return best, n
    arms, times = np.empty(2), np.empty(1)
    end = len(positions) - 1
    used[0], used[1], used[2] = 0, middle_node(positions, 0, end, 1), end
    arms_of(positions, used, 1, arms)
    chain_times(arms, 1, rules, factors, times)
    return smallest_time(times, 1, target, np.inf, floor, rules, log_weight), 1
