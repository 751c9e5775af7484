"""Fidelity of a path and g, the expected base pairs per delivered pair (spec routing, section 1)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.instance import Purification, Swap
from satqn.physics.purification import bbpssw, dejmps

FloatArray = NDArray[np.float64]

MAX_ROUNDS = 10
"""A path that needs more rounds of nested purification is dropped (spec routing, section 1)."""
SLACK = 1e-12
"""A fidelity this far below the target still reaches it."""


def swap_factor(fidelity: ArrayLike, swap: Swap) -> FloatArray:
    """Return what a link multiplies into a path: the Werner parameter, or F itself.

    Parameters
    ----------
    fidelity
        F_e in (0.25, 1].
    swap
        ``werner`` or ``product``.
    """
    f = np.asarray(fidelity, dtype=np.float64)
    return (4.0 * f - 1.0) / 3.0 if swap == "werner" else f


def path_fidelity(product: ArrayLike, swap: Swap) -> FloatArray:
    """Return F_p from the product of the swap factors of its links.

    Parameters
    ----------
    product
        Product over f(p) of :func:`swap_factor`, in (0, 1].
    swap
        ``werner`` or ``product``.

    Notes
    -----
    Source: zhang2024, fidelity of a path; spec routing, section 1. Three links of 0.96 give 0.8862862222.
    """
    factor = np.asarray(product, dtype=np.float64)
    return 0.25 + 0.75 * factor if swap == "werner" else factor


def base_pairs(fidelity: ArrayLike, target: ArrayLike, protocol: Purification) -> FloatArray:
    """Return g, the expected base pairs per delivered pair of the target fidelity.

    Parameters
    ----------
    fidelity
        F_p of the base pairs (Werner states), in (0.25, 1].
    target
        F_k, broadcasting.
    protocol
        ``bbpssw``, ``dejmps`` or ``none``.

    Returns
    -------
    ndarray
        1 where the target is reached at once; the product of 2/p over the fewest nested rounds that
        reach it; ``inf`` where F_p <= 1/2, a round gains nothing, or more than 10 rounds are needed.

    Notes
    -----
    Source: pouryousef2022, nested purification; spec routing, sections 1 and 7.

    Examples
    --------
    >>> float(base_pairs(0.96, 0.99, "dejmps").round(6))
    4.456333
    """
    start, goal = np.broadcast_arrays(
        np.asarray(fidelity, dtype=np.float64), np.asarray(target, dtype=np.float64)
    )
    cost = np.where(start >= goal - SLACK, 1.0, np.inf)
    if protocol == "none":
        return cost
    climbing = np.flatnonzero(np.isinf(cost.ravel()) & (start.ravel() > 0.5))
    states = _werner(start.ravel()[climbing])
    spent = np.ones(len(climbing))
    for _ in range(MAX_ROUNDS):
        if not len(climbing):
            break
        before = states[:, 0]
        states, success = _round(states, protocol)
        spent = spent * 2.0 / success
        there = states[:, 0] >= goal.ravel()[climbing] - SLACK
        cost.ravel()[climbing[there]] = spent[there]
        on = ~there & (states[:, 0] > before)
        climbing, states, spent = climbing[on], states[on], spent[on]
    return cost


def _werner(fidelity: FloatArray) -> FloatArray:
    rest = (1.0 - fidelity) / 3.0
    return np.stack([fidelity, rest, rest, rest], axis=-1)


def _round(states: FloatArray, protocol: Purification) -> tuple[FloatArray, FloatArray]:
    """One nested round: two equal pairs in, one pair out."""
    if protocol == "dejmps":
        return dejmps(states, states)
    fidelity, success = bbpssw(states[:, 0], states[:, 0])
    return _werner(fidelity), success


@lru_cache(maxsize=256)
def lowest_usable_fidelity(target: float, protocol: Purification) -> float:
    """Return the lowest F_p whose cost g is finite, to 1e-9 from below.

    Parameters
    ----------
    target
        F_k in (0.25, 1].
    protocol
        ``bbpssw``, ``dejmps`` or ``none``.

    Notes
    -----
    g is finite on an interval up to 1, because a round keeps the order of two fidelities; so bisection
    finds its end. Paths below it need not be listed.
    """
    low, high = 0.25, target
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        if np.isfinite(base_pairs(middle, target, protocol)):
            high = middle
        else:
            low = middle
    return low
