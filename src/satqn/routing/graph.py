"""The undirected graph of an instance, with whole-number lengths so that ties are exact."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import PathOrder, RoutingInstance
from satqn.model.shown import Shown
from satqn.routing.base_pairs import swap_factor

HOP = 1 << 60
"""One hop in the leading part of a length; the second part stays below it."""
UNIT = 1e12
"""Real lengths are counted in units of 1e-12: sums of whole numbers do not depend on their order."""
SLOWEST = 1e-30
"""Rate below which a link is as long as one that is down."""
FAR = 1 << 300
"""Longer than any path."""


@dataclass(frozen=True, slots=True, repr=False)
class RoutingGraph(Shown):
    """Links that are up in at least one slot, or in a given one.

    Parameters
    ----------
    neighbours
        Per node: (neighbour, link) in the order of node ids.
    rank
        Position of each node among the sorted ids: what "ties by node ids" compares.
    length
        Per link: what a short path is short in, ties included.
    loss
        Per link: -log of its swap factor, in units of 1e-12.
    """

    neighbours: tuple[tuple[tuple[int, int], ...], ...]
    rank: tuple[int, ...]
    length: tuple[int, ...]
    loss: tuple[int, ...]

    @classmethod
    def from_instance(cls, instance: RoutingInstance, slot: int | None = None) -> RoutingGraph:
        """Build the graph of the links that are ever up, or of those that are up in one slot.

        A route of an initial stock is there, too: its pairs may be drawn though its links are dark.
        """
        links, ids = instance.links, instance.nodes.ids
        rate = links.rate if slot is None else links.rate[slot : slot + 1]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        rank = [0] * len(ids)
        for position, node in enumerate(order):
            rank[node] = position
        neighbours: list[list[tuple[int, int]]] = [[] for _ in ids]
        there = np.asarray((rate > 0).any(axis=0))
        if slot is None:
            there[_links_of_initial_stock(instance)] = True
        for e in np.flatnonzero(there).tolist():
            a, b = int(links.a[e]), int(links.b[e])
            neighbours[a].append((b, e))
            neighbours[b].append((a, e))
        for row in neighbours:
            row.sort(key=lambda step: rank[step[0]])
        loss = _whole(-np.log(swap_factor(links.fidelity, instance.options.swap)))
        length = _lengths(loss, rate, instance.paths.order)
        return cls(tuple(map(tuple, neighbours)), tuple(rank), length, loss)

    def distances(self, target: int, length: tuple[int, ...] | None = None) -> list[int]:
        """Return the shortest length from every node to ``target`` by Dijkstra; ``FAR`` without a path."""
        cost = self.length if length is None else length
        reached = [FAR] * len(self.neighbours)
        reached[target] = 0
        heap = [(0, target)]
        while heap:
            d, v = heapq.heappop(heap)
            if d > reached[v]:
                continue
            for u, e in self.neighbours[v]:
                if d + cost[e] < reached[u]:
                    reached[u] = d + cost[e]
                    heapq.heappush(heap, (reached[u], u))
        return reached


def _whole(values: NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(round(value * UNIT) for value in values.tolist())


def _links_of_initial_stock(instance: RoutingInstance) -> list[int]:
    """Return the links over which pairs in store at the start were made."""
    steps = {frozenset(step) for stock in instance.initial_stock for step in itertools.pairwise(stock.route)}
    ends = zip(instance.links.a.tolist(), instance.links.b.tolist(), strict=True)
    return [e for e, step in enumerate(ends) if frozenset(step) in steps]


def _lengths(loss: tuple[int, ...], rate: NDArray[np.float64], order: PathOrder) -> tuple[int, ...]:
    if order == "hops":
        return tuple(HOP + second for second in loss)
    if order == "log_werner":
        return tuple(first * HOP + 1 for first in loss)
    # A link that is often down is long: 1 / mean rate over all slots.
    mean = np.maximum(rate.mean(axis=0), SLOWEST) if len(rate) else np.ones(rate.shape[1])
    return tuple(first * HOP + second for first, second in zip(_whole(1.0 / mean), loss, strict=True))
