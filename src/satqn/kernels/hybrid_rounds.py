"""Rounds of the hybrid protocol: copies come at random, are distilled, swapped, delivered.

A way between two users is a row of *parts*: ion-ion segments and direct links of fibre, whose ion pairs
attempt side by side in cycles, and the satellite, whose pairs come as a Poisson process. A copy is a
phase-flip mixture of known fidelity. All copies of a part are distilled into one; what BBPSSW makes is a
Werner state, what DEJMPS makes of phase flips is turned back into a phase flip. So one number a state is
exact until parts are swapped; then it is a triple of correlations (:mod:`satqn.kernels.simulate_states`).

With perfect memories only the numbers of copies matter, and they are drawn as such; otherwise every copy
has its time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.hybrid_distil import GROUPS, distil, distil_equal
from satqn.kernels.replay_draws import binomial
from satqn.kernels.simulate_states import BBPSSW

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

AS_COUNTED, AS_THEY_COME = 0, 1
"""Every part has exactly the copies wanted; or those that came until the round ended."""

DELIVERED, WITHOUT_SATELLITE, WITHOUT_FIBRE, WITHOUT_EITHER = 0, 1, 2, 3
"""Entries of ``tally``: how rounds ended."""
TALLIES = 4
FIDELITY, FIDELITY_SQUARED, TIME, TIME_SQUARED = 0, 1, 2, 3
"""Entries of ``sums``: over delivered pairs."""
SUMS = 4
BINS = 512
"""Bins of fidelity, equal, from 0 to 1."""


class Parts(NamedTuple):
    """The parts of a way, one entry each, SI.

    ``cycle`` is the time of an attempt, with ``satellite`` the mean time between its pairs; ``success`` is
    the probability of one attempt; ``at_once`` attempts are made in a cycle; ``wanted`` copies must be there
    before a round may end.
    """

    satellite: NDArray[np.bool_]
    cycle: FloatArray
    success: FloatArray
    at_once: FloatArray
    fidelity: FloatArray
    wanted: IntArray


class Rules(NamedTuple):
    """What holds for a way: no round is shorter than ``least`` (s); ``most`` copies fit into a part.

    ``swap_factor`` is s to the number of swaps; ``memory_time`` is the dephasing time of a qubit, s, inf if
    perfect.
    """

    mode: int
    least: float
    most: int
    swap_factor: float
    protocol: int
    memory_time: float


@njit(cache=True)
def cycles_in(time: float, cycle: float) -> float:
    """Return the largest whole c with c * cycle <= time, true to the last bit."""
    c = np.floor(time / cycle)
    if (c + 1.0) * cycle <= time:
        c += 1.0
    elif c * cycle > time:
        c -= 1.0
    return float(c)


@njit(cache=True)
def attempts_until(k: int, p: float, rng: np.random.Generator) -> float:
    """Return the attempts up to and with the k-th success, k >= 1: the failures are gamma-mixed Poisson."""
    return k + float(rng.poisson(rng.standard_gamma(float(k)) * (1.0 - p) / p))


@njit(cache=True)
def coming(
    parts: Parts, rules: Rules, start: FloatArray, counts: IntArray, rng: np.random.Generator
) -> float:
    """Write how many copies every part has when all that is wanted is there; return the round's length.

    ``start`` has room for the attempt (fibre) or the time (satellite) of the last copy wanted. A part whose
    memories are full makes no more copies.
    """
    end = rules.least
    for j in range(len(counts)):
        start[j], k = 0.0, min(parts.wanted[j], rules.most)
        counts[j] = k
        if k > 0 and parts.satellite[j]:
            start[j] = rng.standard_gamma(float(k)) * parts.cycle[j]
            end = max(end, start[j])
        elif k > 0:
            start[j] = attempts_until(k, parts.success[j], rng)
            end = max(end, math.ceil(start[j] / parts.at_once[j]) * parts.cycle[j])
    for j in range(len(counts)):
        if parts.satellite[j]:
            more = rng.poisson((end - start[j]) / parts.cycle[j])
        else:
            left = parts.at_once[j] * cycles_in(end, parts.cycle[j]) - start[j]
            more = binomial(rng, int(left), parts.success[j])
        counts[j] = min(counts[j] + more, rules.most)
    return end


@njit(cache=True)
def next_copy(
    parts: Parts, j: int, trial: float, time: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return (attempt, time) of the copy of part ``j`` after the one of attempt ``trial`` at ``time``."""
    if parts.satellite[j]:
        return trial, time + rng.standard_exponential() * parts.cycle[j]
    decay = -math.log1p(-parts.success[j]) if parts.success[j] < 1.0 else math.inf
    trial += 1.0 + math.floor(rng.standard_exponential() / decay)
    return trial, math.ceil(trial / parts.at_once[j]) * parts.cycle[j]


@njit(cache=True)
def coming_times(
    parts: Parts,
    rules: Rules,
    times: FloatArray,
    pending: FloatArray,
    counts: IntArray,
    rng: np.random.Generator,
) -> float:
    """Write the times of the copies of a round that ends when all that is wanted is there; return its length.

    ``pending`` has shape (parts, 2).
    """
    end = rules.least
    for j in range(len(counts)):
        counts[j] = 0
        trial, time = next_copy(parts, j, 0.0, 0.0, rng)
        while counts[j] < min(parts.wanted[j], rules.most):
            times[j, counts[j]] = time
            counts[j] += 1
            end = max(end, time)
            trial, time = next_copy(parts, j, trial, time, rng)
        pending[j, 0], pending[j, 1] = trial, time
    for j in range(len(counts)):
        trial, time = pending[j]
        while time <= end and counts[j] < rules.most:
            times[j, counts[j]] = time
            counts[j] += 1
            trial, time = next_copy(parts, j, trial, time, rng)
    return end


@njit(cache=True)
def counted_times(parts: Parts, rules: Rules, times: FloatArray, rng: np.random.Generator) -> None:
    """Write the times of exactly the copies wanted, in order, uniform in a round.

    The last pair of the satellite comes as the round ends: it is what the round waited for.
    """
    for j in range(len(parts.wanted)):
        k, left = min(parts.wanted[j], rules.most), 1.0
        scattered = k - 1 if parts.satellite[j] else k
        for i in range(k):
            left *= rng.random() ** (1.0 / (scattered - i)) if i < scattered else 0.0
            times[j, i] = (1.0 - left) * rules.least


@njit(cache=True)
def run_rounds(
    parts: Parts,
    rules: Rules,
    runs: int,
    rng: np.random.Generator,
    tally: IntArray,
    sums: FloatArray,
    histogram: IntArray,
    copies_made: IntArray,
) -> None:
    """Play so many rounds and add to the counts.

    Parameters
    ----------
    tally, sums, histogram
        Shapes (TALLIES,), (SUMS,), (BINS,): how rounds ended; of the delivered pairs.
    copies_made
        Copies of every part over all rounds, shape (parts,).
    """
    width, timed = len(parts.cycle), rules.memory_time < math.inf
    room = rules.most if timed else 1
    times, pending = np.empty((width, room)), np.empty((width, 2))
    copies, made = np.empty(room), np.empty(room)
    values, groups = np.empty(GROUPS), np.empty(GROUPS, np.int64)
    counts, start = np.empty(width, np.int64), np.empty(width)
    for _ in range(runs):
        if rules.mode == AS_COUNTED:
            end = rules.least
            for j in range(width):
                counts[j] = min(parts.wanted[j], rules.most)
            if timed:
                counted_times(parts, rules, times, rng)
        elif timed:
            end = coming_times(parts, rules, times, pending, counts, rng)
        else:
            end = coming(parts, rules, start, counts, rng)
        outcome = DELIVERED
        for j in range(width):
            copies_made[j] += counts[j]
            if counts[j] == 0:
                outcome |= WITHOUT_SATELLITE if parts.satellite[j] else WITHOUT_FIBRE
        tally[outcome] += 1
        if outcome != DELIVERED:
            continue
        zz = xx = rules.swap_factor
        for j in range(width):
            k, f = counts[j], parts.fidelity[j]
            if timed:
                for i in range(k):
                    age = (end - times[j, i]) / rules.memory_time
                    copies[i] = 0.5 + (f - 0.5) * math.exp(-2.0 * age * age)
                f, worked = distil(copies, k, rules.protocol, made, rng)
            else:
                f, worked = distil_equal(f, k, rules.protocol, values, groups, rng)
            if worked and rules.protocol == BBPSSW:
                zz *= (4.0 * f - 1.0) / 3.0
                xx *= (4.0 * f - 1.0) / 3.0
            else:
                xx *= 2.0 * f - 1.0
        f = 0.25 * (1.0 + zz + 2.0 * xx)
        sums[FIDELITY] += f
        sums[FIDELITY_SQUARED] += f * f
        sums[TIME] += end
        sums[TIME_SQUARED] += end * end
        histogram[min(int(f * BINS), BINS - 1)] += 1
