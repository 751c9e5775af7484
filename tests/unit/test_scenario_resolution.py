"""Scenarios written out: what comes from where, and the commands that show it."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from satqn.cli import main
from satqn.errors import InvalidFileError
from satqn.scenario.json_schema import scenario_schema
from satqn.scenario.keys import bounds, known_keys, range_words, section_of
from satqn.scenario.load import MODELS, load_any
from satqn.scenario.planning import PlanScenario
from satqn.scenario.resolve import commented_yaml
from satqn.scenario.unit_hints import misread_unit, other_unit
from satqn.topology.expand import expand, expanded
from satqn.topology.resolution import origins, resolved, resolved_text, summary

ROOT = Path(__file__).parents[2]
MICIUS = """MICIUS
1 41731U 16051A   16353.90152003  .00000364  00000-0  17957-4 0  9993
2 41731  97.3699 267.4500 0013200 178.5836 246.0824 15.23915303 19063
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a scenario that takes nodes, terminals and satellites from other files."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "base.yaml").write_text(
        "study: plan\nname: base\ntime: {start: 2026-06-21T02:00:00+02:00, horizon_s: 1200, slot_s: 600}\n"
        "ground:\n  csv: nodes.csv\n  terminal: mine\n  storage_pairs: 5\n"
        "demands: [{source: Hartford, destination: Boston}]\n"
        "hardware:\n  mine:\n    extends: ground-60cm\n    receiver: {radius_m: {value: 0.4, source: a sheet}}\n",
        encoding="utf-8",
    )
    (tmp_path / "base" / "nodes.csv").write_text(
        "id,lat_deg,lon_deg,terminal,storage_pairs\nHartford,41.8,-72.7,,7\n\nBoston,42.4,-71.1,ground-50cm,\n",
        encoding="utf-8",
    )
    (tmp_path / "micius.tle").write_text(MICIUS, encoding="utf-8")
    (tmp_path / "case.yaml").write_text(
        "extends: base/base.yaml\nname: case\nground:\n  nodes: [{id: Albany, lat_deg: 42.7, lon_deg: -73.8}]\n"
        "satellites:\n  - {id: Q, terminal: micius, file: {path: micius.tle}}\n"
        "drawn_demands: {count: 1, by: uniform}\n",
        encoding="utf-8",
    )
    return tmp_path


def test_every_value_says_where_it_came_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    found = origins(load_any("case.yaml", {"seed": 7, "ground.nodes.Albany.altitude_m": 50}))
    expected = {
        "name": "case.yaml:2:1",
        "seed": "--set",
        "earth": "default",
        "time.slot_s": "base/base.yaml:3:59",
        "ground.nodes.0.lat_deg": "case.yaml:4:24",
        "ground.nodes.0.altitude_m": "--set",
        "ground.nodes.0.terminal": "as ground.terminal: base/base.yaml:6:3",
        "ground.nodes.0.terminals": "as ground.terminals: default",
        "ground.nodes.1.lat_deg": "nodes.csv:2",
        "ground.nodes.1.altitude_m": "default",
        "ground.nodes.1.storage_pairs": "nodes.csv:2",
        "ground.nodes.2.terminal": "nodes.csv:4",
        "ground.nodes.2.storage_pairs": "as ground.storage_pairs: base/base.yaml:7:3",
        "ground.csv": "written out in ground.nodes",
        "hardware.mine.receiver.radius_m": "base/base.yaml:12:16 (a sheet)",
        "satellites.0.omm.0.MEAN_MOTION": "micius.tle: MICIUS",
        "satellites.0.file": "written out in satellites.0.omm",
        "demands.0.source": "base/base.yaml:8:12",
        "demands.0.id": "numbered",
        "demands.0.target_fidelity": "as target_fidelity: default",
        "demands.1.source": "drawn with seed 7",
        "demands.1.weight": "default",
        "drawn_demands": "written out in demands",
    }
    assert {key: found[key] for key in expected} == expected
    for name in ("mine", "ground-50cm"):
        assert re.fullmatch(r"catalogue hardware\.yaml:\d+:3 \(.+\)", found[f"hardware.{name}.wavelength_nm"])


def test_the_written_out_scenario_needs_no_other_file(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = load_any(folder / "case.yaml")
    alone = tmp_path_factory.mktemp("alone") / "whole.yaml"
    alone.write_text(resolved_text(first), encoding="utf-8")
    again = load_any(alone).scenario
    assert isinstance(first.scenario, PlanScenario)
    assert again == expand(first).scenario == expanded(first.scenario)
    assert summary(load_any(alone))["counts"] == {
        "ground_nodes": 3, "ground_stations": 3, "haps": 0, "satellites": 1, "listed_fibres": 0, "slots": 2, "demands": 2,
    }  # fmt: skip


def test_options_of_the_hybrid_protocol_come_from_the_preset_or_the_caller() -> None:
    found = resolved(load_any("us-cities", {"placement": "greedy"}))
    assert found.origins["options.placement"] == "--set"
    assert found.origins["options.purification"] == "preset physical"
    assert found.data["options"]["purification"] == "dejmps"


def test_a_fault_in_a_file_of_an_extended_scenario_is_found_beside_that(folder: Path) -> None:
    (folder / "base" / "nodes.csv").write_text("id,lat_deg,lon_deg\nA,95,0\n", encoding="utf-8")
    with pytest.raises(
        InvalidFileError, match=r"base\.yaml:5:3: ground\.csv: nodes\.csv:2: lat_deg: 95\.0 is too large"
    ):
        summary(load_any(folder / "case.yaml"))


def test_an_escaped_sign_of_json_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"name": "a \U0001f6f0 b"}), encoding="utf-8")
    assert load_any(path).scenario.name == "a \U0001f6f0 b"


@pytest.mark.parametrize(
    "value",
    ["yes", "null", "1e5", "a: b", "# c", "- d", " e ", "", "'", '"', "\x85\x00\t\n", "2026-06-21", "é"],
)
def test_text_stays_text(value: str, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(
        commented_yaml({"name": "x", "description": value}, {"name": "a\nb", "description": "c"}, "t"),
        encoding="utf-8",
    )
    assert load_any(path).scenario.description == value


def test_validate_says_ok(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "metro-pair"]) == 0
    assert capsys.readouterr().out.startswith("ok: metro-pair (plan): 12 ground nodes")
    assert main(["validate", "metro-pair", "--json", "--set", "time.horizon_s=1200"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True
    assert document["counts"]["slots"] == 2


def test_resolve_prints_or_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "zhang2024"]) == 0
    text = capsys.readouterr().out
    assert main(["resolve", "zhang2024", "-o", str(tmp_path / "z.yaml"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (tmp_path / "z.yaml").read_text(encoding="utf-8") == text
    assert document["scenario"]["slots"] == 10
    assert document["origins"]["slots"].startswith("catalogue zhang2024.yaml:")


@pytest.mark.parametrize("which", ["scenario", "hybrid", "plan", "case-study", "instance", "plan-file"])
def test_schema_prints_one_json_document(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", which]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.get("properties") or which == "scenario"


def test_every_key_says_what_it_is() -> None:
    def walk(section: type[BaseModel]) -> None:
        for key, info in section.model_fields.items():
            assert info.description, f"{section.__name__}.{key}"
            inner = section_of(info.annotation)
            if inner is not None:
                walk(inner)

    for model in MODELS.values():
        walk(model)
    assert set(scenario_schema()["$defs"]) >= {model.__name__ for model in MODELS.values()}


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "make_scenario_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_on_the_format_is_current() -> None:
    written = (ROOT / "docs/reference/scenario-format.md").read_text(encoding="utf-8")
    assert written == tool().page(), "run python tools/make_scenario_reference.py"


def test_every_key_is_on_the_page() -> None:
    text = tool().page()
    for model in MODELS.values():
        assert all(f"| `{key.rpartition('.')[2]}` |" in text for key in known_keys(model))


def test_hints_on_units() -> None:
    names = ["altitude_km", "slot_s", "lon_deg"]
    assert other_unit("altitude_m", 550_000, names) == "write 'altitude_km: 550'"
    assert other_unit("slot_hours", "x", names) == "did you mean 'slot_s'?"
    assert other_unit("slot_km", 1, names) == other_unit("slots", 1, names) == ""
    assert misread_unit("wavelength_nm", 0.81, {"ge": 200, "le": 5000}).endswith(
        "810 would fit 'wavelength_nm'"
    )
    assert misread_unit("altitude_km", 1e12, {"le": 400_000}) == misread_unit("altitude_km", True, {}) == ""


def test_ranges_are_read_from_the_models() -> None:
    section = section_of(PlanScenario.model_fields["time"].annotation)
    assert section is not None
    assert range_words(bounds(section.model_fields["slot_s"])) == "above 0"
    assert range_words(bounds(PlanScenario.model_fields["target_fidelity"])) == "above 0.25, at most 1"


BASE = ROOT / "tests/golden/broken/parts/base.yaml"
MENDED = {"satellites.MEO.walker.inclination_deg": 56}
SPACE: dict[str, Any] = {"satellites.MEO.crosslinks": "none"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hardware.hap-15cm.wavelength_nm": 1550}, "'hap-15cm' receives at 1550 nm, but 'satellite-30cm' of MEO sends at 810 nm"),
        ({"hardware.satellite-30cm.receiver": None}, "no receiver for the light of MEO"),
        ({"hardware.satellite-30cm.receiver": None, **SPACE}, ""),
        ({"hardware.satellite-30cm.memory": None, "satellites.MEO.storage_pairs": 0, "hardware.hap-15cm.wavelength_nm": 1550}, "'ground-60cm' receives at 810 nm, but 'hap-15cm' of HAP"),
        ({"hardware.satellite-30cm.memory": None, "satellites.MEO.storage_pairs": 0}, ""),
    ],
)  # fmt: skip
def test_terminals_that_cannot_join_are_found_before_anything_is_evaluated(
    changes: dict[str, Any], said: str
) -> None:
    if said:
        with pytest.raises(InvalidFileError) as caught:
            load_any(BASE, MENDED | changes)
        assert said in str(caught.value)
    else:
        load_any(BASE, MENDED | changes)


def test_a_setting_of_a_catalogue_terminal_keeps_its_other_numbers_and_the_catalogue() -> None:
    changed = load_any(BASE, MENDED | {"hardware.ground-60cm.receiver.radius_m": 0.9}).scenario
    plain = load_any(BASE, MENDED).scenario
    assert isinstance(changed, PlanScenario)
    assert isinstance(plain, PlanScenario)
    receivers = [s.hardware["ground-60cm"].receiver for s in (changed, plain)]
    assert [r.radius_m for r in receivers if r is not None] == [0.9, 0.6]
    assert [r.optics for r in receivers if r is not None] == [0.5, 0.5]
