"""Links that share terminals and sources (C7): every method against two oracles, cuts against slots."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.oracles.routing import Oracle
from tests.oracles.routing_instances import sharing_documents
from tests.properties.test_routing_properties import BASELINES, METHODS, agrees, bounds_hold, plan

from satqn.routing.benders_master import master_model
from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.instance_writer import instance_document
from satqn.routing.problem import Problem
from satqn.routing.sharing import SharedLimits
from satqn.routing.slots import SlotProblem

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@given(sharing_documents(nodes=4, slots=2, demands=2))
@SLOW
def test_methods_agree_with_brute_force(fields: dict[str, Any]) -> None:
    oracle = Oracle(fields)
    assume(1 < oracle.combinations() <= 150)
    optimum = oracle.brute_force()
    for method in METHODS:
        solution = plan(fields, method)
        agrees(solution, optimum)
        if optimum is not None:
            bounds_hold(solution, optimum)


@given(sharing_documents(nodes=5, slots=3, demands=3), st.booleans(), st.booleans(), st.booleans())
@settings(SLOW, max_examples=50)
def test_methods_agree_with_a_plain_milp(
    fields: dict[str, Any], splittable: bool, single_path: bool, warm_start: bool
) -> None:
    fields["options"] |= {"splittable": splittable, "storing_single_path": single_path}
    optimum = Oracle(fields).by_milp()
    for method in METHODS:
        solution = plan(fields, method, warm_start=warm_start)
        agrees(solution, optimum)
        if optimum is not None:
            bounds_hold(solution, optimum)


@given(sharing_documents(nodes=5, slots=3, demands=3, minimum_rates=False))
@SLOW
def test_baselines_keep_to_terminals_and_never_beat_the_optimum(fields: dict[str, Any]) -> None:
    optimum = plan(fields, "exact").plan
    assert optimum is not None
    for method in BASELINES:
        baseline = plan(fields, method).plan
        assert baseline is not None
        assert baseline.objective_pairs <= optimum.objective_pairs + 1e-6 * max(1.0, optimum.objective_pairs)
        assert check(instance_from_document(fields), baseline) == []


@given(sharing_documents(nodes=4, slots=2, demands=2), st.integers(0, 2**32 - 1))
@SLOW
def test_a_slot_cut_of_any_multipliers_is_valid(fields: dict[str, Any], seed: int) -> None:
    """At any choices, storing rates and draws, slots are worth no more than any cut says."""
    problem = Problem.of(instance_from_document(fields))
    master = master_model(problem)
    f, rng = problem.formulation, np.random.default_rng(seed)
    u = master.block("u")
    draws = u.start + np.arange(u.count, dtype=np.int64)
    for t in range(problem.instance.slots):
        slot = SlotProblem(problem, t, draws)
        if not len(slot._cost):  # a promise without any path is refused before slots are solved
            continue
        for _ in range(10):
            point = rng.uniform(0.0, 1.0) * rng.uniform(master.lower, master.upper)
            point[f.x.columns] = rng.integers(0, 2, f.x.count)
            # What is stored alone must leave something of every link and limit for the slot to be possible.
            taken = problem.model.matrix[:, f.w.columns] @ point[f.w.columns]
            possible = taken <= problem.model.row_upper + 1e-9
            rows = np.concatenate(
                [np.arange(*problem.model.rows_of(n).indices(len(taken))) for n in ("C4", "C7")]
            )
            value = slot.solve(point).value if possible[rows].all() else None
            if value is None:
                continue
            pi = rng.normal(size=len(slot.rows)) * rng.choice([0.0, 1.0, 10.0], len(slot.rows))
            cut = slot._cut(pi, slot._cost, feasibility=False)
            assert cut.at(point) >= value - 1e-6 * max(1.0, value)
            assert slot._cut(pi, np.zeros(len(slot._cost)), feasibility=True).at(point) >= -1e-6
            assert slot.solve(point).cut.at(point) == pytest.approx(value, rel=1e-6, abs=1e-6)


@given(sharing_documents(nodes=5, slots=2, demands=3, minimum_rates=False))
@SLOW
def test_plenty_of_terminals_is_no_limit_and_fewer_are_never_better(fields: dict[str, Any]) -> None:
    free = copy.deepcopy(fields) | {"sharing": []}
    for node in free["nodes"]:
        node.pop("terminals", None)
    plenty = copy.deepcopy(fields)
    for node in plenty["nodes"]:
        node["terminals"] = 100.0
    for row in plenty["sharing"]:
        row["limit"] = 100.0
    without, with_plenty = (Problem.of(instance_from_document(each)) for each in (free, plenty))
    assert len(with_plenty.formulation.shared) == 0
    assert (with_plenty.model.matrix != without.model.matrix).nnz == 0
    assert with_plenty.model.upper.tolist() == without.model.upper.tolist()
    most, least = plan(free, "exact").plan, plan(fields, "exact").plan
    assert most is not None
    assert least is not None
    assert least.objective_pairs <= most.objective_pairs + 1e-6 * max(1.0, most.objective_pairs)
    # The same plan, held against the file without limits, is fine; the other way round C7 may object.
    assert check(instance_from_document(free), least) == []
    assert {v.constraint for v in check(instance_from_document(fields), most)} <= {"C7"}


@given(sharing_documents(nodes=5, slots=3, demands=1))
@SLOW
def test_files_round_trip(fields: dict[str, Any]) -> None:
    instance = instance_from_document(fields)
    again = instance_from_document(instance_document(instance))
    assert (
        again.nodes.terminals
        == instance.nodes.terminals
        == tuple(n.get("terminals") for n in fields["nodes"])
    )
    assert again.sharing == instance.sharing
    assert len(again.sharing) == len(fields["sharing"])


@given(sharing_documents(nodes=5, slots=3, demands=1))
@SLOW
def test_limits_that_can_bind(fields: dict[str, Any]) -> None:
    """By hand: every limit and slot with more links up than it allows, and the links that are up."""
    instance = instance_from_document(fields)
    shared, oracle = SharedLimits.of(instance), Oracle(fields)
    ends = [frozenset(link["ends"]) for link in fields["links"]]
    found = sorted(
        (int(t), float(m), sorted(sorted(ends[e]) for e in shared.links[r]))
        for r, (t, m) in enumerate(zip(shared.slot, shared.limit, strict=True))
    )
    expected = []
    for limit, links, slots in oracle.shared:
        for t in slots:
            up = sorted(sorted(link) for link in links if oracle.rate[link][t] > 0)
            if len(up) > limit:
                expected.append((t, limit, up))
    assert found == sorted(expected)
    assert shared.slot.tolist() == sorted(shared.slot.tolist())
