"""Decoherence of stored qubits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]


def dephasing_factor(time: ArrayLike, memory_time: ArrayLike | None) -> FloatArray:
    """Return exp(-t^2/tau^2), by which the storage of one qubit shrinks 2F - 1 of a phase-flip mixture.

    Parameters
    ----------
    time
        Storage time t, s, >= 0.
    memory_time
        Dephasing time tau, s, > 0; None for a perfect memory.

    Notes
    -----
    Source: shao2025, specification of the hybrid network, section 2.4: rho -> (1 - p) rho + p Z rho Z
    with p = [1 - exp(-t^2/tau^2)] / 2. A pair of two stored qubits is hit by both factors.
    """
    t = in_range("storage time", time, 0.0, unit="s")
    if memory_time is None:
        return np.ones_like(t)
    tau = in_range("memory time", memory_time, 0.0, above=True, unit="s")
    return np.asarray(np.exp(-np.square(t / tau)))


def dephasing_probability(time: ArrayLike, memory_time: ArrayLike | None) -> FloatArray:
    """Return the probability p = [1 - exp(-t^2/tau^2)] / 2 of a phase flip of one stored qubit.

    Parameters as in :func:`dephasing_factor`; feed it to :func:`satqn.physics.bell.dephase`.
    """
    return np.asarray((1.0 - dephasing_factor(time, memory_time)) / 2.0)
