"""The Python face: what it lists, what it shows, what it refuses, and results as tables."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import satqn
from satqn import api
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.model.system import HybridSystem
from satqn.network.topologies import reference_topology
from satqn.planning import PlanSystem
from satqn.routing.asked import RULES, refuse_unusable
from satqn.routing.solve import Settings, Solution
from satqn.simulate.chain import Chain
from satqn.simulate.monte_carlo import simulate_chain
from satqn.simulate.replay_counts import ReplayCounts

HOUR = {"time.horizon_s": 3600}
SMALL = {"slots": 3, "demands": 2}


@pytest.fixture(scope="module")
def system() -> PlanSystem:
    built = satqn.build(satqn.load("metro-pair", HOUR))
    assert isinstance(built, PlanSystem)
    return built


@pytest.fixture(scope="module")
def cities() -> HybridSystem:
    built = satqn.build(satqn.load("us-cities", {"placement": "greedy"}))
    assert isinstance(built, HybridSystem)
    return built


@pytest.fixture(scope="module")
def solution() -> Solution:
    return satqn.plan("zhang2024", SMALL)


@pytest.fixture(scope="module")
def counts(solution: Solution) -> ReplayCounts:
    return satqn.replay(solution.problem.instance, solution, runs=20)


def test_dir_lists_the_api_before_it_is_loaded() -> None:
    code = "import satqn, sys; print('satqn.api' in sys.modules, set(satqn.__all__) <= set(dir(satqn)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    for name in satqn.__all__:
        assert getattr(satqn, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'paln'"):
        satqn.paln  # noqa: B018 (to ask for the name is the test)


def reachable(value: object, seen: dict[int, object]) -> dict[int, object]:
    """Return every dataclass and section of a scenario that hangs on a value."""
    if id(value) in seen:
        return seen
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        seen[id(value)] = value
        for field in dataclasses.fields(value):
            reachable(getattr(value, field.name), seen)
    elif hasattr(type(value), "model_fields"):
        seen[id(value)] = value
        for name in type(value).model_fields:
            reachable(getattr(value, name), seen)
    elif isinstance(value, tuple | list):
        for one in value[:20]:
            reachable(one, seen)
    elif isinstance(value, dict):
        for one in list(value.values())[:20]:
            reachable(one, seen)
    return seen


def test_nothing_that_the_api_hands_out_has_a_long_representation(system, cities, solution, counts) -> None:
    shown = (
        system,
        cities,
        solution,
        counts,
        satqn.evaluate(cities, 20),
        satqn.pair(cities, "Denver", "Seattle"),
        satqn.fibre_link(300e3),
        satqn.diff("us-cities", "shao2025-us"),
        satqn.load("metro-pair"),
        satqn.load("coronet-meo"),
        satqn.load("zhang2024"),
        satqn.check(solution.problem.instance, dataclasses.replace(solution.plan, objective_pairs=1.0)),
        reference_topology("CORONET"),
        Chain.uniform(40, success=0.2, attempt_time=1e-3, fidelity=0.98),
        simulate_chain(Chain.uniform(3, success=0.5, attempt_time=1e-3, fidelity=0.98), deliveries=50),
    )
    seen: dict[int, object] = {}
    for value in shown:
        reachable(value, seen)
    long = {type(one).__name__: len(repr(one)) for one in seen.values() if len(repr(one)) > 420}
    assert len(seen) > 100
    assert long == {}


def test_every_result_of_the_api_has_a_short_representation_by_its_class() -> None:
    given = {name: inspect.signature(getattr(satqn, name)).return_annotation for name in satqn.__all__[2:]}
    named = {word for words in given.values() for word in re.findall(r"[A-Z]\w+", str(words))}
    classes = {getattr(api, name) for name in named if dataclasses.is_dataclass(getattr(api, name, None))}
    assert len(classes) >= 10
    small = {api.FibreLink, api.SatelliteLink}
    assert {one.__name__ for one in classes - small if not issubclass(one, Shown)} == set()


def test_representations_say_what_a_person_asks_first(system, cities, solution, counts) -> None:
    assert repr(solution).startswith("Solution(status='optimal', method='exact', delivered_pairs=")
    assert "ground_nodes=12, haps=2, satellites=8" in repr(system)
    assert repr(cities).startswith("HybridSystem(nodes=")
    assert "promised_pairs=" in repr(counts)
    assert repr(system.state).startswith(f"LinkState(a=<tuple of {len(system.state)}>")
    assert f"rate=<float64 of {system.state.slots} x {len(system.state)}>" in repr(system.state)
    assert str(satqn.load("metro-pair")).startswith("PlanScenario(")


def test_pairs_as_tables_have_the_columns_of_the_csv(cities: HybridSystem) -> None:
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    import io

    from satqn.reports.tables import pairs_csv

    results = satqn.evaluate(cities, 30)
    frame = results.to_pandas(cities.network)
    text = pandas.read_csv(io.StringIO(pairs_csv(cities.network.nodes, results)), keep_default_na=False)
    assert list(frame.columns) == list(text.columns)
    assert frame["node_a"].tolist() == text["node_a"].tolist()
    assert frame["protocol_by_rate"].tolist() == results.protocol_by_rate.tolist()
    assert_array_equal(frame["fibre_rate_per_s"].isna(), np.ma.getmaskarray(results.fibre_rate))
    assert str(frame["fibre_photon_repeaters"].dtype) == "Int64"
    data = results.to_xarray(cities.network)
    assert isinstance(data, xarray.Dataset)
    assert data["protocol_rate_per_s"].attrs["units"] == "s-1"
    assert_allclose(data["distance_km"], results.distance / 1e3)
    assert_array_equal(results.to_pandas()["node_a"], results.a)


def test_a_plan_as_tables_adds_up(solution: Solution) -> None:
    pytest.importorskip("pandas"), pytest.importorskip("xarray")
    plan, instance = solution.plan, solution.problem.instance
    served = solution.to_pandas()
    assert served["pairs"].sum() == pytest.approx(plan.delivered_pairs)
    assert set(served["demand"]) <= set(instance.demands.ids)
    assert len(solution.to_pandas("stock")) == len(plan.stock)
    assert len(solution.to_pandas("store")) == len(plan.store) > 0
    assert len(solution.to_pandas("log")) == len(plan.log)
    assert "pairs" not in plan.to_pandas()
    with pytest.raises(InputError, match="no table 'served'"):
        solution.to_pandas("served")
    data = solution.to_xarray()
    assert data["rate"].dims == ("slot", "demand")
    assert dict(data.sizes)["slot"] == instance.slots
    assert float(data["pairs"].sum()) == pytest.approx(plan.delivered_pairs)
    assert float(data["stock_pairs"].sum()) == pytest.approx(sum(one.pairs for one in plan.stock))
    assert float(plan.to_xarray()["rate"].sum()) == pytest.approx(sum(one.rate for one in plan.serve))


def test_a_replay_as_tables_adds_up(counts: ReplayCounts) -> None:
    pytest.importorskip("pandas"), pytest.importorskip("xarray")
    frame, data = counts.to_pandas(), counts.to_xarray()
    assert len(frame) == counts.slots * len(counts.demands)
    assert frame["delivered_pairs"].sum() == pytest.approx(counts.delivered_pairs.mean)
    missing = frame.filter(like="missing_").sum(axis=1)
    assert_allclose(missing, frame["promised_pairs"] - frame["delivered_pairs"], atol=1e-6)
    assert_allclose(data["delivered_pairs"].values.ravel(), frame["delivered_pairs"])
    assert_allclose(data["missing_pairs"].sum("reason").values.ravel(), missing, atol=1e-6)
    assert (data["low"] <= data["delivered_pairs"]).all()
    one = satqn.replay(*_case(), runs=1)
    assert one.to_pandas()["low"].isna().all()
    assert bool(one.to_xarray()["high"].isnull().all())


def _case() -> tuple[object, Solution]:
    found = satqn.plan("zhang2024", {"slots": 2, "demands": 1})
    return found.problem.instance, found


def test_what_is_not_installed_says_what_to_type(monkeypatch, solution: Solution) -> None:
    from satqn import extras

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    for call in (solution.to_pandas, solution.to_xarray, solution.plan.to_xarray):
        with pytest.raises(
            InputError, match=r'not installed\. Type python -m pip install "satqn\[exports\]"'
        ):
            call()


def test_comparing_in_python_is_the_command() -> None:
    found = satqn.compare("zhang2024", {"slots": 2, "demands": 1})
    assert found.rows()[-1]["name"] == "all together"
    parts = [row["objective_pairs"] for row in found.rows()]
    assert max(parts) == parts[-1] > 0
    pytest.importorskip("pandas")
    assert found.to_pandas()["name"].tolist() == [row["name"] for row in found.rows()]


def test_a_sweep_in_python_is_a_grid(tmp_path) -> None:
    vary = {"storage_pairs": np.array([0, 1500]), "demands": [1, 2]}
    found = satqn.sweep("zhang2024", vary, tmp_path, overrides={"slots": 2})
    assert [(row["storage_pairs"], row["demands"]) for row in found.rows()] == [
        (0, 1),
        (0, 2),
        (1500, 1),
        (1500, 2),
    ]
    assert len(list((tmp_path / "points").glob("*.json"))) == len(found) == 4
    assert repr(found).startswith("SweepResults(scenario='zhang2024', keys=('storage_pairs', 'demands')")
    pytest.importorskip("xarray")
    data = found.to_xarray()
    assert data["delivered_pairs"].dims == ("storage_pairs", "demands")
    assert float(data["delivered_pairs"].sel(storage_pairs=1500, demands=2)) == pytest.approx(
        found.rows()[3]["delivered_pairs"]
    )
    assert found.to_pandas()["delivered_pairs"].tolist() == [r["delivered_pairs"] for r in found.rows()]


def test_a_sweep_keeps_errors_and_compares_architectures() -> None:
    pytest.importorskip("xarray")
    wrong = satqn.sweep("zhang2024", {"target_fidelity": [0.9, 7]}, overrides={"slots": 1, "demands": 1})
    data = wrong.to_xarray()
    assert "target_fidelity" in str(data["error"].sel(target_fidelity=7).item())
    assert bool(data["delivered_pairs"].isnull().sel(target_fidelity=7))
    small = {"slots": 1, "demands": 1}
    parts = satqn.sweep("zhang2024", {"storage_pairs": [0]}, overrides=small, compared=True)
    assert "all together" in parts.to_xarray()["architecture"].values


def test_differences_of_what_was_read(solution: Solution, tmp_path) -> None:
    assert not satqn.diff("us-cities", satqn.load("us-cities"))
    other = satqn.plan("zhang2024", SMALL | {"storage_pairs": 0})
    assert not satqn.diff(solution, solution.plan)
    changed = satqn.diff(solution.problem.instance, other.problem.instance)
    assert changed.kind == "instances"
    assert {change.key.rsplit(".", 1)[-1] for change in changed.changes} == {"storage_pairs"}
    with pytest.raises(InputError, match="a Plan is one of plans, us-cities one of scenarios"):
        satqn.diff(solution.plan, "us-cities")
    pytest.importorskip("pandas")
    assert len(changed.to_pandas()) == len(changed.changes)


def test_notebooks_show_tables_whose_words_are_text(tmp_path) -> None:
    found = satqn.sweep("zhang2024", {"target_fidelity": [0.9, 7]}, overrides={"slots": 1, "demands": 1})
    assert found._repr_html_().count("<tr>") == 3
    change = satqn.diff("us-cities", satqn.load("us-cities", {"description": "<script>alert(1)</script>"}))
    assert "<script>" not in change._repr_html_()
    assert "&lt;script&gt;" in change._repr_html_()
    from satqn.whatif.notebook import MOST_ROWS, rows_html

    assert "… and 5 more rows" in rows_html([{"a": i, "b": None} for i in range(MOST_ROWS + 5)])


BAD_SETTINGS = [
    ({"method": "simplex"}, r"method: 'simplex' cannot be used\. Give one of .*exact, paper"),
    ({"method": 3}, "method: 3 cannot be used"),
    ({"gap": -0.1}, "gap: -0.1 cannot be used"),
    ({"gap": float("nan")}, "gap: nan cannot be used"),
    ({"gap": float("inf")}, "gap: inf cannot be used"),
    ({"gap": "small"}, "gap: 'small' cannot be used"),
    ({"gap": True}, "gap: True cannot be used"),
    ({"time_limit": 0}, r"time_limit: 0 cannot be used\. Give seconds > 0"),
    ({"time_limit": -3.0}, "time_limit: -3.0 cannot be used"),
    ({"time_limit": float("nan")}, "time_limit: nan cannot be used"),
    ({"time_limit": "60"}, "time_limit: '60' cannot be used"),
    ({"workers": 0}, "workers: 0 cannot be used"),
    ({"workers": 1.5}, "workers: 1.5 cannot be used"),
    ({"seed": -1}, "seed: -1 cannot be used"),
    ({"draw": "some"}, "draw: 'some' cannot be used"),
    ({"max_iterations": 0}, "max_iterations: 0 cannot be used"),
    ({"stall": 0}, "stall: 0 cannot be used"),
    ({"warm_start": 1}, "warm_start: 1 cannot be used"),
    ({"time_limt": 3}, r"no setting 'time_limt'\. Did you mean 'time_limit'\?"),
]


@pytest.mark.parametrize("call", [satqn.plan, satqn.compare], ids=["plan", "compare"])
@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_unusable_settings_are_refused_before_any_work(call, settings, message) -> None:
    with pytest.raises(InputError, match=message):
        call("no-such-scenario", **settings)


def test_paths_to_choose_from_can_be_said(solution: Solution) -> None:
    instance = solution.problem.instance
    every = satqn.plan(instance, paths="all_simple", gap=1e-6)
    few = satqn.plan(instance, paths="k_shortest", gap=1e-6)
    assert every.plan.objective_pairs >= few.plan.objective_pairs > 0
    with pytest.raises(InputError, match=r"paths: 'best' cannot be used\. Give one of generated"):
        satqn.plan(instance, paths="best")


def test_every_setting_has_a_rule_that_its_default_keeps() -> None:
    defaults = {field.name: getattr(Settings(), field.name) for field in dataclasses.fields(Settings)}
    assert set(RULES) == set(defaults)
    for name, value in defaults.items():
        refuse_unusable(name, value, where=name)


def test_settings_that_numpy_made_and_no_time_limit(solution: Solution) -> None:
    instance = solution.problem.instance
    again = satqn.plan(instance, gap=np.float64(1e-3), seed=np.int64(2), time_limit=float("inf"))
    assert again.plan.objective_pairs == pytest.approx(solution.plan.objective_pairs, rel=1e-3)


def test_a_system_of_one_study_where_the_other_belongs_is_one_clear_error(system, cities, solution) -> None:
    planned = r"satqn\.{} got a planning scenario, 'metro-pair'.*Use satqn\.plan"
    for source in (system, system.scenario, "metro-pair"):
        with pytest.raises(InputError, match=planned.format("evaluate")):
            satqn.evaluate(source, 10)
        with pytest.raises(InputError, match=planned.format("pair")):
            satqn.pair(source, "Denver", "Seattle")
    for call in (satqn.plan, satqn.compare):
        for source in (cities, satqn.load("us-cities")):
            with pytest.raises(InputError, match=r"hybrid protocol.*Use satqn\.evaluate"):
                call(source)
    with pytest.raises(InputError, match=r"satqn\.report cannot use a HybridSystem"):
        satqn.report(cities, solution, "nowhere")
    with pytest.raises(InputError, match=r"satqn\.report cannot use a Plan"):
        satqn.report(system, solution.plan, "nowhere")
    with pytest.raises(InputError, match="hybrid protocol"):
        satqn.check(cities, solution)
    with pytest.raises(InputError, match=r"satqn\.replay cannot use a int"):
        satqn.replay(solution.problem.instance, 3)
    with pytest.raises(InputError, match=r"satqn\.plan cannot use a NoneType"):
        satqn.plan(None)
    with pytest.raises(InputError, match="overrides for a RoutingInstance"):
        satqn.plan(solution.problem.instance, {"slots": 2})


def test_pairs_that_cannot_be_evaluated(cities: HybridSystem) -> None:
    for wrong in (True, 2.5, None, (1, 2, 3)):
        with pytest.raises(InputError, match="Give a number of pairs"):
            satqn.evaluate(cities, wrong)
    with pytest.raises(InputError):
        satqn.evaluate(cities, -1)
    assert len(satqn.evaluate(cities, np.int64(3))) == 3
    assert len(satqn.evaluate(cities, ([0, 1], [2, 3]))) == 2


def test_a_scenario_that_was_loaded_can_be_planned() -> None:
    assert satqn.plan(satqn.load("zhang2024", {"slots": 1, "demands": 1})).status == "optimal"


def test_files_of_plan_and_instance_serve_in_their_place(solution: Solution, tmp_path) -> None:
    from satqn.planning import load_plannable
    from satqn.routing.instance_writer import document_text
    from satqn.routing.plan_file import plan_document

    plan, instance = tmp_path / "plan.json", tmp_path / "plan.instance.json"
    plan.write_text(document_text(plan_document(solution.plan)), encoding="utf-8")
    instance.write_text(load_plannable("zhang2024", SMALL).text, encoding="utf-8")
    assert satqn.check(instance, plan) == satqn.check(str(instance), str(plan)) == []
    assert satqn.replay(instance, plan, runs=3).runs == 3


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({}, "nothing varies"),
        ({"storage_pairs": []}, "no values"),
        ({"storage_pairs": 3}, "no list of values"),
        ({"storage_pairs": "3,4"}, "no list of values"),
        ({"storage_pairs": [3, 3]}, "stands twice"),
        ({"storage": [3]}, "unknown key"),
    ],
)
def test_grids_that_cannot_be_swept(vary, message) -> None:
    with pytest.raises(InputError, match=message):
        satqn.sweep("zhang2024", vary)
