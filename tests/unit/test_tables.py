"""Tables of ground nodes, as spreadsheets and other programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from satqn.cli import main
from satqn.errors import InputError
from satqn.topology.tables import table_nodes, table_positions

WANTED = [("Berlin", 52.52, 13.4), ("Madrid", 40.42, -3.7)]


def nodes(path: Path, content: str | bytes) -> tuple[list[tuple], str]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found, remarks = table_nodes(path)
    return [(node.id, node.lat_deg, node.lon_deg) for node, _ in found], " ".join(remarks)


def fault(path: Path, content: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        nodes(path, content)
    return str(caught.value)


@pytest.mark.parametrize(("text", "said"), [
    ("id,lat_deg,lon_deg\nBerlin,52.52,13.40\nMadrid,40.42,-3.70\n", ""),
    ("\ufeffid,lat_deg,lon_deg\r\nBerlin,52.52,13.40\r\nMadrid,40.42,-3.70\r\n", ""),
    ("id,lat_deg,lon_deg\rBerlin,52.52,13.40\rMadrid,40.42,-3.70", ""),
    ('"id","lat_deg","lon_deg"\n"Berlin","52.52","13.40"\n"Madrid"," 40.42 ","-3.70"\n', ""),
    ("# places\n\nid,lat_deg,lon_deg\nBerlin,52.52,13.40\n# the south\nMadrid,40.42,-3.70\n\n\n", ""),
    ("id,lat_deg,lon_deg,,\nBerlin,52.52,13.40,,\nMadrid,40.42,-3.70,,\n,,,,\n", ""),
    ("# id, lat_deg, lon_deg\nBerlin, 52.52, 13.40\nMadrid, 40.42, -3.70\n", ""),
    ('# of today\n#id;lat_deg;lon_deg\n"Berlin"; "52.52"; "13.40"\nMadrid;40.42;-3.70\n', "separated by ;"),
    ("ID,Lat_Deg,LON_DEG\nBerlin,52.52,13.40\nMadrid,40.42,-3.70\n", "'ID' as id, 'Lat_Deg' as lat_deg"),
    ("name,latitude,longitude\nBerlin,52.52,13.40\nMadrid,40.42,-3.70\n",
     "columns read: 'name' as id, 'latitude' as lat_deg, 'longitude' as lon_deg"),
    ("City,Lat,Lng\nBerlin,52.52,13.40\nMadrid,40.42,-3.70\n", "'City' as id, 'Lat' as lat_deg, 'Lng' as lon_deg"),
    ("name,lat (deg),lon [°]\nBerlin,52.52°,13.40\nMadrid,40.42,−3.70\n", "'lat (deg)' as lat_deg"),
    ("country,id,name,lon,lat\nDE,Berlin,1,13.40,52.52\nES,Madrid,2,-3.70,40.42\n", "columns not taken: 'country', 'name'"),
    ("id;lat_deg;lon_deg\nBerlin;52.52;13.40\nMadrid;40.42;-3.70\n", "cells are separated by ; (Excel in Europe)"),
    ("id;lat_deg;lon_deg\nBerlin;52,52;13,40\nMadrid;40,42;-3,70\n", "numbers have a decimal comma: 52,52 is 52.52"),
    ("sep=;\r\nid;lat_deg;lon_deg\r\nBerlin;52,52;13,40\r\nMadrid;40,42;-3,70\r\n", "decimal comma"),
    ("\ufeffSEP=;\nid;lat_deg;lon_deg\nBerlin;52,52;13,4\nMadrid;40,42;-3,7\n", "decimal comma"),
    ("sep=,\nid,lat_deg,lon_deg\nBerlin,52.52,13.40\nMadrid,40.42,-3.70\n", ""),
    ("id\tlat_deg\tlon_deg\nBerlin\t52,52\t13,40\nMadrid\t40,42\t-3,70\n", "separated by a tab; numbers have a decimal comma"),
    ("id|lat_deg|lon_deg\nBerlin|52.52|13.40\nMadrid|40.42|-3.70\n", "separated by |"),
    ('id,lat_deg,lon_deg\nBerlin,"52,52","13,40"\nMadrid,"40,42","-3,70"\n', "numbers have a decimal comma"),
])  # fmt: skip
def test_ways_to_write_a_table(tmp_path, text, said):
    found, remarks = nodes(tmp_path / "t.csv", text)
    assert found == WANTED
    assert said in remarks
    assert bool(said) == bool(remarks)


def test_utf_16_as_spreadsheets_save_it(tmp_path):
    text = "id\tlat_deg\tlon_deg\nKöln\t50.9\t7.0\n"
    assert nodes(tmp_path / "t.csv", text.encode("utf-16"))[0] == [("Köln", 50.9, 7.0)]


@pytest.mark.parametrize(("cell", "people"), [
    ("1'234'567", 1234567), ("1’234’567", 1234567), ('"1,234,567"', 1234567), ("1 234 567", 1234567), ("1e6", 1e6),
    ("12345.5", 12345.5), ('"1,234.5"', 1234.5),
])  # fmt: skip
def test_thousands_with_signs_between_them(tmp_path, cell, people):
    path = tmp_path / "t.csv"
    path.write_text(f"id,lat_deg,lon_deg,population\nA,52.5,13.4,{cell}\n")
    assert table_nodes(path)[0][0][0].population == people


@pytest.mark.parametrize(
    ("cell", "people"), [("1.234.567", 1234567), ("1.234,5", 1234.5), ("1'234,5", 1234.5), ("2000", 2000)]
)
def test_thousands_where_numbers_have_a_decimal_comma(tmp_path, cell, people):
    path = tmp_path / "t.csv"
    path.write_text(f"id;lat_deg;lon_deg;population\nA;52,5;13,4;{cell}\n")
    assert table_nodes(path)[0][0][0].population == people


@pytest.mark.parametrize(("text", "said"), [
    ("id,lat_deg,lon_deg\nBerlin,52,52,13,40\n", "5 cells under 3 columns (numbers with a comma need ; between the cells"),
    ("id,lat_deg,lon_deg\nBerlin,52.5,13.4,x\n", "4 cells under 3 columns (leave some out)"),
    ("id,lat_deg,lon_deg,\nBerlin,52.5,13.4,x\n", "'x' has no name above it, in column 4"),
    ("id,lat_deg,lon_deg\nBerlin,52°31'N,13.4\n", "t.csv:2: lat_deg: \"52°31'N\" has minutes or a direction"),
    ("id,lat_deg,lon_deg\nBerlin,52.5,13.4E\n", "has minutes or a direction"),
    ("id,lat_deg,lon_deg\nBerlin,north,13.4\n", "'north' is not a number (write a number, from -90 to 90)"),
    ("id,lat_deg,lon_deg\nBerlin,true,13.4\n", "'true' is not a number"),
    ("id,lat_deg,lon_deg\nBerlin,NaN,13.4\n", "not a finite number"),
    ("id,lat_deg,lon_deg\nBerlin,inf,13.4\n", "not a finite number"),
    ("id,lat_deg,lon_deg\nBerlin,,13.4\n", "t.csv:2: lat_deg: this cell is missing"),
    ("id,lat_deg,lon_deg\nBerlin\n", "lon_deg: this cell is missing"),
    ("id,lat_deg,lon_deg\nBerlin,95,13.4\n", "95.0 is too large: from -90 to 90"),
    ("id,lat_deg,lon_deg\nNew York,40,-74\n", "'New York' has a blank, a comma or a bar in it"),
    ('id,lat_deg,lon_deg\n"Ber\nlin",52,13\n', r"'Ber\nlin' has a line break in it"),
    ("id,lat_deg,lon_deg,lat\nA,1,2,3\n", "'lat_deg' and 'lat' are both lat_deg (keep one of them)"),
    ("id,lat_deg,lon_deg,lon_deg\nA,1,2,3\n", "the column 'lon_deg' stands twice"),
    ("id,lat_deg,lon_deg,terminls\nA,1,2,3\n", "unknown column 'terminls' (did you mean 'terminals'?)"),
    ("id,lat_deg,lon_deg,altitude_ft\nA,1,2,3\n", "unknown column 'altitude_ft'"),
    ("id,lat_deg,lon_deg,elevation\nA,1,2,3\n", "unknown column 'elevation'"),
    ("lat_deg,lon_deg\n1,2\n", "the column 'id' is missing"),
    ("Berlin,52.52,13.40\n", "the column 'lat_deg' is missing"),
    ("id,lat_deg,lon_deg\n", "no node in it"),
    ("", "the column 'id' is missing"),
    ("# nothing\n", "the column 'id' is missing"),
    ('{"type": "FeatureCollection"}', "this is JSON, not a table (GeoJSON is read under ground.geojson)"),
    ('id,lat_deg,lon_deg\n"A,1,2\n', "t.csv:2"),
])  # fmt: skip
def test_what_a_table_can_have_wrong(tmp_path, text, said):
    assert said in fault(tmp_path / "t.csv", text)


def test_another_encoding_is_named(tmp_path):
    text = fault(tmp_path / "t.csv", "id,lat_deg,lon_deg\nKöln,50.9,7.0\n".encode("cp1252"))
    assert (
        "t.csv:2:2: the byte 0xf6 is not UTF-8 text: in Windows-1252 it is 'ö' (save the file as UTF-8)"
        in text
    )


def test_faults_stand_in_the_order_of_the_file(tmp_path):
    text = fault(tmp_path / "t.csv", "id,lat_deg,lon_deg\nA,x,1\nB,1,2,3\nC,y,1\n")
    assert [line.split(":")[1] for line in text.splitlines()[1:]] == ["2", "3", "4"]


def test_positions_for_a_network(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("name;lat;lon;country;altitude_m\nNew York;40,7;-74,0;US;10\nBonn;50,7;7,1;;\n")
    found, remarks = table_positions(path)
    assert found == {"New-York": (40.7, -74.0, 10.0), "Bonn": (50.7, 7.1, 0.0)}
    assert "decimal comma" in remarks[0]


SCENARIO = """study: plan
name: t
time: {start: 2026-06-21T00:00:00Z, horizon_s: 600, slot_s: 600}
ground: {%s}
drawn_demands: {count: 1, by: uniform}
"""


def test_keys_of_the_scenario_lead_to_files(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    points = '{"type": "FeatureCollection", "features": [%s]}'
    point = '{"type": "Feature", "properties": {"name": "%s"}, "geometry": {"type": "Point", "coordinates": [%s]}}'
    (tmp_path / "p.geojson").write_text(
        points % ", ".join([point % ("New York", "-74, 40.7, 12"), point % ("Bonn", "7.1, 50.7")])
    )
    (tmp_path / "s.yaml").write_text(SCENARIO % "geojson: p.geojson")
    assert main(["resolve", "s.yaml"]) == 0
    out = capsys.readouterr().out
    assert "- id: New-York  # p.geojson" in out
    assert "altitude_m: 12.0  # p.geojson" in out
    (tmp_path / "n.gml").write_text(
        'graph [ node [ id 1 label "A" ] node [ id 2 label "B" ] edge [ source 1 target 2 ] ]'
    )
    (tmp_path / "p.csv").write_text("name,lat,lon\nA,1,2\nB,3,4\n")
    (tmp_path / "s.yaml").write_text(SCENARIO % "topology: {file: n.gml, positions: p.csv}")
    assert main(["validate", "s.yaml"]) == 0
    seen = capsys.readouterr()
    assert "2 ground nodes" in seen.out
    assert "warning: p.csv: columns read: 'name' as id" in seen.err
    (tmp_path / "s.yaml").write_text(SCENARIO % "topology: {file: n.gml}")
    assert main(["validate", "s.yaml"]) == 0
    assert "no node has a position" in capsys.readouterr().err
    assert main(["resolve", "s.yaml", "--set", "ground.topology.unknown_length_km=42"]) == 0
    assert "length_km: 42.0" in capsys.readouterr().out
    assert (
        main(
            ["validate", "s.yaml", "--set", "ground.topology.around={lat_deg: 50, lon_deg: 7, radius_km: 30}"]
        )
        == 0
    )
    assert "stand on a circle of 30 km around 50° N 7° E" in capsys.readouterr().err


def test_platforms_need_positions(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.json").write_text('{"nodes": [{"id": "A"}, {"id": "B"}], "links": [["A", "B", 100]]}')
    (tmp_path / "s.yaml").write_text(SCENARIO % "topology: {file: n.json}")
    assert main(["validate", "s.yaml"]) == 0
    assert "for maps" not in capsys.readouterr().out
    hap = "haps: [{id: H, lat_deg: 0, lon_deg: 0, altitude_km: 20, terminal: hap-15cm}]\n"
    (tmp_path / "s.yaml").write_text(SCENARIO % "topology: {file: n.json}" + hap)
    assert main(["validate", "s.yaml"]) == 2
    assert "no node of n.json has a position, and platforms have to see them" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["../p.csv", "/etc/passwd", "sub/../../p.csv"])
@pytest.mark.parametrize("key", ["ground.csv", "ground.geojson", "ground.topology.file", "ground.topology.positions",
                                 "satellites.0.file.path"])  # fmt: skip
def test_paths_that_are_set_obey_the_rule_for_files(tmp_path, monkeypatch, capsys, key, path):
    (tmp_path / "p.csv").write_text("id,lat_deg,lon_deg\nA,1,2\nB,3,4\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    text = SCENARIO % "nodes: [{id: A, lat_deg: 1, lon_deg: 2}, {id: B, lat_deg: 1, lon_deg: 3}]"
    (tmp_path / "here" / "s.yaml").write_text(
        text + "satellites: [{id: S, terminal: meo-source, file: {path: x.tle}}]\n"
    )
    assert main(["validate", "s.yaml", "--set", f"{key}={path}"]) == 2
    err = capsys.readouterr().err
    assert f"--set {key}" in err
    assert "leaves the folder of the file" in err


def test_a_path_that_is_set_is_looked_for_in_the_working_folder(tmp_path, monkeypatch, capsys):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "s.yaml").write_text(SCENARIO % "csv: none.csv")
    (tmp_path / "p.csv").write_text("id,lat_deg,lon_deg\nA,1,2\nB,3,4\n")
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "far/s.yaml", "--set", "ground.csv=p.csv"]) == 0
    assert "2 ground nodes" in capsys.readouterr().out
