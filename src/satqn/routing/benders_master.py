"""The master of the modern decomposition: choices, storing, stocks and draws, and one eta per slot.

It is the whole model with y held at 0: a draw u stands in for what y would draw in C5 and C6, and eta_t for
what slot t is worth. C1 and D belong to the slots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.routing.choices import highest_objective
from satqn.routing.linear import LinearModel, Rows, Variables, extended
from satqn.routing.problem import Problem
from satqn.routing.slots import SlotCut

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def master_model(problem: Problem) -> LinearModel:
    """Return the master without cuts.

    Parameters
    ----------
    problem
        The problem.
    """
    f, model = problem.formulation, problem.model
    slots, width = problem.instance.slots, len(model.cost)
    draws = next(block for block in model.blocks if block.name == "C5").index
    group, slot = draws[:, 0], draws[:, 1]
    u = Variables("u", width, len(draws), draws)
    eta = Variables("eta", width + len(draws), slots, np.arange(slots, dtype=np.int64)[:, None])
    upper = model.upper.copy()
    upper[f.y.columns] = 0.0
    worth = highest_objective(problem)
    worth[-1] -= float(model.cost[f.z.columns] @ model.upper[f.z.columns])
    cost = np.where(np.arange(width) < f.w.start, 0.0, model.cost)
    most = np.minimum(f.stock.most_stored[slot, group], _most_drawn(problem, draws))
    return LinearModel.assemble(
        np.concatenate([cost, np.zeros(u.count), np.ones(slots)]),
        np.concatenate([model.lower, np.zeros(u.count + slots)]),
        np.concatenate([upper, most, worth]),
        np.concatenate([model.integer, np.zeros(u.count + slots, dtype=bool)]),
        (*model.variables, u, eta),
        [_with_draws(problem, block, u) for block in model.blocks if block.name not in {"C1", "D"}],
    )


def _most_drawn(problem: Problem, draws: IntArray) -> FloatArray:
    """Return the most that all paths together can draw from a class in a slot, pairs, for rows (class, slot).

    A stock may be far larger. In units of the stock a solver would take a draw of this size for nothing.
    """
    f = problem.formulation
    j, group = f.pool.drawn.take(f.serve.path)
    most = np.zeros((len(f.pool.classes), problem.instance.slots))
    taken = problem.instance.slot_length * f.serve.base_pairs * problem.model.upper[f.y.columns]
    np.add.at(most, (group, f.serve.slot[j]), taken[j])
    return np.asarray(most[draws[:, 0], draws[:, 1]])


def partial_master(problem: Problem, weighed: NDArray[np.bool_]) -> tuple[LinearModel, NDArray[np.bool_]]:
    """Return the whole MILP without the service of links that no cut has weighed.

    Parameters
    ----------
    problem
        The problem.
    weighed
        Rows of the whole model that must stay, shape (R,).

    Returns
    -------
    model, shut
        The model, and which rows of the whole model have lost their y, shape (R,).

    Notes
    -----
    What is stored still keeps to every link, as in every master. Shared limits (C7) are few and often bind:
    they stay whole from the start.
    """
    f, model = problem.formulation, problem.model
    links = model.rows_of("C4")
    shut = np.zeros(len(weighed), dtype=bool)
    shut[links] = ~weighed[links]
    blocks = [_without(block, f.y, shut[links]) if block.name == "C4" else block for block in model.blocks]
    reduced = LinearModel.assemble(
        model.cost, model.lower, model.upper, model.integer, model.variables, blocks
    )
    return reduced, shut


def _without(block: Rows, y: Variables, shut: NDArray[np.bool_]) -> Rows:
    served = (block.column >= y.start) & (block.column < y.start + y.count)
    kept = ~(served & shut[block.row])
    return replace(block, row=block.row[kept], column=block.column[kept], value=block.value[kept])


def draws_of(problem: Problem, master: LinearModel, primal: FloatArray, choice: FloatArray) -> FloatArray:
    """Return a point of the partial master in the columns of the root master: u and eta instead of y.

    Parameters
    ----------
    problem
        The problem.
    master
        The root master.
    primal, choice
        Columns of the whole model, and its choices, rounded.
    """
    f, model = problem.formulation, problem.model
    point = np.zeros(len(master.cost))
    point[: len(primal)] = primal
    point[problem.switches.choice] = choice
    point[f.y.columns] = 0.0
    rate = primal[f.y.columns]
    point[master.block("u").columns] = model.matrix[model.rows_of("C5")][:, f.y.columns] @ rate
    worth = model.cost[f.y.columns] * rate
    point[master.block("eta").columns] = np.bincount(f.serve.slot, worth, minlength=problem.instance.slots)
    return point


def _with_draws(problem: Problem, block: Rows, u: Variables) -> Rows:
    """Put u into C5 (u <= z) and C6 (what is drawn is gone)."""
    number = np.arange(u.count, dtype=np.int64)
    if block.name == "C5":
        row, factor = number, 1.0
    elif block.name == "C6":
        # Rows of C6 run over all classes and, within a class, over all slots.
        row = u.index[:, 0] * problem.instance.slots + u.index[:, 1]
        factor = problem.instance.options.stock_retention
    else:
        return block
    return extended(block, row, u.start + number, np.full(u.count, factor))


def cut_rows(
    model: LinearModel, cuts: Sequence[SlotCut]
) -> tuple[FloatArray, FloatArray, IntArray, IntArray, FloatArray]:
    """Return cuts as rows ``eta_t - coefficient . column <= constant`` for a live solver.

    Parameters
    ----------
    model
        The master.
    cuts
        The cuts.
    """
    eta = model.block("eta").start
    start, column, value = [], [], []
    filled = 0
    for cut in cuts:
        start.append(filled)
        column.append(cut.column if cut.feasibility else np.append(cut.column, eta + cut.slot))
        value.append(-cut.coefficient if cut.feasibility else np.append(-cut.coefficient, 1.0))
        filled += len(column[-1])
    upper = np.array([cut.constant for cut in cuts])
    lower = np.full(len(cuts), -np.inf)
    return lower, upper, np.array(start, dtype=np.int64), np.concatenate(column), np.concatenate(value)
