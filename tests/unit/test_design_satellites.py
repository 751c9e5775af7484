"""Choosing satellites from a grid: the winner of brute force, bounds that hold, work that is kept."""

from __future__ import annotations

import csv
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn import api
from satqn.cli import main
from satqn.errors import InputError, InvalidFileError
from satqn.orbits.constellation import walker
from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.coverage import can_be_in_view, share_in_view
from satqn.orbits.propagate import DesignedOrbits
from satqn.routing.check import check
from satqn.scenario.grid import grid_of, load_grid
from satqn.whatif import candidates as stage
from satqn.whatif.candidates import Task, evaluate, with_shell, worst_bound
from satqn.whatif.constellation_files import write_satellites
from satqn.whatif.constellations import SatelliteDesign, Search

EPOCH = datetime(2026, 6, 21, tzinfo=UTC)
SCENARIO = """\
format: satqn-scenario
schema_version: 2
study: plan
name: tiny
time: {start: 2026-06-21T00:00:00Z, horizon_s: 3600, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: Paris, lat_deg: 48.86, lon_deg: 2.35}
    - {id: Rome, lat_deg: 41.9, lon_deg: 12.5}
    - {id: Madrid, lat_deg: 40.4, lon_deg: -3.7}
satellites:
  - {id: A, walker: {satellites: 2, planes: 1, altitude_km: 2000, inclination_deg: 50}, terminal: TERMINAL, storage_pairs: STORE}
demands:
  - {id: one, source: Paris, destination: Rome, weight: 2}
  - {id: two, source: Rome, destination: Madrid}
target_fidelity: 0.8
"""
GRID = """\
format: satqn-grid
group: A
altitude_km: [1500, 8000]
inclination_deg: [5, 55]
planes: [1, 2]
satellites: [2, 4]
"""


@pytest.fixture(params=["memories", "sources"])
def tiny(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    terminal, store = ("satellite-30cm", 1000) if request.param == "memories" else ("meo-source", 0)
    place = tmp_path / "tiny.yaml"
    place.write_text(SCENARIO.replace("TERMINAL", terminal).replace("STORE", str(store)))
    (tmp_path / "grid.yaml").write_text(GRID)
    return place


def optima(found: SatelliteDesign) -> list[tuple[float, float]]:
    """Plan every constellation over all paths: objective and bound, nothing left out."""
    values = []
    for one in found.candidates:
        scenario = with_shell(found.scenario, found.grid.group, one.shell)
        solution = api.plan(api.build(scenario), gap=1e-6)
        assert solution.plan is not None
        assert solution.bound_pairs is not None
        values.append((solution.plan.objective_pairs, solution.bound_pairs))
    return values


def test_the_winner_is_that_of_brute_force(tiny: Path) -> None:
    found = api.design_satellites(tiny, tiny.parent / "grid.yaml", gap=0.0)
    every = optima(found)
    assert len(every) == 17
    document = found.to_dict()
    best = max(value for value, _ in every)
    assert found.winner.value == pytest.approx(best, rel=1e-3)
    assert document["winner"]["certified"] or document["winner"]["certified_gap"] < 1e-3
    for row in document["best_by_cost"]:  # the best of every cost, not only of all
        costs = [v for (v, _), one in zip(every, found.candidates, strict=True)
                 if one.cost <= row["satellites"]]  # fmt: skip
        assert row["objective_pairs"] == pytest.approx(max(costs), rel=1e-3)
    for one, (value, _) in zip(found.candidates, every, strict=True):
        assert one.bound >= value * (1.0 - 1e-9)  # no bound is below a plan
        excluder = found.excluded_by(one)
        if not one.planned:
            assert excluder is not None
            assert excluder.cost <= one.cost
            assert value <= excluder.value * (1.0 + 1e-9)
    assert 0 < document["plans"] < 17
    assert document["plans_saved_by_bounds"] > 0


def test_the_bound_is_that_of_the_search_for_columns(tiny: Path) -> None:
    """Stopped after its columns the search has nearly the bound that it has at its end."""
    search = Search(api_loaded(tiny), load_grid(tiny.parent / "grid.yaml"))
    shell = next(s for s in search.grid.shells if s.satellites == 4 and s.inclination_deg == 55)
    scenario = with_shell(search.scenario, "A", shell)
    results = evaluate(Task(scenario, "bound", search.settings, 1))["results"]
    whole = api.plan(api.build(scenario), gap=1e-6)
    assert whole.bound_pairs is not None
    assert whole.plan is not None
    assert results["bound_pairs"] >= whole.plan.objective_pairs
    assert results["bound_pairs"] == pytest.approx(whole.bound_pairs, rel=0.05)
    assert results["packed_pairs"] <= whole.plan.objective_pairs * (1.0 + 1e-6)


def api_loaded(place: Path | str):
    from satqn.scenario.load import load_any

    return load_any(place)


def test_the_worst_demand_is_bounded(tiny: Path) -> None:
    system = api.build(api.load(tiny))
    found = api.plan(system, gap=1e-3)
    pairs = dict.fromkeys(system.instance.demands.ids, 0.0)
    owner = {path.id: path.demand for path in found.made_plan().paths}
    for serve in found.made_plan().serve:
        pairs[owner[serve.path]] += serve.rate * system.instance.slot_length
    assert min(pairs.values()) <= worst_bound(system.instance)


def test_a_search_goes_on_where_it_was_stopped(tiny: Path, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "out"
    honest, calls = stage.evaluate, []

    def stopped(task):
        calls.append(task.stage)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return honest(task)

    monkeypatch.setattr("satqn.whatif.constellations.evaluate", stopped)
    with pytest.raises(KeyboardInterrupt):
        api.design_satellites(tiny, tmp_path / "grid.yaml", folder)
    assert len(list((folder / "points").iterdir())) == 3
    found = api.design_satellites(tiny, tmp_path / "grid.yaml", folder)
    assert len(calls) == 1 + found.to_dict()["plans"] + sum(one.served for one in found.candidates)
    done = len(calls)
    again = api.design_satellites(tiny, tmp_path / "grid.yaml", folder)
    assert len(calls) == done
    assert again.to_dict() == found.to_dict()


def test_the_result_is_scenarios_a_table_and_a_page(tiny: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "out"
    words = ["design", "satellites", str(tiny), "--grid", str(tmp_path / "grid.yaml"), "-o", str(folder)]
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert json.loads((folder / "satellites.json").read_text())["winner"] == document["winner"]
    rows = list(csv.DictReader((folder / "satellites.csv").open()))
    assert len(rows) == 17
    assert rows[0]["satellites"] == "0"
    winner = api.build(api.load(folder / "winner.yaml"))
    plan = api.plan(winner, gap=1e-6)
    assert plan.plan is not None
    assert plan.plan.objective_pairs == pytest.approx(document["winner"]["objective_pairs"], rel=1e-3)
    assert check(winner.instance, plan.plan) == []
    page = (folder / "report.html").read_text()
    assert "proven" in page
    assert "without the group" in page
    assert "excluded" in page
    assert (folder / "front.png").stat().st_size > 10_000
    assert main(words) == 0
    assert "saved by bounds" in capsys.readouterr().out


def test_an_overlay_extends_a_scenario_of_the_catalogue(tmp_path: Path) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text("format: satqn-grid\ngroup: MEO\naltitude_km: 300\nplanes: 1\nsatellites: 1\nphasing: 0\n"
                    "inclination_deg: 1\n")  # fmt: skip
    out = tmp_path / "out"
    found = api.design_satellites("metro-pair", grid, out, time_limit=5.0)
    assert [one.served for one in found.candidates] == [True, False]  # 300 km over the equator: never seen
    assert found.winner.cost == 0
    text = (out / "winner.yaml").read_text()
    assert "extends: metro-pair" in text
    assert api.load(out / "winner.yaml").satellites == ()


@settings(max_examples=25, deadline=None)
@given(
    lat=st.floats(-89, 89), altitude=st.floats(200, 30_000), inclination=st.floats(0, 180),
    mask=st.floats(0, 60),
)  # fmt: skip
def test_what_is_excluded_is_never_in_view(lat, altitude, inclination, mask) -> None:
    """Contacts of eight satellites over a day, on the ellipsoid, against the closed form."""
    shell = walker(8, 4, 1, altitude=altitude * 1e3, inclination=math.radians(inclination), epoch=EPOCH)
    sites = Sites.at([lat], [10.0], [0.0], mask=np.radians([mask]))
    seen = len(find_contacts(DesignedOrbits(shell), sites, EPOCH, 86_400.0, step=30.0).rise) > 0
    assert (
        can_be_in_view([(lat, 10.0)], altitude * 1e3, math.radians(inclination), math.radians(mask))
        or not seen
    )


def test_what_can_be_in_view_is_no_vacuous_yes() -> None:
    assert not can_be_in_view([(60, 25)], 550e3, math.radians(10), math.radians(20))
    assert not can_be_in_view([(50, 0), (50, 90)], 550e3, math.radians(60), math.radians(20))
    assert can_be_in_view([(50, 0), (50, 90)], 20_000e3, math.radians(60), math.radians(20))
    fine = share_in_view([(48, 2), (40, -4)], 2e6, 0.9, 0.35)
    assert share_in_view([(48, 2), (40, -4)], 2e6, 0.9, 0.35, points=5_000) == pytest.approx(fine, rel=2e-3)


def test_every_fault_of_a_grid_is_told_with_its_place(tmp_path: Path) -> None:
    place = tmp_path / "grid.yaml"
    place.write_text(
        "format: satqn-grid\ngroup: MEO\naltitude: 500\naltitude_km: [100, 500]\nplanes: []\n"
        "phasing: [0, 0]\nsatellites: {first: 4, last: 8}\ninclination_deg: true\nlaunch_mass_kg: -1\n"
    )
    with pytest.raises(InvalidFileError) as caught:
        load_grid(place)
    text = str(caught.value)
    for line in (3, 4, 5, 6, 7, 8, 9):
        assert f"grid.yaml:{line}:" in text, (line, text)
    assert "did you mean 'altitude_km'" in text
    assert "stands twice" in text
    assert "first, last and count" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("group: LEO\n", "no group of satellites 'LEO'"),
        ("group: MEO\nsatellites: [3, 5]\nplanes: 2\n", "no point of the grid"),
        ("group: MEO\nsatellites: 4\nsatellites_per_plane: 2\n", "counted twice"),
        ("group: MEO\naltitude_km: {first: 500, last: 900, count: 20000}\n", "range"),
        (
            "group: MEO\naltitude_km: {first: 500, last: 900, count: 5000}\ninclination_deg: [1, 2, 3]\n",
            "15000",
        ),
    ],
)
def test_bad_grids_are_one_message(text: str, words: str, tmp_path: Path) -> None:
    place = tmp_path / "grid.yaml"
    place.write_text("format: satqn-grid\n" + text)
    with pytest.raises(InputError, match=words):
        grid_of(load_grid(place), api.load("metro-pair"))


def test_bad_calls_end_with_status_2(tmp_path: Path, capsys) -> None:
    place = tmp_path / "grid.yaml"
    place.write_text(GRID.replace("group: A", "group: MEO"))
    words = ["design", "satellites", "metro-pair", "--grid", str(place)]
    assert main(["design", "satellites", "us-cities", "--grid", str(place)]) == 2
    assert "no planning scenario" in capsys.readouterr().err
    for more in (["--gap", "-1"], ["--workers", "0"], ["--time-limit", "0"], ["--set", "slots=3"]):
        assert main([*words, *more]) == 2
    assert main(["design", "satellites", "metro-pair", "--grid", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_ranges_and_planes_make_the_grid(tmp_path: Path) -> None:
    place = tmp_path / "grid.yaml"
    place.write_text(
        "format: satqn-grid\ngroup: MEO\naltitude_km: {first: 500, last: 1500, count: 5}\n"
        "satellites_per_plane: [2, 3]\nplanes: [1, 2]\nphasing: [0, 1]\n"
    )
    grid = grid_of(load_grid(place), api.load("metro-pair"))
    assert sorted({shell.altitude_km for shell in grid.shells}) == [500, 750, 1000, 1250, 1500]
    assert {shell.satellites for shell in grid.shells} == {2, 3, 4, 6}
    assert len(grid.shells) == 5 * 2 * 3
    assert len(grid.left_out) == 1
    assert {shell.inclination_deg for shell in grid.shells} == {56}  # as the group has it


def test_rules_of_a_group_that_is_left_out_go_with_it(tmp_path: Path) -> None:
    grid, out = tmp_path / "grid.yaml", tmp_path / "out"
    grid.write_text("format: satqn-grid\ngroup: GEO\naltitude_km: 300\nplanes: 1\nsatellites: 1\n"
                    "inclination_deg: 1\n")  # fmt: skip
    search = Search(api_loaded("three-layers"), load_grid(grid))
    design = SatelliteDesign(search.scenario, search.grid, tuple(search._candidates()), 0.0)
    design.candidates[0].plan = {"objective_pairs": 1.0, "worst_pairs": 0.0}
    write_satellites(design, api_loaded("three-layers"), "three-layers", out)
    scenario = api.load(out / "best" / "0-satellites.yaml")
    assert [group.id for group in scenario.satellites] == ["LEO", "MEO"]
    assert [rule.groups for rule in scenario.crosslinks_between] == [("LEO", "MEO")]
