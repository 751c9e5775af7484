"""PS-EGR the slow way: every choice of paths is tried, a linear program from the text does the rest.

Nothing of satqn is used. Works on the fields of an instance file (a dict); meant for a handful of paths.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from tests.oracles.exact_lp import maximum

Document = dict[str, Any]


def per_slot(value: float | list[float], slots: int) -> list[float]:
    return list(value) if isinstance(value, list) else [value] * slots


def cost_g(fidelity: float, target: float, protocol: str) -> float:
    """Base pairs per delivered pair, round by round on density-matrix diagonals (Phi+, Psi-, Psi+, Phi-)."""
    if fidelity >= target - 1e-12:
        return 1.0
    if fidelity <= 0.5 or protocol == "none":
        return math.inf
    state = [fidelity] + [(1 - fidelity) / 3] * 3
    cost = 1.0
    for _ in range(10):
        a, b, c, d = state
        if protocol == "bbpssw":
            p = a * a + 2 * a * (1 - a) / 3 + 5 * ((1 - a) / 3) ** 2
            f = (a * a + ((1 - a) / 3) ** 2) / p
            after = [f] + [(1 - f) / 3] * 3
        else:
            p = (a + b) ** 2 + (c + d) ** 2
            after = [(a * a + b * b) / p, 2 * c * d / p, (c * c + d * d) / p, 2 * a * b / p]
        if after[0] <= a:
            return math.inf
        cost *= 2 / p
        state = after
        if state[0] >= target - 1e-12:
            return cost
    return math.inf


LISTS = "lists "
"""Begins the names of demands that are never served: they are there for the routes that they list."""


@dataclass(frozen=True)
class OraclePath:
    demand: int
    full: tuple[str, ...]
    links: tuple[frozenset[str], ...]
    classes: tuple[tuple[str, ...], ...]
    g: float


@dataclass
class Oracle:
    """The problem laid out by hand: columns y (path, slot), w and z (class, slot)."""

    document: Document
    paths: list[OraclePath] = field(default_factory=list)
    classes: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        d = self.document
        self.slots: int = d["slots"]
        self.tau = 1.0 if d["rate_unit"] == "pairs_per_slot" else float(d["slot_duration_s"])
        self.options = d.get("options", {})
        self.rate = {frozenset(e["ends"]): per_slot(e["rate"], self.slots) for e in d["links"]}
        self.fidelity = {frozenset(e["ends"]): e["fidelity"] for e in d["links"]}
        self.capacity = {n["id"]: float(n.get("storage_pairs", 0)) for n in d["nodes"]}
        self.shared = list(self.shared_limits())
        stores = [n for n, c in self.capacity.items() if c > 0]
        pairs = d.get("storage_pairs", [list(p) for p in itertools.combinations(stores, 2)])
        self.pairs = {frozenset(p) for p in pairs if min(self.capacity[p[0]], self.capacity[p[1]]) > 0}
        self.stock = {self.key(tuple(s["route"])): float(s["pairs"]) for s in d.get("initial_stock", [])}
        self.classes = list(self.stock)
        for k, demand in enumerate(d["demands"]):
            for full in self.simple(demand["source"], demand["destination"]):
                self.add(k, demand, full)

    def shared_limits(self) -> Iterator[tuple[float, set[frozenset[str]], set[int]]]:
        """Every limit, the links that share it, and its slots: terminals count for all links but fibre."""
        kind = {n["id"]: n["kind"] for n in self.document["nodes"]}
        free_space = {link for link in self.rate if any(kind[v] != "base_station" for v in link)}
        for node in self.document["nodes"]:
            if node.get("terminals") is not None:
                here = {link for link in free_space if node["id"] in link}
                yield node["terminals"], here, set(range(self.slots))
        for row in self.document.get("sharing", []):
            slots = {row["slot"] - 1} if "slot" in row else set(range(self.slots))
            yield row["limit"], {frozenset(ends) for ends in row["links"]}, slots

    @staticmethod
    def key(route: tuple[str, ...]) -> tuple[str, ...]:
        return min(route, route[::-1])

    def simple(self, source: str, target: str) -> list[tuple[str, ...]]:
        """Every simple path within the hop cap, by trying all orders of nodes.

        Its links are ever up, or an initial stock was made over them.
        """
        made = {frozenset(step) for route in self.stock for step in itertools.pairwise(route)}
        names = [n["id"] for n in self.document["nodes"] if n["id"] not in (source, target)]
        cap = self.document["paths"]["max_hops"]
        found = []
        for inner in range(cap):
            for middle in itertools.permutations(names, inner):
                path = (source, *middle, target)
                steps = [frozenset(step) for step in itertools.pairwise(path)]
                if all(step in self.rate and (step in made or max(self.rate[step]) > 0) for step in steps):
                    found.append(path)
        return found

    def add(self, k: int, demand: Document, full: tuple[str, ...]) -> None:
        steps = [frozenset(step) for step in itertools.pairwise(full)]
        if self.options.get("swap", "werner") == "werner":
            f = 0.25 + 0.75 * math.prod((4 * self.fidelity[s] - 1) / 3 for s in steps)
        else:
            f = math.prod(self.fidelity[s] for s in steps)
        g = cost_g(f, demand["target_fidelity"], self.options.get("purification", "bbpssw"))
        if math.isinf(g):
            return
        self.paths.append(OraclePath(k, full, tuple(steps), (), g))
        if self.options.get("max_virtual_links", 1) < 1:
            return
        for i, j in itertools.combinations(range(len(full)), 2):
            if frozenset((full[i], full[j])) in self.pairs:
                q = self.key(full[i : j + 1])
                if q not in self.classes:
                    self.classes.append(q)
                self.paths.append(OraclePath(k, full, tuple(steps[:i] + steps[j:]), (q,), g))

    def columns(self) -> tuple[int, int, int]:
        t, p, c = self.slots, len(self.paths), len(self.classes)
        return p * t, c * t, c * (t + 1)

    def y(self, p: int, t: int) -> int:
        return p * self.slots + t

    def w(self, c: int, t: int) -> int:
        return self.columns()[0] + c * self.slots + t

    def z(self, c: int, t: int) -> int:
        return sum(self.columns()[:2]) + c * (self.slots + 1) + t

    def build(
        self,
    ) -> tuple[np.ndarray, list[tuple[dict[int, float], float]], list[tuple[dict[int, float], float]]]:
        """Return objective, rows <= side, rows == side, straight from spec section 2."""
        d, tau = self.document, self.tau
        objective = np.zeros(sum(self.columns()))
        below: list[tuple[dict[int, float], float]] = []
        equal: list[tuple[dict[int, float], float]] = []
        end_value = self.options.get("stock_end_value", 0.0)
        for p, path in enumerate(self.paths):
            weight = per_slot(d["demands"][path.demand].get("weight", 1.0), self.slots)
            for t in range(self.slots):
                objective[self.y(p, t)] = tau * weight[t]
                if d["demands"][path.demand]["id"].startswith(LISTS):
                    equal.append(({self.y(p, t): 1.0}, 0.0))
        for c, q in enumerate(self.classes):
            objective[self.z(c, self.slots)] = end_value
            equal.append(({self.z(c, 0): 1.0}, self.stock.get(q, 0.0)))
            if not end_value:
                equal.append(({self.w(c, self.slots - 1): 1.0}, 0.0))
        for t in range(self.slots):
            for link, rate in self.rate.items():
                row = {self.y(p, t): path.g for p, path in enumerate(self.paths) if link in path.links}
                for c, q in enumerate(self.classes):
                    if link in {frozenset(s) for s in itertools.pairwise(q)}:
                        row[self.w(c, t)] = 1.0
                below.append((row, rate[t]))
            for limit, links, slots in self.shared:
                if t in slots:
                    below.append((self.shares_of_time(links, t), limit))
            for c, q in enumerate(self.classes):
                drawn = {self.y(p, t): tau * path.g for p, path in enumerate(self.paths) if q in path.classes}
                below.append((drawn | {self.z(c, t): -1.0}, 0.0))
                keep = self.options.get("stock_retention", 1.0)
                row = {self.z(c, t + 1): 1.0, self.z(c, t): -keep, self.w(c, t): -tau}
                equal.append((row | {column: keep * value for column, value in drawn.items()}, 0.0))
            for k, demand in enumerate(d["demands"]):
                if demand.get("minimum_rate", 0) > 0:
                    row = {self.y(p, t): -1.0 for p, path in enumerate(self.paths) if path.demand == k}
                    below.append((row, -demand["minimum_rate"]))
        for t in range(self.slots + (1 if end_value else 0)):
            for node, capacity in self.capacity.items():
                row = {self.z(c, t): 1.0 for c, q in enumerate(self.classes) if node in (q[0], q[-1])}
                below.append((row, capacity))
        return objective, below, equal

    def shares_of_time(self, links: set[frozenset[str]], t: int) -> dict[int, float]:
        """Return the row that adds up use / rate over links that are up."""
        up = {link: self.rate[link][t] for link in links if self.rate[link][t] > 0}
        row: dict[int, float] = {}
        for p, path in enumerate(self.paths):
            row[self.y(p, t)] = sum(path.g / up[link] for link in path.links if link in up)
        for c, q in enumerate(self.classes):
            route = [frozenset(step) for step in itertools.pairwise(q)]
            row[self.w(c, t)] = sum(1 / up[link] for link in route if link in up)
        return row

    def options_of(self, k: int) -> list[int | None]:
        return [None, *(p for p, path in enumerate(self.paths) if path.demand == k)]

    def combinations(self) -> int:
        return math.prod(len(self.options_of(k)) ** self.slots for k in range(len(self.document["demands"])))

    def brute_force(self) -> float | None:
        """Return the optimum over every choice of a path (or none) per demand and slot; None: infeasible."""
        objective, below, equal = self.build()
        a_ub, b_ub = _dense(below, len(objective))
        a_eq, b_eq = _dense(equal, len(objective))
        demands = range(len(self.document["demands"]))
        per_demand_slot = [(k, t) for k in demands for t in range(self.slots)]
        best: float | None = None
        for choice in itertools.product(*(self.options_of(k) for k, _ in per_demand_slot)):
            upper = np.full(len(objective), np.inf)
            upper[: self.columns()[0]] = 0.0
            for (_, t), p in zip(per_demand_slot, choice, strict=True):
                if p is not None:
                    upper[self.y(p, t)] = np.inf
            bounds = np.stack([np.zeros(len(objective)), upper], axis=1)
            solved = linprog(-objective, a_ub, b_ub, a_eq, b_eq, bounds=bounds, method="highs")
            if solved.status == 0 and (best is None or -solved.fun > best):
                best = -solved.fun
        return best

    def exact_brute_force(self) -> Fraction | None:
        """Return what :meth:`brute_force` does, in rational numbers: for rates of any size side by side."""
        objective, below, equal = self.build()
        cost = {column: float(value) for column, value in enumerate(objective) if value}
        stocks = list(range(self.columns()[0], len(objective)))
        places = [(k, t) for k in range(len(self.document["demands"])) for t in range(self.slots)]
        best: Fraction | None = None
        for choice in itertools.product(*(self.options_of(k) for k, _ in places)):
            served = [self.y(p, t) for (_, t), p in zip(places, choice, strict=True) if p is not None]
            found = maximum(cost, below, equal, sorted(served) + stocks)
            if found is not None and (best is None or found > best):
                best = found
        return best

    def by_milp(self) -> float | None:
        """Return the optimum by a plain big-M MILP, for instances too large to enumerate; None: infeasible."""
        objective, below, equal = self.build()
        n, free = len(objective), self.columns()[0]
        big = 1.0 + max(max(r) for r in self.rate.values()) + sum(self.capacity.values())
        extra = n + free
        rows: list[tuple[dict[int, float], float]] = list(below)
        if not self.options.get("splittable", False):
            rows += [({i: 1.0, n + i: -big}, 0.0) for i in range(free)]
            for k in range(len(self.document["demands"])):
                for t in range(self.slots):
                    mine = {n + self.y(p, t): 1.0 for p, path in enumerate(self.paths) if path.demand == k}
                    rows.append((mine, 1.0))
        if self.options.get("storing_single_path", False):
            start = extra
            extra += len(self.classes) * self.slots
            for pair in self.pairs:
                for t in range(self.slots):
                    mine = [c for c, q in enumerate(self.classes) if frozenset((q[0], q[-1])) == pair]
                    rows.append(({start + c * self.slots + t: 1.0 for c in mine}, 1.0))
                    rows += [({self.w(c, t): 1.0, start + c * self.slots + t: -big}, 0.0) for c in mine]
        if not extra:  # nobody can be served: possible unless something is due
            return None if any(side < 0 for _, side in rows) else 0.0
        a_ub, b_ub = _dense(rows, extra)
        a_eq, b_eq = _dense(equal, extra)
        constraints = [LinearConstraint(a_ub, -np.inf, b_ub), LinearConstraint(a_eq, b_eq, b_eq)]
        binary = np.arange(extra) >= n
        bounds = Bounds(np.zeros(extra), np.where(binary, 1.0, np.inf))
        cost = np.concatenate([-objective, np.zeros(extra - n)])
        options = {"mip_rel_gap": 0.0}
        solved = milp(
            cost, constraints=constraints, bounds=bounds, integrality=binary.astype(int), options=options
        )
        return None if solved.x is None else -solved.fun


def _dense(rows: list[tuple[dict[int, float], float]], width: int) -> tuple[np.ndarray, np.ndarray]:
    matrix = np.zeros((len(rows), width))
    for i, (row, _) in enumerate(rows):
        for column, value in row.items():
            matrix[i, column] = value
    return matrix, np.array([side for _, side in rows])
