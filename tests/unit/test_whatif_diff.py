"""Differences: found where they are, by name, and nowhere else."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.whatif_cases import TINY, tiny_scenario

from satqn.errors import InputError
from satqn.routing.generate import case_study_document
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_document
from satqn.routing.solve import solve
from satqn.whatif.diff import changes, difference
from satqn.whatif.plan_view import plan_view

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text("ab", max_size=2))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENT = case_study_document(0, demands=2, slots=2, stations=3)


def written(folder: Path, name: str, document: dict) -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@given(TREES)
def test_a_tree_does_not_differ_from_itself(tree: object) -> None:
    assert list(changes(tree, deepcopy(tree))) == []


@given(TREES, TREES)
def test_differences_are_there_exactly_if_trees_differ_and_turn_round(one: object, other: object) -> None:
    there, back = list(changes(one, other)), list(changes(other, one))
    assert bool(there) == (json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(c.key, turned[c.kind]) for c in there} == {(c.key, c.kind) for c in back}


@pytest.mark.parametrize(
    ("one", "other", "differ"), [([1], [True], True), ([1], [1.0], False), (0, False, True)]
)
def test_numbers_are_compared_by_value_and_are_not_truth_values(one, other, differ: bool) -> None:
    assert bool(list(changes({"k": one}, {"k": other}))) is differ


def test_items_are_found_by_name_whatever_their_order() -> None:
    before = {"nodes": [{"id": "a", "x": 1}, {"id": "b", "x": 2}], "links": [{"ends": ["a", "b"], "r": 1}]}
    after = {"nodes": [{"id": "b", "x": 2.0}, {"id": "c", "x": 1}], "links": [{"ends": ["b", "a"], "r": 2}]}
    found = [(change.key, change.kind) for change in changes(before, after)]
    assert ("nodes.a", "removed") in found
    assert ("nodes.c", "added") in found
    assert ("links.a–b.r", "changed") in found
    assert not any(key.startswith("nodes.b") for key, _ in found)


def test_scenarios_differ_in_what_they_resolve_to(tmp_path: Path) -> None:
    tiny = tiny_scenario(tmp_path)
    other = tmp_path / "other.yaml"
    # What is written out says the same as a default left out.
    other.write_text(TINY.replace("target_fidelity: 0.8\n", "target_fidelity: 0.8\nsolver: {gap: 0.001}\n"))
    assert difference(tiny, other).changes == ()
    other.write_text(TINY.replace("altitude_km: 10000", "altitude_km: 9000"))
    found = difference(tiny, other)
    assert found.kind == "scenarios"
    assert [(c.key, c.before, c.after) for c in found.changes] == [
        ("satellites.MEO.walker.altitude_km", 10000.0, 9000.0)
    ]


def test_instances_differ_by_link_and_slot(tmp_path: Path) -> None:
    other = deepcopy(DOCUMENT)
    other["links"][3]["fidelity"] = 0.9123
    other["links"].reverse()
    a, b = written(tmp_path, "a.json", DOCUMENT), written(tmp_path, "b.json", other)
    found = difference(a, b)
    ends = "–".join(sorted(DOCUMENT["links"][3]["ends"]))
    assert found.kind == "instances"
    assert [change.key for change in found.changes] == [f"links.{ends}.fidelity"]


def test_plans_are_compared_by_what_they_decide(tmp_path: Path) -> None:
    plan = solve(instance_from_document(DOCUMENT)).plan
    assert plan is not None
    names = {path.id: f"renamed-{path.id}" for path in plan.paths}
    renamed = replace(
        plan,
        method="paper",
        paths=tuple(replace(path, id=names[path.id]) for path in reversed(plan.paths)),
        serve=tuple(replace(serve, path=names[serve.path]) for serve in reversed(plan.serve)),
        log=(),
    )
    a = written(tmp_path, "a.json", plan_document(plan))
    b = written(tmp_path, "b.json", plan_document(renamed))
    assert difference(a, b).changes == ()
    first, *others = plan.serve
    less = replace(plan, serve=(replace(first, rate=first.rate / 2), *others))
    found = difference(a, written(tmp_path, "c.json", plan_document(less)))
    owner = next(path.demand for path in plan.paths if path.id == first.path)
    assert found.kind == "plans"
    assert {change.key.split(".")[0] for change in found.changes} == {"delivered_rate", "serve"}
    assert any(change.key.startswith(f"serve.{owner}.slot {first.slot}.") for change in found.changes)


def test_plan_view_adds_up(tmp_path: Path) -> None:
    instance = instance_from_document(DOCUMENT)
    plan = solve(instance).plan
    assert plan is not None
    view = plan_view(plan)
    assert sum(view["delivered_rate"].values()) * instance.slot_length == pytest.approx(plan.delivered_pairs)
    assert {len(slot) for demand in view["serve"].values() for slot in demand.values()} == {1}


def test_two_kinds_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one kind"):
        difference(written(tmp_path, "a.json", DOCUMENT), "us-cities")
    with pytest.raises(InputError, match="no scenario or file"):
        difference("us-cities", "nowhere")
