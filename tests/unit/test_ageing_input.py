"""The block `ageing` of an instance: every fault is told at once, with its place and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.ageing import random_document

from satqn.errors import InputError, InvalidFileError
from satqn.routing.ages import AgeForm
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, solve

GOOD: dict[str, Any] = {"model": "depolarising", "memory_coherence_s": 600}


def places(block: Any, **more: Any) -> list[str]:
    with pytest.raises(InvalidFileError) as caught:
        instance_from_document(random_document(0) | {"ageing": block} | more)
    return [problem.where for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ([], ["ageing"]),
        ("depolarising", ["ageing"]),
        ({}, ["ageing.model", "ageing.memory_coherence_s"]),
        (GOOD | {"model": "depolarizing"}, ["ageing.model"]),
        (GOOD | {"age_counts": "oldest"}, ["ageing.age_counts"]),
        (GOOD | {"coherence": 3}, ["ageing.coherence"]),
        (GOOD | {"memory_coherence_s": 0}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": -1}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": float("nan")}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": float("inf")}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": "600"}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": True}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": None}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": [600, 600]}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": {"h": 600}}, ["ageing.memory_coherence_s"]),
        (GOOD | {"memory_coherence_s": {"h": 600, "s": 0}}, ["ageing.memory_coherence_s.s"]),
        (GOOD | {"memory_coherence_s": {"h": 6, "s": 6, "x": 6}}, ["ageing.memory_coherence_s.x"]),
        (GOOD | {"memory_relaxation_s": 600}, ["ageing.memory_relaxation_s"]),
        (GOOD | {"model": "t1_t2"}, ["ageing.memory_relaxation_s"]),
        (GOOD | {"model": "t1_t2", "memory_relaxation_s": 299}, ["ageing.memory_coherence_s"]),
        ({"model": "t1_t2", "memory_coherence_s": {"h": 600, "s": 100}, "memory_relaxation_s": 200},
         ["ageing.memory_coherence_s.h"]),
    ],
)  # fmt: skip
def test_faults_of_the_block(block: Any, where: list[str]) -> None:
    assert places(block) == where


def test_ages_need_the_length_of_a_slot() -> None:
    document = random_document(0) | {"ageing": GOOD, "rate_unit": "pairs_per_slot"}
    del document["slot_duration_s"]
    with pytest.raises(InvalidFileError) as caught:
        instance_from_document(document)
    assert [problem.where for problem in caught.value.problems] == ["slot_duration_s"]


def test_t2_may_be_twice_t1() -> None:
    block = GOOD | {"model": "t1_t2", "memory_relaxation_s": 300}
    assert instance_from_document(random_document(0) | {"ageing": block}).ageing is not None


def test_memories_that_forget_within_a_slot_are_warned_of() -> None:
    document = random_document(0) | {"rate_unit": "pairs_per_slot", "slot_duration_s": 60.0}
    short = instance_from_document(document | {"ageing": GOOD | {"memory_coherence_s": 59.0}})
    assert any("memory_coherence_s" in note and "slot" in note for note in short.warnings)
    long = instance_from_document(document | {"ageing": GOOD | {"memory_coherence_s": 60.0}})
    assert not any("memory_coherence_s" in note for note in long.warnings)


@pytest.mark.parametrize(
    ("text", "cutoffs"),
    [("cohorts", ()), ("copies", (1, 2, 4, 8)), ("copies 3,1", (1, 3)), ("cutoff 2", (2,)), ("cutoff=2", (2,)),
     ("cutoff: 2", (2,))],
)  # fmt: skip
def test_forms_of_ages(text: str, cutoffs: tuple[int, ...]) -> None:
    assert AgeForm.parse(text) == AgeForm(cutoffs)


@pytest.mark.parametrize(
    "text", ["", "cutoff", "cutoff 0", "cutoff 1,2", "cohorts 2", "copies 0,1", "fifo", "cutoff -1"]
)
def test_what_is_no_form_is_refused(text: str) -> None:
    assert AgeForm.parse(text) is None
    with pytest.raises(InputError, match="cannot be used"):
        solve(instance_from_document(random_document(0)), Settings(ageing=text))


def test_copies_do_not_go_with_one_route_at_a_time() -> None:
    document = random_document(0)
    document["options"] |= {"storing_single_path": True}
    instance = instance_from_document(document)
    with pytest.raises(InputError, match="storing_single_path"):
        solve(instance, Settings(ageing="copies"))
    for form in ("cohorts", "cutoff 1"):
        assert solve(instance, Settings(ageing=form, warm_start=False)).plan is not None


def test_a_wish_for_ages_where_nothing_ages_is_said_to_have_no_effect() -> None:
    document = {name: value for name, value in random_document(0).items() if name != "ageing"}
    solution = solve(instance_from_document(document), Settings(ageing="cohorts"))
    assert any("no effect" in warning for warning in solution.warnings)
