"""Rates from 1e-6 to 1e15 in one instance: every method against rational arithmetic, and part by part."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.oracles.routing import Oracle
from tests.oracles.routing_instances import document, small_documents

from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Method, Settings, Solution, solve

METHODS: tuple[Method, ...] = ("exact", "paper", "benders")
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
DECADES = st.floats(-6.0, 15.0)

Document = dict[str, Any]
BESIDE = document(
    [("n0", "n1", [8.0, 0.0]), ("n1", "n2", [2.0, 3.5])], [("n0", "n2", [0.0, 2.0])],
    slots=2, storage={"n0": 6.0, "n1": 6.0, "n2": 2.0},
    initial_stock=[{"pair": ["n0", "n1"], "route": ["n0", "n1"], "pairs": 1.0}],
)  # fmt: skip


def plan(fields: Document, method: Method, **more: Any) -> Solution:
    return solve(instance_from_document(fields), Settings(method=method, gap=0.0, **more))


def scaled(fields: Document, factor: float, prefix: str) -> Document:
    """Return an instance in which everything that is counted in pairs is so many times as large."""
    made = deepcopy(fields)

    def times(value: Any) -> Any:
        return [v * factor for v in value] if isinstance(value, list) else value * factor

    for node in made["nodes"]:
        node["id"] = prefix + node["id"]
        if "storage_pairs" in node:
            node["storage_pairs"] *= factor
    for link in made["links"]:
        link["ends"] = [prefix + end for end in link["ends"]]
        link["rate"] = times(link["rate"])
    for demand in made["demands"]:
        demand |= {key: prefix + demand[key] for key in ("id", "source", "destination")}
        demand["minimum_rate"] = demand.get("minimum_rate", 0.0) * factor
    for stock in made.get("initial_stock", []):
        stock["pair"], stock["route"] = ([prefix + v for v in stock[key]] for key in ("pair", "route"))
        stock["pairs"] *= factor
    return made


def joined(one: Document, other: Document) -> Document:
    """Return two instances side by side as one; nothing joins them."""
    made = dict(one)
    for key in ("nodes", "links", "demands", "initial_stock"):
        made[key] = [*one.get(key, []), *other.get(key, [])]
    stores = [
        {node["id"] for node in part["nodes"] if node.get("storage_pairs", 0) > 0} for part in (one, other)
    ]
    made["storage_pairs"] = [
        [a, b] for names in stores for a in sorted(names) for b in sorted(names) if a < b
    ]
    return made


def worth_by_part(solution: Solution) -> dict[str, float]:
    """Return what the demands of each part get, weighted."""
    plan, instance = solution.plan, solution.problem.instance
    assert plan is not None
    worth: dict[str, float] = defaultdict(float)
    owner = {path.id: path.demand for path in plan.paths}
    for serve in plan.serve:
        k = instance.demands.ids.index(owner[serve.path])
        weight = float(instance.demands.weight[serve.slot - 1, k])
        worth[owner[serve.path][0]] += instance.slot_length * weight * serve.rate
    return worth


# One ulp of the large part is more than all of the small one.
@given(small_documents(nodes=4, slots=2, demands=2), DECADES, DECADES)
@example(fields=BESIDE, first=13.880944433632152, second=-3.0)
@settings(SLOW, max_examples=40)
def test_two_networks_side_by_side_are_planned_as_if_alone(
    fields: Document, first: float, second: float
) -> None:
    """A demand of 1e-6 pairs is served however much flows elsewhere, and the whole is worth the sum of its parts."""
    fields["options"] |= {"stock_end_value": 0.0}
    optimum = Oracle(fields).by_milp()
    assume(optimum is None or optimum > 0.0)
    factors = {"p": 10.0**first, "q": 10.0**second}
    both = joined(*(scaled(fields, factor, name) for name, factor in factors.items()))
    for method in METHODS:
        solution = plan(both, method)
        if optimum is None:
            assert solution.status == "infeasible"
            continue
        total = optimum * sum(factors.values())
        assert solution.status == "optimal"
        assert solution.bound_pairs == pytest.approx(total, rel=1e-6)
        found = worth_by_part(solution)
        for name, factor in factors.items():
            # "Optimal" is a gap of 1e-6 of the whole; a small part may miss that much, but never all it could have.
            assert found[name] >= optimum * factor * (1.0 - 1e-6) - 1e-6 * total
            assert found[name] > 0.0


@st.composite
def wide_documents(draw: st.DrawFn) -> Document:
    """Draw an instance whose rates, stores and promises lie anywhere between 1e-6 and 1e15."""
    made = draw(small_documents(nodes=4, slots=2, demands=2))

    def wide(value: Any) -> Any:
        return [10.0 ** draw(DECADES) if v else 0.0 for v in value]

    for link in made["links"]:
        link["rate"] = wide(link["rate"])
    for node in made["nodes"]:
        if "storage_pairs" in node:
            node["storage_pairs"] = 10.0 ** draw(DECADES)
    capacity = {node["id"]: node.get("storage_pairs", 0.0) for node in made["nodes"]}
    for stock in made.get("initial_stock", []):
        stock["pairs"] = 0.5 * min(capacity[v] for v in stock["pair"])
    for demand in made["demands"]:
        if demand["minimum_rate"] > 0:
            demand["minimum_rate"] = 10.0 ** draw(DECADES)
    return made


@given(wide_documents())
@settings(SLOW, max_examples=30)
def test_rates_of_any_size_against_rational_arithmetic(fields: Document) -> None:
    oracle = Oracle(fields)
    assume(1 < oracle.combinations() <= 24)
    optimum = oracle.exact_brute_force()
    instance = instance_from_document(fields)
    for method in METHODS:
        solution = plan(fields, method)
        if optimum is None:
            assert solution.status == "infeasible"
            continue
        assert solution.plan is not None
        assert check(instance, solution.plan) == []
        assert solution.plan.objective_pairs == pytest.approx(float(optimum), rel=1e-6)
        assert solution.bound_pairs is not None
        assert solution.bound_pairs >= float(optimum) * (1.0 - 1e-6)


@given(st.lists(DECADES, min_size=2, max_size=6), st.floats(0.05, 0.95), st.integers(0, 5))
@settings(SLOW, max_examples=30)
def test_a_promise_that_a_link_can_keep_is_kept(decades: list[float], share: float, promised: int) -> None:
    """Links of any sizes side by side, one demand on each; one of them is promised a share of its link."""
    rates = [10.0**decade for decade in decades]
    promised %= len(rates)
    fields = document(
        [(f"a{i}", f"b{i}", rate) for i, rate in enumerate(rates)],
        [(f"a{i}", f"b{i}", 1.0, share * rate if i == promised else 0.0) for i, rate in enumerate(rates)],
    )
    for method in METHODS:
        solution = plan(fields, method)
        assert solution.status == "optimal"
        assert solution.plan is not None
        assert sorted(serve.rate for serve in solution.plan.serve) == pytest.approx(sorted(rates), rel=1e-6)
    fields["demands"][promised]["minimum_rate"] = 1.001 * rates[promised]
    for method in METHODS:
        assert plan(fields, method).status == "infeasible"


@given(DECADES, DECADES, DECADES)
@example(large=0.0, small=7.375408596770213e-09, narrow=0.0)
@SLOW
def test_a_small_promise_on_a_large_link(large: float, small: float, narrow: float) -> None:
    """A demand with a promise shares a link with one that would take all of it."""
    wide, due, own = 10.0 ** max(large, small), 10.0 ** min(large, small), 10.0**narrow
    assume(wide > due)
    fields = document(
        [("a", "m", wide), ("m", "b", wide), ("c", "a", own)],
        [("a", "b", 1.0), ("a", "m", 0.0, due), ("c", "b", 1.0)],
    )
    for method in METHODS:
        solution = plan(fields, method)
        assert solution.plan is not None
        assert check(solution.problem.instance, solution.plan) == []
        assert solution.plan.objective_pairs == pytest.approx(wide - due, rel=1e-6, abs=1e-6 * wide)
        assert solution.bound_pairs is not None
        assert solution.bound_pairs >= (wide - due) - 1e-6 * wide


def test_a_stock_far_above_what_can_be_drawn_is_drawn_from() -> None:
    fields = document([("n0", "n1", 1.0), ("n1", "n2", 0.1)], [("n0", "n2", 2.0)])
    for node in fields["nodes"]:
        if node["id"] != "n0":
            node["storage_pairs"] = 1e7
    fields["initial_stock"] = [{"pair": ["n1", "n2"], "route": ["n1", "n2"], "pairs": 5e6}]
    for method in METHODS:
        solution = plan(fields, method)
        assert solution.status == "optimal"
        assert solution.plan is not None
        assert solution.plan.objective_pairs == pytest.approx(2.0)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_path_too_narrow_for_a_promise_is_not_chosen_beside_a_far_wider_one(weight: float) -> None:
    fields = document([("n0", "n2", 1e13), ("n0", "n3", 0.5), ("n3", "n2", 0.5)], [("n0", "n2", weight, 1.0)])
    for method in METHODS:
        solution = plan(fields, method)
        assert solution.plan is not None
        assert check(solution.problem.instance, solution.plan) == []
        assert solution.plan.objective_pairs == pytest.approx(weight * 1e13)
