"""Architectures: parts have what they should, and the whole is worth no less than any of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.oracles.whatif_cases import tiny_scenario

from satqn.errors import InputError
from satqn.model.instance import PathOptions, RoutingInstance
from satqn.planning import build_plan_system, load_plan_scenario
from satqn.routing.check import check
from satqn.routing.common_pool import path_keys, pool_of_part, union
from satqn.routing.generate import case_study_document
from satqn.routing.instance_file import instance_from_document
from satqn.routing.pool import build_pool, full_nodes
from satqn.routing.problem import Problem
from satqn.routing.solve import Settings, solve
from satqn.whatif.architectures import PARTS, Comparison, compare, compare_instance
from satqn.whatif.lift import lifted, no_less_than
from satqn.whatif.pools import used_paths

SIMPLE = {"mode": "all_simple", "max_hops": 4}
DOCUMENT = {
    seed: case_study_document(seed, demands=2, slots=2, stations=3) | {"paths": SIMPLE} for seed in (0, 1)
}
INSTANCE = {seed: instance_from_document(document) for seed, document in DOCUMENT.items()}
NAMED = {part.name: part for part in PARTS}
FEW = PathOptions("k_shortest", 4, real=3, virtual=3)
CASES = {
    "all simple": INSTANCE[0],
    "k shortest": replace(INSTANCE[0], paths=FEW),
    "k shortest, another draw": replace(INSTANCE[1], paths=FEW),
}


@pytest.fixture(scope="module", params=CASES)
def compared(request: pytest.FixtureRequest) -> tuple[RoutingInstance, Comparison]:
    instance = CASES[request.param]
    return instance, compare_instance(instance, Settings(time_limit=30.0))


def kinds_used(instance: RoutingInstance, solution) -> set[str]:
    """Return the kinds of the inner nodes and of the links of all paths over which a plan serves."""
    pool = used_paths(solution)
    kinds: set[str] = set()
    for p in range(len(pool)):
        for a, b in pairwise(full_nodes(pool, p)):
            ends = {instance.nodes.kind[a], instance.nodes.kind[b]}
            kinds |= ends - {"base_station"} or {"fibre"}
    return kinds


ALLOWED = {
    "fibre only": {"fibre"},
    "HAPs only": {"aerial"},
    "satellites only": {"satellite"},
    "without satellites": {"fibre", "aerial"},
    "without HAPs": {"fibre", "satellite"},
    "without fibre": {"aerial", "satellite"},
    "without storage": {"fibre", "aerial", "satellite"},
}


def test_parts_use_only_what_they_have(compared) -> None:
    instance, comparison = compared
    for name, solution in comparison.parts:
        assert kinds_used(instance, solution) <= ALLOWED[name], name
    stored = dict(comparison.parts)["without storage"].plan
    assert stored is not None
    assert not stored.store
    assert not stored.classes


def test_no_part_is_worth_more_than_what_contains_it(compared) -> None:
    _, comparison = compared
    worth = {row["name"]: row["objective_pairs"] for row in comparison.rows()}
    assert max(worth.values()) == worth["all together"] > 0
    for number, part in enumerate(PARTS):
        for other in PARTS[number + 1 :]:
            assert not other.within(part)
            if part.within(other):
                assert worth[part.name] <= worth[other.name] * (1 + 1e-9)


def test_every_plan_passes_the_checker_and_stays_below_its_bound(compared) -> None:
    instance, comparison = compared
    for _, solution in (*comparison.parts, ("all together", comparison.whole)):
        assert solution.plan is not None
        assert check(instance, solution.plan) == []
        assert solution.plan.objective_pairs <= solution.bound_pairs * (1 + 1e-6) + 1e-6
        cost = float(solution.problem.model.cost @ solution.primal)
        assert cost == pytest.approx(solution.plan.objective_pairs, rel=1e-6, abs=1e-6)


def test_gain_is_that_over_the_best_part(compared) -> None:
    _, comparison = compared
    rows = {row["name"]: row for row in comparison.rows()}
    whole = rows.pop("all together")["objective_pairs"]
    best = max(row["objective_pairs"] for row in rows.values())
    gain = comparison.gain()
    assert gain["gain_pairs"] == pytest.approx(whole - best)
    assert rows[gain["best_part"]]["objective_pairs"] == best
    assert gain["certain_gain_pairs"] <= gain["gain_pairs"] + 1e-6 * whole


def without(document: dict, kinds: set[str], *, fibre: bool) -> dict:
    """Return an instance document with nodes of some kinds, and fibre, taken out: the slow obvious way."""
    kind = {node["id"]: node["kind"] for node in document["nodes"]}
    ground = {name for name, what in kind.items() if what == "base_station"}
    gone = {name for name, what in kind.items() if what in kinds}
    links = [
        link
        for link in document["links"]
        if not gone & set(link["ends"]) and (fibre or not set(link["ends"]) <= ground)
    ]
    nodes = [node for node in document["nodes"] if node["id"] not in gone]
    pairs = [pair for pair in document.get("storage_pairs", []) if not gone & set(pair)]
    return document | {"nodes": nodes, "links": links} | ({"storage_pairs": pairs} if pairs else {})


@pytest.mark.parametrize(
    ("name", "kinds", "fibre"),
    [
        ("satellites only", {"aerial"}, False),
        ("without satellites", {"satellite"}, True),
        ("without HAPs", {"aerial"}, True),
        ("without fibre", set(), False),
    ],
)
def test_parts_agree_with_instances_that_lack_the_rest(name: str, kinds: set[str], fibre: bool) -> None:
    comparison = compare_instance(INSTANCE[0], Settings(gap=1e-6, time_limit=30.0))
    part = dict(comparison.parts)[name]
    alone = solve(instance_from_document(without(DOCUMENT[0], kinds, fibre=fibre)), Settings(gap=1e-6))
    assert alone.plan is not None
    assert part.plan is not None
    scale = max(1.0, alone.plan.objective_pairs)
    assert part.plan.objective_pairs <= alone.bound_pairs + 1e-6 * scale
    assert alone.plan.objective_pairs <= part.bound_pairs + 1e-6 * scale
    opened = np.unique(part.problem.formulation.serve.path[part.problem.open])
    assert len(opened) == len(
        np.unique(alone.problem.formulation.serve.path)
    )  # all simple paths, listed apart


def test_pool_of_a_part_is_in_the_numbers_of_the_whole() -> None:
    instance = CASES["k shortest"]
    links = NAMED["without HAPs"].links(instance)
    pool = pool_of_part(instance, links, storage=True)
    ends = [{int(a), int(b)} for a, b in zip(instance.links.a, instance.links.b, strict=True)]
    for p in range(len(pool)):
        nodes = pool.nodes[p].tolist()
        for (a, b), step in zip(pairwise(nodes), pool.steps[p].tolist(), strict=True):
            assert step < 0 or (ends[step] == {a, b} and links[step])
    for c in range(len(pool.classes)):
        route = pool.classes.route[c].tolist()
        assert [ends[e] for e in pool.classes.links[c].tolist()] == [{a, b} for a, b in pairwise(route)]


def test_union_has_every_path_once() -> None:
    instance = CASES["k shortest"]
    everything = np.arange(len(instance.links))
    own = build_pool(instance)
    part = pool_of_part(instance, NAMED["without HAPs"].links(instance), storage=True)
    both = union([(own, everything), (part, everything)])
    keys = list(path_keys(both))
    assert len(set(keys)) == len(keys)
    assert set(keys) == set(path_keys(own)) | set(path_keys(part))
    assert len(both) > max(len(own), len(part))
    assert np.all(np.diff(both.demand) >= 0)


def test_plan_of_a_part_is_taken_over_where_the_whole_finds_less() -> None:
    instance = INSTANCE[0]
    part = solve(instance, Settings(gap=1e-4))
    poor = solve(instance, Settings(method="satellite-only"), pool=part.problem.pool)
    assert poor.plan.objective_pairs < part.plan.objective_pairs
    better = no_less_than(poor, part, 1e-3)
    assert better.plan.objective_pairs == part.plan.objective_pairs
    assert check(instance, better.plan) == []
    assert no_less_than(part, poor, 1e-3) is part


def test_lifted_columns_are_feasible_in_the_model_of_the_whole() -> None:
    instance = INSTANCE[0]
    pool = pool_of_part(instance, NAMED["without fibre"].links(instance), storage=True)
    part = solve(instance, Settings(), pool=pool)
    whole = Problem.of(instance)
    columns = lifted(part.problem.formulation, whole.formulation, part.primal)
    assert np.all(columns >= whole.model.lower - 1e-6)
    assert np.all(columns <= whole.model.upper + 1e-6)
    for block in whole.model.blocks:
        sums = np.bincount(block.row, block.value * columns[block.column], minlength=len(block.upper))
        tolerance = 1e-6 * max(1.0, float(np.abs(columns).max()))
        assert np.all(sums <= block.upper + tolerance), block.name
        assert np.all(sums >= block.lower - tolerance), block.name
    assert float(whole.model.cost @ columns) == pytest.approx(part.plan.objective_pairs)


def test_scenario_without_haps_and_fibre(tmp_path: Path) -> None:
    heard: list[str] = []
    system = build_plan_system(load_plan_scenario(tiny_scenario(tmp_path)))
    comparison = compare(system, listener=lambda line: heard.append(line.event), gap=1e-4)
    rows = {row["name"]: row for row in comparison.rows()}
    assert rows["fibre only"]["objective_pairs"] == rows["without satellites"]["objective_pairs"] == 0
    assert rows["satellites only"]["objective_pairs"] == rows["all together"]["objective_pairs"] > 0
    assert {event.split(":")[0] for event in heard} >= {"all together"}


def test_minimum_rates_that_a_part_cannot_keep_are_infeasible_there() -> None:
    demands = INSTANCE[0].demands
    worth = compare_instance(INSTANCE[0]).rows()
    assert next(row for row in worth if row["name"] == "fibre only")["objective_pairs"] == 0
    needy = replace(INSTANCE[0], demands=replace(demands, minimum_rate=np.full(len(demands), 1e-3)))
    row = next(row for row in compare_instance(needy).rows() if row["name"] == "fibre only")
    assert (row["status"], row["objective_pairs"]) == ("infeasible", None)


def test_drawn_paths_are_refused() -> None:
    with pytest.raises(InputError, match="drawn paths"):
        compare_instance(INSTANCE[0], Settings(method="random"))
