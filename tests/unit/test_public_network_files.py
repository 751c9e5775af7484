"""Files as users of comparable programs had them (tests/golden/public): each with its right answer."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path

import networkx
import pytest
from ruamel.yaml import YAML

from satqn.cli import main
from satqn.errors import EXIT_OK, EXIT_USAGE

PUBLIC = Path(__file__).parents[1] / "golden" / "public"


class Case:
    """The folder of a case, in which commands run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def run(self, *words: str, status: int = EXIT_OK) -> tuple[str, str]:
        found = main(list(words))
        out, err = self.capsys.readouterr()
        assert found == status, err
        return out, err

    def resolved(self, name: str, *more: str) -> dict:
        return YAML(typ="safe").load(self.run("resolve", name, *more)[0])


@pytest.fixture
def case(request, tmp_path, monkeypatch, capsys) -> Case:
    (folder,) = PUBLIC.glob(f"{request.param}-*")
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / folder.name))
    return Case(Path.cwd(), capsys)


def of(number: int):
    return pytest.mark.parametrize("case", [f"{number:02d}"], indirect=True)


def ids(data: dict) -> list[str]:
    return [node["id"] for node in data["ground"]["nodes"]]


def lengths(data: dict) -> list[float | None]:
    return [link["length_km"] for link in data["fibre"]["links"]]


@of(19)
def test_a_blank_label_gives_way_to_the_id(case):
    assert ids(case.resolved("t.yaml")) == ["Berlin", "Hamburg", "2"]


@of(20)
def test_doubled_labels_get_the_id_without_blanks(case):
    assert ids(case.resolved("t.yaml")) == ["Berlin", "Hamburg", "Berlin-2", "Berlin-n-3"]


@of(21)
@pytest.mark.parametrize("name", ["n.json", "km.graphml", "length.graphml"])
def test_a_length_is_taken_under_every_name_in_use(case, name):
    assert lengths(case.resolved("t.yaml", "--set", f"ground.topology.file={name}")) == [300.0]


@of(21)
@pytest.mark.parametrize(
    ("key", "value", "km"),
    [("km", 300, 300), ("length", "300", 300), ("distance", 300.0, 300), ("Length_km", 300, 300), ("dist", 300, 300),
     ("LinkLength", 300, 300), ("linkLengthKm", 300, 300), ("length (km)", 300, 300), ("fiber_length", 300, 300),
     ("length_m", 300_000, 300), ("distance_in_meters", 300_000, 300), ("distance_miles", 186.411358, 300),
     ("LENGTH-KM", 300, 300), ("kilometers", 300, 300), ("length_mi", 186.411358, 300)],
)  # fmt: skip
def test_names_of_lengths_and_their_units(case, key, value, km):
    document = json.loads((case.folder / "n.json").read_text())
    document["links"] = [{"source": "A", "target": "B", key: value}]
    (case.folder / "n.json").write_text(json.dumps(document))
    assert lengths(case.resolved("t.yaml")) == [pytest.approx(km, rel=1e-7)]


@of(22)
@pytest.mark.parametrize("key", ["Links", "LINKS", "Edges", "Nodes"])
def test_a_key_in_other_letters_is_an_error(case, key):
    path = case.folder / "n.json"
    path.write_text(path.read_text().replace("nodes" if key == "Nodes" else "Links", key))
    _, err = case.run("validate", "t.yaml", status=EXIT_USAGE)
    assert f"unknown key '{key}' (did you mean '{key.lower()}'?)" in err


@of(23)
def test_two_nodes_at_one_place_are_0_km_apart(case):
    data = case.resolved("t.yaml")
    assert len(ids(data)) == 3
    assert lengths(data) == [None, pytest.approx(255.12, abs=0.01)]
    (case.folder / "whole.yaml").write_text(case.run("resolve", "t.yaml")[0])
    out, err = case.run("validate", "whole.yaml")
    assert "2 listed fibres" in out
    assert err == ""


@of(24)
def test_a_node_without_position_is_placed_left_out_or_refused_as_the_key_says(case):
    out, err = case.run("validate", "t.yaml")
    assert "3 ground nodes" in out
    assert "1 node without position put at the mean of their neighbours: X" in err
    assert "'without_position: leave_out'" in err
    out, err = case.run("validate", "t.yaml", "--set", "ground.topology.without_position=leave_out")
    assert "2 ground nodes" in out
    assert "1 listed fibre" in out
    assert "1 node without position left out" in err
    _, err = case.run(
        "validate", "t.yaml", "--set", "ground.topology.without_position=refuse", status=EXIT_USAGE
    )
    assert "node 2 'X' (line 2): it has no position" in err


@of(25)
def test_a_longitude_above_180_says_what_to_write(case):
    _, err = case.run("validate", "t.yaml", status=EXIT_USAGE)
    assert "Longitude 208.7 is too large: from -180 to 180" in err
    assert "write -151.3" in err


@of(26)
@pytest.mark.parametrize(("lat", "lon"), [("latitude", "longitude"), ("lat_deg", "lon_deg"), ("Latitude", "Longitude"),
                                          ("lat", "lng"), ("LAT", "LON"), ("lat", "long")])  # fmt: skip
def test_positions_under_the_names_in_use(case, lat, lon):
    path = case.folder / "n.json"
    path.write_text(path.read_text().replace("latitude", lat).replace("longitude", lon))
    data = case.resolved("t.yaml")
    assert [node["lat_deg"] for node in data["ground"]["nodes"]] == [52.52, 53.55]
    assert lengths(data) == [pytest.approx(255.12, abs=0.01)]


@of(26)
def test_satqns_own_export_is_read_back(case):
    out, err = case.run("validate", "t.yaml", "--set", "ground.topology.file=own-export.graphml")
    assert "2 ground nodes" in out
    assert "0 listed fibres" in out
    assert "1 node in the air and 2 links through it left out" in err


@of(27)
def test_an_id_that_stands_twice_is_an_error(case):
    _, err = case.run("resolve", "t.yaml", status=EXIT_USAGE)
    assert "the id 0 stands twice" in err
    nodes = [{"id": "A", "lat": 1, "lon": 2}, {"id": "A", "lat": 3, "lon": 4}]
    (case.folder / "n.json").write_text(json.dumps({"nodes": nodes, "links": []}))
    _, err = case.run("resolve", "t.yaml", "--set", "ground.topology.file=n.json", status=EXIT_USAGE)
    assert "the id A stands twice: at nodes[0] and nodes[1]" in err


@of(36)
def test_a_byte_order_mark_is_no_fault_of_an_instance(case):
    assert (case.folder / "i.json").read_bytes()[:3] == b"\xef\xbb\xbf"
    out, _ = case.run("plan", "i.json", "--json")
    assert json.loads(out)["status"] == "optimal"


@of(37)
def test_a_line_break_in_an_id_is_named(case):
    _, err = case.run("validate", "s.yaml", status=EXIT_USAGE)
    assert r"'Ber\nlin' has a line break in it" in err


@of(38)
@pytest.mark.parametrize("scenario", ["NFC", "NFD"])
@pytest.mark.parametrize("table", ["NFC", "NFD"])
def test_two_ways_to_write_a_name_are_one(case, scenario, table):
    for name, form in (("s.yaml", scenario), ("g.csv", table)):
        path = case.folder / name
        path.write_text(unicodedata.normalize(form, path.read_text(encoding="utf-8")), encoding="utf-8")
    assert ids(case.resolved("s.yaml")) == [unicodedata.normalize("NFC", "Köln"), "Madrid"]


@of(39)
@pytest.mark.parametrize(("value", "said"), [("true", "true is not a number"), ("[3]", "is not a number"),
                                             ('"far"', "'far' is not a number"), ("-3", "-3 is negative"),
                                             ("0", "it is 0 km long, but its ends are 255.1 km apart"),
                                             ('"1,5"', "write 1.5"), ('"inf"', "not a finite number")])  # fmt: skip
def test_what_is_no_length_is_an_error(case, value, said):
    path = case.folder / "n.json"
    path.write_text(path.read_text().replace("true", value))
    _, err = case.run("resolve", "t.yaml", status=EXIT_USAGE)
    assert said in err


@of(39)
def test_null_is_no_length_given(case):
    path = case.folder / "n.json"
    path.write_text(path.read_text().replace("true", "null"))
    assert lengths(case.resolved("t.yaml")) == [pytest.approx(255.12, abs=0.01)]


@of(43)
def test_semicolons_and_decimal_commas_are_read_and_said(case):
    out, err = case.run("validate", "s.yaml")
    assert "2 ground nodes" in out
    assert "cells are separated by ; (Excel in Europe); numbers have a decimal comma: 52,52 is 52.52" in err
    data = case.resolved("s.yaml")
    assert [(n["lat_deg"], n["lon_deg"]) for n in data["ground"]["nodes"]] == [(52.52, 13.4), (40.42, -3.7)]


@of(28)
def test_every_edge_of_the_graphml_export_has_an_id_of_its_own(case):
    out, _ = case.run("export", "graphml", "geo.yaml")
    ids = re.findall(r'<edge [^>]*id="([^"]*)"', out)
    assert len(ids) == len(set(ids)) == out.count("<edge ") == 2
    (case.folder / "back.graphml").write_text(out)
    back = networkx.read_graphml(case.folder / "back.graphml")
    assert back.number_of_edges() == 2


@of(36)
@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_ids_of_instances_and_plans_in_both_forms_are_one(case, forms):
    text = (case.folder / "i.json").read_text(encoding="utf-8-sig").replace('"hap"', '"Köln"')
    (case.folder / "i.json").write_text(unicodedata.normalize("NFC", text), encoding="utf-8")
    case.run("plan", "i.json", "-o", "p.json")
    for name, form in zip(("i.json", "p.json"), forms, strict=True):
        path = case.folder / name
        path.write_text(unicodedata.normalize(form, path.read_text(encoding="utf-8")), encoding="utf-8")
    out, _ = case.run("check", "i.json", "p.json")
    assert "valid" in out or "ok" in out
