"""Purification of a path's base pairs by the age of the stored pairs in them: rounds, chances, worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.replay_tables import Ladders
from satqn.model.instance import Purification
from satqn.physics.bell import werner
from satqn.physics.purification import bbpssw, dejmps

FloatArray = NDArray[np.float64]

MAX_ROUNDS = 10
"""No plan uses more rounds of nested purification (spec routing, section 1)."""
SLACK = 1e-12
"""A fidelity this far below the target still reaches it (spec routing, section 1)."""


def aged_fidelity(fidelity: FloatArray, age: FloatArray, coherence: float | None) -> FloatArray:
    """Return the fidelity of end-to-end pairs whose stored pairs waited.

    Parameters
    ----------
    fidelity
        F_p of fresh pairs.
    age
        Sum of the ages of the stored pairs in one end-to-end pair, s, broadcasting.
    coherence
        T, s; None for perfect memories.

    Notes
    -----
    A pair that waits for t is replaced by white noise with probability 1 - exp(-t/T); swapping hands this
    on to the end-to-end pair, whatever the other links are: F = 1/4 + (F_p - 1/4) exp(-age/T).
    Source: Brand, Coopmans and Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), decay of the Werner
    parameter in memory.

    Examples
    --------
    >>> aged_fidelity(np.array([0.97]), np.array([0.0, 10.0]), 100.0).round(6).tolist()
    [0.97, 0.901483]
    """
    decay = np.ones_like(age) if coherence is None else np.exp(-age / coherence)
    return np.asarray(0.25 + (fidelity - 0.25) * decay)


def ladders(
    fidelity: FloatArray, target: FloatArray, protocol: Purification, *, extra_rounds: bool
) -> Ladders:
    """Return rounds, success probabilities and worth of nested purification.

    Parameters
    ----------
    fidelity
        Of the base pairs, shape (P, A): the fresh pairs of every path first, then by age.
    target
        F_k of every path, shape (P,).
    protocol
        ``bbpssw``, ``dejmps`` or ``none``.
    extra_rounds
        May aged pairs get more rounds than fresh ones?

    Notes
    -----
    The fewest rounds that reach the target; every round pairs equal states. Source: specification of
    routing, section 1; the worth of a fresh base pair is 1/g.
    """
    goal = target[:, np.newaxis] - SLACK
    state = werner(np.clip(fidelity, 0.0, 1.0))
    reached = fidelity >= goal
    rounds = np.zeros(fidelity.shape, dtype=np.int64)
    success = np.zeros((*fidelity.shape, MAX_ROUNDS))
    climbing = ~reached & (fidelity > 0.5) & (protocol != "none")
    for level in range(MAX_ROUNDS):
        if not climbing.any():
            break
        better, chance = _round(state[climbing], protocol)
        gained = better[:, 0] > state[climbing, 0]
        state[climbing] = better
        success[climbing, level] = chance
        rounds[climbing] = level + 1
        there = climbing & (state[..., 0] >= goal)
        reached |= there
        climbing[climbing] = gained
        climbing &= ~there
    if not extra_rounds:
        reached &= rounds <= rounds[:, :1]
    return Ladders(reached, rounds, success, _worth(rounds, success))


def _round(states: FloatArray, protocol: Purification) -> tuple[FloatArray, FloatArray]:
    if protocol == "dejmps":
        return dejmps(states, states)
    fidelity, success = bbpssw(states[:, 0], states[:, 0])
    return werner(fidelity), success


def _worth(rounds: NDArray[np.int64], success: FloatArray) -> FloatArray:
    """Return the mean number of delivered pairs that a pair before every round becomes."""
    worth = np.ones((*rounds.shape, MAX_ROUNDS + 1))
    for level in reversed(range(MAX_ROUNDS)):
        ahead = level < rounds
        worth[ahead, level] = worth[ahead, level + 1] * success[ahead, level] / 2.0
    return worth
