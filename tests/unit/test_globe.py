"""The document of a plan on the globe, held against what it is made of."""

from __future__ import annotations

import base64
import json
from itertools import pairwise

import numpy as np
import pytest

from satqn import api
from satqn.errors import InputError
from satqn.model.plan import RealLeg
from satqn.reports.globe.loads import used_rates


@pytest.fixture(scope="module", params=["metro-pair", "global-leo"])
def planned(request):
    system = api.build(api.load(request.param, {"time.horizon_s": 3600}))
    solution = api.plan(system, gap=0.05, time_limit=20)
    record = api.record(system, solution, brief=True)
    return system, solution, record, api.globe(record)


def test_it_is_json_and_small(planned):
    text = json.dumps(planned[3], allow_nan=False)
    assert len(text) < 1_500_000


def test_loads_are_those_of_the_instance(planned):
    """Reckoned anew over the links of the routing instance, which names relays apart."""
    system, solution, _, globe = planned
    plan, instance = solution.plan, system.instance
    ids = instance.nodes.ids
    number = {
        frozenset((ids[a], ids[b])): e
        for e, (a, b) in enumerate(zip(instance.links.a, instance.links.b, strict=True))
    }
    used = np.zeros(instance.links.rate.shape)
    paths, routes = {path.id: path for path in plan.paths}, {kind.id: kind.route for kind in plan.classes}
    for serve in plan.serve:
        for leg in paths[serve.path].legs:
            for ends in pairwise(leg.nodes) if isinstance(leg, RealLeg) else ():
                used[serve.slot - 1, number[frozenset(ends)]] += serve.rate * paths[serve.path].base_pairs
    for store in plan.store:
        for ends in pairwise(routes[store.inventory]):
            used[store.slot - 1, number[frozenset(ends)]] += store.rate
    relays = sum(making == "dual_downlink" for making in system.state.making)
    direct = [e for e, making in enumerate(system.state.making) if making != "dual_downlink"]
    mine = used_rates(system.stage, system.state, plan)
    assert relays or mine.sum() == pytest.approx(used.sum(), rel=1e-12)
    for e in direct:
        assert mine[:, e] == pytest.approx(used[:, number[frozenset((system.state.a[e], system.state.b[e]))]])
    assert mine.sum() > 0
    assert np.all(mine <= system.state.rate * (1 + 1e-5))  # the instance file has six digits
    for slot in globe["slots"]:
        assert all(u <= r * (1 + 1e-5) for u, r in zip(slot["used_per_s"], slot["rate_per_s"], strict=True))


def test_between_samples_bodies_are_where_they_are(planned):
    """The page goes along the great circle between samples; it must not be off by what the eye sees."""
    stage, motion = planned[0].stage, planned[3]["motion"]
    xyz = np.frombuffer(base64.b64decode(motion["xyz_km"]), "<f4").reshape(
        len(motion["ids"]), motion["samples"], 3
    )
    assert motion["step_s"] * (motion["samples"] - 1) == pytest.approx(stage.timeline.duration)
    for name, places in zip(motion["ids"], xyz, strict=True):
        times = (np.arange(motion["samples"] - 1) + 0.5) * motion["step_s"]
        true = stage.position(stage.find(name), times) / 1e3
        a, b = places[:-1].astype(float), places[1:].astype(float)
        middle = a + b
        middle *= (
            (np.linalg.norm(a, axis=1) + np.linalg.norm(b, axis=1))[:, None]
            / 2
            / np.linalg.norm(middle, axis=1)[:, None]
        )
        assert np.linalg.norm(middle - true, axis=1).max() < 2.0  # km


def test_demands_are_those_of_the_plan_the_worst_first(planned):
    _, solution, _, globe = planned
    assert sum(one["delivered_pairs"] for one in globe["demands"]) == pytest.approx(
        solution.plan.delivered_pairs, rel=1e-5
    )
    order = [(one["slots_served"], one["delivered_pairs"]) for one in globe["demands"]]
    assert order == sorted(order)
    slot = globe["time"]["slot_s"]
    for one in globe["demands"]:
        assert sum(one["rate_per_s"]) * slot == pytest.approx(one["delivered_pairs"], rel=1e-4, abs=1e-6)
        assert one["slots_served"] == globe["time"]["slots"] or one["reasons"] or one["sentence"]
    for service in globe["services"]:
        ends = {one["id"]: {one["source"], one["destination"]} for one in globe["demands"]}[service["demand"]]
        assert {service["nodes"][0], service["nodes"][-1]} == ends
        assert len(service["stored"]) == len(service["nodes"]) - 1


def test_stores_and_passes_and_budgets(planned):
    system, solution, _, globe = planned
    assert {one["id"] for one in globe["stores"]} == {kind.id for kind in solution.plan.classes}
    kept = {(one["id"], s): pairs for one in globe["stores"] for s, pairs in enumerate(one["pairs"])}
    for stock in solution.plan.stock:
        assert kept[stock.inventory, stock.slot - 1] == pytest.approx(stock.pairs, rel=1e-5)
    for one in globe["passes"]:
        assert 0.0 <= one["begin_s"] < one["end_s"] <= system.stage.timeline.duration
    assert all(link["budget"] is not None for link in globe["links"])


def test_a_plan_differs_from_itself_in_nothing_and_from_another_in_what_was_changed(planned):
    globe = planned[3]
    assert api.compare_globes(globe, globe)["result"]["delivered_pairs"]["more"] == 0.0
    moved = json.loads(json.dumps(globe))
    moved["bodies"][0]["lat_deg"] += 0.5
    moved["bodies"][1]["id"] = "new"
    first = moved["demands"][0]
    first["delivered_pairs"] += 100.0
    found = api.compare_globes(globe, moved)
    assert found["bodies"] == {
        "added": ["new"],
        "removed": [globe["bodies"][1]["id"]],
        "moved": [globe["bodies"][0]["id"]],
    }
    more = {one["id"]: one["pairs"]["more"] for one in found["demands"]}
    assert [name for name, value in more.items() if value] == [first["id"]]


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(InputError, match="record"):
        api.record("metro-pair", None)
