"""SNDlib, the library of survivable network design: its XML, its native text and its JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from satqn.errors import InvalidFileError, Problem
from satqn.network.topologies.model import RawLink, RawNode, RawTopology
from satqn.network.topologies.xml import Element

_DRAWN = "the positions are pixels of a drawing (coordinatesType), not degrees"
_NODE = re.compile(r"(?P<id>\S+)(?:\s*\(\s*(?P<x>[^\s()]+)\s+(?P<y>[^\s()]+)\s*\))?")
_LINK = re.compile(r"\S+\s*\(\s*(?P<a>[^\s()]+)\s+(?P<b>[^\s()]+)\s*\).*")
_SECTION = re.compile(r"(?P<name>[A-Z_]+)\s*\(\s*(?P<end>\))?")


def sndlib_xml(root: Element, name: str) -> RawTopology:
    """Read a network from the XML of SNDlib; its demands and capacities are not taken.

    Raises
    ------
    InvalidFileError
        There is no networkStructure, or a link lacks an end.
    """
    structure = root.first("networkStructure") or root
    places, fibres = structure.first("nodes"), structure.first("links")
    if places is None:
        what = "there are no nodes in it"
        raise InvalidFileError(name, [Problem(f"{name}:{root.line}", what, "SNDlib has <nodes> and <links>")])
    drawn = places.attributes.get("coordinatesType", "geographical") != "geographical"
    nodes = []
    for element in places.all("node"):
        at = element.first("coordinates")
        facts = {} if at is None or drawn else {child.tag: child.text.strip() for child in at.children}
        own = element.attributes.get("id", "")
        nodes.append(RawNode(own, own, f"line {element.line}", facts))
    links = []
    for element in fibres.all("link") if fibres is not None else ():
        ends = [element.first(tag) for tag in ("source", "target")]
        texts = [end.text.strip() if end is not None else "" for end in ends]
        links.append(RawLink(texts[0], texts[1], f"line {element.line}", _more(element)))
    return RawTopology(nodes, links, geographic=True, drawn=_DRAWN if drawn else "")


def _more(element: Element) -> dict[str, Any]:
    """Return what else stands at a link: some files have a length."""
    return {
        child.tag: child.text.strip()
        for child in element.children
        if child.tag not in ("source", "target") and not child.children
    }


def sndlib_native(text: str, name: str) -> RawTopology:
    """Read a network from the native text of SNDlib; its demands and capacities are not taken.

    Raises
    ------
    InvalidFileError
        A line of the nodes or links that is none.
    """
    nodes: list[RawNode] = []
    links: list[RawLink] = []
    problems: list[Problem] = []
    for section, line, number in _lines(text):
        place = f"line {number}"
        if section == "NODES":
            match = _NODE.fullmatch(line)
            if match is None:
                problems.append(
                    Problem(f"{name}:{number}", "not a node", "write NAME ( LONGITUDE LATITUDE )")
                )
                continue
            facts = {key: match[key] for key in ("x", "y") if match[key] is not None}
            nodes.append(RawNode(match["id"], match["id"], place, facts))
        elif section == "LINKS":
            match = _LINK.fullmatch(line)
            if match is None:
                problems.append(Problem(f"{name}:{number}", "not a link", "write NAME ( SOURCE TARGET ) …"))
                continue
            links.append(RawLink(match["a"], match["b"], place, {}))
    if problems:
        raise InvalidFileError(name, problems)
    drawn = any(not _in_degrees(node.facts) for node in nodes)
    if drawn:
        nodes = [RawNode(node.id, node.label, node.place, {}) for node in nodes]
    what = "the positions are no degrees but those of a drawing"
    return RawTopology(nodes, links, geographic=True, drawn=what if drawn else "")


def _lines(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield section, line and number of every line within a section."""
    section = ""
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole.partition("#")[0].strip()
        if not line or line.startswith("?"):
            continue
        begins = _SECTION.fullmatch(line)
        if not section and begins is not None:
            section = "" if begins["end"] else begins["name"]
        elif line == ")":
            section = ""
        elif section:
            yield section, line, number


def _in_degrees(facts: Mapping[str, Any]) -> bool:
    """Whether x and y could be longitude and latitude; the native text does not say what they are."""
    try:
        return abs(float(facts.get("x", 0.0))) <= 360.0 and abs(float(facts.get("y", 0.0))) <= 90.0
    except ValueError:
        return True


def sndlib_json(document: Mapping[str, Any], name: str) -> RawTopology:
    """Read a network from SNDlib written as JSON: the elements of its XML as keys.

    Raises
    ------
    InvalidFileError
        There are no nodes in it.

    Notes
    -----
    Attributes may begin with ``@`` or ``_``, as converters of XML write them, and elements may stand as a
    list, alone, or under the name of their tag (``nodes: {node: […]}``).
    """
    structure: Any = document
    for key in ("network", "networkStructure"):
        structure = structure.get(key, structure) if isinstance(structure, Mapping) else structure
    places = structure.get("nodes") if isinstance(structure, Mapping) else None
    if not places:
        raise InvalidFileError(
            name, [Problem(name, "there are no nodes in it", "SNDlib has nodes and links")]
        )
    kind = _attribute(places, "coordinatesType") or _attribute(structure, "coordinatesType")
    drawn = kind not in (None, "geographical")
    nodes = []
    for i, record in enumerate(_records(places, "node")):
        at = record.get("coordinates", record)
        facts = {k: v for k, v in at.items() if not drawn} if isinstance(at, Mapping) else {}
        own = _attribute(record, "id")
        nodes.append(RawNode(own, own, f"nodes[{i}]", facts))
    links = []
    for i, record in enumerate(_records(structure.get("links") or [], "link")):
        facts = {k: v for k, v in record.items() if not isinstance(v, list | Mapping)}
        ends = [facts.pop(key, None) for key in ("source", "target")]
        links.append(RawLink(ends[0], ends[1], f"links[{i}]", facts))
    return RawTopology(nodes, links, geographic=True, drawn=_DRAWN if drawn else "")


def _attribute(record: Any, name: str) -> Any:
    keys = (name, f"@{name}", f"_{name}", f"-{name}")
    return next((record[key] for key in keys if key in record), None) if isinstance(record, Mapping) else None


def _records(part: Any, tag: str) -> list[Mapping[str, Any]]:
    """Return records that stand as a list, alone, by name, or under a tag."""
    if isinstance(part, Mapping):
        if tag in part:
            return _records(part[tag], tag)
        if _attribute(part, "id") is not None:
            return [part]
        return [{"id": key, **value} for key, value in part.items() if isinstance(value, Mapping)]
    return [record for record in part if isinstance(record, Mapping)] if isinstance(part, list) else []
