"""The rest of a siting problem as a mixed-integer program: x_ij <= y_j, each demand served once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from satqn.design.problem import SitingProblem

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LARGEST = 250_000
"""Columns x_ij up to which the program is tried."""


def best_open(
    problem: SitingProblem, known: BoolArray, upper: float, possible: BoolArray, seconds: float
) -> tuple[BoolArray, float] | None:
    """Return the best choice among possible sites, and the bound of the program.

    Parameters
    ----------
    problem
        What is asked.
    known, upper
        The best known sites and their objective.
    possible
        Candidates that a better choice may contain; the known and the fixed ones are among them.
    seconds
        Time limit, s.

    Returns
    -------
    tuple or None
        Sites and bound; None where the program is too large.

    Notes
    -----
    A demand is served by a site that costs less than its worst one, or at the cost of its worst: any open
    site keeps that promise, so the column of the worst needs no site.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    sites = np.flatnonzero(possible)
    cost = problem.cost[:, sites]
    worst = cost.max(axis=1)
    if problem.fixed:
        worst = np.minimum(worst, problem.cost[:, list(problem.fixed)].min(axis=1))
    row, column = np.nonzero(cost < worst[:, None])
    if len(row) > LARGEST:
        return None
    p, n = len(sites), len(row)
    saving = problem.weight[row] * (worst[row] - cost[row, column])
    price = problem.prices[sites]
    links = coo_array(
        (
            np.concatenate([np.ones(n), -np.ones(n)]),
            (np.concatenate([np.arange(n), np.arange(n)]), np.concatenate([p + np.arange(n), column])),
        ),
        shape=(n, p + n),
    )
    once = coo_array((np.ones(n), (row, p + np.arange(n))), shape=(len(worst), p + n))
    paid = coo_array((price, (np.zeros(p, dtype=np.int64), np.arange(p))), shape=(1, p + n))
    lower = np.zeros(p + n)
    lower[:p] = np.isin(sites, problem.fixed)
    scale = float(saving.sum()) or 1.0
    result = milp(
        np.concatenate([np.zeros(p), -saving / scale * n]),
        constraints=[
            LinearConstraint(links.tocsr(), -np.inf, 0.0),
            LinearConstraint(once.tocsr(), -np.inf, 1.0),
            LinearConstraint(paid.tocsr(), -np.inf, problem.limit),
        ],
        integrality=np.concatenate([np.ones(p), np.zeros(n)]),
        bounds=Bounds(lower, np.ones(p + n)),
        options={
            "mip_rel_gap": 1e-10,
            **({"time_limit": max(seconds, 0.1)} if math.isfinite(seconds) else {}),
        },
    )
    constant = math.fsum((problem.weight * worst).tolist())
    dual = getattr(result, "mip_dual_bound", None)
    if result.x is None or dual is None or not math.isfinite(dual):
        return None
    open_ = np.zeros(problem.cost.shape[1], dtype=bool)
    open_[sites[np.asarray(result.x[:p]) > 0.5]] = True
    # Candidates left out are in no better choice, so the optimum of the whole is the less of both.
    return open_, min(upper, constant + float(dual) * scale / n)
