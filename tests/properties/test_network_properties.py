"""The network kernels against their definitions, on small networks of every kind."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import ground as oracle

from satqn.model.network import LinkTable, Network, NodeTable
from satqn.network.ground import (
    components,
    fibre_network,
    joining_links,
    nearest_neighbour_links,
    split_long_links,
)
from satqn.network.shortest import PathFinder, nearest_station
from satqn.sphere import along_great_circle, great_circle, positions, unit_vectors

SEEDS = st.integers(0, 2**32 - 1)
NO_LINKS = LinkTable(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
LATITUDE = st.floats(-90, 90)
LONGITUDE = st.floats(-180, 180)


def scattered(seed: int, n: int, clusters: int, spread_deg: float) -> NodeTable:
    """Return n nodes around some centres anywhere on Earth."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(clusters, 3))[rng.integers(clusters, size=n)]
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    lat, lon = positions(centre + rng.normal(0, np.radians(spread_deg), (n, 3)))
    return NodeTable(np.array([f"n{i}" for i in range(n)]), lat, lon, np.ones(n), np.zeros(n, dtype=bool))


def random_network(seed: int, n: int, links: int, *, ties: bool) -> Network:
    """Return any graph, often in several components; with ties, lengths are small whole numbers or zero."""
    rng = np.random.default_rng(seed)
    nodes = scattered(seed, n, 3, 5.0)
    ends = rng.integers(n, size=(links, 2))
    ends = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1)
    length = rng.integers(0, 4, len(ends)).astype(float) if ties else rng.uniform(1, 2, len(ends))
    return Network.from_tables(nodes, LinkTable(ends[:, 0], ends[:, 1], length))


def places(nodes: NodeTable) -> list[tuple[float, float]]:
    return list(zip(nodes.lat_deg.tolist(), nodes.lon_deg.tolist(), strict=True))


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(1, 40), st.integers(1, 6), st.floats(0.01, 30), st.integers(1, 5))
def test_neighbours_are_the_nearest(seed, n, clusters, spread_deg, k):
    nodes = scattered(seed, n, clusters, spread_deg)
    links = nearest_neighbour_links(nodes, k)
    assert set(zip(links.a.tolist(), links.b.tolist(), strict=True)) == oracle.nearest_neighbour_links(
        places(nodes), k
    )
    for a, b, length in zip(links.a, links.b, links.length, strict=True):
        assert a < b
        assert length == pytest.approx(
            oracle.great_circle(places(nodes)[a], places(nodes)[b]), rel=1e-9, abs=1e-3
        )


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(1, 40), st.integers(1, 8), st.floats(0.01, 30), st.integers(0, 2))
def test_joins_are_a_minimum_spanning_tree_over_components(seed, n, clusters, spread_deg, k):
    nodes = scattered(seed, n, clusters, spread_deg)
    links = nearest_neighbour_links(nodes, k) if k else NO_LINKS
    joins = joining_links(nodes, links)
    count, total = oracle.joining_cost(
        places(nodes), set(zip(links.a.tolist(), links.b.tolist(), strict=True))
    )
    assert len(joins) == count
    assert joins.length.sum() == pytest.approx(total, rel=1e-9, abs=1e-3)


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(2, 12), st.integers(2, 5))
def test_joins_are_minimal_where_many_distances_are_equal(seed, count, step_deg):
    rng = np.random.default_rng(seed)
    lon = rng.integers(0, 6, count) * float(step_deg)  # on the equator, several at one place
    nodes = NodeTable(
        np.arange(count).astype(str), np.zeros(count), lon, np.ones(count), np.zeros(count, dtype=bool)
    )
    joins = joining_links(nodes, NO_LINKS)
    assert len(joins) == count - 1
    assert joins.length.sum() == pytest.approx(
        oracle.joining_cost(places(nodes), set())[1], rel=1e-9, abs=1e-3
    )


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(1, 60), st.integers(1, 6), st.sampled_from(["eight_pieces", "halve"]))
def test_network_is_connected_and_splitting_keeps_its_geometry(seed, n, clusters, rule):
    network = fibre_network(scattered(seed, n, clusters, 0.5))
    split = split_long_links(network, rule)
    assert components(len(split), split.links).max() == 0
    assert len(split) - len(network) == len(split.links) - len(network.links)
    assert split.links.length.sum() == pytest.approx(network.links.length.sum(), rel=1e-12)
    assert split.links.length.max(initial=0.0) <= {"eight_pieces": 61.7e3, "halve": 30e3}[rule]
    assert (split.links.a < split.links.b).all()
    assert np.unique(split.nodes.ids).size == len(split)
    assert np.array_equal(split.nodes.inserted, np.arange(len(split)) >= len(network))
    a, b, nodes = split.links.a, split.links.b, split.nodes
    chords = great_circle(nodes.lat_deg[a], nodes.lon_deg[a], nodes.lat_deg[b], nodes.lon_deg[b])
    assert chords == pytest.approx(split.links.length, rel=1e-6, abs=1e-3)
    ends = np.arange(n)
    before, after = PathFinder(network), PathFinder(split)
    assert after.lengths(ends, ends[::-1]) == pytest.approx(before.lengths(ends, ends[::-1]), rel=1e-12)


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(2, 60), st.integers(0, 150), st.booleans(), st.sampled_from(["trees", "hierarchy"]))
def test_paths_are_shortest_and_walk_along_links(seed, n, count, ties, method):
    network = random_network(seed, n, count, ties=ties)
    links = list(
        zip(network.links.a.tolist(), network.links.b.tolist(), network.links.length.tolist(), strict=True)
    )
    shortest_link = {}
    for a, b, length in links:
        shortest_link[a, b] = shortest_link[b, a] = min(length, shortest_link.get((a, b), np.inf))
    rng = np.random.default_rng(seed)
    a, b = rng.integers(n, size=(2, 50))
    paths = PathFinder(network, method).paths(a, b)
    assert np.array_equal(PathFinder(network, method).lengths(a, b), paths.length)
    assert len(paths.indptr) == 51
    assert paths.indptr[-1] == len(paths.nodes)
    for p in range(50):
        nodes = paths.nodes[paths.indptr[p] : paths.indptr[p + 1]].tolist()
        expected = oracle.distances(n, links, int(a[p]))[b[p]]
        assert paths.length[p] == pytest.approx(expected, rel=1e-12)
        if np.isinf(expected):
            assert nodes == []
            continue
        assert (nodes[0], nodes[-1]) == (a[p], b[p])
        assert len(set(nodes)) == len(nodes)
        walked = sum(shortest_link[step] for step in pairwise(nodes))
        assert walked == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(2, 60), st.integers(0, 150), st.sampled_from(["trees", "hierarchy"]))
def test_paths_are_the_same_both_ways_and_in_every_run(seed, n, count, method):
    network = random_network(seed, n, count, ties=False)
    rng = np.random.default_rng(seed)
    a, b = rng.integers(n, size=(2, 20))
    there, back = PathFinder(network, method).paths(a, b), PathFinder(network, method).paths(b, a)
    again = PathFinder(network, method).paths(a, b)
    assert np.array_equal(there.nodes, again.nodes)
    for p in range(20):
        forward = there.nodes[there.indptr[p] : there.indptr[p + 1]]
        assert np.array_equal(forward, back.nodes[back.indptr[p] : back.indptr[p + 1]][::-1])


@settings(deadline=None)  # the machine may be shared
@given(SEEDS, st.integers(2, 60), st.integers(0, 150), st.integers(1, 5), st.booleans())
def test_nearest_station_is_the_nearest(seed, n, count, stations, ties):
    network = random_network(seed, n, count, ties=ties)
    sites = np.random.default_rng(seed).integers(n, size=stations)
    links = list(
        zip(network.links.a.tolist(), network.links.b.tolist(), network.links.length.tolist(), strict=True)
    )
    found = nearest_station(network, sites)
    legs = found.legs(np.arange(n))
    from_station = {int(site): oracle.distances(n, links, int(site)) for site in sites}
    for node in range(n):
        nearest = min(distance[node] for distance in from_station.values())
        assert found.distance[node] == pytest.approx(nearest, rel=1e-12)
        leg = legs.nodes[legs.indptr[node] : legs.indptr[node + 1]]
        assert legs.length[node] == found.distance[node]
        if np.isinf(nearest):
            assert len(leg) == 0
            continue
        assert from_station[int(found.station[node])][node] == pytest.approx(nearest, rel=1e-12)
        assert (leg[0], leg[-1]) == (node, found.station[node])


@settings(deadline=None)  # the machine may be shared
@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_great_circle_is_a_distance(lat1, lon1, lat2, lon2):
    there = float(great_circle(lat1, lon1, lat2, lon2))
    assert there == float(great_circle(lat2, lon2, lat1, lon1))
    assert 0.0 <= there <= np.pi * 6_371_000.0 * (1 + 1e-15)
    # Haversine loses digits near the antipode, where the sine is flat.
    assert there == pytest.approx(oracle.great_circle((lat1, lon1), (lat2, lon2)), rel=1e-9, abs=0.3)


@settings(deadline=None)  # the machine may be shared
@given(LATITUDE, LONGITUDE)
def test_positions_invert_unit_vectors(lat, lon):
    found_lat, found_lon = positions(unit_vectors(lat, lon))
    assert float(great_circle(lat, lon, found_lat, found_lon)) < 1e-6


@settings(deadline=None)  # the machine may be shared
@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE, st.floats(0, 1))
def test_points_along_a_great_circle_divide_it(lat1, lon1, lat2, lon2, fraction):
    start, end = unit_vectors(lat1, lon1), unit_vectors(lat2, lon2)
    whole = float(great_circle(lat1, lon1, lat2, lon2))
    if whole > 0.99 * np.pi * 6_371_000.0:
        return  # every great circle through a point leads to its antipode
    lat, lon = positions(along_great_circle(start, end, fraction))
    assert float(great_circle(lat1, lon1, lat, lon)) == pytest.approx(fraction * whole, rel=1e-9, abs=1e-3)
    assert float(great_circle(lat, lon, lat2, lon2)) == pytest.approx(
        (1 - fraction) * whole, rel=1e-9, abs=1e-3
    )
