"""Plans out of columns: a greedy first one, slots on their own, then neighbourhoods with the rest fixed.

A plan is a choice of one path per demand and slot; what it is worth is an LP over all storing slots of the
chosen paths. It only ever improves, and can be taken away at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from satqn.routing.generated.columns import ABSENT, BEFORE, FINAL, Candidate
from satqn.routing.generated.labels import Pricing
from satqn.routing.generated.prices import Prices
from satqn.routing.generated.restricted import Restricted, restricted
from satqn.routing.highs import BRANCHING, LiveLP, LiveMIP
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NOBODY = -1
"""Instead of a path: the demand is not served in the slot."""
SLOT_GAP = 5e-4
"""Relative gap at which the MILP of a slot stops."""
SLOT_NODES = 200
"""Most nodes of the branch and bound of a slot."""
PART_GAP = 1e-4
"""Relative gap at which the MILP of a neighbourhood stops."""
NODES = 200
"""Most nodes of a branch and bound: neighbourhoods are many, and none deserves to be closed at any price."""
FREE = 24
"""Choices that are free at a time."""
QUICK: dict[str, Any] = BRANCHING | {"threads": 1, "mip_pscost_minreliable": 0}
"""Options of HiGHS for neighbourhoods: strong branching took five sixths of their time for nothing."""
FRUITLESS = 40
"""So many rounds of neighbourhoods one after the other that bring nothing end the search."""
PRICED = 0.3
"""Share of the neighbourhoods for which paths are sought anew at their own prices."""
BETTER = 1e-7
"""A plan is better if it is so by more than this share."""
MISSING = 1e-7
"""Promises of which less than this is missing, each counted as 1, are kept."""
VARIANTS = 400
"""Most combinations of storing slots of one chosen path."""


@dataclass
class PlanInHand:
    """The best plan so far.

    Parameters
    ----------
    choice
        Number of the path of every demand in every slot, or ``NOBODY``; shape (T, K).
    worth
        Its objective, without what an untouched initial stock is worth at the end.
    rate
        Rate of base pairs of its columns.
    """

    choice: IntArray
    worth: float = -np.inf
    rate: dict[int, float] = field(default_factory=dict)


class Incumbents:
    """Seeks plans.

    Parameters
    ----------
    pricing
        Searches paths.
    side
        Right-hand sides by key.
    run
        Clock, log and wish to stop.
    seed
        Of the neighbourhoods.
    offset
        What is added to the worth of a plan: that of an untouched initial stock.
    storage
        Whether plans may store.
    """

    def __init__(
        self, pricing: Pricing, side: FloatArray, run: Run, seed: int, offset: float, *, storage: bool
    ) -> None:
        self.pricing, self.columns, self.side, self.run = pricing, pricing.columns, side, run
        self.instance = pricing.network.instance
        self.offset, self.storage = offset, storage
        shape = self.instance.slots, len(self.instance.demands)
        self.best = PlanInHand(np.full(shape, NOBODY, dtype=np.int64))
        self._rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(11,)))
        self._variants: dict[tuple[int, int], IntArray] = {}
        self._tried = np.ones(4)
        self._won = np.ones(4)

    # ------------------------------------------------------------------ a plan and its worth

    def offer(self, choice: IntArray, worth: float, rate: dict[int, float], event: str) -> bool:
        """Keep a plan if it is better; tell whether it is."""
        if worth <= self.best.worth + BETTER * abs(self.best.worth) and self.best.worth > -np.inf:
            return False
        self.best = PlanInHand(choice.copy(), worth, rate)
        if self.run.raise_incumbent_to(worth + self.offset):
            self.run.note(event)
        return True

    def variants(self, path: int, slot: int) -> IntArray:
        """Return the columns of a path in a slot, one for every choice of its storing slots."""
        found = self._variants.get((path, slot))
        if found is None:
            columns = self.columns
            of = columns.paths[path]
            ways = []
            for c in of.classes:
                group = columns.classes[c]
                stored = np.flatnonzero(group.up[:slot]).tolist()
                ways.append(([BEFORE] if group.initial >= 0 and group.most[0] > 0 else []) + stored)
            wanted = [Candidate(of.demand, slot, of.steps, way) for way in _some(product(*ways))]
            found, _ = columns.add(wanted)
            found = found[np.isfinite(columns.narrow[found])]
            self._variants[path, slot] = found
        return found

    def fixed(self, choice: IntArray, which: BoolArray) -> IntArray:
        """Return the columns of chosen paths, where asked for, and those of final stock."""
        parts = [self.variants(int(choice[t, k]), int(t)) for t, k in np.argwhere(which & (choice >= 0))]
        return np.concatenate([*parts, self.final()]).astype(np.int64)

    def final(self) -> IntArray:
        """Return the columns of final stock."""
        if self.instance.options.stock_end_value <= 0 or not self.storage:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.columns.demand_of(np.arange(len(self.columns))) == FINAL)

    def left_in_store(self) -> set[int]:
        """Return the classes that the plan leaves something in for its worth at the end."""
        left = [c for c in self.final().tolist() if self.best.rate.get(c, 0.0) > 0]
        return {self.columns.paths[int(self.columns.path[c])].classes[0] for c in left}

    def settle(self, choice: IntArray, event: str) -> bool:
        """Solve for the rates of a choice of paths; keep it if it is better."""
        part = restricted(self.columns, self.side, self.fixed(choice, choice >= 0), _NONE)
        solved = LiveLP(part.model, self.run).solve()
        if solved.status != "optimal" or part.shortage(solved.primal) > MISSING:
            return False
        return self.offer(choice, part.gain(solved.primal), self._rates(part, solved.primal), event)

    def _rates(self, part: Restricted, primal: FloatArray) -> dict[int, float]:
        value = primal[: len(part.columns)]
        used = np.flatnonzero(value > 1e-12)
        rate = value[used] / self.columns.narrow[part.columns[used]]
        return dict(zip(part.columns[used].tolist(), rate.tolist(), strict=True))

    # ------------------------------------------------------------------ first plans

    def first(self) -> None:
        """Serve demand by demand over the path of least loss, slot by slot, as far as links allow."""
        links, demands = self.instance.links, self.instance.demands
        choice = np.full_like(self.best.choice, NOBODY)
        rate: dict[int, float] = {}
        left = _Left(self.side)
        capped = self.pricing.network.hop_cap > 0
        for t in range(self.instance.slots):
            if rate and self.run.must_stop:
                break
            wanted = np.flatnonzero(demands.weight[t] > 0)
            up = np.flatnonzero(links.rate[t] > 0)
            if not len(wanted) or not len(up):
                continue
            length = (
                self.pricing.network.loss[up] + 1e-6
                if not capped
                else 1.0 + 1e-3 * self.pricing.network.loss[up]
            )
            size = len(self.instance.nodes)
            graph = csr_array((length, (links.a[up], links.b[up])), shape=(size, size))
            sources, number = np.unique(demands.source[wanted], return_inverse=True)
            _, before = dijkstra(graph, directed=False, indices=sources, return_predecessors=True)
            order = np.argsort(-demands.weight[t, wanted], kind="stable")
            for i in order.tolist():
                k = int(wanted[i])
                steps = self._back(before[number[i]], int(demands.source[k]), int(demands.destination[k]))
                if steps is None:
                    continue
                self._take(Candidate(k, t, steps), choice, rate, left)
        self._offer_rates(choice, rate, "first plan")

    def _back(self, before: NDArray[np.int32], source: int, target: int) -> tuple[int, ...] | None:
        nodes = [target]
        while nodes[-1] != source:
            v = int(before[nodes[-1]])
            if v < 0:
                return None
            nodes.append(v)
        return self.columns.steps_along(tuple(reversed(nodes)))

    def _take(self, candidate: Candidate, choice: IntArray, rate: dict[int, float], left: _Left) -> None:
        """Serve over a candidate as much as is left for it."""
        path = self.columns.path_of(candidate.demand, candidate.steps)
        if not self.columns.paths[path].sound:
            return
        column = int(self.columns.add([candidate])[0][0])
        _, key, share = self.columns.entries(np.array([column]))
        most = left.most(key, share)
        if not np.isfinite(self.columns.narrow[column]) or most * self.columns.narrow[column] < 1e-3:
            return
        left.take(key, share, most)
        choice[candidate.slot, candidate.demand] = path
        rate[column] = most

    def pack(self, numbers: IntArray, event: str) -> None:
        """Take columns one by one as far as there is room for them, one per demand and slot."""
        choice = np.full_like(self.best.choice, NOBODY)
        rate: dict[int, float] = {}
        self._pack(numbers, choice, rate, _Left(self.side))
        self._offer_rates(choice, rate, event)

    def _pack(self, numbers: IntArray, choice: IntArray, rate: dict[int, float], left: _Left) -> None:
        columns = self.columns
        for number in numbers.tolist():
            path = columns.paths[int(columns.path[number])]
            t = int(columns.slot[number])
            if path.demand == FINAL or choice[t, path.demand] != NOBODY:
                continue
            stored = tuple(s for s in columns.stored[number].tolist() if s != ABSENT)
            self._take(Candidate(path.demand, t, path.steps, stored), choice, rate, left)

    def _offer_rates(self, choice: IntArray, rate: dict[int, float], event: str) -> None:
        if (self.instance.demands.minimum_rate > 0).any():
            self.settle(choice, event)
            return
        used = np.fromiter(rate, dtype=np.int64, count=len(rate))
        worth = float(self.columns.gain[used] @ np.fromiter(rate.values(), float, len(rate))) if rate else 0.0
        self.offer(choice, worth, rate, event)

    # ------------------------------------------------------------------ slots without storage

    def slots_alone(self, parallel: Callable[..., Any], count: int, until: float) -> None:
        """Choose among real paths slot by slot: without storage nothing joins them.

        Parameters
        ----------
        parallel
            Runs the slots.
        count
            How many at a time.
        until
            When to be done, s since the run began; what is left of the time is shared out slot by slot.
        """
        real = self._usable() & (self.columns.stored == ABSENT).all(axis=1)
        choice = np.full_like(self.best.choice, NOBODY)
        slots = self.columns.slot

        def solve(t: int) -> tuple[Restricted, FloatArray | None]:
            part = restricted(self.columns, self.side, _NONE, np.flatnonzero(real & (slots == t)))
            mip = LiveMIP(part.model, self.run, mip_max_nodes=SLOT_NODES, **QUICK)
            mip.start_from(np.arange(len(part.model.cost)), self._start(part))
            left = max(0.0, until - self.run.elapsed) * count / (self.instance.slots - t)
            return part, mip.solve(SLOT_GAP, left).primal

        rate: dict[int, float] = {}
        worth = 0.0
        for part, primal in parallel(solve, range(self.instance.slots)):
            if primal is not None:
                self._read(part, primal, choice)
                rate |= self._rates(part, primal)
                worth += part.gain(primal)
        if (self.instance.demands.minimum_rate > 0).any() or self.instance.options.stock_end_value > 0:
            self.settle(choice, "slots without storage")
        else:
            self.offer(choice, worth, rate, "slots without storage")

    def _usable(self) -> BoolArray:
        """Which columns a plan may use."""
        columns = self.columns
        sound = np.array([p.sound and p.demand != FINAL for p in columns.paths], dtype=bool)
        return np.asarray(sound[columns.path] & np.isfinite(columns.narrow))

    def _read(self, part: Restricted, primal: FloatArray, choice: IntArray) -> None:
        """Put the choices of a solution into a choice of paths."""
        first = len(part.columns)
        for i in np.flatnonzero(primal[first : first + len(part.path)] > 0.5).tolist():
            path = int(part.path[i])
            choice[part.slot[i], self.columns.paths[path].demand] = path

    # ------------------------------------------------------------------ neighbourhoods

    def improve(self, parallel: Callable[..., Any], count: int) -> bool:
        """Choose anew in some neighbourhoods, the rest fixed; tell whether that is better.

        Parameters
        ----------
        parallel
            Runs the neighbourhoods.
        count
            How many at a time. What one finds is kept, and what others find is tried together with it.
        """
        tasks = [self._task() for _ in range(1 if self.best.choice.size <= FREE else count)]

        def solve(task: _Task) -> FloatArray | None:
            if not len(task.part.path):
                return None
            mip = LiveMIP(task.part.model, self.run, mip_max_nodes=NODES, **QUICK)
            mip.start_from(np.arange(len(task.part.model.cost)), task.start)
            primal = mip.solve(PART_GAP).primal
            return None if primal is None or task.part.shortage(primal) > MISSING else primal

        before, won_any = self.best, False
        for task, primal in zip(tasks, parallel(solve, tasks), strict=True):
            self._tried[task.kind] += 1
            if primal is None:
                continue
            choice = before.choice.copy()
            choice[task.free] = NOBODY
            self._read(task.part, primal, choice)
            if self.best is before:
                rates = self._rates(task.part, primal)
                won = self.offer(choice, task.part.gain(primal), rates, "neighbourhood")
            else:
                both = self.best.choice.copy()
                both[task.free] = choice[task.free]
                gains = task.part.gain(primal) > before.worth * (1.0 + BETTER)
                won = gains and not self.run.must_stop and self.settle(both, "two neighbourhoods")
            self._won[task.kind] += won
            won_any |= won
        return won_any

    def _task(self) -> _Task:
        """Draw a neighbourhood and write its MILP."""
        kind, free = self._neighbourhood()
        fixed = self.fixed(self.best.choice, ~free)
        mine = np.setdiff1d(self.fixed(self.best.choice, free), self.final())
        if self.storage and self._rng.random() < PRICED:
            self._seek(fixed, mine, free)
        part = restricted(self.columns, self.side, fixed, self._free_columns(free, mine))
        return _Task(kind, free, part, self._start(part))

    def fill(self) -> None:
        """Serve whom the plan leaves out from what it leaves over, the best columns first."""
        columns = self.columns
        usable = np.flatnonzero(self._usable())
        demand = columns.demand_of(usable)
        usable = usable[self.best.choice[columns.slot[usable], demand] == NOBODY]
        if not self.storage:
            usable = usable[(columns.stored[usable] == ABSENT).all(axis=1)]
        if not len(usable) or (self.instance.demands.minimum_rate > 0).any():
            return
        choice, rate = self.best.choice.copy(), dict(self.best.rate)
        left = _Left(self.side)
        if rate:
            taken = np.fromiter(rate, dtype=np.int64, count=len(rate))
            position, key, share = columns.entries(taken)
            left.take(key, share * np.fromiter(rate.values(), float, len(rate))[position], 1.0)
        best_first = np.argsort(-(columns.gain[usable] / columns.narrow[usable]), kind="stable")
        self._pack(usable[best_first], choice, rate, left)
        self._offer_rates(choice, rate, "the rest filled")

    @property
    def patience(self) -> int:
        """So many rounds of neighbourhoods one after the other that bring nothing are enough."""
        return FRUITLESS if self.best.choice.size > FREE else FRUITLESS // 8

    def _free_columns(self, free: BoolArray, mine: IntArray) -> IntArray:
        usable = np.flatnonzero(self._usable())
        if not self.storage:
            usable = usable[(self.columns.stored[usable] == ABSENT).all(axis=1)]
        demand, slot = self.columns.demand_of(usable), self.columns.slot[usable]
        return np.union1d(usable[free[slot, demand]], mine)

    def _start(self, part: Restricted) -> FloatArray:
        """Return the plan in hand as a solution of a neighbourhood."""
        values = np.zeros(len(part.model.cost))
        rate = np.array([self.best.rate.get(c, 0.0) for c in part.columns.tolist()])
        values[: len(rate)] = np.minimum(rate * self.columns.narrow[part.columns], 1.0)
        demand = np.array([self.columns.paths[p].demand for p in part.path.tolist()], dtype=np.int64)
        if len(demand):
            values[len(rate) : len(rate) + len(demand)] = self.best.choice[part.slot, demand] == part.path
        return values

    def _seek(self, fixed: IntArray, mine: IntArray, free: BoolArray) -> None:
        """Search paths at the prices that hold where only a neighbourhood is free."""
        part = restricted(self.columns, self.side, fixed, self._free_columns(free, mine))
        solved = LiveLP(part.model, self.run).solve()
        if solved.status != "optimal" or solved.dual is None or self.run.must_stop:
            return
        worth = np.zeros(self.columns.keys.count)
        promised = (part.keys >= self.columns.keys.promises) & (part.keys < self.columns.keys.stocks)
        dual = solved.dual[: len(part.keys)]
        worth[part.keys] = np.maximum(np.where(promised, -dual, dual), 0.0)
        prices = Prices(self.pricing.network, self.columns.keys, worth)
        floor = np.zeros(free.shape)
        own = part.columns[len(fixed) :]
        value = (self.columns.gain[own] - self.columns.cost_at(worth, own)) / self.columns.narrow[own]
        np.maximum.at(floor, (self.columns.slot[own], self.columns.demand_of(own)), value)
        found = self.pricing.price(prices, floor, storage=self.storage, over=free)
        self.columns.add(found.candidates)

    def _neighbourhood(self) -> tuple[int, BoolArray]:
        """Draw what is free: one demand long, two demands, all demands briefly, or one slot."""
        slots, demands = self.best.choice.shape
        free = np.zeros((slots, demands), dtype=bool)
        if slots * demands <= FREE:
            free[:] = True
            return 0, free
        chance = self._won / self._tried
        kind = int(self._rng.choice(len(chance), p=chance / chance.sum()))
        if kind == 3:
            t = self._rng.integers(slots)
            free[t, self._rng.permutation(demands)[: 2 * FREE]] = True
            return kind, free
        length = min(slots, (20, 10, max(1, FREE // demands))[kind])
        begin = int(self._rng.integers(slots - length + 1))
        who = np.arange(demands)
        if kind < 2:
            who = self._rng.permutation(demands)[: kind + 1]
        free[begin : begin + length, who[:FREE]] = True
        return kind, free


@dataclass(frozen=True, slots=True)
class _Task:
    """A neighbourhood: its kind, what is free in it, its MILP, and the plan in hand as a solution of that."""

    kind: int
    free: BoolArray
    part: Restricted
    start: FloatArray


class _Left:
    """What is left of everything while columns are taken one by one."""

    def __init__(self, side: FloatArray) -> None:
        self._side = side
        self._taken: dict[int, float] = {}

    def most(self, key: IntArray, share: FloatArray) -> float:
        """Return the largest rate for which there is room."""
        most = np.inf
        for k, s in zip(key.tolist(), share.tolist(), strict=True):
            if s > 0:
                most = min(most, max(0.0, self._side[k] - self._taken.get(k, 0.0)) / s)
        return float(most)

    def take(self, key: IntArray, share: FloatArray, rate: float) -> None:
        """Take up a rate."""
        for k, s in zip(key.tolist(), share.tolist(), strict=True):
            self._taken[k] = self._taken.get(k, 0.0) + s * rate


def _some(ways: Iterator[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    for number, way in enumerate(ways):
        if number == VARIANTS:
            return
        yield way


_NONE = np.empty(0, dtype=np.int64)
