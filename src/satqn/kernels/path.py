"""One path: direct transmission or a chain, whichever delivers more, at a time or soonest.

A path is an array of positions along the fibre, m from its first node. N = 0 stands for direct
transmission. *Source*: shao2025; spec of the hybrid network, section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.copies import PERFECT, Memory, Tables, fill_tables
from satqn.kernels.placement import ChainRules, arms_of, chain_times, copies_in, direct_time, snapped
from satqn.kernels.placement_greedy import greedy_at, greedy_fastest
from satqn.kernels.placement_optimal import optimal_at, optimal_fastest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DIRECT_SINGLE_LINK, DIRECT_ALWAYS = 1, 2
"""Paths on which direct transmission is an alternative to a chain."""


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
def longest_path(indptr: IntArray) -> int:
    """Return the number of nodes of the longest path."""
    longest = 0
    for p in range(len(indptr) - 1):
        longest = max(longest, indptr[p + 1] - indptr[p])
    return longest


@njit(cache=True)
def paths_at(
    indptr: IntArray,
    positions: FloatArray,
    times: FloatArray,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
) -> tuple[FloatArray, IntArray]:
    """Return (F, N) of every path at its time; 0 without a path or a time, or if nothing is ready."""
    count = len(indptr) - 1
    fidelity, segments = np.zeros(count), np.zeros(count, np.int64)
    work = work_space(tables, longest_path(indptr))
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    for p in range(count):
        path = positions[indptr[p] : indptr[p + 1]]
        if len(path) < 2 or times[p] <= 0.0:
            continue
        if memory.kind != PERFECT:
            fill_tables(times[p], tables, memory, rules.werner, work.log_weight, work.direct)
        fidelity[p], segments[p] = path_at(
            path, times[p], np.int64(DIRECT_ALWAYS), policy.optimal, rules, factors, work
        )
    return fidelity, segments


@njit(cache=True)
def paths_fastest(
    indptr: IntArray,
    positions: FloatArray,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
) -> FloatArray:
    """Return the smallest T of every path to the target with perfect memories; inf if there is none."""
    count = len(indptr) - 1
    fastest = np.full(count, np.inf)
    work = work_space(tables, longest_path(indptr))
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    for p in range(count):
        path = positions[indptr[p] : indptr[p + 1]]
        if len(path) > 1:
            fastest[p], _ = path_fastest(path, policy, rules, factors, work)
    return fastest
