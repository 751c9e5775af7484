"""Greedy placement of repeaters as published: merge the two shortest neighbours, twice, evaluate, repeat.

*Source*: shao2025, Methods; spec of the hybrid network, section 3. Each merge drops one node, and which one
does not depend on the time: a path has one order in which its nodes go, and a fixed list of configurations
with N = 1, 2, 3, ... segments.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.placement import (
    ChainRules,
    arms_of,
    ceiling,
    chain_fidelity,
    chain_times,
    log_product_at,
    segment_times,
    smallest_time,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True)
def merge_ranks(positions: FloatArray) -> IntArray:
    """Return for every node the number of arms among which it goes; 0 for the two ends, which stay.

    Of all interior nodes the one whose neighbours are nearest to each other goes, the first of equals.
    """
    last = len(positions) - 1
    ranks = np.zeros(last + 1, np.int64)
    before, after = np.arange(-1, last), np.arange(1, last + 2)
    # Gaps only grow: a node whose gap is no longer that of its entry has a later one.
    gaps = [(positions[node + 1] - positions[node - 1], node) for node in range(1, last)]
    heapify(gaps)
    count = last
    while count > 1:
        gap, node = heappop(gaps)
        if ranks[node] > 0:
            continue
        now = positions[after[node]] - positions[before[node]]
        if now != gap:
            heappush(gaps, (now, node))
            continue
        ranks[node] = count
        count -= 1
        after[before[node]], before[after[node]] = after[node], before[node]
    return ranks


@njit(cache=True)
def configuration(ranks: IntArray, n: int, used: IntArray) -> None:
    """Write the nodes that are left with n segments: end, photon repeater, ion repeater, ..., end."""
    count = 0
    for node in range(len(ranks)):
        if ranks[node] <= 2 * n:
            used[count] = node
            count += 1


@njit(cache=True)
def most_segments(arms: int, most: int) -> int:
    """Return the number of segments at the first evaluation of a path with that many arms.

    The count of arms is made even, merged twice while it is above 2 * most + 2, and merged twice more.
    """
    return min(arms // 2 - 1, most)


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
    ranks, found = merge_ranks(positions), np.empty(size, np.int64)
    arms, times = np.empty(size), np.empty(size)
    best, best_n = 0.0, 0
    for n in range(1, most_segments(size - 1, rules.most) + 1):
        if ceiling(n, rules) <= best:
            break
        configuration(ranks, n, found)
        arms_of(positions, found, n, arms)
        segment_times(arms, n, rules, times)
        # A waiting factor is at least 1: without one a chain is at its best.
        if chain_fidelity(n, log_product_at(time, times, n, log_weight), rules) <= best:
            continue
        chain_times(arms, n, rules, factors, times)
        f = chain_fidelity(n, log_product_at(time, times, n, log_weight), rules)
        if f > best:
            best, best_n = f, n
            used[: 2 * n + 1] = found[: 2 * n + 1]
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
    ranks, found = merge_ranks(positions), np.empty(size, np.int64)
    arms, times = np.empty(size), np.empty(size)
    best, best_n = np.inf, 0
    for n in range(1, most_segments(size - 1, rules.most) + 1):
        if ceiling(n, rules) < target:
            break
        configuration(ranks, n, found)
        arms_of(positions, found, n, arms)
        chain_times(arms, n, rules, factors, times)
        t = smallest_time(times, n, target, best, floor, rules, log_weight)
        if t < best and t < (skip_above + 1) * times[:n].min():
            best, best_n = t, n
            used[: 2 * n + 1] = found[: 2 * n + 1]
    return best, best_n
