"""JSON with nodes and links: networkx, D3, topohub, vis.js, Cytoscape, and what people write by hand."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from satqn.errors import InvalidFileError, Problem, shown
from satqn.network.topologies.fields import found
from satqn.network.topologies.model import RawLink, RawNode, RawTopology

_SOURCE = ("source", "from", "node1", "a", "src")
_TARGET = ("target", "to", "node2", "b", "dst")
_KNOWN = ("nodes", "links", "edges")


def is_node_link(document: Any) -> bool:
    """Whether a JSON document could be one of nodes and links, however its keys are written."""
    return isinstance(document, Mapping) and any(
        isinstance(key, str) and key.casefold() in (*_KNOWN, "elements") for key in document
    )


def node_link_topology(document: Mapping[str, Any], name: str) -> RawTopology:
    """Read a network from a JSON object with ``nodes`` and with ``links`` or ``edges``.

    Raises
    ------
    InvalidFileError
        Keys in other letters, links and edges at once, or records that are none; all at once.

    Notes
    -----
    A node is an object or a bare id; without ids anywhere links give numbers of nodes, as in D3. A link is an
    object, or a list of its ends and its length.
    """
    if isinstance(document.get("elements"), Mapping):
        document = document["elements"]
    problems = list(_key_problems(document, name))
    nodes = list(_nodes(document.get("nodes"), name, problems))
    key = "links" if document.get("links") or "edges" not in document else "edges"
    links = list(_links(document.get(key), key, name, problems))
    if problems:
        raise InvalidFileError(name, problems)
    about = document.get("graph")
    drawn = any(_is_drawn(node.facts.get("pos")) for node in nodes)
    return RawTopology(
        [_without_drawing(node) for node in nodes] if drawn else nodes,
        links,
        about=about if isinstance(about, Mapping) else {},
        drawn="the positions (pos) are no degrees but those of a drawing" if drawn else "",
    )


def _is_drawn(at: Any) -> bool:
    """Whether a list of two numbers without a name can be no longitude and latitude."""
    if not isinstance(at, list) or not all(isinstance(x, int | float) for x in at[:2]) or len(at) < 2:
        return False
    return bool(abs(at[0]) > 360.0 or abs(at[1]) > 90.0)


def _without_drawing(node: RawNode) -> RawNode:
    at = node.facts.get("pos")
    if not isinstance(at, list):
        return node
    facts = {
        key: value for key, value in node.facts.items() if key not in ("pos", "lon", "lat", "altitude_m")
    }
    return RawNode(node.id, node.label, node.place, facts)


def _key_problems(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for key in document:
        if key not in _KNOWN and key.casefold() in _KNOWN:
            yield Problem(name, f"unknown key {key!r}", f"did you mean {key.casefold()!r}?")
    if "nodes" not in document and not any(key.casefold() == "nodes" for key in document):
        yield Problem(name, "the key 'nodes' is missing", _nearest("nodes", document))
    if document.get("links") and document.get("edges"):
        yield Problem(name, "'links' and 'edges' at once", "keep one of them")
    if not any(key.casefold() in ("links", "edges") for key in document):
        yield Problem(name, "the key 'links' is missing", _nearest("links", document))


def _nearest(key: str, document: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, [other for other in document if other not in _KNOWN], n=1)
    return f"is {near[0]!r} it?" if near else f"give {key!r}, a list; it may be empty"


def _nodes(part: Any, name: str, problems: list[Problem]) -> Iterator[RawNode]:
    if isinstance(part, Mapping):
        part = [
            {"id": key, **value} if isinstance(value, Mapping) else {"id": key, "pos": value}
            for key, value in part.items()
        ]
    if part is None:
        return
    if not isinstance(part, list):
        problems.append(Problem(name, f"'nodes' is {shown(part)}", "give a list of nodes"))
        return
    records = [_unwrapped(record) for record in part]
    numbered = not any(isinstance(r, Mapping) and "id" in r for r in records) and all(
        isinstance(r, Mapping) for r in records
    )
    for i, record in enumerate(records):
        place = f"nodes[{i}]"
        if isinstance(record, str | int) and not isinstance(record, bool):
            yield RawNode(record, None, place, {})
        elif not isinstance(record, Mapping):
            problems.append(
                Problem(f"{name}: {place}", f"{shown(record)} is no node", "give an object with an id")
            )
        elif numbered:
            yield RawNode(i, record.get("name", record.get("label")), place, _flat(record))
        elif not isinstance(record.get("id"), str | int | float) or isinstance(record.get("id"), bool):
            what = (
                "a node without an id" if "id" not in record else f"the id {shown(record['id'])} is no name"
            )
            problems.append(Problem(f"{name}: {place}", what, "give 'id', a text or a number"))
        else:
            label = found(record, ("name", "label", "title"))
            yield RawNode(record["id"], label[1] if label else None, place, _flat(record))


def _unwrapped(record: Any) -> Any:
    """Return the facts of an element of Cytoscape, which stand under ``data`` and ``position``."""
    if isinstance(record, Mapping) and isinstance(record.get("data"), Mapping):
        return record["data"]
    return record


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a node, with those of a position that is an object or a list among them.

    A list is longitude and latitude, as in GeoJSON and topohub.
    """
    facts = {key: value for key, value in record.items() if key not in ("id", "name", "label")}
    for key in ("pos", "position", "coordinates", "coords", "location", "geo"):
        at = facts.get(key)
        if isinstance(at, Mapping):
            facts = {**at, **facts}
        elif isinstance(at, list) and len(at) in (2, 3) and key in ("pos", "coordinates"):
            facts = {"lon": at[0], "lat": at[1], **({"altitude_m": at[2]} if len(at) == 3 else {}), **facts}
    return facts


def _links(part: Any, key: str, name: str, problems: list[Problem]) -> Iterator[RawLink]:
    if part is None:
        return
    if not isinstance(part, list):
        problems.append(Problem(name, f"{key!r} is {shown(part)}", "give a list of links"))
        return
    for i, whole in enumerate(part):
        place, record = f"{key}[{i}]", _unwrapped(whole)
        if isinstance(record, list) and 2 <= len(record) <= 3:
            yield RawLink(record[0], record[1], place, {"length": record[2]} if len(record) == 3 else {})
            continue
        if not isinstance(record, Mapping):
            what = f"{shown(record)} is no link"
            problems.append(Problem(f"{name}: {place}", what, "give an object with source and target"))
            continue
        ends = record.get("ends")
        one, other = found(record, _SOURCE), found(record, _TARGET)
        if isinstance(ends, list) and len(ends) == 2:
            yield RawLink(ends[0], ends[1], place, record)
        elif one is None or other is None:
            missing = " and ".join(n for n, end in (("source", one), ("target", other)) if end is None)
            problems.append(Problem(f"{name}: {place}", f"a link without {missing}", "name both ends"))
        else:
            used = (one[0], other[0])
            facts = {k: v for k, v in record.items() if k not in used}
            yield RawLink(_node_meant(one[1]), _node_meant(other[1]), place, facts)


def _node_meant(end: Any) -> Any:
    """Return the id of an end; D3 puts the whole node there once it has drawn the network."""
    return end.get("id", end.get("name")) if isinstance(end, Mapping) else end
