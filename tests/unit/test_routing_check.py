"""The checker against a plan worked out by hand, and against that plan broken in every way."""

from __future__ import annotations

import ast
import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.routing_instances import document

import satqn.routing
from satqn.errors import InvalidFileError
from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_document, plan_from_document, plan_schema

# V2g: pairs made over m–n in slots 1 and 2 are stored and serve slot 3, where m–n is down.
BRIDGE = document(
    [("a", "m", 100), ("m", "n", [10, 10, 0]), ("n", "b", 100)], [("a", "b", [1, 1, 2])],
    slots=3, storage={"m": 30.0, "n": 30.0},
)  # fmt: skip
PLAN: dict[str, Any] = {
    "format": "satqn-plan",
    "version": 1,
    "objective_pairs": 40.0,
    "delivered_pairs": 20.0,
    "bound_pairs": 40.0,
    "gap": 0.0,
    "classes": [{"id": "c1", "pair": ["m", "n"], "route": ["m", "n"], "initial_stock": 0}],
    "paths": [
        {
            "id": "p1", "demand": "k1", "fidelity": 1.0, "base_pairs_per_pair": 1.0,
            "legs": [{"real": ["a", "m"]}, {"virtual": "c1", "from": "m", "to": "n"}, {"real": ["n", "b"]}],
        },
        {"id": "p2", "demand": "k1", "fidelity": 1.0, "base_pairs_per_pair": 1.0,
         "legs": [{"real": ["a", "m", "n", "b"]}]},
    ],
    "serve": [{"slot": 3, "path": "p1", "rate": 20.0}],
    "store": [{"slot": 1, "class": "c1", "rate": 10.0}, {"slot": 2, "class": "c1", "rate": 10.0}],
    "stock": [{"slot": 2, "class": "c1", "pairs": 10.0}, {"slot": 3, "class": "c1", "pairs": 20.0}],
}  # fmt: skip


def violations(plan: dict[str, Any], instance: dict[str, Any] = BRIDGE) -> set[str]:
    return {v.constraint for v in check(instance_from_document(instance), plan_from_document(plan))}


def broken(*places: tuple[tuple[Any, ...], Any]) -> dict[str, Any]:
    made = copy.deepcopy(PLAN)
    for (*path, last), value in places:
        node: Any = made
        for key in path:
            node = node[key]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return made


def test_a_plan_made_by_hand_passes() -> None:
    assert violations(PLAN) == set()


def test_a_plan_made_elsewhere_may_leave_things_out() -> None:
    bare = {key: value for key, value in PLAN.items() if key not in {"bound_pairs", "gap", "stock"}}
    assert violations(bare | {"made_by": "another program", "log": ["its own lines"]}) == set()


def serve(slot: int, path: str, rate: float) -> dict[str, Any]:
    return {"slot": slot, "path": path, "rate": rate}


def store(slot: int, rate: float, group: str = "c1") -> dict[str, Any]:
    return {"slot": slot, "class": group, "rate": rate}


BROKEN: dict[str, tuple[tuple[tuple[tuple[Any, ...], Any], ...], str]] = {
    "more than was stored": (((("serve", 0, "rate"), 25.0),), "C5"),
    "more than the link makes": (((("store", 0, "rate"), 12.0),), "C4"),
    "served over a link that is down": (((("serve",), [serve(3, "p2", 1.0)]),), "C4"),
    "path capacity": (((("serve",), [serve(1, "p2", 11.0)]),), "C1"),
    "two paths at once": (((("serve",), [serve(2, "p2", 0.0), serve(2, "p1", 0.0)]),), "C2"),
    "stock that does not add up": (((("stock", 1, "pairs"), 19.0),), "C6"),
    "stock that is not listed": (((("stock", 1), ...),), "C6"),
    "initial stock from nowhere": (((("classes", 0, "initial_stock"), 5.0),), "C6"),
    "storing in the last slot": (((("store",), [store(3, 1.0)]), (("stock",), [])), "last slot"),
    "negative rate": (((("serve", 0, "rate"), -1.0),), "serve"),
    "slot out of range": (((("serve", 0, "slot"), 4),), "serve"),
    "slot zero": (((("store", 0, "slot"), 0),), "store"),
    "record twice": (((("store",), [store(1, 5.0), store(1, 5.0), store(2, 10.0)]),), "store"),
    "unknown path": (((("serve", 0, "path"), "p9"),), "serve"),
    "unknown class": (((("store", 0, "class"), "c9"),), "store"),
    "unknown demand": (((("paths", 0, "demand"), "k9"),), "paths"),
    "path id twice": (((("paths", 1, "id"), "p1"),), "paths"),
    "legs that do not meet": (((("paths", 0, "legs", 2, "real"), ["m", "a"]),), "paths"),
    "a link that is not there": (((("paths", 1, "legs"), [{"real": ["a", "n", "b"]}]),), "links"),
    "the wrong users": (((("paths", 1, "legs"), [{"real": ["a", "m"]}]),), "paths"),
    "a virtual link the wrong way round": (
        ((("paths", 0, "legs", 1), {"virtual": "c1", "from": "n", "to": "m"}),), "paths"),
    "a class that is no storage pair": (((("classes", 0, "pair"), ["a", "n"]),), "storage_pairs"),
    "false fidelity": (((("paths", 0, "fidelity"), 0.9),), "fidelity"),
    "false cost": (((("paths", 0, "base_pairs_per_pair"), 2.0),), "base_pairs_per_pair"),
    "false objective": (((("objective_pairs",), 41.0),), "objective"),
    "false delivered pairs": (((("delivered_pairs",), 30.0),), "objective"),
    "bound below the objective": (((("bound_pairs",), 39.0), (("gap",), ...)), "bound"),
    "false gap": (((("bound_pairs",), 44.0),), "bound"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plan_fails(name: str) -> None:
    changes, constraint = BROKEN[name]
    assert constraint in violations(broken(*changes))


def test_c3_counts_both_ends() -> None:
    tight = copy.deepcopy(BRIDGE)
    tight["nodes"] = [
        node | ({"storage_pairs": 15.0} if node["id"] == "n" else {}) for node in tight["nodes"]
    ]
    found = check(instance_from_document(tight), plan_from_document(PLAN))
    assert [(v.constraint, v.index) for v in found if v.constraint == "C3"] == [("C3", "node n, slot 3")]
    assert found[0].amount == pytest.approx(5.0)


def test_minimum_rates_are_due_in_every_slot() -> None:
    promised = copy.deepcopy(BRIDGE)
    promised["demands"][0]["minimum_rate"] = 1.0
    found = check(instance_from_document(promised), plan_from_document(PLAN))
    assert [v.index for v in found if v.constraint == "minimum_rate"] == [
        "demand k1, slot 1", "demand k1, slot 2",
    ]  # fmt: skip


def test_options_change_what_is_allowed() -> None:
    both = broken((("serve",), [serve(2, "p2", 0.0), serve(2, "p1", 0.0), serve(3, "p1", 20.0)]))
    assert violations(both) == {"C2"}
    assert violations(both, BRIDGE | {"options": {"splittable": True}}) == set()
    capped = BRIDGE | {"paths": {"mode": "all_simple", "max_hops": 2}}
    assert "paths" in violations(PLAN, capped)
    assert "paths" in violations(PLAN, BRIDGE | {"options": {"max_virtual_links": 0}})
    fading = BRIDGE | {"options": {"stock_retention": 0.5}}
    assert {"C5", "C6"} <= violations(PLAN, fading)


def test_storing_over_two_routes_at_once() -> None:
    fields = document(
        [("m", "n", 10), ("m", "x", 10), ("x", "n", 10)], [("m", "n", [0, 1])], slots=2,
        storage={"m": 30.0, "n": 30.0}, options={"storing_single_path": True, "splittable": True},
    )  # fmt: skip
    plan = {
        "format": "satqn-plan", "version": 1, "objective_pairs": 20.0, "delivered_pairs": 20.0,
        "classes": [{"id": "c1", "pair": ["m", "n"], "route": ["m", "n"]},
                    {"id": "c2", "pair": ["n", "m"], "route": ["n", "x", "m"]}],
        "paths": [{"id": "p1", "demand": "k1", "legs": [{"virtual": "c1", "from": "m", "to": "n"}],
                   "fidelity": 1.0, "base_pairs_per_pair": 1.0},
                  {"id": "p2", "demand": "k1", "legs": [{"virtual": "c2", "from": "m", "to": "n"}],
                   "fidelity": 1.0, "base_pairs_per_pair": 1.0}],
        "serve": [serve(2, "p1", 10.0), serve(2, "p2", 10.0)],
        "store": [store(1, 10.0), store(1, 10.0, "c2")],
    }  # fmt: skip
    assert violations(plan, fields) == {"storing_single_path"}
    fields["options"]["storing_single_path"] = False
    assert violations(plan, fields) == set()


def test_amounts_within_the_tolerance_pass() -> None:
    assert (
        violations(broken((("serve", 0, "rate"), 20.0 + 1e-5), (("bound_pairs",), ...), (("gap",), ...)))
        == set()
    )
    assert (
        violations(broken((("serve", 0, "rate"), 20.001), (("bound_pairs",), ...), (("gap",), ...))) != set()
    )


def test_plan_files_round_trip() -> None:
    plan = plan_from_document(PLAN)
    assert plan_from_document(plan_document(plan)) == plan
    assert replace(plan, log=()) == plan
    for part in (plan_schema(), *plan_schema()["$defs"].values()):
        assert all(field.get("description") for field in part["properties"].values()), part["title"]


def test_what_is_not_a_plan_lists_every_fault() -> None:
    wrong = broken((("objective_pairs",), float("nan")), (("serve", 0, "rate"), "20"), (("format",), "plan"))
    with pytest.raises(InvalidFileError) as caught:
        plan_from_document(wrong)
    where = [problem.where for problem in caught.value.problems]
    assert where == ["format", "objective_pairs", "serve[0] (p1).rate"]


def test_the_checker_knows_neither_formulation_nor_solver() -> None:
    folder = Path(satqn.routing.__file__).parent
    own = ("check.py", "check_paths.py", "check_ageing.py")
    allowed = {"satqn.model.instance", "satqn.model.plan"} | {f"satqn.routing.{name[:-3]}" for name in own}
    for name in own:
        for node in ast.walk(ast.parse((folder / name).read_text())):
            if isinstance(node, ast.Import):
                assert not any(
                    alias.name.split(".")[0] in {"satqn", "scipy", "highspy"} for alias in node.names
                )
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("satqn"):
                assert node.module in allowed
