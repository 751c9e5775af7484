"""Random small instances with every option: bounds and plans over all paths against the slow oracle."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.oracles.routing import LISTS, Oracle
from tests.oracles.routing_instances import sharing_documents, small_documents

from satqn.model.instance import RoutingInstance
from satqn.routing.base_pairs import base_pairs, path_fidelity
from satqn.routing.check import check
from satqn.routing.generated.bound import lagrangian_bound
from satqn.routing.generated.columns import Columns
from satqn.routing.generated.labels import Effort, Pricing
from satqn.routing.generated.network import Network
from satqn.routing.generated.prices import Keys, Prices, sides
from satqn.routing.generated.solve import generate
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, _at_least_nothing, _conclude, solve
from satqn.routing.stopping import Run

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def over_all_paths(fields: dict[str, Any]) -> RoutingInstance:
    return instance_from_document(fields | {"paths": fields["paths"] | {"mode": "generated"}})


def with_all_classes(fields: dict[str, Any]) -> dict[str, Any]:
    """The instance for an oracle that lists paths: final stock counts in classes, too, that no demand draws from.

    A demand of weight 0 between the nodes of every storage pair lists all routes over which it may fill.
    """
    if not fields["options"].get("stock_end_value"):
        return fields
    stores = [node["id"] for node in fields["nodes"] if node.get("storage_pairs")]
    pairs = fields.get("storage_pairs") or list(itertools.combinations(stores, 2))
    slots = fields["slots"]
    extra = [
        {"id": f"{LISTS}{i}", "source": a, "destination": b, "weight": [0.0] * slots, "target_fidelity": 0.26}
        for i, (a, b) in enumerate(pairs)
    ]
    return fields | {"demands": [*fields["demands"], *extra]}


def encloses(fields: dict[str, Any], optimum: float | None) -> None:
    """The bound is no less than the optimum, the plan no more, and the checker accepts the plan."""
    instance, run = over_all_paths(fields), Run()
    found = generate(instance, run, 0.0, workers=1)
    if found.outcome.status == "infeasible":
        assert optimum is None
        return
    assert found.outcome.bound is not None
    if optimum is None:
        assert found.outcome.primal is None
        return
    slack = 1e-6 * max(1.0, optimum)
    assert min(line.bound for line in run.log if line.bound is not None) >= optimum - slack
    assert found.outcome.bound >= optimum - slack
    outcome = _at_least_nothing(found.problem, found.outcome)
    if outcome.primal is None:
        # Only a promise that is hard to keep may leave a small instance without a plan.
        assert (instance.demands.minimum_rate > 0).any()
        return
    solution = _conclude(found.problem, run, "generated", outcome, 0.0, generated=found)
    assert solution.plan is not None
    assert check(instance, solution.plan) == []
    assert solution.plan.objective_pairs <= optimum + slack


@given(small_documents(nodes=5, slots=3, demands=2), st.booleans())
@SLOW
def test_bound_and_plan_enclose_the_optimum(fields: dict[str, Any], splittable: bool) -> None:
    fields["options"] |= {"splittable": splittable}
    encloses(fields, Oracle(with_all_classes(fields)).by_milp())


@given(sharing_documents(nodes=5, slots=3, demands=2))
@SLOW
def test_shared_limits(fields: dict[str, Any]) -> None:
    encloses(fields, Oracle(with_all_classes(fields)).by_milp())


@given(
    sharing_documents(nodes=5, slots=3, demands=2, minimum_rates=False),
    st.integers(0, 2**32 - 1),
    st.sampled_from([2, 5, 20, 10_000]),
    st.sampled_from([0.0, 0.3, 1.0]),
)
@SLOW
def test_any_prices_and_any_effort_give_a_bound(
    fields: dict[str, Any], seed: int, labels: int, dense: float
) -> None:
    optimum = Oracle(with_all_classes(fields)).by_milp()
    assume(optimum is not None)
    instance = over_all_paths(fields)
    network = Network.of(instance)
    keys = Keys.of(network)
    rng = np.random.default_rng(seed)
    worth = np.where(rng.random(keys.count) < dense, rng.exponential(3.0, keys.count), 0.0)
    side = sides(network, keys)
    prices = Prices(network, keys, worth)
    pricing = Pricing(
        network, Columns(network, keys), lambda f, items: list(map(f, items)), Effort(labels=labels)
    )
    shape = instance.slots, len(instance.demands)
    storage = len(network.storage_pairs) > 0
    priced = pricing.price(prices, np.zeros(shape), storage=storage)
    bound = lagrangian_bound(prices, side, priced)
    assert optimum is not None
    assert bound >= optimum - 1e-6 * max(1.0, optimum)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
@pytest.mark.parametrize("swap", ["werner", "product"])
def test_cost_never_falls_as_loss_grows(protocol: Any, swap: Any) -> None:
    loss = np.linspace(0.0, 1.3, 4001)
    fidelity = path_fidelity(np.exp(-loss), swap)
    for target in np.linspace(0.3, 0.999, 60):
        cost = base_pairs(fidelity, target, protocol)
        finite = cost[np.isfinite(cost)]
        assert (np.diff(finite) >= -1e-12 * finite[1:]).all()
        assert np.isinf(cost[len(finite) :]).all()


@given(small_documents(nodes=5, slots=3, demands=1, minimum_rates=False))
@settings(SLOW, max_examples=25)
def test_two_virtual_links(fields: dict[str, Any]) -> None:
    # The listed problem may draw an initial stock for those that only list routes, and so make room in a store.
    assume(not (fields.get("initial_stock") and fields["options"].get("stock_end_value")))
    fields["options"] |= {"max_virtual_links": 2}
    fields["paths"]["max_hops"] = 4
    for node in fields["nodes"]:
        node["storage_pairs"] = 4.0
    listed = solve(instance_from_document(with_all_classes(fields)), Settings(method="exact", gap=0.0))
    assert listed.plan is not None
    encloses(fields, listed.plan.objective_pairs)
