"""Method ``paper``: classical Benders decomposition as in the flow chart of zhang2024.

    fix x  ->  solve the subproblem over y, w, z  ->  optimality cut, or Farkas cut if x is impossible
           ->  solve the master MILP over x and eta  ->  until bound - incumbent <= eps max(1, |incumbent|)

The paper writes a minimisation; here the master gives the bound, from above, the subproblem the incumbent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from satqn.routing.choices import choice_rows, highest_objective
from satqn.routing.cuts import Cut, safe_cut
from satqn.routing.exact import with_choices
from satqn.routing.farkas import feasibility_cut
from satqn.routing.highs import LiveMIP, MIPResult
from satqn.routing.linear import LinearModel, Variables
from satqn.routing.problem import Outcome, Problem
from satqn.routing.stopping import Rule, Run, first_reason
from satqn.routing.subproblem import Subproblem

FloatArray = NDArray[np.float64]


def paper(problem: Problem, run: Run, rules: Sequence[Rule], start: FloatArray | None = None) -> Outcome:
    """Solve by classical Benders decomposition, from x = 0.

    Parameters
    ----------
    problem
        The problem.
    run
        Clock, log and wish to stop.
    rules
        When to stop.
    start
        Columns of a feasible solution to begin the incumbent with, or None.
    """
    subproblem = Subproblem(problem.model, problem.switches, run)
    master = Master(problem, run)
    choice, best = np.zeros(len(problem.switches)), start
    while True:
        run.iteration += 1
        solved = subproblem.solve(choice)
        if solved.status == "stopped":
            return Outcome(run.stop_status, run.bound, best)
        if solved.status == "infeasible":
            cut = feasibility_cut(subproblem.model, problem.switches, solved.dual, choice)
            master.add(cut, optimality=False)
            run.feasibility_cuts += 1
        else:
            assert solved.dual is not None
            cut = safe_cut(subproblem.model, problem.switches, solved.dual, subproblem.model.cost)
            master.add(cut, optimality=True)
            run.optimality_cuts += 1
            if run.raise_incumbent_to(solved.objective):
                best = with_choices(problem, solved.primal, choice)
        proposed = master.solve()
        if proposed.status == "infeasible":
            return Outcome("infeasible", None, None)
        run.lower_bound_to(proposed.bound)
        run.note("cut and master")
        reason = first_reason(rules, run)
        if reason is not None or proposed.primal is None:
            return Outcome(reason or run.stop_status, run.bound, best)
        choice = np.round(proposed.primal[: len(choice)])


class Master:
    """The master MILP: maximise eta over choices under C2 and the cuts found so far.

    Parameters
    ----------
    problem
        The problem.
    run
        Whose limits it obeys.
    """

    def __init__(self, problem: Problem, run: Run) -> None:
        count = len(problem.switches)
        self._eta = count
        open_choice = (problem.switches.most > 0).astype(np.float64)
        highest = highest_objective(problem).sum()
        model = LinearModel.assemble(
            np.concatenate([np.zeros(count), [1.0]]),
            np.zeros(count + 1),
            np.concatenate([open_choice, [highest]]),
            np.concatenate([np.ones(count, dtype=bool), [False]]),
            (
                Variables("choice", 0, count, np.arange(count)[:, None]),
                Variables("eta", count, 1, np.zeros((1, 1), dtype=np.int64)),
            ),
            choice_rows(problem),
        )
        self._mip = LiveMIP(model, run, mip_abs_gap=0.0, mip_feasibility_tolerance=1e-9)

    def add(self, cut: Cut, *, optimality: bool) -> None:
        """Add ``eta - slope x <= constant``, or the same without eta."""
        column = np.flatnonzero(cut.slope)
        value = -cut.slope[column]
        if optimality:
            column, value = np.append(column, self._eta), np.append(value, 1.0)
        start = np.zeros(1, dtype=np.int64)
        self._mip.add_rows(np.array([-np.inf]), np.array([cut.constant]), start, column, value)

    def solve(self) -> MIPResult:
        """Return the best choice under the cuts, and the bound."""
        return self._mip.solve(gap=0.0)
