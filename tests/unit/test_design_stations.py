"""Stations chosen with a bound: against enumeration, an independent program, and the specification's vectors."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import dijkstra

from satqn.cli import main
from satqn.design import cloudy as cloudy_module
from satqn.design.cloudy import choose_cloudy_sites
from satqn.design.p_median import choose_sites
from satqn.design.problem import SitingProblem
from satqn.errors import InfeasibleError, InputError
from satqn.network.datasets import cities
from satqn.network.ground import fibre_network
from satqn.network.shortest import PathFinder, _graph
from satqn.sphere import great_circle

CASES = json.loads((Path(__file__).parents[1] / "golden/vectors/siting.json").read_text(encoding="utf-8"))[
    "cases"
]
GREAT_CIRCLE = [c for c in CASES if c["kind"] in ("p_median_great_circle", "maximal_cover_great_circle")]


def random_problem(seed: int) -> SitingProblem:
    rng = np.random.default_rng(seed)
    rows, candidates = int(rng.integers(5, 40)), int(rng.integers(4, 14))
    points, sites = rng.random((rows, 2)), rng.random((candidates, 2))
    cost = np.linalg.norm(points[:, None] - sites[None], axis=2)
    if rng.random() < 0.3:
        cost = (cost > 0.4).astype(float)
    fixed = tuple(int(j) for j in rng.choice(candidates, int(rng.integers(0, 2)), replace=False))
    return SitingProblem(cost, rng.random(rows), int(rng.integers(max(1, len(fixed)), candidates)), fixed)


def weak_program(problem: SitingProblem) -> float:
    """The textbook model with aggregated links, solved by itself: another formulation than the code's."""
    rows, m = problem.cost.shape
    cost = np.concatenate([np.zeros(m), (problem.weight[:, None] * problem.cost).ravel()])
    serve = np.zeros((rows, m + rows * m))
    links = np.zeros((m, m + rows * m))
    for i in range(rows):
        serve[i, m + i * m : m + (i + 1) * m] = 1.0
    for j in range(m):
        links[j, j] = -rows
        links[j, m + j :: m] = 1.0
    count = np.zeros((1, m + rows * m))
    count[0, :m] = 1.0
    lower = np.zeros(m + rows * m)
    lower[list(problem.fixed)] = 1.0
    found = milp(
        cost,
        constraints=[
            LinearConstraint(serve, 1.0, 1.0),
            LinearConstraint(links, -np.inf, 0.0),
            LinearConstraint(count, -np.inf, problem.count),
        ],
        integrality=np.concatenate([np.ones(m), np.zeros(rows * m)]),
        bounds=Bounds(lower, np.ones(m + rows * m)),
    )
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize("seed", range(30))
def test_sites_are_the_optimum_of_an_independent_program(seed: int) -> None:
    problem = random_problem(seed)
    found = choose_sites(problem)
    expected = weak_program(problem)
    assert found.objective == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert found.bound <= expected * (1 + 1e-9) + 1e-12
    assert set(problem.fixed) <= set(found.sites.tolist())
    assert len(found.sites) <= problem.count


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_bound_and_sites_hold_when_the_search_is_cut_short(seed: int) -> None:
    problem = random_problem(seed)
    found = choose_sites(problem, time_limit=0.0)
    best = min(
        float(problem.weight @ problem.cost[:, sorted({*extra, *problem.fixed})].min(axis=1))
        for extra in itertools.combinations(range(problem.cost.shape[1]), problem.count - len(problem.fixed))
    )
    assert found.bound <= best * (1 + 1e-9) + 1e-12
    assert found.objective >= best * (1 - 1e-9)
    assert found.stopped or found.gap == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_budgets_are_kept_and_the_bound_holds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(seed)
    price = rng.uniform(1.0, 5.0, problem.cost.shape[1])
    asked = SitingProblem(problem.cost, problem.weight, None, (), price, 8.0)
    found = choose_sites(asked)
    assert price[found.sites].sum() <= 8.0 * (1 + 1e-9)
    choices = (
        list(some)
        for size in range(1, problem.cost.shape[1] + 1)
        for some in itertools.combinations(range(problem.cost.shape[1]), size)
        if price[list(some)].sum() <= 8.0
    )
    best = min(float(problem.weight @ problem.cost[:, some].min(axis=1)) for some in choices)
    assert found.bound <= best * (1 + 1e-9) + 1e-12
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-12)  # small: closed by a program


@pytest.mark.parametrize("case", GREAT_CIRCLE, ids=lambda case: f"{case['kind']} {case['cities_largest']}")
def test_vectors_through_the_command(case: dict, capsys: pytest.CaptureFixture[str]) -> None:
    cover = case["kind"].startswith("maximal")
    words = f"design stations us-cities --count {case['p']} --largest {case['cities_largest']} --distance great-circle"
    words += f" --objective cover --radius-km {case['radius_km']}" if cover else ""
    assert main([*words.split(), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = case["optimum_population_share"] if cover else case["optimum_mean_km"]
    assert found["objective"] == pytest.approx(expected, rel=1e-6)
    assert found["bound"] == pytest.approx(expected, rel=1e-6)
    assert found["gap"] <= 1e-6
    assert found["covered_share" if cover else "mean_km"] == pytest.approx(expected, rel=1e-6)
    if not cover:
        assert sorted(found["sites"]) == sorted(case["sites"])


def test_two_levels_of_service_equal_all_subsets(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(c for c in CASES if c["kind"] == "cloudy_p_median_two_levels")
    table = cities()
    rows = np.argsort(-table.population, kind="stable")[: case["cities_largest"]]
    lat, lon, people = table.lat_deg[rows], table.lon_deg[rows], table.population[rows]
    apart = great_circle(lat[:, None], lon[:, None], lat[None], lon[None]) / 1e3
    problem = SitingProblem(apart, people / people.sum(), case["p"])
    q = np.array(case["cloudy_probability"])
    found = choose_cloudy_sites(problem, q, case["penalty_km"])
    assert found.objective == pytest.approx(case["optimum"], rel=1e-9)
    assert sorted(table.ids[rows[found.sites]]) == sorted(case["sites"])
    monkeypatch.setattr(cloudy_module, "ENUMERATED", 0)
    searched = choose_cloudy_sites(problem, q, case["penalty_km"])
    assert searched.bound <= case["optimum"] <= searched.objective * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_of_two_levels_holds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    cost, weight = rng.random((12, 8)) * 100, rng.random(12)
    q = rng.random(8)
    penalty = 300.0

    def value(some: tuple[int, ...]) -> float:
        total = 0.0
        for i in range(12):
            a, b = sorted(some, key=lambda j: cost[i, j])[:2]
            total += weight[i] * ((1 - q[a]) * cost[i, a] + q[a] * ((1 - q[b]) * cost[i, b] + q[b] * penalty))
        return total

    best = min(value(some) for some in itertools.combinations(range(8), 3))
    problem = SitingProblem(cost, weight, 3)
    assert choose_cloudy_sites(problem, q, penalty).objective == pytest.approx(best, rel=1e-12)
    monkeypatch.setattr(cloudy_module, "ENUMERATED", 0)
    searched = choose_cloudy_sites(problem, q, penalty)
    assert searched.bound <= best * (1 + 1e-9)
    assert searched.objective == pytest.approx(value(tuple(searched.sites.tolist())), rel=1e-12)


def test_distances_from_nodes_equal_dijkstra() -> None:
    network = fibre_network(cities())
    sources = np.array([0, 17, 250, 17])
    expected = dijkstra(_graph(network), indices=sources)
    for method in ("trees", "hierarchy"):
        assert PathFinder(network, method).distances_from(sources) == pytest.approx(expected, rel=1e-12)


def test_the_design_is_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        f"design stations us-cities --count 4 --largest 50 --candidates 20 --fixed Denver -o {tmp_path / 'd'}"
    )
    assert main([*words.replace("--fixed Denver", "").split(), "--fixed", "Denver CO", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "Denver CO" in found["sites"]
    assert found == json.loads((tmp_path / "d/design.json").read_text(encoding="utf-8"))
    from satqn import api

    system = api.build(api.load(tmp_path / "d/stations.yaml"))
    assert sorted(system.network.nodes.ids[system.stations]) == sorted(found["site_ids"])
    page = (tmp_path / "d/report.html").read_text(encoding="utf-8")
    assert "Denver CO" in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("words", "message", "status"),
    [
        ("design stations us-cities --count 0", "--count", 2),
        ("design stations us-cities --count 400", "400 stations among 300", 2),
        ("design stations us-cities --count 3 --candidates 2", "3 stations among 2", 2),
        ("design stations us-cities --count 3 --candidates 0", "--candidates", 2),
        ("design stations us-cities --count 3 --largest 301", "--largest", 2),
        ("design stations us-cities --count 3 --fixed Atlantis", "'Atlantis' is no candidate", 2),
        ("design stations us-cities --count 3 --objective cover --radius-km -1", "--radius-km", 2),
        ("design stations us-cities --count 1 --objective cloudy --largest 20", "at least 2", 2),
        ("design stations us-cities --count 3 --gap -1", "--gap", 2),
        ("design stations us-cities --count 3 --time-limit 0", "--time-limit", 2),
        ("design stations metro-pair --count 3", "not a scenario of the hybrid study", 2),
    ],
)
def test_bad_input_is_one_message(
    words: str, message: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == status
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_problems_that_make_no_sense_are_refused() -> None:
    cost, weight = np.ones((3, 2)), np.ones(3)
    with pytest.raises(InputError, match="negative or infinite"):
        SitingProblem(cost * math.inf, weight, 1)
    with pytest.raises(InputError, match="weights"):
        SitingProblem(cost, weight * 0.0, 1)
    with pytest.raises(InputError, match="not both"):
        SitingProblem(cost, weight, 1, (), np.ones(2), 1.0)
    with pytest.raises(InfeasibleError, match="does not pay"):
        SitingProblem(cost, weight, None, (), np.ones(2) * 5.0, 1.0)
