"""Stock fronts: for every slot and storage pair, what a stored pair costs, by price and loss.

D_n^t = Pareto of { D_n^(t-1) / rho } and { routes between the two nodes in slot t - 1 }, plus the rent of
both places at the start of t (spec all-paths, section 3). One search per node and slot serves every demand
and every later slot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_fronts import next_front, routes_of_slot
from satqn.kernels.columns_reach import spread
from satqn.routing.generated.columns import BEFORE
from satqn.routing.generated.network import LOSS_STEP, Network
from satqn.routing.generated.prices import Prices
from satqn.routing.generated.reach import Map, Reach, initial_pairs, loss_of_route

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COARSE = 100
"""Cells of the cost tables that make one cell of what a stored pair may cost at most."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes between storage pairs in a slot; links of route i are ``links[start[i]:start[i + 1]]``."""

    pair: IntArray
    price: FloatArray
    loss: FloatArray
    hops: IntArray
    start: IntArray
    links: IntArray


@dataclass(frozen=True, slots=True)
class Front:
    """What stored pairs cost at the start of a slot.

    Parameters
    ----------
    ptr
        Entries of pair n: ``ptr[n]:ptr[n + 1]``.
    price, loss, hops
        Price per unit of drawn rate, places in store included; loss and hops of the route.
    slot, route
        Storing slot and number of the route in it; ``BEFORE`` and the number of the initial stock.
    """

    ptr: IntArray
    price: FloatArray
    loss: FloatArray
    hops: IntArray
    slot: IntArray
    route: IntArray

    @classmethod
    def empty(cls, pairs: int) -> Front:
        """Return a front without entries."""
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return cls(np.zeros(pairs + 1, dtype=np.int64), nothing, nothing, none, none, none)


@dataclass(frozen=True, slots=True)
class StockFronts:
    """Fronts at the start of all slots, 0 .. T, and the routes behind them."""

    slots: tuple[Front, ...]
    routes: tuple[Routes, ...]

    def links(self, slot: int, entry: int) -> tuple[int, list[int]]:
        """Return the storing slot of an entry and its links, or the number of the initial stock."""
        front = self.slots[slot]
        stored, number = int(front.slot[entry]), int(front.route[entry])
        if stored == BEFORE:
            return stored, [number]
        routes = self.routes[stored]
        return stored, routes.links[routes.start[number] : routes.start[number + 1]].tolist()


def affordable(network: Network, reach: Reach, prices: Prices, floor: FloatArray) -> FloatArray:
    """Return what a stored pair may cost at most by its loss, for slot t and later ones.

    A column worth more than the best known one pays for its outer part, and no less than the floor for the
    share of its rate; what is left of its worth is the most that its stored pair may cost.

    Parameters
    ----------
    network, reach, prices
        The instance, its lower bounds, and the prices.
    floor
        Best known worth of every demand, shape (T, K).

    Returns
    -------
    ndarray
        Shape (T + 1, cells); row T is about the final stock only.
    """
    instance = network.instance
    a, b = network.pair_ends
    demands, tables = instance.demands, network.cost_tables
    per_link = prices.per_base_pair()
    worth = instance.slot_length * demands.weight + prices.premium()
    most = np.full((instance.slots + 1, tables.shape[1] // COARSE + 1), -1.0)
    cells = np.arange(most.shape[1]) * COARSE
    _, kind = network.kinds
    for t, graph in enumerate(network.slots):
        here = reach.slots[t]
        pays = np.full(len(instance.nodes), np.inf)
        pays[a] = pays[b] = 0.0
        spread(graph.ptr, graph.head, per_link[t][graph.link], False, np.inf, pays)
        s, d = demands.source, demands.destination
        loss = here.to_store_loss[s] + here.to_store_loss[d]
        narrow = np.maximum(here.to_store_narrow[s], here.to_store_narrow[d])
        narrow = np.maximum(narrow, reach.pair_narrow[t].min(initial=np.inf))
        reachable = np.isfinite(loss) & np.isfinite(narrow) & (worth[t] > 0)
        for k in np.flatnonzero(reachable).tolist():
            at = cells + int(max(loss[k] - 1e-9, 0.0) / LOSS_STEP)
            usable = at < tables.shape[1]
            left = worth[t, k] / tables[kind[k], at[usable]] - pays[s[k]] - pays[d[k]]
            if not instance.options.splittable:
                left = left - floor[t, k] * narrow[k]
            most[t, usable] = np.maximum(most[t, usable], left)
    if instance.initial_stock and instance.options.max_virtual_links > 1:
        # The other virtual link of a path may draw from an initial stock, and be paid for it.
        paid = [_with_initial(network, prices, t, Front.empty(len(a))).price for t in range(instance.slots)]
        most += (instance.options.max_virtual_links - 1) * max(0.0, -min(p.min(initial=0.0) for p in paid))
    if instance.options.stock_end_value > 0:
        most = _with_end_value(network, most)
    return np.ascontiguousarray(np.maximum.accumulate(most[::-1], axis=0)[::-1])


def _with_end_value(network: Network, most: FloatArray) -> FloatArray:
    """Let every route be worth the end value of its pairs, whatever its loss."""
    longest = len(network.instance.nodes) * float(network.loss.max(initial=0.0))
    cells = int(longest / (COARSE * LOSS_STEP)) + 2
    wide = np.full((len(most), max(cells, most.shape[1])), -1.0)
    wide[:, : most.shape[1]] = most
    wide[-1] = network.instance.slot_length * network.instance.options.stock_end_value
    return wide


def stock_fronts(
    network: Network, prices: Prices, most: FloatArray, parallel: Map[int, Routes]
) -> StockFronts:
    """Return the fronts of all slots at given prices.

    Parameters
    ----------
    network, prices
        The instance and the prices.
    most
        From :func:`affordable`.
    parallel
        Runs the slots.
    """
    instance = network.instance
    a, b = network.pair_ends
    per_link, rent = prices.per_base_pair(), prices.rent()
    step = COARSE * LOSS_STEP

    def routes(slot: int) -> Routes:
        graph = network.slots[slot]
        return Routes(*routes_of_slot(
            graph.ptr, graph.head, graph.link, per_link[slot][graph.link], graph.loss, a, b,
            most[slot + 1], step, network.hop_cap,
        ))  # fmt: skip

    last = instance.storing_slots - 1
    found = list(parallel(routes, range(last)))
    front = Front.empty(len(a))
    fronts = [front]
    for t in range(1, last + 1):
        before = found[t - 1]
        front = Front(*next_front(
            len(a), front.ptr, front.price, front.loss, front.hops, front.slot, front.route,
            instance.options.stock_retention, t - 1, before.pair, before.price, before.loss, before.hops,
            rent[t, a] + rent[t, b], most[t], step, network.hop_cap > 0,
        ))  # fmt: skip
        fronts.append(front)
    if instance.initial_stock:
        fronts = [_with_initial(network, prices, t, front) for t, front in enumerate(fronts)]
    fronts += [Front.empty(len(a))] * (instance.slots + 1 - len(fronts))
    return StockFronts(tuple(fronts), tuple(found))


def _with_initial(network: Network, prices: Prices, slot: int, front: Front) -> Front:
    """Return a front with what was in store before the first slot.

    Drawing it in slot t frees its places after t, and gives up what it would have been worth at the end.
    """
    instance = network.instance
    if slot == instance.slots:
        return front
    tau, retention = instance.slot_length, instance.options.stock_retention
    rent = prices.rent()
    later = np.arange(slot + 1, instance.storing_slots)
    pair, price, loss, hops, number = [], [], [], [], []
    for i, (n, route, pairs) in enumerate(initial_pairs(network)):
        if pairs <= 0:
            continue
        ends = [route[0], route[-1]]
        stock = prices.worth[prices.keys.stocks + i] * tau * retention ** (-float(slot)) / pairs
        freed = float((rent[later][:, ends].sum(axis=1) * retention ** (later - float(slot))).sum())
        left = tau * instance.options.stock_end_value * retention ** float(instance.slots - slot)
        pair.append(n)
        price.append(stock - freed + left)
        loss.append(loss_of_route(network, route))
        hops.append(len(route) - 1)
        number.append(i)
    owner = np.concatenate([np.repeat(np.arange(len(front.ptr) - 1), np.diff(front.ptr)), pair]).astype(int)
    prices_of = np.concatenate([front.price, price])
    order = np.lexsort((prices_of, owner))
    ptr = np.zeros(len(front.ptr), dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=len(ptr) - 1), out=ptr[1:])
    return Front(
        ptr,
        prices_of[order],
        np.concatenate([front.loss, loss])[order],
        np.concatenate([front.hops, np.array(hops, dtype=np.int64)])[order],
        np.concatenate([front.slot, np.full(len(pair), BEFORE)])[order].astype(np.int64),
        np.concatenate([front.route, np.array(number, dtype=np.int64)])[order],
    )
