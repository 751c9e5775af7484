"""Parts of the methods: cuts, certificates, stopping rules, start, explanations, export."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.routing_instances import document, small_documents

from satqn.model.plan import LogLine
from satqn.routing.baselines import random_paths
from satqn.routing.benders import benders
from satqn.routing.conflicts import find_conflict
from satqn.routing.cuts import safe_cut
from satqn.routing.explain import explain
from satqn.routing.export import export, names
from satqn.routing.farkas import feasibility_cut
from satqn.routing.generate import case_study, network
from satqn.routing.instance_file import instance_from_document
from satqn.routing.problem import Outcome, Problem
from satqn.routing.solve import Method, Settings, _no_less_than_baselines, solve
from satqn.routing.stopping import (
    Run,
    Stall,
    asked_to_stop,
    ctrl_c_stops,
    first_reason,
    gap_closed,
    iterations,
)
from satqn.routing.subproblem import Subproblem
from satqn.routing.warm_start import best_baseline


def every_choice(problem: Problem) -> list[np.ndarray]:
    """All choices that C2 allows; for a handful of columns."""
    serve = problem.formulation.serve
    groups: dict[tuple[int, int], list[int]] = {}
    for j, key in enumerate(zip(serve.demand.tolist(), serve.slot.tolist(), strict=True)):
        groups.setdefault(key, []).append(j)
    found = []
    for combination in itertools.product(*([None, *columns] for columns in groups.values())):
        choice = np.zeros(len(problem.switches))
        choice[[j for j in combination if j is not None]] = 1.0
        found.append(choice)
        if len(found) > 300:
            break
    return found


@given(small_documents(nodes=4, slots=2, demands=2), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_cut_of_any_multipliers_is_valid(fields: dict[str, Any], seed: int) -> None:
    """Optimality cuts lie above the subproblem, feasibility cuts above 0, at every possible choice."""
    problem = Problem.of(instance_from_document(fields))
    subproblem = Subproblem(problem.model, problem.switches)
    rng = np.random.default_rng(seed)
    pi = rng.normal(size=len(subproblem.model.row_lower)) * rng.choice(
        [0.0, 1.0, 10.0], len(subproblem.model.row_lower)
    )
    optimality = safe_cut(subproblem.model, problem.switches, pi, subproblem.model.cost)
    feasibility = safe_cut(subproblem.model, problem.switches, pi, np.zeros(len(subproblem.model.cost)))
    for choice in every_choice(problem):
        solved = subproblem.solve(choice)
        if solved.status == "optimal":
            assert optimality.at(choice) >= solved.objective - 1e-6 * max(1.0, abs(solved.objective))
            assert feasibility.at(choice) >= -1e-6


@given(small_documents(nodes=4, slots=2, demands=2))
@settings(max_examples=40, deadline=None)
def test_cuts_of_duals_are_tight_and_certificates_cut_off(fields: dict[str, Any]) -> None:
    problem = Problem.of(instance_from_document(fields))
    subproblem = Subproblem(problem.model, problem.switches)
    for choice in every_choice(problem)[:40]:
        solved = subproblem.solve(choice)
        if solved.status == "optimal":
            assert solved.dual is not None
            cut = safe_cut(subproblem.model, problem.switches, solved.dual, subproblem.model.cost)
            assert cut.at(choice) == pytest.approx(solved.objective, rel=1e-6, abs=1e-6)
        else:
            # With the solver's ray, with none, and with nonsense in its place.
            for ray in (solved.dual, None, np.ones(len(subproblem.model.row_lower))):
                assert feasibility_cut(subproblem.model, problem.switches, ray, choice).at(choice) < 0


@pytest.mark.parametrize("workers", [1, 3])
def test_slots_in_parallel_give_the_same(workers: int) -> None:
    problem = Problem.of(case_study(0, slots=4))
    run = Run()
    outcome = benders(problem, run, [gap_closed(1e-4), asked_to_stop], 1e-4, None, workers)
    assert outcome.status == "optimal"
    assert run.incumbent == pytest.approx(
        solve(case_study(0, slots=4), Settings(gap=1e-6)).plan.objective_pairs
    )


def test_rules() -> None:
    run = Run()
    assert gap_closed(0.1)(run) is None  # no incumbent: inf <= inf must not stop
    run.lower_bound_to(110.0)
    assert gap_closed(0.1)(run) is None
    assert run.raise_incumbent_to(100.0)
    assert not run.raise_incumbent_to(99.0)
    assert gap_closed(0.1)(run) == "optimal"
    assert gap_closed(0.09)(run) is None
    run.iteration = 5
    assert iterations(5)(run) == "iteration_limit"
    assert iterations(None)(run) is None
    assert asked_to_stop(Run(time_limit=0.0)) == "time_limit"
    assert asked_to_stop(run) is None
    stall = Stall(2)
    assert [stall(run)] == [None]
    run.iteration = 7
    assert stall(run) == "stalled"
    run.lower_bound_to(105.0)
    assert first_reason([stall, iterations(None)], run) is None


def test_ctrl_c_asks_to_stop_and_puts_the_handler_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    run = Run()
    with ctrl_c_stops(run):
        os.kill(os.getpid(), signal.SIGINT)
        assert asked_to_stop(run) == "interrupted"
        assert signal.getsignal(signal.SIGINT) is before  # a second Ctrl-C ends the program
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("method", ["exact", "benders", "paper"])
def test_ctrl_c_keeps_the_incumbent(method: Method) -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))

    def start(line: LogLine) -> None:
        if not timer.is_alive() and not timer.finished.is_set():
            timer.start()

    try:
        solution = solve(case_study(2, demands=6), Settings(method=method, gap=0.0), listener=start)
    finally:
        timer.cancel()
    assert solution.status == "interrupted"
    assert solution.plan is not None
    assert solution.bound_pairs is not None
    assert solution.plan.objective_pairs < solution.bound_pairs


@pytest.mark.parametrize("method", ["exact", "benders", "paper"])
def test_a_time_limit_is_never_called_optimal(method: Method) -> None:
    solution = solve(case_study(2, demands=6), Settings(method=method, gap=0.0, time_limit=1.5))
    assert solution.status == "time_limit"
    assert solution.wall_s < 15
    assert solution.plan is not None
    assert solution.gap is not None
    assert solution.gap > 0
    assert solution.log[-1].bound == pytest.approx(solution.bound_pairs)


def test_iteration_limit() -> None:
    solution = solve(case_study(0), Settings(method="paper", max_iterations=3))
    assert (solution.status, solution.iterations) == ("iteration_limit", 3)


def test_the_start_is_the_best_baseline() -> None:
    for seed in range(2):
        instance = case_study(seed, slots=4)
        problem = Problem.of(instance)
        run = Run()
        start = best_baseline(problem, run, 1e-3, seed=0)
        assert start is not None
        worth = float(problem.model.cost @ start)
        for method in ("satellite-only", "random", "no-storage"):
            baseline = solve(instance, Settings(method=method)).plan
            assert baseline is not None
            assert worth >= baseline.objective_pairs - 1e-6 * worth


def test_looking_back_at_the_baselines() -> None:
    problem = Problem.of(case_study(0, slots=4))
    run = Run()
    best = best_baseline(problem, run, 1e-3, seed=0)
    assert best is not None
    worth = float(problem.model.cost @ best)
    assert best_baseline(problem, run, 1e-3, seed=0, floor=worth) is None
    poor = Outcome("time_limit", 1e9, np.zeros(len(problem.model.cost)))
    kept = _no_less_than_baselines(problem, run, Settings(), poor)
    assert kept.primal is not None
    assert float(problem.model.cost @ kept.primal) == pytest.approx(worth)
    assert _no_less_than_baselines(problem, run, Settings(), replace(poor, primal=best)).primal is best


def test_random_paths_are_keyed_by_demand_and_slot() -> None:
    """Another demand more does not change what the others draw."""
    few, many = Problem.of(case_study(0, demands=2)), Problem.of(case_study(0, demands=3))

    def drawn(problem: Problem, k: int) -> set[tuple[int, tuple[int, ...]]]:
        part = random_paths(problem, seed=5)
        f = problem.formulation
        columns = np.flatnonzero((part.model.upper[f.y.columns] > 0) & (f.serve.demand == k))
        return {(int(f.serve.slot[j]), tuple(problem.pool.nodes[int(f.serve.path[j])])) for j in columns}

    assert drawn(few, 1) == drawn(many, 1)
    assert random_paths(few, seed=5).model.upper.tolist() != random_paths(few, seed=6).model.upper.tolist()


def test_both_draws_of_random_paths() -> None:
    instance = network(0, slots=6, demands=4)
    available = solve(instance, Settings(method="random", draw="available"))
    everything = solve(instance, Settings(method="random", draw="all"))
    assert available.bound_covers == everything.bound_covers == "drawn_paths"
    assert available.plan is not None
    assert everything.plan is not None
    assert available.plan.objective_pairs > everything.plan.objective_pairs


def test_conflicts_are_minimal() -> None:
    links = [("a", "m", 10), ("m", "b", 10), ("c", "m", 10), ("x", "y", 5)]
    # k1 and k2 share m–b; k3 is content alone.
    fields = document(links, [("a", "b", 1, 6), ("c", "b", 1, 6), ("x", "y", 1, 5)])
    conflict = find_conflict(Problem.of(instance_from_document(fields)))
    assert conflict.demands == ("k1", "k2")
    assert conflict.minimal
    assert "k1, k2 cannot all get" in str(conflict)


def test_a_promise_to_a_disconnected_demand_names_demand_and_slot() -> None:
    fields = document([("a", "b", [5, 0, 5])], [("a", "b", 1, 2)], slots=3)
    solution = solve(instance_from_document(fields))
    assert solution.status == "infeasible"
    assert solution.conflict is not None
    assert (solution.conflict.demands, solution.conflict.slots) == (("k1",), (2,))


def test_prices_in_words() -> None:
    # V2d: the stock over m–n is what the last slot lives on, so its capacity binds.
    fields = document(
        [("a", "m", 100), ("m", "n", 10), ("n", "b", 100)], [("a", "b", [0, 0, 0, 1])], slots=4,
        storage={"m": 30.0, "n": 30.0},
    )  # fmt: skip
    solution = solve(instance_from_document(fields), Settings(gap=0.0))
    assert solution.primal is not None
    explanation = explain(solution.problem, solution.primal)
    stores = [price for price in explanation.prices if price.what == "store"]
    assert {price.slot for price in stores} <= {4}
    links = [price for price in explanation.prices if price.what == "link"]
    assert sum(price.worth for price in stores) + sum(price.worth for price in links) > 0
    assert explanation.unserved == ()
    assert all(str(price).startswith(f"slot {price.slot}: ") for price in explanation.prices)


def test_prices_are_what_one_more_is_worth() -> None:
    """Raising a capacity by one pair raises the optimum by its price, while the paths stay."""
    links = [("a", "m", 10), ("m", "b", 7), ("c", "m", 10)]
    demands = [("a", "b", 3), ("c", "b", 1)]
    for unit in ({}, {"rate_unit": "pairs_per_second", "slot_duration_s": 4}):
        fields = document(links, demands, **unit)
        solution = solve(instance_from_document(fields), Settings(gap=0.0))
        assert solution.primal is not None
        assert solution.plan is not None
        (price,) = explain(solution.problem, solution.primal).prices
        assert (price.what, price.name, price.worth) == ("link", "m–b", pytest.approx(3.0))
        tau = instance_from_document(fields).slot_length
        fields["links"][1]["rate"] = 7 + 1 / tau
        more = solve(instance_from_document(fields), Settings(gap=0.0)).plan
        assert more is not None
        assert more.objective_pairs - solution.plan.objective_pairs == pytest.approx(price.worth)


def test_reasons_for_getting_nothing() -> None:
    fields = document(
        [("a", "m", 10), ("m", "b", 7), ("c", "m", 10), ("x", "y", [0, 5]), ("p", "q", 5, 0.6)],
        [("a", "b", 3), ("c", "b", 1), ("x", "y"), ("p", "q")], slots=2,
    )  # fmt: skip
    fields["demands"][3]["target_fidelity"] = 0.9999999
    solution = solve(instance_from_document(fields), Settings(gap=0.0))
    assert solution.primal is not None
    reasons = {(u.demand, u.slot): u.reason for u in explain(solution.problem, solution.primal).unserved}
    assert reasons["k2", 1] == "its best path c–m–b could carry 7, but link m–b is worth more to demand k1"
    assert reasons["k3", 1] == "none of its paths is up"
    assert reasons["k4", 2] == "no path in the pool reaches its target fidelity"


@pytest.mark.parametrize("form", ["lp", "mps"])
def test_exported_models_have_the_same_optimum(form: Any, tmp_path: Any) -> None:
    instance = case_study(0, slots=2)
    file = tmp_path / f"model.{form}"
    file.write_text(export(Problem.of(instance), form))
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    assert solver.readModel(str(file)) == highspy.HighsStatus.kOk
    solver.run()
    plan = solve(instance, Settings(gap=0.0)).plan
    assert plan is not None
    assert solver.getInfo().objective_function_value == pytest.approx(plan.objective_pairs)


def test_exported_names_are_legal_unique_and_readable() -> None:
    fields = document(
        [("a b", "a-b", 5), ("a-b", "ü", 5)], [("a b", "ü", 1, 1)], slots=2, storage={"a b": 5, "ü": 5}
    )
    columns, rows = names(Problem.of(instance_from_document(fields)))
    for found in (columns, rows):
        assert len(set(found)) == len(found)
        assert all(name[0].isalpha() and name.replace("_", "").replace(".", "").isalnum() for name in found)
        assert all(name.isascii() for name in found)
    assert "x.k1.p1.t1" in columns
    assert "C4.a_b_a_b_2.t1" in rows
