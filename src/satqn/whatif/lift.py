"""A plan of a part read as a plan of the whole: a network need not use all that it has."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.routing.check import check
from satqn.routing.common_pool import path_keys, routes, union
from satqn.routing.formulation import Formulation
from satqn.routing.problem import Problem
from satqn.routing.solve import PlanRejectedError, Solution
from satqn.routing.stopping import own_gap, relative_gap
from satqn.whatif.pools import used_paths

FloatArray = NDArray[np.float64]


def no_less_than(whole: Solution, part: Solution, gap: float) -> Solution:
    """Return the solution of the whole, with the plan of a part in it where that is the better one.

    Parameters
    ----------
    whole
        Solution of an instance.
    part
        Solution of the same instance over other paths; those it uses are in the pool of the whole too.
    gap
        Relative gap at which a plan counts as optimal.

    Raises
    ------
    PlanRejectedError
        The checker does not accept the plan of the part for the whole: a fault of satqn.
    """
    if part.plan is None or part.primal is None:
        return whole
    if whole.plan is not None and whole.plan.objective_pairs >= part.plan.objective_pairs:
        return whole
    worth = part.plan.objective_pairs
    bound = None if whole.bound_pairs is None else max(whole.bound_pairs, worth)
    achieved = None if bound is None else relative_gap(bound, worth)
    closed = bound is not None and own_gap(bound, worth) <= gap
    status = "optimal" if closed else whole.status
    plan = replace(
        part.plan, method=whole.method, status=status, bound_pairs=bound, gap=achieved, log=whole.log
    )
    broken = [
        violation for violation in check(whole.problem.instance, plan) if violation.constraint != "bound"
    ]
    if broken:
        raise PlanRejectedError("; ".join(map(str, broken[:5])))
    primal, problem = part.primal, whole.problem
    if part.problem.formulation is not problem.formulation:
        used = used_paths(part)
        if not set(path_keys(used)) <= set(path_keys(problem.pool)):
            links = np.arange(len(problem.instance.links), dtype=np.int64)
            problem = Problem.of(problem.instance, union([(problem.pool, links), (used, links)]))
        primal = lifted(part.problem.formulation, problem.formulation, part.primal)
    whole = replace(whole, problem=problem)
    return replace(whole, plan=plan, status=status, bound_pairs=bound, gap=achieved, primal=primal)


def no_bound_above(found: Solution, bound: float | None, gap: float) -> Solution:
    """Return a solution with the bound of something larger where its own lies above that.

    Parameters
    ----------
    found
        Solution of a part.
    bound
        No plan of something larger is worth more; None if unknown.
    gap
        Relative gap at which a plan counts as optimal.
    """
    if bound is None or found.status == "infeasible":
        return found
    if found.bound_pairs is not None and found.bound_pairs <= bound:
        return found
    if found.plan is None:
        return replace(found, bound_pairs=bound)
    worth = found.plan.objective_pairs
    bound = max(bound, worth)
    achieved = relative_gap(bound, worth)
    limits = ("time_limit", "iteration_limit", "stalled")
    status = "optimal" if found.status in limits and own_gap(bound, worth) <= gap else found.status
    plan = replace(found.plan, status=status, bound_pairs=bound, gap=achieved)
    return replace(found, plan=plan, status=status, bound_pairs=bound, gap=achieved)


def lifted(part: Formulation, whole: Formulation, primal: FloatArray) -> FloatArray:
    """Return the columns of a part as columns of the whole; what the part lacks is 0.

    Parameters
    ----------
    part, whole
        Formulations of one instance; the whole has all paths over which the part serves.
    primal
        Columns of the part.
    """
    columns = np.zeros(whole.width)
    path = _numbers(list(path_keys(part.pool)), list(path_keys(whole.pool)))
    group = _numbers(routes(part.pool), routes(whole.pool))
    for name, number in (("x", path), ("y", path), ("w", group), ("z", group), ("s", group)):
        own, all_of = getattr(part, name), getattr(whole, name)
        place = {(int(i), int(t)): column for column, (i, t) in enumerate(all_of.index.tolist())}
        for (i, t), value in zip(own.index.tolist(), primal[own.columns].tolist(), strict=True):
            column = place.get((number[i], t))
            if column is not None:
                columns[all_of.start + column] = value
    return columns


def _numbers(part: Sequence[Hashable], whole: Sequence[Hashable]) -> list[int]:
    """Return the number in the whole of everything that the part has; -1 for what it does not have."""
    number = {key: i for i, key in enumerate(whole)}
    return [number.get(key, -1) for key in part]
