"""Random small instances: every method against two oracles, every plan against the checker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.oracles.routing import Oracle
from tests.oracles.routing_instances import small_documents

from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Method, Settings, Solution, solve
from satqn.routing.stopping import Run

METHODS: tuple[Method, ...] = ("exact", "paper", "benders")
BASELINES: tuple[Method, ...] = ("satellite-only", "random", "no-storage")
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def plan(fields: dict[str, Any], method: Method, **more: Any) -> Solution:
    return solve(instance_from_document(fields), Settings(method=method, gap=0.0, **more))


def agrees(solution: Solution, optimum: float | None) -> None:
    if optimum is None:
        assert solution.status == "infeasible"
        assert solution.plan is None
        assert solution.conflict is not None
        assert solution.conflict.demands
        return
    assert solution.status == "optimal"
    assert solution.plan is not None
    assert solution.plan.objective_pairs == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    assert solution.bound_pairs == pytest.approx(optimum, rel=1e-6, abs=1e-6)


def bounds_hold(solution: Solution, optimum: float) -> None:
    for line in solution.log:
        assert line.bound is None or line.bound >= optimum - 1e-6 * max(1.0, optimum)
        assert line.incumbent is None or line.incumbent <= optimum + 1e-6 * max(1.0, optimum)


@given(small_documents(nodes=4, slots=2, demands=2))
@SLOW
def test_methods_agree_with_brute_force(fields: dict[str, Any]) -> None:
    oracle = Oracle(fields)
    assume(1 < oracle.combinations() <= 150)
    optimum = oracle.brute_force()
    for method in METHODS:
        solution = plan(fields, method)
        agrees(solution, optimum)
        if optimum is not None:
            bounds_hold(solution, optimum)


@given(small_documents(nodes=5, slots=3, demands=3), st.booleans(), st.booleans())
@settings(SLOW, max_examples=60)
def test_methods_agree_with_a_plain_milp(fields: dict[str, Any], splittable: bool, single_path: bool) -> None:
    fields["options"] |= {"splittable": splittable, "storing_single_path": single_path}
    optimum = Oracle(fields).by_milp()
    for method in METHODS:
        solution = plan(fields, method)
        agrees(solution, optimum)
        if optimum is not None:
            bounds_hold(solution, optimum)


@given(small_documents(nodes=5, slots=3, demands=2))
@settings(SLOW, max_examples=20)
def test_methods_agree_without_a_warm_start(fields: dict[str, Any]) -> None:
    optimum = Oracle(fields).by_milp()
    for method in METHODS:
        agrees(plan(fields, method, warm_start=False), optimum)


@given(small_documents(nodes=5, slots=3, demands=3, minimum_rates=False))
@SLOW
def test_baselines_never_beat_the_optimum(fields: dict[str, Any]) -> None:
    optimum = plan(fields, "exact").plan
    assert optimum is not None
    for method in BASELINES:
        baseline = plan(fields, method).plan
        assert baseline is not None
        assert baseline.objective_pairs <= optimum.objective_pairs + 1e-6 * max(1.0, optimum.objective_pairs)


@given(small_documents(nodes=5, slots=3, demands=3), st.data())
@SLOW
def test_plans_pass_the_checker_and_corrupted_ones_fail(fields: dict[str, Any], data: st.DataObject) -> None:
    instance = instance_from_document(fields)
    made = plan(fields, "exact").plan
    assume(made is not None and made.serve)
    assert made is not None
    assert check(instance, made) == []
    number = data.draw(st.integers(0, len(made.serve) - 1))
    record = made.serve[number]
    more = replace(record, rate=record.rate * 1.01 + 0.01)
    less = replace(record, rate=record.rate - 0.01)
    for changed in (more, less):
        serve = (*made.serve[:number], changed, *made.serve[number + 1 :])
        weight = instance.demands.weight[:, instance.demands.ids.index(made.paths[0].demand)]
        assert weight is not None
        assert check(instance, replace(made, serve=serve)) != []
    assert check(instance, replace(made, serve=made.serve[1:])) != []
    assert check(instance, replace(made, objective_pairs=made.objective_pairs + 0.01)) != []
    assert check(instance, replace(made, paths=made.paths[1:])) != []


@given(small_documents(nodes=5, slots=3, demands=3))
@settings(SLOW, max_examples=15)
def test_the_path_pool_is_complete(fields: dict[str, Any]) -> None:
    pool = solve(instance_from_document(fields), Settings(method="random", gap=0.1)).problem.pool
    assert len(pool) == len(Oracle(fields).paths)


@given(small_documents(nodes=5, slots=3, demands=3))
@settings(SLOW, max_examples=15)
def test_a_stopped_run_still_says_the_truth(fields: dict[str, Any]) -> None:
    optimum = Oracle(fields).by_milp()
    assume(optimum is not None)
    assert optimum is not None
    for method in METHODS:
        solution = plan(fields, method, time_limit=1e-9)
        assert solution.status in {"time_limit", "optimal"}
        if solution.plan is not None:
            assert solution.plan.objective_pairs <= optimum + 1e-6 * max(1.0, optimum)
        if solution.bound_pairs is not None:
            assert solution.bound_pairs >= optimum - 1e-6 * max(1.0, optimum)


def test_run_never_calls_infinity_a_closed_gap() -> None:
    assert Run().gap == float("inf")
