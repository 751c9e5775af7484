"""Fibre networks from outside."""

from __future__ import annotations

from pathlib import Path

import networkx
import numpy as np
import pytest

from satqn.errors import DataError, InputError, InvalidFileError
from satqn.network.topologies import read_topology, reference_topology
from satqn.sphere import great_circle


def test_coronet_is_one_connected_backbone_of_75_nodes() -> None:
    network = reference_topology("CORONET")
    assert (len(network.ids), len(network.a), len(set(network.ids))) == (75, 100, 75)
    graph = networkx.Graph(list(zip(network.a, network.b, strict=True)))
    assert networkx.is_connected(graph)
    assert len(graph) == 75
    for a, b, length in zip(network.a, network.b, network.length, strict=True):
        straight = great_circle(
            network.lat_deg[a], network.lon_deg[a], network.lat_deg[b], network.lon_deg[b]
        )
        assert length > 0.99 * straight  # no fibre is shorter than the way over ground
    assert sum(network.length) / len(network.length) / 1e3 == pytest.approx(427.1, abs=0.1)


@pytest.mark.data
def test_networks_of_the_collection_are_found_by_short_names() -> None:
    assert len(reference_topology("germany50").ids) == 50
    assert len(reference_topology("sndlib/nobel-us").a) == 21


def test_an_unknown_network_is_an_error_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SATQN_DATA", raising=False)
    with pytest.raises(DataError, match="no fibre network is called 'nowhere'"):
        reference_topology("nowhere")


def test_graphml_as_of_the_topology_zoo(tmp_path: Path) -> None:
    graph = networkx.Graph()
    graph.add_node("0", label="Bonn", Latitude=50.73, Longitude=7.1)
    graph.add_node("1", label="Köln, Nord", Latitude=50.94, Longitude=6.96)
    graph.add_edge("0", "1")
    path = tmp_path / "rhine.graphml"
    networkx.write_graphml(graph, path)
    network = read_topology(path)
    assert network.ids == ("Bonn", "Köln-Nord")
    assert network.length[0] == pytest.approx(float(great_circle(50.73, 7.1, 50.94, 6.96)))
    graph.add_node("2", label="Atlantis")
    networkx.write_graphml(graph, path)
    with pytest.raises(InvalidFileError, match="node 2: it has no position"):
        read_topology(path)


def test_node_link_files(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(
        '{"nodes": [{"id": 1, "pos": [7.1, 50.7]}, {"id": 2, "pos": [8.0, 50.0]}],'
        ' "edges": [{"source": 1, "target": 2, "dist": 120}, {"source": 2, "target": 1, "dist": 110}]}'
    )
    network = read_topology(path)
    assert network.length == (110_000.0,)  # of two parallel fibres the shorter one
    assert np.allclose(network.lat_deg, [50.7, 50.0])
    path.write_text('{"nodes": [], "links": []}')
    with pytest.raises(InvalidFileError, match="no node in it"):
        read_topology(path)
    path.write_text("[1, 2]")
    with pytest.raises(InputError, match="not a node-link file"):
        read_topology(path)
