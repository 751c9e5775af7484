"""What any path must lose, carry and count at least from a node on: once per instance, slot by slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_reach import between_pairs, spread, spread_layers
from satqn.routing.generated.network import Network

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Task = TypeVar("Task")
Found = TypeVar("Found")
Map = Callable[[Callable[[Task], Found], Iterable[Task]], Iterable[Found]]
"""``map``, or that of an executor: slots are independent of each other."""


@dataclass(frozen=True, slots=True)
class SlotReach:
    """Lower bounds in one slot; N nodes, G goals (the destinations), layers of virtual links left to take.

    Parameters
    ----------
    loss, narrow, hops
        Least loss, least 1 / rate and fewest hops from a node to a goal, shape (G, layers, N); in row
        ``layers - 1`` over real links only. Hops are 0 where they do not count.
    to_store_loss, to_store_narrow
        From a node over real links to the nearest storage node, shape (N,).
    """

    loss: FloatArray
    narrow: FloatArray
    hops: FloatArray
    to_store_loss: FloatArray
    to_store_narrow: FloatArray


@dataclass(frozen=True, slots=True)
class Reach:
    """Lower bounds of all slots, and what storage pairs can hold.

    Parameters
    ----------
    goals
        Nodes that are the destination of some demand, shape (G,).
    goal
        Position of the destination of every demand in ``goals``.
    slots
        Per slot.
    pair_narrow
        tau / the most pairs that can be in store at the start of a slot, per rate unit; shape (T + 1, pairs).
    """

    goals: IntArray
    goal: IntArray
    slots: tuple[SlotReach, ...]
    pair_narrow: FloatArray


def reach_of(network: Network, layers: int, parallel: Map[Any, Any]) -> Reach:
    """Compute the bounds of an instance.

    Parameters
    ----------
    network
        The instance.
    layers
        Most virtual links of a path, and one.
    parallel
        Runs the slots.
    """
    instance = network.instance
    goals, goal = np.unique(instance.demands.destination, return_inverse=True)
    a, b = network.pair_ends

    # Made before threads ask for them.
    _ = network.slots, network.trees

    def routes(slot: int) -> tuple[FloatArray, ...]:
        graph = network.slots[slot]
        one = np.ones(len(graph.head)) if network.hop_cap else np.zeros(len(graph.head))
        return (
            between_pairs(graph.ptr, graph.head, graph.loss, False, a, b),
            1.0 / between_pairs(*network.trees[slot], True, a, b),
            between_pairs(graph.ptr, graph.head, one, False, a, b) if network.hop_cap else np.zeros(len(a)),
        )

    found = list(parallel(routes, range(instance.slots))) if len(a) else []
    stored = _most_stored(network, np.array([rate for _, rate, _ in found]))
    with np.errstate(divide="ignore"):
        pair_narrow = np.where(stored > 0, instance.slot_length / np.where(stored > 0, stored, 1.0), np.inf)
    least = _least_of_routes(network, found)

    def slot_reach(slot: int) -> SlotReach:
        jumps = least[0][slot], pair_narrow[slot], least[1][slot]
        return _slot_reach(network, slot, goals, layers, jumps)

    bounds = tuple(parallel(slot_reach, range(instance.slots)))
    return Reach(goals.astype(np.int64), goal.astype(np.int64), bounds, pair_narrow)


def initial_pairs(network: Network) -> list[tuple[int, tuple[int, ...], float]]:
    """Return position of the pair, route from its first node, and pairs in store at the start, by class.

    Parameters
    ----------
    network
        The instance.
    """
    a, b = network.pair_ends
    position = {(int(u), int(v)): n for n, (u, v) in enumerate(zip(a, b, strict=True))}
    found = []
    for stock in network.instance.initial_stock:
        route = stock.route if (stock.route[0], stock.route[-1]) in position else stock.route[::-1]
        if (route[0], route[-1]) in position:
            found.append((position[route[0], route[-1]], tuple(route), stock.pairs))
    return found


def _most_stored(network: Network, rate: FloatArray) -> FloatArray:
    """Return the most that a pair can have in store at the start of every slot, shape (T + 1, pairs)."""
    instance = network.instance
    tau, retention = instance.slot_length, instance.options.stock_retention
    stored = np.zeros((instance.slots + 1, len(network.storage_pairs)))
    for n, _, pairs in initial_pairs(network):
        stored[0, n] += pairs
    for t in range(instance.slots if len(rate) else 0):
        stored[t + 1] = np.minimum(network.pair_capacity, retention * stored[t] + tau * rate[t])
    return stored


def _least_of_routes(network: Network, found: list[tuple[FloatArray, ...]]) -> tuple[FloatArray, FloatArray]:
    """Return least loss and fewest hops of what can be in store, by slot and pair."""
    pairs = len(network.storage_pairs)
    loss = np.full((network.instance.slots + 1, pairs), np.inf)
    hops = np.full((network.instance.slots + 1, pairs), np.inf)
    for t, (route_loss, _, route_hops) in enumerate(found):
        loss[t + 1], hops[t + 1] = np.minimum(loss[t], route_loss), np.minimum(hops[t], route_hops)
    for n, route, pairs_held in initial_pairs(network):
        if pairs_held > 0:
            loss[:, n] = np.minimum(loss[:, n], loss_of_route(network, route))
            hops[:, n] = np.minimum(hops[:, n], len(route) - 1 if network.hop_cap else 0)
    return loss, hops


def loss_of_route(network: Network, route: tuple[int, ...]) -> float:
    """Return the loss along nodes."""
    return float(sum(network.loss[e] for e in links_along(network, route)))


def links_along(network: Network, route: tuple[int, ...]) -> list[int]:
    """Return the links that join nodes one to the next."""
    links = network.instance.links
    number = {
        frozenset(ends): e for e, ends in enumerate(zip(links.a.tolist(), links.b.tolist(), strict=True))
    }
    return [number[frozenset(step)] for step in pairwise(route)]


def _slot_reach(
    network: Network, slot: int, goals: IntArray, layers: int, jumps: tuple[FloatArray, ...]
) -> SlotReach:
    graph, tree = network.slots[slot], network.trees[slot]
    a, b = network.pair_ends
    nodes = len(network.instance.nodes)
    loss, narrow = np.empty((len(goals), layers, nodes)), np.empty((len(goals), layers, nodes))
    hops = np.zeros((len(goals) if network.hop_cap else 1, layers, nodes))
    one = np.ones(len(graph.head))
    for g, target in enumerate(goals.tolist()):
        spread_layers(graph.ptr, graph.head, graph.loss, a, b, jumps[0], target, False, np.inf, loss[g])
        spread_layers(*tree, a, b, jumps[1], target, True, np.inf, narrow[g])
        if network.hop_cap:
            spread_layers(graph.ptr, graph.head, one, a, b, jumps[2], target, False, np.inf, hops[g])
    near, wide = np.full(nodes, np.inf), np.full(nodes, np.inf)
    near[a] = near[b] = wide[a] = wide[b] = 0.0
    spread(graph.ptr, graph.head, graph.loss, False, np.inf, near)
    spread(*tree, True, np.inf, wide)
    return SlotReach(loss, narrow, hops, near, wide)
