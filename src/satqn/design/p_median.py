"""Choose sites so that every demand's cost to its cheapest open site is least in sum, with a certified bound.

    min sum_i w_i min_{j in S} d_ij,   S contains the fixed sites,   sum_{j in S} k_j <= K

The bound relaxes "each demand is served once" with duals u: for any u >= 0

    L(u) = sum_i u_i + min { sum_j rho_j y_j : sum_j k_j y_j <= K },  rho_j = sum_i min(0, w_i d_ij - u_i)

is a lower bound (the inner problem is a knapsack; with equal costs the p smallest rho). Subgradient steps
raise it; the sites that the inner problem chooses, improved by interchanges, are the incumbents.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.design.exact import best_open
from satqn.design.problem import TOLERANCE, SitingProblem
from satqn.kernels.p_median import interchange_profits, reduced_costs, times_served, two_nearest
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SMALL_ROWS, SMALL_CANDIDATES = 1_000, 400
"""Up to this size what the bound leaves open is closed by a mixed-integer program."""

_ITERATIONS = 1_000
_PATIENCE = 12
"""Rounds without a better bound after which the step is halved."""
_GAIN = 1e-6
"""Relative growth of the bound that counts as better."""
_LEAST_STEP = 1e-4
_MEMORY = 0.3
"""Share of the last direction in the next one (Camerini, Fratta, Maffioli 1975): half as many rounds here."""
_TARGET = 1.02
_NEAR, _IMPROVED = 0.008, 60
"""Sites of the inner problem are improved by interchanges once the gap is below, and so many at most."""


@dataclass(frozen=True, slots=True, repr=False)
class Siting(Shown):
    """Chosen sites, their objective and the bound.

    Parameters
    ----------
    sites
        Chosen candidates, sorted.
    objective
        sum_i w_i min_j d_ij of these sites.
    bound
        No choice is cheaper than this.
    iterations
        Rounds of the bound.
    proven
        By what the gap was closed or left: ``optimal`` or ``bound``.
    stopped
        Whether the time limit or an interrupt ended the search.
    """

    sites: IntArray
    objective: float
    bound: float
    iterations: int
    proven: str
    stopped: bool = False

    @property
    def gap(self) -> float:
        """(objective - bound) / objective; 0 where nothing costs anything."""
        return max(0.0, self.objective - self.bound) / self.objective if self.objective > 0.0 else 0.0


def choose_sites(
    problem: SitingProblem,
    *,
    gap: float = 1e-4,
    time_limit: float = math.inf,
    progress: Callable[[float, float], None] | None = None,
    seed: int = 0,
) -> Siting:
    """Return good sites and a bound.

    Parameters
    ----------
    problem
        What is asked.
    gap
        Stop when the bound is this near, relative.
    time_limit
        s; the best sites and the bound so far are returned then, and after an interrupt.
    progress
        Called with the objective and the bound when either changes.
    seed
        Of the random restarts of the interchange.
    """
    search = _Search(problem, progress, seed)
    begun = time.perf_counter()
    stopped = False
    try:
        stopped = search.run(gap, begun + time_limit)
        small = problem.cost.shape[0] <= SMALL_ROWS and problem.cost.shape[1] <= SMALL_CANDIDATES
        if not stopped and small and search.gap > TOLERANCE:
            left = begun + time_limit - time.perf_counter()
            stopped = not search.close_exactly(left) and math.isfinite(time_limit)
    except KeyboardInterrupt:
        stopped = True
    return search.result(stopped)


class _Search:
    """Subgradient ascent, interchange and, where small, the rest by a mixed-integer program."""

    def __init__(
        self, problem: SitingProblem, progress: Callable[[float, float], None] | None, seed: int
    ) -> None:
        self.problem, self.progress = problem, progress
        self.weight = np.ascontiguousarray(problem.weight, dtype=np.float64)
        self.order = np.ascontiguousarray(np.argsort(problem.cost, axis=1, kind="stable").astype(np.int32))
        self.cost = np.ascontiguousarray(np.take_along_axis(problem.cost, self.order, axis=1))
        self.prices, self.limit = problem.prices, problem.limit
        self.fixed = np.zeros(problem.cost.shape[1], dtype=bool)
        self.fixed[list(problem.fixed)] = True
        self.best: BoolArray = np.zeros_like(self.fixed)
        self.upper, self.lower = math.inf, 0.0
        self.dual: FloatArray = np.zeros(len(self.weight))
        self.best_dual: FloatArray = self.dual
        self.iterations = 0
        self.rng = np.random.default_rng(seed)
        self.penalty = float(self.cost.max()) * 2.0 + 1.0
        self.start()

    @property
    def gap(self) -> float:
        """Relative distance of objective and bound."""
        return (self.upper - self.lower) / self.upper if self.upper > 0.0 else 0.0

    def start(self) -> None:
        """Greedy sites, improved; and duals from them: the second cheapest open site of each demand."""
        self.keep(self.improved(self.greedy()))
        nearest, second = two_nearest(self.order, self.best)
        rows = np.arange(len(self.weight))
        column = np.where(second >= 0, second, nearest)
        self.dual = self.weight * self.cost[rows, column]

    def affordable(self, open_: BoolArray) -> bool:
        """Whether the sites keep the count or the budget."""
        return float(self.prices[open_].sum()) <= self.limit * (1.0 + TOLERANCE)

    def value(self, open_: BoolArray) -> float:
        """Objective of some sites."""
        nearest, _ = two_nearest(self.order, open_)
        if np.any(nearest < 0):
            return math.inf
        return float(self.weight @ self.cost[np.arange(len(nearest)), nearest])

    def keep(self, open_: BoolArray) -> None:
        """Remember sites if they are the best so far."""
        value = self.value(open_)
        if value < self.upper and self.affordable(open_):
            self.best, self.upper = open_.copy(), value
            self.tell()

    def tell(self) -> None:
        """Report objective and bound."""
        if self.progress is not None:
            self.progress(self.upper, self.lower)

    def greedy(self) -> BoolArray:
        """Open, one after the other, the site that lowers the objective most for its price."""
        open_ = self.fixed.copy()
        return self.filled(open_)

    def filled(self, open_: BoolArray) -> BoolArray:
        """Add sites while they can be paid."""
        open_ = open_.copy()
        while True:
            left = self.limit * (1.0 + TOLERANCE) - float(self.prices[open_].sum())
            possible = ~open_ & (self.prices <= left)
            if not possible.any():
                return open_
            nearest, second = two_nearest(self.order, open_)
            gain, _, _ = interchange_profits(
                self.order, self.cost, self.weight, nearest, second, self.penalty
            )
            worth = np.where(possible, gain / np.maximum(self.prices, 1e-300), -1.0)
            open_[int(np.argmax(worth))] = True

    def improved(self, open_: BoolArray) -> BoolArray:
        """Exchange one site for another while that helps (best interchange)."""
        open_ = self.filled(open_)
        for _ in range(200):
            nearest, second = two_nearest(self.order, open_)
            gain, loss, shared = interchange_profits(
                self.order, self.cost, self.weight, nearest, second, self.penalty
            )
            inside, outside = np.flatnonzero(open_ & ~self.fixed), np.flatnonzero(~open_)
            if not len(inside) or not len(outside):
                break
            profit = gain[outside, None] + shared[np.ix_(outside, inside)] - loss[None, inside]
            spent = float(self.prices[open_].sum())
            after = spent + self.prices[outside, None] - self.prices[None, inside]
            profit[after > self.limit * (1.0 + TOLERANCE)] = -np.inf
            j, r = np.unravel_index(int(np.argmax(profit)), profit.shape)
            if profit[j, r] <= 1e-12 * max(1.0, abs(self.upper) if math.isfinite(self.upper) else 1.0):
                break
            open_[outside[j]], open_[inside[r]] = True, False
            open_ = self.filled(open_)
        return open_

    def inner(self, rho: FloatArray) -> tuple[float, BoolArray]:
        """Return the least sum of rho that can be paid, relaxed with budgets, and its sites."""
        open_ = self.fixed.copy()
        value = float(rho[self.fixed].sum())
        left = self.limit - float(self.prices[self.fixed].sum())
        ratio = np.where(self.fixed, 0.0, rho / np.maximum(self.prices, 1e-300))
        for j in np.argsort(ratio, kind="stable"):
            if rho[j] >= 0.0 or self.fixed[j]:
                continue
            if self.prices[j] <= left * (1.0 + TOLERANCE):
                open_[j] = True
                value += float(rho[j])
                left -= float(self.prices[j])
            elif left > 0.0:
                value += float(rho[j]) * left / float(self.prices[j])
                left = 0.0  # the fractional site ends the relaxation
            if left <= 0.0:
                break
        return value, open_

    def run(self, gap: float, deadline: float) -> bool:
        """Raise the bound by subgradient steps; return whether time ended it."""
        step, waited = 1.0, 0
        direction = np.zeros_like(self.dual)
        tried: set[bytes] = set()
        while self.iterations < _ITERATIONS and step > _LEAST_STEP and self.gap > gap:
            if time.perf_counter() > deadline:
                return True
            self.iterations += 1
            rho = reduced_costs(self.order, self.cost, self.weight, self.dual)
            inner, open_ = self.inner(rho)
            bound = float(self.dual.sum()) + inner
            waited = 0 if bound > self.lower * (1.0 + _GAIN) else waited + 1
            if bound > self.lower:
                self.lower, self.best_dual = min(bound, self.upper), self.dual.copy()
                self.tell()
            if waited >= _PATIENCE:
                step, waited = step / 2.0, 0
            key = np.packbits(open_).tobytes()
            if key not in tried and self.gap < _NEAR and len(tried) < _IMPROVED:
                tried.add(key)
                self.keep(self.improved(open_))
            served = times_served(self.order, self.cost, self.weight, self.dual, open_)
            direction = (1.0 - _MEMORY) * (1.0 - served) + _MEMORY * direction
            norm = float(direction @ direction)
            if norm == 0.0:
                break
            length = step * max(_TARGET * self.upper - bound, 1e-12 * self.upper) / norm
            self.dual = np.maximum(self.dual + length * direction, 0.0)
        return False

    def close_exactly(self, seconds: float) -> bool:
        """Solve what reduced costs leave open as a mixed-integer program; return whether it was closed."""
        rho = reduced_costs(self.order, self.cost, self.weight, self.best_dual)
        found = best_open(self.problem, self.best, self.upper, self.possible(rho), seconds=seconds)
        if found is None:
            return False
        open_, bound = found
        self.keep(open_)
        self.lower = max(self.lower, min(bound, self.upper))
        return True

    def possible(self, rho: FloatArray) -> BoolArray:
        """Return the candidates that a better choice than the best known may contain.

        With site j forced open the bound cannot fall below L(u) - (worst rho chosen) + rho_j; where that is
        above the incumbent, j is in no better choice. With budgets nothing is excluded.
        """
        if self.problem.budget is not None:
            return np.ones(len(rho), dtype=bool)
        inner, open_ = self.inner(rho)
        base = float(self.best_dual.sum()) + inner
        free = open_ & ~self.fixed
        if not free.any():
            return self.fixed | self.best
        worst = float(rho[free].max())
        return np.asarray((base - worst + rho <= self.upper * (1.0 + TOLERANCE)) | self.fixed | self.best)

    def result(self, stopped: bool) -> Siting:
        """Return the best known sites and the bound."""
        closed = self.upper - self.lower <= TOLERANCE * max(1.0, self.upper)
        return Siting(
            sites=np.flatnonzero(self.best),
            objective=self.upper,
            bound=min(self.lower, self.upper),
            iterations=self.iterations,
            proven="optimal" if closed else "bound",
            stopped=stopped,
        )


def summary(found: Siting) -> dict[str, Any]:
    """Return the numbers of a siting as they stand in JSON."""
    return {
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "iterations": found.iterations,
        "status": "time_limit" if found.stopped else ("optimal" if found.proven == "optimal" else "bound"),
    }
