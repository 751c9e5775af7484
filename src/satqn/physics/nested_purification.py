"""Nested purification: how many pairs it takes to make one of a target fidelity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.instance import Purification
from satqn.physics.purification import bbpssw, dejmps

FloatArray = NDArray[np.float64]

MAX_ROUNDS = 10
"""A path that needs more rounds of nested purification is dropped (spec routing, section 1)."""
SLACK = 1e-12
"""A fidelity this far below the target still reaches it."""


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
