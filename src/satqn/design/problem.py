"""What a siting problem is: demands, candidates, costs of serving, and how many sites may open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InfeasibleError, InputError
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative slack of budgets and of a closed gap."""


@dataclass(frozen=True, slots=True, repr=False)
class SitingProblem(Shown):
    """Demands, candidates and what serving costs.

    Parameters
    ----------
    cost
        d_ij >= 0, finite, shape (demands, candidates).
    weight
        w_i >= 0, shape (demands,).
    count
        p, sites to open, the fixed ones included.
    fixed
        Candidates that are open in any case.
    site_cost, budget
        k_j and K instead of a count: both or neither.
    """

    cost: FloatArray
    weight: FloatArray
    count: int | None = None
    fixed: tuple[int, ...] = ()
    site_cost: FloatArray | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        rows, candidates = self.cost.shape
        if not np.all(np.isfinite(self.cost)) or np.any(self.cost < 0.0):
            raise InputError("a cost of serving that is negative or infinite")
        if self.weight.shape != (rows,) or not np.all(self.weight >= 0.0) or not self.weight.sum() > 0.0:
            raise InputError("weights of demands that are negative or all zero")
        if (self.count is None) == (self.budget is None):
            raise InputError("a number of stations or a budget, not both", fix="Give one of them")
        if self.count is not None and not len(set(self.fixed)) <= self.count <= candidates:
            raise InputError(
                f"{self.count} stations among {candidates} candidates with {len(set(self.fixed))} fixed",
                fix="Ask for at least the fixed ones and at most the candidates",
            )
        if self.count is not None and self.count < 1:
            raise InputError("no station asked for", fix="Ask for at least one")
        if self.budget is not None:
            self._check_budget(candidates)

    def _check_budget(self, candidates: int) -> None:
        if self.site_cost is None or self.site_cost.shape != (candidates,) or np.any(self.site_cost < 0.0):
            raise InputError("a budget without costs of the sites", fix="Give each candidate its cost, >= 0")
        spent = float(self.site_cost[list(set(self.fixed))].sum()) if self.fixed else 0.0
        others = np.delete(self.site_cost, list(set(self.fixed)))
        least = spent if self.fixed else float(others.min())
        if self.budget is None or least > self.budget * (1.0 + TOLERANCE):
            whom = "the fixed sites" if self.fixed else "any site"
            raise InfeasibleError(
                f"a budget of {self.budget:g} does not pay for {whom} ({least:g})", fix="Raise the budget"
            )

    @property
    def prices(self) -> FloatArray:
        """Cost of each site: k_j, or 1 where sites are counted."""
        return np.ones(self.cost.shape[1]) if self.site_cost is None else self.site_cost

    @property
    def limit(self) -> float:
        """K, or p where sites are counted."""
        return float(self.count) if self.count is not None else float(self.budget or 0.0)
