"""Paths and their prices: all simple, k shortest in every order, virtual ones, satellites only."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.routing_instances import document, small_documents

from satqn.errors import InputError, SatqnWarning
from satqn.model.instance import RoutingInstance
from satqn.routing import pool as pool_module
from satqn.routing.base_pairs import base_pairs, lowest_usable_fidelity
from satqn.routing.baselines import satellite_only
from satqn.routing.check_paths import purification_cost
from satqn.routing.generate import case_study, network
from satqn.routing.instance_file import instance_from_document
from satqn.routing.pool import Clock, build_pool, full_nodes
from satqn.routing.problem import Problem


def listed(fields: dict[str, Any]) -> list[tuple[str, ...]]:
    """Paths in order: nodes of f(p), then the ends of virtual links."""
    instance = instance_from_document(fields)
    pool = build_pool(instance)
    ids = instance.nodes.ids
    rows = []
    for p in range(len(pool)):
        marks = [
            f"{ids[a]}~{ids[b]}"
            for (a, b), step in zip(pairwise(pool.nodes[p].tolist()), pool.steps[p].tolist(), strict=True)
            if step < 0
        ]
        rows.append((*(ids[v] for v in full_nodes(pool, p)), *marks))
    return rows


def test_all_simple_and_virtual_paths_of_a_chain() -> None:
    fields = document(
        [("a", "m", 9), ("m", "n", 9), ("n", "b", 9)], [("a", "b")], slots=2, storage={"m": 5.0, "n": 5.0}
    )
    assert listed(fields) == [("a", "m", "n", "b"), ("a", "m", "n", "b", "m~n")]
    assert listed(fields | {"max_virtual_links": 0}) == [("a", "m", "n", "b")]
    assert listed(fields | {"paths": {"mode": "all_simple", "max_hops": 2}}) == []


def test_virtual_links_may_begin_and_end_at_the_users() -> None:
    fields = document([("a", "b", 9)], [("a", "b")], slots=2, storage={"a": 5.0, "b": 5.0})
    assert listed(fields) == [("a", "b"), ("a", "b", "a~b")]


def test_two_virtual_links_on_one_path() -> None:
    fields = document(
        [("a", "b", 9), ("b", "c", 9), ("c", "d", 9)], [("a", "d")], slots=2,
        storage=dict.fromkeys("abcd", 5.0), storage_pairs=[["a", "b"], ["b", "c"], ["c", "d"]],
    )  # fmt: skip
    whole = ("a", "b", "c", "d")
    single = [(*whole, "a~b"), (*whole, "b~c"), (*whole, "c~d")]
    double = [(*whole, "a~b", "b~c"), (*whole, "a~b", "c~d"), (*whole, "b~c", "c~d")]
    assert sorted(listed(fields | {"max_virtual_links": 2})) == sorted([whole, *single, *double])


def orders(order: str, **more: Any) -> list[tuple[str, ...]]:
    links = [
        ("a", "b", 1.0, 0.93),
        ("a", "c", 10, 0.99),
        ("c", "b", 10, 0.99),
        ("a", "d", 10, 0.98),
        ("d", "b", 10, 0.98),
    ]
    fields = document(links, [("a", "b")])
    return listed(fields | {"paths": {"mode": "k_shortest", "order": order, **more}})


def test_orders() -> None:
    assert orders("hops") == [("a", "b"), ("a", "c", "b"), ("a", "d", "b")]
    assert orders("log_werner") == [("a", "c", "b"), ("a", "d", "b"), ("a", "b")]
    assert orders("inverse_rate") == [("a", "c", "b"), ("a", "d", "b"), ("a", "b")]
    assert orders("hops", per_demand={"real": 2, "virtual": 0}) == [("a", "b"), ("a", "c", "b")]


def test_the_inverse_of_the_mean_over_all_slots_is_what_a_path_is_long_in() -> None:
    """Lengths by hand: 2/4.5, 1/2.2, 2/4.2, 2/4; the mean rate, the best slot, slots that are up, the worst
    slot and the mean of inverses all order these paths otherwise.
    """
    through = {"c": [8.4, 0.0], "d": [4.0, 4.0], "e": [6.0, 3.0]}
    links: list[tuple[Any, ...]] = [("a", "b", [3.6, 0.8])]
    for node, rates in through.items():
        links += [("a", node, rates), (node, "b", rates)]
    fields = document(links, [("a", "b")], slots=2)
    fields["paths"] = {"mode": "k_shortest", "order": "inverse_rate"}
    assert listed(fields) == [("a", "e", "b"), ("a", "b"), ("a", "c", "b"), ("a", "d", "b")]


def test_ties_are_broken_by_node_ids_not_by_the_order_of_the_file() -> None:
    links = [("a", "z", 1), ("z", "b", 1), ("a", "c", 1), ("c", "b", 1), ("a", "k", 1), ("k", "b", 1)]
    fields = document(links, [("a", "b")])
    fields["paths"] = {"mode": "k_shortest", "per_demand": {"real": 2, "virtual": 0}}
    fields["nodes"].reverse()
    assert listed(fields) == [("a", "c", "b"), ("a", "k", "b")]


@given(
    small_documents(nodes=6, slots=2, demands=2), st.sampled_from(["hops", "log_werner"]), st.integers(1, 6)
)
@settings(max_examples=60, deadline=None)
def test_k_shortest_are_the_first_of_all_simple(fields: dict[str, Any], order: str, k: int) -> None:
    """The oracle sorts all simple paths of networkx by the stated order."""
    fields["paths"] = {"mode": "k_shortest", "order": order, "per_demand": {"real": k, "virtual": 0}}
    instance = instance_from_document(fields)
    found = listed(fields)
    start = 0
    for demand in range(len(instance.demands)):
        expected = _sorted_by_hand(instance, demand, order)[:k]
        assert found[start : start + len(expected)] == expected
        start += len(expected)
    assert start == len(found)


def _sorted_by_hand(instance: RoutingInstance, demand: int, order: str) -> list[tuple[str, ...]]:
    ids = instance.nodes.ids
    graph = networkx.Graph()
    graph.add_nodes_from(ids)
    werner = instance.options.swap == "werner"
    for e, (a, b) in enumerate(zip(instance.links.a, instance.links.b, strict=True)):
        if instance.links.rate[:, e].max() > 0:
            f = instance.links.fidelity[e]
            graph.add_edge(ids[a], ids[b], loss=round(-np.log((4 * f - 1) / 3 if werner else f) * 1e12))
    rows = []
    ends = ids[instance.demands.source[demand]], ids[instance.demands.destination[demand]]
    for path in networkx.all_simple_paths(graph, *ends):
        loss = sum(graph.edges[step]["loss"] for step in pairwise(path))
        factor = np.exp(-loss / 1e12)
        fidelity = 0.25 + 0.75 * factor if werner else factor
        target = float(instance.demands.target_fidelity[demand])
        if np.isfinite(purification_cost(float(fidelity), target, instance.options.purification)):
            hops = len(path) - 1
            rows.append(((hops, loss) if order == "hops" else (loss, hops), path))
    return [tuple(path) for _, path in sorted(rows)]


@given(small_documents(nodes=6, slots=2, demands=2), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_without_a_limit_k_shortest_is_the_whole_pool(fields: dict[str, Any], virtual_links: int) -> None:
    fields["options"]["max_virtual_links"] = virtual_links
    everything = sorted(listed(fields | {"paths": {"mode": "all_simple", "max_hops": 9}}))
    many = {"mode": "k_shortest", "per_demand": {"real": 10_000, "virtual": 10_000}}
    assert sorted(listed(fields | {"paths": many})) == everything


def test_too_many_simple_paths_are_refused_politely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MAX_PATHS", 50)
    with pytest.raises(InputError, match=r"more than 50 simple paths of up to 5 hops.*k_shortest"):
        build_pool(case_study(0, paths={"mode": "all_simple", "max_hops": 5}))


@pytest.mark.parametrize(("hops", "count"), [(3, 36), (4, 442), (5, 4250)])
def test_counts_of_the_case_study(hops: int, count: int) -> None:
    """Real and virtual paths of one demand; the numbers stand in the specification, section 5."""
    fields = {"mode": "all_simple", "max_hops": hops}
    assert len(build_pool(case_study(0, slots=1, demands=1, paths=fields))) == count


def test_satellite_only_is_a_subset_over_satellites() -> None:
    problem = Problem.of(case_study(1))
    part = satellite_only(problem)
    kinds = problem.instance.nodes.kind
    y = problem.formulation.y
    open_columns = np.flatnonzero(part.model.upper[y.columns] > 0)
    assert len(open_columns)
    for p in set(problem.formulation.serve.path[open_columns].tolist()):
        assert {kinds[v] for v in full_nodes(problem.pool, p)[1:-1]} == {"satellite"}


def test_a_larger_network_is_listed_quickly_and_in_full() -> None:
    pool = build_pool(network(0, slots=4))
    assert len(pool) == 20 * 32
    assert np.isfinite(pool.base_pairs).all()


@given(st.floats(0.26, 1.0), st.floats(0.26, 1.0), st.sampled_from(["bbpssw", "dejmps", "none"]))
@settings(max_examples=300, deadline=None)
def test_cost_agrees_with_the_checkers_own(fidelity: float, target: float, protocol: Any) -> None:
    ours, theirs = (
        float(base_pairs(fidelity, target, protocol)),
        purification_cost(fidelity, target, protocol),
    )
    assert ours == theirs or ours == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps", "none"])
@pytest.mark.parametrize("target", [0.3, 0.6, 0.9, 0.99])
def test_cost_is_finite_on_an_interval_up_to_one(protocol: Any, target: float) -> None:
    """This is what lets the search cut off paths below the lowest usable fidelity."""
    grid = np.linspace(0.2501, 1.0, 4001)
    finite = np.isfinite(base_pairs(grid, target, protocol))
    assert (np.diff(finite.astype(int)) >= 0).all()
    lowest = lowest_usable_fidelity(target, protocol)
    assert (grid[finite] >= lowest - 1e-9).all()
    assert (grid[~finite] <= lowest + 1e-8).all()


@pytest.mark.parametrize("order", ["hops", "log_werner", "inverse_rate"])
def test_paths_by_slot_are_up_as_a_whole_somewhen(order: str) -> None:
    """a–x–b is never up as a whole; over all slots it is the shortest, by slot it is none."""
    document = {
        "format": "satqn-instance", "version": 1, "rate_unit": "pairs_per_slot", "slots": 2,
        "nodes": [{"id": name, "kind": "base_station"} for name in "axyzb"],
        "links": [
            {"ends": ["a", "x"], "rate": [9, 0], "fidelity": 0.99},
            {"ends": ["x", "b"], "rate": [0, 9], "fidelity": 0.99},
            {"ends": ["a", "y"], "rate": 5, "fidelity": 0.99},
            {"ends": ["y", "z"], "rate": [5, 0], "fidelity": 0.99},
            {"ends": ["z", "b"], "rate": 5, "fidelity": 0.99},
            {"ends": ["y", "b"], "rate": [0, 5], "fidelity": 0.99},
        ],
        "demands": [{"id": "k", "source": "a", "destination": "b", "target_fidelity": 0.9}],
        "paths": {"mode": "k_shortest", "per_demand": {"real": 1, "virtual": 0}},
    }  # fmt: skip
    everywhere = build_pool(instance_from_document(document))
    assert [everywhere.nodes[p].tolist() for p in range(len(everywhere))] == [[0, 1, 4]]
    document["paths"] |= {"mode": "k_shortest_by_slot", "order": order}
    instance = instance_from_document(document)
    by_slot = build_pool(instance)
    assert [by_slot.nodes[p].tolist() for p in range(len(by_slot))] == [[0, 2, 3, 4], [0, 2, 4]]
    for p in range(len(by_slot)):
        assert np.any(np.all(instance.links.rate[:, by_slot.links[p]] > 0, axis=1))


def test_a_clock_ends_the_search_and_says_so() -> None:
    """Many nodes without a way between the ends that the clock allows to be tried."""
    n = 40
    document = {
        "format": "satqn-instance", "version": 1, "rate_unit": "pairs_per_slot", "slots": 1,
        "nodes": [{"id": f"n{i}", "kind": "base_station"} for i in range(n)],
        "links": [
            {"ends": [f"n{i}", f"n{j}"], "rate": 1.0, "fidelity": 0.999} for i in range(n) for j in range(i)
        ],
        "demands": [
            {"id": f"k{k}", "source": f"n{k}", "destination": f"n{n - 1}", "target_fidelity": 0.6} for k in (0, 1)
        ],
        "paths": {"mode": "k_shortest", "per_demand": {"real": 10**9, "virtual": 0}},
    }  # fmt: skip
    asked = iter(range(10**6))
    clock = Clock(lambda: next(asked) / 4)
    with pytest.warns(SatqnWarning, match="time limit ended the search for paths of 2 demands"):
        pool = build_pool(instance_from_document(document), clock)
    assert clock.ended == {0, 1}
    assert set(pool.demand.tolist()) == {0, 1}
