"""Lookup tables of "k copies to one" at a given time, with memories that dephase while copies wait.

A table of fidelities has one row per storage factor u = 0, 1/(n-1), ..., 1, by which storage shrank
2F - 1 of every copy before purification, and one column per number of copies; with perfect memories it
has one row. What holds beyond the last column is for the maker of the table to say: that column.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PERFECT, RESTARTED, AGED = 0, 1, 2
"""Kinds of memory: none needed; the published one; ages kept per pair."""


class Tables(NamedTuple):
    """Mean fidelity of k copies turned into one, (storage rows, k): segments, direct pairs, satellite pairs."""

    segment: FloatArray
    direct: FloatArray
    satellite: FloatArray


class Memory(NamedTuple):
    """Kind of memory and its dephasing time tau, s."""

    kind: int
    time: float


@njit(cache=True)
def storage_factor(time: float, memory: Memory) -> float:
    """Return what two stored qubits keep of 2F - 1 at the end of a round of length ``time``.

    ``RESTARTED``: exp(-2 T^2/tau^2), as if every pair had waited for the whole round. ``AGED``: the mean
    of exp(-2 t^2/tau^2) over ages t uniform in the round, which is how old a copy is that arrived in it:
    sqrt(pi)/2 erf(x)/x with x = sqrt(2) T/tau.
    """
    if memory.kind == PERFECT:
        return 1.0
    x = math.sqrt(2.0) * time / memory.time
    if memory.kind == RESTARTED:
        return math.exp(-x * x)
    return 0.5 * math.sqrt(math.pi) * math.erf(x) / x if x > 1e-8 else 1.0


@njit(cache=True)
def stored_fidelity(table: FloatArray, k: int, factor: float, memory: Memory) -> float:
    """Return the fidelity of k copies turned into one, with their storage factor."""
    k = min(k, table.shape[1] - 1)
    if memory.kind == PERFECT:
        return table[0, k]
    if memory.kind == RESTARTED:
        # Before or after purification? After: the published figures restart the clock at every arrival.
        return 0.5 + (table[0, k] - 0.5) * factor if k > 0 else 0.0
    rows = table.shape[0] - 1
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
        f = stored_fidelity(tables.segment, k, factor, memory)
        weight = (4.0 * f - 1.0) / 3.0 if werner else 2.0 * f - 1.0
        log_weight[k] = math.log(weight) if weight > 0.0 else -np.inf
    for k in range(len(direct)):
        direct[k] = stored_fidelity(tables.direct, k, factor, memory) if k > 1 else 0.0


@njit(cache=True)
def satellite_fidelity(time: float, k: int, tables: Tables, memory: Memory) -> float:
    """Return the fidelity of k satellite pairs turned into one at the end of a round; 0 for k = 0.

    The round ends as the last of them arrives: with ages kept that one is fresh.
    """
    if k < 1:
        return 0.0
    factor = storage_factor(time, memory)
    if memory.kind == AGED:
        factor = (1.0 + (k - 1.0) * factor) / k
    return stored_fidelity(tables.satellite, k, factor, memory)
