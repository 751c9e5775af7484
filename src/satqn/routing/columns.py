"""The columns of the MILP: which path may serve in which slot, how much at most, and what may be stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.shown import Shown
from satqn.routing.sharing import SharedLimits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


KEPT = 1e-9
"""A path that falls short of a promise by less than this share keeps it."""
FAR_WIDER = 1e4
"""Beside a path that can carry a promise so many times over, a solver takes one that is too narrow for it."""


@dataclass(frozen=True, slots=True, repr=False)
class ServeColumns(Shown):
    """One column (k, p, t) per path and slot in which it can serve; J of them, by slot, then path.

    Parameters
    ----------
    path, slot, demand
        p, t (from 0) and k, shape (J,).
    base_pairs
        g_kp, shape (J,).
    most
        Ymax_kp^t > 0, rate unit, shape (J,).
    """

    path: IntArray
    slot: IntArray
    demand: IntArray
    base_pairs: FloatArray
    most: FloatArray

    def __len__(self) -> int:
        return len(self.path)


@dataclass(frozen=True, slots=True, repr=False)
class StockColumns(Shown):
    """Bounds on what inventory classes hold and take in.

    Parameters
    ----------
    most_stored
        Largest possible z_nq^t, pairs, shape (T + 1, Q); row t is the start of slot t.
    most_storing
        Largest possible w_nq^t, rate unit, shape (T, Q).
    """

    most_stored: FloatArray
    most_storing: FloatArray


def stock_columns(instance: RoutingInstance, pool: PathSet, shared: SharedLimits) -> StockColumns:
    """Bound stocks by capacity and by what the routes could have brought in until then.

    Parameters
    ----------
    instance, pool, shared
        The instance, its paths and the limits that links share.
    """
    classes = pool.classes
    slots, tau = instance.slots, instance.slot_length
    rate = _bottleneck(instance.links.rate, classes.links.ptr, classes.links.values)
    rate = np.minimum(rate, shared.most_alone(instance.links.rate, classes.links))
    capacity = class_capacity(instance, pool)
    storing = np.minimum(rate, capacity / tau)
    ages = pool.ages
    if ages is not None and not ages.by_cutoff:
        storing = storing * (np.arange(slots)[:, np.newaxis] == ages.stored_in)
    if instance.options.stock_end_value == 0:
        storing[slots - 1] = 0.0
    stored = np.empty((slots + 1, len(classes)))
    stored[0] = classes.initial_stock
    for t in range(slots):
        stored[t + 1] = np.minimum(capacity, instance.options.stock_retention * stored[t] + tau * storing[t])
        if ages is not None:
            stored[t + 1][ages.last_slot < t + 1] = 0.0
    return StockColumns(stored, storing)


def class_capacity(instance: RoutingInstance, pool: PathSet) -> FloatArray:
    """Return min(C_m1, C_m2) of the storage pair of every class, shape (Q,)."""
    ends = instance.storage_pairs[pool.classes.pair]
    return np.asarray(instance.nodes.storage_capacity[ends].min(axis=1) if len(ends) else np.empty(0))


def serve_columns(
    instance: RoutingInstance, pool: PathSet, shared: SharedLimits, stock: StockColumns
) -> ServeColumns:
    """List the columns that can carry something of worth, with their tight capacity Ymax.

    Parameters
    ----------
    instance, pool, shared, stock
        The instance, its paths, the limits that links share and the bounds on stocks.

    Notes
    -----
    Source: spec routing, section 2. Four bounds are tighter than written there: a virtual link carries no
    more than can be in store by then, and real links no more than the path alone may take of what they
    share. A path too narrow for a promise of its demand is left out beside a far wider one unless pairs may
    be split, and so is a column of weight 0 without a minimum rate, unless it draws from an initial stock.
    """
    tau = instance.slot_length
    real = _bottleneck(instance.links.rate, pool.links.ptr, pool.links.values)
    drawn = _bottleneck(stock.most_stored[:-1] / tau, pool.drawn.ptr, pool.drawn.values)
    alone = shared.most_alone(instance.links.rate, pool.links)
    cost = pool.base_pairs if pool.ages is None else pool.ages.base_pairs
    most = np.minimum(np.minimum(real, alone), drawn) / cost
    demands = instance.demands
    wanted = (demands.weight > 0) | (demands.minimum_rate > 0)
    # Drawing for nothing makes room where an initial stock, which cannot be thrown away, fills a store.
    clears = np.zeros(len(pool), dtype=bool)
    if pool.ages is None:
        clears[pool.drawn.row_of_value[pool.classes.initial_stock[pool.drawn.values] > 0]] = True
    possible = (most > 0) & (wanted[:, pool.demand] | clears)
    # Pairs of several ages may keep a promise together.
    if not instance.options.splittable and pool.ages is None:
        possible &= ~_too_narrow(most, pool.demand, demands.minimum_rate)
    slot, path = np.nonzero(possible)
    return ServeColumns(
        path=path,
        slot=slot,
        demand=pool.demand[path],
        base_pairs=np.broadcast_to(cost, most.shape)[slot, path],
        most=most[slot, path],
    )


def _too_narrow(most: FloatArray, demand: IntArray, minimum_rate: FloatArray) -> NDArray[np.bool_]:
    """Return which paths are too narrow for a promise in a slot where another can keep far more."""
    widest = np.zeros((len(most), len(minimum_rate)))
    np.maximum.at(widest, (np.arange(len(most))[:, np.newaxis], demand[np.newaxis, :]), most)
    far_wider = (widest > FAR_WIDER * minimum_rate)[:, demand]
    return np.asarray(far_wider & (most < minimum_rate[demand] * (1.0 - KEPT)))


def _bottleneck(per_slot: FloatArray, ptr: IntArray, values: IntArray) -> FloatArray:
    """Return the smallest value along every ragged row in every slot, shape (T, rows); inf for empty rows."""
    rows = len(ptr) - 1
    narrowest = np.full((per_slot.shape[0], rows), np.inf)
    filled = np.flatnonzero(np.diff(ptr) > 0)
    if len(filled):
        narrowest[:, filled] = np.minimum.reduceat(per_slot[:, values], ptr[filled], axis=1)
    return narrowest
