"""Column generation against the vectors of the specification: all simple paths enumerated, LP and optimum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from satqn.model.instance import RoutingInstance
from satqn.routing.generated.solve import Generated, generate
from satqn.routing.instance_file import load_instance
from satqn.routing.stopping import Run

CASES = Path(__file__).parent.parent / "golden" / "all-paths"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))


def instance_of(name: str) -> RoutingInstance:
    return load_instance(CASES / f"{name}.json")


def generated(name: str, **more: Any) -> tuple[Generated, Run]:
    run = Run()
    return generate(instance_of(name), run, 0.0, **more), run


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bound_is_the_linear_program_over_all_paths(name: str) -> None:
    expected = EXPECTED[name]
    found, _ = generated(name)
    lp, bound = expected["lp_all_paths"], found.outcome.bound
    assert bound is not None
    assert lp * (1 - 1e-6) <= bound <= lp * (1 + expected["prototype_bound_over_lp"]) * (1 + 1e-6)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bounds_and_plans_enclose_the_optimum_all_the_way(name: str) -> None:
    optimum = EXPECTED[name]["optimum"]
    found, run = generated(name)
    bounds = [line.bound for line in run.log if line.bound is not None]
    plans = [line.incumbent for line in run.log if line.incumbent is not None]
    assert len(bounds) > 3
    assert min(bounds) >= optimum * (1 - 1e-9)
    assert max(plans) <= optimum * (1 + 1e-6)
    assert bounds == sorted(bounds, reverse=True)
    assert plans == sorted(plans)
    assert found.outcome.primal is not None
    worth = float(found.problem.model.cost @ found.outcome.primal)
    assert worth == pytest.approx(optimum, rel=2e-3)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_without_storage(name: str) -> None:
    bound = generated(name, storage=False)[0].outcome.bound
    assert bound == pytest.approx(EXPECTED[name]["prototype_bound_no_storage"], rel=1e-6)


@pytest.mark.parametrize("name", ["g2", "g4-terminals1", "g8-hop2-retention-terminals"])
def test_threads_change_nothing(name: str) -> None:
    one, two = (generated(name, workers=workers)[0].outcome.bound for workers in (1, 2))
    assert one is not None
    assert one == pytest.approx(two, rel=1e-9)
