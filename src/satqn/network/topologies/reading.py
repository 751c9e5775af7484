"""From a file to a network: which format it is in, told by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from satqn.documents import decode, parse_json, read_bytes
from satqn.errors import InputError, cut, shown
from satqn.network.topologies.assemble import assembled
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
    content = read_bytes(path, label=path.name)
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
    text = decode(content, name)
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
    raise InputError(f"{name} is XML, but no network that is known: <{cut(root.tag, 60)}>",
                     fix=_OTHER_XML.get(root.tag, f"Formats: {FORMATS}"))  # fmt: skip


def _of_json(text: str, name: str) -> RawTopology:
    document = parse_json(text, name)
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
                     fix=f"Formats: {FORMATS}")  # fmt: skip


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
