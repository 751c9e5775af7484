"""Nobody is left out because others are worth more: what a gap, or a solver's tolerance, does not see.

A plan within 0.1 % of its bound may leave a demand unserved that is worth less than that, although nothing
stands in its way; and a demand worth 1e-9 of the objective is nothing to a solver. So once the paths and
rates of the large ones are settled, the rest is planned with what they leave, in units of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.routing.choices import of_choices
from satqn.routing.highs import BRANCHING, LiveLP, LiveMIP
from satqn.routing.linear import LinearModel
from satqn.routing.problem import Problem
from satqn.routing.repair import repaired
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEVEL = 1e-6
"""Demands in slots that are worth less than this share of the largest are planned after the others, too: a
solver ends at a gap of this size."""
UNSEEN = 1e-9
"""Below this share of the largest the bound of a solver does not see a demand."""
EXACT = 1e-12
"""A sum of as many terms as a plan has is right to about this share."""
IDLE = 1e-6
"""A link or a limit of which less than this share is left is used up."""


def completed(problem: Problem, primal: FloatArray, run: Run, gap: float) -> FloatArray:
    """Return a solution, made possible to the last digit, in which nobody is forgotten.

    Parameters
    ----------
    problem
        The problem; columns with an upper bound of 0 are shut.
    primal
        Its columns, choices rounded.
    run
        Whose time it takes.
    gap
        Relative gap at which the plan of those left over may stop.
    """
    f = problem.formulation
    best = repaired(f, primal, problem.model.upper)
    settled = np.zeros(f.y.count, dtype=bool)
    for number, level in enumerate(_levels(problem, LEVEL)):
        if run.must_stop:
            break
        fixed = _served(problem, best) if number == 0 else np.zeros_like(level)
        if number > 0 or (level & ~fixed & _reachable(problem, best)).any():
            best = _planned(problem, best, level, settled, fixed, run, gap)
        settled |= level
    return best


def neglected(problem: Problem) -> float:
    """Return what all demands in slots below the first level could be worth: a bound of a solver lacks it.

    Parameters
    ----------
    problem
        The problem.
    """
    first = next(_levels(problem, UNSEEN), None)
    if first is None:
        return 0.0
    worth = _worth(problem) * ~first
    if problem.instance.options.splittable:
        return float(worth.sum())
    return float(_per_demand(problem, of_choices(problem, worth)).sum())


def _worth(problem: Problem) -> FloatArray:
    """Return the most that every serve column can be worth alone."""
    y = problem.formulation.y.columns
    return np.asarray(problem.model.cost[y] * problem.model.upper[y])


def _per_demand(problem: Problem, worth: FloatArray) -> FloatArray:
    """Return the largest value of every demand in every slot, shape (T, K)."""
    serve, instance = problem.formulation.serve, problem.instance
    most = np.zeros((instance.slots, len(instance.demands)))
    np.maximum.at(most, (serve.slot, serve.demand), worth)
    return most


def _levels(problem: Problem, share: float) -> Iterator[BoolArray]:
    """Yield the serve columns of demands in slots that are worth about as much, the largest first."""
    serve = problem.formulation.serve
    most = _per_demand(problem, _worth(problem))
    left = most > 0
    while left.any():
        level = left & (most >= share * most[left].max())
        left &= ~level
        yield level[serve.slot, serve.demand]


def _served(problem: Problem, primal: FloatArray) -> BoolArray:
    """Return the columns of demands in slots that get anything."""
    f = problem.formulation
    rate = _per_demand(problem, primal[f.y.columns])
    return np.asarray((rate > 0)[f.serve.slot, f.serve.demand])


def _reachable(problem: Problem, primal: FloatArray) -> BoolArray:
    """Return the columns without a store all of whose links, and limits, still have something left."""
    f, model = problem.formulation, problem.model
    used_up = np.zeros(len(model.row_lower), dtype=bool)
    for name in ("C4", "C7"):
        rows = model.rows_of(name)
        upper = model.row_upper[rows]
        used_up[rows] = model.matrix[rows] @ primal >= (1.0 - IDLE) * upper
    crowded = np.asarray(used_up.astype(np.float64) @ (model.matrix != 0).astype(np.float64))[f.y.columns]
    real = np.diff(f.pool.drawn.ptr)[f.serve.path] == 0
    return np.asarray((crowded == 0) & real & (model.upper[f.y.columns] > 0))


def _planned(
    problem: Problem,
    best: FloatArray,
    level: BoolArray,
    settled: BoolArray,
    fixed: BoolArray,
    run: Run,
    gap: float,
) -> FloatArray:
    """Return the solution with one level planned anew; what is settled stays, and the paths of fixed ones."""
    f, model = problem.formulation, problem.model
    lower, upper = model.lower.copy(), model.upper.copy()
    y = np.arange(f.y.start, f.y.start + f.y.count)
    x = f.x.start + f.choice[: len(f.choice) if f.x.count else 0]
    lower[y[settled]] = upper[y[settled]] = best[y[settled]]
    if len(x):
        kept = x[settled | fixed]
        lower[kept] = upper[kept] = np.round(best[kept])
    lower[f.s.columns] = upper[f.s.columns] = np.round(best[f.s.columns])
    cost = np.zeros(len(model.cost))
    cost[y[level]] = model.cost[y[level]]
    if problem.instance.options.stock_end_value > 0:
        last = f.z.start + np.flatnonzero(f.z.index[:, 1] == problem.instance.slots)
        lower[last] = np.minimum(best[last] * (1.0 - UNSEEN), upper[last])
    part = replace(model, cost=cost, lower=lower, upper=upper)
    if len(x):
        found = LiveMIP(part, run, **BRANCHING).solve(gap)
        if found.primal is None:
            return best
        part = _with_choices(problem, part, np.round(found.primal))
    solved = LiveLP(
        part, run, presolve="on", primal_feasibility_tolerance=1e-9, dual_feasibility_tolerance=1e-9
    ).solve()
    if solved.status != "optimal":
        return best
    made = solved.primal.copy()
    made[model.integer] = np.round(made[model.integer])
    made = repaired(f, made, problem.model.upper)
    more = float(cost @ made) - float(cost @ best)
    # Only what was settled can lose, and that no more than rounding.
    loses = float(model.cost @ (made - best)) < -EXACT * abs(float(model.cost @ best))
    return made if more > 0 and not loses else best


def _with_choices(problem: Problem, part: LinearModel, primal: FloatArray) -> LinearModel:
    """Return the model with every choice made."""
    lower, upper = part.lower.copy(), part.upper.copy()
    lower[part.integer] = upper[part.integer] = primal[part.integer]
    f = problem.formulation
    y, x = f.y.columns, f.x.start + f.choice
    upper[y] = np.minimum(upper[y], problem.model.upper[y] * primal[x])
    lower[y] = np.minimum(lower[y], upper[y])
    return replace(part, integer=np.zeros(len(part.cost), dtype=bool), lower=lower, upper=upper)
