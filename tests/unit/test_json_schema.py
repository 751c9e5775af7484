"""The JSON Schema of scenarios: it passes what satqn reads, and still finds slips of the pen."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satqn.documents import parse_yaml
from satqn.errors import SatqnError
from satqn.scenario.json_schema import scenario_schema
from satqn.scenario.load import MODELS, load_any
from satqn.scenario.reading import catalogue_entry, catalogue_names
from satqn.topology.resolution import resolved_text

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
ALL = jsonschema.Draft202012Validator(scenario_schema())


def passes(document: Any, validator=ALL) -> bool:
    return validator.is_valid(document)


def faults(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in ALL.iter_errors(document)]


def test_the_schemas_are_schemas():
    for study in (None, *MODELS):
        jsonschema.Draft202012Validator.check_schema(scenario_schema(study))
    assert len(json.dumps(scenario_schema())) < 250_000


@pytest.mark.parametrize("name", catalogue_names())
def test_every_catalogue_scenario_passes_as_written_and_written_out(name):
    written = parse_yaml(catalogue_entry(name) or "", name)
    assert faults(written) == []
    out = parse_yaml(resolved_text(load_any(name)), name)
    assert faults(out) == []
    own = jsonschema.Draft202012Validator(scenario_schema(out["study"]))
    assert passes(written, own)
    assert passes(out, own)


def test_the_examples_of_the_pages_pass():
    found = 0
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for text in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            document = parse_yaml(text, page.name)
            if isinstance(document, dict) and "study" in document:
                assert faults(document) == [], page.name
                found += 1
    assert found >= 2


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "public").glob("*/*.yaml")), ids=lambda path: path.parent.name
)
def test_scenarios_of_users_pass(path):
    assert faults(parse_yaml(path.read_text(encoding="utf-8"), path.name)) == []


TWO = {
    "study": "plan", "name": "two",
    "time": {"start": "2026-06-21T00:00:00Z", "horizon_s": 1200, "slot_s": 600},
    "ground": {"terminal": "ground-60cm", "nodes": [
        {"id": "A", "lat_deg": 52.5, "lon_deg": 13.4}, {"id": "B", "lat_deg": 48.1, "lon_deg": 11.6}]},
    "fibre": {"links": [{"ends": ["A", "B"], "length_km": 700}], "neighbours": {"count": 1}},
    "routing": {"splittable": True},
    "hardware": {"mine": {"extends": "ground-60cm", "receiver": {"radius_m": 0.4}}},
    "demands": [{"source": "A", "destination": "B"}],
}  # fmt: skip


def put(path: str, value: Any, document: dict | None = None) -> dict:
    made = copy.deepcopy(TWO if document is None else document)
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    node: Any = made
    for part in above:
        node = node.setdefault(part, {}) if isinstance(node, dict) else node[part]
    node[last] = value
    return made


def takes(document: Any, folder: Path) -> bool:
    path = folder / "s.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        load_any(path)
    except SatqnError:
        return False
    return True


@pytest.mark.parametrize(("path", "value"), [
    ("seed", {"value": 7, "source": "a die"}),
    ("seed", "7"),
    ("time.horizon_s", {"value": "1200", "source": "a wish"}),
    ("time.start", "2026-06-21 00:00Z"),
    ("ground.nodes.0.lat_deg", {"value": 52.5, "source": "a map"}),
    ("ground.nodes.0.population", None),
    ("ground.nodes", {"value": [{"id": "A", "lat_deg": 1, "lon_deg": 2}, {"id": "B", "lat_deg": 1, "lon_deg": 3}],
                      "source": "a list"}),
    ("fibre.links.0.length_km", {"value": 700, "source": "the owner"}),
    ("fibre.links.0.ends", [{"value": "A", "source": "me"}, "B"]),
    ("hardware.mine.receiver.radius_m", {"value": 0.3, "source": "our telescope"}),
    ("hardware.mine", {"value": {"extends": "ground-60cm", "memory": {"modes": 10}}, "source": "me"}),
    ("hardware.ground-60cm", {"extends": "ground-50cm", "acquisition_s": "30"}),
    ("routing.splittable", "yes"),
    ("routing.splittable", 0),
    ("schema_version", 1),
    ("schema_version", 2),
    ("demands.0.weight", "1e-3"),
    ("paths.max_hops", "4"),
])  # fmt: skip
def test_ways_to_write_it(path, value, tmp_path):
    document = put(path, value)
    assert takes(document, tmp_path)
    assert faults(document) == []


def test_what_extends_another_one_may_leave_anything_out(tmp_path):
    for document in (
        {"extends": "metro-pair"},
        {
            "extends": "metro-pair",
            "time": {"slot_s": 1200},
            "hardware": {"ground-20cm": {"receiver": {"radius_m": 0.3}}},
        },
        {"extends": "us-cities", "fibre": {"ion_pairs": 20}},
        {"extends": "metro-pair", "links": {"ground_mask_deg": {"value": 25, "source": "trees"}}},
    ):
        assert takes(document, tmp_path)
        assert faults(document) == []
    assert not passes({"extends": "metro-pair", "tim": {}})
    assert not passes({"extends": "metro-pair", "haps": [{"id": "H"}]})  # items of lists are whole
    assert passes({"name": "of version 1", "schema_version": 1, "pairs": 10})
    assert passes({"name": "of version 1"})


@pytest.mark.parametrize(("path", "value"), [
    ("sead", 7), ("seed", -1), ("seed", True), ("seed", 1.5), ("seed", "many"), ("time.horizon_s", 0),
    ("ground.nodes.0.lat_deg", 91), ("ground.nodes.0.lat_deg", {"value": 91, "source": "a map"}),
    ("ground.nodes.0.lat_deg", {"value": 9, "source": " "}), ("ground.nodes.0.lat_deg", {"value": 9}),
    ("ground.nodes.0.lat_deg", None), ("ground.nodes.0.id", "New York"), ("fibre.links.0.ends", ["A"]),
    ("routing.purification", "magic"), ("routing.splittable", "perhaps"), ("study", "dream"),
    ("hardware.mine", {"receiver": {"radius_m": 0.4}}), ("hardware.mine.receiver.radius_cm", 40),
    ("time", {"start": "2026-06-21T00:00:00Z", "slot_s": 600}), ("time.start", "midsummer"),
    ("schema_version", 3),
])  # fmt: skip
def test_slips_of_the_pen_are_found(path, value, tmp_path):
    document = put(path, value)
    assert not takes(document, tmp_path)
    assert faults(document) != []


def leaves(node: Any, path: tuple = ()) -> list[tuple]:
    if isinstance(node, dict | list) and node:
        items = node.items() if isinstance(node, dict) else enumerate(node)
        return [path, *(leaf for key, value in items for leaf in leaves(value, (*path, key)))]
    return [path]


ODD = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1, 2.0, 0.5, 1e9, "", "1", "1e3", " 2 ", "x", "yes", "A", [], ["A"], {}, "1_0"]),
    st.floats(-1e4, 1e4), st.integers(-5, 500),
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.sampled_from(["two", "metro-pair", "us-cities", "zhang2024"]), data=st.data())
def test_whatever_satqn_takes_passes(base, data, tmp_path):
    document = copy.deepcopy(TWO) if base == "two" else parse_yaml(catalogue_entry(base) or "", base)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from([leaf for leaf in leaves(document) if leaf]))
        node = document
        for part in above:
            node = node[part]
        if "value" in above or last in ("value", "source"):
            continue  # the source of a value that has one already: taken, and meant by nobody
        change = data.draw(st.sampled_from(["odd", "sourced", "quoted", "gone"]))
        if change == "odd":
            node[last] = data.draw(ODD)
        elif change == "sourced" and not (isinstance(node[last], dict) and "source" in node[last]):
            node[last] = {"value": node[last], "source": "somebody"}
        elif change == "quoted" and isinstance(node[last], int | float):
            node[last] = str(node[last])
        elif change == "gone":
            del node[last]
    if takes(document, tmp_path):
        assert faults(document) == []
