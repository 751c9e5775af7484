"""Optimal placement of repeaters: for every number of segments worth trying, the longest path of edges.

The best fidelity at a time, and the smallest time to a target. *Source*: spec of the hybrid network,
section 3. :mod:`satqn.kernels.placement_band` says what the edges are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.placement import (
    SNAP,
    ChainRules,
    arms_of,
    ceiling,
    chain_fidelity,
    chain_times,
    smallest_time,
)
from satqn.kernels.placement_band import Band, extend, middle_node, segment_band, set_needs, trace, weigh
from satqn.kernels.placement_exact import exact_at, exact_fastest
from satqn.kernels.placement_greedy import greedy_at, greedy_fastest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NARROW = 1.002
"""Bracket of the time at which bisection gives way to stepping from one answer to the next."""
NO_LIMIT = 1 << 40
"""More copies than any table holds."""


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
        f, n = exact_at(depth, time, best, positions, band, rules, factors, log_weight, used)
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

    For every N a bisection over T; every success is moved back to the smallest time of its own placement,
    and the end is proven by a search just below it. The exact waiting factor has a scan of its own.
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
    if rules.exact_waiting:
        best, best_n = exact_fastest(
            depth, target, best, best_n, floor, positions, band, rules, factors, log_weight, used
        )
        return (best, best_n) if best_n > 0 else (np.inf, 0)
    middle = max(1, best_n)
    for step in range(depth):
        n = middle + step if middle + step <= depth else depth - step
        low, time = 0.0, best * (1.0 - SNAP)
        while True:
            last_step = time >= best * (1.0 - 2.0 * SNAP)
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
    best, n = greedy_fastest(positions, target, floor, np.int64(NO_LIMIT), rules, factors, log_weight, used)
    if best < np.inf:
        return best, n
    arms, times = np.empty(2), np.empty(1)
    # Typed numbers: a literal would compile every callee once more.
    start, one, end = np.int64(0), np.int64(1), len(positions) - 1
    used[0], used[1], used[2] = start, middle_node(positions, start, end, one), end
    arms_of(positions, used, one, arms)
    chain_times(arms, one, rules, factors, times)
    return smallest_time(times, one, target, np.inf, floor, rules, log_weight), 1
