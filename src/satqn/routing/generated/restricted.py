"""The MILP over some columns: choices of some demands and slots are free, the others are fixed.

    max  sum gain r     C3, C4, C7: sum share r <= side     D: sum share r + short >= 1
    free: sum over storing slots of narrow r <= x of the path,  sum over paths of x <= 1 (C1, C2)

A fixed path needs neither C1 nor C2: its links and stores limit it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.routing.generated.columns import FINAL, Columns
from satqn.routing.linear import LinearModel, Rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DEAR = 100.0
"""Price of a missing promise, in units of the whole gain of the largest columns."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """A MILP over columns.

    Parameters
    ----------
    model
        Columns: xi = narrow r of ``columns``, then x of ``path`` in ``slot``, then what is short of promises.
    columns
        Numbers of the columns.
    path, slot
        Of every x.
    keys
        Key of every row of C3, C4, C7 and D; the rows of C1 and C2 come after them.
    short
        How many variables stand for what is short of promises.
    """

    model: LinearModel
    columns: IntArray
    path: IntArray
    slot: IntArray
    keys: IntArray
    short: int

    def gain(self, primal: FloatArray) -> float:
        """Return the objective of a solution without what is short."""
        return float(self.model.cost[: len(self.columns)] @ primal[: len(self.columns)])

    def shortage(self, primal: FloatArray) -> float:
        """Return how much of all promises is missing, each counted as 1."""
        return float(primal[len(primal) - self.short :].sum()) if self.short else 0.0


def restricted(columns: Columns, side: FloatArray, fixed: IntArray, free: IntArray) -> Restricted:
    """Write the MILP of fixed and free columns.

    Parameters
    ----------
    columns, side
        All columns, and the right-hand sides by key.
    fixed, free
        Numbers of columns of either sort; those of final stock are fixed.
    """
    numbers = np.concatenate([fixed, free]).astype(np.int64)
    position, key, share = columns.entries(numbers)
    keys = np.unique(np.concatenate([key, _promises(columns)]))
    narrow = columns.narrow[numbers]
    kept = share / narrow[position]
    promised = (keys >= columns.keys.promises) & (keys < columns.keys.stocks)
    owed = np.flatnonzero(promised)
    # Of free columns: which x each belongs to, and which demand and slot each x is of.
    both = columns.path[free] * (columns.network.instance.slots + 1) + columns.slot[free]
    choices, choice = np.unique(both, return_inverse=True)
    path, slot = np.divmod(choices, columns.network.instance.slots + 1)
    demand = np.array([columns.paths[p].demand for p in path.tolist()], dtype=np.int64)
    assert not (demand == FINAL).any()
    pairs, pair = np.unique(slot * (len(columns.network.instance.demands) + 1) + demand, return_inverse=True)
    n, m, c, d = len(numbers), len(keys), len(choices), len(pairs)
    at_free = len(fixed) + np.arange(len(free))
    row = [np.searchsorted(keys, key), m + choice, m + np.arange(c), m + c + pair, owed]
    column = [position, at_free, n + np.arange(c), n + np.arange(c), n + c + np.arange(len(owed))]
    value = [kept, np.ones(len(free)), -np.ones(c), np.ones(c), np.ones(len(owed))]
    lower = np.full(m + c + d, -np.inf)
    lower[owed] = 1.0
    upper = np.concatenate([np.where(promised, np.inf, side[keys]), np.zeros(c), np.ones(d)])
    gain = columns.gain[numbers] / narrow
    cost = np.concatenate([gain, np.zeros(c), np.full(len(owed), -DEAR * max(1.0, gain.max(initial=0.0)))])
    rows = Rows(
        "all", np.arange(m + c + d)[:, None], np.concatenate(row).astype(np.int64),
        np.concatenate(column).astype(np.int64), np.concatenate(value), lower, upper,
    )  # fmt: skip
    integer = np.zeros(len(cost), dtype=bool)
    integer[n : n + c] = True
    model = LinearModel.assemble(cost, np.zeros(len(cost)), np.ones(len(cost)), integer, (), [rows])
    return Restricted(model, numbers, path, slot, keys, len(owed))


def _promises(columns: Columns) -> IntArray:
    """Return the keys of all promises."""
    instance = columns.network.instance
    owed = np.flatnonzero(instance.demands.minimum_rate > 0)
    every = np.arange(instance.slots)[:, None] * len(instance.demands) + owed
    return np.asarray(columns.keys.promises + every.ravel())
