"""Exports as other programs read them: every case that one of them was found to trip over."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from satqn.cli import main
from satqn.planning import load_plan_scenario
from satqn.topology.bodies import Stage, stage
from satqn.topology.expand import expanded

GEO = """
time: {start: 2026-06-21T00:00:00Z, horizon_s: 1200, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: A, lat_deg: 5, lon_deg: 10}
    - {id: B, lat_deg: 6, lon_deg: 12}
satellites:
  - {id: GEO, geostationary: {lon_deg: [10]}, terminal: satellite-30cm}
demands: [{source: A, destination: B, target_fidelity: 0.8}]
"""
HEO = """
time: {start: 2026-06-21T00:00:00Z, horizon_s: 43200, slot_s: 900}
ground:
  terminal: ground-60cm
  nodes:
    - {id: "Oslo#1", lat_deg: 59.9, lon_deg: 10.7}
    - {id: Tromso, lat_deg: 69.6, lon_deg: 18.9}
satellites:
  - id: HEO
    orbits:
      - {id: heo-a, altitude_km: 20182, eccentricity: 0.72, inclination_deg: 63.4, raan_deg: 0, argument_of_perigee_deg: 270, mean_anomaly_deg: 180}
      - {id: heo-p, altitude_km: 20182, eccentricity: 0.72, inclination_deg: 63.4, raan_deg: 0, argument_of_perigee_deg: 270, mean_anomaly_deg: 0}
      - {id: heo-t, altitude_km: 17000, eccentricity: 0.70, inclination_deg: 63.4, raan_deg: 200, argument_of_perigee_deg: 270, mean_anomaly_deg: 180}
    terminal: satellite-30cm
    terminals: 4
    storage_pairs: 5000
demands:
  - {source: "Oslo#1", destination: Tromso, target_fidelity: 0.8}
"""
OTHERS = """
time: {start: "2026-06-21T02:00:00.250+02:00", horizon_s: 86400, slot_s: 7200}
ground:
  terminal: ground-60cm
  nodes:
    - {id: Kiruna, lat_deg: 67.86, lon_deg: 20.22}
    - {id: Tromso, lat_deg: 69.6, lon_deg: 18.9}
haps:
  - {id: H, lat_deg: 68, lon_deg: 19, altitude_km: 20, terminal: hap-15cm, circle_radius_km: 30, circle_period_s: 400}
satellites:
  - id: S
    orbits:
      - {id: leo, altitude_km: 550, inclination_deg: 97.5, raan_deg: 20, mean_anomaly_deg: 10}
      - {id: gto, altitude_km: 18400, eccentricity: 0.735, inclination_deg: 50, raan_deg: 0, mean_anomaly_deg: 3}
      - {id: far, altitude_km: 66000, eccentricity: 0.9, inclination_deg: 70, raan_deg: 0, argument_of_perigee_deg: 270, mean_anomaly_deg: 200}
    terminal: satellite-30cm
  - id: M
    omm:
      - {OBJECT_NAME: MOLNIYA 1-91, EPOCH: "2026-06-20T12:00:00", MEAN_MOTION: 2.00601, ECCENTRICITY: 0.74, INCLINATION: 64.2, RA_OF_ASC_NODE: 80, ARG_OF_PERICENTER: 280, MEAN_ANOMALY: 15, BSTAR: 0.0001}
    terminal: satellite-30cm
demands:
  - {source: Kiruna, destination: Tromso, target_fidelity: 0.8}
"""
PACIFIC = """
time: {start: 2026-06-21T00:00:00Z, horizon_s: 3600, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: Suva, lat_deg: -18.14, lon_deg: 178.44}
    - {id: Apia, lat_deg: -13.83, lon_deg: -171.77}
    - {id: Taveuni, lat_deg: -16.8, lon_deg: 180}
    - {id: Taveuni2, lat_deg: -16.9, lon_deg: -180}
    - {id: NorthPole, lat_deg: 90, lon_deg: 0}
    - {id: SouthPole, lat_deg: -90, lon_deg: 0, altitude_m: 2835}
    - {id: "Anadyr&<1>", lat_deg: 64.7, lon_deg: 177.5}
    - {id: Nome, lat_deg: 64.5, lon_deg: -165.4}
haps:
  - {id: HAP-D, lat_deg: -17, lon_deg: 179.9, altitude_km: 20, terminal: hap-15cm, storage_pairs: 5000, circle_radius_km: 30, circle_period_s: 1800}
  - {id: HAP-T, lat_deg: -16.8, lon_deg: 180, altitude_km: 20, terminal: hap-15cm, storage_pairs: 5000}
satellites:
  - id: MEO
    walker: {satellites: 6, planes: 3, phasing: 1, altitude_km: 10000, inclination_deg: 90}
    terminal: satellite-30cm
    terminals: 4
    storage_pairs: 5000
  - id: GEO
    geostationary: {lon_deg: [180]}
    terminal: satellite-30cm
    terminals: 4
    storage_pairs: 5000
fibre:
  links:
    - {ends: [Taveuni, Taveuni2]}
    - {ends: [Suva, Taveuni]}
    - {ends: [Taveuni2, Apia]}
    - {ends: ["Anadyr&<1>", Nome]}
demands:
  - {source: Suva, destination: Apia}
  - {source: "Anadyr&<1>", destination: Nome}
solver: {time_limit_s: 20}
"""
STRANGE = """
time: {start: 2026-06-21T00:00:00Z, horizon_s: 600, slot_s: 600}
ground:
  nodes:
    - {id: "=1+1", lat_deg: 50.1, lon_deg: 8.7}
    - {id: "@x", lat_deg: 50.2, lon_deg: 8.8}
    - {id: "-y", lat_deg: 50.3, lon_deg: 8.9}
    - {id: "a\\x01b", lat_deg: 50.4, lon_deg: -0.1}
fibre:
  links: [{ends: ["=1+1", "@x"], length_km: 0.3}, {ends: ["@x", "-y"]}, {ends: ["-y", "a\\x01b"]}]
demands: [{source: "=1+1", destination: "@x", target_fidelity: 0.8}]
"""


def scenario(folder: Path, text: str, name: str = "t") -> Path:
    place = folder / "s.yaml"
    place.write_text(f"study: plan\nname: {json.dumps(name)}\n{text}", encoding="utf-8")
    return place


def exported(folder: Path, form: str, text: str, *words: str) -> str:
    made = folder / f"made.{form}"
    assert main(["export", form, str(scenario(folder, text)), *words, "-o", str(made)]) == 0
    return made.read_text(encoding="utf-8")


def stage_of(folder: Path, text: str) -> Stage:
    return stage(expanded(load_plan_scenario(scenario(folder, text))))


def as_cesium_does(rows: np.ndarray, degree: int, at: float) -> np.ndarray:
    """Return a position as CesiumJS interpolates it (SampledProperty.getValue), written from its description."""
    times = rows[:, 0].tolist()
    index = next((i for i, t in enumerate(times) if t >= at), len(times))
    if index < len(times) and times[index] == at:
        return rows[index, 1:]
    first, last = 0, len(times) - 1
    if last - first + 1 >= degree + 1:
        low = max(index - degree // 2 - 1, first)
        high = low + degree
        if high > last:
            high = last
            low = max(high - degree, first)
        first, last = low, high
    found = np.zeros(3)
    for i in range(first, last + 1):
        weight = 1.0
        for j in range(first, last + 1):
            if j != i:
                weight *= (at - times[j]) / (times[i] - times[j])
        found += weight * rows[i, 1:]
    return found


@pytest.mark.parametrize(
    "text", [HEO, OTHERS, GEO], ids=["29 eccentric", "low, high, transfer, SGP4, HAP", "GEO"]
)
def test_29_czml_shows_every_body_where_it_is(text, tmp_path):
    packets = {p["id"]: p for p in json.loads(exported(tmp_path, "czml", text))}
    ready = stage_of(tmp_path, text)
    seen = 0
    for number, body in enumerate(ready.bodies):
        if body.fixed or body.id not in packets:
            continue
        position = packets[body.id]["position"]
        rows = np.array(position["cartesian"]).reshape(-1, 4)
        assert (rows[0, 0], rows[-1, 0]) == (0.0, ready.timeline.duration)
        at = np.random.default_rng(1).uniform(0.0, ready.timeline.duration, 400)
        at = np.concatenate(
            [at, [0.001, ready.timeline.duration - 0.001], rows[:-1, 0] + 0.5 * np.diff(rows[:, 0])]
        )
        shown = np.array([as_cesium_does(rows, position["interpolationDegree"], t) for t in at])
        assert np.max(np.linalg.norm(shown - ready.position(number, at), axis=1)) < 50.0, body.id
        seen += 1
    assert seen >= {HEO: 3, OTHERS: 5, GEO: 1}[text]


def test_29_samples_are_as_many_as_an_orbit_needs(tmp_path):
    packets = {p["id"]: p for p in json.loads(exported(tmp_path, "czml", OTHERS))}
    samples = {name: len(packets[name]["position"]["cartesian"]) // 4 for name in ("leo", "gto", "far")}
    assert samples["leo"] < 15 * 40
    assert samples["far"] < 300
    assert packets["far"]["path"]["leadTime"] == pytest.approx(0.5 * 193_900, rel=0.02)


def test_30_number_signs_in_references_are_escaped(tmp_path):
    out = tmp_path / "out"
    assert main(["run", str(scenario(tmp_path, HEO)), "-o", str(out), "--no-compare"]) in (0, 4)
    packets = json.loads((out / "exports" / "orbits.czml").read_text(encoding="utf-8"))
    ids = {packet["id"] for packet in packets}
    references = [r for p in packets if "polyline" in p for r in p["polyline"]["positions"]["references"]]
    assert any("Oslo" in reference for reference in references)
    for reference in references:
        name, _, what = re.fullmatch(r"((?:[^\\#]|\\.)*)(#)(.*)", reference).groups()
        assert re.sub(r"\\(.)", r"\1", name) in ids
        assert what == "position"


def test_28_every_edge_of_graphml_has_its_own_id(tmp_path):
    text = exported(tmp_path, "graphml", PACIFIC)
    ids = re.findall(r'<edge [^>]*id="([^"]*)"', text)
    assert len(ids) == text.count("<edge ") > 20
    assert len(set(ids)) == len(ids)


def geometries(text: str) -> list[tuple[str, dict]]:
    return [(f["properties"]["kind"], f["geometry"]) for f in json.loads(text)["features"]]


def test_31_geojson_has_no_line_without_length(tmp_path):
    shapes = geometries(exported(tmp_path, "geojson", GEO))
    assert [g for kind, g in shapes if kind == "ground_track"] == [
        {"type": "Point", "coordinates": [10.0, 0.0]}
    ]
    out = tmp_path / "out"
    assert main(
        ["run", str(scenario(tmp_path, PACIFIC, 'pacific & <poles> "ü"')), "-o", str(out), "--no-compare"]
    ) in (0, 4)
    shapes = geometries((out / "exports" / "network.geojson").read_text(encoding="utf-8"))
    assert {kind for kind, _ in shapes} >= {"fibre_chain", "one_sided", "ground_track", "service"}
    for kind, shape in shapes:
        lines = {"Point": [], "LineString": [shape["coordinates"]]}.get(shape["type"], shape["coordinates"])
        for line in lines:
            assert len(line) > 1, kind
            assert all(a != b for a, b in pairwise(line)), (kind, line)
            assert all(-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 for lon, lat in line)
            # No part runs around the map: only near a pole are neighbours far apart in longitude.
            assert all(abs(a[0] - b[0]) < 180.0 or abs(a[1]) > 80.0 for a, b in pairwise(line)), (kind, line)
    fibres = [shape for kind, shape in shapes if kind == "fibre_chain"]
    assert [shape["type"] for shape in fibres].count(
        "LineString"
    ) == 3  # that over the dateline is in two parts


def test_32_times_are_in_utc(tmp_path):
    rows = list(csv.DictReader(io.StringIO(exported(tmp_path, "csv", OTHERS, "--table", "links"))))
    assert rows
    for row in rows:
        assert row["begin_utc"].endswith(":00:00.250000+00:00")
        assert int(row["begin_utc"][11:13]) == 2 * (int(row["slot"]) - 1)
    clock = json.loads(exported(tmp_path, "czml", OTHERS))[0]["clock"]
    assert clock["currentTime"] == "2026-06-21T00:00:00.250000Z"


def test_33_netcdf_keeps_fractions_of_a_second(tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    made = tmp_path / "l.nc"
    assert main(["export", "netcdf", str(scenario(tmp_path, OTHERS)), "-o", str(made)]) == 0
    with xarray.open_dataset(made, engine="h5netcdf") as found:
        assert str(found["time"].values[0])[:23] == "2026-06-21T00:00:00.250"
        assert str(found["time"].values[1])[:23] == "2026-06-21T02:00:00.250"


@pytest.mark.parametrize("form", ["geojson", "graphml", "csv", "czml"])
@pytest.mark.parametrize("text", [PACIFIC, OTHERS, STRANGE], ids=["pacific", "others", "strange"])
def test_numbers_have_no_tails_and_no_minus_before_zero(form, text, tmp_path):
    found = exported(tmp_path, form, text)
    assert not re.search(r"-0(\.0+)?(?![\d.e])", found.replace("2026-06-", "").replace("+00:00", ""))
    assert not re.search(r"\d\.\d*(0000000000|9999999999)\d", found)


def test_texts_that_a_spreadsheet_would_compute_are_escaped(tmp_path):
    rows = list(csv.reader(io.StringIO(exported(tmp_path, "csv", STRANGE))))
    cells = {cell for row in rows for cell in row}
    assert {"'=1+1", "'@x", "'-y", "-0.1"} <= cells
    assert not {"=1+1", "@x", "-y"} & cells


def test_graphml_holds_control_characters_as_codes(tmp_path):
    networkx = pytest.importorskip("networkx")
    graph = networkx.parse_graphml(exported(tmp_path, "graphml", STRANGE))
    assert set(graph) == {"=1+1", "@x", "-y", "a\\x01b"}
    assert [length for *_, length in graph.edges(data="length_km")].count(0.3) == 1
