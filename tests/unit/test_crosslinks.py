"""Links between satellites: which, how long they take, and that nobody is left to wait without a word."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from satqn.cli import main
from satqn.errors import InputError, SatqnWarning
from satqn.limits import without_limits
from satqn.planning import build_plan_system, load_plan_scenario
from satqn.topology import effort
from satqn.topology.bodies import Stage, stage
from satqn.topology.effort import crosslink_effort, effort_remark
from satqn.topology.expand import expanded
from satqn.topology.sight import crosslinks, joinable, views
from satqn.topology.state import link_state


def group(
    name: str, satellites: int, planes: int, kind: str = "delta", links: str = "all", more: str = ""
) -> str:
    return (
        f"  - {{id: {name}, walker: {{satellites: {satellites}, planes: {planes}, kind: {kind}, altitude_km: 1000, "
        f"inclination_deg: 60}}, terminal: satellite-30cm, crosslinks: {links}{more}}}\n"
    )


def scenario(folder: Path, satellites: str, horizon: float = 600.0) -> Path:
    place = folder / "s.yaml"
    place.write_text(
        f"study: plan\nname: t\ntime: {{start: 2026-06-21T00:00:00Z, horizon_s: {horizon:g}, slot_s: 600}}\n"
        "ground:\n  terminal: ground-60cm\n  nodes:\n    - {id: A, lat_deg: 50, lon_deg: 8}\n"
        f"    - {{id: B, lat_deg: 45, lon_deg: 3}}\nsatellites:\n{satellites}"
        "demands: [{source: A, destination: B, target_fidelity: 0.8}]\n"
    )
    return place


def stage_of(place: Path) -> Stage:
    return stage(expanded(load_plan_scenario(place)))


@pytest.mark.parametrize("links", ["all", "grid", "none"])
@pytest.mark.parametrize("kind", ["delta", "star"])
@pytest.mark.parametrize("shape", [(12, 3), (12, 12), (12, 1), (2, 1), (2, 2), (1, 1), (4, 2), (6, 2)])
def test_pairs_by_arrays_are_those_of_the_rule(shape, kind, links, tmp_path):
    others = (
        group("V", 6, 3, links="grid") + "  - {id: G, geostationary: {lon_deg: [10, 20]}, terminal: micius}\n"
    )
    ready = stage_of(scenario(tmp_path, group("W", *shape, kind, links) + others))
    satellites = [i for i, body in enumerate(ready.bodies) if body.kind == "satellite"]
    wanted = [(a, b) for a, b in combinations(satellites, 2) if joinable(ready, a, b)]
    found = sorted(map(tuple, crosslinks(ready, satellites).tolist()))
    assert found == wanted
    # A grid is counted as two neighbours a satellite: never too few.
    assert 0 <= crosslink_effort(ready).pairs - len(wanted) <= 2 * (6 + shape[0])


@pytest.mark.parametrize(("kind", "next_plane"), [("delta", {0: 1, 1: 2, 2: 0}), ("star", {0: 1, 1: 2})])
def test_planes_are_rings_and_so_is_a_delta_of_planes(kind, next_plane, tmp_path):
    """Twelve satellites, four to a plane: the last is linked to the first, and a star has a seam."""
    ready = stage_of(scenario(tmp_path, group("W", 12, 3, kind, "grid")))
    satellites = [i for i, body in enumerate(ready.bodies) if body.kind == "satellite"]
    seats = {(plane, seat): 4 * plane + seat for plane in range(3) for seat in range(4)}
    along = [{seats[plane, seat], seats[plane, after]} for plane in range(3)
             for seat, after in ((0, 1), (1, 2), (2, 3), (3, 0))]  # fmt: skip
    across = [
        {seats[one, seat], seats[other, seat]} for one, other in next_plane.items() for seat in range(4)
    ]
    wanted = {frozenset(satellites[i] for i in pair) for pair in along + across}
    found = {frozenset(pair) for pair in crosslinks(ready, satellites).tolist()}
    assert found == wanted
    assert {frozenset(p) for p in combinations(satellites, 2) if joinable(ready, *p)} == wanted


def test_the_effort_is_said_and_too_much_is_refused_at_once(tmp_path, capsys):
    place = str(scenario(tmp_path, group("W", 5000, 10)))
    assert main(["validate", place]) == 0
    said = capsys.readouterr().err
    assert "warning: 12497500 pairs of 5000 satellites may be linked: evaluating them takes about" in said
    assert "(refused without --force)" in said
    for command in (["plan"], ["run", "-o", str(tmp_path / "out")], ["export", "graphml"]):
        assert main([command[0], *command[1:], place]) == 2
        seen = capsys.readouterr().err
        assert "error: 12497500 pairs of 5000 satellites" in seen
        assert "crosslinks: grid or none" in seen
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("satellites", "horizon", "warned", "refused"),
    [
        (group("W", 100, 10), 86_400, False, False),
        (group("W", 300, 10), 7_200, True, False),
        (group("W", 300, 10, links="grid"), 86_400, False, False),
        (group("W", 10_000, 100, links="grid"), 600, False, False),
        (group("W", 10_000, 100, links="none"), 86_400, False, False),
        (group("W", 10_000, 100, more="").replace("satellite-30cm", "micius"), 86_400, False, False),
        (group("W", 600, 10), 86_400, True, True),
        (group("V", 300, 10, links="none") + group("W", 300, 10, links="none"), 600, True, False),
    ],
)  # fmt: skip
def test_only_many_pairs_are_spoken_of(satellites, horizon, warned, refused, tmp_path):
    ready = stage_of(scenario(tmp_path, satellites, horizon))
    assert bool(effort_remark(ready)) == warned
    assert crosslink_effort(ready).too_much == refused


def test_force_lifts_the_limit(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(effort, "MANY_PAIRS", 3)
    monkeypatch.setattr(effort, "LONGEST", 0.0)
    place = scenario(tmp_path, group("W", 24, 3))
    with pytest.raises(InputError, match="276 pairs of 24 satellites"):
        views(stage_of(place))
    with without_limits():
        assert views(stage_of(place))
    assert main(["plan", str(place)]) == 2
    assert main(["plan", str(place), "--force"]) == 0


@pytest.mark.parametrize("terminal", ["meo-source", "satellite-30cm"])
def test_light_to_many_stations_is_weighed_before_it_is_evaluated(terminal, tmp_path, monkeypatch):
    satellites = group("W", 24, 3, links="none").replace("satellite-30cm", terminal)
    ready = stage_of(scenario(tmp_path, satellites, 7200))
    seen = views(ready)
    found = link_state(ready)
    monkeypatch.setattr(effort, "_LONG", 0.0)
    with pytest.warns(SatqnWarning, match="links through free space: evaluating them takes up to") as told:
        effort.weigh_light(ready, seen)
    # Never fewer than there are: some pairs of stations share nothing, satellites of a group are one link.
    assert int(str(told[0].message).split()[0]) >= len(found)
    monkeypatch.setattr(effort, "LONGEST", 0.0)
    with pytest.raises(InputError, match="Name fewer satellites or stations"):
        link_state(ready)
    with without_limits():
        assert len(link_state(ready)) == len(found)


def test_every_long_stage_shows_how_far_it_is(tmp_path):
    ready = stage_of(scenario(tmp_path, group("W", 12, 3), 1200))
    told: list[tuple[int, int]] = []
    link_state(ready, lambda done, total: told.append((done, total)))
    ends = [total for done, total in told if done == total]
    assert len(ends) >= 2  # pairs of bodies, then spans of sight
    assert all(0 < done <= total for done, total in told)


def test_satellites_that_see_nobody_are_one_line(tmp_path):
    place = scenario(tmp_path, group("W", 40, 4, links="none"))
    warnings = build_plan_system(load_plan_scenario(place)).instance.warnings
    assert [w.partition(" see nobody")[0].split()[1] for w in warnings if "see nobody" in w] == ["satellites"]
    assert len(warnings) == 1
