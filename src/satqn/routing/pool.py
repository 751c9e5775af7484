"""The pool: the paths each demand may choose from, real and through storage (spec routing, sections 1, 5)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError, SatqnWarning
from satqn.limits import lifted
from satqn.model.instance import PathMode, PathOptions, RoutingInstance
from satqn.model.paths import InventoryClasses, PathSet, Ragged
from satqn.routing.base_pairs import base_pairs, lowest_usable_fidelity, path_fidelity, swap_factor
from satqn.routing.enumeration import (
    Candidate,
    Query,
    Stop,
    StorageMap,
    all_simple_paths,
    never,
    shortest_paths,
)
from satqn.routing.graph import UNIT, RoutingGraph

MAX_PATHS = 100_000
"""Longer lists are refused; the number of simple paths grows about 8-fold per hop."""

ALL_SIMPLE_NODES = 16
"""Up to so many nodes all simple paths are listed by default, the k shortest above (spec routing, 5)."""
ALL_SIMPLE_HOPS = 4
"""Hop cap of ``all_simple`` where none is said."""

FEW_NODES = 40
FEW_PATHS = 400
"""Where all simple paths are so few, they are listed rather than generated: then the MILP closes the gap."""

Route = tuple[int, ...]


def build_pool(instance: RoutingInstance, clock: Clock | None = None) -> PathSet:
    """List the paths of every demand, drop those that no purification lifts to the target, price the rest.

    Parameters
    ----------
    instance
        The instance; ``paths`` says which paths, ``options`` how fidelity and cost are reckoned.
    clock
        Ends the search; None leaves it all the time it takes. What is found by then is the pool.

    Raises
    ------
    InputError
        There are more than 100 000 paths, and the limits are not lifted.
    """
    graph = RoutingGraph.from_instance(instance)
    storage = _storage_map(instance)
    if instance.paths.mode == "generated":
        instance = replace(instance, paths=listed(instance))
    find = {"all_simple": _all_simple, "k_shortest": _k_shortest, "k_shortest_by_slot": _k_shortest_by_slot}
    clock = clock or Clock()
    found: list[tuple[int, Candidate]] = []
    for row in find[instance.paths.mode](instance, graph, storage, clock):
        found.append(row)
        if len(found) > MAX_PATHS and not lifted():
            raise InputError(
                f"more than {MAX_PATHS} paths for {len(instance.demands)} demands",
                where="paths",
                why="The model has a column for each of them in every slot",
                fix="Ask for fewer paths per demand, or say --force",
            )
    if clock.ended:
        warnings.warn(
            f"the time limit ended the search for paths of {len(clock.ended)} demands; "
            "the plan and its bound know the paths that were found",
            SatqnWarning,
            stacklevel=2,
        )
    return _price(instance, found)


def with_paths(instance: RoutingInstance, mode: PathMode) -> RoutingInstance:
    """Return an instance whose paths are found in another way; its hop cap stays.

    Parameters
    ----------
    instance
        The instance.
    mode
        The other way.
    """
    options = instance.paths
    cap = options.max_hops or (ALL_SIMPLE_HOPS if mode == "all_simple" else None)
    return replace(instance, paths=replace(options, mode=mode, max_hops=cap))


def listed(instance: RoutingInstance) -> PathOptions:
    """Return which paths to list where an instance leaves them to be generated and a method needs a list.

    Parameters
    ----------
    instance
        The instance.
    """
    options = instance.paths
    cap = options.max_hops or ALL_SIMPLE_HOPS
    if len(instance.nodes) <= ALL_SIMPLE_NODES and cap <= ALL_SIMPLE_HOPS:
        return replace(options, mode="all_simple", max_hops=cap)
    up = instance.links.rate > 0
    comes_and_goes = bool((up.any(axis=0) & ~up.all(axis=0)).any())
    return replace(options, mode="k_shortest_by_slot" if comes_and_goes else "k_shortest")


def all_paths_if_few(instance: RoutingInstance) -> PathSet | None:
    """Return all simple paths within the hop cap, or None if there are too many to be worth listing.

    Parameters
    ----------
    instance
        The instance.
    """
    graph, storage = RoutingGraph.from_instance(instance), _storage_map(instance)
    demands = instance.demands
    cap = instance.paths.max_hops or len(instance.nodes) - 1
    found: list[tuple[int, Candidate]] = []
    # Walks that lead nowhere cost time too, and a graph may have far more of them than paths.
    if len(instance.nodes) > FEW_NODES:
        return None
    for k in range(len(demands)):
        for nodes in all_simple_paths(graph, int(demands.source[k]), int(demands.destination[k]), cap):
            found.append((k, (nodes, ())))
            for marks in storage.marks(nodes, instance.options.max_virtual_links):
                found.append((k, (nodes, marks)))
                if len(found) > FEW_PATHS:
                    return None
            if len(found) > FEW_PATHS:
                return None
    found.sort(key=lambda row: (row[0], len(row[1][1]) > 0, len(row[1][0])))
    return _price(instance, found)


@dataclass(slots=True)
class Clock:
    """Deals the time for listing paths out among the demands, in equal parts.

    Parameters
    ----------
    used
        Which share of the time is used up; None if there is no limit.
    ended
        Demands whose search was cut short.
    """

    used: Callable[[], float] | None = None
    ended: set[int] = field(default_factory=set)

    def of(self, demand: int, demands: int) -> Stop:
        """Return whether the part of a demand, and of those before it, is used up."""
        used = self.used
        if used is None:
            return never

        def stop() -> bool:
            over = used() >= (demand + 1) / demands
            if over:
                self.ended.add(demand)
            return over

        return stop


def _storage_map(instance: RoutingInstance) -> StorageMap:
    partners: dict[int, list[int]] = {}
    capacity = instance.nodes.storage_capacity
    for a, b in instance.storage_pairs.tolist():
        if min(capacity[a], capacity[b]) > 0:
            partners.setdefault(a, []).append(b)
            partners.setdefault(b, []).append(a)
    return StorageMap({node: tuple(others) for node, others in sorted(partners.items())})


Found = Iterator[tuple[int, Candidate]]


def _all_simple(instance: RoutingInstance, graph: RoutingGraph, storage: StorageMap, clock: Clock) -> Found:
    demands = instance.demands
    count = 0
    cap = instance.paths.max_hops or len(instance.nodes) - 1
    for k in range(len(demands)):
        paths: list[Candidate] = []
        ends = int(demands.source[k]), int(demands.destination[k])
        for nodes in all_simple_paths(graph, *ends, cap, clock.of(k, len(demands))):
            paths.append((nodes, ()))
            paths += [(nodes, marks) for marks in storage.marks(nodes, instance.options.max_virtual_links)]
            if count + len(paths) > MAX_PATHS and not lifted():
                raise InputError(
                    f"more than {MAX_PATHS} simple paths of up to {cap} hops",
                    where="paths.max_hops",
                    why="Their number grows about 8-fold per hop",
                    fix='Lower max_hops, or use {"mode": "k_shortest"}',
                )
        count += len(paths)
        paths.sort(
            key=lambda path: (len(path[1]) > 0, len(path[0]), [graph.rank[v] for v in path[0]], path[1])
        )
        yield from ((k, path) for path in paths)


def _k_shortest(instance: RoutingInstance, graph: RoutingGraph, storage: StorageMap, clock: Clock) -> Found:
    to, total = cache(graph.distances), len(instance.demands)
    for k, query in _queries(instance):
        real = shortest_paths(graph, query, storage, to, clock.of(k, total))
        yield from ((k, path) for path in islice(real, instance.paths.real))
        yield from _through_storage(instance, graph, storage, to, k, query, clock.of(k, total))


def _k_shortest_by_slot(
    instance: RoutingInstance, graph: RoutingGraph, storage: StorageMap, clock: Clock
) -> Found:
    """Yield real paths that are among the k shortest of some slot, as they first appear; then virtual ones.

    A path that is never up as a whole is no path here, however short its links make it look.
    """
    to, total = cache(graph.distances), len(instance.demands)
    by_slot = [RoutingGraph.from_instance(instance, slot) for slot in range(instance.slots)]
    distances = [cache(there.distances) for there in by_slot]
    for k, query in _queries(instance):
        found: dict[Candidate, None] = {}
        for there, near in zip(by_slot, distances, strict=True):
            real = shortest_paths(there, query, storage, near, clock.of(k, total))
            found |= dict.fromkeys(islice(real, instance.paths.real))
        yield from ((k, path) for path in found)
        yield from _through_storage(instance, graph, storage, to, k, query, clock.of(k, total))


def _queries(instance: RoutingInstance) -> Iterator[tuple[int, Query]]:
    """Yield for every demand what its paths are sought under."""
    demands, options = instance.demands, instance.options
    for k in range(len(demands)):
        lowest = lowest_usable_fidelity(float(demands.target_fidelity[k]), options.purification)
        factor = float(swap_factor(max(lowest, 0.25 + 1e-9), options.swap))
        yield (
            k,
            Query(
                source=int(demands.source[k]),
                target=int(demands.destination[k]),
                max_hops=instance.paths.max_hops or len(instance.nodes) - 1,
                max_loss=round(-np.log(factor) * UNIT) + 1000,
            ),
        )


def _through_storage(
    instance: RoutingInstance,
    graph: RoutingGraph,
    storage: StorageMap,
    to: Callable[[int], list[int]],
    k: int,
    query: Query,
    stop: Stop,
) -> Found:
    """Yield the shortest paths through storage; a route need not be up when its pairs are used."""
    most = instance.options.max_virtual_links
    if most and instance.paths.virtual:
        through = shortest_paths(graph, replace(query, max_virtual_links=most), storage, to, stop)
        yield from ((k, path) for path in islice(through, instance.paths.virtual))


def _price(instance: RoutingInstance, found: list[tuple[int, Candidate]]) -> PathSet:
    """Fidelity and purification cost of all candidates at once, then the columns of the usable ones."""
    link_of = _link_index(instance)
    options = instance.options
    demand = np.array([k for k, _ in found], dtype=np.int64)
    whole = Ragged.from_rows([[link_of[step] for step in pairwise(nodes)] for _, (nodes, _) in found])
    factor = swap_factor(instance.links.fidelity, options.swap)
    product = np.multiply.reduceat(factor[whole.values], whole.ptr[:-1]) if found else np.empty(0)
    fidelity = path_fidelity(product, options.swap)
    cost = base_pairs(fidelity, instance.demands.target_fidelity[demand], options.purification)
    usable = np.flatnonzero(np.isfinite(cost))
    classes = _Classes(instance, link_of)
    nodes, steps = [], []
    for p in usable.tolist():
        row = _walk(found[p][1], link_of, classes)
        nodes.append(row[0])
        steps.append(row[1])
    return PathSet(
        demand=demand[usable],
        nodes=Ragged.from_rows(nodes),
        steps=Ragged.from_rows(steps),
        links=Ragged.from_rows([[s for s in row if s >= 0] for row in steps]),
        drawn=Ragged.from_rows([[-1 - s for s in row if s < 0] for row in steps]),
        fidelity=fidelity[usable],
        base_pairs=cost[usable],
        classes=classes.table(),
    )


def _link_index(instance: RoutingInstance) -> dict[tuple[int, int], int]:
    ends = zip(instance.links.a.tolist(), instance.links.b.tolist(), strict=True)
    index: dict[tuple[int, int], int] = {}
    for e, (a, b) in enumerate(ends):
        index[a, b] = index[b, a] = e
    return index


def _walk(
    path: Candidate, link_of: dict[tuple[int, int], int], classes: _Classes
) -> tuple[list[int], list[int]]:
    """Return nodes and steps of p: every marked segment of f(p) becomes one virtual step."""
    f, marks = path
    nodes, steps = [f[0]], []
    jump = dict(marks)
    here = 0
    while here < len(f) - 1:
        there = jump.get(here, here + 1)
        steps.append(-1 - classes.index(f[here : there + 1]) if here in jump else link_of[f[here], f[there]])
        nodes.append(f[there])
        here = there
    return nodes, steps


class _Classes:
    """Inventory classes as they are met; those with initial stock come first, used or not."""

    def __init__(self, instance: RoutingInstance, link_of: dict[tuple[int, int], int]) -> None:
        self._pair_of = {(a, b): n for n, (a, b) in enumerate(instance.storage_pairs.tolist())}
        self._link_of = link_of
        self._found: dict[Route, int] = {}
        self._stock: list[float] = []
        for stock in instance.initial_stock:
            self._stock[self.index(stock.route)] = stock.pairs

    def index(self, route: Route) -> int:
        forward = (route[0], route[-1]) in self._pair_of
        key = route if forward else route[::-1]
        if key not in self._found:
            self._found[key] = len(self._found)
            self._stock.append(0.0)
        return self._found[key]

    def table(self) -> InventoryClasses:
        routes = list(self._found)
        return InventoryClasses(
            pair=np.array([self._pair_of[route[0], route[-1]] for route in routes], dtype=np.int64),
            route=Ragged.from_rows(routes),
            links=Ragged.from_rows([[self._link_of[step] for step in pairwise(route)] for route in routes]),
            initial_stock=np.array(self._stock),
        )


def restrict(pool: PathSet, keep: NDArray[np.bool_]) -> PathSet:
    """Return the pool with some of its paths; classes that nobody draws from stay only with initial stock.

    Parameters
    ----------
    pool
        The pool.
    keep
        Which paths, shape (P,).
    """
    chosen = np.flatnonzero(keep)
    used = pool.classes.initial_stock > 0
    used[pool.drawn.take(chosen)[1]] = True
    renumber = np.cumsum(used) - 1
    old = np.flatnonzero(used)

    def rows(ragged: Ragged, which: NDArray[np.int64]) -> list[list[int]]:
        return [ragged[int(i)].tolist() for i in which]

    def step(s: int) -> int:
        return s if s >= 0 else -1 - int(renumber[-1 - s])

    steps = [[step(s) for s in row] for row in rows(pool.steps, chosen)]
    classes = pool.classes
    return PathSet(
        demand=pool.demand[chosen],
        nodes=Ragged.from_rows(rows(pool.nodes, chosen)),
        steps=Ragged.from_rows(steps),
        links=Ragged.from_rows(rows(pool.links, chosen)),
        drawn=Ragged.from_rows([[-1 - s for s in row if s < 0] for row in steps]),
        fidelity=pool.fidelity[chosen],
        base_pairs=pool.base_pairs[chosen],
        classes=InventoryClasses(
            pair=classes.pair[old],
            route=Ragged.from_rows(rows(classes.route, old)),
            links=Ragged.from_rows(rows(classes.links, old)),
            initial_stock=classes.initial_stock[old],
        ),
    )


def full_nodes(pool: PathSet, path: int) -> list[int]:
    """Return the nodes of f(p): every virtual link replaced by its route.

    Parameters
    ----------
    pool
        The pool.
    path
        Its index.
    """
    nodes: list[int] = pool.nodes[path].tolist()
    full = nodes[:1]
    for step, there in zip(pool.steps[path].tolist(), nodes[1:], strict=True):
        if step >= 0:
            full.append(there)
        else:
            route = pool.classes.route[-1 - step].tolist()
            full += (route if route[0] == full[-1] else route[::-1])[1:]
    return full


def inner_nodes(pool: PathSet) -> Iterable[list[int]]:
    """Yield for every path the nodes between its ends, those of virtual links included."""
    return (full_nodes(pool, p)[1:-1] for p in range(len(pool)))
