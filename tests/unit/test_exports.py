"""Exports of a plan are read back by other programs and say what the plan says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.oracles.plan_records import Example, example

from satqn.reports.exports.czml import czml
from satqn.reports.exports.geojson import cut_line, geojson
from satqn.reports.exports.graphml import graphml
from satqn.reports.exports.tables import links_csv, network_csv, served_csv
from satqn.sphere import great_circle


@pytest.fixture(scope="module")
def made() -> Example:
    return example()


def pieces_of(geometry):
    lines = geometry["coordinates"]
    if geometry["type"] == "Point":
        return []
    return [lines] if geometry["type"] == "LineString" else lines


@given(
    st.floats(-170, 170),
    st.lists(st.tuples(st.floats(-300, 300), st.floats(-80, 80)), min_size=1, max_size=8),
)
def test_cut_lines_stay_on_the_map_and_lose_nothing(first, steps):
    line = np.array([[first, 0.0], *steps])
    line[1:, 0] = first + np.cumsum(line[1:, 0])
    parts = [np.array(part) for part in pieces_of(cut_line(line))]
    assert all(np.all(np.abs(part[:, 0]) <= 180.0) for part in parts)
    assert all(np.all(np.any(np.diff(part, axis=0) != 0.0, axis=1)) for part in parts)
    for before, after in pairwise(parts):
        assert abs(before[-1, 0]) == abs(after[0, 0]) == 180.0
        assert before[-1, 0] == -after[0, 0]
        assert before[-1, 1] == after[0, 1]
    length = sum(np.hypot(*np.diff(part, axis=0).T).sum() for part in parts)
    assert length == pytest.approx(np.hypot(*np.diff(line, axis=0).T).sum(), abs=1e-4)


def test_geojson_has_every_node_link_and_service(made):
    stage, state, plan = made.record.stage, made.record.state, made.record.plan
    features = json.loads(geojson(stage, state, made.view))["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert kinds.count("base_station") == 7
    assert kinds.count("aerial") == 1
    assert kinds.count("service") == len(plan.serve)
    assert kinds.count("fibre_chain") == state.making.count("fibre_chain")
    where = {
        f["properties"]["id"]: f["geometry"]["coordinates"]
        for f in features
        if f["geometry"]["type"] == "Point"
    }
    assert where["Madrid"][:2] == [-3.7, 40.42]
    assert where["HAP"] == [13.3, 52.5, 20000.0]
    pairs = sum(f["properties"]["pairs"] for f in features if f["properties"]["kind"] == "service")
    assert pairs == pytest.approx(plan.delivered_pairs, rel=1e-9)


def test_services_of_geojson_begin_and_end_at_the_users(made):
    stage = made.record.stage
    features = json.loads(geojson(stage, made.record.state, made.view))["features"]
    place = {node.id: [node.lon_deg, node.lat_deg] for node in stage.scenario.ground.nodes}
    demands = {demand.id: demand for demand in stage.scenario.demands}
    for feature in features:
        if feature["properties"]["kind"] == "service":
            parts = pieces_of(feature["geometry"])
            demand = demands[feature["properties"]["demand"]]
            assert_allclose(parts[0][0], place[demand.source], atol=1e-6)
            assert_allclose(parts[-1][-1], place[demand.destination], atol=1e-6)


def test_fibres_of_geojson_are_as_long_as_they_are(made):
    features = json.loads(geojson(made.record.stage, made.record.state, made.view))["features"]
    fibres = [f for f in features if f["properties"]["kind"] == "fibre_chain"]
    assert fibres
    for fibre in fibres:
        (lon_a, lat_a), *_, (lon_b, lat_b) = fibre["geometry"]["coordinates"]
        apart = float(great_circle(lat_a, lon_a, lat_b, lon_b)) / 1e3
        assert fibre["properties"]["length_km"] == pytest.approx(apart, rel=1e-4)  # detour 1


def test_graphml_is_read_back_with_types(made):
    networkx = pytest.importorskip("networkx")
    stage, state = made.record.stage, made.record.state
    graph = networkx.parse_graphml(graphml(stage, state))
    assert graph.number_of_edges() == len(state)
    assert graph.nodes["HAP"]["kind"] == "aerial"
    assert graph.nodes["Madrid"]["lat_deg"] == pytest.approx(40.42)
    used = {*state.a, *state.b, *state.via[state.via != ""].tolist()}
    assert set(graph.nodes) == used | {body.id for body in stage.bodies if body.kind != "satellite"}
    mean = sorted(data["mean_rate_per_s"] for _, _, data in graph.edges(data=True))
    assert_allclose(mean, np.sort(state.rate.mean(axis=0)), rtol=1e-12)


def lagrange(times, values, at, degree):
    """Return what a viewer of CZML interpolates: the polynomial through the nearest samples."""
    middle = int(np.searchsorted(times, at))
    first = int(np.clip(middle - (degree + 1) // 2, 0, len(times) - degree - 1))
    some = slice(first, first + degree + 1)
    t, v = times[some], values[some]
    weights = [np.prod([(at - t[j]) / (t[i] - t[j]) for j in range(len(t)) if j != i]) for i in range(len(t))]
    return np.array(weights) @ v


def test_czml_positions_are_those_of_the_orbits_between_samples_too(made):
    stage = made.record.stage
    packets = {packet["id"]: packet for packet in json.loads(czml(stage, made.record.state, made.view))}
    assert packets["document"]["clock"]["interval"] == "2026-06-20T23:00:00Z/2026-06-21T01:00:00Z"
    moving = [n for n, body in enumerate(stage.bodies) if not body.fixed and body.id in packets]
    assert len(moving) > 4
    for number in moving:
        position = packets[stage.bodies[number].id]["position"]
        assert position["referenceFrame"] == "FIXED"
        rows = np.array(position["cartesian"]).reshape(-1, 4)
        for at in (33.0, 1811.0, 5000.0, 7100.0):
            found = lagrange(rows[:, 0], rows[:, 1:], at, position["interpolationDegree"])
            assert np.linalg.norm(found - stage.position(number, at)[0]) < 10.0


def test_czml_shows_paths_exactly_while_they_serve(made):
    packets = json.loads(czml(made.record.stage, made.record.state, made.view))
    ids = {packet["id"] for packet in packets}
    begin = made.view.timeline.start
    shown = set()
    for packet in packets:
        if "polyline" not in packet:
            continue
        demand = packet["name"].partition(":")[0]
        names = [r.removesuffix("#position") for r in packet["polyline"]["positions"]["references"]]
        assert set(names) <= ids
        for interval in packet["polyline"]["show"]:
            if interval["boolean"]:
                first = datetime.fromisoformat(interval["interval"].split("/")[0])
                slot = round((first - begin).total_seconds() / made.view.timeline.slot)
                shown.add((demand, tuple(names), slot))
    assert shown == {(s.demand, s.nodes, s.slot) for s in made.view.services}


def test_netcdf_is_read_back_with_units(made, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    from satqn.reports.exports.netcdf import write_netcdf

    state = made.record.state
    write_netcdf(made.record.stage, state, tmp_path / "links.nc")
    with xarray.open_dataset(tmp_path / "links.nc", engine="h5netcdf") as found:
        assert found["rate"].attrs["units"] == "s-1"
        assert found["rate"].dims == ("slot", "link")
        assert_allclose(found["rate"].values, state.rate)
        assert_allclose(found["fidelity"].values, state.fidelity.filled(np.nan))
        assert found["node_a"].values.tolist() == list(state.a)
        assert found["via"].values.tolist() == state.via.tolist()
        assert str(found["time"].values[1])[:19] == "2026-06-20T23:10:00"


def test_missing_libraries_for_netcdf_are_named(made, monkeypatch):
    from satqn.errors import InputError
    from satqn.reports.exports import netcdf

    monkeypatch.setattr(netcdf, "LIBRARIES", ("xarray", "no_such_library"))
    with pytest.raises(InputError, match=r"no_such_library not installed.*satqn\[exports\]"):
        netcdf.links_dataset(made.record.stage, made.record.state)


def test_tables_say_what_the_plan_says(made):
    stage, state, plan = made.record.stage, made.record.state, made.record.plan
    served = list(csv.DictReader(io.StringIO(served_csv(made.view))))
    assert sum(float(row["pairs"]) for row in served) == pytest.approx(plan.delivered_pairs, rel=1e-8)
    links = list(csv.DictReader(io.StringIO(links_csv(stage, state))))
    assert len(links) == np.count_nonzero(state.rate)
    assert sum(float(row["rate_per_s"]) for row in links) == pytest.approx(state.rate.sum(), rel=1e-8)
    assert all((row["via"] != "") == (row["making"] == "dual_downlink") for row in links)
    network = list(csv.DictReader(io.StringIO(network_csv(stage, state))))
    assert [row["record"] for row in network].count("node") == len(stage.bodies)
    lengths = [float(row["length_km"]) for row in network if row["record"] == "link"]
    assert_allclose(lengths, state.length / 1e3, rtol=1e-9)
