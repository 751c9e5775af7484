"""A planning scenario in Python: the words of the API, graphs, datasets and notebooks."""

from __future__ import annotations

import networkx
import pytest

import satqn
from satqn.errors import InputError
from satqn.planning import PlanSystem, is_instance_file, load_plannable

HOUR = {"time.horizon_s": 3600, "solver.time_limit_s": 5}


@pytest.fixture(scope="module")
def system() -> PlanSystem:
    built = satqn.build(satqn.load("metro-pair", HOUR))
    assert isinstance(built, PlanSystem)
    return built


def test_plan_check_and_replay_speak_of_the_same_plan(system: PlanSystem) -> None:
    solution = satqn.plan(system, gap=0.05)
    assert solution.plan is not None
    assert satqn.check(system, solution) == satqn.check(system.instance, solution.plan) == []
    counts = satqn.replay(system, solution, runs=20, seed=3)
    assert counts.to_dict()["promised_pairs"] == pytest.approx(solution.plan.delivered_pairs)
    assert f"{solution.plan.delivered_pairs:,.0f}" in solution._repr_html_()


def test_report_of_a_plan_made_in_python(system: PlanSystem, tmp_path) -> None:
    solution = satqn.plan(system, gap=0.05)
    page = satqn.report(system, solution, tmp_path / "out")
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "out" / "report.html"
    assert "metro-pair" in text
    again = satqn.load(tmp_path / "out" / "scenario.resolved.yaml")
    assert again == system.scenario


def test_graph_has_every_body_that_is_linked_and_every_link(system: PlanSystem) -> None:
    graph = system.to_networkx()
    assert graph.number_of_edges() == len(system.state)
    assert {data["kind"] for _, data in graph.nodes(data=True)} == {"base_station", "aerial", "satellite"}
    assert networkx.is_connected(networkx.Graph(graph))


def test_dataset_has_the_rates_with_their_unit(system: PlanSystem) -> None:
    pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = system.to_xarray()
    assert data["rate"].shape == system.state.rate.shape
    assert data["rate"].attrs["units"] == "s-1"
    assert float(data["rate"].sum()) == pytest.approx(float(system.state.rate.sum()))


def test_notebooks_show_what_it_is_made_of(system: PlanSystem) -> None:
    text = system._repr_html_()
    for part in ("metro-pair", "<td>HAPs</td><td>2</td>", "<td>satellites</td><td>8</td>"):
        assert part in text


def test_what_can_be_planned_is_told_from_what_cannot(tmp_path) -> None:
    assert not is_instance_file("metro-pair")
    assert load_plannable("zhang2024", {"slots": 2}).instance.slots == 2
    with pytest.raises(InputError, match="scenario of the study 'hybrid'"):
        load_plannable("us-cities")
    with pytest.raises(InputError, match="nothing to build"):
        satqn.build("zhang2024")
    with pytest.raises(InputError, match="there is no scenario or file"):
        load_plannable("nowhere")
    text = load_plannable("zhang2024", {"slots": 2}).text
    file = tmp_path / "zhang.json"
    file.write_text(text)
    assert is_instance_file(file)
    with pytest.raises(InputError, match="no keys to set"):
        load_plannable(file, {"slots": 3})
