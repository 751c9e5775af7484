"""From a file to a network: which format it is in, told by its content."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from satqn.errors import InputError, InvalidFileError, Problem
from satqn.network.topologies.assemble import assembled
from satqn.network.topologies.fields import shown
from satqn.network.topologies.geojson import geojson_topology, is_geojson
from satqn.network.topologies.gml import gml_topology
from satqn.network.topologies.graphml import graphml_topology
from satqn.network.topologies.model import Choices, FibreTopology, RawTopology
from satqn.network.topologies.node_link import is_node_link, node_link_topology
from satqn.network.topologies.sequence import is_sequence, sequence_topology
from satqn.network.topologies.sndlib import sndlib_json, sndlib_native, sndlib_xml
from satqn.network.topologies.xml import parse_xml

FORMATS = "GraphML, GML, SNDlib (XML, native, JSON), GeoJSON, JSON of SeQUeNCe, JSON with 'nodes' and 'links'"

_OTHER_XML = {
    "gexf": "GEXF of Gephi: export the graph as GraphML",
    "kml": "KML: convert it to GeoJSON",
    "osm": "OpenStreetMap data: osmnx writes it as GraphML",
    "FeatureCollection": "Geography Markup Language: convert it to GeoJSON",
}
"""Roots of other formats of networks and maps, and what to do with them."""


def read_topology(path: Path, choices: Choices | None = None) -> FibreTopology:
    """Read a fibre network from a file; what it holds says which format it is in, not its name.

    Parameters
    ----------
    path
        GraphML, GML, SNDlib (XML, native or JSON), GeoJSON, a topology of SeQUeNCe, or JSON with ``nodes``
        and ``links`` or ``edges``.
    choices
        How what the file leaves open is read; by default nodes without a position are put at the mean of
        their neighbours.

    Raises
    ------
    InputError
        A file that cannot be read, or in no format that is known; with faults (InvalidFileError) all of them.

    Notes
    -----
    Names of lengths and positions are those in use: ``length_km``, ``LinkLength``, ``dist``, ``distance_m``,
    ``Latitude``, ``lat``, ``lat_deg``, ``lng`` and more, in any case. A link without a length gets the
    distance of its ends on the sphere.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path.name}: {error.strerror or error}") from error
    return assembled(raw_topology(content, path.name), path.name, choices or Choices())


def raw_topology(content: bytes, name: str) -> RawTopology:
    """Return what a file says, before it is judged.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        Of the file.

    Raises
    ------
    InputError
        As :func:`read_topology`.
    """
    if (
        content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
        or content[:4].strip(b"\xff\xfe\0")[:1] == b"<"
    ):
        return _of_xml(content, name)
    text = decoded(content, name)
    start = text.lstrip()
    if start[:1] in ("{", "["):
        return _of_json(text, name)
    words = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    first = words[0] if words else ""
    if first.startswith("?SNDlib") or first.split("(")[0].strip() in ("META", "NODES", "LINKS"):
        return sndlib_native(text, name)
    if first.split(" ")[0].rstrip("[") in ("graph", "Creator", "Version", "comment", "directed"):
        return gml_topology(text, name)
    what = f"{name} is no network: it begins with {shown(first)}" if first else f"{name} is empty"
    raise InputError(what, fix=f"Formats: {FORMATS}")


def _of_xml(content: bytes, name: str) -> RawTopology:
    root = parse_xml(content, name)
    if root.tag == "graphml":
        return graphml_topology(root, name)
    if root.tag == "network" or root.first("networkStructure") is not None:
        return sndlib_xml(root, name)
    raise InputError(f"{name} is XML, but no network that is known: <{clipped(root.tag)}>",
                     fix=_OTHER_XML.get(root.tag, f"Formats: {FORMATS}"))  # fmt: skip


def _of_json(text: str, name: str) -> RawTopology:
    document = json_document(text, name)
    readers: list[tuple[bool, Callable[[Mapping[str, Any], str], RawTopology]]] = [
        (is_geojson(document), geojson_topology),
        (is_sequence(document), sequence_topology),
        (_is_sndlib(document), sndlib_json),
        (is_node_link(document), node_link_topology),
    ]
    for fits, reader in readers:
        if fits:
            return reader(document, name)
    raise InputError(f"{name} is not a node-link file",
                     fix=f"Give 'nodes' and 'links', or another format: {FORMATS}")  # fmt: skip


def _is_sndlib(document: Any) -> bool:
    if not isinstance(document, Mapping):
        return False
    nodes = document.get("nodes")
    return (
        isinstance(document.get("network"), Mapping)
        or isinstance(document.get("networkStructure"), Mapping)
        or (
            isinstance(nodes, Mapping) and ("node" in nodes or any("coordinatesType" in key for key in nodes))
        )
    )


def json_document(text: str, name: str) -> Any:
    """Return what JSON says; a key that stands twice in one object is a fault.

    Raises
    ------
    InvalidFileError
        Not JSON, nested too deeply, or with keys that stand twice.
    """
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            twice.extend(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        return record

    try:
        document = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        problem = Problem(f"{name}:{error.lineno}:{error.colno}", f"not valid JSON: {error.msg}")
        raise InvalidFileError(name, [problem]) from error
    except RecursionError as error:
        raise InvalidFileError(name, [Problem(name, "nested too deeply", "this is no network")]) from error
    except ValueError as error:
        # Integers of thousands of digits.
        raise InvalidFileError(name, [Problem(name, "a number has thousands of digits")]) from error
    if twice:
        keys = [Problem(name, f"the key {key!r} stands twice in one object", "keep one of them")
                for key in dict.fromkeys(map(clipped, twice))]  # fmt: skip
        raise InvalidFileError(name, keys)
    return document


def decoded(content: bytes, name: str) -> str:
    """Return bytes as text: UTF-8 with or without its mark, or UTF-16 with its mark.

    Raises
    ------
    InvalidFileError
        Another encoding; the line, and which one it looks like.
    """
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        sign = bytes([byte]).decode("cp1252", "replace")
        seen = f"; in Windows-1252 it is {sign!r}" if sign.isprintable() and sign != "�" else ""
        what = f"the byte 0x{byte:02x} is not UTF-8{seen}"
        raise InvalidFileError(name, [Problem(f"{name}:{line}", what, "save the file as UTF-8")]) from error


def clipped(text: str) -> str:
    """Return text short enough for a message."""
    return text if len(text) <= 60 else text[:57] + "…"
