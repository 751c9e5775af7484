"""GraphML: the Topology Zoo, networkx, yEd, Gephi, OSMnx and satqn's own export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from satqn.errors import InvalidFileError, Problem
from satqn.network.topologies.model import RawLink, RawNode, RawTopology
from satqn.network.topologies.xml import Element


@dataclass(frozen=True, slots=True)
class _Key:
    """What a ``<key>`` declares: name, for which elements, kind of value, default."""

    name: str
    of: str
    kind: str
    default: str | None


def graphml_topology(root: Element, name: str) -> RawTopology:
    """Read a network from GraphML.

    Parameters
    ----------
    root
        The element ``graphml``.
    name
        Of the file.

    Raises
    ------
    InvalidFileError
        No graph or several, elements without their ids, keys that are not declared.

    Notes
    -----
    Directions, ports and drawings are not taken; nodes of nested graphs are nodes, and a node that only
    groups others is none. The label of yEd is a label. A hyperedge is left out, and that is said.
    """
    graphs = root.all("graph")
    if len(graphs) != 1:
        what = f"{len(graphs)} graphs in one file" if graphs else "there is no graph in it"
        where = f"{name}:{graphs[1].line if graphs else root.line}"
        raise InvalidFileError(name, [Problem(where, what, "keep one graph" if graphs else "give one")])
    return _Graph(root, graphs[0], name).topology()


class _Graph:
    """Reads one graph with the keys of its file."""

    def __init__(self, root: Element, graph: Element, name: str) -> None:
        self.graph, self.name = graph, name
        self.problems: list[Problem] = []
        self.linked = {
            edge.attributes.get(end) for edge in graph.walk("edge") for end in ("source", "target")
        }
        self.keys = {key.attributes.get("id", ""): self._key(key) for key in root.walk("key")}

    @staticmethod
    def _key(element: Element) -> _Key:
        facts, default = element.attributes, element.first("default")
        name = facts.get("attr.name") or facts.get("id", "")
        return _Key(
            name, facts.get("for", "all"), facts.get("attr.type", "string"),
            default.text.strip() if default is not None else None,
        )  # fmt: skip

    def topology(self) -> RawTopology:
        nodes = [node for node in map(self._node, self.graph.walk("node")) if node is not None]
        links = [link for link in map(self._link, self.graph.walk("edge")) if link is not None]
        remarks = []
        hyper = len(list(self.graph.walk("hyperedge")))
        if hyper:
            remarks.append(f"{hyper} hyperedge{'s' if hyper > 1 else ''} left out: a fibre has two ends")
        if self.problems:
            raise InvalidFileError(self.name, self.problems)
        about = self._facts(self.graph, "graph")
        # OSMnx keeps longitude and latitude as x and y and says so in its reference system.
        return RawTopology(nodes, links, geographic="4326" in str(about.get("crs", "")), about=about,
                           remarks=remarks)  # fmt: skip

    def _node(self, element: Element) -> RawNode | None:
        if "id" not in element.attributes:
            self._fault(element, "a node without an id", 'write id="…"')
            return None
        own = element.attributes["id"]
        facts = self._facts(element, "node")
        if element.first("graph") is not None and own not in self.linked:
            return None
        label = facts.pop("label", None) or facts.pop("name", None) or facts.pop("Name", None)
        label = label or _drawn_label(element)
        return RawNode(own, label, f"line {element.line}", facts)

    def _link(self, element: Element) -> RawLink | None:
        ends = element.attributes.get("source"), element.attributes.get("target")
        if None in ends:
            self._fault(element, "an edge without source and target", 'write source="…" target="…"')
            return None
        return RawLink(*ends, f"line {element.line}", self._facts(element, "edge"))

    def _facts(self, element: Element, of: str) -> dict[str, Any]:
        """Return what the data elements of an element say, and the defaults of keys that it has not."""
        facts: dict[str, Any] = {
            key.name: _typed(key.default, key.kind)
            for key in self.keys.values()
            if key.default is not None and key.of in (of, "all")
        }
        for data in element.all("data"):
            key = self.keys.get(data.attributes.get("key", ""))
            if key is None:
                what = f"the key {data.attributes.get('key', '')!r} is not declared"
                self._fault(data, what, 'declare it with <key id="…" attr.name="…">')
            elif not data.children:
                facts[key.name] = _typed(data.text.strip(), key.kind)
        return facts

    def _fault(self, element: Element, what: str, fix: str) -> None:
        self.problems.append(Problem(f"{self.name}:{element.line}", what, fix))


def _typed(text: str, kind: str) -> Any:
    """Return truth as truth; numbers stay text, so that a message can show them as they are written."""
    if kind == "boolean":
        truth: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
        return truth.get(text.casefold(), text)
    return text


def _drawn_label(element: Element) -> str | None:
    """Return the label that yEd draws on a node."""
    for data in element.all("data"):
        label = next(data.walk("NodeLabel"), None)
        if label is not None and label.text.strip():
            return label.text.strip()
    return None
