"""A chain of segments at a given time: copies per segment, fidelity, smallest time to a target.

A *segment* has two arms that meet in a photon repeater; segments meet in ion repeaters. Everything
that the placement of repeaters needs to know about the hardware is in :class:`ChainRules`, everything
about purification in two lookup tables (*Source*: shao2025, eqs. 1-4; the closed form of the spec, 2.3):

``log_weight[k]``
    ln(2 F - 1) of k copies turned into one (ln((4 F - 1)/3) for Werner states); -inf for k = 0. The last
    entry holds for every larger k.
``direct[k]``
    The same for direct transmission, as the fidelity itself; 0 for k < 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.placement_waiting import least_slowest, mean_slowest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SNAP = 1e-13
"""Relative step that counts as "just below": a few rounding errors of a product."""


class ChainRules(NamedTuple):
    """Hardware and options of a fibre chain as plain numbers, SI.

    ``loss_per_m`` is natural (transmittance exp(-loss_per_m l)); ``latency_per_m`` is the travel time
    that one attempt waits per metre of its longer arm; ``attempts`` is 2/P0^2, the mean number of
    attempts without fibre loss; ``swap`` is s = (4 F_s - 1)/3; ``exact_waiting`` replaces the factor
    of the table by the expected maximum over the segments at hand; ``most`` is the cap on N.
    """

    loss_per_m: float
    latency_per_m: float
    emission_time: float
    attempts: float
    ion_pairs: float
    direct_latency_per_m: float
    direct_attempts: float
    swap: float
    werner: bool
    longer_arm: bool
    exact_waiting: bool
    most: int


@njit(cache=True)
def segment_time(a: float, b: float, rules: ChainRules) -> float:
    """Return the mean time per pair of a segment by itself, all ion pairs at work, s."""
    longer = max(a, b)
    loss = 2.0 * longer if rules.longer_arm else a + b
    attempt = rules.latency_per_m * longer + rules.emission_time
    return attempt * rules.attempts / rules.ion_pairs * np.exp(rules.loss_per_m * loss)


@njit(cache=True)
def direct_time(length: float, rules: ChainRules) -> float:
    """Return the mean time per directly transmitted pair, all ion pairs at work, s (eq. 2)."""
    trip = rules.direct_latency_per_m * length + rules.emission_time
    return trip * rules.direct_attempts / rules.ion_pairs * np.exp(rules.loss_per_m * length)


@njit(cache=True)
def copies_in(time: float, time_per_copy: float, most: int) -> int:
    """Return the largest k <= ``most`` with k * time_per_copy <= time, true to the last bit."""
    ratio = time / time_per_copy
    if ratio >= most + 1:
        return most
    k = int(ratio)
    if (k + 1) * time_per_copy <= time:
        k += 1
    elif k * time_per_copy > time:
        k -= 1
    return min(k, most)


@njit(cache=True)
def chain_fidelity(n: int, log_product: float, rules: ChainRules) -> float:
    """Return F of n segments whose log weights sum to ``log_product``; 0 if one has no pair."""
    if log_product == -np.inf:
        return 0.0
    swaps = rules.swap ** (n - 1)
    if rules.werner:
        return 0.25 * (1.0 + 3.0 * swaps * np.exp(log_product))
    return 0.25 * (1.0 + swaps * (1.0 + 2.0 * np.exp(log_product)))


@njit(cache=True)
def ceiling(n: int, rules: ChainRules) -> float:
    """Return the fidelity of n perfect segments."""
    return 0.25 * (1.0 + 3.0 * rules.swap ** (n - 1))


@njit(cache=True)
def cycle_success(a: float, b: float, rules: ChainRules) -> float:
    """Return the probability 1 - (1 - p)^m that at least one ion pair of a segment succeeds in a cycle."""
    loss = 2.0 * max(a, b) if rules.longer_arm else a + b
    p = np.exp(-rules.loss_per_m * loss) / rules.attempts
    return -np.expm1(rules.ion_pairs * np.log1p(-p))


@njit(cache=True)
def arms_of(positions: FloatArray, used: IntArray, n: int, arms: FloatArray) -> None:
    """Write the 2n arms between the nodes in use."""
    for i in range(2 * n):
        arms[i] = positions[used[i + 1]] - positions[used[i]]


@njit(cache=True)
def segment_times(arms: FloatArray, n: int, rules: ChainRules, out: FloatArray) -> None:
    """Write the times per pair of the n segments with arms ``arms[2j], arms[2j+1]``, each by itself."""
    for j in range(n):
        out[j] = segment_time(arms[2 * j], arms[2 * j + 1], rules)


@njit(cache=True)
def chain_times(arms: FloatArray, n: int, rules: ChainRules, factors: FloatArray, out: FloatArray) -> float:
    """Write T_j of n segments, waiting for the slowest included; return the waiting factor.

    The exact factor is E[max over the segments of the first success]/(largest mean), in cycles.
    """
    segment_times(arms, n, rules, out)
    factor = factors[n]
    if rules.exact_waiting:
        cycle = np.empty(n)
        for j in range(n):
            cycle[j] = cycle_success(arms[2 * j], arms[2 * j + 1], rules)
        factor = mean_slowest(cycle) * cycle.min()
    for j in range(n):
        out[j] *= factor
    return factor


@njit(cache=True)
def least_times(arms: FloatArray, n: int, rules: ChainRules, out: FloatArray) -> None:
    """Write less than the T_j of n segments with the exact waiting factor: a bound, soon found."""
    segment_times(arms, n, rules, out)
    decay = np.empty(n)
    for j in range(n):
        a, b = arms[2 * j], arms[2 * j + 1]
        loss = 2.0 * max(a, b) if rules.longer_arm else a + b
        decay[j] = -rules.ion_pairs * np.log1p(-np.exp(-rules.loss_per_m * loss) / rules.attempts)
    factor = max(1.0, -np.expm1(-decay.min()) * least_slowest(decay))
    for j in range(n):
        out[j] *= factor


@njit(cache=True)
def log_product_at(time: float, times: FloatArray, n: int, log_weight: FloatArray) -> float:
    """Return the sum of the log weights of n segments with times per copy ``times`` at ``time``."""
    total = 0.0
    last = len(log_weight) - 1
    for j in range(n):
        k = copies_in(time, times[j], last)
        if k < 1:
            return -np.inf
        total += log_weight[k]
    return total


@njit(cache=True)
def snapped(time: float, times: FloatArray, n: int, last: int) -> float:
    """Return the smallest time at which every segment has as many copies as it has at ``time``."""
    earliest = 0.0
    for j in range(n):
        earliest = max(earliest, copies_in(time, times[j], last) * times[j])
    return earliest


@njit(cache=True)
def smallest_time(
    times: FloatArray,
    n: int,
    target: float,
    below: float,
    floor: float,
    rules: ChainRules,
    log_weight: FloatArray,
) -> float:
    """Return the smallest T in [floor, below) with F(T) >= target for one chain, or inf.

    F is a step function that never falls, so bisection closes in on the step and the answer is snapped to
    it: T = k T_j exactly, for some j and k (or the floor).
    """
    last = len(log_weight) - 1
    low = max(floor, times[:n].max())
    if chain_fidelity(n, log_product_at(low, times, n, log_weight), rules) >= target:
        return low if low < below else np.inf
    high = min(below * (1.0 - SNAP), times[:n].max() * last)
    if high <= low or chain_fidelity(n, log_product_at(high, times, n, log_weight), rules) < target:
        return np.inf
    while True:
        high = snapped(high, times, n, last)
        just_below = high * (1.0 - SNAP)
        if chain_fidelity(n, log_product_at(just_below, times, n, log_weight), rules) < target:
            return high
        high = just_below
        middle = np.sqrt(low * high)
        if chain_fidelity(n, log_product_at(middle, times, n, log_weight), rules) >= target:
            high = middle
        else:
            low = middle
