"""Method ``benders``: stocks and choices in the master, one small LP and one cut per slot.

    root:  master LP over x, w, z, u, eta  ->  separate at 0.7 new + 0.3 core (in-out), slots in parallel
           ->  slot cuts  ->  until the LP is closed
    once:  the MILP over the few choices that the root LP uses at all: a first plan, and a good one
    then:  partial master MILP: y itself with those links that a cut has weighed  ->  fix its choices: the LP
           gives an incumbent  ->  slots at its stocks weigh further links
           ->  until bound - incumbent <= eps max(1, |incumbent|)

A Benders cut is a combination of the rows that it weighs. At integer points a master of cuts alone needs a
new cut for nearly every combination of paths; a master that keeps the weighed rows themselves (partial
Benders decomposition, Crainic et al. 2021) implies all those cuts at once, and few links ever matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.routing.benders_master import cut_rows, draws_of, master_model, partial_master
from satqn.routing.exact import exact, with_choices
from satqn.routing.farkas import VIOLATED
from satqn.routing.highs import BRANCHING, LiveLP, LiveMIP
from satqn.routing.linear import LinearModel
from satqn.routing.problem import Outcome, Problem
from satqn.routing.slots import SlotCut, SlotProblem, solve_slots
from satqn.routing.stopping import ROUNDING, Rule, Run, first_reason
from satqn.routing.subproblem import Subproblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

IN_OUT = 0.7
"""Share of the new point at the root; the rest is the core point (spec routing, section 3)."""
MASTER_GAP = 0.5
"""Share of the asked gap that one master MILP may leave open."""
USED = 1e-6
"""A choice is used by the root LP above this."""
NARROW_SHARE, NARROW_GAP = 0.25, 2e-3
"""Share of the time left, and the smallest gap asked for, where only choices of the root LP are open."""
NARROW_NODES = 200
"""Most nodes there: so that, as a rule, it is not the clock that ends it."""
FILTER = 1e-4
"""A root cut is added if it is missed by this share of the objective, shared out over the slots."""


@dataclass
class _State:
    """What the two phases share."""

    problem: Problem
    run: Run
    master: LinearModel
    slots: list[SlotProblem]
    executor: Executor | None
    best: FloatArray | None
    point: FloatArray | None = None

    def separate(self, at: FloatArray, point: FloatArray) -> tuple[float | None, list[SlotCut]]:
        """Solve the slots at one point; return its worth (None: impossible) and the cuts ``point`` breaks."""
        values = solve_slots(self.slots, at, self.executor)
        eta = self.master.block("eta").start
        size = abs(self.run.incumbent or self.run.bound or 0.0)
        least = FILTER * max(size, self.run.least) / len(values)
        kept = []
        for cut in (value.cut for value in values):
            missed = -cut.at(point) if cut.feasibility else point[eta + cut.slot] - cut.at(point)
            if missed > (VIOLATED * cut.size if cut.feasibility else least):
                kept.append(cut)
                self.run.feasibility_cuts += cut.feasibility
                self.run.optimality_cuts += not cut.feasibility
        if any(value.value is None for value in values):
            return None, kept
        held = float(self.master.cost[:eta] @ at[:eta])
        return held + sum(value.value or 0.0 for value in values), kept


def benders(
    problem: Problem,
    run: Run,
    rules: Sequence[Rule],
    gap: float,
    start: FloatArray | None = None,
    workers: int = 1,
) -> Outcome:
    """Solve by decomposition into slots.

    Parameters
    ----------
    problem
        The problem.
    run
        Clock, log and wish to stop.
    rules
        When to stop.
    gap
        Relative gap asked for: how far the master needs to be solved.
    start
        Columns of a feasible solution to begin the incumbent with, or None.
    workers
        How many slots are solved at the same time.
    """
    master = master_model(problem)
    draws = np.arange(master.block("u").count, dtype=np.int64) + master.block("u").start
    slots = [SlotProblem(problem, t, draws) for t in range(problem.instance.slots)]
    with _executor(workers) as executor:
        state = _State(problem, run, master, slots, executor, start)
        ended = _root(state, rules, gap)
        if ended is None:
            _narrow(state, gap)
            reason = first_reason(rules, run)
            ended = Outcome(reason, run.bound, state.best) if reason else _branch(state, rules, gap)
        return ended


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    if workers <= 1:
        yield None
        return
    with ThreadPoolExecutor(workers) as executor:
        yield executor


def _root(state: _State, rules: Sequence[Rule], gap: float) -> Outcome | None:
    """Close the master's LP relaxation; an Outcome only if that already ends the run."""
    run, master = state.run, state.master
    lp = LiveLP(master, run)
    core = _uniform(master)
    # Before anything is known the cuts are those of x = 0.
    _, cuts = state.separate(master.lower, master.upper)
    while True:
        run.iteration += 1
        if cuts:
            lp.add_rows(*cut_rows(master, cuts))
        solved = lp.solve()
        if solved.status == "infeasible":
            return Outcome("infeasible", None, None)
        if solved.status == "stopped":
            return Outcome(run.stop_status, run.bound, state.best)
        run.lower_bound_to(solved.objective)
        run.note("root")
        reason = first_reason(rules, run)
        if reason is not None:
            return Outcome(reason, run.bound, state.best)
        state.point = point = solved.primal
        inner = IN_OUT * point + (1.0 - IN_OUT) * core
        worth, cuts = state.separate(inner, point)
        if worth is not None:
            core = 0.5 * (core + inner)
        if not cuts:
            worth, cuts = state.separate(point, point)
            if not cuts or (
                worth is not None and solved.objective - worth <= 0.1 * gap * max(abs(worth), run.least)
            ):
                return None


def _uniform(master: LinearModel) -> FloatArray:
    """Return the core point: every open choice equally likely, nothing stored."""
    point = master.lower.copy()
    for block in master.blocks:
        if block.name in {"C2", "S2"}:
            entry = master.upper[block.column] > 0
            share = np.bincount(block.row[entry], minlength=len(block))
            point[block.column[entry]] = 1.0 / share[block.row[entry]]
    return point


def _narrow(state: _State, gap: float) -> None:
    """Plan over the choices that the root LP or the plan in hand uses: a small MILP, and no bound."""
    problem, run, x = state.problem, state.run, state.problem.formulation.x
    if state.point is None or not x.count:
        return
    used = state.point[x.columns] > USED
    if state.best is not None:
        used |= state.best[x.columns] > USED
    inner = Run(None if run.time_limit is None else NARROW_SHARE * run.remaining, interrupted=run.interrupted)
    found = exact(problem.only(used), inner, max(gap, NARROW_GAP), state.best, NARROW_NODES)
    if found.primal is not None and run.raise_incumbent_to(float(problem.model.cost @ found.primal)):
        state.best = found.primal
    run.note(f"plan over {int(used.sum())} of {x.count} choices")


def _branch(state: _State, rules: Sequence[Rule], gap: float) -> Outcome:
    """Partial master MILPs until the gap is closed."""
    problem, run = state.problem, state.run
    subproblem = Subproblem(problem.model, problem.switches, run)
    model, shut = partial_master(problem, _weighed(state))
    mip = LiveMIP(model, run, **BRANCHING)
    mip.report(incumbent=False)
    if state.best is not None:
        mip.start_from(np.arange(len(state.best), dtype=np.int64), state.best)
    while True:
        run.iteration += 1
        proposed = mip.solve(MASTER_GAP * gap)
        if proposed.status == "infeasible":
            return Outcome("infeasible", None, None)
        run.lower_bound_to(proposed.bound)
        if proposed.primal is None:
            return Outcome(run.stop_status, run.bound, state.best)
        choice = np.round(proposed.primal[problem.switches.choice])
        solved = subproblem.solve(choice)
        if solved.status == "optimal" and run.raise_incumbent_to(solved.objective):
            state.best = with_choices(problem, solved.primal, choice)
        run.note(f"master with {int((~shut).sum())} rows")
        reason = first_reason(rules, run)
        if reason is None:
            point = draws_of(problem, state.master, proposed.primal, choice)
            state.separate(point, point)
            opened = shut & _weighed(state)
            shut &= ~opened
            if not opened.any():
                # The slots agree with the master at its own point: what gap is left is the MILP's own.
                reason = "stalled" if run.gap > max(gap, ROUNDING) else "optimal"
            rows = np.flatnonzero(opened)
            part = problem.model.matrix[rows]
            mip.add_rows(
                problem.model.row_lower[rows], problem.model.row_upper[rows],
                part.indptr[:-1].astype(np.int64), part.indices.astype(np.int64), part.data,
            )  # fmt: skip
        if reason is not None:
            return Outcome(reason, run.bound, state.best)


def _weighed(state: _State) -> NDArray[np.bool_]:
    """Rows of the whole model that some cut has weighed, shape (R,)."""
    weighed = np.zeros(len(state.problem.model.row_lower), dtype=bool)
    for slot in state.slots:
        weighed[slot.rows[slot.weighed]] = True
    return weighed
