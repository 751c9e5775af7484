"""Bell-diagonal states as 4-vectors: what swapping and noise do to entangled pairs.

A state is the vector of its weights on (Phi+, Phi-, Psi+, Psi-), in the last axis of an array, and its
fidelity is the first of them. With the Bell states numbered 0..3 (the low bit is the phase, the high
bit the flip), an error turns state i into i XOR j; so swaps and noise are convolutions over Z2 x Z2.
They commute, and in the correlation picture they are products: that is where the closed form of
:func:`chained_fidelity` comes from.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range, made_fidelity, one_of

FloatArray = NDArray[np.float64]
ChainState = Literal["phase_flip", "werner"]

_XOR = np.bitwise_xor.outer(np.arange(4), np.arange(4))
_SUM_TOLERANCE = 1e-9


def bell_state(weights: ArrayLike) -> FloatArray:
    """Return weights as an array if they are Bell-diagonal states.

    Parameters
    ----------
    weights
        Shape (..., 4), non-negative, each summing to 1 within 1e-9.

    Raises
    ------
    InputError
        Names the shape, the weight or the sum that is wrong.
    """
    state = in_range("weight of a Bell state", weights, -_SUM_TOLERANCE, 1.0 + _SUM_TOLERANCE)
    if state.ndim == 0 or state.shape[-1] != 4:
        raise InputError(f"a Bell-diagonal state has shape {state.shape}", fix="Its last axis must be 4 long")
    total = state.sum(axis=-1)
    if np.any(np.abs(total - 1.0) > _SUM_TOLERANCE):
        worst = float(total.flat[np.argmax(np.abs(total - 1.0))])
        raise InputError(f"weights of a Bell-diagonal state sum to {worst:.12g}", fix="They must sum to 1")
    return state


def from_phase_flip(fidelity: ArrayLike) -> FloatArray:
    """Return F |Phi+><Phi+| + (1 - F) |Phi-><Phi-|, shape (..., 4), for F in [0, 1]."""
    f = in_range("fidelity", fidelity, 0.0, 1.0)
    zero = np.zeros_like(f)
    return np.stack([f, 1.0 - f, zero, zero], axis=-1)


def werner(fidelity: ArrayLike) -> FloatArray:
    """Return the Werner state of fidelity F: (1 - F)/3 on each other Bell state; F in [0, 1]."""
    f = in_range("fidelity", fidelity, 0.0, 1.0)
    rest = (1.0 - f) / 3.0
    return np.stack([f, rest, rest, rest], axis=-1)


def _convolve(a: FloatArray, b: FloatArray) -> FloatArray:
    # out[k] = sum_j a[j] b[j XOR k]
    return np.asarray(np.einsum("...j,...kj->...k", a, b[..., _XOR]))


def swap(a: ArrayLike, b: ArrayLike, swap_fidelity: ArrayLike = 1.0) -> FloatArray:
    """Return the pair that a Bell measurement between two pairs leaves, after correction.

    Parameters
    ----------
    a, b
        The two pairs, shape (..., 4).
    swap_fidelity
        F_s in (0.25, 1]: with probability 1 - F_s one of X, Y, Z (a third each) hits the outcome.

    Notes
    -----
    Source: shao2025, the noisy ion swap (specification of the hybrid network, section 2.3).

    Examples
    --------
    >>> swap(from_phase_flip(0.9), from_phase_flip(0.8)).round(4).tolist()
    [0.74, 0.26, 0.0, 0.0]
    """
    noise = werner(made_fidelity("swap fidelity", swap_fidelity))
    return _convolve(_convolve(bell_state(a), bell_state(b)), noise)


def dephase(state: ArrayLike, probability: ArrayLike) -> FloatArray:
    """Return the state after a phase flip Z of one qubit with the given probability in [0, 1]."""
    return _convolve(bell_state(state), from_phase_flip(1.0 - in_range("probability", probability, 0.0, 1.0)))


def depolarise(state: ArrayLike, probability: ArrayLike) -> FloatArray:
    """Return the state after one qubit was replaced by white noise with the given probability in [0, 1]."""
    p = in_range("probability", probability, 0.0, 1.0)[..., None]
    return np.asarray((1.0 - p) * bell_state(state) + p / 4.0)


def twirl(state: ArrayLike) -> FloatArray:
    """Return the Werner state of the same fidelity: what random bilateral rotations make of a state."""
    return werner(np.clip(bell_state(state)[..., 0], 0.0, 1.0))


def elementary_fidelity(ion_photon_fidelity: ArrayLike, photonic_bsm_fidelity: ArrayLike) -> FloatArray:
    """Return the fidelity of an ion-ion pair made by a photonic Bell measurement, a phase-flip mixture.

    Parameters
    ----------
    ion_photon_fidelity
        F0 in (0.25, 1] of each of the two ion-photon pairs.
    photonic_bsm_fidelity
        F_p in (0.25, 1] of the measurement; its visibility is V = 2 F_p - 1.

    Notes
    -----
    F1 = [1 + V (1 - 2 F0)^2] / 2. Source: shao2025, specification of the hybrid network, section 2.3.

    Examples
    --------
    >>> round(float(elementary_fidelity(0.99, 0.99)), 6)
    0.970596
    """
    f0 = made_fidelity("ion-photon fidelity", ion_photon_fidelity)
    visibility = 2.0 * made_fidelity("photonic Bell measurement fidelity", photonic_bsm_fidelity) - 1.0
    return np.asarray((1.0 + visibility * (1.0 - 2.0 * f0) ** 2) / 2.0)


def chained_fidelity(
    segment_fidelities: ArrayLike, swap_fidelity: ArrayLike, state: ChainState = "phase_flip", axis: int = -1
) -> FloatArray:
    """Return the end-to-end fidelity of N segments joined by N - 1 noisy swaps, in closed form.

    Parameters
    ----------
    segment_fidelities
        F_i of the segments along ``axis``, N >= 1 of them, in [0.25, 1].
    swap_fidelity
        F_s in (0.25, 1], of every swap; broadcasts against the other axes.
    state
        ``phase_flip``: F = [1 + s^(N-1) (1 + 2 prod(2 F_i - 1))] / 4;
        ``werner``: F = [1 + 3 s^(N-1) prod((4 F_i - 1) / 3)] / 4; s = (4 F_s - 1) / 3.
    axis
        The axis of the segments.

    Notes
    -----
    Exact for these states. Source: shao2025, specification of the hybrid network, section 2.3.
    A chain of phase-flip mixtures is separable if and only if F <= 1/2.

    Examples
    --------
    >>> round(float(chained_fidelity([0.970596, 0.970596], 0.99)), 12)
    0.933682241226
    """
    one_of("state", state, ("phase_flip", "werner"))
    f = in_range("segment fidelity", segment_fidelities, 0.25, 1.0)
    if f.ndim == 0 or f.shape[axis] == 0:
        raise InputError("a chain without segments", fix="Give at least one segment fidelity")
    s = (4.0 * made_fidelity("swap fidelity", swap_fidelity) - 1.0) / 3.0
    noise = s ** (f.shape[axis] - 1)
    if state == "werner":
        return np.asarray((1.0 + 3.0 * noise * np.prod((4.0 * f - 1.0) / 3.0, axis=axis)) / 4.0)
    return np.asarray((1.0 + noise * (1.0 + 2.0 * np.prod(2.0 * f - 1.0, axis=axis))) / 4.0)
