"""The network of shao2025: the numbers of the specification, sections 3 and 5, on the real node set."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satqn.model.network import Network, NodeTable
from satqn.network.cache import cached_network
from satqn.network.datasets import node_table
from satqn.network.ground import (
    bounding_box,
    components,
    fibre_network,
    joining_links,
    nearest_neighbour_links,
    split_long_links,
    station_grid,
)
from satqn.network.shortest import PathFinder, nearest_station
from satqn.sphere import great_circle

pytestmark = pytest.mark.data

GRIDS = {240: (141, 235.0), 450: (55, 423.0), 700: (27, 642.0)}
"""Spacing in km: published number of stations and median distance to the next one, km."""


@pytest.fixture(scope="module")
def nodes() -> NodeTable:
    return node_table("us-tracts", "published")


@pytest.fixture(scope="module")
def whole(nodes) -> Network:
    return fibre_network(nodes)


@pytest.fixture(scope="module")
def split(whole) -> Network:
    return split_long_links(whole, "eight_pieces")


def indices(network: Network, names: list[str]) -> np.ndarray:
    index = {name: i for i, name in enumerate(network.nodes.ids.tolist())}
    return np.array([index[name] for name in names])


def test_node_set(nodes):
    assert len(nodes) == 83_047
    assert nodes.population.mean() == pytest.approx(3957.00678, abs=5e-6)
    assert bounding_box(nodes).centre == (36.76971675, -95.82228375)
    assert len(node_table("us-tracts", "contiguous")) == 83_239


def test_neighbours_and_joins(nodes):
    near = nearest_neighbour_links(nodes)
    assert len(near) == 162_835
    assert components(len(nodes), near).max() + 1 == 25
    joins = joining_links(nodes, near)
    assert len(joins) == 24
    assert joins.length.sum() / 1e3 == pytest.approx(473.4, abs=0.05)
    assert joins.length.max() / 1e3 == pytest.approx(88.6, abs=0.05)


def test_the_gazetteers_six_decimals_move_one_link(nodes):
    # What a user's own download has; the published set has seven decimals.
    rounded = replace(nodes, lat_deg=nodes.lat_deg.round(6), lon_deg=nodes.lon_deg.round(6))
    assert len(nearest_neighbour_links(rounded)) == 162_836


def test_network(whole):
    degree, length_km = np.diff(whole.indptr), whole.links.length / 1e3
    assert len(whole.links) == 162_859
    assert (degree.min(), degree.max()) == (3, 9)
    assert degree.mean() == pytest.approx(3.922, abs=5e-4)
    assert np.median(length_km) == pytest.approx(2.397, abs=5e-4)
    assert 100 * (length_km < 61.7).mean() == pytest.approx(99.84, abs=5e-3)
    assert length_km.max() == pytest.approx(137.9, abs=0.05)
    assert components(len(whole), whole.links).max() == 0


def test_splitting(whole, split):
    assert (whole.links.length > 61.7e3).sum() == 261
    assert len(split) == 84_874
    assert len(split.links) == 164_686
    halved = split_long_links(whole, "halve")
    assert halved.links.length.max() <= 30e3
    assert halved.links.length.sum() == pytest.approx(whole.links.length.sum(), rel=1e-12)


def test_published_pairs(whole, split, data_folder: Path):
    with gzip.open(data_folder / "shao2025_pairs.csv.gz", "rt", encoding="utf-8") as file:
        _, *pairs = csv.reader(file)
    a, b = (indices(whole, list(column)) for column in zip(*pairs, strict=True))
    paths = PathFinder(whole).paths(a, b)
    assert np.median(paths.length) / 1e3 == pytest.approx(1846, abs=0.5)
    assert paths.length.mean() / 1e3 == pytest.approx(2159, rel=2e-3)
    assert 100 * (paths.length > 300e3).mean() == pytest.approx(96, abs=0.5)
    assert np.median(np.diff(paths.indptr)[:4000] - 1) == 209
    assert PathFinder(split).lengths(a, b) == pytest.approx(paths.length, rel=1e-12)


def test_hierarchy_is_exact_on_the_real_network(split):
    rng = np.random.default_rng(11)
    a, b = rng.integers(len(split), size=(2, 60))
    hierarchy = PathFinder(split, "hierarchy").paths(a, b)
    trees = PathFinder(split, "trees").paths(a, b)
    assert hierarchy.length == pytest.approx(trees.length, rel=1e-13)
    assert np.array_equal(hierarchy.nodes, trees.nodes)


@pytest.mark.parametrize("spacing_km", GRIDS)
def test_station_grid(nodes, spacing_km):
    stations = station_grid(nodes, spacing_km * 1e3)
    lat, lon = nodes.lat_deg[stations], nodes.lon_deg[stations]
    apart = great_circle(lat[:, None], lon[:, None], lat, lon)
    np.fill_diagonal(apart, np.inf)
    number, median = GRIDS[spacing_km]
    assert len(stations) == pytest.approx(number, rel=0.10)
    assert np.median(apart.min(axis=1)) / 1e3 == pytest.approx(median, rel=0.05)


@pytest.mark.parametrize(
    ("spacing_km", "mean_km", "max_km"), [(240, 133, 601), (450, 227, 1234), (700, 338, 944)]
)
def test_fibre_to_the_published_stations(split, data_folder: Path, spacing_km, mean_km, max_km):
    sites = json.loads((data_folder / "shao2025_stations.json").read_text())[str(spacing_km)]
    found = nearest_station(split, indices(split, sites))
    users = ~split.nodes.inserted
    assert found.distance[users].mean() / 1e3 == pytest.approx(mean_km, rel=0.01)
    assert found.distance[users].max() / 1e3 == pytest.approx(max_km, abs=0.5)


def test_cache_gives_the_network_back(nodes, split, monkeypatch, tmp_path):
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path))
    cached_network(nodes, (3, "eight_pieces"), lambda: split)

    def refuse() -> Network:
        raise AssertionError("the network was built again")

    read = cached_network(nodes, (3, "eight_pieces"), refuse)
    assert np.array_equal(read.nodes.ids, split.nodes.ids)
    assert np.array_equal(read.weights, split.weights)
