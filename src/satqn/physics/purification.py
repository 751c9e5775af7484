"""Purification: two pairs into one better pair by BBPSSW or DEJMPS, and k copies into one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.bell import bell_state
from satqn.physics.checks import in_range, made_fidelity, one_of, whole_number
from satqn.physics.copies import mean_fidelities

FloatArray = NDArray[np.float64]
Protocol = Literal["bbpssw", "dejmps"]


def bbpssw(f1: ArrayLike, f2: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return fidelity and success probability of BBPSSW on two Werner states.

    Parameters
    ----------
    f1, f2
        Fidelities in [0.25, 1], broadcasting. The output is twirled to a Werner state again.

    Notes
    -----
    Source: Bennett et al., PRL 76, 722 (1996), eq. 7, for unequal inputs; specification of the hybrid
    network, section 2.4. It gains only where both fidelities are above 1/2.

    Examples
    --------
    >>> f, p = bbpssw(0.87, 0.87)
    >>> round(float(f), 12), round(float(p), 12)
    (0.901494349984, 0.841688888889)
    """
    a, b = in_range("fidelity", f1, 0.25, 1.0), in_range("fidelity", f2, 0.25, 1.0)
    success = (8.0 * a * b - 2.0 * a - 2.0 * b + 5.0) / 9.0
    return np.asarray((10.0 * a * b - a - b + 1.0) / (9.0 * success)), np.asarray(success)


def dejmps(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the state and the success probability of DEJMPS on two Bell-diagonal states.

    Parameters
    ----------
    a, b
        The pair that is kept and the pair that is measured, shape (..., 4), broadcasting.

    Notes
    -----
    Source: Deutsch et al., PRL 77, 2818 (1996), for unequal inputs. The rotations of the protocol
    exchange Phi- and Psi-: the phase flips of the inputs leave as Psi+ of smaller weight.

    Raises
    ------
    InputError
        Where the success probability is 0: there is no state to return.

    Examples
    --------
    >>> state, p = dejmps([0.9, 0.1, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0])
    >>> state.round(6).tolist(), round(float(p), 6)
    ([0.987805, 0.0, 0.012195, 0.0], 0.82)
    """
    p1, m1, s1, t1 = np.moveaxis(bell_state(a), -1, 0)
    p2, m2, s2, t2 = np.moveaxis(bell_state(b), -1, 0)
    success = (p1 + t1) * (p2 + t2) + (s1 + m1) * (s2 + m2)
    _possible(success)
    weights = (p1 * p2 + t1 * t2, p1 * t2 + t1 * p2, s1 * s2 + m1 * m2, s1 * m2 + m1 * s2)
    return np.stack([w / success for w in weights], axis=-1), np.asarray(success)


def dejmps_phase_flip(f1: ArrayLike, f2: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return fidelity and success probability of DEJMPS on two phase-flip mixtures.

    Parameters
    ----------
    f1, f2
        Fidelities in [0, 1], broadcasting. Local rotations turn the output's Psi+ back to Phi-, so
        the output is a phase-flip mixture again.

    Notes
    -----
    F = F1 F2 / P with P = F1 F2 + (1 - F1)(1 - F2): the odds F/(1 - F) multiply.
    Source: specification of the hybrid network, section 3 (optimal placement).

    Examples
    --------
    >>> f, p = dejmps_phase_flip(0.970596, 0.970596)
    >>> round(float(f), 6), round(float(p), 6)
    (0.999083, 0.942921)
    """
    a, b = in_range("fidelity", f1, 0.0, 1.0), in_range("fidelity", f2, 0.0, 1.0)
    success = a * b + (1.0 - a) * (1.0 - b)
    _possible(success)
    return np.asarray(a * b / success), np.asarray(success)


def _possible(success: FloatArray) -> None:
    if np.any(success <= 0.0):
        raise InputError("purification of two pairs that never succeeds", fix="Give states that overlap")


def copies_table(f1: float, k_max: int, protocol: Protocol) -> FloatArray:
    """Return the exact mean fidelity of "k copies to one" for k = 0..k_max.

    Parameters
    ----------
    f1
        Fidelity of every copy, in (0.25, 1].
    k_max
        Largest number of copies, >= 1.
    protocol
        ``bbpssw`` on Werner states or ``dejmps`` on phase-flip mixtures.

    Returns
    -------
    NDArray[np.float64]
        Shape (k_max + 1,). Entry 0 is 0: no copy, no pair.

    Notes
    -----
    One copy in reserve, the two lowest of the others purified until one is left. Source: specification
    of the hybrid network, section 2.4; the published tables are averages of 10 000 samples of it.
    Nobody purifies to lose: up to F = 1/2 every k gives ``f1``, and where one copy more would lower the
    mean (BBPSSW below F = 0.66 and a few copies, by less than 1e-3) it is left unused. So the table never
    decreases.

    Examples
    --------
    >>> copies_table(0.970596, 3, "bbpssw").round(8).tolist()
    [0.0, 0.970596, 0.970596, 0.97945927]
    """
    one_of("protocol", protocol, ("bbpssw", "dejmps"))
    fidelity = float(made_fidelity("fidelity of a copy", f1))
    whole_number("k_max", k_max, 1)
    if fidelity <= 0.5 or fidelity == 1.0:
        return np.concatenate([[0.0], np.full(k_max, fidelity)])
    means = mean_fidelities(fidelity, int(k_max), bbpssw if protocol == "bbpssw" else dejmps_phase_flip)
    return np.asarray(np.maximum.accumulate(means))
