"""What satqn writes for other programs it reads again as a fibre network."""

from __future__ import annotations

from pathlib import Path

import pytest

from satqn.cli import main
from satqn.network.topologies import Choices, FibreTopology, read_topology

SCENARIO = """study: plan
name: ring
time: {start: 2026-06-21T00:00:00Z, horizon_s: 600, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: Köln, lat_deg: 50.94, lon_deg: 6.96, altitude_m: 50}
    - {id: Bonn, lat_deg: 50.73, lon_deg: 7.1, altitude_m: 60}
    - {id: "Aachen#1", lat_deg: 50.78, lon_deg: 6.08}
    - {id: Deutz, lat_deg: 50.94, lon_deg: 6.96}
haps:
  - {id: HAP, lat_deg: 50.8, lon_deg: 6.9, altitude_km: 20, terminal: hap-15cm}
satellites:
  - {id: GEO, geostationary: {lon_deg: [10]}, terminal: satellite-30cm}
fibre:
  links:
    - {ends: [Köln, Bonn], length_km: 36.5}
    - {ends: ["Aachen#1", Köln], length_km: 81.25}
    - {ends: [Deutz, Köln]}
demands: [{source: Bonn, destination: "Aachen#1", target_fidelity: 0.8}]
"""
PLACES = {"Köln": (50.94, 6.96), "Bonn": (50.73, 7.1), "Aachen#1": (50.78, 6.08), "Deutz": (50.94, 6.96)}
LENGTHS = {
    frozenset(("Köln", "Bonn")): 36.5e3,
    frozenset(("Aachen#1", "Köln")): 81.25e3,
    frozenset(("Köln", "Deutz")): 0.0,
}


@pytest.fixture
def exported(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SCENARIO, encoding="utf-8")

    def export(kind: str) -> Path:
        assert main(["export", kind, "s.yaml"]) == 0
        path = Path(f"back.{kind}")
        path.write_text(capsys.readouterr().out, encoding="utf-8")
        return path

    return export


def by_name(network: FibreTopology) -> dict[frozenset[str], float]:
    ends = zip(network.a, network.b, network.length, strict=True)
    return {frozenset((network.ids[a], network.ids[b])): length for a, b, length in ends}


@pytest.mark.parametrize("kind", ["graphml", "geojson"])
def test_positions_and_lengths_come_back(exported, kind):
    network = read_topology(exported(kind))
    assert set(network.ids) == set(PLACES)
    for name, lat, lon in zip(network.ids, network.lat_deg, network.lon_deg, strict=True):
        assert (lat, lon) == pytest.approx(PLACES[name], abs=1e-5)
    assert by_name(network) == {ends: pytest.approx(length, abs=1e-3) for ends, length in LENGTHS.items()}
    assert "left out" in " ".join(network.remarks)


def test_sequence_comes_back_with_its_repeaters(exported):
    path = exported("sequence")
    positions = {name: (*place, 0.0) for name, place in PLACES.items()}
    network = read_topology(path, Choices(positions=positions))
    assert set(PLACES) <= set(network.ids)
    assert sum(network.length) == pytest.approx(sum(LENGTHS.values()), abs=2 * len(network.a))
    assert not network.laid_out
    between = [name for name in network.ids if "~" in name]
    assert all(6.0 < network.lon_deg[network.ids.index(name)] < 7.2 for name in between)
    assert read_topology(path).laid_out


def test_a_resolved_scenario_is_the_same_network_again(exported, capsys):
    exported("graphml")
    head, _, tail = SCENARIO.partition("ground:\n")
    text = f"{head}ground:\n  topology: {{file: back.graphml}}\ndemands:{tail.partition('demands:')[2]}"
    Path("t.yaml").write_text(text, encoding="utf-8")
    assert main(["validate", "t.yaml"]) == 0
    assert "4 ground nodes" in capsys.readouterr().out
