"""Plans with ageing stores the slow way: every choice of paths, and a linear program over (stored, drawn).

A flow is what a path delivers in slot t from pairs stored in slot s: there are no stocks and no discards in
it, only what each flow must have had stored, and how much of the memory it fills in between. Nothing of
satqn is used.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import Any

import numpy as np
from scipy.optimize import linprog
from tests.oracles.routing import Oracle, cost_g

Document = dict[str, Any]


def of_node(value: float | dict[str, float], node: str) -> float:
    return float(value[node]) if isinstance(value, dict) else float(value)


def aged(fresh: float, ageing: Document, ends: tuple[str, str], age: int, slot_s: float) -> float:
    """Fidelity by the density matrix's diagonal in the Bell basis: one Pauli channel per memory."""
    seconds = (age + (ageing.get("age_counts", "mean") == "latest")) * slot_s
    state = np.array([fresh, *[(1 - fresh) / 3] * 3])  # Phi+, Phi-, Psi+, Psi-
    for node in ends:
        t2 = of_node(ageing["memory_coherence_s"], node)
        if ageing["model"] == "depolarising":
            keep = math.exp(-seconds / (2 * t2))
            mixed = np.full(4, 0.25)
            state = keep * state + (1 - keep) * mixed
            continue
        x_and_y = math.exp(-seconds / t2)
        z = math.exp(-seconds / of_node(ageing["memory_relaxation_s"], node)) if (
            ageing["model"] == "t1_t2") else 1.0  # fmt: skip
        flip = (1 - z) / 4
        phase = (1 + z - 2 * x_and_y) / 4
        still = 1 - 2 * flip - phase
        # I, Z, X, Y on one qubit permute the four Bell states.
        i, zed, ex, wy = state, state[[1, 0, 3, 2]], state[[2, 3, 0, 1]], state[[3, 2, 1, 0]]
        state = still * i + phase * zed + flip * ex + flip * wy
    return float(state[0])


class AgeingOracle(Oracle):
    """The problem over choices of paths; cut-offs and copies are not known here."""

    def optimum(self, most_choices: int = 2000) -> tuple[float, int] | None:
        """Best objective and how many choices were tried; None if there are more than that."""
        slots = range(1, self.slots + 1)
        options: list[list[int | None]] = []
        for k, _ in enumerate(self.document["demands"]):
            mine = [p for p, path in enumerate(self.paths) if path.demand == k]
            for t in slots:
                options.append([p for p in mine if self.usable(p, t)] or [None])
        if math.prod(len(row) for row in options) > most_choices:
            return None
        keys = [(k, t) for k, _ in enumerate(self.document["demands"]) for t in slots]
        best = 0.0
        for choice in itertools.product(*options):
            best = max(best, self.value(dict(zip(keys, choice, strict=True))))
        return best, math.prod(len(row) for row in options)

    def usable(self, p: int, t: int) -> bool:
        path = self.paths[p]
        return min((self.rate[e][t - 1] for e in path.links), default=1.0) > 0 and bool(self.ways(p, t))

    def ways(self, p: int, t: int) -> list[tuple[int | None, float]]:
        """Slots of storing and g of every way to serve path p in slot t; None and g without a store."""
        path = self.paths[p]
        if not path.classes:
            return [(None, path.g)]
        (route,) = path.classes
        found = []
        for s in range(t):
            if s == 0 and self.stock.get(route, 0.0) <= 0:
                continue
            demand = self.document["demands"][path.demand]
            steps = [frozenset(step) for step in itertools.pairwise(path.full)]
            fresh = 0.25 + 0.75 * math.prod((4 * self.fidelity[e] - 1) / 3 for e in steps)
            worn = aged(fresh, self.document["ageing"], (route[0], route[-1]), t - s,
                        float(self.document["slot_duration_s"]))  # fmt: skip
            g = cost_g(worn, demand["target_fidelity"], self.options.get("purification", "bbpssw"))
            if math.isfinite(g):
                found.append((s, g))
        return found

    def value(self, chosen: dict[tuple[int, int], int | None]) -> float:
        """The linear program: maximise what flows are worth under links, memories and initial stock."""
        rho = float(self.options.get("stock_retention", 1.0))
        flows = [(k, t, p, s, g) for (k, t), p in chosen.items() if p is not None for s, g in self.ways(p, t)]
        rows: dict[tuple[Any, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
        limit: dict[tuple[Any, ...], float] = {}
        worth = np.zeros(len(flows))
        for i, (k, t, p, s, g) in enumerate(flows):
            path = self.paths[p]
            weight = self.document["demands"][k].get("weight", 1.0)
            worth[i] = self.tau * (weight[t - 1] if isinstance(weight, list) else weight)
            for link in path.links:
                rows["link", link, t][i] += g
                limit["link", link, t] = self.rate[link][t - 1]
            if s is None:
                continue
            (route,) = path.classes
            drawn = self.tau * g
            # To have so many in slot t, more must have been stored: each slot in between keeps rho.
            if s == 0:
                rows["initial", route][i] += drawn / rho ** (t - 1)
                limit["initial", route] = self.stock[route]
            else:
                for step in itertools.pairwise(route):
                    rows["link", frozenset(step), s][i] += drawn / rho ** (t - 1 - s) / self.tau
                    limit["link", frozenset(step), s] = self.rate[frozenset(step)][s - 1]
            for between in range(max(s + 1, 2), t + 1):
                for end in (route[0], route[-1]):
                    rows["memory", end, between][i] += drawn / rho ** (t - between)
                    limit["memory", end, between] = self.capacity[end]
        if not flows:
            return 0.0
        matrix = np.zeros((len(rows), len(flows)))
        for r, row in enumerate(rows.values()):
            for i, value in row.items():
                matrix[r, i] = value
        solved = linprog(-worth, A_ub=matrix, b_ub=[limit[key] for key in rows], method="highs")
        assert solved.status == 0
        return float(-solved.fun)


def random_document(seed: int) -> Document:
    """A small random network with stores, ageing and weights that may rise."""
    rng = np.random.default_rng(seed)
    slots = int(rng.integers(3, 5))

    def rates(scale: float, up: float) -> list[float]:
        return [float(rng.integers(1, 5) * scale) if rng.random() < up else 0.0 for _ in range(slots)]

    capacity = float(rng.choice([12, 30, 60]))
    model = str(rng.choice(["depolarising", "dephasing", "t1_t2"]))
    coherence = [float(rng.choice([240, 480, 900, 2400])) for _ in range(2)]
    ageing: Document = {
        "model": model,
        "memory_coherence_s": coherence[0] if rng.random() < 0.6 else dict(zip("hs", coherence, strict=True)),
        "age_counts": str(rng.choice(["mean", "latest"])),
    }
    if model == "t1_t2":
        ageing["memory_relaxation_s"] = float(rng.choice([1200, 5000]))
    links = [
        {"ends": ["a", "h"], "rate": rates(20, 0.8), "fidelity": 0.99},
        {"ends": ["h", "s"], "rate": rates(10, 0.7), "fidelity": 0.985},
        {"ends": ["s", "b"], "rate": rates(20, 0.8), "fidelity": 0.99},
    ]
    if rng.random() < 0.4:
        links.append({"ends": ["h", "b"], "rate": rates(5, 0.6), "fidelity": 0.97})
    if rng.random() < 0.4:
        links += [
            {"ends": ["h", "u"], "rate": rates(10, 0.6), "fidelity": 0.99},
            {"ends": ["u", "s"], "rate": rates(10, 0.6), "fidelity": 0.99},
        ]
    demands = [
        {"id": "k1", "source": "a", "destination": "b", "weight": sorted(rng.integers(1, 5, slots).tolist()),
         "target_fidelity": float(rng.choice([0.85, 0.9, 0.93]))}
    ]  # fmt: skip
    if rng.random() < 0.3:
        demands.append({"id": "k2", "source": "h", "destination": "b", "weight": rng.integers(0, 3, slots).tolist(),
                        "target_fidelity": 0.8})  # fmt: skip
    per_second = bool(rng.random() < 0.2)
    document: Document = {
        "format": "satqn-instance", "version": 1, "name": f"random {seed}", "slots": slots,
        "rate_unit": "pairs_per_second" if per_second else "pairs_per_slot",
        "slot_duration_s": 2.0 if per_second else 60.0,
        "nodes": [
            {"id": "a", "kind": "base_station"}, {"id": "b", "kind": "base_station"},
            {"id": "h", "kind": "aerial", "storage_pairs": capacity},
            {"id": "s", "kind": "satellite", "storage_pairs": capacity}, {"id": "u", "kind": "satellite"},
        ],
        "links": links, "demands": demands,
        "paths": {"mode": "all_simple", "max_hops": 4},
        "options": {"purification": str(rng.choice(["bbpssw", "dejmps", "none"])),
                    "stock_retention": float(rng.choice([1.0, 0.9]))},
        "ageing": ageing,
    }  # fmt: skip
    if rng.random() < 0.25:
        pairs = float(rng.integers(1, 13))
        document["initial_stock"] = [{"pair": ["h", "s"], "route": ["h", "s"], "pairs": pairs}]
    if per_second:
        for name in ("memory_coherence_s", "memory_relaxation_s"):
            value = ageing.get(name)
            if value is not None:
                ageing[name] = (
                    {v: t / 30 for v, t in value.items()} if isinstance(value, dict) else value / 30
                )
    return document
