"""One attempt of a level: when it succeeds or fails, and what it makes, from equal independent links.

A link is two columns over t = 1..M: ``mass`` f(t) = P(T = t) and ``correlation`` g(t) = f(t) E[w | T = t].
All that happens to links is linear in the state of each of them, and links are independent; so the mean
state at each time is all that is needed, and nothing here is an approximation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from satqn.simulate.nested_protocol import Level

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attempts:
    """What one attempt does at t = 1..M.

    Parameters
    ----------
    success, failure
        P(the attempt ends at t with a link), P(it ends at t without).
    correlation
        ``success`` times the mean correlation of the link.
    """

    success: FloatArray
    failure: FloatArray
    correlation: FloatArray


def attempts(mass: FloatArray, correlation: FloatArray, level: Level, decay: float) -> Attempts:
    """Return the outcome of one attempt of a level.

    Parameters
    ----------
    mass, correlation
        Of its links, shape (M,).
    level
        What is done with them.
    decay
        Factor on the correlation per step in memory.
    """
    width = mass.size if level.cutoff is None else level.cutoff
    windows = window_sum(np.append(mass, 0.0), 1.0, width)
    before = windows[:-1]
    complete = power_difference(before + mass, before, mass, level.links)
    discarded = _discarded(mass, windows, level)
    stored = window_sum(correlation, decay, width)
    both = power_difference(stored + correlation, stored, correlation, level.links)
    if level.kind == "swap":
        chance = level.joint_success
        return Attempts(chance * complete, discarded + (1.0 - chance) * complete, chance * level.noise * both)
    lone = 2.0 * (correlation * before + mass * stored + mass * correlation)
    failure = discarded + np.maximum(complete - both, 0.0) / 2.0
    return Attempts((complete + both) / 2.0, failure, (lone + 4.0 * both) / 6.0)


def window_sum(column: FloatArray, decay: float, width: int) -> FloatArray:
    """Return sum over k = 1..width of column(t - k) decay^k, for every t.

    Parameters
    ----------
    column
        Shape (M,); zero before its start.
    decay
        In (0, 1].
    width
        >= 0.

    Notes
    -----
    Blocks as long as the window: each window is the end of one block and the start of the next, both
    running sums. So no term is ever taken away again, and small results keep their digits.
    """
    size = column.size
    if width == 0 or size < 2:
        return np.zeros(size)
    shifted = np.concatenate([[0.0], column[:-1]]) * decay
    if width >= size:
        return np.asarray(lfilter([1.0], [1.0, -decay], shifted))
    rows = np.concatenate([shifted, np.zeros(-size % width)]).reshape(-1, width)
    started = lfilter([1.0], [1.0, -decay], rows, axis=1)
    fading = decay ** np.arange(width - 1, -1, -1.0)
    ended = np.cumsum((rows * fading)[:, ::-1], axis=1)[:, ::-1]
    started[1:, :-1] += ended[:-1, 1:] * decay ** np.arange(1.0, width)
    return np.asarray(started.reshape(-1)[:size])


def power_difference(high: FloatArray, low: FloatArray, step: FloatArray, power: int) -> FloatArray:
    """Return high^n - low^n for high = low + step, as a sum of positive terms."""
    total, low_power = np.ones_like(high), np.ones_like(low)
    for _ in range(power - 1):
        low_power = low_power * low
        total = total * high + low_power
    return step * total


def _discarded(mass: FloatArray, before: FloatArray, level: Level) -> FloatArray:
    """Return P(first link at t - cutoff, last link after t), for every t.

    ``before`` is the sum over the window before each of t = 1..M + 1.
    """
    cutoff = level.cutoff
    if cutoff is None or cutoff >= mass.size:
        return np.zeros_like(mass)
    first = mass[: mass.size - cutoff]
    late = np.maximum(1.0 - np.cumsum(mass)[cutoff:], 0.0)
    some_late = _some_late(first, before[cutoff + 1 :], late, level.links)
    return np.concatenate([np.zeros(cutoff), some_late])


def _some_late(first: FloatArray, inside: FloatArray, late: FloatArray, links: int) -> FloatArray:
    """Return (f + I + L)^n - (I + L)^n - (f + I)^n + I^n, as a sum of positive terms.

    The probability that of n links at least one is the first (f), at least one late (L) and the others
    either or inside the window (I).
    """
    # by recursion over k: D = (I + L)^k - I^k, Q = [(f + I + L)^k - (I + L)^k] / f, R = Q - Q at L = 0
    inside_power = np.ones_like(first)
    d, q, r = np.zeros_like(first), np.zeros_like(first), np.zeros_like(first)
    for _ in range(links):
        r = (first + inside) * r + late * q + d
        q = (first + inside + late) * q + inside_power + d
        d = (inside + late) * d + late * inside_power
        inside_power = inside_power * inside
    return first * r
