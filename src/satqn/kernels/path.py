"""One path: direct transmission or a chain, whichever delivers more, at a time or soonest.

A path is an array of positions along the fibre, m from its first node. N = 0 stands for direct
transmission. *Source*: shao2025; spec of the hybrid network, section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from satqn.kernels.copies import PERFECT, Memory, Tables, fill_tables
from satqn.kernels.placement import ChainRules, arms_of, chain_times, copies_in, direct_time, snapped
from satqn.kernels.placement_greedy import greedy_at, greedy_fastest
from satqn.kernels.placement_optimal import optimal_at, optimal_fastest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DIRECT_SINGLE_LINK, DIRECT_ALWAYS = 1, 2
"""Paths on which direct transmission is an alternative to a chain."""
SCAN_STEP = 1.005
"""Resolution of the smallest time when a memory is finite: fidelity then rises and falls."""
SCAN_END = 10.0
"""Longest time tried with a finite memory, in units of its dephasing time."""


class Policy(NamedTuple):
    """Placement, target, floor on T, most copies in greedy rates, and the options of the hybrid way."""

    optimal: bool
    target: float
    floor: float
    skip_above: int
    leg_direct: int
    both_legs: bool


class WorkSpace(NamedTuple):
    """Tables at the time they were last filled for, and the nodes of the last placement."""

    log_weight: FloatArray
    direct: FloatArray
    used: IntArray


@njit(cache=True)
def work_space(tables: Tables, longest: int) -> WorkSpace:
    """Return a work space for paths of up to ``longest`` nodes."""
    return WorkSpace(
        np.empty(tables.segment.shape[1]),
        np.empty(tables.direct.shape[1]),
        np.zeros(2 * longest + 3, np.int64),
    )


@njit(cache=True)
def path_at(
    positions: FloatArray,
    time: float,
    direct_mode: int,
    optimal: bool,
    rules: ChainRules,
    factors: FloatArray,
    work: WorkSpace,
) -> tuple[float, int]:
    """Return (F, N) of the better of direct (N = 0) and chain at ``time``; F = 0 if neither is ready."""
    end = len(positions) - 1
    if optimal:
        f, n = optimal_at(positions, time, rules, factors, work.log_weight, work.used)
    else:
        f, n = greedy_at(positions, time, rules, factors, work.log_weight, work.used)
    if direct_mode == DIRECT_ALWAYS or (direct_mode == DIRECT_SINGLE_LINK and end == 1):
        k = copies_in(time, direct_time(positions[end], rules), len(work.direct) - 1)
        if work.direct[k] > 0.0 and work.direct[k] >= f:
            f, n = work.direct[k], 0
    return f, n


@njit(cache=True)
def path_snapped(
    positions: FloatArray, time: float, n: int, rules: ChainRules, factors: FloatArray, work: WorkSpace
) -> float:
    """Return the smallest time at which the placement last found has the copies it has at ``time``."""
    if n == 0:
        t = direct_time(positions[len(positions) - 1], rules)
        return copies_in(time, t, len(work.direct) - 1) * t
    arms, times = np.empty(2 * n), np.empty(n)
    arms_of(positions, work.used, n, arms)
    chain_times(arms, n, rules, factors, times)
    return snapped(time, times, n, len(work.log_weight) - 1)


@njit(cache=True)
def direct_fastest(length: float, policy: Policy, rules: ChainRules, direct: FloatArray) -> float:
    """Return the smallest time at which direct transmission reaches the target, or inf."""
    t = direct_time(length, rules)
    for k in range(2, len(direct)):
        if direct[k] >= policy.target:
            time = max(k * t, policy.floor)
            return time if time < (policy.skip_above + 1) * t else np.inf
    return np.inf


@njit(cache=True)
def path_fastest(
    positions: FloatArray, policy: Policy, rules: ChainRules, factors: FloatArray, work: WorkSpace
) -> tuple[float, int]:
    """Return (T, N) at which a path reaches the target first with perfect memories; (inf, 0) if never."""
    best = direct_fastest(positions[len(positions) - 1], policy, rules, work.direct)
    if best <= policy.floor:
        return best, 0
    if policy.optimal:
        t, n = optimal_fastest(
            positions, policy.target, best, policy.floor, rules, factors, work.log_weight, work.used
        )
    else:
        skip = policy.skip_above
        t, n = greedy_fastest(
            positions, policy.target, policy.floor, skip, rules, factors, work.log_weight, work.used
        )
    return (t, n) if t < best else (best, 0)


@njit(cache=True)
def path_fastest_stored(
    positions: FloatArray,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
    work: WorkSpace,
) -> tuple[float, int]:
    """Return (T, N) at which a path reaches the target first with finite memories; (inf, 0) if never.

    No placement is faster than with perfect memories: the search starts there. Fidelity now rises with every
    copy and falls in between. With the copies of the end of a stretch of time and the storage of its
    beginning it is bounded from above: a stretch that cannot reach the target is skipped, another one is
    halved down to ``SCAN_STEP`` and then judged by its end.
    """
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    low, _ = path_fastest(positions, policy, rules, factors, work)
    if low > SCAN_END * memory.time:
        return np.inf, 0
    fill_tables(low, tables, memory, rules.werner, work.log_weight, work.direct)
    f, n = path_at(positions, low, DIRECT_ALWAYS, policy.optimal, rules, factors, work)
    if f >= policy.target:
        return low, n
    stretch = 2.0
    while low < SCAN_END * memory.time:
        high = low * stretch
        fill_tables(low, tables, memory, rules.werner, work.log_weight, work.direct)
        f, n = path_at(positions, high, DIRECT_ALWAYS, policy.optimal, rules, factors, work)
        if f < policy.target:
            low, stretch = high, stretch * stretch
            continue
        if stretch > SCAN_STEP:
            stretch = np.sqrt(stretch)
            continue
        fill_tables(high, tables, memory, rules.werner, work.log_weight, work.direct)
        f, n = path_at(positions, high, DIRECT_ALWAYS, policy.optimal, rules, factors, work)
        if f >= policy.target:
            return high, n
        low = high
    return np.inf, 0


@njit(cache=True)
def evaluate_fibre(
    indptr: IntArray,
    positions: FloatArray,
    times: FloatArray,
    policy: Policy,
    rules: ChainRules,
    rate_rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    rate_tables: Tables,
    memory: Memory,
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return per path the best F at its time, its N, and the smallest T to the target (inf: never).

    A time of 0 asks for no fidelity; an empty path delivers nothing.
    """
    count = len(indptr) - 1
    fidelity, segments, fastest = np.zeros(count), np.zeros(count, np.int64), np.full(count, np.inf)
    longest = 0
    for p in range(count):
        longest = max(longest, indptr[p + 1] - indptr[p])
    work, rate_work = work_space(tables, longest), work_space(rate_tables, longest)
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    fill_tables(0.0, rate_tables, memory, rules.werner, rate_work.log_weight, rate_work.direct)
    for p in range(count):
        path = positions[indptr[p] : indptr[p + 1]]
        if len(path) < 2:
            continue
        if times[p] > 0.0:
            if memory.kind != PERFECT:
                fill_tables(times[p], tables, memory, rules.werner, work.log_weight, work.direct)
            fidelity[p], segments[p] = path_at(
                path, times[p], DIRECT_ALWAYS, policy.optimal, rules, factors, work
            )
        if memory.kind == PERFECT:
            fastest[p], _ = path_fastest(path, policy, rate_rules, factors, rate_work)
        else:
            fastest[p], _ = path_fastest_stored(
                path, policy, rate_rules, factors, rate_tables, memory, rate_work
            )
    return fidelity, segments, fastest
