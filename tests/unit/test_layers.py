"""Layers of satellites: rules for links between groups, who is served through which, what each is worth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satqn import api
from satqn.cli import main
from satqn.errors import InvalidFileError
from satqn.planning import build_plan_system
from satqn.routing.check import check
from satqn.topology.effort import crosslink_effort
from satqn.topology.expand import expanded
from satqn.topology.sight import crosslinks, joinable
from satqn.whatif.layers import FIBRE_ALONE, compare_layers, layers_of, without_nodes

SHORT = {"time.horizon_s": 1800}


def built(rules):
    scenario = api.load("three-layers", {**SHORT, "crosslinks_between": rules})
    return build_plan_system(scenario)


def between(system, one: str, other: str) -> dict[tuple[str, str], np.ndarray]:
    """Return the links between two groups, the satellite of the first one first."""
    group = {body.id: body.group for body in system.stage.bodies}
    found = {}
    for e, (a, b) in enumerate(zip(system.state.a, system.state.b, strict=True)):
        for here, there in ((a, b), (b, a)):
            if group[here] == one and group[there] == other:
                found[here, there] = system.state.rate[:, e]
    return found


@pytest.fixture(scope="module")
def everything():
    return built([])


def test_rules_choose_among_all_links(everything) -> None:
    nearest = built(
        [
            {"groups": ["LEO", "MEO"], "crosslinks": "nearest", "nearest": 2},
            {"groups": ["GEO", "LEO"], "crosslinks": "none"},
        ]
    )
    assert between(everything, "LEO", "GEO")
    assert not between(nearest, "LEO", "GEO")
    before, after = between(everything, "LEO", "MEO"), between(nearest, "LEO", "MEO")
    assert max(Counter(leo for leo, _ in before).values()) > 2
    for leo in {leo for leo, _ in before}:
        for t in range(everything.state.slots):
            rates = sorted((r[t] for (one, _), r in before.items() if one == leo and r[t] > 0), reverse=True)
            kept = sorted((r[t] for (one, _), r in after.items() if one == leo and r[t] > 0), reverse=True)
            assert kept == rates[:2]  # the best ones, as they were
    assert between(everything, "MEO", "GEO").keys() == between(nearest, "MEO", "GEO").keys()


def test_pairs_that_no_rule_joins_are_not_looked_at(everything) -> None:
    stage = everything.stage
    satellites = [i for i, body in enumerate(stage.bodies) if body.kind == "satellite"]
    for rules in ([], [{"groups": ["LEO", "GEO"], "crosslinks": "none"}]):
        scenario = expanded(api.load("three-layers", {**SHORT, "crosslinks_between": rules}))
        ruled = replace(stage, scenario=scenario)
        listed = {tuple(pair) for pair in crosslinks(ruled, satellites).tolist()}
        allowed = {(a, b) for a in satellites for b in satellites if a < b and joinable(ruled, a, b)}
        assert listed == allowed
        assert crosslink_effort(ruled).pairs == len(listed)


@pytest.fixture(scope="module")
def compared():
    system = build_plan_system(api.load("three-layers", {"time.horizon_s": 3600, "solver.gap": 0.05}))
    return system, compare_layers(system, time_limit=5.0)


def test_what_is_served_through_layers_adds_up(compared) -> None:
    system, found = compared
    plan = found.whole.made_plan()
    served = found.served()
    assert sum(row["pairs"] for row in served) == pytest.approx(plan.delivered_pairs)
    assert {part for row in served for part in row["through"].split(" + ")} <= {
        *layers_of(system),
        FIBRE_ALONE,
    }
    assert check(found.whole.problem.instance, plan) == []


def test_the_worth_of_a_layer_is_that_of_a_scenario_without_it(compared) -> None:
    """Left out of the instance, or never in the scenario: the same best plan, by bound and plan of both."""
    system, found = compared
    for layer in ("LEO", "GEO"):
        groups = tuple(group for group in system.scenario.satellites if group.id != layer)
        rules = tuple(rule for rule in system.scenario.crosslinks_between if layer not in rule.groups)
        smaller = system.scenario.model_copy(update={"satellites": groups, "crosslinks_between": rules})
        alone = api.plan(build_plan_system(smaller), time_limit=5.0)
        row = next(row for row in found.rows() if row["layer"] == layer)
        assert alone.plan is not None
        assert row["objective_without_pairs"] <= alone.bound_pairs * (1.0 + 1e-9)
        assert alone.plan.objective_pairs <= row["bound_without_pairs"] * (1.0 + 1e-9)
        assert row["worth_pairs"] >= 0.0
        assert row["certain_worth_pairs"] <= row["worth_pairs"] * (1.0 + 1e-9)


def test_leaving_out_nodes_shuts_their_links(compared) -> None:
    system, _ = compared
    members = layers_of(system)["MEO"]
    less = without_nodes(system.instance, members)
    ids = system.instance.nodes.ids
    for e in range(len(less.links)):
        gone = ids[less.links.a[e]] in members or ids[less.links.b[e]] in members
        assert np.array_equal(less.links.rate[:, e], system.instance.links.rate[:, e] * (not gone))


def test_sources_without_memory_are_layers_too() -> None:
    system = build_plan_system(api.load("coronet-meo", {"time.horizon_s": 1200}))
    layers = layers_of(system)
    assert set(layers) == {"MEO"}
    assert all(name.startswith("MEO:") for name in layers["MEO"])


def test_the_command_tells_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "compare",
        "three-layers",
        "--layers",
        "--set",
        "time.horizon_s=1800",
        "--time-limit",
        "4",
        "--set",
        "solver.gap=0.2",
    ]
    assert main([*words, "--json", "-o", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["layer"] for row in document["layers"]] == ["LEO", "MEO", "GEO"]
    assert (tmp_path / "out" / "served.csv").read_text().startswith("demand,through,pairs")
    assert main(words) == 0
    assert "who is served through what" in capsys.readouterr().out
    assert main(["compare", "zhang2024", "--layers"]) == 2
    assert "has no layers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"groups": ["LEO", "MOE"], "crosslinks": "all"}, "did you mean 'MEO'"),
        ({"groups": ["LEO", "LEO"], "crosslinks": "all"}, "with itself"),
        ({"groups": ["LEO", "MEO"], "crosslinks": "nearest"}, "nearest how many"),
        ({"groups": ["LEO", "MEO"], "crosslinks": "none", "nearest": 2}, "write crosslinks: nearest"),
        ({"groups": ["LEO", "MEO"], "crosslinks": "nearest", "nearest": 0}, "too small"),
        ({"groups": ["LEO"], "crosslinks": "all"}, "groups"),
    ],
)
def test_bad_rules_are_told(rule: dict, words: str) -> None:
    with pytest.raises(InvalidFileError, match=words):
        api.load("three-layers", {"crosslinks_between": [rule]})


def test_a_second_rule_for_the_same_groups_is_told() -> None:
    rules = [{"groups": names, "crosslinks": "all"} for names in (["LEO", "MEO"], ["MEO", "LEO"])]
    with pytest.raises(InvalidFileError, match="second rule"):
        api.load("three-layers", {"crosslinks_between": rules})
