"""The restricted master: the LP over the columns found so far, kept in HiGHS, its rows made as they are used.

    max  sum gain r    C3, C4, C7: sum share r <= side    C2: sum narrow r <= 1    D: sum share r >= 1

with xi = narrow r as the variable of a column, so that coefficients are of order 1. HiGHS is asked for
prices only: whatever it says, :mod:`~satqn.routing.generated.bound` makes a valid bound of it.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from satqn.routing.generated.columns import FINAL, Columns
from satqn.routing.generated.prices import Prices
from satqn.routing.highs_calls import SolverError
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MANY = 1000
"""After more new columns than that the LP is solved by an interior point method, crossover included."""
DEAREST = 1e9
"""Largest price of a missing promise that is tried, in the same units as ``SHORT``."""
SHORT = 10.0
"""Price of a missing promise, in units of the largest gain: it is raised while promises are missed."""


class Master:
    """The LP over some of the columns.

    Parameters
    ----------
    columns
        Where they are.
    side
        Right-hand sides by key, from :func:`satqn.routing.generated.prices.sides`.
    run
        Whose wish to stop a solve obeys.
    scale
        Objective of size 1.
    """

    def __init__(self, columns: Columns, side: FloatArray, run: Run, scale: float) -> None:
        self.columns, self.keys, self.side = columns, columns.keys, side
        self.run, self.scale = run, scale
        self.members = np.empty(0, dtype=np.int64)
        self.narrow = np.empty(0)
        self.primal = np.empty(0)
        self.objective = -np.inf
        self._row_of = np.full(self.keys.count, -1, dtype=np.int64)
        self._key_of = np.empty(0, dtype=np.int64)
        self._known: dict[int, int] = {}
        self._solver = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "solver": "simplex",
            "threads": 1,
            "presolve": "off",
        }.items():
            self._solver.setOptionValue(name, value)
        self._solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self._obey()
        self._slack = self._settled = 0
        self._penalty = SHORT
        self._promise_rows()

    def _obey(self) -> None:
        def asked(event: object) -> None:
            if self.run.must_stop:
                event.interrupt()  # type: ignore[attr-defined]  # it is a HighsCallbackEvent

        for kind in ("kCallbackSimplexInterrupt", "kCallbackIpmInterrupt"):
            self._solver.callbacks[int(getattr(highspy.cb.HighsCallbackType, kind))].subscribe(asked)

    def _promise_rows(self) -> None:
        """Make the rows of promises, each with a dear variable for what is missing."""
        owed = np.flatnonzero(self.columns.network.instance.demands.minimum_rate > 0)
        demands, slots = len(self.columns.network.instance.demands), self.columns.network.instance.slots
        keys = (self.keys.promises + np.arange(slots)[:, None] * demands + owed).ravel()
        if not len(keys):
            return
        self._new_rows(keys)
        rows = self._row_of[keys].astype(np.int32)
        ones, zeros = np.ones(len(keys)), np.zeros(len(keys))
        starts = np.arange(len(keys), dtype=np.int32)
        self._solver.addCols(len(keys), -self._penalty * ones, zeros, ones, len(keys), starts, rows, ones)
        self._slack = len(keys)

    def _new_rows(self, keys: IntArray) -> None:
        keys = np.unique(keys)
        keys = keys[self._row_of[keys] < 0]
        if not len(keys):
            return
        self._row_of[keys] = len(self._key_of) + np.arange(len(keys))
        self._key_of = np.concatenate([self._key_of, keys])
        promised = (keys >= self.keys.promises) & (keys < self.keys.stocks)
        lower = np.where(promised, 1.0, -highspy.kHighsInf)
        upper = np.where(promised, highspy.kHighsInf, self.side[keys])
        none = np.empty(0, dtype=np.int32)
        self._solver.addRows(len(keys), lower, upper, 0, np.zeros(len(keys), np.int32), none, np.empty(0))

    def add(self, numbers: IntArray, narrow: FloatArray) -> int:
        """Take in columns that are not there yet; return how many.

        Parameters
        ----------
        numbers
            Of the columns.
        narrow
            1 / rate of each as pricing knows it.
        """
        fresh = [i for i, number in enumerate(numbers.tolist()) if number not in self._known]
        new = list(dict.fromkeys(numbers[fresh].tolist()))
        if not new:
            return 0
        first = {number: i for i, number in reversed(list(enumerate(numbers.tolist())))}
        narrow = narrow[[first[number] for number in new]]
        numbers = np.array(new, dtype=np.int64)
        for number in new:
            self._known[number] = len(self._known)
        columns = self.columns
        position, key, share = columns.entries(numbers)
        demand = columns.demand_of(numbers)
        chosen = np.flatnonzero(demand != FINAL)
        choice = self.keys.choices + columns.slot[numbers[chosen]] * self._demands + demand[chosen]
        position = np.concatenate([position, chosen])
        key = np.concatenate([key, choice])
        value = np.concatenate([share / narrow[position[: len(share)]], np.ones(len(chosen))])
        self._new_rows(key)
        order = np.argsort(position, kind="stable")
        start = np.searchsorted(position[order], np.arange(len(numbers)))
        infinite, zeros = np.full(len(numbers), highspy.kHighsInf), np.zeros(len(numbers))
        self._solver.addCols(
            len(numbers), columns.gain[numbers] / narrow / self.scale, zeros, infinite, len(value),
            start.astype(np.int32), self._row_of[key[order]].astype(np.int32), value[order],
        )  # fmt: skip
        self.members = np.concatenate([self.members, numbers])
        self.narrow = np.concatenate([self.narrow, narrow])
        return len(numbers)

    @property
    def _demands(self) -> int:
        return len(self.columns.network.instance.demands)

    def solve(self) -> Prices | None:
        """Return prices of the LP, or None if it was stopped.

        Raises
        ------
        SolverError
            HiGHS ends in a state that is not expected.
        """
        solver = self._solver
        # From scratch, or after very many new columns, the simplex method takes five times as long.
        fresh = len(self.members) - self._settled
        solver.setOptionValue("solver", "ipm" if fresh > MANY else "simplex")
        solver.run()
        solver.setOptionValue("solver", "simplex")
        self._settled = len(self.members)
        status = solver.getModelStatus()
        expected = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
        if status == highspy.HighsModelStatus.kInterrupt:
            return None
        if status not in expected:
            solver.clearSolver()
            solver.run()
            status = solver.getModelStatus()
            if status not in expected:
                if self.run.must_stop:
                    return None
                raise SolverError(f"HiGHS ended the master with {solver.modelStatusToString(status)}")
        solution = solver.getSolution()
        dual = np.array(solution.row_dual)
        worth = np.zeros(self.keys.count)
        # Prices are non-negative by their meaning: what a solver's tolerance says else is cut off.
        promised = (self._key_of >= self.keys.promises) & (self._key_of < self.keys.stocks)
        worth[self._key_of] = np.maximum(np.where(promised, -dual, dual), 0.0) * self.scale
        value = np.array(solution.col_value)
        self.primal = value[self._slack :] if len(value) else value
        self.missing = float(value[: self._slack].sum()) if self._slack else 0.0
        self.objective = solver.getInfo().objective_function_value * self.scale
        return Prices(self.columns.network, self.keys, worth)

    missing = 0.0
    """How much of all promises is missing in the last solution, each promise counted as 1."""

    def dearer(self, factor: float = 100.0) -> bool:
        """Raise the price of missing promises; tell whether that is still possible."""
        if self._penalty >= DEAREST:
            return False
        self._penalty *= factor
        for i in range(self._slack):
            self._solver.changeColCost(i, -self._penalty)
        return True

    def worth_at(self, prices: Prices) -> FloatArray:
        """Return what the columns of the master are worth at full rate, shape (members,)."""
        cost = self.columns.cost_at(prices.worth, self.members)
        return np.asarray((self.columns.gain[self.members] - cost) / self.narrow)
