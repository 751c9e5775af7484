"""``satqn export``: a network without a plan, true to its links, in every format."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from numpy.testing import assert_allclose
from tests.oracles.small_scenario import SMALL

from satqn.cli import main
from satqn.reports.exports import netcdf
from satqn.reports.exports.system import system_text, unplanned_view
from satqn.scenario.load import load_any
from satqn.topology.bodies import stage
from satqn.topology.expand import expand
from satqn.topology.state import link_state


@pytest.fixture(scope="module")
def system():
    ready = stage(expand(load_any("metro-pair")).scenario)
    return ready, link_state(ready)


def test_nobody_is_served_without_a_plan(system) -> None:
    view = unplanned_view(system[0])
    assert view.services == ()
    assert view.demands == ("finance", "ports", "science")
    assert len(set(view.colours.values())) == 3


def test_geojson_has_every_node_on_earth_and_no_service(system) -> None:
    ready, state = system
    features = json.loads(system_text(ready, state, "geojson"))["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert "service" not in kinds
    ids = {f["properties"]["id"] for f in features if f["geometry"]["type"] == "Point"}
    assert ids == {body.id for body in ready.bodies if body.kind != "satellite"}
    assert kinds.count("fibre_chain") == state.making.count("fibre_chain")


def test_graphml_has_every_link_with_its_mean_rate(system) -> None:
    ready, state = system
    root = ElementTree.fromstring(system_text(ready, state, "graphml"))
    edges = [element for element in root.iter() if element.tag.endswith("}edge")]
    assert len(edges) == len(state)
    told = [
        float(d.text) for e in edges for d in e if d.get("key") == "mean_rate_per_s" and d.text is not None
    ]
    assert_allclose(sorted(told), sorted(state.rate.mean(axis=0)))


def test_tables_have_every_link(system) -> None:
    ready, state = system
    network = list(csv.DictReader(io.StringIO(system_text(ready, state, "csv"))))
    links = [row for row in network if row["record"] == "link"]
    assert [(row["node_a"], row["node_b"]) for row in links] == list(zip(state.a, state.b, strict=True))
    assert_allclose([float(r["mean_rate_per_s"]) for r in links], state.rate.mean(axis=0), rtol=1e-9)
    by_slot = list(csv.DictReader(io.StringIO(system_text(ready, state, "links-csv"))))
    assert len(by_slot) == (state.rate > 0.0).sum()
    assert_allclose(sum(float(r["rate_per_s"]) for r in by_slot), state.rate.sum(), rtol=1e-8)


def test_czml_moves_satellites_and_shows_no_path(system) -> None:
    ready, state = system
    packets = json.loads(system_text(ready, state, "czml"))
    assert packets[0]["id"] == "document"
    assert not [packet for packet in packets if "polyline" in packet]
    moving = [packet for packet in packets if "path" in packet]
    assert {packet["id"] for packet in moving} <= {b.id for b in ready.bodies if b.kind == "satellite"}
    assert moving


@pytest.mark.parametrize("form", ["geojson", "graphml", "czml", "csv"])
def test_command_writes_what_it_prints(form, tmp_path, capsys) -> None:
    scenario = tmp_path / "small.yaml"
    scenario.write_text(SMALL)
    assert main(["export", form, str(scenario)]) == 0
    printed = capsys.readouterr().out
    assert "left" in printed
    target = tmp_path / "out"
    assert main(["export", form, str(scenario), "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text() == printed


@pytest.mark.skipif(bool(netcdf.missing_libraries()), reason="the extra 'exports' is not installed")
def test_netcdf_has_the_rates(tmp_path) -> None:
    import xarray as xr

    scenario, target = tmp_path / "small.yaml", tmp_path / "links.nc"
    scenario.write_text(SMALL)
    assert main(["export", "netcdf", str(scenario), "-o", str(target)]) == 0
    ready = stage(expand(load_any(scenario)).scenario)
    with xr.open_dataset(target, engine="h5netcdf") as found:
        assert_allclose(found["rate"], link_state(ready).rate)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    "words",
    [["csv", "us-cities"], ["geojson", "no-such-scenario"], ["czml", "metro-pair", "-o", "/"], ["netcdf", "metro-pair"]],
)  # fmt: skip
def test_command_refuses(words, capsys) -> None:
    assert main(["export", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err
