"""Slow replay of a plan in plain Python, pair by pair, written from the rules and not from the kernel.

Links make pairs one by one and give each to a use by lot; stored pairs are objects with a slot of birth;
purification takes two pairs at a time. Beside it: exact means by convolution, without any drawing.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats

from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, PlanPath, RealLeg

MAX_ROUNDS = 10


@dataclass
class Rules:
    generation: str = "poisson"
    attempts: int = 0
    spare: bool = False
    lifo: bool = False
    coherence_s: float = math.inf
    extra_rounds: bool = False
    outage: float = 0.0
    outage_slots: float | None = None
    outage_kinds: tuple[str, ...] = ("base_station",)


@dataclass
class Happened:
    delivered: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    made: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    overflow: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    drawn: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def round_of(state: list[float], protocol: str) -> tuple[list[float], float]:
    """One round on two equal Bell-diagonal pairs, in the weights (Phi+, Phi-, Psi+, Psi-)."""
    a, b, c, d = state
    if protocol == "bbpssw":
        rest = (1.0 - a) / 3.0
        chance = a * a + 2.0 * a * rest + 5.0 * rest * rest
        better = (a * a + rest * rest) / chance
        return [better] + [(1.0 - better) / 3.0] * 3, chance
    chance = (a + d) ** 2 + (b + c) ** 2
    return [
        (a * a + d * d) / chance,
        2 * a * d / chance,
        (b * b + c * c) / chance,
        2 * b * c / chance,
    ], chance


def success_chances(
    fidelity: float, target: float, protocol: str, most: int = MAX_ROUNDS
) -> list[float] | None:
    """Success probabilities of the rounds that reach the target; None if so many cannot."""
    state, chances = [fidelity] + [(1.0 - fidelity) / 3.0] * 3, []
    while state[0] < target - 1e-12:
        if len(chances) == most or protocol == "none" or fidelity <= 0.5:
            return None
        better, chance = round_of(state, protocol)
        if better[0] <= state[0]:
            return None
        state, chances = better, [*chances, chance]
    return chances


def poisson(mean: float, rng: random.Random) -> int:
    """How many events of unit rate fall into a time of this length."""
    count, time = 0, rng.expovariate(1.0)
    while time < mean:
        count, time = count + 1, time + rng.expovariate(1.0)
    return count


class Replayer:
    """Replays one plan; every call of :meth:`run` is one history."""

    def __init__(self, instance: RoutingInstance, plan: Plan, rules: Rules) -> None:
        self.instance, self.plan, self.rules = instance, plan, rules
        ids = instance.nodes.ids
        self.capacity = {
            n: math.floor(c + 1e-6) for n, c in zip(ids, instance.nodes.storage_capacity, strict=True)
        }
        ends = zip(instance.links.a, instance.links.b, strict=True)
        self.link = {frozenset((ids[a], ids[b])): e for e, (a, b) in enumerate(ends)}
        self.route = {c.id: c.route for c in plan.classes}
        self.path = {p.id: p for p in plan.paths}
        self.target = dict(zip(instance.demands.ids, instance.demands.target_fidelity.tolist(), strict=True))
        self.kind = dict(zip(ids, instance.nodes.kind, strict=True))

    def steps(self, nodes: tuple[str, ...]) -> list[frozenset[str]]:
        return [frozenset(step) for step in pairwise(nodes)]

    def real_links(self, path: PlanPath) -> list[frozenset[str]]:
        return [s for leg in path.legs if isinstance(leg, RealLeg) for s in self.steps(leg.nodes)]

    def drawn_classes(self, path: PlanPath) -> list[str]:
        return [leg.inventory for leg in path.legs if not isinstance(leg, RealLeg)]

    def fidelity(self, path: PlanPath, age: int) -> float:
        steps = self.real_links(path) + [
            s for q in self.drawn_classes(path) for s in self.steps(self.route[q])
        ]
        f = [float(self.instance.links.fidelity[self.link[s]]) for s in steps]
        if self.instance.options.swap == "werner":
            fresh = 0.25 + 0.75 * math.prod((4 * x - 1) / 3 for x in f)
        else:
            fresh = math.prod(f)
        keep = math.exp(-age * self.instance.slot_duration_s / self.rules.coherence_s)
        return keep * fresh + (1.0 - keep) / 4.0

    @cache  # noqa: B019 (a replayer lives for one test)
    def chances(self, path: PlanPath, age: int) -> list[float] | None:
        target, protocol = self.target[path.demand], self.instance.options.purification
        fresh = success_chances(self.fidelity(path, 0), target, protocol)
        assert fresh is not None
        return success_chances(
            self.fidelity(path, age), target, protocol, MAX_ROUNDS if self.rules.extra_rounds else len(fresh)
        )

    def base(self, path: PlanPath, rate: float) -> float:
        chances = self.chances(path, 0)
        assert chances is not None
        return rate * self.instance.slot_length * math.prod(2.0 / p for p in chances)

    def run(self, rng: random.Random) -> Happened:
        history = Happened()
        plan, instance, rules = self.plan, self.instance, self.rules
        tau = instance.slot_length
        offset = {name: rng.random() for name in [*self.route, *self.path]}
        stock: dict[str, list[int]] = {}
        flown: dict[str, float] = defaultdict(float)
        filled = {c.id: c.initial_stock for c in plan.classes}
        for c in plan.classes:
            stock[c.id] = []
            self._put(c.id, [-1] * math.floor(c.initial_stock + offset[c.id]), stock, history)
        down: set[str] = set()
        for slot in range(instance.slots):
            down = self._weather(slot, down, rng)
            uses: list[tuple[str, str, float, list[frozenset[str]], int]] = []
            for serve in plan.serve:
                if serve.slot == slot + 1 and serve.rate > 0:
                    path = self.path[serve.path]
                    base = self.base(path, serve.rate)
                    account = (self.drawn_classes(path) or [path.id])[0]
                    planned = self._whole(flown, account, base, offset[account])
                    uses.append(("serve", path.id, base, self.real_links(path), planned))
            for store in plan.store:
                if store.slot == slot + 1 and store.rate > 0:
                    group = store.inventory
                    planned = self._whole(filled, group, store.rate * tau, offset[group])
                    uses.append(("store", group, store.rate * tau, self.steps(self.route[group]), planned))
            counts = self._links(slot, uses, down, rng)
            arriving: dict[str, int] = defaultdict(int)
            for u, (kind, name, _, links, planned) in enumerate(uses):
                if any(node in down for link in links for node in link):
                    continue
                pairs = planned if rules.generation == "mean" or not links else min(counts[u].values())
                if kind == "store":
                    arriving[name] += pairs
                    history.made[name] += pairs
                else:
                    self._serve(slot, self.path[name], pairs, planned, stock, history, rng)
            for group, held in stock.items():
                kept = [born for born in held if rng.random() < instance.options.stock_retention]
                history.lost[group] += len(held) - len(kept)
                stock[group] = kept
            for group in stock:
                self._put(group, [slot] * arriving[group], stock, history)
        for group, held in stock.items():
            history.left[group] = len(held)
        return history

    @staticmethod
    def _whole(totals: dict[str, float], account: str, base: float, offset: float) -> int:
        before = totals[account]
        totals[account] += base
        return math.floor(totals[account] + offset) - math.floor(before + offset)

    def _weather(self, slot: int, down: set[str], rng: random.Random) -> set[str]:
        p, length = self.rules.outage, self.rules.outage_slots
        found = set()
        for node, kind in self.kind.items():
            if kind in self.rules.outage_kinds and p > 0:
                chance = p
                if slot > 0 and length is not None and p < 1:
                    chance = 1 - 1 / length if node in down else p / (1 - p) / length
                if rng.random() < chance:
                    found.add(node)
        return found

    def _links(self, slot: int, uses: list[Any], down: set[str], rng: random.Random) -> list[dict[Any, int]]:
        """Every link makes its pairs, then each pair is given to a use, or to nobody, by lot."""
        rules = self.rules
        counts: list[dict[Any, int]] = [dict.fromkeys(use[3], 0) for use in uses]
        if rules.generation == "mean":
            return counts
        spare: dict[Any, int] = defaultdict(int)
        for link in {link for use in uses for link in use[3]}:
            mean = float(self.instance.links.rate[slot, self.link[link]]) * self.instance.slot_length
            if any(node in down for node in link):
                continue
            if rules.generation == "poisson":
                pairs = poisson(mean, rng)
            else:
                pairs = sum(rng.random() < mean / rules.attempts for _ in range(rules.attempts))
            for _ in range(pairs):
                ticket = rng.random() * mean
                for u, use in enumerate(uses):
                    if link in use[3]:
                        ticket -= use[2]
                        if ticket < 0:
                            counts[u][link] += 1
                            break
                else:
                    spare[link] += 1
        if rules.spare:
            for u, use in enumerate(uses):
                if not use[3]:
                    continue
                level = min(math.ceil(use[2]), min(counts[u][x] + spare[x] for x in use[3]))
                for link in use[3]:
                    lift = max(0, level - counts[u][link])
                    counts[u][link] += lift
                    spare[link] -= lift
        return counts

    def _serve(
        self, slot: int, path: PlanPath, pairs: int, planned: int, stock: dict[str, list[int]],
        history: Happened, rng: random.Random,
    ) -> None:  # fmt: skip
        groups = self.drawn_classes(path)
        if groups:
            pairs = min(pairs, planned, *(len(stock[q]) for q in groups))
        ages = [0] * pairs
        for q in groups:
            waiting = sorted(stock[q], reverse=self.rules.lifo)
            taken, stock[q] = waiting[:pairs], waiting[pairs:]
            ages = [age + slot - born for age, born in zip(ages, taken, strict=True)]
            history.drawn[q] += pairs
        if math.isinf(self.rules.coherence_s):
            ages = [0] * pairs  # perfect memories: all pairs are alike
        for age in set(ages):
            count = ages.count(age)
            chances = self.chances(path, age)
            if chances is None:
                continue
            for chance in chances:
                count = sum(rng.random() < chance for _ in range(count // 2))
            history.delivered[slot, path.demand] += count

    def _put(self, group: str, born: list[int], stock: dict[str, list[int]], history: Happened) -> None:
        nodes = (self.route[group][0], self.route[group][-1])
        room = []
        for node in nodes:
            there = [q for q, route in self.route.items() if node in (route[0], route[-1])]
            # Mean generation rounds every class for itself, and gives a pair more for it.
            more = len(there) if self.rules.generation == "mean" else 0
            room.append(self.capacity[node] + more - sum(len(stock[q]) for q in there if q in stock))
        for birth in born:
            if min(room) > 0:
                stock[group].append(birth)
                room = [r - 1 for r in room]
            else:
                history.overflow[group] += 1


def after_purification(pairs: np.ndarray, chances: list[float]) -> np.ndarray:
    """Distribution of what is left, from the distribution of the number of base pairs."""
    for chance in chances:
        attempts = np.zeros((len(pairs) + 1) // 2)
        np.add.at(attempts, np.arange(len(pairs)) // 2, pairs)
        k = np.arange(len(attempts))
        pairs = (stats.binom.pmf(k[:, None], k[None, :], chance) * attempts).sum(axis=1)
    return pairs


def least_of_poissons(mean: float, links: int) -> np.ndarray:
    """Distribution of the least of so many independent Poisson counts of one mean."""
    n = np.arange(int(mean + 12 * math.sqrt(mean) + 40))
    above = stats.poisson.sf(n - 1, mean) ** links
    return above - np.append(above[1:], 0.0)


def moments(distribution: np.ndarray) -> tuple[float, float]:
    """Mean and variance."""
    n = np.arange(len(distribution))
    mean = float(distribution @ n)
    return mean, float(distribution @ (n - mean) ** 2)
