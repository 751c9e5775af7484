"""PS-EGR holds on to the best baseline: it starts there, or looks back at the end; it never reports less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.routing.baselines import no_storage, random_paths, satellite_only
from satqn.routing.choices import highest_objective
from satqn.routing.exact import exact, linear_program
from satqn.routing.highs import LiveLP
from satqn.routing.problem import Outcome, Problem
from satqn.routing.slotwise import slot_by_slot
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]

SHARE = 0.1
"""Share of the time limit that any one baseline may take."""


def best_baseline(
    problem: Problem, run: Run, gap: float, seed: int, floor: float = -np.inf
) -> FloatArray | None:
    """Return the columns of the best baseline, or None if none of them is worth more than ``floor``.

    Parameters
    ----------
    problem
        The problem.
    run
        The run of the method; baselines use up its time, and raise its incumbent.
    gap
        Relative gap, asked of every baseline as of the method.
    seed
        Of the random paths.
    floor
        What is in hand already, weighted pairs.

    Notes
    -----
    A baseline that cannot be worth more than what is in hand, by a bound that needs no solver or by its LP
    relaxation, is not solved.
    """
    best: FloatArray | None = None
    worth = floor
    for name, baseline in (
        ("no-storage", no_storage),
        ("satellite-only", satellite_only),
        ("random", lambda whole: random_paths(whole, seed)),
    ):
        part = baseline(problem)
        inner = Run(None if run.time_limit is None else SHARE * run.time_limit)
        inner.interrupted = run.interrupted
        if run.interrupted.is_set() or (worth > -np.inf and cannot_beat(worth, part, inner)):
            continue
        found = _solve(part, inner, gap, by_slot=name == "no-storage")
        if found.primal is not None and (value := float(problem.model.cost @ found.primal)) > worth:
            best, worth = found.primal, value
            run.raise_incumbent_to(value)
            run.note(f"baseline: {name}")
    return best


def _solve(part: Problem, run: Run, gap: float, *, by_slot: bool) -> Outcome:
    if not len(part.switches):
        return linear_program(part, run)
    return slot_by_slot(part, run, gap) if by_slot else exact(part, run, gap)


def cannot_beat(worth: float, part: Problem, run: Run) -> bool:
    """Whether a problem is worth no more than what is in hand, by a sum or by its LP relaxation.

    Parameters
    ----------
    worth
        What is in hand, weighted pairs.
    part
        The problem.
    run
        Whose time the relaxation takes.
    """
    return float(highest_objective(part).sum()) <= worth or _relaxation(part, run) <= worth


def _relaxation(part: Problem, run: Run) -> float:
    solved = LiveLP(part.model, run, presolve="on").solve()
    return {"optimal": solved.objective, "infeasible": -np.inf}.get(solved.status, np.inf)
