"""Benders cuts that are valid whatever multipliers they are made of (spec routing, section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.routing.linear import LinearModel
from satqn.routing.subproblem import Switches

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cut:
    """``eta <= constant + slope . choice``; for a feasibility cut eta is 0.

    Parameters
    ----------
    constant
        a_0, pairs.
    slope
        a_i >= 0 of every switch, pairs.
    """

    constant: float
    slope: FloatArray

    def at(self, choice: FloatArray) -> float:
        """Return the right-hand side at a choice."""
        return self.constant + float(self.slope @ choice)


def clip_multipliers(model: LinearModel, pi: FloatArray) -> FloatArray:
    """Return multipliers with the signs that weak duality needs: >= 0 on <= rows, <= 0 on >= rows.

    Parameters
    ----------
    model
        The model, maximised.
    pi
        Growth of the maximum per unit of right-hand side, or a ray; shape (R,).
    """
    clipped = np.where(np.isinf(model.row_upper), np.minimum(pi, 0.0), pi)
    return np.where(np.isinf(model.row_lower), np.maximum(clipped, 0.0), clipped)


def safe_cut(model: LinearModel, switches: Switches, pi: FloatArray, cost: FloatArray) -> Cut:
    """Return the cut of any multipliers: a valid bound by weak duality, even where they are inexact.

    Parameters
    ----------
    model
        The subproblem; columns have finite bounds.
    switches
        Which columns the choices switch on, and up to what rate.
    pi
        Multipliers of the rows.
    cost
        The costs c, or zeros for a feasibility cut.

    Notes
    -----
    For every feasible point, c y = pi A y + d y <= pi b + d y with d = c - A' pi; what is left of d y is
    bounded column by column. Source: spec routing, section 3, method 1.
    """
    pi = clip_multipliers(model, pi)
    side = np.where(pi > 0, model.row_upper, model.row_lower)
    constant = float(pi @ np.where(pi == 0.0, 0.0, side))
    d = cost - model.matrix.T @ pi
    slope = np.maximum(d[switches.rate], 0.0) * switches.most
    rest = np.maximum(d, 0.0) * model.upper + np.minimum(d, 0.0) * model.lower
    rest[switches.rate] = 0.0
    return Cut(constant + float(rest.sum()), slope)
