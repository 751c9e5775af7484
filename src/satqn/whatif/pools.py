"""What a plan uses of its pool of paths."""

from __future__ import annotations

import numpy as np

from satqn.model.paths import PathSet
from satqn.routing.pool import restrict
from satqn.routing.solve import Solution


def used_paths(solution: Solution) -> PathSet:
    """Return the paths over which a plan serves.

    Parameters
    ----------
    solution
        A solution with a plan.
    """
    pool, f = solution.problem.pool, solution.problem.formulation
    used = np.zeros(len(pool), dtype=bool)
    if solution.primal is not None:
        used[f.serve.path[solution.primal[f.y.columns] > 0.0]] = True
    return restrict(pool, used)
