"""Topologies of SeQUeNCe: true to the network, complete for its reader, and read by it where it is installed."""

from __future__ import annotations

import heapq
import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.cli import main
from satqn.errors import InputError
from satqn.model.hardware import FibreHardware
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.physics.bell import elementary_fidelity
from satqn.physics.fiber import segment_success
from satqn.reports.exports.fibre_graph import FibreGraph
from satqn.reports.exports.sequence import remarks, sequence_text, sequence_topology
from satqn.scenario.load import load_any
from satqn.topology.expand import expand
from satqn.topology.fibres import fibre_chosen, fibre_lengths

ENDS = [(0, 1), (1, 2), (2, 3), (0, 3), (4, 5)]
LENGTHS = [20e3, 31.3e3, 7e3, 90e3, 12e3]


def graph(ends=ENDS, lengths=LENGTHS, nodes=7, **hardware) -> FibreGraph:
    a, b = np.array(ends).T
    names = tuple(f"n{i}" for i in range(nodes))
    return FibreGraph(names, a, b, np.array(lengths), FibreHardware(**hardware))


def shortest(one: FibreGraph, start: int) -> dict[int, float]:
    """Dijkstra by hand."""
    found: dict[int, float] = {}
    queue = [(0.0, start)]
    while queue:
        way, node = heapq.heappop(queue)
        if node in found:
            continue
        found[node] = way
        for a, b, length in zip(one.a, one.b, one.length, strict=True):
            for here, there in ((a, b), (b, a)):
                if here == node:
                    heapq.heappush(queue, (way + length, int(there)))
    return found


def success(topology: dict, connection: dict) -> float:
    """The probability of an attempt by the words of the file: Barrett and Kok 2005, two photons, one in two."""
    loss_db = connection["attenuation"] * connection["distance"]
    template = topology["templates"][connection["template"]]
    part = template["SingleAtomBSM" if template["encoding_type"] == "single_atom" else "SingleHeraldedBSM"]
    one, other = (detector["efficiency"] for detector in part["detectors"])
    emitted = topology["templates"]["ions"]["MemoryArray"]["efficiency"]
    return 0.5 * one * other * emitted**2 * 10 ** (-loss_db / 10)


@pytest.mark.parametrize("generation", ["barrett-kok", "single-heralded"])
@given(
    length=st.floats(1.0, 300e3),
    attenuation=st.floats(1e-6, 1e-4),
    efficiency=st.floats(0.01, 1.0),
    emission=st.floats(1e-7, 1e-2),
)
@settings(max_examples=60, deadline=None)
def test_an_attempt_succeeds_as_often_as_here(generation, length, attenuation, efficiency, emission) -> None:
    one = graph([(0, 1)], [length], 2, attenuation_per_m=attenuation, detector_efficiency=efficiency,
                emission_time=emission)  # fmt: skip
    topology = sequence_topology(one, generation=generation)
    (connection,) = topology["qconnections"]
    assert abs(connection["distance"] - length) <= 1.0
    assert connection["distance"] % 2 == 0  # its reader halves it and drops fractions
    exact = segment_success(connection["distance"] / 2, connection["distance"] / 2, one.hardware)
    assert success(topology, connection) == pytest.approx(float(exact), rel=1e-12)
    array = topology["templates"]["ions"]["MemoryArray"]
    assert array["frequency"] * emission == pytest.approx(1.0)
    assert array["fidelity"] == elementary_fidelity(0.99, 0.99)


def test_everything_that_the_reader_asks_for_is_there() -> None:
    topology = json.loads(sequence_text(sequence_topology(graph(), stop_time=0.25, seed=5)))
    names = [node["name"] for node in topology["nodes"]]
    assert names == [f"n{i}" for i in range(7)]
    for node in topology["nodes"]:
        assert {"name", "type", "seed", "memo_size", "template"} == set(node)
        assert node["type"] == "QuantumRouter"
        assert node["template"] in topology["templates"]
    for connection in topology["qconnections"]:
        assert connection["type"] == "meet_in_the_middle"
        assert connection["template"] in topology["templates"]
        assert isinstance(connection["distance"], int)
    along = {frozenset((c["node1"], c["node2"])) for c in topology["qconnections"]}
    assert along <= {frozenset((c["node1"], c["node2"])) for c in topology["cconnections"]}
    seeds = [part["seed"] for part in topology["nodes"] + topology["qconnections"]]
    assert len(set(seeds)) == len(seeds)
    assert topology["stop_time"] == 250_000_000_000
    assert topology["formalism"] == "ket_vector"


def test_memories_are_the_ion_pairs_of_every_fibre_or_as_many_as_said() -> None:
    one = graph(ion_pairs=3)
    assert [n["memo_size"] for n in sequence_topology(one)["nodes"]] == [6, 6, 6, 6, 3, 3, 0]
    assert {n["memo_size"] for n in sequence_topology(one, memories=8)["nodes"]} == {8}


def test_messages_take_the_shortest_way() -> None:
    one = graph()
    rows = sequence_topology(one)["cconnections"]
    told = {(c["node1"], c["node2"]): c["delay"] for c in rows}
    assert len(told) == len(rows)
    for i, j in combinations(range(len(one)), 2):
        way = shortest(one, i).get(j)
        delay = told.get((f"n{i}", f"n{j}"))
        assert (way is None) == (delay is None)
        if way is not None:
            assert delay == pytest.approx(way / 2e8 * 1e12, abs=1.0)
    near = sequence_topology(one, classical="neighbours")["cconnections"]
    assert len(near) == len(one.a)


def test_same_seed_same_file_other_seed_other_file() -> None:
    texts = [sequence_text(sequence_topology(graph(), seed=seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_fibres_of_a_plan_get_their_repeaters() -> None:
    scenario = expand(load_any("metro-pair", {"fibre.least_fidelity": 0.55})).scenario
    made = FibreGraph.of_scenario(scenario)
    fibres = fibre_lengths(scenario)
    segments = [max(fibre_chosen(scenario, length)[0], 1) for *_, length in fibres]
    assert made.a.size == sum(segments)
    assert len(made) == len(scenario.ground.nodes) + sum(n - 1 for n in segments)
    assert made.length.sum() == pytest.approx(sum(length for *_, length in fibres))
    start = {name: i for i, name in enumerate(made.names)}
    for a, b, length in fibres:
        assert shortest(made, start[a])[start[b]] <= length * (1 + 1e-12)
    assert 0 < made.direct < len(fibres)
    assert any("without photon repeater" in line for line in remarks(made))


def test_every_link_of_a_hybrid_network_is_a_segment() -> None:
    nodes = NodeTable(np.array(["x", "y", "z"]), np.zeros(3), np.zeros(3), np.ones(3), np.zeros(3, bool))
    network = Network.from_tables(nodes, LinkTable(np.array([0, 1]), np.array([1, 2]), np.array([5e3, 6e3])))
    made = FibreGraph.of_network(network, FibreHardware())
    assert made.names == ("x", "y", "z")
    assert [c["distance"] for c in sequence_topology(made)["qconnections"]] == [5000, 6000]


def test_what_does_not_fit_is_said() -> None:
    assert remarks(graph(nodes=6, ion_swap_fidelity=1.0)) == []
    said = " ".join(remarks(graph(light_speed=1.9e8)))
    for word in ("1.9e+08 m/s", "0.99", "1 node has no fibre"):
        assert word in said


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"memories": 0}, "0 memories"),
        ({"stop_time": 0.0}, "stop time of 0"),
        ({"stop_time": float("inf")}, "inf"),
        ({"seed": -1}, "-1"),
    ],
)
def test_wrong_values_are_refused(change, word) -> None:
    with pytest.raises(InputError, match=word):
        sequence_topology(graph(), **change)


def test_networks_that_it_cannot_hold_are_refused() -> None:
    with pytest.raises(InputError, match="several fibres"):
        graph([(0, 1), (1, 0)], [1e3, 2e3], 2)
    with pytest.raises(InputError, match="called 'x'"):
        FibreGraph(("x", "x"), np.array([0]), np.array([1]), np.array([1e3]), FibreHardware())
    with pytest.raises(InputError, match=r"fidelity 0\.4"):
        sequence_topology(graph(photonic_bsm_fidelity=0.4))


def test_command(tmp_path, capsys) -> None:
    target = tmp_path / "topology.json"
    assert main(["export", "sequence", "metro-pair", "--memories", "4", "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "links through free space are left out" in err
    topology = json.loads(target.read_text())
    assert {node["memo_size"] for node in topology["nodes"]} == {4}
    assert main(["export", "sequence", "metro-pair", "--memories", "4"]) == 0
    assert capsys.readouterr().out == target.read_text()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["us-cities"], "--all"),
        (["zhang2024"], "no fibre lengths"),
        (["global-leo"], "no fibre"),
        (["metro-pair", "--stop-time-s", "-1"], "stop time of -1"),
    ],
)
def test_command_refuses(words, word, capsys) -> None:
    assert main(["export", "sequence", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert word in err


@pytest.mark.parametrize("generation", ["barrett-kok", "single-heralded"])
def test_sequence_reads_it(generation, tmp_path) -> None:
    topologies = pytest.importorskip(
        "sequence.topology.router_net_topo", reason="SeQUeNCe is not installed (pip install sequence)"
    )
    one = graph()
    path = tmp_path / "topology.json"
    path.write_text(sequence_text(sequence_topology(one, generation=generation, memories=2)))
    read = topologies.RouterNetTopo(str(path))
    routers = {node.name: node for node in read.get_nodes_by_type("QuantumRouter")}
    assert set(routers) == set(one.names)
    assert len(read.get_nodes_by_type("BSMNode")) == len(one.a)
    arms = {(c.sender.name, c.receiver): c for c in read.get_qchannels()}
    for a, b, length in zip(one.a, one.b, one.length, strict=True):
        first, second = one.names[a], one.names[b]
        assert routers[first].map_to_middle_node[second] == f"BSM.{first}.{second}"
        for end in (first, second):
            assert abs(arms[end, f"BSM.{first}.{second}"].distance - length / 2) <= 0.5
