"""The smallest time to a target where memories are finite.

Fidelity then rises with every copy and falls in between. With the copies of the end of a stretch of time
and the storage of its beginning it is bounded from above: a stretch that cannot reach the target is skipped,
another one is halved down to ``SCAN_STEP`` and then judged by its end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.copies import Memory, Tables, fill_tables
from satqn.kernels.path import (
    DIRECT_ALWAYS,
    Policy,
    WorkSpace,
    longest_path,
    path_at,
    path_fastest,
    work_space,
)
from satqn.kernels.placement import ChainRules
from satqn.kernels.protocol import Connection, connection, first_time, hybrid_at

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SCAN_STEP = 1.005
"""Resolution of the smallest time when a memory is finite: fidelity then rises and falls."""
SCAN_END = 10.0
"""Longest time tried with a finite memory, in units of its dephasing time."""


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

    No placement is faster than with perfect memories: the search starts there.
    """
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    low, _ = path_fastest(positions, policy, rules, factors, work)
    if low > SCAN_END * memory.time:
        return np.inf, 0
    fill_tables(low, tables, memory, rules.werner, work.log_weight, work.direct)
    f, n = path_at(positions, low, np.int64(DIRECT_ALWAYS), policy.optimal, rules, factors, work)
    if f >= policy.target:
        return low, n
    stretch = 2.0
    while low < SCAN_END * memory.time:
        high = low * stretch
        fill_tables(low, tables, memory, rules.werner, work.log_weight, work.direct)
        f, n = path_at(positions, high, np.int64(DIRECT_ALWAYS), policy.optimal, rules, factors, work)
        if f < policy.target:
            low, stretch = high, stretch * stretch
            continue
        if stretch > SCAN_STEP:
            stretch = np.sqrt(stretch)
            continue
        fill_tables(high, tables, memory, rules.werner, work.log_weight, work.direct)
        f, n = path_at(positions, high, np.int64(DIRECT_ALWAYS), policy.optimal, rules, factors, work)
        if f >= policy.target:
            return high, n
        low = high
    return np.inf, 0


@njit(cache=True)
def paths_fastest_stored(
    indptr: IntArray,
    positions: FloatArray,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
) -> FloatArray:
    """Return the smallest T of every path to the target; inf if there is none."""
    count = len(indptr) - 1
    fastest, work = np.full(count, np.inf), work_space(tables, longest_path(indptr))
    for p in range(count):
        path = positions[indptr[p] : indptr[p + 1]]
        if len(path) > 1:
            fastest[p], _ = path_fastest_stored(path, policy, rules, factors, tables, memory, work)
    return fastest


@njit(cache=True)
def hybrid_fastest_stored(
    leg_a: FloatArray,
    leg_b: FloatArray,
    link: Connection,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
    work: WorkSpace,
) -> float:
    """Return the smallest T at which the hybrid way reaches the target, or inf."""
    low, stretch = first_time(link, policy), 2.0
    f, _ = hybrid_at(low, low, leg_a, leg_b, link, policy, rules, factors, tables, memory, work)
    if f >= policy.target:
        return low
    while low < SCAN_END * memory.time:
        high = low * stretch
        f, _ = hybrid_at(high, low, leg_a, leg_b, link, policy, rules, factors, tables, memory, work)
        if f < policy.target:
            low, stretch = high, stretch * stretch
            continue
        if stretch > SCAN_STEP:
            stretch = np.sqrt(stretch)
            continue
        f, _ = hybrid_at(high, high, leg_a, leg_b, link, policy, rules, factors, tables, memory, work)
        if f >= policy.target:
            return high
        low = high
    return np.inf


@njit(cache=True)
def hybrids_fastest_stored(
    leg_a: IntArray,
    leg_b: IntArray,
    station_rate: FloatArray,
    satellite: NDArray[np.bool_],
    indptr: IntArray,
    positions: FloatArray,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
) -> FloatArray:
    """Return the smallest T of every pair to the target; inf if there is none."""
    fastest, work = np.full(len(leg_a), np.inf), work_space(tables, longest_path(indptr))
    for p in range(len(leg_a)):
        a = positions[indptr[leg_a[p]] : indptr[leg_a[p] + 1]]
        b = positions[indptr[leg_b[p]] : indptr[leg_b[p] + 1]]
        if len(a) > 0 and len(b) > 0 and (station_rate[p] > 0.0 or not satellite[p]):
            link = connection(station_rate[p], satellite[p], policy)
            fastest[p] = hybrid_fastest_stored(a, b, link, policy, rules, factors, tables, memory, work)
    return fastest
