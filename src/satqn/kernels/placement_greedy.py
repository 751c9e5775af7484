"""Greedy placement of repeaters as published: merge the two shortest neighbours, twice, evaluate, repeat.

*Source*: shao2025, Methods; spec of the hybrid network, section 3. The merges do not depend on the time,
so a path has a fixed list of configurations with N = ..., 3, 2, 1 segments.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from satqn.kernels.placement import (
    ChainRules,
    ceiling,
    chain_fidelity,
    chain_times,
    log_product_at,
    smallest_time,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True)
def merge_shortest(arms: FloatArray, marks: IntArray, count: int) -> int:
    """Drop the node between the adjacent arms with the smallest sum, in place; return the new count."""
    best = 0
    for i in range(1, count - 1):
        if arms[i] + arms[i + 1] < arms[best] + arms[best + 1]:
            best = i
    arms[best] += arms[best + 1]
    for i in range(best + 1, count - 1):
        arms[i] = arms[i + 1]
        marks[i] = marks[i + 1]
    marks[count - 1] = marks[count]
    return count - 1


@njit(cache=True)
def starting_arms(positions: FloatArray, threshold: int, arms: FloatArray, marks: IntArray) -> int:
    """Write the arms of a path and their nodes, merged down to an even count <= threshold; return it."""
    count = len(positions) - 1
    for i in range(count):
        arms[i] = positions[i + 1] - positions[i]
    for i in range(count + 1):
        marks[i] = i
    if count % 2 == 1 and count > 1:
        count = merge_shortest(arms, marks, count)
    while count > threshold:
        count = merge_shortest(arms, marks, count)
        count = merge_shortest(arms, marks, count)
    return count


@njit(cache=True)
def greedy_at(
    positions: FloatArray,
    time: float,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (F, N) of the best greedy configuration at ``time``; (0, 0) if none is ready.

    ``used[:2N+1]`` receives its nodes: end, photon repeater, ion repeater, ..., photon repeater, end.
    """
    size = len(positions)
    arms, marks, times = np.empty(size), np.empty(size, np.int64), np.empty(size)
    count = starting_arms(positions, 2 * rules.most + 2, arms, marks)
    best, best_n = 0.0, 0
    for _ in range(count // 2 - 1):
        count = merge_shortest(arms, marks, count)
        count = merge_shortest(arms, marks, count)
        n = count // 2
        if ceiling(n, rules) <= best:
            continue
        chain_times(arms, n, rules, factors, times)
        f = chain_fidelity(n, log_product_at(time, times, n, log_weight), rules)
        if f > best:
            best, best_n = f, n
            used[: 2 * n + 1] = marks[: 2 * n + 1]
    return best, best_n


@njit(cache=True)
def greedy_fastest(
    positions: FloatArray,
    target: float,
    floor: float,
    skip_above: int,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (T, N) of the greedy configuration that reaches the target first; (inf, 0) if none does.

    A configuration that would need more than ``skip_above`` copies of a segment is left out.
    """
    size = len(positions)
    arms, marks, times = np.empty(size), np.empty(size, np.int64), np.empty(size)
    count = starting_arms(positions, 2 * rules.most + 2, arms, marks)
    best, best_n = np.inf, 0
    for _ in range(count // 2 - 1):
        count = merge_shortest(arms, marks, count)
        count = merge_shortest(arms, marks, count)
        n = count // 2
        if ceiling(n, rules) < target:
            continue
        chain_times(arms, n, rules, factors, times)
        t = smallest_time(times, n, target, best, floor, rules, log_weight)
        if t < best and t < (skip_above + 1) * times[:n].min():
            best, best_n = t, n
            used[: 2 * n + 1] = marks[: 2 * n + 1]
    return best, best_n
