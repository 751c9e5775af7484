"""Stopped at any moment, a method hands back a legal plan with a valid bound: at worst one that serves nobody."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from tests.oracles.routing_instances import document

from satqn.model.plan import LogLine
from satqn.routing.check import check
from satqn.routing.generate import case_study
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Method, Settings, Solution, solve

METHODS: tuple[Method, ...] = ("exact", "paper", "benders", "satellite-only", "random", "no-storage")
OPTIMUM = solve(case_study(2, slots=4), Settings(gap=0.0)).plan
STOCKED = document(
    [("a", "m", 100), ("m", "n", 10), ("n", "b", 100)], [("a", "b", [0, 2])], slots=2,
    storage={"m": 30, "n": 30}, initial_stock=[{"pair": ["m", "n"], "route": ["m", "n"], "pairs": 20}],
    options={"stock_retention": 0.5, "stock_end_value": 1.0},
)  # fmt: skip


def assert_legal(solution: Solution, instance: Any) -> None:
    assert solution.plan is not None
    assert check(instance, solution.plan) == []
    assert solution.bound_pairs is not None
    assert solution.bound_pairs >= solution.plan.objective_pairs * (1 - 1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_out_of_time_before_the_first_plan(method: Method) -> None:
    instance = case_study(2, slots=4)
    solution = solve(instance, Settings(method=method, time_limit=1e-9))
    assert_legal(solution, instance)
    assert solution.status == "time_limit"
    assert solution.plan is not None
    assert solution.plan.objective_pairs == 0.0
    assert solution.plan.serve == ()
    assert OPTIMUM is not None
    assert solution.bound_pairs is not None
    assert solution.bound_pairs >= (OPTIMUM.objective_pairs if method in {"exact", "paper", "benders"} else 0)


@pytest.mark.parametrize("method", METHODS)
def test_serving_nobody_keeps_the_stock_and_its_worth(method: Method) -> None:
    """20 pairs, half of which survive a slot, are worth 20 x 0.5^2 after the second."""
    instance = instance_from_document(STOCKED)
    solution = solve(instance, Settings(method=method, time_limit=1e-9))
    assert_legal(solution, instance)
    assert solution.plan is not None
    assert solution.plan.objective_pairs == pytest.approx(5.0)
    assert [(row.slot, row.pairs) for row in solution.plan.stock] == [(1, 20.0), (2, 10.0), (3, 5.0)]
    f = solution.problem.formulation
    assert solution.primal is not None
    model = solution.problem.model
    activity = model.matrix @ solution.primal
    assert (activity <= model.row_upper + 1e-9).all()
    assert (activity >= model.row_lower - 1e-9).all()
    assert solution.primal[f.y.columns].sum() == 0.0


def test_with_a_minimum_rate_nobody_is_no_plan() -> None:
    fields = document([("a", "b", 10)], [("a", "b", 1.0, 5.0)])
    solution = solve(instance_from_document(fields), Settings(time_limit=1e-9))
    assert solution.status == "time_limit"
    assert solution.plan is None
    assert solution.bound_pairs is not None


@pytest.mark.parametrize(
    ("method", "line"), [("exact", 0), ("paper", 0), ("paper", 3), ("benders", 0), ("benders", 3)]
)
def test_ctrl_c_at_a_line_of_the_log(method: Method, line: int) -> None:
    instance = case_study(2, demands=4, slots=4)
    heard: list[LogLine] = []

    def listener(entry: LogLine) -> None:
        if len(heard) == line:
            os.kill(os.getpid(), signal.SIGINT)
        heard.append(entry)

    before = signal.getsignal(signal.SIGINT)
    solution = solve(instance, Settings(method=method, gap=0.0), listener=listener)
    assert signal.getsignal(signal.SIGINT) is before
    assert_legal(solution, instance)
    assert len(heard) > line
    assert solution.status == "interrupted"


@pytest.mark.parametrize("method", ["exact", "benders"])
def test_the_log_speaks_while_the_solver_works(method: Method) -> None:
    """Bounds that are told on the way are valid: none falls below what is found at the end."""
    solution = solve(case_study(2), Settings(method=method))
    assert solution.plan is not None
    told = [line for line in solution.log if line.event == "branch and bound"]
    assert told
    assert all(
        line.bound is not None and line.bound >= solution.plan.objective_pairs * (1 - 1e-6) for line in told
    )
    assert all((line.incumbent or 0.0) <= solution.plan.objective_pairs * (1 + 1e-6) for line in told)
