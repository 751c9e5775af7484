"""Slots on their own: without storage nothing joins them, so T small MILPs replace one large one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from satqn.model.plan import PlanStatus
from satqn.routing.exact import fix_choices
from satqn.routing.highs import BRANCHING, LiveMIP, MIPResult
from satqn.routing.linear import LinearModel, Rows
from satqn.routing.problem import Outcome, Problem
from satqn.routing.stopping import ROUNDING, Run

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def slot_model(problem: Problem, slot: int) -> tuple[LinearModel, IntArray]:
    """Return the MILP of one slot (x, y, w, s under C1, C2, C4, C7, D, S1, S2) and its columns in the whole.

    Parameters
    ----------
    problem
        The problem.
    slot
        t, from 0.
    """
    f, model = problem.formulation, problem.model
    blocks = [block for block in (f.x, f.y, f.w, f.s) if block.count]
    columns = np.concatenate([block.start + np.flatnonzero(block.index[:, 1] == slot) for block in blocks])
    rows = []
    for block in model.blocks:
        if block.name not in {"C3", "C5", "C6", "A1", "A2"}:
            rows.append(model.rows_of(block.name).start + np.flatnonzero(block.index[:, 1] == slot))
    picked = np.concatenate(rows)
    part = csr_array(model.matrix[picked][:, columns]).tocoo()
    block_of_slot = Rows(
        "slot", picked[:, None], part.row.astype(np.int64), part.col.astype(np.int64), part.data,
        model.row_lower[picked], model.row_upper[picked],
    )  # fmt: skip
    return (
        LinearModel.assemble(
            model.cost[columns],
            model.lower[columns],
            model.upper[columns],
            model.integer[columns],
            (),
            [block_of_slot],
        ),
        columns,
    )


def slot_by_slot(problem: Problem, run: Run, gap: float) -> Outcome:
    """Solve a problem whose slots nothing joins: no draws and no storing are open.

    Parameters
    ----------
    problem
        The problem.
    run
        Clock, log and wish to stop.
    gap
        Relative gap, asked of every slot.
    """
    primal = problem.model.lower.copy()
    bound = _worth_of_rest(problem)
    status: PlanStatus = "optimal"
    for slot in range(problem.instance.slots):
        model, columns = slot_model(problem, slot)
        run.iteration += 1
        solved: MIPResult = LiveMIP(model, run, **BRANCHING).solve(gap)
        if solved.status == "infeasible":
            return Outcome("infeasible", None, None)
        bound += solved.bound
        if solved.primal is not None:
            primal[columns] = solved.primal
        if solved.status == "stopped":
            status = run.stop_status
    settled = fix_choices(problem, primal) if len(problem.switches) else primal
    if settled is not None:
        run.raise_incumbent_to(float(problem.model.cost @ settled))
    if np.isfinite(bound):
        run.lower_bound_to(bound)
    run.note("all slots solved")
    return Outcome("optimal" if run.gap <= max(gap, ROUNDING) else status, run.bound, settled)


def _worth_of_rest(problem: Problem) -> float:
    """Return what the initial stock is worth at the end if nobody touches it."""
    instance, options = problem.instance, problem.instance.options
    left = float(problem.pool.listed.classes.initial_stock.sum()) * options.stock_retention**instance.slots
    return options.stock_end_value * left
