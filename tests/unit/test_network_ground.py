"""Building the fibre network: its edges, its refusals, its stations."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.network.ground import (
    bounding_box,
    fibre_network,
    joining_links,
    nearest_neighbour_links,
    split_long_links,
    station_grid,
)
from satqn.sphere import great_circle


def table(lat, lon, ids=None, inserted=None) -> NodeTable:
    n = len(lat)
    return NodeTable(
        ids=np.array([f"n{i}" for i in range(n)] if ids is None else ids),
        lat_deg=np.array(lat, dtype=float),
        lon_deg=np.array(lon, dtype=float),
        population=np.ones(n),
        inserted=np.zeros(n, dtype=bool) if inserted is None else np.array(inserted),
    )


def grid(rows: int, columns: int, step_deg: float) -> NodeTable:
    lat, lon = np.meshgrid(
        30 + step_deg * np.arange(rows), -100 + step_deg * np.arange(columns), indexing="ij"
    )
    return table(lat.ravel(), lon.ravel())


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_to_link(n):
    network = fibre_network(table([1.0] * n, [2.0] * n))
    assert (len(network), len(network.links)) == (n, 0)


def test_few_nodes_are_all_linked():
    assert len(fibre_network(table([0, 1, 2], [0, 1, 0])).links) == 3


def test_nodes_at_one_place_are_neighbours_of_each_other():
    network = fibre_network(table([10.0] * 6 + [11.0], [20.0] * 6 + [20.0]))
    links = network.links
    assert (links.a != links.b).all()
    assert links.length.min() == 0.0
    assert links.length.max() == pytest.approx(float(great_circle(10, 20, 11, 20)))


def test_neighbours_across_the_date_line_and_the_pole():
    links = nearest_neighbour_links(table([0, 0, 0, 89, 89], [179.9, -179.9, 170, 0, 180]), k=1)
    assert (0, 1) in set(zip(links.a.tolist(), links.b.tolist(), strict=True))
    assert (3, 4) in set(zip(links.a.tolist(), links.b.tolist(), strict=True))


def test_joins_take_the_shortest_bridge_between_far_clusters():
    lon = [0.0, 0.1, 0.2, 0.3, 10.0, 10.1, 10.2, 10.3]
    joins = joining_links(table([0.0] * 8, lon), nearest_neighbour_links(table([0.0] * 8, lon), k=2))
    assert (joins.a.tolist(), joins.b.tolist()) == ([3], [4])


def test_a_connected_network_needs_no_join():
    nodes = grid(4, 4, 0.1)
    assert len(joining_links(nodes, fibre_network(nodes).links)) == 0


@pytest.mark.parametrize("k", [0, -3])
def test_no_neighbours_is_refused(k):
    with pytest.raises(InputError, match=f"{k} neighbours"):
        nearest_neighbour_links(grid(2, 2, 1.0), k)


def test_two_nodes_of_one_name_are_refused():
    with pytest.raises(InputError, match="2 nodes are called 'here'"):
        fibre_network(table([0, 1, 2], [0, 0, 0], ids=["here", "there", "here"]))


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_a_position_off_the_earth_is_refused(lat, lon):
    with pytest.raises(InputError, match=r"n1.*latitude"):
        fibre_network(table([0.0, lat], [0.0, lon]))


def test_split_nodes_lie_on_the_way_and_are_named_after_it():
    nodes = table([0.0, 0.0], [0.0, 0.9], ids=["A", "B"])
    split = split_long_links(fibre_network(nodes), "eight_pieces")
    assert split.nodes.ids.tolist() == ["A", "B", *(f"A~B~{j}" for j in range(1, 8))]
    assert split.nodes.lon_deg[2:] == pytest.approx(0.9 * np.arange(1, 8) / 8)
    assert split.nodes.population[2:].tolist() == [0.0] * 7
    assert split.nodes.inserted.tolist() == [False] * 2 + [True] * 7
    neighbours = split.indices[split.indptr[1] : split.indptr[2]]
    assert neighbours.tolist() == [8]


def test_only_too_long_links_are_split_and_lengths_need_not_be_great_circles():
    nodes = table([0.0, 0.0, 0.1], [0.0, 0.1, 0.0])
    links = LinkTable(np.array([0, 0]), np.array([1, 2]), np.array([100e3, 30e3]))
    split = split_long_links(Network.from_tables(nodes, links), "halve")
    assert split.links.length.tolist() == [30e3, 25e3, 25e3, 25e3, 25e3]
    assert split.nodes.ids[-1] == "n0~n1~3"


def test_nothing_to_split():
    network = fibre_network(grid(3, 3, 0.05))
    split = split_long_links(network, "eight_pieces")
    assert np.array_equal(split.nodes.ids, network.nodes.ids)
    assert np.array_equal(split.links.length, network.links.length)


def test_bounding_box_leaves_out_inserted_nodes():
    box = bounding_box(table([0, 10, 50], [0, 20, 80], inserted=[False, False, True]))
    assert box.centre == (5.0, 10.0)


def test_bounding_box_across_the_date_line():
    box = bounding_box(table([-10, 0, 0], [175, -179, -170]))
    assert (box.west_deg, box.east_deg) == (175.0, 190.0)
    assert box.centre == (-5.0, -177.5)


def test_bounding_box_of_nothing_is_refused():
    with pytest.raises(InputError, match="no nodes"):
        bounding_box(table([], []))


def test_stations_of_a_dense_square_keep_their_distance():
    nodes = grid(60, 60, 0.1)
    stations = station_grid(nodes, 150e3)
    lat, lon = nodes.lat_deg[stations], nodes.lon_deg[stations]
    apart = great_circle(lat[:, None], lon[:, None], lat, lon)
    np.fill_diagonal(apart, np.inf)
    assert apart.min(axis=1) == pytest.approx(150e3, rel=0.12)
    assert np.array_equal(stations, np.unique(stations))


def test_stations_across_the_date_line():
    lat, lon = np.meshgrid(np.arange(-18, -15, 0.1), np.arange(176, 184, 0.1), indexing="ij")
    nodes = table(lat.ravel(), (lon.ravel() + 180) % 360 - 180)
    stations = station_grid(nodes, 200e3)
    assert (nodes.lon_deg[stations] > 0).any()
    assert (nodes.lon_deg[stations] < 0).any()


def test_no_station_where_there_is_no_node():
    square = grid(60, 60, 0.1)
    middle = great_circle(32.95, -97.05, square.lat_deg, square.lon_deg) < 100e3
    hollow = table(square.lat_deg[~middle], square.lon_deg[~middle])
    assert len(station_grid(hollow, 265e3)) == len(station_grid(square, 265e3)) - 1 == 8


def test_inserted_nodes_are_no_sites():
    split = split_long_links(fibre_network(grid(3, 3, 1.0)), "halve")
    stations = station_grid(split.nodes, 60e3)
    assert stations.size
    assert (stations < 9).all()


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), float("inf")])
def test_a_spacing_that_is_no_distance_is_refused(spacing):
    with pytest.raises(InputError, match="station spacing"):
        station_grid(grid(3, 3, 1.0), spacing)


def test_no_station_at_all_is_refused():
    with pytest.raises(InputError, match="no node is near"):
        station_grid(table([30, 40], [-100, -80]), 1000e3)
