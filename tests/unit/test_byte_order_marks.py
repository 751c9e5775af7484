"""A byte order mark, and UTF-16 with one, are no fault of any file that satqn reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from satqn.network.topologies import read_topology
from satqn.orbits.catalogue import read_catalogue
from satqn.routing.instance_file import load_instance
from satqn.routing.plan_file import load_plan
from satqn.scenario.load import load_any
from satqn.simulate.chain_file import load_chain
from satqn.topology.tables import table_nodes

GOLDEN = Path(__file__).parents[1] / "golden"
CHAIN = """format: satqn-chain
version: 1
name: two links
links:
  - {count: 2, success_probability: 0.5, attempt_time_s: 1.0e-3, fidelity: 0.98}
memory: {dephasing_time_s: 0.1}
"""
NATIVE = "?SNDlib native format; type: network; version: 1.0\nNODES (\n A ( 1 2 )\n)\nLINKS (\n)\n"
GML = 'graph [ node [ id 1 label "A" lat 1 lon 2 ] ]'
TLE = (GOLDEN / "broken" / "parts" / "micius.tle").read_text()
INSTANCE = (GOLDEN / "public" / "36-instance-bom" / "i.json").read_text(encoding="utf-8-sig")
TOPOLOGY = '{"nodes": [{"id": "A", "lat": 1, "lon": 2}], "links": []}'
SCENARIO = (GOLDEN / "public" / "39-json-true-length" / "t.yaml").read_text()


@pytest.mark.parametrize(("name", "text", "read"), [
    ("s.yaml", SCENARIO, load_any),
    ("i.json", INSTANCE, load_instance),
    ("c.yaml", CHAIN, load_chain),
    ("c.json", json.dumps({"format": "satqn-chain", "version": 1, "name": "two", "links": [
        {"count": 2, "success_probability": 0.5, "attempt_time_s": 1e-3, "fidelity": 0.98}]}), load_chain),
    ("g.csv", "id,lat_deg,lon_deg\nA,1,2\n", table_nodes),
    ("n.json", TOPOLOGY, read_topology),
    ("n.gml", GML, read_topology),
    ("n.txt", NATIVE, read_topology),
    ("n.graphml", (GOLDEN / "public" / "19-graphml-blank-label" / "n.graphml").read_text(), read_topology),
    ("m.tle", TLE, read_catalogue),
], ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "")  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_with_a_mark(tmp_path, monkeypatch, name, text, read, encoding):
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOLDEN / "public" / "39-json-true-length" / "n.json", tmp_path / "other.json")
    plain, marked = Path("plain") / name, Path("marked") / name
    for path in (plain, marked):
        path.parent.mkdir()
    plain.write_text(text, encoding="utf-8")
    declared = text.replace('encoding="UTF-8"', 'encoding="UTF-16"') if encoding == "utf-16" else text
    marked.write_text(declared, encoding=encoding)
    read(plain)
    read(marked)


def test_a_plan_with_a_mark(tmp_path, monkeypatch):
    from satqn.cli import main

    monkeypatch.chdir(tmp_path)
    Path("i.json").write_text(INSTANCE, encoding="utf-8")
    assert main(["plan", "i.json", "-o", "p.json"]) == 0
    written = Path("p.json").read_text(encoding="utf-8")
    plain = load_plan("p.json")
    Path("p.json").write_text(written, encoding="utf-8-sig")
    assert load_plan("p.json") == plain
    assert main(["check", "i.json", "p.json"]) == 0
