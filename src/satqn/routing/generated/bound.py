"""The bound over all paths that any prices give (spec all-paths, section 2).

    bound = sum of prices * what there is - promises + sum over k, t of sigma*_kt

with sigma*_kt >= 0 no less than what any column of demand k in slot t is worth. First-in-first-out gives
every drawn pair of a plan a storing slot, so plans are combinations of columns with the same objective that
use no more of anything; the rest is weak duality. So it holds at prices from any source.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.routing.generated.labels import Priced
from satqn.routing.generated.prices import Prices
from satqn.routing.generated.reach import initial_pairs

FloatArray = NDArray[np.float64]

ROUNDING = 1e-9
"""Bounds are raised by this share for the rounding of their terms."""


def lagrangian_bound(prices: Prices, side: FloatArray, priced: Priced) -> float:
    """Return a bound on the objective of every plan over all paths.

    Parameters
    ----------
    prices
        Any non-negative prices.
    side
        From :func:`satqn.routing.generated.prices.sides`.
    priced
        What columns are worth at these prices.
    """
    terms = [prices.fixed(side), np.maximum(priced.sigma, 0.0).ravel(), np.maximum(priced.final, 0.0)]
    bound = math.fsum(np.concatenate(terms).tolist()) + worth_of_initial_stock(prices)
    return bound + ROUNDING * math.fsum(np.abs(np.concatenate(terms)).tolist())


def worth_of_initial_stock(prices: Prices) -> float:
    """Return what the initial stock is worth after the last slot if nobody draws from it."""
    options, slots = prices.network.instance.options, prices.network.instance.slots
    held = math.fsum(pairs for _, _, pairs in initial_pairs(prices.network))
    return options.stock_end_value * held * options.stock_retention**slots
