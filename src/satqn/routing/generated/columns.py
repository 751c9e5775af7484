"""Columns over all paths: each carries its path, its slot and the slots in which its stock was stored.

The variable of a column is its rate of base pairs, in the rate unit. Its entries are what a unit of rate
takes of each row, as a share of all there is; 1 / its largest rate is ``narrow`` (spec all-paths, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.paths import InventoryClasses, PathSet, Ragged
from satqn.routing.base_pairs import base_pairs, path_fidelity, swap_factor
from satqn.routing.generated.network import Network
from satqn.routing.generated.prices import Keys
from satqn.routing.generated.reach import initial_pairs

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Steps = tuple[int, ...]
"""What a path takes one after the other: a link, or ``-1 - c`` for a virtual link of class c."""

FINAL = -1
"""Instead of a demand: what is left in store after the last slot."""
BEFORE = -1
"""Instead of a storing slot: in store when the first slot starts."""
ABSENT = -2
"""Instead of a storing slot: no such virtual link."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column to be: demand (or ``FINAL``), slot, steps, and the storing slot of each virtual link."""

    demand: int
    slot: int
    steps: Steps
    stored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StockClass:
    """An inventory class: storage pair filled over a route.

    Parameters
    ----------
    pair
        Position among the storage pairs of the network.
    nodes, links
        Of the route, from the first node of the pair to the second.
    most
        The most that can be in store of it at the start of every slot, pairs, shape (T + 1,).
    up
        Whether it can be filled, by slot.
    initial
        Position in the initial stock, or -1.
    """

    pair: int
    nodes: tuple[int, ...]
    links: IntArray
    most: FloatArray
    up: NDArray[np.bool_]
    initial: int


@dataclass(frozen=True, slots=True)
class GeneratedPath:
    """A path of a demand.

    Parameters
    ----------
    demand, steps
        What tells it apart.
    nodes
        Its nodes; a virtual link is a single step.
    links, classes
        Real links and inventory classes, in their order.
    fidelity, base_pairs
        F_p and g.
    sound
        Whether f(p) is a simple path within the hop cap, so that a plan may use it.
    """

    demand: int
    steps: Steps
    nodes: tuple[int, ...]
    links: IntArray
    classes: tuple[int, ...]
    fidelity: float
    base_pairs: float
    sound: bool


class Growing:
    """An array that grows at its end."""

    def __init__(self, dtype: type, width: int | None = None) -> None:
        shape = (64,) if width is None else (64, width)
        self._buffer: NDArray[Any] = np.empty(shape, dtype)
        self._size = 0

    def extend(self, values: NDArray[np.generic]) -> None:
        """Append values."""
        needed = self._size + len(values)
        if needed > len(self._buffer):
            grown = np.empty(
                (max(needed, 2 * len(self._buffer)), *self._buffer.shape[1:]), self._buffer.dtype
            )
            grown[: self._size] = self._buffer[: self._size]
            self._buffer = grown
        self._buffer[self._size : needed] = values
        self._size = needed

    @property
    def values(self) -> NDArray[Any]:
        """What is in it: a view, valid until it grows."""
        return self._buffer[: self._size]


class Columns:
    """All columns that were met, and the paths and classes behind them.

    Parameters
    ----------
    network, keys
        The instance and its rows.
    """

    def __init__(self, network: Network, keys: Keys) -> None:
        self.network, self.keys = network, keys
        self.paths: list[GeneratedPath] = []
        self.classes: list[StockClass] = []
        self._path_number: dict[tuple[int, Steps], int] = {}
        self._class_number: dict[tuple[int, ...], int] = {}
        self._number: dict[tuple[int, int, tuple[int, ...]], int] = {}
        links = network.instance.links
        self._a, self._b = links.a.tolist(), links.b.tolist()
        self._factor = swap_factor(links.fidelity, network.instance.options.swap)
        most = max(1, network.instance.options.max_virtual_links)
        self._path, self._slot = Growing(np.int64), Growing(np.int64)
        self._stored = Growing(np.int64, most)
        self._gain, self._narrow = Growing(np.float64), Growing(np.float64)
        self._ptr, self._key, self._share = Growing(np.int64), Growing(np.int64), Growing(np.float64)
        self._ptr.extend(np.zeros(1, np.int64))
        self._initial = {route: i for i, (_, route, _) in enumerate(initial_pairs(network))}
        self._link_of = {ends: e for e, ends in enumerate(zip(self._a, self._b, strict=True))}
        self._link_of |= {(b, a): e for (a, b), e in self._link_of.items()}
        for route in self._initial:
            self.class_of(route)

    def __len__(self) -> int:
        return len(self._path.values)

    @property
    def path(self) -> IntArray:
        """Number of the path of every column."""
        return np.asarray(self._path.values)

    @property
    def slot(self) -> IntArray:
        """Serving slot t of every column; T for what is left after the last one."""
        return np.asarray(self._slot.values)

    @property
    def stored(self) -> IntArray:
        """Storing slots of every column, shape (J, virtual links); ``ABSENT`` where there is none."""
        return np.asarray(self._stored.values)

    @property
    def gain(self) -> FloatArray:
        """Objective per unit of rate of base pairs."""
        return np.asarray(self._gain.values)

    @property
    def narrow(self) -> FloatArray:
        """1 / the largest rate of base pairs of every column."""
        return np.asarray(self._narrow.values)

    def entries(self, columns: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return (position in ``columns``, key, share per unit of rate) of all entries of some columns."""
        ptr = np.asarray(self._ptr.values)
        length = ptr[columns + 1] - ptr[columns]
        position = np.repeat(np.arange(len(columns)), length)
        start = np.repeat(ptr[columns] - (np.cumsum(length) - length), length)
        at = start + np.arange(len(position))
        return position, np.asarray(self._key.values)[at], np.asarray(self._share.values)[at]

    def cost_at(self, worth: FloatArray, columns: IntArray) -> FloatArray:
        """Return what columns pay per unit of rate at given prices."""
        position, key, share = self.entries(columns)
        # A promise kept is earned, not paid.
        sign = np.where((key >= self.keys.promises) & (key < self.keys.stocks), -1.0, 1.0)
        return _sums(position, worth[key] * share * sign, len(columns))

    def demand_of(self, columns: IntArray) -> IntArray:
        """Return the demand of columns."""
        return np.array([self.paths[p].demand for p in self.path[columns].tolist()], dtype=np.int64)

    # ------------------------------------------------------------------ paths and classes

    def class_of(self, nodes: tuple[int, ...]) -> int:
        """Return the number of the inventory class of a route, from the first node of its pair."""
        found = self._class_number.get(nodes)
        if found is None:
            found = len(self.classes)
            self._class_number[nodes] = found
            self.classes.append(self._new_class(nodes))
        return found

    def class_along(self, pair: int, links: Sequence[int]) -> int:
        """Return the number of the inventory class of a pair and the links from its first node on."""
        v = int(self.network.pair_ends[0][pair])
        nodes = [v]
        for e in links:
            v = self._a[e] + self._b[e] - v
            nodes.append(v)
        return self.class_of(tuple(nodes))

    def _new_class(self, nodes: tuple[int, ...]) -> StockClass:
        network, instance = self.network, self.network.instance
        a, b = network.pair_ends
        pair = int(np.flatnonzero((a == nodes[0]) & (b == nodes[-1]))[0])
        links = np.array([self._link_of[step] for step in pairwise(nodes)], dtype=np.int64)
        rate = self._alone(links)
        retention, tau = instance.options.stock_retention, instance.slot_length
        most = np.zeros(instance.slots + 1)
        initial = self._initial.get(nodes, -1)
        if initial >= 0:
            most[0] = instance.initial_stock[initial].pairs
        for t in range(instance.slots):
            most[t + 1] = min(network.pair_capacity[pair], retention * most[t] + tau * rate[t])
        return StockClass(pair, nodes, links, most, rate > 0, initial)

    def _alone(self, links: IntArray) -> FloatArray:
        """Return the most that a route can carry alone in every slot, shape (T,)."""
        rate = self.network.instance.links.rate
        slots = rate.shape[0]
        if (rate[:, links] <= 0).all():
            return np.zeros(slots)
        slot = np.repeat(np.arange(slots), len(links))
        link = np.tile(links, slots)
        there = rate[slot, link]
        narrow = np.zeros(slots)
        with np.errstate(divide="ignore"):
            np.maximum.at(narrow, slot, 1.0 / there)
            position, row = self.network.limits_on(slot, link)
            used, inverse = np.unique(row, return_inverse=True)
            taken = _sums(inverse, 1.0 / there[position], len(used))
            np.maximum.at(narrow, self.network.limits.slot[used], taken / self.network.limits.limit[used])
            return np.asarray(np.where(np.isfinite(narrow), 1.0 / narrow, 0.0))

    def steps_along(self, nodes: tuple[int, ...]) -> Steps:
        """Return the links that join nodes one to the next."""
        return tuple(self._link_of[step] for step in pairwise(nodes))

    def path_of(self, demand: int, steps: Steps) -> int:
        """Return the number of a path of a demand (or ``FINAL``)."""
        found = self._path_number.get((demand, steps))
        if found is None:
            found = len(self.paths)
            self._path_number[demand, steps] = found
            self.paths.append(self._new_path(demand, steps))
        return found

    def _new_path(self, demand: int, steps: Steps) -> GeneratedPath:
        links = np.array([s for s in steps if s >= 0], dtype=np.int64)
        classes = tuple(-1 - s for s in steps if s < 0)
        if demand == FINAL:
            return GeneratedPath(FINAL, steps, self.classes[classes[0]].nodes, links, classes, 1.0, 1.0, True)
        instance = self.network.instance
        v = int(instance.demands.source[demand])
        nodes, full, product = [v], [v], 1.0
        for s in steps:
            route: tuple[int, ...] = self.classes[-1 - s].nodes if s < 0 else (v, self._a[s] + self._b[s] - v)
            route = route if route[0] == v else route[::-1]
            product *= float(np.prod(self._factor[self.classes[-1 - s].links if s < 0 else s]))
            v = route[-1]
            nodes.append(v)
            full.extend(route[1:])
        fidelity = float(path_fidelity(product, instance.options.swap))
        target = float(instance.demands.target_fidelity[demand])
        g = float(base_pairs(fidelity, target, instance.options.purification))
        cap = instance.paths.max_hops
        sound = len(set(full)) == len(full) and (cap is None or len(full) - 1 <= cap) and np.isfinite(g)
        return GeneratedPath(demand, steps, tuple(nodes), links, classes, fidelity, g, bool(sound))

    # ------------------------------------------------------------------ columns

    def add(self, candidates: Iterable[Candidate]) -> tuple[IntArray, IntArray]:
        """Take in columns.

        Returns
        -------
        numbers
            Of all candidates.
        new
            Of those that were not there before, without repeats.
        """
        numbers: list[int] = []
        fresh: list[tuple[int, int, tuple[int, ...]]] = []
        size = len(self)
        for c in candidates:
            path = self.path_of(c.demand, c.steps)
            key = (path, c.slot, c.stored)
            number = self._number.get(key)
            if number is None:
                number = size + len(fresh)
                self._number[key] = number
                fresh.append((path, c.slot, c.stored))
            numbers.append(number)
        if fresh:
            self._append(fresh)
        return np.array(numbers, dtype=np.int64), size + np.arange(len(fresh))

    def _append(self, fresh: list[tuple[int, int, tuple[int, ...]]]) -> None:
        most = self.stored.shape[1]
        path = np.array([p for p, _, _ in fresh], dtype=np.int64)
        slot = np.array([t for _, t, _ in fresh], dtype=np.int64)
        stored = np.array([(*s, *(ABSENT,) * (most - len(s))) for _, _, s in fresh], dtype=np.int64)
        column, key, share = self._shares(path, slot, stored.reshape(len(fresh), most))
        # A path that is not simple may take a link, or a place in store, more than once.
        both, inverse = np.unique(column * self.keys.count + key, return_inverse=True)
        share = _sums(inverse, share, len(both))
        column, key = np.divmod(both, self.keys.count)
        length = np.bincount(column, minlength=len(fresh))
        self._ptr.extend(int(np.asarray(self._ptr.values)[-1]) + np.cumsum(length))
        self._key.extend(key)
        self._share.extend(share)
        self._path.extend(path)
        self._slot.extend(slot)
        self._stored.extend(stored.reshape(len(fresh), most))
        self._gain.extend(self._gains(path, slot, stored.reshape(len(fresh), most)))
        self._narrow.extend(self._narrowest(path, slot, column, key, share))

    def _gains(self, path: IntArray, slot: IntArray, stored: IntArray) -> FloatArray:
        instance = self.network.instance
        tau, end_value = instance.slot_length, instance.options.stock_end_value
        weight = instance.demands.weight
        gain = np.array([
            end_value if self.paths[p].demand == FINAL
            else weight[t, self.paths[p].demand] / self.paths[p].base_pairs
            for p, t in zip(path.tolist(), slot.tolist(), strict=True)
        ])  # fmt: skip
        # What is drawn from the initial stock would else have been left at the end.
        left = end_value * instance.options.stock_retention ** (instance.slots - slot)
        return np.asarray(tau * (gain - left * (stored == BEFORE).sum(axis=1)))

    def _narrowest(
        self, path: IntArray, slot: IntArray, column: IntArray, key: IntArray, share: FloatArray
    ) -> FloatArray:
        instance, keys = self.network.instance, self.keys
        when = np.full(len(key), -1)
        link = key < keys.limits
        when[link] = key[link] // len(instance.links)
        limit = (key >= keys.limits) & (key < keys.stores)
        when[limit] = self.network.limits.slot[key[limit] - keys.limits]
        now = when == slot[column]
        narrow = np.zeros(len(path))
        np.maximum.at(narrow, column[now], share[now])
        for i, (p, t) in enumerate(zip(path.tolist(), slot.tolist(), strict=True)):
            for c in self.paths[p].classes:
                most = self.classes[c].most[t]
                narrow[i] = max(narrow[i], instance.slot_length / most if most > 0 else np.inf)
        return narrow

    def _shares(
        self, path: IntArray, slot: IntArray, stored: IntArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Return column, key and share of what a unit of rate takes: C4, C7, C3, D, and stock."""
        outer = [self.paths[p].links for p in path.tolist()]
        length = np.array([len(links) for links in outer])
        column = np.repeat(np.arange(len(path)), length)
        link = np.concatenate(outer) if outer else np.empty(0, np.int64)
        parts = list(self._on_links(column, link, slot[column], np.ones(len(link))))
        for j in range(stored.shape[1]):
            parts += self._of_stock(path, slot, stored[:, j], j)
        parts.append(self._of_promises(path, slot))
        return (
            np.concatenate([c for c, _, _ in parts]).astype(np.int64),
            np.concatenate([k for _, k, _ in parts]).astype(np.int64),
            np.concatenate([s for _, _, s in parts]),
        )

    def _on_links(
        self, column: IntArray, link: IntArray, slot: IntArray, amount: FloatArray
    ) -> Iterable[tuple[IntArray, IntArray, FloatArray]]:
        instance, limits = self.network.instance, self.network.limits
        share = amount / instance.links.rate[slot, link]
        yield column, self.keys.links + slot * len(instance.links) + link, share
        position, row = self.network.limits_on(slot, link)
        yield column[position], self.keys.limits + row, share[position] / limits.limit[row]

    def _of_stock(
        self, path: IntArray, slot: IntArray, stored: IntArray, which: int
    ) -> Iterable[tuple[IntArray, IntArray, FloatArray]]:
        """Yield what the ``which``-th virtual link takes: of its route when storing, and of its places."""
        instance = self.network.instance
        tau, retention, nodes = instance.slot_length, instance.options.stock_retention, len(instance.nodes)
        there = np.flatnonzero(stored != ABSENT)
        classes = [self.classes[self.paths[p].classes[which]] for p in path[there].tolist()]
        filled = stored[there] != BEFORE
        routes = [c.links if f else c.links[:0] for c, f in zip(classes, filled.tolist(), strict=True)]
        length = np.array([len(links) for links in routes], dtype=np.int64)
        column = np.repeat(there, length)
        link = np.concatenate(routes) if routes else np.empty(0, np.int64)
        grown = np.asarray(retention ** -(slot[column] - stored[column] - 1.0), dtype=np.float64)
        yield from self._on_links(column, link, stored[column], grown)
        # Places are taken from the slot after storing up to that of use; those of the initial stock are
        # counted as taken for good, so that drawing frees those after the slot of use.
        first = np.where(filled, stored[there] + 1, slot[there] + 1)
        last = np.where(filled, slot[there], instance.storing_slots - 1)
        length = np.maximum(last - first + 1, 0)
        at = np.repeat(np.arange(len(there)), length)
        r = np.repeat(first - (np.cumsum(length) - length), length) + np.arange(len(at))
        age = slot[there][at] - r
        amount = np.where(filled[at], 1.0, -1.0) * tau * retention ** (-age.astype(float))
        for end in (0, -1):
            node = np.array([c.nodes[end] for c in classes], dtype=np.int64)[at]
            yield (
                there[at],
                self.keys.stores + r * nodes + node,
                amount / instance.nodes.storage_capacity[node],
            )
        drawn = np.flatnonzero(~filled)
        initial = np.array([classes[i].initial for i in drawn.tolist()], dtype=np.int64)
        held = np.array([instance.initial_stock[i].pairs for i in initial.tolist()], dtype=np.float64)
        yield (
            there[drawn],
            self.keys.stocks + initial,
            tau * retention ** -slot[there[drawn]].astype(float) / held,
        )
        final = [i for i, p in enumerate(path[there].tolist()) if self.paths[p].demand == FINAL]
        pair = np.array([classes[i].pair for i in final], dtype=np.int64)
        yield there[final], self.keys.ends + pair, tau / self.network.pair_capacity[pair]

    def _of_promises(self, path: IntArray, slot: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        demands = self.network.instance.demands
        least = demands.minimum_rate
        owed = [i for i, p in enumerate(path.tolist())
                if self.paths[p].demand != FINAL and least[self.paths[p].demand] > 0]  # fmt: skip
        k = np.array([self.paths[path[i]].demand for i in owed], dtype=np.int64)
        g = np.array([self.paths[path[i]].base_pairs for i in owed], dtype=np.float64)
        return (
            np.array(owed, dtype=np.int64),
            self.keys.promises + slot[owed] * len(demands) + k,
            1.0 / (g * least[k]),
        )

    # ------------------------------------------------------------------ as a pool

    def by_demand(self, chosen: Iterable[int]) -> list[int]:
        """Return numbers of paths, each once, ordered by demand, then number."""
        return sorted(set(chosen), key=lambda p: (self.paths[p].demand, p))

    def pool(self, chosen: Iterable[int], stored: Iterable[int] = ()) -> PathSet:
        """Return some paths, and all classes with initial stock, as a pool for the exact formulation.

        Parameters
        ----------
        chosen
            Numbers of paths of demands, in the order of :meth:`by_demand`.
        stored
            Classes that must be there although no path may draw from them.
        """
        network, instance = self.network, self.network.instance
        paths = [self.paths[p] for p in chosen]
        drawn = {c for path in paths for c in path.classes} | set(stored)
        kept = [c for c, q in enumerate(self.classes) if q.initial >= 0 or c in drawn]
        number = {c: i for i, c in enumerate(kept)}
        steps = [[s if s >= 0 else -1 - number[-1 - s] for s in path.steps] for path in paths]
        classes = [self.classes[c] for c in kept]
        return PathSet(
            demand=np.array([path.demand for path in paths], dtype=np.int64),
            nodes=Ragged.from_rows([path.nodes for path in paths]),
            steps=Ragged.from_rows(steps),
            links=Ragged.from_rows([path.links.tolist() for path in paths]),
            drawn=Ragged.from_rows([[number[c] for c in path.classes] for path in paths]),
            fidelity=np.array([path.fidelity for path in paths]),
            base_pairs=np.array([path.base_pairs for path in paths]),
            classes=InventoryClasses(
                pair=np.array([network.storage_pairs[q.pair] for q in classes], dtype=np.int64),
                route=Ragged.from_rows([q.nodes for q in classes]),
                links=Ragged.from_rows([q.links.tolist() for q in classes]),
                initial_stock=np.array(
                    [instance.initial_stock[q.initial].pairs if q.initial >= 0 else 0.0 for q in classes]
                ),
            ),
        )


def _sums(where: IntArray, values: FloatArray, length: int) -> FloatArray:
    """Return the sum of the values at every place."""
    return np.bincount(where, values, minlength=length).astype(np.float64)
