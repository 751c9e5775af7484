"""The test vectors of the routing specification, section 7, with every method."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.routing import Oracle, cost_g
from tests.oracles.routing_instances import document

from satqn.routing.base_pairs import base_pairs, path_fidelity, swap_factor
from satqn.routing.check_paths import purification_cost
from satqn.routing.highs import LiveLP
from satqn.routing.instance_file import instance_from_document
from satqn.routing.problem import Problem
from satqn.routing.solve import Method, Settings, Solution, solve

METHODS: tuple[Method, ...] = ("exact", "paper", "benders")

CHAIN = [("a", "m", 100), ("m", "n", 10), ("n", "b", 100)]


def chain(
    weight: Any, *, slots: int, capacity: float | None, middle: Any = 10, **more: Any
) -> dict[str, Any]:
    links = [("a", "m", 100), ("m", "n", middle), ("n", "b", 100)]
    storage = None if capacity is None else {"m": capacity, "n": capacity}
    return document(links, [("a", "b", weight)], slots=slots, storage=storage, **more)


CROSSING = [
    ("s1", "u", 10), ("u", "v", 10), ("v", "d1", 10), ("s1", "x", 9), ("x", "d1", 9),
    ("s2", "u", 10), ("v", "d2", 10), ("s2", "w", 2), ("w", "d2", 2),
]  # fmt: skip


def crossing(minimum_rate: float) -> dict[str, Any]:
    return document(CROSSING, [("s1", "d1", 1.0, minimum_rate), ("s2", "d2")])


def detour(target: float) -> dict[str, Any]:
    made = document([("a", "b", 30, 0.8), ("a", "c", 14, 0.97), ("c", "b", 14, 0.97)], [("a", "b")])
    made["demands"][0]["target_fidelity"] = target
    return made


VECTORS: dict[str, tuple[dict[str, Any], float]] = {
    "V1": (document([("a", "b", [10, 7])], [("a", "b")], slots=2), 17),
    "V2a": (chain([0, 1], slots=2, capacity=None), 10),
    "V2b": (chain([0, 1], slots=2, capacity=8), 10),
    "V2d": (chain([0, 0, 0, 1], slots=4, capacity=30), 30),
    "V2f": (chain(1, slots=4, capacity=30), 40),
    "V2g": (chain([1, 1, 2], slots=3, capacity=30, middle=[10, 10, 0]), 40),
    "V2g without storage": (chain([1, 1, 2], slots=3, capacity=None, middle=[10, 10, 0]), 20),
    "V2j": (chain([0, 2, 1], slots=3, capacity=30, middle=[30, 20, 0]), 80),
    "V2i": (
        chain([0, 0, 0, 1], slots=4, capacity=30, rate_unit="pairs_per_second", slot_duration_s=20),
        200,
    ),
    "V3a": (detour(0.85), 14),
    "V3a at 0.75": (detour(0.75), 30),
    "V4": (crossing(0.0), 19),
    "V6a": (crossing(9.5), 12),
}


def plan(fields: dict[str, Any], method: Method, **settings: Any) -> Solution:
    return solve(instance_from_document(fields), Settings(method=method, gap=0.0, **settings))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str, method: Method) -> None:
    fields, optimum = VECTORS[name]
    solution = plan(fields, method)
    assert solution.status == "optimal"
    assert solution.plan is not None
    assert solution.plan.objective_pairs == pytest.approx(optimum, rel=1e-6)
    assert solution.bound_pairs == pytest.approx(optimum, rel=1e-6)
    assert solution.bound_covers == "pool"


@pytest.mark.parametrize("name", VECTORS)
def test_vector_by_the_oracle(name: str) -> None:
    fields, optimum = VECTORS[name]
    assert Oracle(fields).by_milp() == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize("method", ["paper", "benders"])
def test_feasibility_cuts_only_with_minimum_rates(method: Method) -> None:
    assert plan(VECTORS["V4"][0], method).feasibility_cuts == 0
    assert plan(VECTORS["V6a"][0], method).feasibility_cuts > 0


def test_linear_relaxation_of_v6a() -> None:
    model = Problem.of(instance_from_document(crossing(9.5))).model
    assert LiveLP(model).solve().objective == pytest.approx(19)


@pytest.mark.parametrize("method", METHODS)
def test_v6d_is_infeasible_and_names_the_demand(method: Method) -> None:
    solution = plan(crossing(11.0), method)
    assert solution.status == "infeasible"
    assert solution.plan is None
    assert solution.conflict is not None
    assert solution.conflict.demands == ("k1",)
    assert solution.conflict.slots == (1,)


@pytest.mark.parametrize(
    ("protocol", "start", "target", "cost"),
    [
        ("bbpssw", 0.96, 0.99, 18.274), ("bbpssw", 0.9, 0.95, 10.812), ("bbpssw", 0.8, 0.9, 15.237),
        ("bbpssw", 0.8, 0.85, 6.442611), ("dejmps", 0.96, 0.99, 4.456333), ("dejmps", 0.9, 0.95, 5.26347),
        ("dejmps", 0.8, 0.9, 6.986762),
    ],
)  # fmt: skip
def test_purification_cost(protocol: Any, start: float, target: float, cost: float) -> None:
    digits = 5e-4 if cost > 10 else 5e-6
    assert float(base_pairs(start, target, protocol)) == pytest.approx(cost, abs=digits)
    assert purification_cost(start, target, protocol) == pytest.approx(cost, abs=digits)
    assert cost_g(start, target, protocol) == pytest.approx(cost, abs=digits)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
def test_half_cannot_be_purified(protocol: Any) -> None:
    assert float(base_pairs(0.5, 0.9, protocol)) == float("inf")
    assert purification_cost(0.5, 0.9, protocol) == float("inf")
    assert float(base_pairs(0.5, 0.5, protocol)) == 1.0


def test_werner_path_of_three() -> None:
    product = float(swap_factor(0.96, "werner")) ** 3
    assert float(path_fidelity(product, "werner")) == pytest.approx(0.8862862222, abs=5e-11)
