"""One pool of paths for a network and its parts: `plan`, `run`, `compare` and `sweep` choose from it.

The k shortest paths of a part need not be among those of the whole. Were each to choose from its own, a part
could do what the whole cannot, and a bound over one pool would say nothing about the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance, RoutingLinks
from satqn.model.paths import InventoryClasses, PathSet, Ragged
from satqn.routing.architectures import PARTS, Architecture
from satqn.routing.pool import Clock, build_pool

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Route = tuple[int, ...]
Step = int | Route
"""A link, or the route of the virtual link that is drawn from."""


def common_pool(
    instance: RoutingInstance, parts: Sequence[Architecture] = PARTS, clock: Clock | None = None
) -> PathSet:
    """Return the paths that every demand may choose from, in the whole network or in a part of it.

    Parameters
    ----------
    instance
        The whole network.
    parts
        The parts of it that will be planned too.
    clock
        Ends the listing.

    Notes
    -----
    Where ``paths`` lists all simple paths, those of every part are among them already; ``k_shortest`` is so
    many paths per demand and no others, of which a part has those that lie in it.
    """
    whole = build_pool(instance, clock)
    if instance.paths.mode != "k_shortest_by_slot":
        return whole
    everything = np.arange(len(instance.links), dtype=np.int64)
    pools = [(whole, everything)]
    seen = {(np.ones(len(instance.links), dtype=bool).tobytes(), True)}
    for part in parts:
        links = part.links(instance)
        if (links.tobytes(), part.storage) not in seen:
            seen.add((links.tobytes(), part.storage))
            pools.append((pool_of_part(instance, links, storage=part.storage, clock=clock), everything))
    return union(pools)


def pool_of_part(
    instance: RoutingInstance, links: BoolArray, *, storage: bool, clock: Clock | None = None
) -> PathSet:
    """Return the paths of a part of a network, in the numbers of the whole network.

    Parameters
    ----------
    instance
        The whole network.
    links
        Which links the part has, shape (E,).
    storage
        Whether pairs may be drawn from store.

    Notes
    -----
    They are listed in the part: the k shortest paths of a part need not be among those of the whole.
    """
    kept = np.flatnonzero(links)
    table = instance.links
    chosen = RoutingLinks(table.a[kept], table.b[kept], table.rate[:, kept], table.fidelity[kept])
    options = instance.options if storage else replace(instance.options, max_virtual_links=0)
    part = replace(instance, links=chosen, options=options, initial_stock=(), sharing=())
    return union([(build_pool(part, clock), kept)])


def union(pools: Sequence[tuple[PathSet, IntArray]]) -> PathSet:
    """Join pools over the same nodes: every path once, those of the first pool in front.

    Parameters
    ----------
    pools
        Pools, and the number in the whole of each of their links.
    """
    rows: dict[tuple[int, Route, tuple[Step, ...]], tuple[float, float]] = {}
    classes: dict[Route, tuple[int, Route, float]] = {}
    for pool, links in pools:
        for c, route in enumerate(routes(pool)):
            along = tuple(links[pool.classes.links[c]].tolist())
            classes.setdefault(
                route, (int(pool.classes.pair[c]), along, float(pool.classes.initial_stock[c]))
            )
        for p, key in enumerate(path_keys(pool, links)):
            rows.setdefault(key, (float(pool.fidelity[p]), float(pool.base_pairs[p])))
    number = {route: c for c, route in enumerate(classes)}
    keys = sorted(rows, key=lambda key: key[0])  # stable: within a demand in the order of the pools
    return PathSet(
        demand=np.array([k for k, _, _ in keys], dtype=np.int64),
        nodes=Ragged.from_rows([nodes for _, nodes, _ in keys]),
        steps=Ragged.from_rows(
            [[s if isinstance(s, int) else -1 - number[s] for s in steps] for *_, steps in keys]
        ),
        links=Ragged.from_rows([[s for s in steps if isinstance(s, int)] for *_, steps in keys]),
        drawn=Ragged.from_rows([[number[s] for s in steps if not isinstance(s, int)] for *_, steps in keys]),
        fidelity=np.array([rows[key][0] for key in keys]),
        base_pairs=np.array([rows[key][1] for key in keys]),
        classes=InventoryClasses(
            pair=np.array([pair for pair, _, _ in classes.values()], dtype=np.int64),
            route=Ragged.from_rows(list(classes)),
            links=Ragged.from_rows([along for _, along, _ in classes.values()]),
            initial_stock=np.array([stock for _, _, stock in classes.values()]),
        ),
    )


def routes(pool: PathSet) -> list[Route]:
    """Return the route of every class: what tells classes apart."""
    return [tuple(pool.classes.route[c].tolist()) for c in range(len(pool.classes))]


def path_keys(pool: PathSet, links: IntArray | None = None) -> Iterator[tuple[int, Route, tuple[Step, ...]]]:
    """Yield what tells paths apart: demand, nodes, and the link or the route behind every step.

    Parameters
    ----------
    pool
        The pool.
    links
        The number in the whole of each of its links; by default its own.
    """
    stores = routes(pool)
    for p in range(len(pool)):
        steps = tuple(
            stores[-1 - step] if step < 0 else step if links is None else int(links[step])
            for step in pool.steps[p].tolist()
        )
        yield int(pool.demand[p]), tuple(pool.nodes[p].tolist()), steps
