"""Which demands make minimum rates impossible together, and which demands cannot be served at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown
from satqn.routing.farkas import with_shortage
from satqn.routing.highs import LiveMIP
from satqn.routing.linear import LinearModel
from satqn.routing.problem import Problem
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]

MISSED = 1e-6
"""A minimum rate missed by less than this share of it is met."""


@dataclass(frozen=True, slots=True, repr=False)
class Conflict(Shown):
    """A set of demands whose minimum rates cannot be met together; without any one of them they can.

    Parameters
    ----------
    demands
        Their ids.
    slots
        Slots (from 1) in which something must be missed.
    minimal
        False if there was no time to find out which demands could be left out.
    """

    demands: tuple[str, ...]
    slots: tuple[int, ...]
    minimal: bool

    def __str__(self) -> str:
        slots = ", ".join(map(str, self.slots))
        if len(self.demands) == 1:
            return f"demand {self.demands[0]} cannot get its minimum rate in slot {slots}"
        return f"demands {', '.join(self.demands)} cannot all get their minimum rates in slot {slots}"


def disconnected(problem: Problem) -> dict[str, tuple[int, ...]]:
    """Return the demands without any usable path in a slot, with those slots (from 1).

    Parameters
    ----------
    problem
        The problem.

    Notes
    -----
    Slots in which a pair is worth nothing are left out, unless a minimum rate is due.
    """
    instance, serve = problem.instance, problem.formulation.serve
    wanted = (instance.demands.weight > 0) | (instance.demands.minimum_rate > 0)
    wanted[serve.slot[problem.open], serve.demand[problem.open]] = False
    found = {}
    for k, name in enumerate(instance.demands.ids):
        slots = np.flatnonzero(wanted[:, k])
        if len(slots):
            found[name] = tuple(int(t) + 1 for t in slots)
    return found


def find_conflict(problem: Problem, seconds: float = 60.0) -> Conflict:
    """Return a smallest set of demands in conflict (no proper part of it is), by leaving out one at a time.

    Parameters
    ----------
    problem
        An infeasible problem.
    seconds
        Time for the search; what could not be left out by then stays in.
    """
    demands = problem.instance.demands
    run = Run(time_limit=seconds)
    keep = demands.minimum_rate > 0
    slots = _missed(problem, run, keep)
    minimal = True
    for k in np.flatnonzero(keep):
        without = keep.copy()
        without[k] = False
        missed = _missed(problem, run, without) if without.any() else ()
        minimal &= not run.must_stop
        if missed:
            keep, slots = without, missed
    names = tuple(name for k, name in enumerate(demands.ids) if keep[k])
    return Conflict(names, slots, minimal)


def _missed(problem: Problem, run: Run, keep: NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the slots in which the demands kept must miss something; empty if all can be met."""
    model = problem.model
    promised = next(block for block in model.blocks if block.name == "D")
    elastic = with_shortage(model, model.upper)
    counts = keep[promised.index[:, 0]]
    due = model.row_lower[model.rows_of("D")]
    cost = np.concatenate([np.zeros(len(model.cost)), -counts.astype(np.float64) / due])
    priced = LinearModel.assemble(
        cost, elastic.lower, elastic.upper, elastic.integer, elastic.variables, elastic.blocks
    )
    solved = LiveMIP(priced, run).solve(gap=1e-6)
    if solved.primal is None:
        return ()
    missing = solved.primal[len(model.cost) :] * counts
    late = missing > MISSED * due
    return tuple(int(t) + 1 for t in np.unique(promised.index[late, 1]))
