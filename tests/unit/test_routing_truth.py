"""What was once said falsely of small rates, large rates and forged plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.oracles.routing_instances import document

from satqn.errors import SatqnError
from satqn.planning import load_plannable
from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_from_document
from satqn.routing.solve import Method, Settings, Solution, solve

METHODS: tuple[Method, ...] = ("exact", "paper", "benders")

GEO = """schema_version: 2
study: plan
name: drop
time: {start: 2026-06-21T00:00:00Z, horizon_s: 3600, slot_s: 600}
ground:
  terminal: ground-60cm
  terminals: 2
  nodes:
    - {id: Berlin, lat_deg: 52.52, lon_deg: 13.40}
    - {id: Potsdam, lat_deg: 52.40, lon_deg: 13.06}
    - {id: Delingha, lat_deg: 37.4, lon_deg: 97.7}
    - {id: Lijiang, lat_deg: 26.7, lon_deg: 100.0}
haps:
  - {id: HAP, lat_deg: 52.5, lon_deg: 13.2, altitude_km: 20, terminal: hap-15cm, storage_pairs: 5000}
satellites:
  - id: GEO
    geostationary: {lon_deg: [100]}
    terminal: meo-source
    terminals: 4
demands:
  - {source: Potsdam, destination: Berlin, target_fidelity: 0.85}
  - {source: Delingha, destination: Lijiang, target_fidelity: 0.75, minimum_rate_per_s: LEAST}
"""


def delivered(solution: Solution) -> dict[str, float]:
    """Return pairs by demand."""
    plan = solution.plan
    assert plan is not None
    assert check(solution.problem.instance, plan) == []
    owner = {path.id: path.demand for path in plan.paths}
    pairs = dict.fromkeys(solution.problem.instance.demands.ids, 0.0)
    for serve in plan.serve:
        pairs[owner[serve.path]] += solution.problem.instance.slot_length * serve.rate
    return pairs


@pytest.mark.parametrize("least", ["0", "0.03"])
def test_a_weak_link_counts_beside_a_strong_one(tmp_path: Path, least: str) -> None:
    file = tmp_path / "drop.yaml"
    file.write_text(GEO.replace("LEAST", least))
    instance = load_plannable(file).instance
    for method in METHODS:
        solution = solve(instance, Settings(method=method))
        assert solution.status == "optimal"
        assert delivered(solution)["k2"] == pytest.approx(127.15, abs=0.01)
    # What the link cannot make is infeasible still.
    file.write_text(GEO.replace("LEAST", "0.036"))
    assert solve(load_plannable(file).instance, Settings()).status == "infeasible"


@pytest.mark.parametrize("rate", [1e2, 1e7, 1e8, 1e12, 1e15, 1e18])
def test_one_huge_link_does_not_hide_the_others(rate: float) -> None:
    fields = document(
        [("a", "hap", rate, 0.99), ("hap", "sat", [10, 10, 0], 0.99), ("sat", "b", 100, 0.99)],
        [("a", "b", [1, 1, 2])], slots=3, storage={"hap": 30, "sat": 30},
    )  # fmt: skip
    for method in METHODS:
        solution = solve(instance_from_document(fields), Settings(method=method))
        assert solution.plan is not None
        assert solution.plan.objective_pairs == pytest.approx(40.0)
        assert solution.bound_pairs == pytest.approx(40.0)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e14, 1e20])
def test_the_unit_of_the_rates_does_not_matter(unit: float) -> None:
    fields = document(
        [("a", "hap", 100 * unit, 0.99), ("hap", "sat", [10 * unit, 10 * unit, 0], 0.99),
         ("sat", "b", 100 * unit, 0.99)],
        [("a", "b", [1, 1, 2])], slots=3, storage={"hap": 30 * unit, "sat": 30 * unit},
    )  # fmt: skip
    for method in METHODS:
        solution = solve(instance_from_document(fields), Settings(method=method))
        assert solution.status == "optimal"
        assert solution.plan is not None
        assert check(solution.problem.instance, solution.plan) == []
        assert solution.plan.objective_pairs == pytest.approx(40.0 * unit)
        assert solution.bound_pairs == pytest.approx(40.0 * unit)


def test_a_demand_that_a_gap_would_hide_is_served() -> None:
    """One thousandth of the objective may stay open; idle links may not."""
    links = [("a", "b", 1e6), ("c", "d", 1.0), ("c", "e", 1.0), ("e", "d", 1.0)]
    fields = document([*links], [("a", "b"), ("c", "d"), ("c", "e")])
    for method in METHODS:
        solution = solve(instance_from_document(fields), Settings(method=method, gap=0.1))
        assert delivered(solution) == pytest.approx({"k1": 1e6, "k2": 1.0, "k3": 1.0})


# One route under two ids: its initial stock counts once.
TWICE = document(
    [("a", "h", 1000, 0.98), ("h", "s", 1, 0.98), ("s", "b", 1000, 0.98)], [("a", "b"), ("b", "a")],
    storage={"h": 300, "s": 300}, initial_stock=[{"pair": ["h", "s"], "route": ["h", "s"], "pairs": 100}],
)  # fmt: skip


def test_one_route_under_two_ids_counts_once() -> None:
    legs = [{"real": ["a", "h"]}, {"virtual": "c1", "from": "h", "to": "s"}, {"real": ["s", "b"]}]
    path = {"fidelity": 0.9415857777777776, "base_pairs_per_pair": 1.0}
    plan: dict[str, Any] = {
        "format": "satqn-plan", "version": 1, "objective_pairs": 200.0, "delivered_pairs": 200.0,
        "classes": [{"id": "c1", "pair": ["h", "s"], "route": ["h", "s"], "initial_stock": 100.0},
                    {"id": "c2", "pair": ["h", "s"], "route": ["s", "h"], "initial_stock": 100.0}],
        "paths": [{"id": "p1", "demand": "k1", "legs": legs, **path},
                  {"id": "p2", "demand": "k2", "legs": [legs[0], legs[1] | {"virtual": "c2"}, legs[2]], **path}],
        "serve": [{"slot": 1, "path": "p1", "rate": 100.0}, {"slot": 1, "path": "p2", "rate": 100.0}],
    }  # fmt: skip
    broken = {v.constraint for v in check(instance_from_document(TWICE), plan_from_document(plan))}
    assert broken == {"classes", "C5"}
    # No initial stock at all: the second id still may not stand for the same route.
    empty = {key: value for key, value in TWICE.items() if key != "initial_stock"}
    for group in plan["classes"]:
        group["initial_stock"] = 0.0
    assert "classes" in {v.constraint for v in check(instance_from_document(empty), plan_from_document(plan))}


@pytest.mark.parametrize("unit", [1e-12, 1e-6, 1.0, 1e9])
@pytest.mark.parametrize("weight", [1.0, 1e12])
def test_tolerances_do_not_depend_on_units(unit: float, weight: float) -> None:
    """Nearly twice the rate of a link, and a link that is down: of any size, at any weight."""
    fields = document(
        [("a", "b", unit, 0.98), ("b", "c", 0.0, 0.98)], [("a", "b", weight), ("b", "c", weight)]
    )  # fmt: skip

    def plan(rate: float, down: float) -> dict[str, Any]:
        served = [{"slot": 1, "path": "p1", "rate": rate}, {"slot": 1, "path": "p2", "rate": down}]
        return {
            "format": "satqn-plan", "version": 1,
            "objective_pairs": weight * (rate + down), "delivered_pairs": rate + down,
            "paths": [{"id": f"p{i}", "demand": f"k{i}", "legs": [{"real": ends}],
                       "fidelity": 0.98, "base_pairs_per_pair": 1.0}
                      for i, ends in ((1, ["a", "b"]), (2, ["b", "c"]))],
            "serve": [record for record in served if record["rate"] > 0],
        }  # fmt: skip

    def broken(rate: float, down: float) -> set[str]:
        return {
            v.constraint for v in check(instance_from_document(fields), plan_from_document(plan(rate, down)))
        }

    assert broken(unit, 0.0) == set()
    assert broken(unit * (1 + 1e-7), 0.0) == set()
    assert broken(unit * (1 + 1e-5), 0.0) == {"C1", "C4"}
    assert broken(unit, 1e-3 * unit) == {"C1", "C4"}
    assert broken(unit, 1e-300) == {"C1", "C4"}


SIMPLE = document([("a", "b", 10)], [("a", "b")])
HONEST: dict[str, Any] = {
    "format": "satqn-plan", "version": 1, "status": "optimal", "objective_pairs": 10.0,
    "delivered_pairs": 10.0, "bound_pairs": 10.0, "gap": 0.0, "bound_covers": "pool",
    "paths": [{"id": "p1", "demand": "k1", "legs": [{"real": ["a", "b"]}], "fidelity": 1.0,
               "base_pairs_per_pair": 1.0}],
    "serve": [{"slot": 1, "path": "p1", "rate": 10.0}],
}  # fmt: skip
CONTRADICTIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a gap without a bound": ({"bound_pairs": None}, {"bound"}),
    "optimal with a gap of 900 %": ({"bound_pairs": 100.0, "gap": 9.0}, {"status"}),
    "optimal with a bound far away and no gap": ({"bound_pairs": 100.0, "gap": None}, {"status"}),
    "optimal, but not by the gap that was asked for": (
        {"bound_pairs": 10.5, "gap": 0.05, "asked_gap": 0.001}, {"status"}),
    "a gap that is not that of the bound": ({"bound_pairs": 10.5}, {"bound"}),
    "infeasible, with a plan": ({"status": "infeasible"}, {"status"}),
    "worth more than its bound": ({"bound_pairs": 9.0, "gap": None}, {"bound"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_named(name: str) -> None:
    changes, rules = CONTRADICTIONS[name]
    instance = instance_from_document(SIMPLE)
    assert check(instance, plan_from_document(HONEST)) == []
    assert {v.constraint for v in check(instance, plan_from_document(HONEST | changes))} == rules


def test_what_is_no_contradiction_passes() -> None:
    instance = instance_from_document(SIMPLE)
    for changes in (
        {"bound_pairs": None, "gap": None},
        {"status": "time_limit", "bound_pairs": 100.0, "gap": 9.0},
        {"bound_pairs": 10.5, "gap": 0.05, "asked_gap": 0.05},
        {"asked_gap": 0.0},
    ):
        assert check(instance, plan_from_document(HONEST | changes)) == []


@pytest.mark.parametrize(("rate", "weight"), [(1e308, 1.0), (1e200, 1e200), (10.0, 1e308), (1e150, 1.0)])
def test_numbers_that_cannot_be_added_up_are_refused_in_words(rate: float, weight: float) -> None:
    fields = document([("a", "b", rate), ("c", "d", 10)], [("a", "b", weight), ("c", "d", weight)])
    with pytest.raises(SatqnError, match="too large") as caught:
        solve(instance_from_document(fields))
    assert "the largest rate is" in str(caught.value)


def test_weights_whose_sum_overflows_are_named() -> None:
    fields = document([("a", "b", 10), ("c", "d", 10)], [("a", "b", 1.5e307), ("c", "d", 1.5e307)])
    path = {"fidelity": 1.0, "base_pairs_per_pair": 1.0}
    plan = {
        "format": "satqn-plan", "version": 1, "objective_pairs": 1e308, "delivered_pairs": 20.0,
        "paths": [{"id": "p1", "demand": "k1", "legs": [{"real": ["a", "b"]}], **path},
                  {"id": "p2", "demand": "k2", "legs": [{"real": ["c", "d"]}], **path}],
        "serve": [{"slot": 1, "path": p, "rate": 10.0} for p in ("p1", "p2")],
    }  # fmt: skip
    found = check(instance_from_document(fields), plan_from_document(plan))
    assert [(v.constraint, v.index) for v in found] == [("objective", "objective_pairs")]
    assert "overflow" in found[0].detail
