"""Method ``benders``: stocks and choices in the master, one small LP and one cut per slot.

    root:  master LP  ->  separate at 0.7 new + 0.3 core (in-out)  ->  slot cuts  ->  until the LP is closed
    then:  master MILP  ->  fix its choices: LP gives an incumbent  ->  slot cuts at x* and at 0.9 x* + 0.1 core
           ->  until bound - incumbent <= eps max(1, |incumbent|)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.routing.benders_master import cut_rows, master_model
from satqn.routing.exact import with_choices
from satqn.routing.highs import LiveLP, LiveMIP, LPResult, MIPResult
from satqn.routing.problem import Outcome, Problem
from satqn.routing.slots import SlotCut, SlotProblem, solve_slots
from satqn.routing.stopping import ROUNDING, Rule, Run, first_reason
from satqn.routing.subproblem import Subproblem

FloatArray = NDArray[np.float64]

IN_OUT = 0.7
"""Share of the new point at the root; the rest is the core point (spec routing, section 3)."""
CORE = 0.1
"""Share of the uniform choice in the second cut of every integer point."""
MASTER_GAP = 0.3
"""Share of the asked gap that one master MILP may leave open."""
FILTER = 1e-4
"""A cut is added if it is missed by this share of max(1, objective)."""


@dataclass
class _State:
    """What the two phases share."""

    problem: Problem
    run: Run
    master: LinearModel
    slots: list[SlotProblem]
    executor: Executor | None
    cuts: list[SlotCut]
    best: FloatArray | None
    lp_point: FloatArray | None = None

    def separate(self, at: FloatArray, point: FloatArray, *, everything: bool = False) -> tuple[float | None, int]:
        """Solve the slots at one point and keep the cuts that the master's point breaks.

        Returns the worth of ``at`` (None if impossible) and how many cuts were kept.
        """
        values = solve_slots(self.slots, at, self.executor)
        eta = self.master.block("eta").start
        least = FILTER * max(1.0, abs(self.run.incumbent or 0.0)) / len(values)
        kept = 0
        for value in values:
            cut = value.cut
            missed = -cut.at(point) if cut.feasibility else point[eta + cut.slot] - cut.at(point)
            if everything or missed > (1e-7 if cut.feasibility else least):
                self.cuts.append(cut)
                kept += 1
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
        state = _State(problem, run, master, slots, executor, [], start)
        return _root(state, gap) or _branch(state, rules, gap)


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    if workers <= 1:
        yield None
        return
    with ThreadPoolExecutor(workers) as executor:
        yield executor


def _root(state: _State, gap: float) -> Outcome | None:
    """Close the master's LP relaxation; an Outcome only if that already ends the run."""
    run, master = state.run, state.master
    lp = LiveLP(master, run)
    core = _uniform(state.problem, master)
    # Before anything is known the cuts are those of x = 0.
    nowhere = np.where(master.lower > 0, master.lower, 0.0)
    state.separate(nowhere, master.upper, everything=True)
    added = 0
    while True:
        run.iteration += 1
        if added < len(state.cuts):
            lp.add_rows(*cut_rows(master, state.cuts[added:]))
            added = len(state.cuts)
        solved = lp.solve()
        if solved.status == "infeasible":
            return Outcome("infeasible", None, None)
        if solved.status == "stopped" or run.must_stop:
            return Outcome(run.stop_status, run.bound, state.best)
        run.lower_bound_to(solved.objective)
        point = solved.primal
        state.lp_point=point
        run.note("root")
        inner = IN_OUT * point + (1.0 - IN_OUT) * core
        worth, kept = state.separate(inner, point)
        if worth is not None:
            core = 0.5 * (core + inner)
        if not kept:
            worth, kept = state.separate(point, point)
            closed = worth is not None and solved.objective - worth <= 0.1 * max(gap, ROUNDING) * max(1.0, abs(worth))
            if closed or not kept:
                return None


def _uniform(problem: Problem, master: LinearModel) -> FloatArray:
    """The core point: every open choice of a demand in a slot (or of a storage pair) equally likely, nothing stored."""
    point = np.where(master.lower > 0, master.lower, 0.0)
    for block in master.blocks:
        if block.name in {"C2", "S2"} and len(block):
            open_entry = master.upper[block.column] > 0
            share = np.bincount(block.row[open_entry], minlength=len(block))
            point[block.column[open_entry]] = 1.0 / share[block.row[open_entry]]
    return point


def _branch(state: _State, rules: Sequence[Rule], gap: float) -> Outcome:
    """Master MILPs until the gap is closed."""
    import os
    NS=int(os.environ.get('NS','0')); SCHED=os.environ.get('SCHED','1')=='1'; HARV=os.environ.get('HARV','1')=='1'
    opts=eval(os.environ.get('OPTS','{}'))
    problem, run, master = state.problem, state.run, state.master
    subproblem = Subproblem(problem.model, problem.switches, run)
    mip = LiveMIP(master, run, mip_abs_gap=0.0, mip_feasibility_tolerance=1e-9, **opts)
    core = _uniform(problem, master)
    harvest=[]
    if HARV: mip.harvest(harvest)
    added = 0
    rng=np.random.default_rng(0)
    def try_point(primal):
        choice = np.round(primal[problem.switches.choice])
        point = primal.copy()
        point[problem.switches.choice] = choice
        solved = subproblem.solve(choice)
        if solved.status == "optimal" and run.raise_incumbent_to(solved.objective):
            state.best = with_choices(problem, solved.primal, choice)
        state.separate(point, point)
        state.separate((1.0 - CORE) * point + CORE * core, point)
        if solved.status=="optimal":
            p2=point.copy(); n=len(problem.model.cost); f=problem.formulation
            p2[:n]=np.where(problem.model.integer, point[:n], solved.primal)
            p2[f.y.columns]=0
            # draws
            y=solved.primal[f.y.columns]; C5=problem.model.rows_of("C5"); p2[master.block("u").columns]=problem.model.matrix[C5][:,f.y.columns]@y
            state.separate(p2,np.concatenate([p2[:master.block("eta").start],point[master.block("eta").columns]]))
    if NS:
        f=problem.formulation
        lp=state.lp_point
        for _ in range(NS):
            x=lp[problem.switches.choice]; pt=lp.copy(); ch=np.zeros(len(x))
            key=f.serve.demand*problem.instance.slots+f.serve.slot
            pert=np.where(x>1e-9,x*rng.random(len(x)),0)
            order=np.lexsort((-pert,key)); first=np.r_[True,key[order][1:]!=key[order][:-1]]
            pick=order[first]; pick=pick[x[pick]>1e-9]; ch[pick]=1; pt[problem.switches.choice]=ch
            pt[master.block("eta").columns]=master.upper[master.block("eta").columns]
            try_point(pt)
    while True:
        run.iteration += 1
        if added < len(state.cuts):
            mip.add_rows(*cut_rows(master, state.cuts[added:]))
            added = len(state.cuts)
        g = MASTER_GAP*gap if not SCHED else max(MASTER_GAP*gap, min(0.02, 0.3*run.gap))
        harvest.clear()
        proposed: MIPResult = mip.solve(g)
        if proposed.status == "infeasible":
            return Outcome("infeasible", None, None)
        run.lower_bound_to(proposed.bound)
        if proposed.primal is None:
            return Outcome(run.stop_status, run.bound, state.best)
        for h in harvest[-8:-1]: try_point(h)
        try_point(proposed.primal)
        run.note("master %g %d"%(g,len(harvest)))
        reason = first_reason(rules, run)
        if reason is None and added == len(state.cuts):
            # The cuts are exact here: what is left of the gap is the master's own.
            reason = "stalled" if proposed.status == "optimal" else run.stop_status
        if reason is not None:
            return Outcome(reason, run.bound, state.best)
