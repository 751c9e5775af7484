"""Column generation from the first plan to the last: a plan and a bound within seconds, both only improve.

1. A greedy plan, before anything is compiled. 2. Columns of real paths until the LP over them all is solved:
slots decouple, few rounds do. 3. Columns through storage until their LP is solved. 4. One MILP per slot.
5. Neighbourhoods with the rest fixed, until the gap is closed, time is up, or nothing has come of many.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.instance import RoutingInstance
from satqn.routing.generated.bound import lagrangian_bound, worth_of_initial_stock
from satqn.routing.generated.columns import FINAL, Columns
from satqn.routing.generated.incumbents import NOBODY, Incumbents
from satqn.routing.generated.labels import Effort, Priced, Pricing
from satqn.routing.generated.master import Master
from satqn.routing.generated.network import Network
from satqn.routing.generated.prices import Keys, Prices, sides
from satqn.routing.generated.reach import Reach
from satqn.routing.problem import Outcome, Problem
from satqn.routing.stopping import Run, own_gap
from satqn.routing.subproblem import Subproblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REAL_GAP = 1e-5
"""Gap between bound and LP at which columns of real paths end."""
STORED_GAP = 1e-4
"""Gap between bound and LP at which columns through storage end."""
COLUMNS_SHARE = 0.4
"""Share of a time limit after which no more columns are sought."""
SLOTS_SHARE = 0.6
"""Share of a time limit after which the MILPs of slots must have ended."""
EMPTY_HANDED = 1e-7
"""Share of all promises, each counted as 1, below which nothing is missing."""


CONFLICT_PATHS = 2000
"""Most paths among which conflicting promises are looked for."""
NEAR = Effort(wanted=12, labels=20_000, patience=1_000)
"""Search for columns that are nearly as good as the best."""
HOPELESS = 1e-6
"""Share of the first bound by which a bound must be below 0 to count."""


class StoppedError(Exception):
    """The run must stop in the middle of a search: what it has found so far bounds nothing."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What column generation found out.

    Parameters
    ----------
    problem
        Instance and formulation over the paths of the plan.
    outcome
        Status, bound over all paths, and the columns of the plan.
    prices
        Those of the best bound, or None.
    columns
        How many columns were priced into the LP.
    network, reach
        The instance made ready, and its lower bounds, or None where time was up before they were there.
    """

    problem: Problem
    outcome: Outcome
    prices: Prices | None
    columns: int
    network: Network
    reach: Reach | None


def generate(
    instance: RoutingInstance, run: Run, gap: float, *, seed: int = 0, workers: int | None = None,
    storage: bool = True,
) -> Generated:  # fmt: skip
    """Plan over all paths.

    Parameters
    ----------
    instance
        The instance.
    run
        Clock, log and wish to stop.
    gap
        Relative gap at which to stop.
    seed
        Of the neighbourhoods.
    workers
        Slots that are searched at the same time; by default one per processor.
    storage
        Whether pairs may be stored.

    Raises
    ------
    InputError
        A storage pair must be filled over one route per slot.
    """
    if instance.options.storing_single_path:
        raise InputError(
            "paths cannot be generated where a storage pair is filled over one route per slot",
            where="options.storing_single_path",
            why="The bound over all paths would not know of it",
            fix='List the paths: {"mode": "k_shortest"}, or set storing_single_path to false',
        )
    workers = workers or _processors()
    with _threads(run, workers) as parallel:
        return _Generation(instance, run, gap, seed, parallel, workers, storage=storage).solve()


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@contextmanager
def _threads(run: Run, workers: int) -> Iterator[Callable[..., Any]]:
    """Yield a map over threads, whose tasks end early once the run is interrupted."""

    def unless_stopped(task: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def guarded(item: Any) -> Any:
            if run.interrupted.is_set():
                raise StoppedError
            return task(item)

        return guarded

    if workers == 1:
        yield lambda task, items: list(map(unless_stopped(task), items))
        return
    with ThreadPoolExecutor(workers) as pool:
        yield lambda task, items: list(pool.map(unless_stopped(task), items))


class _Generation:
    """One run of column generation."""

    def __init__(
        self, instance: RoutingInstance, run: Run, gap: float, seed: int, parallel: Callable[..., Any],
        workers: int, *, storage: bool,
    ) -> None:  # fmt: skip
        self.instance, self.run, self.gap = instance, run, gap
        self.parallel, self.workers = parallel, workers
        self.network = Network.of(instance)
        keys = Keys.of(self.network)
        self.side = sides(self.network, keys)
        self.columns = Columns(self.network, keys)
        self.pricing = Pricing(self.network, self.columns, parallel)
        options = instance.options
        pairs = len(self.network.storage_pairs) > 0
        self.storage = storage and pairs and (options.max_virtual_links > 0 or options.stock_end_value > 0)
        self.zero = Prices(self.network, keys, np.zeros(keys.count))
        self.offset = worth_of_initial_stock(self.zero)
        self.incumbents = Incumbents(self.pricing, self.side, run, seed, self.offset, storage=self.storage)
        self.prices: Prices | None = None
        self.master: Master | None = None
        self.infeasible = False
        self._largest = self._begun = 0.0

    # ------------------------------------------------------------------ the way through

    def solve(self) -> Generated:
        """Run all steps as far as time and gap allow."""
        run = self.run
        run.lower_bound_to(ends_alone(self.network) + self.offset)
        self.incumbents.first()
        with suppress(StoppedError):
            self._search()
        self._leave_nobody_out()
        if self.infeasible:
            return self._end("infeasible")
        if run.gap <= self.gap:
            return self._end("optimal")
        return self._end(run.stop_status if run.must_stop else "stalled")

    def _search(self) -> None:
        promised = bool((self.instance.demands.minimum_rate > 0).any())
        delivers = self.incumbents.best.worth > 0
        if self.run.must_stop and (delivers or promised):
            return
        self._first_bound()
        self._real_columns()
        if self.infeasible or (self.run.must_stop and (self.incumbents.best.worth > 0 or promised)):
            return
        if not self._done():
            self._round_off("real paths packed")
        if self.storage and not self._done():
            self._stored_columns()
        if not self._done():
            self.incumbents.slots_alone(self.parallel, self.workers, self._until(SLOTS_SHARE))
        if not self._done():
            self._near_columns()
            self._neighbourhoods()

    def _done(self) -> bool:
        return self.infeasible or self.run.must_stop or self.run.gap <= self.gap

    def _until(self, share: float) -> float:
        """Return when a share of the time is over that was left when the search for columns began, s."""
        limit = self.run.time_limit
        return np.inf if limit is None else self._begun + share * (limit - self._begun)

    def _spent(self, share: float) -> bool:
        return self.run.elapsed > self._until(share)

    # ------------------------------------------------------------------ columns

    def _first_bound(self) -> None:
        """Bound the objective at zero prices, and make the master ready; from here on the time is shared."""
        start = self._price_at_zero(storage=self.storage)
        bound = lagrangian_bound(self.zero, self.side, start)
        self._lower(bound, self.zero)
        self.run.note("first bound")
        self._largest = bound
        sizes = self.instance.slots * len(self.instance.demands)
        self.master = Master(self.columns, self.side, self.run, max(bound / max(1, sizes), 1e-300))
        self._take(start)
        self._begun = self.run.elapsed

    def _price_at_zero(self, *, storage: bool) -> Priced:
        nothing = np.zeros((self.instance.slots, len(self.instance.demands)))
        return self.pricing.price(self.zero, nothing, storage=storage)

    def _real_columns(self) -> None:
        """Solve the LP over all real paths; its bound is one only where nothing can be stored."""
        if self.storage:
            self._take(self._price_at_zero(storage=False))
        self._generate(storage=False, until=REAL_GAP)

    def _stored_columns(self) -> None:
        """Solve the LP over all paths, through storage too."""
        self._generate(storage=True, until=STORED_GAP)
        if not self._done():
            self._round_off("columns packed")

    def _near_columns(self) -> None:
        """Take in columns that are nearly as good as the best: a plan may need them where the LP does not.

        A path whose worth is below the best one by more than the gap between bound and plan is in no better
        plan.
        """
        if self.prices is None or self.run.bound is None:
            return
        best = self._floor(self.prices)
        gap = self.run.bound - (self.run.incumbent or 0.0)
        floor = np.maximum(best - gap, 0.0)
        self.columns.add(self.pricing.price(self.prices, floor, storage=self.storage, effort=NEAR).candidates)
        self.run.note(f"paths {len(self.columns.paths)}")

    def _generate(self, *, storage: bool, until: float) -> None:
        """Re-solve, price and add until bound and LP meet."""
        master, run = self.master, self.run
        assert master is not None
        best = np.inf
        while not self._stop_columns(storage=storage):
            prices = master.solve()
            if prices is None:
                return
            priced = self.pricing.price(prices, self._floor(prices), storage=storage)
            bound = lagrangian_bound(prices, self.side, priced)
            best = min(best, bound)
            if storage or not self.storage:
                self._lower(bound, prices)
            run.iteration += 1
            run.note(f"columns {len(master.members)}" + (" with storage" if storage else ""))
            value = master.objective + self.offset
            met = best - value <= until * max(1.0, abs(value)) or run.gap <= self.gap
            if self._take(priced) and not met:
                continue
            if master.missing <= EMPTY_HANDED or (self.storage and not storage):
                return
            # No plan has an objective below 0, so a bound below it proves that promises cannot all be kept.
            self.infeasible = best < -HOPELESS * max(1.0, self._largest)
            if self.infeasible or not master.dearer():
                return

    def _stop_columns(self, *, storage: bool) -> bool:
        """Whether it is time for something else; never before there is anything to deliver."""
        if self.run.interrupted.is_set():
            return True
        nothing = self.incumbents.best.worth <= 0 and not self.run.iteration
        return not nothing and (self.run.must_stop or self._spent(COLUMNS_SHARE))

    def _take(self, priced: Priced) -> int:
        assert self.master is not None
        if not priced.candidates:
            return 0
        numbers, _ = self.columns.add(priced.candidates)
        return self.master.add(numbers, priced.narrow)

    def _floor(self, prices: Prices) -> FloatArray:
        """Return the worth of the best known column of every demand and slot."""
        master = self.master
        assert master is not None
        floor = np.zeros((self.instance.slots, len(self.instance.demands)))
        worth = master.worth_at(prices)
        demand, slot = self.columns.demand_of(master.members), self.columns.slot[master.members]
        own = demand != FINAL
        np.maximum.at(floor, (slot[own], demand[own]), worth[own])
        return floor

    def _lower(self, bound: float, prices: Prices) -> None:
        if self.run.bound is None or bound < self.run.bound or self.prices is None:
            self.prices = prices
        self.run.lower_bound_to(bound)

    # ------------------------------------------------------------------ plans

    def _round_off(self, event: str) -> None:
        """Make a plan of the solution of the LP: the columns with the largest shares go first."""
        master = self.master
        assert master is not None
        share = np.zeros(len(master.members))
        share[: len(master.primal)] = master.primal
        used = np.flatnonzero(share > 1e-9)
        self.incumbents.pack(master.members[used[np.argsort(-share[used], kind="stable")]], event)

    def _leave_nobody_out(self) -> None:
        """Serve whom the plan leaves out, whatever time it is, from the columns there are."""
        if not self.infeasible and len(self.columns):
            self.incumbents.fill()

    def _neighbourhoods(self) -> None:
        """Improve the plan until the gap is closed, time is up, or nothing has come of many tries."""
        fruitless, patience = 0, self.incumbents.patience
        self.incumbents.settle(self.incumbents.best.choice, "all storing slots")
        while not self._done():
            won = self.incumbents.improve(self.parallel, self.workers)
            fruitless = 0 if won else fruitless + 1
            if fruitless >= patience:
                return

    def _end(self, status: Any) -> Generated:
        """Hand over the plan in the formulation over its own paths, all storing slots open."""
        choice = self.incumbents.best.choice
        chosen = self._sound_paths() if status == "infeasible" else choice[choice != NOBODY].tolist()
        ordered = self.columns.by_demand(chosen)
        problem = Problem.of(self.instance, self.columns.pool(ordered, self.incumbents.left_in_store()))
        members = 0 if self.master is None else len(self.master.members)
        if status == "infeasible":
            return self._made(problem, Outcome("infeasible", None, None), members)
        primal = self._primal(problem, choice, ordered)
        if primal is not None:
            worth = float(problem.model.cost @ primal)
            self.run.raise_incumbent_to(worth)
            closed = self.run.bound is not None and own_gap(self.run.bound, worth, self.run.least) <= self.gap
            if status == "optimal" and not closed:
                status = "stalled"
            elif closed and status != "interrupted":
                status = "optimal"
        self.run.note("plan settled")
        return self._made(problem, Outcome(status, self.run.bound, primal), members)

    def _made(self, problem: Problem, outcome: Outcome, members: int) -> Generated:
        return Generated(
            problem, outcome, self.prices, members, self.network, self.pricing.__dict__.get("reach")
        )

    def _sound_paths(self) -> list[int]:
        """Return the paths among which conflicting promises are looked for."""
        known = [p for p, path in enumerate(self.columns.paths) if path.sound and path.demand != FINAL]
        return known[:CONFLICT_PATHS]

    def _primal(self, problem: Problem, choice: IntArray, ordered: list[int]) -> FloatArray | None:
        """Return the columns of the formulation for a choice of paths, or None if it turns out impossible."""
        f = problem.formulation
        place = {p: i for i, p in enumerate(ordered)}
        taken = {(place[int(choice[t, k])], int(t)) for t, k in np.argwhere(choice >= 0)}
        fixed = np.zeros(len(problem.switches))
        for j, (p, t) in enumerate(f.x.index.tolist()):
            fixed[j] = (p, t) in taken
        solved = Subproblem(problem.model, problem.switches).solve(fixed)
        if solved.status != "optimal":
            return None
        full = solved.primal.copy()
        full[problem.switches.choice] = fixed
        return full


def ends_alone(network: Network) -> float:
    """Return a bound that needs no search: every demand gets all that its users' links and stores could give.

    Parameters
    ----------
    network
        The instance.
    """
    instance = network.instance
    links, tau = instance.links, instance.slot_length
    one = not instance.options.splittable
    most = np.zeros((instance.slots, len(instance.nodes)))
    together = np.maximum if one else np.add
    for end in (links.a, links.b):
        for t in range(instance.slots):
            together.at(most[t], end, links.rate[t])
    if instance.options.max_virtual_links:
        for end in network.pair_ends:
            for t in range(instance.slots):
                together.at(most[t], end, network.pair_capacity / tau)
    demands = instance.demands
    rate = np.minimum(most[:, demands.source], most[:, demands.destination])
    final = instance.options.stock_end_value * float(instance.nodes.storage_capacity.sum()) / 2.0
    return tau * float((demands.weight * rate).sum()) + final
