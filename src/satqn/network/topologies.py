"""Fibre networks from outside: reference networks by name, GraphML (Topology Zoo) and JSON files."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from satqn.documents import parse_json, read_text
from satqn.errors import DataError, InputError, InvalidFileError, Problem
from satqn.extras import how_to_get
from satqn.sphere import great_circle
from satqn.units import KM

REFERENCE_FILE = "reference_fibre_topologies.json"
"""A collection of networks that may lie in the folder of ``SATQN_DATA``."""


@dataclass(frozen=True, slots=True)
class FibreTopology:
    """A fibre network with real lengths.

    Parameters
    ----------
    name
        Of the network.
    ids
        Of the nodes; unique, without blanks.
    lat_deg, lon_deg
        Of the nodes, degrees.
    population
        Of the nodes, or None where it is not known.
    a, b
        Numbers of the ends of each link.
    length
        Of each link, m.
    """

    name: str
    ids: tuple[str, ...]
    lat_deg: tuple[float, ...]
    lon_deg: tuple[float, ...]
    population: tuple[float | None, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]
    length: tuple[float, ...]


def reference_topology(name: str) -> FibreTopology:
    """Return a reference network by its name.

    Parameters
    ----------
    name
        ``CORONET`` ships with satqn; further ones are those of the collection in ``SATQN_DATA`` and of the
        package topohub (``sndlib/germany50``).

    Raises
    ------
    DataError
        No network of that name is at hand.

    Examples
    --------
    >>> network = reference_topology("CORONET")
    >>> len(network.ids), len(network.a)
    (75, 100)
    """
    if name.upper() == "CORONET":
        return _coronet()
    collection = _collection()
    names = {part: key for key in collection for part in _names(key)}
    key = names.get(name.lower())
    if key is not None:
        return _from_graph(key, collection[key]["nodes"], collection[key]["links"])
    try:
        import topohub
    except ImportError:
        topohub = None
    if topohub is not None:
        try:
            graph = topohub.get(name)
        except (KeyError, FileNotFoundError, OSError, ValueError):
            graph = None
        if graph is not None:
            return _from_graph(name, graph["nodes"], graph["edges"])
    known = ", ".join(["CORONET", *sorted(collection)])
    raise DataError(
        f"no fibre network is called {name!r}",
        fix=f"At hand: {known}; many more after {how_to_get('topologies')}",
    )


def _names(key: str) -> tuple[str, ...]:
    """Return what a network ``topohub:sndlib/germany50`` may be called."""
    whole = key.lower()
    return whole.rsplit("/", 1)[-1].rsplit(":", 1)[-1], whole.rsplit(":", 1)[-1], whole


def _coronet() -> FibreTopology:
    data = json.loads((files("satqn.data") / "coronet.json").read_text(encoding="utf-8"))
    ids = [node[0] for node in data["nodes"]]
    number = {name: i for i, name in enumerate(ids)}
    nodes, links = data["nodes"], data["links"]
    return FibreTopology(
        name="CORONET",
        ids=tuple(ids),
        lat_deg=tuple(node[1] for node in nodes),
        lon_deg=tuple(node[2] for node in nodes),
        population=tuple(node[3] for node in nodes),
        a=tuple(number[link[0]] for link in links),
        b=tuple(number[link[1]] for link in links),
        length=tuple(link[2] * KM for link in links),
    )


def _collection() -> dict[str, Any]:
    folder = os.environ.get("SATQN_DATA")
    path = Path(folder).expanduser() / REFERENCE_FILE if folder else None
    if path is None or not path.is_file():
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8")))


def read_topology(path: Path) -> FibreTopology:
    """Read a fibre network from a file.

    Parameters
    ----------
    path
        ``.graphml`` with Latitude and Longitude at the nodes, as in the Topology Zoo, or ``.json`` with
        ``nodes`` (id, lat, lon; or pos) and ``links`` or ``edges`` (source, target, km or dist).

    Raises
    ------
    InputError
        A file that cannot be read, or that lacks positions (InvalidFileError lists them).

    Notes
    -----
    A link without a length gets the distance of its ends on the sphere.
    """
    text = read_text(path, label=path.name)
    if path.suffix.lower() == ".graphml":
        return _from_graphml(path.name, text)
    try:
        data = parse_json(text, path.name)
        nodes, links = data["nodes"], data.get("links", data.get("edges"))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise InputError(
            f"{path.name} is not a node-link file", where="ground.topology.file",
            fix="Give GraphML, or JSON with 'nodes' and 'links'",
        ) from error  # fmt: skip
    return _from_graph(path.name, nodes, links or [])


def _from_graphml(name: str, text: str) -> FibreTopology:
    from xml.etree.ElementTree import ParseError

    import networkx

    try:
        graph = networkx.parse_graphml(text)
    except (ParseError, networkx.NetworkXError, KeyError) as error:
        raise InputError(f"{name} is not GraphML: {error}", where="ground.topology.file") from error
    nodes = [
        {"id": key, "name": data.get("label", key), "lat": data.get("Latitude", data.get("lat")),
         "lon": data.get("Longitude", data.get("lon"))}
        for key, data in graph.nodes(data=True)
    ]  # fmt: skip
    links = [
        {"source": a, "target": b, "km": data.get("length_km", data.get("dist"))}
        for a, b, data in graph.edges(data=True)
    ]
    return _from_graph(name, nodes, links)


def _from_graph(name: str, nodes: list[Any], links: list[Any]) -> FibreTopology:
    """Build a network of plain records; a node without a position is a fault, parallel links are one."""
    problems: list[Problem] = []
    ids: list[str] = []
    lat: list[float] = []
    lon: list[float] = []
    number: dict[Any, int] = {}
    for record in nodes:
        place = _position(record)
        label = "-".join(str(record.get("name") or record["id"]).replace(",", " ").replace("|", " ").split())
        if place is None:
            problems.append(
                Problem(f"{name}: node {record.get('id')}", "it has no position", "give lat and lon")
            )
            continue
        if label in ids:
            label = f"{label}-{record['id']}"
        number[record["id"]] = len(ids)
        ids.append(label)
        lat.append(place[0])
        lon.append(place[1])
    if problems or not ids:
        raise InvalidFileError(name, problems or [Problem(name, "no node in it")])
    shortest: dict[tuple[int, int], float] = {}
    for link in links:
        source, target, km = _link(link)
        if source not in number or target not in number:
            raise InputError(f"{name}: a link of a node that does not exist: {source!r} to {target!r}")
        a, b = sorted((number[source], number[target]))
        if a == b:
            continue
        length = float(great_circle(lat[a], lon[a], lat[b], lon[b])) if km is None else float(km) * KM
        if not (math.isfinite(length) and length > 0):
            raise InputError(f"{name}: the link {ids[a]} to {ids[b]} is {length / KM:g} km long")
        shortest[a, b] = min(length, shortest.get((a, b), math.inf))
    return FibreTopology(
        name, tuple(ids), tuple(lat), tuple(lon), (None,) * len(ids),
        tuple(a for a, _ in shortest), tuple(b for _, b in shortest), tuple(shortest.values()),
    )  # fmt: skip


def _position(record: Mapping[str, Any]) -> tuple[float, float] | None:
    lat, lon = record.get("lat"), record.get("lon")
    if "pos" in record:
        lon, lat = record["pos"]
    try:
        # Whatever a file holds: float() says whether it is a number.
        place = float(lat), float(lon)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None


def _link(record: Any) -> tuple[Any, Any, Any]:
    if isinstance(record, Mapping):
        return record["source"], record["target"], record.get("km", record.get("dist"))
    source, target, *rest = record
    return source, target, rest[0] if rest else None
