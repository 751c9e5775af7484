"""The test vectors of the specification of ageing: cohorts, single cut-offs, copies, and no ageing at all."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_document, plan_from_document
from satqn.routing.solve import Settings, Solution, solve

CASES = json.loads((Path(__file__).parents[1] / "golden/vectors/ageing.json").read_text(encoding="utf-8"))[
    "cases"
]
IDS = [case["instance"]["name"] for case in CASES]


def plan(document: dict[str, Any], form: str | None = None) -> Solution:
    return solve(instance_from_document(document), Settings(gap=0.0, ageing=form, warm_start=False))


def objective(document: dict[str, Any], form: str | None = None) -> float:
    solution = plan(document, form)
    assert solution.status == "optimal"
    assert solution.bound_pairs == pytest.approx(solution.made_plan().objective_pairs, rel=1e-6, abs=1e-6)
    return solution.made_plan().objective_pairs


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_cohorts_reach_the_optimum(case: dict[str, Any]) -> None:
    assert objective(case["instance"]) == pytest.approx(case["expected"]["cohorts_optimum"], abs=1e-5)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_every_cutoff(case: dict[str, Any]) -> None:
    for age, optimum in case["expected"]["single_cutoff_fifo"].items():
        assert objective(case["instance"], f"cutoff {age}") == pytest.approx(optimum, abs=1e-5)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_copies_for_every_age_are_exact(case: dict[str, Any]) -> None:
    every = ",".join(str(age) for age in range(1, case["instance"]["slots"] + 1))
    optimum = case["expected"]["cohorts_optimum"]
    assert objective(case["instance"], f"copies {every}") == pytest.approx(optimum, abs=1e-5)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_without_the_block_nothing_ages(case: dict[str, Any]) -> None:
    document = {name: value for name, value in case["instance"].items() if name != "ageing"}
    solution = plan(document)
    assert solution.made_plan().objective_pairs == pytest.approx(case["expected"]["without_ageing"], abs=1e-5)
    fields = plan_document(solution.made_plan())
    assert "discard" not in fields
    assert all("aged" not in record for record in fields["serve"])
    assert all("cutoff" not in record for record in fields["classes"])


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_plan_that_knows_nothing_of_age_fails_the_check(case: dict[str, Any]) -> None:
    """Drawn pairs whose age is not told are refused, whatever the plan promises of them."""
    aware = instance_from_document(case["instance"])
    document = {name: value for name, value in case["instance"].items() if name != "ageing"}
    unaware = plan(document).made_plan()
    draws = any("virtual" in leg for path in plan_document(unaware)["paths"] for leg in path["legs"])
    assert draws == any(fault.constraint == "ageing" for fault in check(aware, unaware))


@pytest.mark.parametrize("form", ["cohorts", "cutoff 1", "copies 1,2"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_plan_files_carry_what_the_checker_needs(case: dict[str, Any], form: str) -> None:
    instance = instance_from_document(case["instance"])
    document = plan_document(plan(case["instance"], form).made_plan())
    again = plan_from_document(json.loads(json.dumps(document)))
    assert check(instance, again) == []
    assert plan_document(again) == document


def _aged_plan(name: str, form: str = "cohorts") -> tuple[Any, dict[str, Any]]:
    case = CASES[IDS.index(name)]
    return instance_from_document(case["instance"]), plan_document(plan(case["instance"], form).made_plan())


def _faults(instance: Any, document: dict[str, Any]) -> set[str]:
    return {fault.constraint for fault in check(instance, plan_from_document(document))}


def test_the_checker_sees_pairs_made_younger() -> None:
    """A1 at T = 1200 s: pairs drawn in slot 3 as if all had been stored in slot 2."""
    instance, document = _aged_plan("A1 one pass, T=1200 s")
    assert _faults(instance, document) == set()
    forged = copy.deepcopy(document)
    changed = 0
    for record in forged["serve"]:
        for part in record.get("aged", []):
            changed += part["stored_in"] == 1
            part["stored_in"] = 2
    assert changed > 0
    assert "C5" in _faults(instance, forged)


def test_the_checker_sees_pairs_older_than_a_cutoff() -> None:
    instance, document = _aged_plan("A1 one pass, T=1200 s", "cutoff 2")
    forged = copy.deepcopy(document)
    for record in forged["classes"]:
        record["cutoff"] = 1
    assert "ageing" in _faults(instance, forged)


def test_the_checker_sees_what_is_not_thrown_away() -> None:
    """A3: the old stock of the start fills the memory; it has to go before anything new is stored."""
    instance, document = _aged_plan("A3 old initial stock blocks the memory")
    assert document["discard"]
    forged = {**document, "discard": []}
    assert "C3" in _faults(instance, forged) or "C6" in _faults(instance, forged)
    more = copy.deepcopy(document)
    more["discard"][0]["pairs"] *= 2.0
    assert "C5" in _faults(instance, more)


def test_a_plan_that_tells_ages_is_not_one_for_an_instance_without() -> None:
    case = CASES[IDS.index("A3 old initial stock blocks the memory")]
    document = {name: value for name, value in case["instance"].items() if name != "ageing"}
    _, told = _aged_plan("A3 old initial stock blocks the memory")
    assert "ageing" in _faults(instance_from_document(document), told)


@pytest.mark.parametrize("method", ["paper", "benders"])
def test_methods_that_know_no_ages_say_so(method: Any) -> None:
    case = CASES[IDS.index("A1 one pass, T=600 s")]
    solution = solve(instance_from_document(case["instance"]), Settings(method=method, gap=0.0))
    assert solution.method == "exact"
    assert any("knows no ages" in warning for warning in solution.warnings)
    assert solution.made_plan().objective_pairs == pytest.approx(30.0)


@pytest.mark.parametrize("method", ["no-storage", "satellite-only", "random"])
def test_baselines_age_too(method: Any) -> None:
    for case in CASES[:5]:
        solution = solve(instance_from_document(case["instance"]), Settings(method=method, gap=0.0))
        worth = solution.made_plan().objective_pairs
        assert worth <= case["expected"]["cohorts_optimum"] + 1e-6


def test_generated_paths_fall_to_listed_ones() -> None:
    case = CASES[IDS.index("A-r1")]
    document = {**case["instance"], "paths": {"mode": "generated", "max_hops": 4}}
    solution = plan(document)
    assert solution.bound_covers == "all_paths_within_hop_cap"
    assert solution.made_plan().objective_pairs == pytest.approx(55.289675, abs=1e-5)
