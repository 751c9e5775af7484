"""Many copies into one pair: the exact mean fidelity of purifying the two lowest again and again.

One of k copies is kept in reserve. Of the others the two of lowest fidelity are purified; a success is
put back, a failure loses both; the last one left is the result, and the reserve is used when none is left.

The states that can occur are few. All copies of the fidelity F_0 are paired before any better pair is
touched, then all of F_1 = purify(F_0, F_0), and so on: *levels*. Beside the n pairs of level l there is
at most one *odd* pair, descended from what an odd number left over. If it is worse than F_l it is purified
with pairs of level l until it is better or lost; if better, it waits until the n pairs have been paired,
and takes a leftover of theirs. So a value function V_l(n, odd) over all n and all odd values, level by level
from the top, gives every k up to k_max at once. The odd values about double with each level
while n halves, and the pairs that survive a level are binomial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Purify = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

_NEGLIGIBLE = 44.0
"""Binomial tails of a probability below exp(-44) = 8e-20 are left out."""


@dataclass(frozen=True, slots=True)
class _Level:
    """What can happen among pairs of one fidelity.

    ``pumped[s]`` are the odd values after s purifications with pairs of this level (those already
    above ``fidelity`` stay), ``pump_success[s]`` the probabilities of the next one; the last row of
    ``pumped`` is where they end, and ``merge_success`` the probability that it takes a leftover.
    """

    fidelity: float
    success: float
    pumped: list[FloatArray]
    pump_success: list[FloatArray]
    merge_success: FloatArray


def mean_fidelities(f1: float, k_max: int, purify: Purify) -> FloatArray:
    """Return the exact mean fidelity of k copies made one, for k = 0..k_max.

    Parameters
    ----------
    f1
        Fidelity of every copy, above 1/2 and below 1.
    k_max
        Largest number of copies, >= 1.
    purify
        Fidelity and success probability of two pairs; increasing in both fidelities, and no worse
        than the lower one.

    Returns
    -------
    NDArray[np.float64]
        Shape (k_max + 1,). Entry 0 is 0: no copy, no pair.

    Notes
    -----
    Source: specification of the hybrid network, section 2.4. Cost about k_max^1.5.
    """
    levels, odd = _ascend(f1, k_max - 1, purify)
    # Columns of V: no odd pair, then one per odd value. At the top no pair of the level is left.
    value = np.concatenate([[f1], odd])[None, :]
    for depth, level in reversed(list(enumerate(levels))):
        value = _descend(level, (k_max - 1) >> depth, value)
    return np.concatenate([[0.0], value[:, 0]])


def _ascend(f1: float, copies: int, purify: Purify) -> tuple[list[_Level], FloatArray]:
    """Return the levels that ``copies`` copies can fill, and the odd values above them."""
    levels: list[_Level] = []
    fidelity, odd = np.float64(f1), np.empty(0)
    while copies >> len(levels):
        here = np.asarray(fidelity)
        pumped, pump_success = [odd], []
        while np.any(pumped[-1] < here):
            better, success = purify(pumped[-1], here)
            below = pumped[-1] < here
            pump_success.append(np.where(below, success, 1.0))
            pumped.append(np.where(below, better, pumped[-1]))
        merged, merge_success = purify(here, pumped[-1])
        above, success = purify(here, here)
        levels.append(_Level(float(fidelity), float(success), pumped, pump_success, merge_success))
        odd = np.concatenate([[fidelity], pumped[-1], merged])
        fidelity = np.float64(above)
    return levels, odd


def _descend(level: _Level, n_max: int, above: FloatArray) -> FloatArray:
    """Return V of a level, shape (n_max + 1, 1 + odd values), from V of the next one."""
    after = _binomial_means(above, level.success)  # by the number of couples purified
    odds = len(level.merge_success)
    leftover, stay, merged = after[:, 1], after[:, 2 : 2 + odds], after[:, 2 + odds :]
    paired = np.empty((n_max + 1, 1 + odds))
    paired[0::2, 0], paired[0::2, 1:] = after[:, 0], stay
    lone = (n_max + 1) // 2
    paired[1::2, 0] = leftover[:lone]
    lost = after[:lone, :1]
    paired[1::2, 1:] = lost + level.merge_success * (merged[:lone] - lost)

    value = paired[:, 1:]
    for odd, success in zip(reversed(level.pumped[:-1]), reversed(level.pump_success), strict=True):
        below = odd < level.fidelity
        pumped = np.empty_like(value)
        pumped[0] = odd
        pumped[1:] = paired[:-1, :1] + success * (value[:-1] - paired[:-1, :1])
        value = np.where(below, pumped, value)
    return np.concatenate([paired[:, :1], value], axis=1)


def _binomial_means(values: FloatArray, success: float) -> FloatArray:
    """Return, for b = 0.., the mean of rows ``values[j]`` with j binomial(b, success).

    The number of failures is kept within the distance from its mean beyond which Bernstein's
    inequality leaves less than exp(-44) on each side; the weights come from their ratios.
    """
    failure = 1.0 - success
    means = np.empty_like(values)
    for b in range(len(values)):
        reach = _NEGLIGIBLE / 3.0 + np.sqrt(_NEGLIGIBLE**2 / 9.0 + 2.0 * _NEGLIGIBLE * b * failure * success)
        low = max(0, int(b * failure - reach))
        high = min(b, int(b * failure + reach) + 1)
        i = np.arange(low, high)
        weights = np.ones(high - low + 1)
        np.cumprod((b - i) / (i + 1.0) * (failure / success), out=weights[1:])
        means[b] = weights @ values[b - high : b - low + 1][::-1] / weights.sum()
    return means
