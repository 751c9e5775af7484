"""Paths a demand may use and the inventory classes they draw from: ragged columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import _freeze
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Ragged(Shown):
    """Rows of different lengths, one after the other (CSR without values).

    Parameters
    ----------
    ptr
        Row i is ``values[ptr[i]:ptr[i + 1]]``.
    values
        Integers of all rows.
    """

    ptr: IntArray
    values: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "ptr", _freeze(self.ptr, np.int64))
        object.__setattr__(self, "values", _freeze(self.values, np.int64))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        """Build from one sequence per row."""
        listed = [list(row) for row in rows]
        ptr = np.zeros(len(listed) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in listed], out=ptr[1:])
        return cls(ptr, np.asarray([v for row in listed for v in row], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def __getitem__(self, row: int) -> IntArray:
        return self.values[self.ptr[row] : self.ptr[row + 1]]

    @property
    def row_of_value(self) -> IntArray:
        """Row to which each value belongs."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.ptr))

    def take(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Return (position in ``rows``, value) of every value of the chosen rows."""
        length = self.ptr[rows + 1] - self.ptr[rows]
        position = np.repeat(np.arange(len(rows), dtype=np.int64), length)
        start = np.repeat(self.ptr[rows] - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
        return position, self.values[start + np.arange(len(position), dtype=np.int64)]


@dataclass(frozen=True, slots=True, repr=False)
class InventoryClasses(Shown):
    """Inventory classes (n, q): storage pair n filled over real route q.

    Parameters
    ----------
    pair
        Index of the storage pair, shape (Q,).
    route
        Node indices of q from the first node of the pair to the second, one row per class.
    links
        Link indices of q, one row per class.
    initial_stock
        z at the start of the first slot, pairs, shape (Q,).
    """

    pair: IntArray
    route: Ragged
    links: Ragged
    initial_stock: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "pair", _freeze(self.pair, np.int64))
        object.__setattr__(self, "initial_stock", _freeze(self.initial_stock, np.float64))

    def __len__(self) -> int:
        return len(self.pair)


@dataclass(frozen=True, slots=True, repr=False)
class PathAges(Shown):
    """How the paths and classes of a pool are told apart by the age of stored pairs.

    Parameters
    ----------
    listed
        The pool in which they are not.
    origin
        Path of ``listed``, shape (P,).
    group
        Class of ``listed``, shape (Q,).
    stored_in
        Slot from 0 in which a class is filled, -1 for initial stock; -2 where a cut-off tells ages. (Q,)
    cutoff
        Slots after which a class throws pairs away; 0 where slots of storing tell ages. (Q,)
    last_slot
        Last slot, from 0, at whose start a class may hold anything, shape (Q,).
    base_pairs
        g by slot of use, infinite where there is no use, shape (T, P).
    """

    listed: PathSet
    origin: IntArray
    group: IntArray
    stored_in: IntArray
    cutoff: IntArray
    last_slot: IntArray
    base_pairs: FloatArray

    @property
    def by_cutoff(self) -> bool:
        """Whether cut-offs tell ages, not slots of storing."""
        return bool((self.cutoff > 0).any())


@dataclass(frozen=True, slots=True, repr=False)
class PathSet(Shown):
    """The pool: every path p of every demand k.

    Parameters
    ----------
    demand
        k, shape (P,), ascending.
    nodes
        Node indices of p, one row per path; a virtual link is a single step.
    steps
        What joins one node to the next: a link index, or ``-1 - c`` for a virtual link of class c.
    links
        Link indices of the real part of p.
    drawn
        Classes from which p draws.
    fidelity
        F_p of f(p), shape (P,).
    base_pairs
        g_kp: expected base pairs per delivered pair, >= 1, finite, shape (P,).
    classes
        The inventory classes.
    ages
        How paths and classes are told apart by age; None where they are not.
    """

    demand: IntArray
    nodes: Ragged
    steps: Ragged
    links: Ragged
    drawn: Ragged
    fidelity: FloatArray
    base_pairs: FloatArray
    classes: InventoryClasses
    ages: PathAges | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "demand", _freeze(self.demand, np.int64))
        object.__setattr__(self, "fidelity", _freeze(self.fidelity, np.float64))
        object.__setattr__(self, "base_pairs", _freeze(self.base_pairs, np.float64))

    def __len__(self) -> int:
        return len(self.demand)

    @property
    def origin(self) -> IntArray:
        """Which paths are one and the same but for the age of what they draw, shape (P,)."""
        return np.arange(len(self), dtype=np.int64) if self.ages is None else self.ages.origin

    @property
    def listed(self) -> PathSet:
        """The pool in which ages are not told apart."""
        return self if self.ages is None else self.ages.listed

    def _shown(self) -> dict[str, Any]:
        return {"paths": len(self), "classes": len(self.classes)}
