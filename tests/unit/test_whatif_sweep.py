"""Sweeps: axes, grids, what is kept, what is refused."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.whatif_cases import tiny_scenario

from satqn.errors import InputError, SatqnWarning
from satqn.planning import build_plan_system, load_plan_scenario
from satqn.reports.style import styled
from satqn.whatif import sweep as module
from satqn.whatif.architectures import PARTS
from satqn.whatif.figures import architectures_figure, sweep_figure
from satqn.whatif.points import Point, evaluate
from satqn.whatif.sweep import Axis, Sweep, parse_axis, rows_of
from satqn.whatif.tables import to_csv

ALTITUDE = "satellites.MEO.walker.altitude_km"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(tiny_scenario(tmp_path))


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("a.b=1,2.5,x", (1, 2.5, "x")),
        ("a=true,no", (True, "no")),
        ("a=0:1:5", (0, 0.25, 0.5, 0.75, 1)),
        ("a=2026-06-21T03:00:00Z", None),
    ],
)
def test_axes_are_read(word: str, values: tuple | None) -> None:
    axis = parse_axis(word)
    assert len(axis.values) == 1 if values is None else axis.values == values


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(2, 50))
def test_ranges_have_both_ends_and_even_steps(begin: float, end: float, count: int) -> None:
    if abs(begin - end) < 1e-3:
        return
    values = parse_axis(f"k={begin!r}:{end!r}:{count}").values
    assert len(values) == count
    assert values[0] == pytest.approx(begin, rel=1e-11)
    assert values[-1] == pytest.approx(end, rel=1e-11)
    steps = [b - a for a, b in pairwise(values)]
    assert steps == pytest.approx([(end - begin) / (count - 1)] * (count - 1), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("word", ["a", "=1", "a=", "a=1,1", "a=1:1:3", "a=0:1:1", "a=[1"])
def test_axes_that_cannot_be_used_are_refused(word: str) -> None:
    with pytest.raises(InputError):
        parse_axis(word)


@pytest.mark.parametrize(
    ("axes", "settings", "message"),
    [
        ((Axis("satellites.MEO.walker.altitude", (1, 2)),), {}, "altitude_km"),
        ((Axis("satellites.LEO.walker.altitude_km", (1, 2)),), {}, "LEO"),
        ((Axis(ALTITUDE, (9000,)), Axis(ALTITUDE, (8000,))), {}, "twice"),
        ((Axis(ALTITUDE, (9000,)),), {ALTITUDE: 8000}, "twice"),
        ((Axis(ALTITUDE, tuple(range(2000, 12001))),), {}, "more than"),
    ],
)
def test_keys_are_refused_before_anything_runs(tiny: str, axes, settings, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Sweep(tiny, axes, settings).metrics()


def test_grid_is_full_with_the_last_axis_fastest(tiny: str) -> None:
    grid = Sweep(tiny, (Axis("seed", (1, 2)), Axis("target_fidelity", (0.7, 0.8, 0.9))), {"name": "x"})
    values = [tuple(values.values()) for values, _ in grid.points()]
    assert values == [(s, f) for s in (1, 2) for f in (0.7, 0.8, 0.9)]
    assert all(point.settings["name"] == "x" for _, point in grid.points())


def test_sweep_resumes_and_bad_points_do_not_stop_it(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Point] = []

    def counting(task: tuple[str, Point]) -> dict:
        done.append(task[1])
        return evaluate(task[1])

    monkeypatch.setattr(module, "_evaluate", counting)
    grid = Sweep(tiny, (Axis(ALTITUDE, (8000, -5, 10000)),), {})
    assert grid.metrics()[0] == "delivered_pairs"
    folder, seen = tmp_path / "out", []
    first = grid.run(folder, progress=lambda n, total: seen.append((n, total)))
    assert ["error" in point for point in first] == [False, True, False]
    assert "altitude_km" in first[1]["error"]
    assert len(done) == 2
    assert seen[-1] == (3, 3)
    assert len(list((folder / "points").glob("*.json"))) == 2
    wider = Sweep(tiny, (Axis(ALTITUDE, (8000, 9000, 10000)),), {})
    again = wider.run(folder)
    assert [point.settings[ALTITUDE] for point in done[2:]] == [9000]
    assert again[0] == first[0]
    assert again[2] == first[2]
    broken = next((folder / "points").glob("*.json"))
    whole = json.loads(broken.read_text(encoding="utf-8"))
    edited = json.loads(json.dumps(whole))
    edited["results"][""]["delivered_pairs"] += 1.0
    unsealed = {"results": whole["results"]}
    for count, content in enumerate(("{", json.dumps(edited), json.dumps(unsealed), "[" * 20000, "null"), 4):
        broken.write_text(content, encoding="utf-8")
        with pytest.warns(SatqnWarning, match="was damaged: it was removed and is computed again"):
            assert wider.run(folder) == again
        assert len(done) == count
        assert json.loads(broken.read_text(encoding="utf-8")) == whole
    other = next(place for place in (folder / "points").glob("*.json") if place != broken)
    other.write_bytes(broken.read_bytes())  # a good point under the name of another one
    with pytest.warns(SatqnWarning, match="was damaged"):
        assert wider.run(folder) == again


def test_interrupted_sweep_keeps_what_is_done(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends_at_second(task: tuple[str, Point]) -> dict:
        if task[1].settings[ALTITUDE] == 9000:
            raise KeyboardInterrupt
        return evaluate(task[1])

    monkeypatch.setattr(module, "_evaluate", ends_at_second)
    with pytest.raises(KeyboardInterrupt):
        Sweep(tiny, (Axis(ALTITUDE, (8000, 9000)),), {}).run(tmp_path / "out")
    assert len(list((tmp_path / "out" / "points").glob("*.json"))) == 1


def test_numbers_are_those_of_the_plan(tiny: str) -> None:
    numbers = evaluate(Point(tiny, {ALTITUDE: 9000}))["results"][""]
    solution = build_plan_system(load_plan_scenario(tiny, {ALTITUDE: 9000})).plan()
    assert numbers["delivered_pairs"] == solution.plan.delivered_pairs > 0
    assert numbers["bound_pairs"] == solution.bound_pairs
    served = {serve.slot for serve in solution.plan.serve}
    assert numbers["served_share"] == len(served) / 4


def test_a_point_has_another_name_if_anything_differs(tiny: str) -> None:
    names = {
        Point(tiny, settings, compared).name()
        for settings in ({}, {"seed": 2}, {ALTITUDE: 9000})
        for compared in (False, True)
    }
    assert len(names) == 6
    assert Point(tiny, {"seed": 1}).name() == Point(tiny, {}).name()


def test_architectures_and_hybrid_scenarios_can_be_swept(tiny: str, tmp_path: Path) -> None:
    compared = Sweep(tiny, (Axis(ALTITUDE, (9000,)),), {}, architectures=True).run(tmp_path / "a")
    rows = rows_of(compared)
    assert [row["architecture"] for row in rows][-1] == "all together"
    assert len(rows) == len(PARTS) + 1
    hybrid = Sweep("us-cities", (Axis("satellite.altitude_km", (8000, 12000)),), {"pairs": 50})
    assert hybrid.metrics()[0] == "median_rate_per_s"
    rates = [point["results"][""]["median_rate_per_s"] for point in hybrid.run(tmp_path / "b")]
    assert rates[0] > rates[1] > 0
    with pytest.raises(InputError, match="for plans only"):
        Sweep("us-cities", (Axis("seed", (1,)),), {}, architectures=True).metrics()


def test_csv_has_a_column_for_every_key() -> None:
    assert to_csv([{"a": 1, "b": None}, {"a": 2, "error": "no, not"}]) == 'a,b,error\n1,,\n2,,"no, not"\n'


def test_figures_show_what_the_rows_say() -> None:
    rows = [{"x": x, "y": y, "gap": None if x == 2 else x * y} for x in (1, 2, 3) for y in (5, 6)]
    with styled():
        axes = sweep_figure(rows, ["x", "y"], "gap").axes[0]
        assert [line.get_label() for line in axes.lines] == ["y 5", "y 6"]
        assert list(axes.lines[0].get_xdata()) == [1.0, 2.0, 3.0]
        assert axes.lines[1].get_ydata()[2] == 18
        many = [{"x": x, "y": y, "gap": x + y} for x in range(3) for y in range(9)]
        image = sweep_figure(many, ["x", "y"], "gap").axes[0].images[0].get_array()
        assert image.shape == (9, 3)
        assert image[8, 2] == 10
        bars = [
            {"name": "part", "objective_pairs": None, "bound_pairs": None},
            {"name": "all together", "objective_pairs": 4.0, "bound_pairs": 5.0},
        ]
        axes = architectures_figure(bars).axes[0]
        assert [patch.get_width() for patch in axes.patches] == [0, 4, 0, 1]
        assert axes.texts[0].get_text() == "infeasible"
