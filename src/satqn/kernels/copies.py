"""Lookup tables of "k copies to one" at a given time, with memories that dephase while copies wait.

A table of fidelities has one row per storage factor u = 0, 1/(n-1), ..., 1, by which storage shrank 2F - 1
of every copy before purification (with perfect memories one row, u = 1), and one column per number of
copies. The last column holds for every larger number.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]

PERFECT, RESTARTED, AGED = 0, 1, 2
"""Kinds of memory: none needed; the published one; ages kept per pair."""


class Tables(NamedTuple):
    """Mean fidelity of k copies turned into one, shape (storage rows, k), by the kind of copy."""

    segment: FloatArray
    direct: FloatArray
    satellite: FloatArray


class Memory(NamedTuple):
    """Kind of memory and its dephasing time tau, s."""

    kind: int
    time: float


@njit(cache=True)
def storage_factor(time: float, memory: Memory) -> float:
    """Return what storage in a round of length ``time`` leaves of 2F - 1 of a copy, before purification.

    ``RESTARTED``: exp(-T^2/tau^2), every copy as if stored for the whole round, one factor per pair.
    ``AGED``: the mean of exp(-2 t^2/tau^2), two stored qubits, over ages t uniform in the round:
    sqrt(pi)/2 erf(x)/x with x = sqrt(2) T/tau. That is exact for copies that arrive as a Poisson process and
    are purified without regard to their age: their ages, given their number, are independent and uniform.
    """
    if memory.kind == PERFECT:
        return 1.0
    if memory.kind == RESTARTED:
        return math.exp(-((time / memory.time) ** 2))
    x = math.sqrt(2.0) * time / memory.time
    return 0.5 * math.sqrt(math.pi) * math.erf(x) / x if x > 1e-8 else 1.0


@njit(cache=True)
def stored_fidelity(table: FloatArray, k: int, factor: float) -> float:
    """Return the fidelity of k copies turned into one, interpolated between storage factors."""
    k = min(k, table.shape[1] - 1)
    rows = table.shape[0] - 1
    if rows == 0:
        return table[0, k]
    row = min(int(factor * rows), rows - 1)
    part = factor * rows - row
    return (1.0 - part) * table[row, k] + part * table[row + 1, k]


@njit(cache=True)
def fill_tables(
    time: float, tables: Tables, memory: Memory, werner: bool, log_weight: FloatArray, direct: FloatArray
) -> None:
    """Write the log weight of k segment copies and the fidelity of k direct copies at ``time``."""
    factor = storage_factor(time, memory)
    for k in range(len(log_weight)):
        f = stored_fidelity(tables.segment, k, factor)
        weight = (4.0 * f - 1.0) / 3.0 if werner else 2.0 * f - 1.0
        log_weight[k] = math.log(weight) if weight > 0.0 else -np.inf
    for k in range(len(direct)):
        direct[k] = stored_fidelity(tables.direct, k, factor) if k > 1 else 0.0


@njit(cache=True)
def satellite_factor(time: float, k: int, memory: Memory) -> float:
    """Return what storage leaves of 2F - 1 of k satellite pairs, averaged over them.

    With ages kept, the last of them has just arrived as the round ends: it is fresh.
    """
    factor = storage_factor(time, memory)
    return (1.0 + (k - 1.0) * factor) / k if memory.kind == AGED and k > 0 else factor
