"""The slot problems of the modern decomposition: with stocks fixed, slots are small LPs of their own.

Slot t, given choices x, storing rates w and draws u (spec routing, section 3, method 2):

    max  tau sum alpha y      mu:     sum of g y over e           <= C_e - sum of w over e      every e
                              kappa:  sum of g y / C_e over r <= m_r - sum of w / C_e        every limit r
                              nu:     tau sum of g y over (n, q)  <= u_nq                       every (n, q)
                              lambda: sum of y of k               >= D_k                        every k
                              0 <= y <= Ymax x
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from satqn.routing.farkas import VIOLATED
from satqn.routing.highs import LiveLP
from satqn.routing.highs_calls import SolverError
from satqn.routing.linear import LinearModel, Rows
from satqn.routing.problem import Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SlotCut:
    """``eta_t <= constant + coefficient . column`` over columns of the master; eta_t is 0 if ``feasibility``.

    Parameters
    ----------
    slot
        t.
    feasibility
        Whether the cut says that something is impossible.
    constant
        Right-hand side, pairs.
    column, coefficient
        Columns of the master and their factors.
    size
        What a feasibility cut asks of the choices at most: what its violation is measured by.
    """

    slot: int
    feasibility: bool
    constant: float
    column: IntArray
    coefficient: FloatArray
    size: float = 1.0

    def at(self, point: FloatArray) -> float:
        """Return the right-hand side at a point of the master."""
        return self.constant + float(self.coefficient @ point[self.column])


@dataclass(frozen=True, slots=True)
class SlotValue:
    """What a slot is worth at a point, and the cut that says so.

    Parameters
    ----------
    value
        Weighted pairs; None where the point is impossible.
    cut
        The cut of its duals.
    """

    value: float | None
    cut: SlotCut


class SlotProblem:
    """One slot with its LP kept in the solver.

    Parameters
    ----------
    problem
        The problem.
    slot
        t, from 0.
    draw
        Column of u in the master for every row of C5.

    Attributes
    ----------
    rows
        Rows of the whole model that make up the slot.
    weighed
        Which of them have had a multiplier in some cut so far.
    """

    def __init__(self, problem: Problem, slot: int, draw: IntArray) -> None:
        f, model = problem.formulation, problem.model
        self.slot = slot
        columns = np.flatnonzero(f.serve.slot == slot)
        rows, self._names = _rows_of_slot(model, slot)
        part = csr_array(model.matrix[rows])
        self._served = csr_array(part[:, f.y.start + columns])
        # A link, or a limit, on which only stores draw is the master's business.
        used = (np.diff(self._served.indptr) > 0) | (self._names == "D")
        rows, self._names, part, self._served = rows[used], self._names[used], part[used], self._served[used]
        self.rows, self.weighed = rows, np.zeros(len(rows), dtype=bool)
        self._stored = csr_array(part[:, f.w.columns])
        self._stored_at = f.w.start + np.arange(f.w.count, dtype=np.int64)
        self._side = np.where(self._names == "D", model.row_lower[rows], model.row_upper[rows])
        drawn = model.rows_of("C5")
        self._draw_row = np.flatnonzero(self._names == "C5")
        self._draw_at = draw[rows[self._draw_row] - drawn.start]
        group = next(block for block in model.blocks if block.name == "C5").index[
            rows[self._draw_row] - drawn.start, 0
        ]
        # An initial stock cannot be thrown away, so what the master draws from it must be used.
        self._equal = f.pool.classes.initial_stock[group] > 0
        self._choice_at = f.x.start + columns if f.x.count else None
        self._stored_most = model.upper[self._stored_at]
        self._draw_most = f.stock.most_stored[slot, group]
        self._most = model.upper[f.y.start + columns]
        self._cost = model.cost[f.y.start + columns]
        self._lp = LiveLP(self._model())
        self._elastic: LiveLP | None = None

    def _model(self, *, elastic: bool = False) -> LinearModel:
        """Return the LP of the slot; sides and upper bounds are set before every solve."""
        count, width = len(self._names), len(self._cost)
        entries = self._served.tocoo()
        row, column, value = entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data
        cost, most = self._cost, self._most
        if elastic:
            # Minimum rates fall short, draws that must be used are left over: shares of what is due.
            promised = np.flatnonzero(self._names == "D")
            short = np.concatenate([promised, self._draw_row[self._equal]])
            due = np.concatenate([self._side[promised], self._draw_most[self._equal]])
            row = np.concatenate([row, short])
            column = np.concatenate([column, width + np.arange(len(short))])
            value = np.concatenate([value, np.ones(len(short))])
            cost = np.concatenate([np.zeros(width), -1.0 / due])
            most = np.concatenate([most, due])
        lower, upper = self._sides(self._side)
        rows = Rows("slot", np.arange(count)[:, None], row, column, value, lower, upper)
        nothing = np.zeros(len(cost), dtype=bool)
        return LinearModel.assemble(cost, np.zeros(len(cost)), most, nothing, (), [rows])

    def _sides(self, side: FloatArray) -> tuple[FloatArray, FloatArray]:
        lower = np.where(self._names == "D", side, -np.inf)
        upper = np.where(self._names == "D", np.inf, side)
        lower[self._draw_row[self._equal]] = side[self._draw_row[self._equal]]
        return lower, upper

    def solve(self, point: FloatArray) -> SlotValue:
        """Return value and cut of the slot at a point of the master."""
        side = self._side - self._stored @ point[self._stored_at]
        side[self._draw_row] = point[self._draw_at]
        most = self._most if self._choice_at is None else self._most * point[self._choice_at]
        if not len(self._names):
            return SlotValue(float(self._cost @ most), self._cut(np.empty(0), self._cost, feasibility=False))
        _set(self._lp, self._sides(side), most)
        solved = self._lp.solve()
        if solved.status == "optimal" and solved.dual is not None:
            return SlotValue(solved.objective, self._cut(solved.dual, self._cost, feasibility=False))
        return SlotValue(None, self._impossible(point, side, most, solved.dual))

    def _impossible(
        self, point: FloatArray, side: FloatArray, most: FloatArray, ray: FloatArray | None
    ) -> SlotCut:
        """Return a feasibility cut from a ray that was verified, else from the duals of least total miss."""
        if ray is not None and (size := float(np.abs(ray).max(initial=0.0))) > 0:
            cut = self._cut(ray / size, np.zeros(len(self._cost)), feasibility=True)
            if cut.at(point) < -VIOLATED * cut.size:
                return cut
        if self._elastic is None:
            self._elastic = LiveLP(self._model(elastic=True))
        _set(self._elastic, self._sides(side), most)
        solved = self._elastic.solve()
        if solved.dual is None:
            raise SolverError(f"the elastic problem of slot {self.slot + 1} has no solution")
        return self._cut(solved.dual, np.zeros(len(self._cost)), feasibility=True)

    def _cut(self, pi: FloatArray, cost: FloatArray, *, feasibility: bool) -> SlotCut:
        """Return the cut of any multipliers, valid by weak duality (compare ``cuts.safe_cut``)."""
        free = np.zeros(len(pi), dtype=bool)
        free[self._draw_row[self._equal]] = True
        pi = np.where(free, pi, np.where(self._names == "D", np.minimum(pi, 0.0), np.maximum(pi, 0.0)))
        self.weighed |= pi != 0.0
        slope = np.maximum(cost - self._served.T @ pi, 0.0) * self._most
        fixed = pi.copy()
        fixed[self._draw_row] = 0.0
        constant = float(fixed @ self._side)
        stored = -(self._stored.T @ fixed)
        column, coefficient = [self._stored_at, self._draw_at], [stored, pi[self._draw_row]]
        size = 1.0
        if self._choice_at is None:
            constant += float(slope.sum())
        if feasibility:
            # Choices are 0 or 1: none needs to count for more than all that can be asked of them.
            asked = float(np.maximum(-stored, 0.0) @ self._stored_most)
            asked += float(np.maximum(-pi[self._draw_row], 0.0) @ self._draw_most)
            size = max(asked - constant, 0.0)
            slope = np.minimum(slope, size)
        if self._choice_at is not None:
            column.append(self._choice_at)
            coefficient.append(slope)
        columns, factors = np.concatenate(column), np.concatenate(coefficient)
        kept = factors != 0.0
        return SlotCut(self.slot, feasibility, constant, columns[kept], factors[kept], size)


def _rows_of_slot(model: LinearModel, slot: int) -> tuple[IntArray, NDArray[np.str_]]:
    """Return the rows of C4, C5, C7 and D that belong to a slot, and the name of each."""
    rows, names = [], []
    start = 0
    for block in model.blocks:
        if block.name in {"C4", "C5", "C7", "D"}:
            mine = np.flatnonzero(block.index[:, 1] == slot)
            rows.append(start + mine)
            names += [block.name] * len(mine)
        start += len(block)
    return np.concatenate(rows).astype(np.int64), np.array(names, dtype=np.str_)


def _set(lp: LiveLP, sides: tuple[FloatArray, FloatArray], most: FloatArray) -> None:
    lp.set_rows(np.arange(len(sides[0]), dtype=np.int64), *sides)
    lp.set_column_bounds(np.arange(len(most), dtype=np.int64), np.zeros(len(most)), most)


def solve_slots(slots: list[SlotProblem], point: FloatArray, executor: Executor | None) -> list[SlotValue]:
    """Solve every slot at a point of the master, one after the other or through an executor.

    Parameters
    ----------
    slots
        The slot problems.
    point
        Columns of the master.
    executor
        Where to run, or None.
    """
    each = map if executor is None else executor.map
    return list(each(lambda slot: slot.solve(point), slots))
