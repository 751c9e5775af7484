"""The part of the model that is only about choices: C2 (and S2), on which every Benders master stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.routing.linear import Rows
from satqn.routing.problem import Problem

FloatArray = NDArray[np.float64]


def choice_rows(problem: Problem) -> list[Rows]:
    """Return C2 and S2 with the choices numbered from 0.

    Parameters
    ----------
    problem
        The problem.
    """
    number = np.full(len(problem.model.cost), -1, dtype=np.int64)
    number[problem.switches.choice] = np.arange(len(problem.switches))
    blocks = [block for block in problem.model.blocks if block.name in {"C2", "S2"}]
    return [replace(block, column=number[block.column]) for block in blocks]


def of_choices(problem: Problem, values: FloatArray) -> FloatArray:
    """Return for every serve column the sum over all that its choice switches on.

    Parameters
    ----------
    problem
        The problem.
    values
        One per serve column, shape (J,).
    """
    choice = problem.formulation.choice
    return np.asarray(np.bincount(choice, values)[choice]) if len(choice) else values


def highest_objective(problem: Problem) -> FloatArray:
    """Return per slot a bound on the objective that needs no solver: every demand on its best path alone.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    ndarray
        Shape (T,); the last slot includes the worth of the largest final stock.
    """
    f, instance = problem.formulation, problem.instance
    worth = np.zeros((instance.slots, len(instance.demands)))
    value = problem.model.cost[f.y.columns] * problem.model.upper[f.y.columns]
    if instance.options.splittable:
        np.add.at(worth, (f.serve.slot, f.serve.demand), value)
    else:
        # A path may draw pairs of every age in one slot.
        np.maximum.at(worth, (f.serve.slot, f.serve.demand), of_choices(problem, value))
    highest = worth.sum(axis=1)
    highest[-1] += float(problem.model.cost[f.z.columns] @ problem.model.upper[f.z.columns])
    return np.asarray(highest)
