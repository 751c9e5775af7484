"""Optimal placement where the waiting factor depends on all segments of a chain: a search with a bound.

With the exact waiting factor W the weights of segments do not simply add. But at a given T/W they do: the
longest chain of every N is then the best of its N, and it is judged by its own true W. So T/W is scanned.
Because W >= 1, no answer lies at T/W > T, and a scan that assumes W = 1 bounds the fidelity from above; at
the other end the scan for the smallest T stops where no chain reaches the target any more, since F never
falls with T/W. Between the steps of the scan better chains may hide: the answer is the best found, truly
evaluated, not proven the best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.placement import (
    ChainRules,
    arms_of,
    chain_fidelity,
    chain_times,
    least_times,
    log_product_at,
    smallest_time,
)
from satqn.kernels.placement_band import Band, extend, set_needs, trace, weigh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STEP = 1.015
"""Ratio of neighbouring T/W in the search for the best fidelity at a time."""
CLOSER = 8
"""Values tried on either side of the best of that scan, within one step."""
COARSE, FINE = 1.12, 1.01
"""Ratios of neighbouring T/W in the two scans for the smallest time."""
SHORT = 0.05
"""A chain that is the best of its N at a T/W is looked at if it is so little short of the target there."""


@njit(cache=True)
def exact_at(
    depth: int,
    time: float,
    above: float,
    positions: FloatArray,
    band: Band,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (F, N) of the best chain found of up to ``depth`` segments if F > ``above``, else (0, 0)."""
    arms, times, found = np.empty(2 * depth), np.empty(depth), np.empty(2 * depth + 1, np.int64)
    end = len(positions) - 1
    best, best_n, served, ended = above, 0, 0.0, False
    steps = int(np.log(factors[depth]) / np.log(STEP)) + 1
    for c in range(steps + 2 * CLOSER):
        if c < steps and ended:  # weights fall with W: nothing wins from here on
            continue
        if c == steps and best_n == 0:
            break
        near = c - steps if c - steps < CLOSER else c - steps + 1
        exponent = c + 0.5 if c < steps else served + (near - CLOSER) / CLOSER
        set_needs(band, best, rules)
        weigh(band, time, STEP**exponent, log_weight)
        for n in range(1, depth + 1):
            if not extend(band, n, depth, False):
                ended = n == 1
                break
            if band.value[n, end] <= band.need[n]:
                continue
            trace(positions, band, n, found)
            arms_of(positions, found, n, arms)
            least_times(arms, n, rules, times)
            if chain_fidelity(n, log_product_at(time, times, n, log_weight), rules) <= best:
                continue
            chain_times(arms, n, rules, factors, times)
            f = chain_fidelity(n, log_product_at(time, times, n, log_weight), rules)
            if f > best:
                best, best_n = f, n
                used[: 2 * n + 1] = found[: 2 * n + 1]
                if c < steps:
                    served = exponent
    return (best, best_n) if best_n > 0 else (0.0, 0)


@njit(cache=True)
def exact_fastest(
    depth: int,
    target: float,
    best: float,
    best_n: int,
    floor: float,
    positions: FloatArray,
    band: Band,
    rules: ChainRules,
    factors: FloatArray,
    log_weight: FloatArray,
    used: IntArray,
) -> tuple[float, int]:
    """Return (T, N) of the chain found that reaches the target first, T < ``best``, else (best, best_n)."""
    arms, times, found = np.empty(2 * depth), np.empty(depth), np.empty(2 * depth + 1, np.int64)
    end = len(positions) - 1
    set_needs(band, target - SHORT, rules)
    for ratio in (COARSE, FINE):
        assumed = best
        reached = True
        while reached and best > floor:
            weigh(band, assumed, 1.0, log_weight)
            reached = False
            for n in range(1, depth + 1):
                if not extend(band, n, depth, False):
                    break
                if band.value[n, end] <= band.need[n]:
                    continue
                reached = True
                trace(positions, band, n, found)
                arms_of(positions, found, n, arms)
                least_times(arms, n, rules, times)
                if chain_fidelity(n, log_product_at(best, times, n, log_weight), rules) < target:
                    continue
                chain_times(arms, n, rules, factors, times)
                t = smallest_time(times, n, target, best, floor, rules, log_weight)
                if t < best:
                    best, best_n = t, n
                    used[: 2 * n + 1] = found[: 2 * n + 1]
            assumed = min(assumed, best) / ratio
    return best, best_n
