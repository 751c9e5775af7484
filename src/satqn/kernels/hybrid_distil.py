"""k copies distilled into one with random successes, two ways: copy by copy, and equal copies by the couple.

The worst copy is kept in reserve; of the others the two worst are purified again and again until one is
left; a failure loses both, and the reserve is used if none is left. *Source*: shao2025; specification of
the hybrid network, section 2.4. :mod:`satqn.physics.copies` has the exact means. One number is a state here:
F of a Werner state (BBPSSW) or of a phase flip (DEJMPS, turned back after every round).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.replay_draws import binomial
from satqn.kernels.simulate_states import BBPSSW

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GROUPS = 128
"""Room for groups of equal copies; there are never more than a few for every halving of the copies."""


@njit(cache=True)
def purified(a: float, b: float, protocol: int) -> tuple[float, float]:
    """Return (F, success probability) of BBPSSW on Werner states or DEJMPS on phase flips, perfect gates."""
    if protocol == BBPSSW:
        success = (8.0 * a * b - 2.0 * a - 2.0 * b + 5.0) / 9.0
        return (10.0 * a * b - a - b + 1.0) / (9.0 * success), success
    success = a * b + (1.0 - a) * (1.0 - b)
    return a * b / success, success


@njit(cache=True)
def distil(
    copies: FloatArray, k: int, protocol: int, made: FloatArray, rng: np.random.Generator
) -> tuple[float, bool]:
    """Return the fidelity of ``k`` >= 1 copies made one, and whether it was purified at all.

    Copies of F <= 1/2 cannot be purified and are used only if there is no other.

    Parameters
    ----------
    copies
        Fidelities in ascending order.
    made
        Room for k results. They come out in ascending order (neither input ever falls from one purification
        to the next, and the result rises with both), so that the two worst are always in front.
    """
    first = 0
    while first < k and copies[first] <= 0.5:
        first += 1
    if first == k:
        return copies[k - 1], False
    raw, front, back = first + 1, 0, 0
    while k - raw + back - front > 1:
        if front == back or (raw < k and copies[raw] <= made[front]):
            a = copies[raw]
            raw += 1
        else:
            a = made[front]
            front += 1
        if front == back or (raw < k and copies[raw] <= made[front]):
            b = copies[raw]
            raw += 1
        else:
            b = made[front]
            front += 1
        better, success = purified(a, b, protocol)
        if rng.random() < success:
            made[back] = better
            back += 1
    if raw < k:
        return copies[raw], False
    return (made[front], True) if front < back else (copies[first], False)


@njit(cache=True)
def distil_equal(
    f: float, k: int, protocol: int, values: FloatArray, counts: IntArray, rng: np.random.Generator
) -> tuple[float, bool]:
    """Return the same for ``k`` >= 1 copies of fidelity ``f``, all couples of equal copies drawn at once.

    Parameters
    ----------
    values, counts
        Room for groups of equal copies, shape (GROUPS,).
    """
    if f <= 0.5 or k <= 2:
        return f, False
    values[0], counts[0] = f, k - 1
    front, back = 0, 1
    while front < back:
        worst, won = values[front], 0
        if counts[front] > 1:
            better, success = purified(worst, worst, protocol)
            won = binomial(rng, counts[front] // 2, success)
            counts[front] %= 2
            if counts[front] == 0:
                front += 1
        elif front + 1 == back:
            return worst, worst != f
        else:
            front += 1
            better, success = purified(worst, values[front], protocol)
            won = 1 if rng.random() < success else 0
            counts[front] -= 1
            if counts[front] == 0:
                front += 1
        if won > 0:
            front, back = inserted(better, won, values, counts, front, back)
    return f, False


@njit(cache=True)
def inserted(
    value: float, count: int, values: FloatArray, counts: IntArray, front: int, back: int
) -> tuple[int, int]:
    """Put a group where it belongs among the groups ``front`` to ``back`` - 1; return their new range."""
    place = front
    while place < back and values[place] < value:
        place += 1
    if front > 0:
        front -= 1
        place -= 1
        for i in range(front, place):
            values[i], counts[i] = values[i + 1], counts[i + 1]
    else:
        for i in range(back, place, -1):
            values[i], counts[i] = values[i - 1], counts[i - 1]
        back += 1
    values[place], counts[place] = value, count
    return front, back
