"""Fibre networks by name, and the collections of real ones."""

from __future__ import annotations

from pathlib import Path

import networkx
import pytest

from satqn.errors import DataError, InputError, SatqnError
from satqn.network.topologies import Around, Choices, read_topology, reference_topology
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


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError, match="cannot read"):
            read_topology(path)


def zoo(folder: Path) -> list[Path]:
    paths = sorted((folder / "topology-zoo").glob("*.graphml"))
    if not paths:
        pytest.skip("SATQN_DATA has no topology-zoo")
    return paths


NOWHERE = {"Ai3", "Azrena", "Harnet", "IntNetworkmap", "Nsfcnet", "Opteglobe", "Uninet"}
"""Graphs of the Topology Zoo in which no node has a position and no link a length."""

CUT_OFF = {"Zamren"}
"""Published without its end."""


@pytest.mark.data
def test_the_graphs_of_the_topology_zoo_are_read(data_folder: Path) -> None:
    """Every graph that says anywhere where it is; the others with one key more, all but a broken file."""
    refused, read = {}, 0
    for path in zoo(data_folder):
        try:
            network = read_topology(path)
        except SatqnError as error:
            refused[path.stem] = str(error)
            continue
        read += 1
        raw = networkx.read_graphml(path)
        known = sum("Latitude" in facts for _, facts in raw.nodes(data=True))
        assert known <= len(network.ids) <= len(raw)
        assert len(set(network.ids)) == len(network.ids)
        assert max(network.a, default=0) < len(network.ids)
        if 0 < known < len(raw):
            assert "without position" in str(network.remarks) or "left out" in str(network.remarks)
    assert set(refused) == {path.stem for path in zoo(data_folder)} & CUT_OFF
    assert all("is the file whole?" in message for message in refused.values())
    assert read == len(zoo(data_folder)) - len(refused) >= 0.95 * len(zoo(data_folder))
    around = Choices(around=Around(50.0, 10.0, 20e3))
    for name in sorted(NOWHERE & {path.stem for path in zoo(data_folder)}):
        path = data_folder / "topology-zoo" / f"{name}.graphml"
        network = read_topology(path)
        assert "no node has a position (the file says:" in str(network.remarks)
        assert "taken as 100 km long, which is made up" in str(network.remarks)
        assert set(network.length) == {100e3}
        assert network.laid_out
        network = read_topology(path, around)
        assert len(network.ids) == networkx.read_graphml(path).number_of_nodes()
        assert not network.laid_out


@pytest.mark.data
@pytest.mark.parametrize("choice", ["neighbours", "leave_out"])
def test_zoo_graphs_keep_their_known_nodes_whatever_is_chosen(data_folder: Path, choice) -> None:
    for path in zoo(data_folder)[::9]:
        if path.stem in NOWHERE | CUT_OFF:
            continue
        raw = networkx.read_graphml(path)
        known = {
            (float(facts["Latitude"]), float(facts["Longitude"]))
            for _, facts in raw.nodes(data=True)
            if "Latitude" in facts
        }
        network = read_topology(path, Choices(without_position=choice))
        places = set(zip(network.lat_deg, network.lon_deg, strict=True))
        assert known <= places
        if choice == "leave_out":
            assert known == places


@pytest.mark.data
def test_the_networks_of_topohub_are_read() -> None:
    topohub = pytest.importorskip("topohub")
    folder = Path(topohub.__file__).parent / "data"
    kinds = ("sndlib", "topozoo", "caida", "backbone")
    paths = [path for kind in kinds for path in sorted((folder / kind).rglob("*.json"))]
    paths += sorted((folder / "gabriel").rglob("*.json"))[::20]
    assert len(paths) > 250
    drawn = 0
    for path in paths:
        network = read_topology(path)
        assert all(network.given)
        assert len(network.ids) > 1
        assert network.laid_out == ("those of a drawing" in str(network.remarks))
        drawn += network.laid_out
    assert drawn >= 11 + 15  # of SNDlib and of random graphs in a plane
