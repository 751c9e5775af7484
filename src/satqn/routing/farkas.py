"""Proof that a choice is impossible: a Farkas ray that has been verified, or an elastic LP in its place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.routing.cuts import Cut, safe_cut
from satqn.routing.highs import LiveLP
from satqn.routing.highs_calls import SolverError
from satqn.routing.linear import LinearModel, Rows, Variables, extended
from satqn.routing.subproblem import Switches

FloatArray = NDArray[np.float64]

VIOLATED = 1e-7
"""A feasibility cut must be missed by this share of what it asks of the choices where it was made."""


def feasibility_cut(
    model: LinearModel, switches: Switches, ray: FloatArray | None, choice: FloatArray
) -> Cut:
    """Return a cut ``0 <= a_0 + a x`` that the choice breaks.

    Parameters
    ----------
    model, switches
        The subproblem.
    ray
        What the solver takes for a Farkas ray, or None.
    choice
        The impossible choice, shape (I,).

    Raises
    ------
    SolverError
        No certificate can be found: the choice is possible after all, to within tolerances.

    Notes
    -----
    A cut of any multipliers is valid; a ray is verified by whether its cut is broken where it was made.
    """
    if ray is not None:
        cut = _scaled(model, switches, ray)
        if cut is not None and cut.at(choice) < VIOLATED * cut.constant:
            return cut
    cut = _scaled(model, switches, _shortage_duals(model, switches, choice))
    if cut is None or cut.at(choice) >= VIOLATED * cut.constant:
        raise SolverError("the solver calls a choice impossible but proves nothing")
    return cut


def _scaled(model: LinearModel, switches: Switches, pi: FloatArray) -> Cut | None:
    """Return the cut of multipliers scaled to a largest entry of 1; None if it asks nothing of a choice.

    Choices are 0 or 1: none needs to count for more than all that is asked of them.
    """
    size = float(np.abs(pi).max(initial=0.0))
    if size == 0.0:
        return None
    cut = safe_cut(model, switches, pi / size, np.zeros(len(model.cost)))
    return replace(cut, slope=np.minimum(cut.slope, -cut.constant)) if cut.constant < 0 else None


def _shortage_duals(model: LinearModel, switches: Switches, choice: FloatArray) -> FloatArray:
    """Return the duals of least total shortage: minimum rates may be missed, each at a price of 1 in all."""
    upper = model.upper.copy()
    upper[switches.rate] = switches.most * choice
    elastic = with_shortage(model, upper)
    result = LiveLP(elastic).solve()
    if result.dual is None or result.status != "optimal":
        raise SolverError("the elastic subproblem has no solution")
    return result.dual


def with_shortage(model: LinearModel, upper: FloatArray) -> LinearModel:
    """Return the model in which every minimum rate may be missed, and the sum of the shares missed is least.

    Parameters
    ----------
    model
        A model with a block ``D``.
    upper
        Upper bounds of its columns.
    """
    promised = model.rows_of("D")
    count, width = promised.stop - promised.start, len(model.cost)
    number = np.arange(count, dtype=np.int64)
    missing = Variables("missing", width, count, number[:, None])
    blocks = [_with_slack(block, width) if block.name == "D" else block for block in model.blocks]
    return LinearModel.assemble(
        np.concatenate([np.zeros(width), -1.0 / model.row_lower[promised]]),
        np.concatenate([model.lower, np.zeros(count)]),
        np.concatenate([upper, model.row_lower[promised]]),
        np.concatenate([model.integer, np.zeros(count, dtype=bool)]),
        (*model.variables, missing),
        blocks,
    )


def _with_slack(block: Rows, start: int) -> Rows:
    number = np.arange(len(block), dtype=np.int64)
    return extended(block, number, start + number, np.ones(len(block)))
