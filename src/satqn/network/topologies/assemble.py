"""From what a file says to a network: ids, positions, lengths and doubles, with every fault at once.

The one place that judges what the readers of the formats give, so that the same fault has the same words in
all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from satqn.network.topologies import fields
from satqn.network.topologies.fields import NotANumberError, found, number
from satqn.network.topologies.findings import (
    Findings,
    as_id,
    counted,
    label_of,
    place_of,
    some,
    written,
)
from satqn.network.topologies.lengths import Given, Measured, given_length, judge, say_what_lacks
from satqn.network.topologies.model import Choices, FibreTopology, RawLink, RawNode, RawTopology
from satqn.network.topologies.naming import clean, unique_names
from satqn.network.topologies.positions import Places, all_placed, given_position
from satqn.sphere import great_circle

_FLYING = ("satellite", "aerial")
_NO_FIBRES = ("one_sided", "dual_downlink")
"""What the exports of satqn hold beside ground nodes and fibres."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A link between two different nodes, by their numbers, and its length if that is given."""

    a: int
    b: int
    link: RawLink
    given: Given | None


def assembled(raw: RawTopology, name: str, choices: Choices) -> FibreTopology:
    """Return the network that a file describes.

    Parameters
    ----------
    raw
        From the reader of its format.
    name
        Of the file.
    choices
        How what the file leaves open is read.

    Raises
    ------
    InvalidFileError
        All its faults: ids that stand twice, links to nobody, positions and lengths that are none.

    Notes
    -----
    Of parallel links the shortest is kept; a link of a node to itself is left out. A link without a length
    gets the distance of its ends on the sphere; where no node has a position, the one that the choices name.
    """
    findings = Findings(name)
    for remark in (*raw.remarks, *([raw.drawn] if raw.drawn else ())):
        findings.remark(remark)
    ground = _on_the_ground(raw, findings)
    _check_ids(ground.nodes, findings)
    names = unique_names((clean(label_of(node)), clean(node.id)) for node in ground.nodes)
    given = [
        given_position(node, own, ground.geographic, choices, findings)
        for node, own in zip(ground.nodes, names, strict=True)
    ]
    edges = _edges(ground, names, choices, findings)
    findings.refuse()
    measured = bool(edges) and all(edge.given is not None for edge in edges)
    ends = [(edge.a, edge.b) for edge in edges]
    places = all_placed(ground, names, given, ends, measured, choices, findings)
    findings.refuse()
    return _network(ground, names, places, edges, findings)


def _on_the_ground(raw: RawTopology, findings: Findings) -> RawTopology:
    """Return a network without what flies: an export of satqn holds HAPs, satellites and their links."""
    flying = {as_id(node.id) for node in raw.nodes if _is_one_of(node.facts.get("kind"), _FLYING)}
    links = [
        link
        for link in raw.links
        if not flying & {as_id(link.source), as_id(link.target)}
        and not _is_one_of(link.facts.get("making"), _NO_FIBRES)
    ]
    through = len(raw.links) - len(links)
    if flying or through:
        what = f"{counted(len(flying), 'node')} in the air and {counted(through, 'link')} through it"
        findings.remark(f"{what} left out: they are no fibre network")
    return replace(raw, nodes=[node for node in raw.nodes if as_id(node.id) not in flying], links=links)


def _is_one_of(value: Any, words: tuple[str, ...]) -> bool:
    return isinstance(value, str) and value in words


def _check_ids(nodes: Sequence[RawNode], findings: Findings) -> None:
    if not nodes:
        findings.fault("", "no node in it")
    first: dict[str | int | float, str] = {}
    for node in nodes:
        own = as_id(node.id)
        if own is None:
            findings.fault(f"node at {node.place}", "it has no id", "give every node an id of its own")
        elif own in first:
            what = f"the id {written(own)} stands twice: at {first[own]} and {node.place}"
            findings.fault(f"node {written(own)}", what, "give every node an id of its own")
        else:
            first[own] = node.place


def _edges(raw: RawTopology, names: Sequence[str], choices: Choices, findings: Findings) -> list[_Edge]:
    """Return the links between two different nodes; those to nobody are faults."""
    numbers = _numbers(raw.nodes)
    edges: list[_Edge] = []
    loops: list[str] = []
    for link in raw.links:
        one, other = _number(numbers, link.source), _number(numbers, link.target)
        for end, number_of in ((link.source, one), (link.target, other)):
            if number_of is None:
                what = (
                    "an end of it is not named" if end in (None, "") else f"there is no node {written(end)}"
                )
                findings.fault(place_of(link), what, "name a node of the file by its id")
        if one is None or other is None:
            continue
        given = given_length(link, raw.unit, choices.unit, findings)
        if one == other:
            loops.append(names[one])
        else:
            edges.append(_Edge(min(one, other), max(one, other), link, given))
    if loops:
        findings.remark(f"links of nodes to themselves left out: {some(loops)}")
    return edges


def _numbers(nodes: Sequence[RawNode]) -> dict[str | int | float | None, int]:
    """Return numbers of nodes by what links may call them: id, id as text, a label that no other has."""
    numbers: dict[str | int | float | None, int] = {}
    for i, node in enumerate(nodes):
        numbers.setdefault(as_id(node.id), i)
    labels = Counter(map(label_of, nodes))
    for i, node in enumerate(nodes):
        numbers.setdefault(str(node.id), i)
    for i, node in enumerate(nodes):
        label = label_of(node)
        if label and labels[label] == 1:
            numbers.setdefault(label, i)
    return numbers


def _number(numbers: dict[str | int | float | None, int], end: Any) -> int | None:
    own = as_id(end)
    return None if own is None else numbers.get(own, numbers.get(str(own)))


def _network(
    raw: RawTopology, names: list[str], places: Places, edges: Sequence[_Edge], findings: Findings
) -> FibreTopology:
    """Return the network of what has a place, or raise what does not fit together."""
    here = [i for i, place in enumerate(places.of) if place is not None]
    new = {old: i for i, old in enumerate(here)}
    stand = [place for place in places.of if place is not None]
    best: dict[tuple[int, int], tuple[float, bool]] = {}
    measured: list[Measured] = []
    parallel = 0
    joining = [edge for edge in edges if edge.a in new and edge.b in new]
    for edge, distance in zip(joining, _distances(joining, places), strict=True):
        pair = new[edge.a], new[edge.b]
        assumed = distance if places.unknown_length is None else places.unknown_length
        length = assumed if edge.given is None else edge.given.length
        if edge.given is not None and places.real:
            measured.append(Measured(edge.link, edge.given, distance, (names[edge.a], names[edge.b])))
        parallel += pair in best
        if pair not in best or length < best[pair][0]:
            best[pair] = length, edge.given is not None or places.unknown_length is not None
    judge(measured, findings)
    findings.refuse()
    if parallel:
        findings.remark(f"{counted(parallel, 'parallel link')}: of each pair the shortest is kept")
    say_what_lacks(raw.links, [given for _, given in best.values()], findings)
    return FibreTopology(
        name=findings.name,
        ids=tuple(names[old] for old in here),
        lat_deg=tuple(place[0] for place in stand),
        lon_deg=tuple(place[1] for place in stand),
        population=tuple(_population(raw.nodes[old]) for old in here),
        a=tuple(a for a, _ in best),
        b=tuple(b for _, b in best),
        length=tuple(length for length, _ in best.values()),
        given=tuple(given for _, given in best.values()),
        altitude=tuple(place[2] for place in stand),
        remarks=tuple(dict.fromkeys(findings.remarks)),
        laid_out=not (places.real or places.chosen),
    )


def _distances(edges: Sequence[_Edge], places: Places) -> list[float]:
    """Return the distances of the ends of links on the sphere, m."""
    ends = np.array([(*(places.of[e.a] or ())[:2], *(places.of[e.b] or ())[:2]) for e in edges])
    return list(map(float, great_circle(*ends.reshape(-1, 4).T)))


def _population(node: RawNode) -> float | None:
    people = found(node.facts, fields.POPULATION)
    try:
        value = number(people[1]) if people is not None else -1.0
    except NotANumberError:
        return None
    return value if value >= 0.0 else None
