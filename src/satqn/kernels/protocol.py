"""The hybrid way for many pairs: fibre from both ends to their stations, the satellite between those.

*Source*: shao2025; spec of the hybrid network, section 3. Legs are ragged arrays of positions along the
fibre: leg l is ``positions[indptr[l]:indptr[l+1]]``, m from its first node; a leg of one node has length 0
and fidelity 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.copies import PERFECT, Memory, Tables, fill_tables, satellite_factor, stored_fidelity
from satqn.kernels.path import Policy, WorkSpace, longest_path, path_at, path_snapped, work_space
from satqn.kernels.placement import SNAP, ChainRules, copies_in
from satqn.kernels.placement_optimal import NARROW, NO_LIMIT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

START = 1e-4
"""Where the search for the smallest time begins if there is no satellite pair to wait for, s."""
DOUBLINGS = 40
"""The time is doubled so often, from the first satellite pair on, before a target counts as out of reach."""


class Connection(NamedTuple):
    """What the hybrid way of one pair consists of.

    ``rate`` of the satellite between the stations; ``leg_b`` False leaves out B's leg and its swap, as the
    published rates do; ``satellite`` False joins the legs at the station that the ends share.
    """

    rate: float
    leg_b: bool
    satellite: bool


@njit(cache=True)
def joined(fidelities: FloatArray, swaps: int, rules: ChainRules) -> float:
    """Return F of links joined by n noisy swaps, 1/4 [1 + s^n (1 + 2 prod(2 F - 1))]; 0 if one is missing."""
    product = 1.0
    for f in fidelities:
        if f == 0.0:
            return 0.0
        product *= (4.0 * f - 1.0) / 3.0 if rules.werner else 2.0 * f - 1.0
    s = rules.swap**swaps
    return 0.25 * (1.0 + 3.0 * s * product) if rules.werner else 0.25 * (1.0 + s * (1.0 + 2.0 * product))


@njit(cache=True)
def leg_at(
    leg: FloatArray, time: float, policy: Policy, rules: ChainRules, factors: FloatArray, work: WorkSpace
) -> tuple[float, float]:
    """Return (F, earliest time of the same copies) of one leg; the tables are those of ``time``."""
    if len(leg) == 1:
        return 1.0, 0.0
    f, n = path_at(leg, time, policy.leg_direct, policy.optimal, rules, factors, work)
    return f, path_snapped(leg, time, n, rules, factors, work) if f > 0.0 else 0.0


@njit(cache=True)
def hybrid_at(
    time: float,
    stored: float,
    leg_a: FloatArray,
    leg_b: FloatArray,
    link: Connection,
    policy: Policy,
    rules: ChainRules,
    factors: FloatArray,
    tables: Tables,
    memory: Memory,
    work: WorkSpace,
) -> tuple[float, float]:
    """Return (F, earliest time of the same copies) of the hybrid way in rounds of length ``time``.

    ``stored`` is the time over which memories dephase: that of the round or, for an upper bound, less.
    """
    if memory.kind != PERFECT:
        fill_tables(stored, tables, memory, rules.werner, work.log_weight, work.direct)
    f = np.ones(3)
    swaps, earliest = 2 if link.leg_b else 1, 0.0
    if link.satellite:
        each = 1.0 / link.rate
        k = copies_in(time, each, np.int64(NO_LIMIT))
        factor = satellite_factor(stored, copies_in(stored, each, np.int64(NO_LIMIT)), memory)
        f[0], earliest = stored_fidelity(tables.satellite, k, factor), k * each
    else:
        swaps = 1 if len(leg_a) > 1 and len(leg_b) > 1 else 0
    if f[0] > 0.0:
        f[1], ready = leg_at(leg_a, time, policy, rules, factors, work)
        earliest = max(earliest, ready)
    if f[0] > 0.0 and f[1] > 0.0 and link.leg_b:
        f[2], ready = leg_at(leg_b, time, policy, rules, factors, work)
        earliest = max(earliest, ready)
    return joined(f, swaps, rules), earliest


@njit(cache=True)
def first_time(link: Connection, policy: Policy) -> float:
    """Return the time at which the search for the smallest one begins, s."""
    return max(1.0 / link.rate if link.satellite else START, policy.floor)


@njit(cache=True)
def hybrid_fastest(
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
    """Return the smallest T at which the hybrid way reaches the target with perfect memories, or inf.

    F never falls with T: bisection, each success moved back to the earliest time of the same copies, until
    nothing succeeds just below it.
    """
    start = first_time(link, policy)
    low, high, time = 0.0, np.inf, start
    while True:
        f, earliest = hybrid_at(time, time, leg_a, leg_b, link, policy, rules, factors, tables, memory, work)
        if f >= policy.target:
            high = max(earliest, policy.floor)
        elif time >= high * (1.0 - 2.0 * SNAP):
            return high
        else:
            low = time
        if high <= policy.floor or (link.satellite and high <= start):
            return high
        if high == np.inf:
            time *= 2.0
            if time > start * 2.0**DOUBLINGS:
                return np.inf
        elif low == 0.0:
            time = max(0.5 * high, policy.floor)
        elif high > NARROW * low:
            time = np.sqrt(low * high)
        else:
            time = high * (1.0 - SNAP)


@njit(cache=True)
def connection(rate: float, satellite: bool, policy: Policy) -> Connection:
    """Return the connection that a rate is asked for."""
    return Connection(rate, policy.both_legs or not satellite, satellite)


@njit(cache=True)
def hybrids_at(
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
    """Return the hybrid F of every pair at the time 1/R_s of its stations.

    0 without a leg (an empty one), without a view of the satellite (rate 0), or if nothing is ready.
    """
    fidelity = np.zeros(len(leg_a))
    work = work_space(tables, longest_path(indptr))
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    for p in range(len(leg_a)):
        a = positions[indptr[leg_a[p]] : indptr[leg_a[p] + 1]]
        b = positions[indptr[leg_b[p]] : indptr[leg_b[p] + 1]]
        if len(a) > 0 and len(b) > 0 and station_rate[p] > 0.0:
            link, each = Connection(station_rate[p], True, satellite[p]), 1.0 / station_rate[p]
            fidelity[p], _ = hybrid_at(each, each, a, b, link, policy, rules, factors, tables, memory, work)
    return fidelity


@njit(cache=True)
def hybrids_fastest(
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
    """Return the smallest T of every pair to the target with perfect memories; inf if there is none.

    Legs joined at a shared station need no satellite.
    """
    fastest = np.full(len(leg_a), np.inf)
    work = work_space(tables, longest_path(indptr))
    fill_tables(0.0, tables, memory, rules.werner, work.log_weight, work.direct)
    for p in range(len(leg_a)):
        a = positions[indptr[leg_a[p]] : indptr[leg_a[p] + 1]]
        b = positions[indptr[leg_b[p]] : indptr[leg_b[p] + 1]]
        if len(a) > 0 and len(b) > 0 and (station_rate[p] > 0.0 or not satellite[p]):
            link = connection(station_rate[p], satellite[p], policy)
            fastest[p] = hybrid_fastest(a, b, link, policy, rules, factors, tables, memory, work)
    return fastest
