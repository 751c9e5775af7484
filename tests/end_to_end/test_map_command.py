"""``satqn map``: what one place gets with all others, and medians by region."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from satqn import api
from satqn.cli import main
from satqn.extras import missing
from satqn.model.country import RegionMap, regions_of
from satqn.network.places import draw_pairs
from satqn.reports.country import region_table

QUICK = ["--preset", "published"]


@pytest.fixture(scope="module")
def system():
    return api.build(api.load("us-cities", {"preset": "published"}))


def run(capsys, *words):
    code = main(["map", *map(str, words)])
    return code, capsys.readouterr()


@pytest.mark.parametrize("quantity", ["rate", "fidelity", "protocol"])
def test_a_map_from_a_place_is_what_evaluate_says(capsys, tmp_path, system, quantity):
    out = tmp_path / "map"
    code, said = run(
        capsys, "us-cities", "--from", "Denver", "-o", out, "--quantity", quantity, "--json", *QUICK
    )
    assert code == 0
    summary = json.loads(said.out)
    assert summary["from"] == "Denver CO"
    assert summary["places"] == 299 == summary["pairs"]
    wanted = {"map.png", "map.geojson", "places.csv", "provenance.json"}
    assert set(summary["files"]) - {"places.parquet"} == wanted
    assert {file.name for file in out.iterdir()} == set(summary["files"])
    assert (out / "map.png").read_bytes().startswith(b"\x89PNG")

    rows = list(csv.DictReader((out / "places.csv").open()))
    ids = system.network.nodes.ids.tolist()
    start, ends = ids.index("Denver CO"), np.array([ids.index(row["node"]) for row in rows])
    found = api.evaluate(system, (np.full(len(ends), start), ends))
    for row, rate, fidelity, way in zip(
        rows, found.protocol_rate, found.protocol_fidelity, found.protocol_by_rate, strict=True
    ):
        assert row["protocol_by_rate"] == way
        assert (row["rate_per_s"] == "") == (rate is np.ma.masked)
        assert float(row["rate_per_s"] or 0) == pytest.approx(float(np.ma.filled(rate, 0.0)), rel=1e-9)
        assert float(row["fidelity"] or 0) == pytest.approx(float(np.ma.filled(fidelity, 0.0)), rel=1e-9)

    features = json.loads((out / "map.geojson").read_text())["features"]
    assert len(features) == 300
    assert features[0]["properties"] == {"node": "Denver CO", "role": "from"}
    assert {feature["geometry"]["type"] for feature in features} == {"Point"}
    assert [feature["properties"]["node"] for feature in features[1:]] == [row["node"] for row in rows]


def test_medians_by_region(capsys, tmp_path, system):
    out = tmp_path / "map"
    code, said = run(capsys, "us-cities", "--pairs", 200, "--seed", 4, "-o", out, "--json", *QUICK)
    assert code == 0
    a, b = draw_pairs(system.network, 200, 4)
    found = api.evaluate(system, (a, b))
    letters = np.array([name[-2:] for name in system.network.nodes.ids])
    texas = (letters[a] == "TX") | (letters[b] == "TX")
    row = next(row for row in json.loads(said.out)["regions"] if row["region"] == "Texas")
    assert row["pairs"] == texas.sum() > 10
    assert row["median_rate_per_s"] == pytest.approx(np.median(found.protocol_rate.filled(0.0)[texas]))
    assert row["median_fidelity"] == pytest.approx(np.ma.median(found.protocol_fidelity[texas]))
    assert row["fidelity_low"] <= row["median_fidelity"] <= row["fidelity_high"]
    assert sum(row[f"share_{way}"] for way in ("fibre", "hybrid", "satellite", "none")) == pytest.approx(1.0)
    polygons = json.loads((out / "map.geojson").read_text())["features"]
    assert all(feature["geometry"]["type"] == "MultiPolygon" for feature in polygons)


def test_the_map_can_be_made_again_into_its_folder(capsys, tmp_path):
    for quantity in ("rate", "protocol"):
        code, _ = run(capsys, "us-cities", "--pairs", 5, "-o", tmp_path / "m", "--quantity", quantity, *QUICK)
        assert code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "Denvr"], "Did you mean 'Denver'?"),
        (["--from", "0,0"], "km from the nearest node"),
        (["--pairs", "0"], "0 pairs asked for"),
        ([], "give either --from PLACE or --pairs N"),
        (["--from", "Denver", "--pairs", "3"], "give either --from PLACE or --pairs N"),
    ],
)
def test_what_cannot_be_mapped(capsys, tmp_path, words, message):
    code, said = run(capsys, "us-cities", *words, "-o", tmp_path / "m")
    assert code == 2
    assert message in said.err
    assert not (tmp_path / "m").exists()


def test_regions_without_states_are_cells(system):
    nodes = replace(system.network.nodes, ids=np.array([f"n{i}" for i in range(len(system.network))]))
    names = regions_of(nodes)
    at = int(np.argmax(nodes.lat_deg))
    south, west = map(float, names[at].split(","))
    assert south <= nodes.lat_deg[at] < south + 5.0
    assert west <= nodes.lon_deg[at] < west + 5.0


def test_tracts_lie_in_their_states(system):
    nodes = replace(
        system.network.nodes, ids=np.array([f"{36 if i else 50}{i:09d}" for i in range(len(system.network))])
    )
    assert regions_of(nodes)[:2].tolist() == ["Vermont", "New York"]


def test_a_region_whose_pairs_get_nothing(system):
    found = api.map_regions(system, 3)
    gone = np.ma.masked_all(3)
    nothing = replace(found.results, protocol_fidelity=gone, protocol_rate=gone.copy())
    bare = RegionMap(found.network, nothing, found.names, found.region, found.target_fidelity)
    assert all(row["median_fidelity"] is None for row in region_table(bare))
    assert all(row["median_rate_per_s"] == 0.0 for row in region_table(bare))


@pytest.mark.skipif(bool(missing("pyarrow")), reason="pyarrow is not installed")
def test_parquet_is_the_csv(capsys, tmp_path):
    import pyarrow.parquet

    assert run(capsys, "us-cities", "--pairs", 20, "-o", tmp_path / "m", *QUICK)[0] == 0
    table = pyarrow.parquet.read_table(tmp_path / "m" / "regions.parquet").to_pydict()
    rows = list(csv.DictReader((tmp_path / "m" / "regions.csv").open()))
    assert [row["region"] for row in rows] == table["region"]
    assert [float(row["median_rate_per_s"]) for row in rows] == pytest.approx(table["median_rate_per_s"])
