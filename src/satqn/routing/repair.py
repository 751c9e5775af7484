"""From what a solver hands back to what is possible: to the last digit, not to a tolerance.

A solver keeps to rows within a share of their size. A flow that is small beside that share may then come out
of nothing, so every flow is cut to what its links, limits and stores have, slot by slot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.routing.formulation import Formulation

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DUST = 1e-9
"""Flows below this share of the most that they could be are what a solver leaves behind, not decisions."""


def repaired(f: Formulation, primal: FloatArray, upper: FloatArray) -> FloatArray:
    """Return the columns of a solution with flows that fit, and the stocks that follow from them.

    Parameters
    ----------
    f
        The formulation.
    primal
        Values of the columns; those of choices are whole numbers.
    upper
        Upper bounds of the columns.

    Notes
    -----
    Flows only shrink, but for a promise that was missed within the tolerance of the solver. What cannot
    be kept even so is left for the checker to say.
    """
    slots, classes = f.instance.slots, len(f.pool.classes)
    most = upper[f.y.columns]
    rate = _without_dust(primal[f.y.columns], most)
    if f.x.count:
        rate[np.round(primal[f.x.columns])[f.choice] < 1.0] = 0.0
    storing = _without_dust(primal[f.w.columns], upper[f.w.columns]).reshape(slots, classes)
    _keep_promises(f, rate, primal, most)
    stock = np.empty((slots + 1, classes))
    stock[0] = _opening(f, primal)
    planned = primal[f.z.columns].reshape(slots + 1, classes)
    for t in range(slots):
        stock[t + 1] = _fit(f, t, rate, storing, stock, planned[t + 1])
    made = primal.copy()
    made[f.y.columns], made[f.w.columns], made[f.z.columns] = rate, storing.ravel(), stock.ravel()
    return made


def _without_dust(values: FloatArray, most: FloatArray) -> FloatArray:
    return np.where(values > DUST * most, np.minimum(values, most), 0.0)


def _keep_promises(f: Formulation, rate: FloatArray, primal: FloatArray, most: FloatArray) -> None:
    """Raise what falls short of a minimum rate on the path that is chosen, or on the widest."""
    least = f.instance.demands.minimum_rate
    if not (least > 0).any():
        return
    served = np.zeros((f.instance.slots, len(least)))
    np.add.at(served, (f.serve.slot, f.serve.demand), rate)
    chosen = np.round(primal[f.x.columns])[f.choice] >= 1.0 if f.x.count else np.ones(len(rate), dtype=bool)
    for t, k in np.argwhere((served < least) & (least > 0)).tolist():
        mine = np.flatnonzero((f.serve.slot == t) & (f.serve.demand == k) & chosen)
        if len(mine):
            j = mine[np.argmax(most[mine] - rate[mine])]
            rate[j] = min(most[j], rate[j] + least[k] - served[t, k])


def _opening(f: Formulation, primal: FloatArray) -> FloatArray:
    """Return the stock of the start: as the instance says, dealt out among copies as planned."""
    ages = f.pool.ages
    if ages is None or not ages.by_cutoff:
        return np.asarray(f.pool.classes.initial_stock)
    planned = np.maximum(primal[f.z.columns][: len(f.pool.classes)], 0.0)
    whole = ages.listed.classes.initial_stock
    dealt = np.bincount(ages.group, planned, minlength=len(whole))
    share = np.where(dealt > 0, whole / np.where(dealt > 0, dealt, 1.0), 0.0)
    return np.asarray(planned * share[ages.group])


def _kept(
    f: Formulation, t: int, left: FloatArray, stores: FloatArray, first: FloatArray, planned: FloatArray
) -> FloatArray:
    """Return which of the pairs left are kept where pairs age: as planned, and none beyond a cut-off."""
    ages, tau = f.pool.ages, f.instance.slot_length
    if ages is None:
        return left
    added = tau * stores[t]
    most = np.maximum(planned - added, 0.0)
    most = np.where(left - most <= DUST * (left + added), left, most)
    most[ages.last_slot <= t] = 0.0
    if ages.by_cutoff:
        retention = f.instance.options.stock_retention
        young = first * retention ** (t + 1) * (t + 2 <= ages.cutoff)
        for s in range(t):
            young += tau * stores[s] * retention ** (t - s) * (t + 1 - s <= ages.cutoff)
        most = np.minimum(most, young)
    return np.minimum(left, most)


def _fit(
    f: Formulation, t: int, rate: FloatArray, stores: FloatArray, stocks: FloatArray, planned: FloatArray
) -> FloatArray:
    """Cut the flows of a slot, in place, to what there is; return the stock at the start of the next."""
    instance, pool = f.instance, f.pool
    storing, stock = stores[t], stocks[t]
    tau = instance.slot_length
    here = np.flatnonzero(f.serve.slot == t)
    path, cost = f.serve.path[here], f.serve.base_pairs[here]
    serve_at, serve_link = pool.links.take(path)
    draw_at, group = pool.drawn.take(path)
    store_at, store_link = pool.classes.links.take(np.arange(len(stock), dtype=np.int64))

    def drawn() -> FloatArray:
        return _sums(group, (tau * cost * rate[here])[draw_at], len(stock))

    share = _shares(stock, drawn())
    _shrink(rate, here, draw_at, share[group])
    link = np.concatenate([serve_link, store_link])

    def used() -> FloatArray:
        return np.concatenate([(cost * rate[here])[serve_at], storing[store_at]])

    capacity = instance.links.rate[t]
    share = _shares(capacity, _sums(link, used(), len(capacity)))
    _shrink(rate, here, serve_at, share[serve_link])
    _shrink(storing, np.arange(len(storing), dtype=np.int64), store_at, share[store_link])
    if len(f.shared):
        position, row = f.shared.on(np.full(len(link), t, dtype=np.int64), link, len(capacity))
        taken = used()[position] / capacity[link[position]]
        share = _shares(f.shared.limit, _sums(row, taken, len(f.shared)))
        serving = position < len(serve_at)
        _shrink(rate, here, serve_at[position[serving]], share[row[serving]])
        filling = position[~serving] - len(serve_at)
        _shrink(storing, np.arange(len(storing), dtype=np.int64), store_at[filling], share[row[~serving]])
    left = instance.options.stock_retention * np.maximum(stock - drawn(), 0.0)
    left = _kept(f, t, left, stores, stocks[0], planned)
    ends = instance.storage_pairs[pool.classes.pair]
    if t + 1 < instance.storing_slots and len(ends):
        nodes = len(instance.nodes)
        kept, added = (_sums(ends.ravel(), np.repeat(pairs, 2), nodes) for pairs in (left, tau * storing))
        share = _shares(np.maximum(instance.nodes.storage_capacity - kept, 0.0), added)
        storing *= np.minimum(share[ends[:, 0]], share[ends[:, 1]])
    return np.asarray(left + tau * storing)


def _sums(where: IntArray, values: FloatArray, length: int) -> FloatArray:
    """Return the sum of the values at every place."""
    return np.bincount(where, values, minlength=length).astype(np.float64)


def _shares(available: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return by how much all that take from something must shrink: 1 where there is enough."""
    short = wanted > available
    return np.where(short, available / np.where(short, wanted, 1.0), 1.0)


def _shrink(flow: FloatArray, where: IntArray, at: IntArray, share: FloatArray) -> None:
    """Multiply every flow by the smallest share of what it takes from."""
    factor = np.ones(len(where))
    np.minimum.at(factor, at, share)
    flow[where] *= factor
