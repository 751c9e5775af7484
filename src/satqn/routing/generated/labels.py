"""Pricing: the best columns of every demand and slot at given prices, over all paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_labels import best_columns
from satqn.routing.generated.columns import BEFORE, FINAL, Candidate, Columns
from satqn.routing.generated.fronts import Front, StockFronts, affordable, stock_fronts
from satqn.routing.generated.network import LOSS_STEP, PROTOCOLS, Network, SlotGraph
from satqn.routing.generated.prices import Prices
from satqn.routing.generated.reach import Map, Reach, SlotReach, initial_pairs, reach_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a search may take; less of it makes bounds weaker, never false.

    Parameters
    ----------
    wanted
        Most columns per demand and slot.
    labels
        Most labels per demand and slot.
    patience
        Most labels that are looked at after the first column.
    """

    wanted: int = 3
    labels: int = 200_000
    patience: int = 400


@dataclass(frozen=True, slots=True)
class Found:
    """Columns of one slot, as :func:`satqn.kernels.columns_labels.best_columns` returns them.

    Parameters
    ----------
    bound
        sigma* of the demands that were asked for, shape (asked,).
    demand, worth, price, loss, narrow, start, steps
        The columns; ``demand`` counts among all demands.
    """

    bound: FloatArray
    demand: IntArray
    worth: FloatArray
    price: FloatArray
    loss: FloatArray
    narrow: FloatArray
    start: IntArray
    steps: IntArray


@dataclass(frozen=True, slots=True)
class Priced:
    """The outcome of pricing.

    Parameters
    ----------
    sigma
        No column of demand k in slot t is worth more; shape (T, K).
    final
        No final stock of a pair is worth more; shape (pairs,).
    candidates, worth, narrow
        The best columns, what they are worth, and 1 / their rate as pricing knows it.
    """

    sigma: FloatArray
    final: FloatArray
    candidates: tuple[Candidate, ...]
    worth: FloatArray
    narrow: FloatArray


class Pricing:
    """Searches all paths of an instance.

    Parameters
    ----------
    network
        The instance.
    columns
        Takes in routes as inventory classes.
    parallel
        Runs the slots.
    effort
        How much a search may take.
    """

    def __init__(
        self, network: Network, columns: Columns, parallel: Map[Any, Any], effort: Effort = Effort()
    ) -> None:
        self.network, self.columns = network, columns
        self.parallel, self.effort = parallel, effort

    @cached_property
    def reach(self) -> Reach:
        """The lower bounds, once they are needed."""
        return reach_of(self.network, self.network.instance.options.max_virtual_links + 1, self.parallel)

    @cached_property
    def fixed_narrow(self) -> FloatArray:
        """1 / rate of columns where it does not depend on the path, else 0; shape (T, K)."""
        return _fixed_narrow(self.network, self.reach)

    def price(
        self,
        prices: Prices,
        floor: FloatArray,
        *,
        storage: bool,
        over: BoolArray | None = None,
        effort: Effort | None = None,
    ) -> Priced:
        """Return the best columns and a bound on any.

        Parameters
        ----------
        prices
            The prices.
        floor
            Worth of the best known column of every demand and slot, >= 0, shape (T, K).
        storage
            Whether paths may go through storage.
        over
            Which demands to look at in which slots, shape (T, K); by default all.
        effort
            By default that of the pricing.
        """
        network, instance = self.network, self.network.instance
        per_link = prices.per_base_pair()
        worth = instance.slot_length * instance.demands.weight + prices.premium()
        # Made before threads ask for them: a task that waits for tasks of its own would wait for ever.
        _ = self.reach, self.fixed_narrow, network.slots, network.cost_tables
        fronts = None
        if storage:
            most = affordable(network, self.reach, prices, floor)
            fronts = stock_fronts(network, prices, most, self.parallel)
        asked = worth > 0
        if storage and instance.initial_stock:
            # Drawing for nothing makes room where an initial stock fills a store.
            asked |= True
        if over is not None:
            asked &= over

        def search(slot: int) -> Found:
            graph = network.slots[slot]
            which = np.flatnonzero(asked[slot])
            front = fronts.slots[slot] if fronts is not None else None
            return self.search(
                graph, slot, which, per_link[slot], worth[slot], floor[slot], front, effort=effort
            )

        slots = [t for t in range(instance.slots) if asked[t].any()]
        found = dict(zip(slots, self.parallel(search, slots), strict=True))
        sigma = np.where(asked, floor, 0.0)
        candidates: list[Candidate] = []
        worths, narrows = [], []
        for t, of_slot in found.items():
            sigma[t, np.flatnonzero(asked[t])] = of_slot.bound
            candidates += self.candidates(of_slot, t, fronts)
            worths.append(of_slot.worth)
            narrows.append(of_slot.narrow)
        final, ends = self._final(fronts) if fronts is not None else (np.zeros(0), [])
        for candidate, value, narrow in ends:
            candidates.append(candidate)
            worths.append(np.array([value]))
            narrows.append(np.array([narrow]))
        joined = (np.concatenate(a) if a else np.empty(0) for a in (worths, narrows))
        return Priced(sigma, final, tuple(candidates), *joined)

    def search(
        self, graph: SlotGraph, slot: int, which: IntArray, price: FloatArray, worth: FloatArray,
        floor: FloatArray, front: Front | None, *, effort: Effort | None = None,
    ) -> Found:  # fmt: skip
        """Search one slot.

        Parameters
        ----------
        graph
            Its links.
        slot
            t.
        which
            Demands.
        price, worth, floor
            P_e^t by link; worth of a delivered pair and best known column by demand.
        front
            Its stock front, or None for real paths only.
        effort
            By default that of the pricing.
        """
        network, effort = self.network, effort or self.effort
        demands = network.instance.demands
        least = _without_layers(self.reach.slots[slot]) if front is None else self.reach.slots[slot]
        partner_ptr, partner, pair = network.partners
        a, b = network.pair_ends
        if front is None:
            a = b = a[:0]
        front = front or Front.empty(0)
        targets, kind = network.kinds
        goal = self.reach.goal[which]
        found = best_columns(
            graph.ptr, graph.head, graph.link, price[graph.link], graph.loss, graph.narrow, graph.share,
            graph.crowd, partner_ptr, partner, pair, a, b, self.reach.pair_narrow[slot],
            front.ptr, front.price, front.loss, front.hops,
            demands.source[which], demands.destination[which], worth[which], kind[which],
            self.fixed_narrow[slot][which], floor[which], goal, least.loss, least.narrow,
            least.hops, network.cost_tables, LOSS_STEP, targets,
            PROTOCOLS[network.instance.options.purification], network.instance.options.swap == "werner",
            network.hop_cap, effort.wanted, effort.labels, effort.patience,
        )  # fmt: skip
        bound, owner, *rest = found
        return Found(bound, which[owner], *rest)

    def candidates(self, found: Found, slot: int, fronts: StockFronts | None) -> Iterator[Candidate]:
        """Yield the columns that a search found, their routes made inventory classes."""
        steps, start = found.steps.tolist(), found.start.tolist()
        for i, k in enumerate(found.demand.tolist()):
            taken, stored = [], []
            for step in steps[start[i] : start[i + 1]]:
                if step >= 0:
                    taken.append(step)
                    continue
                assert fronts is not None
                when, number = self._class(fronts, slot, -1 - step)
                stored.append(when)
                taken.append(-1 - number)
            yield Candidate(k, slot, tuple(taken), tuple(stored))

    def _class(self, fronts: StockFronts, slot: int, entry: int) -> tuple[int, int]:
        """Return storing slot and class of an entry of a front."""
        stored, links = fronts.links(slot, entry)
        if stored == BEFORE:
            return stored, self.columns.class_of(initial_pairs(self.network)[links[0]][1])
        pair = int(np.searchsorted(fronts.slots[slot].ptr, entry, side="right")) - 1
        return stored, self.columns.class_along(pair, links)

    def _final(self, fronts: StockFronts) -> tuple[FloatArray, list[tuple[Candidate, float, float]]]:
        """Return the worth of the best final stock of every pair, and its columns."""
        instance = self.network.instance
        value = instance.slot_length * instance.options.stock_end_value
        sigma = np.zeros(len(self.network.storage_pairs))
        found: list[tuple[Candidate, float, float]] = []
        if value <= 0:
            return sigma, found
        front = fronts.slots[instance.slots]
        narrow = instance.slot_length / self.network.pair_capacity
        for n in np.flatnonzero(np.diff(front.ptr) > 0).tolist():
            entry = int(front.ptr[n]) + int(np.argmin(front.price[front.ptr[n] : front.ptr[n + 1]]))
            sigma[n] = max(0.0, (value - float(front.price[entry])) / narrow[n])
            if sigma[n] > 0:
                stored, number = self._class(fronts, instance.slots, entry)
                candidate = Candidate(FINAL, instance.slots, (-1 - number,), (stored,))
                found.append((candidate, float(sigma[n]), float(narrow[n])))
        return sigma, found


def _without_layers(reach: SlotReach) -> SlotReach:
    """Return the bounds over real links only."""
    loss, narrow, hops = (
        np.ascontiguousarray(part[:, -1:]) for part in (reach.loss, reach.narrow, reach.hops)
    )
    return SlotReach(loss, narrow, hops, reach.to_store_loss, reach.to_store_narrow)


def _fixed_narrow(network: Network, reach: Reach) -> FloatArray:
    """Return 1 / rate of columns where it does not depend on the path, else 0; shape (T, K).

    Where pairs may be split, nothing limits the shares of a demand's paths but the links themselves. The
    links and stores at its users can carry only so much in all, and a row that says so changes nothing.
    """
    instance = network.instance
    slots, demands = instance.slots, instance.demands
    fixed = np.zeros((slots, len(demands)))
    if not instance.options.splittable:
        return fixed
    links = instance.links
    capacity = np.zeros((slots, len(instance.nodes)))
    for end in (links.a, links.b):
        for t in range(slots):
            np.add.at(capacity[t], end, links.rate[t])
    for end in network.pair_ends:
        held = np.where(np.isfinite(reach.pair_narrow), 1.0 / np.maximum(reach.pair_narrow, 1e-300), 0.0)
        for t in range(slots):
            np.add.at(capacity[t], end, held[t])
    most = np.minimum(capacity[:, demands.source], capacity[:, demands.destination])
    return np.asarray(1.0 / np.maximum(most, 1e-300))
