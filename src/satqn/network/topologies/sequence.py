"""SeQUeNCe: the JSON topologies of that simulator, also those that satqn writes for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from satqn.errors import InvalidFileError, Problem, shown
from satqn.network.topologies.fields import NotANumberError, found, number
from satqn.network.topologies.model import RawLink, RawNode, RawTopology

_LINKS = ("qconnections", "qchannels")
_MIDDLE = "BSMNode"
"""Type of a node that only measures photons of two others: the middle of a link, not an end."""


def is_sequence(document: Any) -> bool:
    """Whether a JSON document is a topology of SeQUeNCe."""
    return isinstance(document, Mapping) and any(key in document for key in _LINKS)


def sequence_topology(document: Mapping[str, Any], name: str) -> RawTopology:
    """Read a network from a topology of SeQUeNCe.

    Parameters
    ----------
    document
        With ``nodes`` and ``qconnections`` (``qchannels`` in low-level files); ``distance`` in m.
    name
        Of the file.

    Raises
    ------
    InvalidFileError
        Records that are none, or Bell measurements that do not stand between two nodes.

    Notes
    -----
    Two quantum channels into one Bell measurement are one link of both lengths. Classical channels,
    templates, memories and the attenuation are not taken: the scenario says what its fibres and nodes are.
    """
    problems: list[Problem] = []
    records = _records(document.get("nodes"), "nodes", name, problems)
    middle = {record.get("name") for _, record in records if record.get("type") == _MIDDLE}
    nodes = []
    for place, record in records:
        own = record.get("name", record.get("id"))
        if own is None or isinstance(own, bool | list | Mapping):
            problems.append(Problem(f"{name}: {place}", "a node without a name", "give 'name'"))
        elif own not in middle:
            nodes.append(RawNode(own, None, place, record))
    links = list(_direct(document, name, problems))
    links += list(_through_the_middle(document, middle, name, problems))
    if problems:
        raise InvalidFileError(name, problems)
    said = sorted({str(link.facts["attenuation"]) for link in links if "attenuation" in link.facts})
    remarks = [
        f"the attenuation of the file ({', '.join(said[:3])} dB/m) is not taken: "
        "fibre.hardware.attenuation_db_per_km says what fibres lose"
    ]  # fmt: skip
    return RawTopology(nodes, links, unit="m", remarks=remarks if said else [])


def _records(part: Any, key: str, name: str, problems: list[Problem]) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(part, list):
        if part is not None or key == "nodes":
            problems.append(Problem(name, f"{key!r} is {shown(part)}", "give a list of objects"))
        return []
    for i, record in enumerate(part):
        if not isinstance(record, Mapping):
            problems.append(Problem(f"{name}: {key}[{i}]", f"{shown(record)} is no object"))
    return [(f"{key}[{i}]", record) for i, record in enumerate(part) if isinstance(record, Mapping)]


def _ends(record: Mapping[str, Any]) -> tuple[Any, Any]:
    one, other = found(record, ("node1", "source")), found(record, ("node2", "destination", "target"))
    return one[1] if one else None, other[1] if other else None


def _direct(document: Mapping[str, Any], name: str, problems: list[Problem]) -> Iterator[RawLink]:
    for place, record in _records(document.get("qconnections"), "qconnections", name, problems):
        yield RawLink(*_ends(record), place, record)


def _through_the_middle(
    document: Mapping[str, Any], middle: set[Any], name: str, problems: list[Problem]
) -> Iterator[RawLink]:
    arms: dict[Any, list[tuple[Any, Mapping[str, Any], str]]] = defaultdict(list)
    for place, record in _records(document.get("qchannels"), "qchannels", name, problems):
        source, target = _ends(record)
        if target in middle or source in middle:
            arms[target if target in middle else source].append(
                (source if target in middle else target, record, place)
            )
        else:
            yield RawLink(source, target, place, record)
    for measurement, both in arms.items():
        if len({end for end, _, _ in both}) != 2 or len(both) != 2:
            what = f"the Bell measurement {measurement!r} has {len(both)} quantum channels"
            problems.append(Problem(f"{name}: {both[0][2]}", what, "it stands between two nodes"))
            continue
        (one, first, place), (other, second, _) = both
        try:
            length = number(first.get("distance")) + number(second.get("distance"))
        except NotANumberError as error:
            problems.append(Problem(f"{name}: {place}: distance", error.what, error.fix))
            continue
        yield RawLink(one, other, place, {**first, "distance": length})
