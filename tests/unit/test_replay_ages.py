"""Replay of plans whose stored pairs age: what is promised is delivered, and nothing is lost to age."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from satqn.errors import InputError, InvalidFileError
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_document, plan_from_document
from satqn.routing.solve import Settings, solve
from satqn.simulate.replay import replay_plan
from satqn.simulate.replay_counts import LEDGER_NAMES, ReplayCounts
from satqn.simulate.replay_options import ReplayOptions

CASES = {
    case["instance"]["name"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "golden/vectors/ageing.json").read_text(encoding="utf-8")
    )["cases"]
}
MEAN = ReplayOptions(generation="mean")
FORMS = ("cohorts", "cutoff 1", "cutoff 2", "copies 1,2")
WHOLE = ("A1 one pass, T=1200 s", "A1 one pass, T=600 s", "A1 one pass, T=300 s", "A2 two targets, one store",
         "A3 old initial stock blocks the memory", "A-r5", "A-r14", "A-r28")  # fmt: skip
"""Plans in which every flow is a whole number and no pair is purified: nothing is left to chance."""


def planned(document: dict[str, Any], form: str | None = None) -> tuple[RoutingInstance, Plan]:
    instance = instance_from_document(document)
    found = solve(instance, Settings(gap=0.0, ageing=form, warm_start=False)).plan
    assert found is not None
    return instance, found


def unaware(name: str) -> tuple[RoutingInstance, Plan]:
    document = CASES[name]["instance"]
    _, plan = planned({key: value for key, value in document.items() if key != "ageing"})
    return instance_from_document(document), plan


def books_close(counts: ReplayCounts) -> None:
    initial, made, overflow, lost, drawn, left = (
        counts.ledger[LEDGER_NAMES.index(name)]
        for name in ("initial", "made", "overflow", "lost", "drawn", "left")
    )
    assert np.array_equal(initial + made, overflow + lost + drawn + left)


@pytest.mark.parametrize("form", ["cohorts", "cutoff 1"])
@pytest.mark.parametrize("name", WHOLE)
def test_the_promise_is_delivered_to_the_pair(name: str, form: str) -> None:
    instance, plan = planned(CASES[name]["instance"], form)
    counts = replay_plan(instance, plan, MEAN, runs=20)
    assert counts.delivered_pairs.mean == pytest.approx(plan.delivered_pairs, rel=1e-9, abs=1e-9)
    books_close(counts)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_to_age(name: str, form: str) -> None:
    """Whether links make what is planned or a Poisson number, and whatever the memories lose."""
    instance, plan = planned(CASES[name]["instance"], form)
    for options in (MEAN, ReplayOptions()):
        counts = replay_plan(instance, plan, options, runs=200, seed=1)
        assert counts.missing("decoherence").mean == 0.0
        assert counts.promised_pairs == pytest.approx(plan.delivered_pairs)
        books_close(counts)
        assert abs(counts.z_of_chance or 0.0) < 5
    if instance.options.stock_retention == 1.0:
        counts = replay_plan(instance, plan, MEAN, runs=200, seed=2)
        assert counts.missing("empty_stock").mean == 0.0
        assert counts.ledger[LEDGER_NAMES.index("overflow")].sum() == 0


@pytest.mark.parametrize(
    ("name", "promised", "delivered"),
    [("A1 one pass, T=600 s", 20, 10), ("A1 one pass, T=300 s", 20, 0), ("A2 two targets, one store", 20, 10),
     ("A3 old initial stock blocks the memory", 10, 0), ("A-r1", 45, 33)],
)  # fmt: skip
def test_a_plan_that_knows_nothing_of_age_loses_it(name: str, promised: float, delivered: float) -> None:
    """Oldest pairs first, with the rounds of fresh ones; A-r1 as in the specification."""
    instance, plan = unaware(name)
    counts = replay_plan(instance, plan, MEAN, runs=50)
    assert plan.delivered_pairs == pytest.approx(promised)
    assert counts.delivered_pairs.mean == pytest.approx(delivered)
    assert counts.missing("decoherence").mean > 0


@pytest.mark.parametrize("name", ["A1 one pass, T=600 s", "A-r1", "A-r28"])
def test_the_block_and_the_option_say_the_same(name: str) -> None:
    """Depolarising memories with mean ages are what --memory-coherence has always been."""
    instance, plan = unaware(name)
    document = {key: value for key, value in CASES[name]["instance"].items() if key != "ageing"}
    time = CASES[name]["instance"]["ageing"]["memory_coherence_s"]
    option = ReplayOptions(generation="mean", memory_coherence_s=float(time))
    one = replay_plan(instance, plan, MEAN, runs=100)
    other = replay_plan(instance_from_document(document), plan, option, runs=100)
    assert np.array_equal(one.delivered, other.delivered)


def test_discarded_pairs_make_room() -> None:
    """A3: the stock of the start goes, as planned, before anything new comes."""
    instance, plan = planned(CASES["A3 old initial stock blocks the memory"]["instance"])
    assert plan.discard
    counts = replay_plan(instance, plan, ReplayOptions(), runs=500)
    at_start = counts.classes.index(next(name for name in counts.classes if "the start" in name))
    assert counts.ledger[LEDGER_NAMES.index("lost"), at_start] == 500 * 10
    assert counts.delivered_pairs.mean > 6


def test_what_cannot_be_replayed_is_refused() -> None:
    instance, plan = planned(CASES["A1 one pass, T=1200 s"]["instance"])
    with pytest.raises(InputError, match="beside the block"):
        replay_plan(instance, plan, ReplayOptions(memory_coherence_s=10.0), runs=1)
    with pytest.raises(InputError, match="newest pairs first"):
        replay_plan(instance, plan, ReplayOptions(draw_order="lifo"), runs=1)
    fresh, _ = planned({k: v for k, v in CASES["A1 one pass, T=1200 s"]["instance"].items() if k != "ageing"})
    with pytest.raises(InputError, match="nothing ages"):
        replay_plan(fresh, plan, runs=1)
    document = plan_document(plan)
    for record in document["serve"]:
        for part in record.get("aged", []):
            part["stored_in"] = record["slot"]
    with pytest.raises(InvalidFileError, match="ages"):
        replay_plan(instance, plan_from_document(document), runs=1)


def test_a_scenario_hands_its_block_to_the_instance() -> None:
    """And what the memories of its nodes are, by id; the form of ages is that of its solver."""
    from satqn.planning import build_plan_system, settings_of
    from satqn.scenario.load import load_any
    from satqn.scenario.planning import AgeingSection, PlanScenario

    plain = load_any("metro-pair").scenario
    assert isinstance(plain, PlanScenario)
    block = AgeingSection(model="t1_t2", memory_coherence_s=900.0, memory_relaxation_s=5000.0)
    solver = plain.solver.model_copy(update={"ageing": "cutoff 2"})
    scenario = plain.model_copy(update={"ageing": block, "solver": solver})
    instance = build_plan_system(scenario).instance
    assert instance.ageing is not None
    assert instance.ageing.model == "t1_t2"
    stores = instance.nodes.storage_capacity > 0
    assert stores.any()
    assert set(instance.ageing.coherence_s[stores].tolist()) == {900.0}
    assert settings_of(scenario).ageing == "cutoff 2"
