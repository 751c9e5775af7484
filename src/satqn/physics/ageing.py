"""How the fidelity of an end-to-end pair falls while the stored pairs in it wait in memories.

A stored qubit goes through a Pauli channel. Swapping Bell-diagonal pairs multiplies their correlations, so
what waits anywhere on a path multiplies into the whole: once for z, once for x and y.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.instance import AgeCounts, AgeingModel

FloatArray = NDArray[np.float64]


def memory_rates(
    model: AgeingModel, coherence_s: ArrayLike, relaxation_s: ArrayLike = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Return how fast one memory takes from the correlations of a pair, z and (x, y), 1/s.

    Parameters
    ----------
    model
        ``depolarising``: the Werner parameter of a pair shrinks by exp(-t/T); the memory at either end does
        half of it. ``dephasing``: x and y of every stored qubit shrink by exp(-t/T2). ``t1_t2``: beside
        that, z shrinks by exp(-t/T1) (amplitude damping, twirled to a Pauli channel).
    coherence_s
        T of the pair or T2 of the qubit, s, > 0; infinite for a perfect memory.
    relaxation_s
        T1 of the qubit, s, > 0; only with ``t1_t2``.

    Notes
    -----
    Source: Brand, Coopmans and Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), decay of the Werner
    parameter in memory; Tomita and Svore, Phys. Rev. A 90, 062320 (2014), Pauli-twirled T1 and T2.
    """
    coherence = np.asarray(coherence_s, dtype=np.float64)
    if model == "depolarising":
        return 0.5 / coherence, 0.5 / coherence
    if model == "dephasing":
        return np.zeros_like(coherence), 1.0 / coherence
    return 1.0 / np.broadcast_to(np.asarray(relaxation_s, dtype=np.float64), coherence.shape), 1.0 / coherence


def waiting_time(age: ArrayLike, slot_s: float, counts: AgeCounts) -> FloatArray:
    """Return for how long a pair that is drawn ``age`` slots after it was stored counts as waiting, s.

    Parameters
    ----------
    age
        Slots, >= 1.
    slot_s
        Length of a slot, s.
    counts
        ``mean``: from the middle of one slot to that of the other. ``latest``: from the start of the slot
        in which it was stored to the end of that in which it is drawn: no pair waits longer.
    """
    slots = np.asarray(age, dtype=np.float64)
    return (slots + 1.0 if counts == "latest" else slots) * slot_s


def aged_fidelity(fidelity: ArrayLike, z_decay: ArrayLike, xy_decay: ArrayLike) -> FloatArray:
    """Return the fidelity of end-to-end pairs whose stored pairs waited.

    Parameters
    ----------
    fidelity
        F_p of fresh pairs; they are Werner states.
    z_decay, xy_decay
        Sums over the memories of waiting time times :func:`memory_rates`, >= 0; broadcasting.

    Notes
    -----
    F = [1 + w (exp(-z) + 2 exp(-xy))] / 4 with w = (4 F_p - 1)/3.

    Examples
    --------
    >>> aged_fidelity(0.97, 0.1, 0.1).round(6).tolist()  # a pair after a tenth of T
    0.901483
    """
    werner = (4.0 * np.asarray(fidelity, dtype=np.float64) - 1.0) / 3.0
    left = np.exp(-np.asarray(z_decay)) + 2.0 * np.exp(-np.asarray(xy_decay))
    return np.asarray((1.0 + werner * left) / 4.0)
