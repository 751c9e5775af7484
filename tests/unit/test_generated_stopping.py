"""Whenever a search over all paths is stopped, there is a plan that the checker accepts, and a bound."""

from __future__ import annotations

import pytest
from tests.oracles.routing_instances import document

from satqn.model.instance import RoutingInstance
from satqn.model.plan import LogLine
from satqn.routing.check import check
from satqn.routing.generate import case_study
from satqn.routing.generated.solve import generate
from satqn.routing.instance_file import instance_from_document
from satqn.routing.pool import with_paths
from satqn.routing.solve import Settings, Solution, _conclude, plans_over_all_paths, solve
from satqn.routing.stopping import Run


def instance() -> RoutingInstance:
    return with_paths(case_study(1, slots=6), "generated")


def stopped_at(line: int) -> Solution:
    """Ask to stop, as Ctrl-C does, when the log has so many lines."""
    heard: list[LogLine] = []
    run = Run()

    def listen(entry: LogLine) -> None:
        heard.append(entry)
        if len(heard) >= line:
            run.interrupted.set()

    run.listener = listen
    found = generate(instance(), run, 0.0)
    return _conclude(found.problem, run, "generated", found.outcome, 0.0, generated=found)


@pytest.mark.parametrize("line", range(1, 21))
def test_interrupted_anywhere(line: int) -> None:
    solution = stopped_at(line)
    assert solution.status in ("interrupted", "stalled")  # it may have nothing left to do by then
    assert solution.plan is not None
    assert solution.bound_pairs is not None
    assert check(instance(), solution.plan) == []
    assert 0 < solution.plan.objective_pairs <= solution.bound_pairs


def test_the_log_only_improves_and_the_same_seed_ends_the_same() -> None:
    first, second = (solve(instance(), Settings(gap=0.02, seed=3)) for _ in range(2))
    assert first.plan is not None
    assert second.plan is not None
    assert first.plan.serve == second.plan.serve
    assert first.bound_pairs == second.bound_pairs
    bounds = [line.bound for line in first.log if line.bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    assert first.bound_covers == "all_paths_within_hop_cap"


def test_pairs_that_only_storage_can_bring_are_delivered_however_short_the_time() -> None:
    # The link in the middle is up before the ones at the ends are: no slot has a whole path.
    links = [("a", "m", [0.0, 0.0, 9.0]), ("m", "n", [9.0, 0.0, 0.0]), ("n", "b", [0.0, 0.0, 9.0])]
    fields = document(links, [("a", "b")], slots=3, storage={"m": 20.0, "n": 20.0})
    bridged = instance_from_document(fields | {"paths": {"mode": "generated"}})
    run = Run(1e-9)
    found = generate(bridged, run, 0.0)
    assert found.outcome.primal is not None
    assert float(found.problem.model.cost @ found.outcome.primal) == pytest.approx(9.0)


def test_a_method_for_lists_gets_one_and_says_so() -> None:
    listed = solve(instance(), Settings(method="benders", gap=0.05, time_limit=20.0))
    assert listed.bound_covers == "pool"
    assert any("listed paths" in warning for warning in listed.warnings)
    assert not plans_over_all_paths(instance(), "benders")
