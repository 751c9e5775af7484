"""Sites under cloud: served by the nearest clear one of two, or at a penalty.

With q_j the probability that site j is under cloud, independent of the others, and a, b the nearest and
second nearest open sites, a demand costs (1 - q_a) d_a + q_a ((1 - q_b) d_b + q_b M).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from satqn.design.p_median import Siting, choose_sites
from satqn.design.problem import SitingProblem
from satqn.errors import InputError
from satqn.kernels.cloudy import two_level_cost, two_level_reduced_costs, two_level_served

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

ENUMERATED = 20_000
"""Choices up to which all are tried."""
_ITERATIONS, _PATIENCE, _TARGET, _MEMORY = 400, 12, 1.02, 0.3
_LEAST_STEP = 1e-4


def choose_cloudy_sites(
    problem: SitingProblem,
    cloudy: FloatArray,
    penalty: float,
    *,
    gap: float = 1e-4,
    time_limit: float = math.inf,
    progress: Callable[[float, float], None] | None = None,
) -> Siting:
    """Return sites for two levels of service, and a bound.

    Parameters
    ----------
    problem
        Demands, candidates and count; costs are distances.
    cloudy
        q_j in [0, 1], shape (candidates,).
    penalty
        M, cost of a demand both of whose sites are under cloud, >= 0.
    gap, time_limit, progress
        As in :func:`satqn.design.p_median.choose_sites`.

    Notes
    -----
    All choices are tried where they are few. Else interchanges from the sites that are best without clouds,
    and a Lagrangian bound of a relaxation that treats both levels apart: with q the least q_j and h_j = (1
    - q_j) d_j + q_j M, a demand costs at least (1 - q_a) d_a + (q_a - q) min h + q h_b. It is loose where
    the sites' clouds differ much.
    """
    count = problem.count
    if count is None:
        raise InputError("a budget with the objective cloudy", fix="Ask for a number of stations")
    if count < 2:
        raise InputError("cloudy looks at the second nearest station", fix="Ask for at least 2")
    if cloudy.shape != (problem.cost.shape[1],) or np.any(cloudy < 0.0) or np.any(cloudy > 1.0):
        raise InputError("probabilities of cloud outside [0, 1]")
    if not (math.isfinite(penalty) and penalty >= 0.0):
        raise InputError(f"a penalty of {penalty:g}", fix="It must be a number of at least 0")
    begun = time.perf_counter()
    order = np.ascontiguousarray(np.argsort(problem.cost, axis=1, kind="stable").astype(np.int32))
    cost = np.ascontiguousarray(np.take_along_axis(problem.cost, order, axis=1))
    free = [j for j in range(len(cloudy)) if j not in problem.fixed]

    def value(open_: BoolArray) -> float:
        return float(two_level_cost(order, cost, problem.weight, cloudy, open_, penalty))

    if math.comb(len(free), count - len(problem.fixed)) <= ENUMERATED:
        return _enumerated(problem, value, free)
    start = choose_sites(problem, gap=1e-3, time_limit=time_limit)
    open_ = np.zeros(len(cloudy), dtype=bool)
    open_[start.sites] = True
    best, stopped = _interchanged(open_, value, free, begun + time_limit)
    objective = value(best)
    bound, rounds = _bound(problem, cloudy, penalty, objective, gap, begun + time_limit, progress)
    return Siting(np.flatnonzero(best), objective, min(bound, objective), rounds, "bound", stopped)


def _enumerated(problem: SitingProblem, value: Callable[[BoolArray], float], free: list[int]) -> Siting:
    best, chosen, tried = math.inf, np.zeros(problem.cost.shape[1], dtype=bool), 0
    for extra in combinations(free, int(problem.count or 0) - len(problem.fixed)):
        open_ = np.zeros_like(chosen)
        open_[[*problem.fixed, *extra]] = True
        tried += 1
        if (found := value(open_)) < best:
            best, chosen = found, open_
    return Siting(np.flatnonzero(chosen), best, best, tried, "optimal")


def _interchanged(
    open_: BoolArray, value: Callable[[BoolArray], float], free: list[int], deadline: float
) -> tuple[BoolArray, bool]:
    """Exchange one site for another while that helps, the first exchange that does."""
    open_, best = open_.copy(), value(open_)
    movable = set(free)
    better = True
    while better:
        better = False
        for r in [j for j in np.flatnonzero(open_) if j in movable]:
            for j in [j for j in np.flatnonzero(~open_) if j in movable]:
                if time.perf_counter() > deadline:
                    return open_, True
                open_[r], open_[j] = False, True
                found = value(open_)
                if found < best * (1.0 - 1e-12):
                    best, better = found, True
                    break
                open_[r], open_[j] = True, False
            if better:
                break
    return open_, False


def _bound(
    problem: SitingProblem,
    cloudy: FloatArray,
    penalty: float,
    upper: float,
    gap: float,
    deadline: float,
    progress: Callable[[float, float], None] | None,
) -> tuple[float, int]:
    """Return the Lagrangian bound of the relaxation with both levels apart, and the rounds it took."""
    least = float(cloudy.min())
    second = (1.0 - cloudy) * problem.cost + cloudy * penalty
    first = (1.0 - cloudy) * problem.cost + (cloudy - least) * second.min(axis=1, keepdims=True)
    first = np.ascontiguousarray(first * problem.weight[:, None])
    second = np.ascontiguousarray(least * second * problem.weight[:, None])
    fixed = np.zeros(len(cloudy), dtype=bool)
    fixed[list(problem.fixed)] = True
    count = int(problem.count or 0)
    u, v = np.partition(first, count, axis=1)[:, 1].copy(), np.partition(second, count, axis=1)[:, 1].copy()
    along_u, along_v = np.zeros_like(u), np.zeros_like(v)
    best, step, waited, rounds = 0.0, 1.0, 0, 0
    while rounds < _ITERATIONS and step > _LEAST_STEP and upper - best > gap * upper:
        if time.perf_counter() > deadline:
            break
        rounds += 1
        rho = two_level_reduced_costs(first, second, u, v)
        chosen = fixed.copy()
        others = np.flatnonzero(~fixed)
        chosen[others[np.argsort(rho[others], kind="stable")[: count - int(fixed.sum())]]] = True
        bound = float(u.sum() + v.sum() + rho[chosen].sum())
        waited = 0 if bound > best * (1.0 + 1e-6) else waited + 1
        if bound > best:
            best = bound
            if progress is not None:
                progress(upper, min(best, upper))
        if waited >= _PATIENCE:
            step, waited = step / 2.0, 0
        served_u, served_v = two_level_served(first, second, u, v, chosen)
        along_u = (1.0 - _MEMORY) * (1.0 - served_u) + _MEMORY * along_u
        along_v = (1.0 - _MEMORY) * (1.0 - served_v) + _MEMORY * along_v
        norm = float(along_u @ along_u + along_v @ along_v)
        if norm == 0.0:
            break
        length = step * max(_TARGET * upper - bound, 1e-12 * upper) / norm
        u, v = np.maximum(u + length * along_u, 0.0), np.maximum(v + length * along_v, 0.0)
    return best, rounds
