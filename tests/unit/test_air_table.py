"""A site's own air: transmittance by elevation from a table, in physics, files, scenarios and links."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.topology import LEO, MEO, setting

from satqn.cli import main
from satqn.earth import SPHERE
from satqn.errors import InputError, InvalidFileError
from satqn.physics.atmosphere import AirTable, air_mass, kasten_young, table_transmittance
from satqn.scenario.air import AirSection, read_air_table
from satqn.scenario.load import load_any
from satqn.sightline import Sightline
from satqn.topology.expand import expand
from satqn.topology.lines import downlink, optics
from satqn.topology.resolution import resolved_text

LAYER = [(5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0), 0.12]


def one_layer(angles, depth):
    """The table of an atmosphere whose optical depth is proportional to the air mass."""
    return [(a, math.exp(-depth * float(kasten_young(math.radians(a))))) for a in angles]


def table(rows):
    return AirTable(tuple(math.radians(a) for a, _ in rows), tuple(t for _, t in rows))


def from_ground(elevation, length=1e6, height=0.0, earth=SPHERE):
    start = earth.position(0.0, 0.0, height)
    way = np.array([math.sin(math.radians(elevation)), math.cos(math.radians(elevation)), 0.0])
    return Sightline.between(start, start + length * way, earth)


@given(st.floats(5.0, 90.0), st.floats(0.001, 2.0))
def test_an_atmosphere_of_one_layer_is_met_at_every_elevation(elevation, depth):
    one = table(one_layer((5.0, 7.0, 40.0, 80.0), depth))  # it goes on above the last row
    exact = depth * float(kasten_young(math.radians(elevation)))
    assert float(one.depth(math.radians(elevation))) == pytest.approx(exact, rel=1e-9)
    assert float(one.depth(math.radians(5.0))) == pytest.approx(-math.log(one.transmittances[0]))


def test_lines_into_space_take_the_row_and_lines_to_a_hap_their_part_of_it():
    rows = [(10.0, 0.5), (30.0, 0.8), (90.0, 0.9)]
    for angle, share in rows:
        line = from_ground(angle, 5e6)
        for one in (line, line.reversed()):
            assert float(table_transmittance(one, table(rows))) == pytest.approx(share, rel=1e-9)
    hap = from_ground(90.0, 20e3)
    below = 1.0 - math.exp(-20e3 / 6600.0)
    assert float(table_transmittance(hap, table(rows))) == pytest.approx(0.9**below, rel=1e-9)
    slanted = from_ground(30.0, 39e3)
    whole = float(air_mass(from_ground(30.0, 1e7)))
    expected = 0.8 ** (float(air_mass(slanted)) / whole)
    assert float(table_transmittance(slanted, table(rows))) == pytest.approx(expected, rel=1e-9)


def test_below_the_table_is_an_error():
    with pytest.raises(InputError, match="begins at 10 degrees"):
        table_transmittance(from_ground(9.0), table([(10.0, 0.5), (90.0, 0.9)]))
    for bad in (((0.1,), (0.5,)), ((0.2, 0.1), (0.5, 0.6)), ((0.1, 0.2), (0.6, 0.5))):
        with pytest.raises(InputError):
            AirTable(*bad)


FORMS = {
    "plain": "elevation_deg,transmittance\n20,0.8\n90,0.95\n",
    "comments, any order, capitals": "# of our site\nTransmittance,Elevation\n0.95,90\n0.8,20\n",
    "from the zenith": "zenith_deg,transmittance\n0,0.95\n70,0.8\n",
    "semicolons and decimal commas": "elevation_deg;transmittance\n20;0,8\n90;0,95\n",
    "sep= and BOM": "\ufeffsep=;\nelevation_deg;transmittance\n20;0.8\n90;0.95\n",
    "tabs, another column": "site\televation_deg\ttransmittance\r\na\t20\t0.8\r\na\t90\t0.95\r\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_tables_as_others_write_them(name, tmp_path):
    path = tmp_path / "air.csv"
    path.write_text(FORMS[name], encoding="utf-8", newline="")
    assert read_air_table(path) == ((20.0, 0.8), (90.0, 0.95))


BAD = {
    "elevation_deg,transmittance\n": "0 rows",
    "": "the table is empty",
    "elevation_deg,transmittance\n20,0.8\n": "1 rows",
    "elevation_deg,transmittance\n20,0.8\n20,0.8\n": "air.csv:3: an elevation of 20 degrees is there twice",
    "elevation_deg,transmittance\n20,0.8\n90,0.7\n": "air.csv:3: the transmittance falls",
    "elevation_deg,transmittance\n20,1.2\n90,x\n95,0.5\n10,nan\n": "4 problems",
    "elevation_deg,transmittance\n20,0\n90,0.9\n": "air.csv:2: transmittance: 0 is out of range",
    "elevation_deg,transmittance\n20\n90,0.9\n": "air.csv:2: 1 cells",
    "angle,t\n20,0.8\n90,0.9\n": "air.csv:1: the columns are 'angle', 't'",
    "elevation_deg,wavelength_nm,transmittance\n20,810,0.8\n90,810,0.9\n": "a column of wavelengths",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_with_a_table_is_told_with_its_line(text, tmp_path):
    path = tmp_path / "air.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        read_air_table(path)
    assert BAD[text] in str(caught.value)


SCENARIO = """study: plan
name: two-cities
time: {start: 2026-06-21T00:00:00Z, horizon_s: 3600, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: New-York, lat_deg: 40.7, lon_deg: -74.0}
    - {id: Boston, lat_deg: 42.4, lon_deg: -71.1}
haps:
  - {id: HAP, lat_deg: 41.5, lon_deg: -72.5, altitude_km: 20, terminal: hap-15cm}
demands:
  - {id: d1, source: New-York, destination: Boston}
"""


@pytest.fixture
def scenario(tmp_path):
    def write(air, rows=FORMS["plain"]):
        (tmp_path / "air.csv").write_text(rows, encoding="utf-8")
        path = tmp_path / "site.yaml"
        path.write_text(SCENARIO + air, encoding="utf-8")
        return path

    return write


def test_a_scenario_takes_the_table_and_its_resolved_form_needs_no_file(scenario, tmp_path):
    loaded = load_any(scenario("air: {table: air.csv}\n"))
    whole = expand(loaded).scenario
    assert whole.air == AirSection(rows=((20.0, 0.8), (90.0, 0.95)))
    alone = tmp_path / "alone" / "site.yaml"
    alone.parent.mkdir()
    alone.write_text(resolved_text(loaded), encoding="utf-8")
    assert expand(load_any(alone)).scenario.air == whole.air


@pytest.mark.parametrize(
    ("air", "rows", "seen"),
    [
        ("air: {table: none.csv}\n", FORMS["plain"], "none.csv"),
        ("air: {table: ../air.csv}\n", FORMS["plain"], "air.table"),
        ("air: {}\n", FORMS["plain"], "neither a table nor rows"),
        ("air: {table: air.csv, rows: [[20, 0.8], [90, 0.9]]}\n", FORMS["plain"], "at once"),
        ("air: {rows: [[20, 0.8]]}\n", FORMS["plain"], "1 rows"),
        ("air: {rows: [[90, 0.8], [20, 0.9]]}\n", FORMS["plain"], "20 degrees comes after 90"),
        ("air: {rows: [[20, 1.8], [90, 0.9]]}\n", FORMS["plain"], "1.8"),
        ("air: {table: air.csv}\nlinks: {ground_mask_deg: 10}\n", FORMS["plain"], "from 20 degrees"),
        ("air: {table: air.csv}\n", "elevation_deg,transmittance\n20,0.8\n90,0.7\n", "air.csv:3"),
        ("air: {tabel: air.csv}\n", FORMS["plain"], "did you mean 'table'"),
    ],
)
def test_what_is_wrong_with_the_air_of_a_scenario(scenario, capsys, air, rows, seen):
    assert main(["validate", str(scenario(air, rows))]) == 2
    assert seen in capsys.readouterr().err


def test_only_lines_with_an_end_on_the_ground_take_the_table():
    rows = tuple(one_layer(*LAYER))
    hap = {"id": "Low", "lat_deg": 40.6, "lon_deg": -74.3, "altitude_km": 20, "terminal": "hap"}
    plain, own = (
        setting(satellites=(LEO, MEO), haps=(hap,), slots=4, links={"ground_mask_deg": 10}, **more)
        for more in ({}, {"air": {"rows": [list(row) for row in rows]}})
    )
    haps = [i for i, body in enumerate(own.bodies) if body.kind == "aerial"]
    ground = [i for i, body in enumerate(own.bodies) if body.kind == "base_station"]
    sky = [i for i, body in enumerate(own.bodies) if body.kind == "satellite" and body.stores]
    compared = 0
    for second in (0.0, 600.0, 1200.0):
        for g in ground:
            for s in sky:
                line = Sightline.between(own.position(s, second)[0], own.position(g, second)[0], own.earth)
                elevation = math.degrees(float(line.reversed().elevation()))
                if elevation < 6.0:
                    continue
                found = downlink(own, s, g, second).factors["atmosphere"]
                exact = math.exp(-0.12 * float(kasten_young(math.radians(elevation))))
                assert float(found[0]) == pytest.approx(exact, rel=1e-6)
                compared += 1
    assert compared > 0
    ends = haps[0], sky[0]  # no end on the ground: the law of the scenario
    for one in (plain, own):
        assert optics(one, ends[1], ends[0]).air_table is None
    assert optics(own, sky[0], ground[0]).air_table is not None


def test_the_command_reads_a_table(tmp_path, capsys):
    path = tmp_path / "air.csv"
    path.write_text(FORMS["plain"], encoding="utf-8")
    words = ["link", "free-space", "--from=40,-74,0", "--to=40,-74,500", "--air-table", str(path), "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["factors"]["atmosphere"] == pytest.approx(0.95, rel=1e-9)
    assert found["zenith_transmittance"] is None
    high = ["link", "free-space", "--from=40,-74,20", "--to=40,-74,500", "--air-table", str(path)]
    assert main(high) == 2
    assert "on the ground" in capsys.readouterr().err
