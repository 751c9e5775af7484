"""Shortest paths at their edges: no way, no pairs, wrong nodes, and the choice of method."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.network import shortest
from satqn.network.ground import fibre_network, split_long_links
from satqn.network.hierarchy import BLOCK, ContractionHierarchy
from satqn.network.shortest import PathFinder, nearest_station

METHODS = ["trees", "hierarchy"]


def chain_and_island() -> Network:
    """Return 0 - 1 - 2 - 3 with a long way round 0 - 3, and 4 - 5 apart."""
    n = 6
    nodes = NodeTable(
        np.arange(n).astype(str), np.zeros(n), np.arange(n) * 0.1, np.ones(n), np.zeros(n, dtype=bool)
    )
    a, b = np.array([0, 1, 2, 0, 4]), np.array([1, 2, 3, 3, 5])
    return Network.from_tables(nodes, LinkTable(a, b, np.array([1e3, 2e3, 3e3, 7e3, 5e3])))


def country(n: int) -> Network:
    rng = np.random.default_rng(7)
    place = rng.normal((38, -95), (4, 8), (n, 2))
    nodes = NodeTable(np.arange(n).astype(str), place[:, 0], place[:, 1], np.ones(n), np.zeros(n, dtype=bool))
    return split_long_links(fibre_network(nodes), "eight_pieces")


@pytest.mark.parametrize("method", METHODS)
def test_path_length_and_nodes(method):
    indptr, nodes, length = PathFinder(chain_and_island(), method).paths([0, 3, 2, 4], [3, 0, 2, 5])
    assert indptr.tolist() == [0, 4, 8, 9, 11]
    assert nodes.tolist() == [0, 1, 2, 3, 3, 2, 1, 0, 2, 4, 5]
    assert length.tolist() == [6e3, 6e3, 0.0, 5e3]


@pytest.mark.parametrize("method", METHODS)
def test_without_a_way_the_path_is_empty(method):
    paths = PathFinder(chain_and_island(), method).paths([0, 0, 4], [4, 1, 3])
    assert paths.indptr.tolist() == [0, 0, 2, 2]
    assert paths.length.tolist() == [np.inf, 1e3, np.inf]


@pytest.mark.parametrize("method", METHODS)
def test_no_pairs(method):
    finder = PathFinder(chain_and_island(), method)
    assert finder.lengths([], []).shape == (0,)
    paths = finder.paths([], [])
    assert (paths.indptr.tolist(), paths.nodes.size, paths.length.size) == ([0], 0, 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_network_without_links(method):
    nodes = NodeTable(np.array(["a", "b"]), np.zeros(2), np.zeros(2), np.ones(2), np.zeros(2, dtype=bool))
    none = np.empty(0, dtype=np.int64)
    finder = PathFinder(Network.from_tables(nodes, LinkTable(none, none, np.empty(0))), method)
    assert finder.paths([0, 1], [1, 1]).nodes.tolist() == [1]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("node", [-1, 6])
def test_an_index_that_is_no_node_is_refused(method, node):
    with pytest.raises(InputError, match=f"node {node} of a network of 6"):
        PathFinder(chain_and_island(), method).paths([0], [node])


def test_starts_without_goals_are_refused():
    with pytest.raises(InputError, match="2 starts and 1 goals"):
        PathFinder(chain_and_island()).paths([0, 1], [2])


def test_parallel_links_count_by_the_shorter():
    nodes = NodeTable(np.array(["a", "b"]), np.zeros(2), np.zeros(2), np.ones(2), np.zeros(2, dtype=bool))
    links = LinkTable(np.array([0, 0]), np.array([1, 1]), np.array([9.0, 4.0]))
    network = Network.from_tables(nodes, links)
    for method in METHODS:
        assert PathFinder(network, method).lengths([0], [1]).tolist() == [4.0]


@pytest.mark.parametrize("method", METHODS)
def test_more_pairs_than_a_block(method):
    network = country(300)
    rng = np.random.default_rng(1)
    a, b = rng.integers(len(network), size=(2, BLOCK + 100))
    whole = PathFinder(network, method).paths(a, b)
    tail = PathFinder(network, method).paths(a[-150:], b[-150:])
    assert np.array_equal(whole.nodes[whole.indptr[-151] :], tail.nodes)
    assert np.array_equal(whole.length[-150:], tail.length)


def test_methods_agree_on_a_country():
    network = country(3000)
    rng = np.random.default_rng(2)
    a, b = rng.integers(len(network), size=(2, 400))
    trees, hierarchy = (PathFinder(network, method).paths(a, b) for method in METHODS)
    assert hierarchy.length == pytest.approx(trees.length, rel=1e-13)
    assert np.array_equal(hierarchy.nodes, trees.nodes)


def test_small_networks_and_few_ends_never_wait_for_a_compiler(monkeypatch):
    def refuse(network):
        raise AssertionError("a hierarchy was prepared")

    monkeypatch.setattr(ContractionHierarchy, "of", refuse)
    small, large = country(100), country(3000)
    everyone = np.arange(len(small))
    PathFinder(small).paths(everyone, everyone[::-1])
    finder = PathFinder(large)
    finder.paths(np.arange(1000), np.arange(1000) % shortest.FEW_ENDS)
    with pytest.raises(AssertionError):
        finder.paths(np.arange(1000), np.arange(1000) % (shortest.FEW_ENDS + 1))


def test_stations_stand_on_themselves():
    found = nearest_station(chain_and_island(), [1, 3, 3])
    assert found.station.tolist() == [1, 1, 1, 3, 4, 5]
    assert found.distance.tolist() == [1e3, 0.0, 2e3, 0.0, np.inf, np.inf]
    legs = found.legs([0, 1, 4, 2])
    assert (legs.indptr.tolist(), legs.nodes.tolist()) == ([0, 2, 3, 3, 5], [0, 1, 1, 2, 1])
    assert legs.length.tolist() == [1e3, 0.0, np.inf, 2e3]


@pytest.mark.parametrize(("stations", "message"), [([], "no ground stations"), ([9], "node 9")])
def test_no_station_is_refused(stations, message):
    with pytest.raises(InputError, match=message):
        nearest_station(chain_and_island(), stations)
