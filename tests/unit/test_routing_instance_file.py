"""Instance files: what is read, and every row of bad input with its record and field."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.routing_instances import document

from satqn.errors import InputError, InvalidFileError
from satqn.provenance import content_hash
from satqn.routing.instance_file import instance_from_document, instance_schema, load_instance
from satqn.routing.instance_writer import document_text, instance_document
from satqn.routing.problem import Problem
from satqn.routing.remarks import remarks

EXAMPLE: dict[str, Any] = {
    "format": "satqn-instance",
    "version": 1,
    "name": "two slots",
    "rate_unit": "pairs_per_slot",
    "slot_duration_s": 20,
    "slots": 2,
    "nodes": [
        {"id": "a", "kind": "base_station"},
        {"id": "m", "kind": "aerial", "storage_pairs": 30},
        {"id": "n", "kind": "satellite", "storage_pairs": 30},
        {"id": "b", "kind": "base_station"},
    ],
    "links": [
        {"ends": ["a", "m"], "kind": "A2G", "rate": 100, "fidelity": 1.0},
        {"ends": ["m", "n"], "kind": "S2A", "rate": [10, 0], "fidelity": 1.0},
        {"ends": ["n", "b"], "kind": "S2G", "rate": 100, "fidelity": 1.0},
    ],
    "storage_pairs": [["m", "n"]],
    "demands": [
        {
            "id": "k1",
            "source": "a",
            "destination": "b",
            "weight": [0, 1],
            "target_fidelity": 0.9,
            "minimum_rate": 0,
        }
    ],
    "paths": {"mode": "all_simple", "max_hops": 8},
    "options": {"purification": "bbpssw", "swap": "werner", "splittable": False},
}


def changed(*places: tuple[tuple[Any, ...], Any]) -> dict[str, Any]:
    made = copy.deepcopy(EXAMPLE)
    for (*path, last), value in places:
        node: Any = made
        for key in path:
            node = node[key]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return made


def faults(fields: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidFileError) as caught:
        instance_from_document(fields)
    assert caught.value.exit_code == 2
    return [str(problem) for problem in caught.value.problems]


def test_the_example_of_the_specification() -> None:
    instance = instance_from_document(EXAMPLE)
    assert instance.slots == 2
    assert instance.slot_length == 1.0
    assert instance.links.rate.tolist() == [[100, 10, 100], [100, 0, 100]]
    assert instance.demands.weight.tolist() == [[0], [1]]
    assert instance.nodes.storage_capacity.tolist() == [0, 30, 30, 0]
    assert instance.storage_pairs.tolist() == [[1, 2]]
    assert instance.warnings == ()


BAD: dict[str, tuple[tuple[tuple[Any, ...], Any], str, str]] = {
    "source = destination": ((("demands", 0, "destination"), "a"), "demands[0] (k1).destination", "same node"),
    "unknown node in a link": ((("links", 1, "ends"), ["m", "x"]), "links[1] (m–x).ends[1]", "unknown node 'x'"),
    "unknown source": ((("demands", 0, "source"), "q"), "demands[0] (k1).source", "unknown node 'q'"),
    "duplicate link": ((("links", 2, "ends"), ["m", "a"]), "links[2] (m–a).ends", "same link as links[0]"),
    "self link": ((("links", 0, "ends"), ["a", "a"]), "links[0] (a–a).ends", "to itself"),
    "negative rate": ((("links", 0, "rate"), -1), "links[0] (a–m).rate", "-1"),
    "negative rate in a slot": ((("links", 1, "rate"), [1, -2]), "links[1] (m–n).rate[1]", "-2"),
    "NaN rate": ((("links", 0, "rate"), float("nan")), "links[0] (a–m).rate", "nan"),
    "infinite rate": ((("links", 0, "rate"), float("inf")), "links[0] (a–m).rate", "inf"),
    "text for a rate": ((("links", 0, "rate"), "100"), "links[0] (a–m).rate", "'100'"),
    "wrong number of slots": ((("links", 1, "rate"), [1, 2, 3]), "links[1] (m–n).rate", "3 numbers for 2 slots"),
    "negative capacity": ((("nodes", 1, "storage_pairs"), -5), "nodes[1] (m).storage_pairs", "-5"),
    "NaN capacity": ((("nodes", 1, "storage_pairs"), float("nan")), "nodes[1] (m).storage_pairs", "nan"),
    "fidelity at 1/4": ((("links", 0, "fidelity"), 0.25), "links[0] (a–m).fidelity", "0.25"),
    "fidelity above 1": ((("links", 0, "fidelity"), 1.2), "links[0] (a–m).fidelity", "1.2"),
    "target above 1": ((("demands", 0, "target_fidelity"), 2.0), "demands[0] (k1).target_fidelity", "2.0"),
    "no target": ((("demands", 0, "target_fidelity"), ...), "demands[0] (k1).target_fidelity", "missing"),
    "negative weight": ((("demands", 0, "weight"), [-1, 0]), "demands[0] (k1).weight[0]", "-1"),
    "negative minimum rate": ((("demands", 0, "minimum_rate"), -1), "demands[0] (k1).minimum_rate", "-1"),
    "no rate unit": ((("rate_unit",), ...), "rate_unit", "missing"),
    "wrong rate unit": ((("rate_unit",), "pairs"), "rate_unit", "'pairs'"),
    "misspelt field": ((("links", 0, "fidelty"), 1.0), "links[0] (a–m).fidelty", "did you mean 'fidelity'?"),
    "wrong version": ((("version",), 2), "version", "2"),
    "no slots": ((("slots",), 0), "slots", "0"),
    "twice the same node": ((("nodes", 3, "id"), "a"), "nodes[3] (a).id", "stands twice"),
    "storage pair without storage": ((("storage_pairs",), [["a", "n"]]), "storage_pairs[0]", "has no storage"),
    "storage pair of one node": ((("storage_pairs",), [["m", "m"]]), "storage_pairs[0]", "with itself"),
    "unknown mode": ((("paths", "mode"), "guessed"), "paths.mode", "'guessed'"),
    "retention above 1": ((("stock_retention",), 1.5), "options.stock_retention", "1.5"),
    "seconds without a duration": (
        (("rate_unit",), "pairs_per_second"), "slot_duration_s", "need the length of a slot",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_record_and_field(name: str) -> None:
    change, where, what = BAD[name]
    fields = changed(change)
    if name == "seconds without a duration":
        del fields["slot_duration_s"]
    found = faults(fields)
    assert any(line.startswith(where + ":") and what in line for line in found), found


def test_all_faults_at_once() -> None:
    fields = changed(
        (("links", 0, "rate"), -1), (("links", 1, "ends"), ["m", "x"]), (("demands", 0, "source"), "q"),
        (("rate_unit",), ...), (("nodes", 2, "storage_pairs"), float("inf")),
    )  # fmt: skip
    assert len(faults(fields)) == 5


def stocked(pairs: float, route: list[str], pair: list[str]) -> dict[str, Any]:
    return changed((("initial_stock",), [{"pair": pair, "route": route, "pairs": pairs}]))


def test_initial_stock_above_capacity_names_the_node() -> None:
    found = faults(stocked(31, ["m", "n"], ["m", "n"]))
    assert len(found) == 2  # either end holds 30
    assert "node 'm'" in found[0]
    assert "31" in found[0]


@pytest.mark.parametrize(
    ("route", "pair", "what"),
    [
        (["m", "b"], ["m", "n"], "must join the pair"),
        (["m", "b", "n"], ["m", "n"], "there is no link m–b"),
        (["a", "m"], ["a", "m"], "not a storage pair"),
    ],
)
def test_initial_stock_along_an_impossible_route(route: list[str], pair: list[str], what: str) -> None:
    assert any(what in line for line in faults(stocked(5, route, pair)))


def test_options_may_stand_at_the_top() -> None:
    instance = instance_from_document(EXAMPLE | {"stock_retention": 0.9, "stock_end_value": 0.5})
    assert instance.options.stock_retention == 0.9
    assert instance.options.stock_end_value == 0.5
    beside = changed((("paths", "max_virtual_links"), 2))
    assert instance_from_document(beside).options.max_virtual_links == 2
    twice = changed((("max_virtual_links",), 2), (("options", "max_virtual_links"), 1))
    assert "options.max_virtual_links says 1" in faults(twice)[0]


def test_defaults() -> None:
    fields = changed(
        (("paths",), ...), (("options",), ...), (("storage_pairs",), ...), (("slot_duration_s",), ...)
    )
    del fields["demands"][0]["weight"]
    instance = instance_from_document(fields)
    assert (instance.paths.mode, instance.paths.max_hops) == ("generated", None)
    assert instance.storage_pairs.tolist() == [[1, 2]]
    assert instance.demands.weight.tolist() == [[1], [1]]
    sized = instance_from_document(changed((("paths",), {"per_demand": {"real": 3}})))
    assert (sized.paths.mode, sized.paths.max_hops) == ("all_simple", 4)
    single = changed((("paths",), ...), (("options",), {"storing_single_path": True}))
    single["nodes"] += [{"id": f"x{i}", "kind": "base_station"} for i in range(13)]
    assert (instance_from_document(single).paths.mode, instance_from_document(single).paths.max_hops) == (
        "k_shortest", None,
    )  # fmt: skip


def test_weak_links_and_wrong_kinds_are_warnings() -> None:
    fields = changed((("links", 0, "fidelity"), 0.5), (("links", 0, "kind"), "S2S"))
    notes = instance_from_document(fields).warnings
    assert any("fidelity: 0.5 <= 0.5" in note for note in notes)
    assert any("kind: S2S" in note for note in notes)


def test_disconnected_slots_and_hopeless_targets_are_warnings() -> None:
    fields = document([("a", "b", [5, 0, 0, 5], 0.6)], [("a", "b")], slots=4)
    fields["demands"][0]["target_fidelity"] = 0.6
    assert list(remarks(Problem.of(instance_from_document(fields)))) == [
        "demand k1 is disconnected in slot 2–3: rate 0 there"
    ]
    fields["demands"][0]["target_fidelity"] = 0.9999999
    assert "no path that reaches its target" in next(
        iter(remarks(Problem.of(instance_from_document(fields))))
    )


def test_too_little_storage_for_the_unit_is_a_warning() -> None:
    fields = document(
        [("a", "m", 100), ("m", "n", 10), ("n", "b", 100)], [("a", "b")], slots=2, storage={"m": 30.0, "n": 30.0},
        rate_unit="pairs_per_second", slot_duration_s=20,
    )  # fmt: skip
    assert any("is rate_unit right?" in note for note in remarks(Problem.of(instance_from_document(fields))))


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_files_round_trip(tmp_path: Path, suffix: str) -> None:
    instance = instance_from_document(EXAMPLE | {"initial_stock": [
        {"pair": ["m", "n"], "route": ["m", "n"], "pairs": 3.0}]})  # fmt: skip
    file = tmp_path / f"instance.{suffix}"
    text = document_text(instance_document(instance))
    file.write_text(text)
    again = load_instance(file)
    assert instance_document(again) == instance_document(instance)
    assert again.sha256 == content_hash(text.encode())


def test_yaml_is_read_as_1_2(tmp_path: Path) -> None:
    import io

    from ruamel.yaml import YAML

    buffer = io.StringIO()
    YAML().dump(EXAMPLE, buffer)
    file = tmp_path / "instance.yml"
    file.write_text(buffer.getvalue().replace("rate: 100", "rate: 1e2"))
    assert load_instance(file).links.rate[0].tolist() == [100, 10, 100]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("i.json", "{", "not valid JSON"), ("i.json", "[]", "one object"), ("i.json", '{"a": 1, "a": 2}', "twice"),
        ("i.yaml", "a: [", "not valid YAML"), ("i.json", "", "not valid JSON"),
    ],
)  # fmt: skip
def test_what_is_not_a_document(tmp_path: Path, name: str, text: str, what: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidFileError, match=what):
        load_instance(tmp_path / name)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_instance(tmp_path / "nowhere.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_instance(tmp_path / "binary.json")


def test_the_schema_describes_every_field() -> None:
    schema = instance_schema()
    json.dumps(schema)
    parts = [schema, *schema["$defs"].values()]
    for part in parts:
        for name, field in part["properties"].items():
            assert field.get("description") or "$ref" in field, f"{part['title']}.{name}"
