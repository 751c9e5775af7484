"""Method ``exact``: the whole MILP on the tight formulation, in one go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import PlanStatus
from satqn.routing.highs import BRANCHING, LiveMIP
from satqn.routing.problem import Outcome, Problem
from satqn.routing.stopping import ROUNDING, Run
from satqn.routing.subproblem import Subproblem

FloatArray = NDArray[np.float64]


def exact(
    problem: Problem, run: Run, gap: float, start: FloatArray | None = None, nodes: int | None = None
) -> Outcome:
    """Solve the MILP by branch and bound.

    Parameters
    ----------
    problem
        The problem.
    run
        Clock, log and wish to stop.
    gap
        Relative gap at which to stop.
    start
        Columns of a feasible solution, or None.
    nodes
        Most nodes of the tree, where a good plan is wanted soon and no proof; None for no limit.
    """
    if not len(problem.switches):
        return linear_program(problem, run)
    mip = LiveMIP(problem.model, run, **BRANCHING, **({} if nodes is None else {"mip_max_nodes": nodes}))
    mip.report(incumbent=True)
    if start is not None:
        mip.start_from(np.arange(len(start), dtype=np.int64), start)
    run.note("model passed to HiGHS")
    result = mip.solve(gap)
    if result.status == "infeasible":
        return Outcome("infeasible", None, None)
    run.lower_bound_to(result.bound)
    primal = start
    if result.primal is not None:
        primal = fix_choices(problem, result.primal)
    if primal is not None:
        run.raise_incumbent_to(float(problem.model.cost @ primal))
    run.note("branch and bound ends")
    if run.gap <= max(gap, ROUNDING):
        return Outcome("optimal", run.bound, primal)
    # A solver's own tolerances may leave a little more open than was asked for, and no more than that.
    within = run.gap <= gap + 10.0 * ROUNDING or _open_pairs(run) <= 10.0 * run.least
    solved: PlanStatus = "optimal" if within else "stalled"
    return Outcome(solved if result.status == "optimal" else run.stop_status, run.bound, primal)


def _open_pairs(run: Run) -> float:
    """Return bound - incumbent; infinite until there are both."""
    return np.inf if run.bound is None or run.incumbent is None else run.bound - run.incumbent


def linear_program(problem: Problem, run: Run) -> Outcome:
    """Solve a problem without binary choices.

    Parameters
    ----------
    problem
        The problem.
    run
        Clock, log and wish to stop.
    """
    result = Subproblem(problem.model, problem.switches, run).solve(np.empty(0))
    if result.status == "infeasible":
        return Outcome("infeasible", None, None)
    if result.status == "stopped":
        return Outcome(run.stop_status, run.bound, None)
    run.lower_bound_to(result.objective)
    run.raise_incumbent_to(result.objective)
    run.note("linear program solved")
    return Outcome("optimal", result.objective, result.primal)


def fix_choices(problem: Problem, primal: FloatArray) -> FloatArray | None:
    """Round the choices of a solution and solve for the rest again; None if they turn out impossible.

    Parameters
    ----------
    problem
        The problem.
    primal
        Columns of a MIP solution.
    """
    choice = np.round(primal[problem.switches.choice])
    result = Subproblem(problem.model, problem.switches).solve(choice)
    if result.status != "optimal":
        return None
    return with_choices(problem, result.primal, choice)


def as_planned(part: Problem, primal: FloatArray, whole: Problem) -> FloatArray | None:
    """Return the columns of a problem whose paths and slots are chosen as in another one with the same pool.

    Parameters
    ----------
    part, primal
        The other problem, and its columns.
    whole
        The problem; None is returned if it cannot do what the other one does.
    """
    chosen = part.formulation.x.index[np.round(primal[part.formulation.x.columns]) >= 1.0]
    taken = {tuple(row) for row in chosen.tolist()}
    choice = np.zeros(len(whole.switches))
    x = np.array([tuple(row) in taken for row in whole.formulation.x.index.tolist()], dtype=np.float64)
    if len(x):
        choice[: len(whole.formulation.choice)] = x[whole.formulation.choice]
    solved = Subproblem(whole.model, whole.switches).solve(choice)
    return with_choices(whole, solved.primal, choice) if solved.status == "optimal" else None


def with_choices(problem: Problem, primal: FloatArray, choice: FloatArray) -> FloatArray:
    """Return the columns of the whole model from those of the subproblem and the choices."""
    full = primal.copy()
    full[problem.switches.choice] = choice
    return full
