"""Ground nodes and satellites from outside a scenario: tables, data sets, fibre networks, catalogues."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from satqn.documents import parse_json, read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.network import datasets
from satqn.network.topologies import Around, Choices, FibreTopology, read_topology, reference_topology
from satqn.network.topologies.assemble import assembled
from satqn.network.topologies.geojson import geojson_topology, is_geojson
from satqn.network.topologies.naming import clean
from satqn.orbits.catalogue import read_catalogue
from satqn.orbits.elements import Elements, plain_number
from satqn.orbits.propagate import CataloguedOrbits
from satqn.orbits.validity import unusable
from satqn.scenario.planning import CatalogueFileSection, GroundNode, TimeSection, TopologySource
from satqn.topology.tables import table_positions, there
from satqn.units import KM

T = TypeVar("T")


def city_nodes(largest: int) -> Iterator[GroundNode]:
    """Yield the largest cities of the data set that ships with satqn."""
    table = datasets.cities()
    for i in np.argsort(-table.population, kind="stable")[:largest]:
        yield GroundNode(
            id=clean(table.ids[i]),
            lat_deg=float(table.lat_deg[i]),
            lon_deg=float(table.lon_deg[i]),
            population=float(table.population[i]),
        )


def fibre_topology(source: TopologySource) -> FibreTopology:
    """Return the fibre network that a scenario names.

    Raises
    ------
    InputError
        None or two are named, or the file cannot be used.
    DataError
        No network of that name is at hand.
    """
    if (source.file is None) == (source.name is None):
        what = "neither file nor name" if source.file is None else "file and name at once"
        raise InputError(what, fix="give one of them")
    positions, said = ({}, []) if source.positions is None else table_positions(Path(source.positions))
    around = source.around
    choices = Choices(
        without_position=source.without_position,
        unit=source.length_unit,
        positions=positions,
        around=None if around is None else Around(around.lat_deg, around.lon_deg, around.radius_km * KM),
        unknown_length=source.unknown_length_km * KM,
    )
    network = (
        reference_topology(str(source.name), choices)
        if source.file is None
        else _read_network(there(Path(source.file)), choices)
    )
    return replace(network, remarks=(*said, *network.remarks))


def _read_network(path: Path, choices: Choices) -> FibreTopology:
    return _wellformed(lambda: read_topology(path, choices), f"{path.name} is not a file of nodes and links")


def geojson_nodes(path: Path) -> tuple[list[GroundNode], list[str]]:
    """Return the points of a GeoJSON file as ground nodes, and remarks.

    Raises
    ------
    InputError
        It is no GeoJSON; or, all at once (InvalidFileError), points without name or position, and shapes that
        are no points.
    """
    content = read_text(there(path), label=path.name)
    document = parse_json(content, path.name)
    if not is_geojson(document):
        raise InputError(f"{path.name} is not GeoJSON", fix="give a FeatureCollection of points")
    raw = geojson_topology(document, path.name)
    network = assembled(raw, path.name, Choices(without_position="refuse"))
    remarks = list(network.remarks)
    if network.a:
        remarks.append(f"{path.name}: lines are not taken here: ground.topology.file reads points and lines")
    return list(network_nodes(network)), remarks


def _wellformed(read: Callable[[], T], otherwise: str) -> T:
    """Return what is read; a file whose parts are not what they should be is a fault of the file."""
    try:
        return read()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__} {error}".strip()
        raise InputError(
            f"{otherwise}: {reason}", fix="compare it with the pages on scenario files"
        ) from error


def network_nodes(network: FibreTopology) -> Iterator[GroundNode]:
    """Yield the nodes of a fibre network as ground nodes."""
    for i, name in enumerate(network.ids):
        facts: dict[str, Any] = {"id": name, "lat_deg": network.lat_deg[i], "lon_deg": network.lon_deg[i]}
        if network.altitude[i] != 0.0:
            facts["altitude_m"] = network.altitude[i]
        yield GroundNode(**facts, population=network.population[i])


def catalogued(section: CatalogueFileSection, time: TimeSection) -> tuple[CataloguedOrbits, str]:
    """Return the satellites that a scenario takes from a file, and a remark if some had to be left out.

    Parameters
    ----------
    section
        The file and which of its satellites.
    time
        When the plan begins and ends.

    Raises
    ------
    InputError
        A file that cannot be used, or without a satellite that is named; or, all at once (InvalidFileError),
        satellites that stand twice, or that SGP4 cannot carry through the plan.
    """
    path = there(Path(section.path))
    orbits = _wellformed(lambda: read_catalogue(path), f"{path.name} is not a TLE or OMM file")
    found = _chosen(orbits, section)
    if problems := list(_standing_twice(found, path.name)):
        raise InvalidFileError(path.name, problems)
    lost = unusable(found, time.start, time.horizon_s)
    if not lost:
        return found, ""
    if section.unusable == "refuse":
        problems = list(unusable_problems(found, lost, f"{path.name}: ", KEYS_TO_LEAVE_OUT))
        raise InvalidFileError(path.name, problems)
    kept = found.only([i for i in range(len(found)) if i not in lost])
    if not len(kept):
        what = f"SGP4 can carry none of its {len(lost)} satellites through the plan"
        raise InputError(what, fix="take newer elements")
    names = [found.names[i] for i in lost]
    return kept, (
        f"{path.name}: {len(lost)} of {len(found)} satellites are left out, SGP4 cannot carry them through "
        f"the plan: {some(names)}"
    )


def some(names: Sequence[str], most: int = 6) -> str:
    """Return the first few of many names, and how many more there are.

    Examples
    --------
    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


KEYS_TO_LEAVE_OUT = (
    "take newer elements, or leave it out: 'leave_out: [its name]' or, for all such satellites, "
    "'unusable: leave_out' beside 'path'"
)
MOST_NAMED = 20
"""Satellites that SGP4 cannot carry and that get a line of their own in an error."""


def unusable_problems(
    orbits: CataloguedOrbits, lost: dict[int, str], where: str, fix: str
) -> Iterator[Problem]:
    """Yield faults that name all satellites that SGP4 cannot carry through a plan.

    Parameters
    ----------
    orbits, lost
        From :func:`satqn.orbits.validity.unusable`.
    where
        Put before the name of a satellite.
    fix
        What to do.
    """
    numbers = list(lost)
    for number in numbers[:MOST_NAMED]:
        yield Problem(f"{where}{orbits.names[number]}", lost[number], fix)
    if rest := numbers[MOST_NAMED:]:
        names = ", ".join(orbits.names[number] for number in rest)
        yield Problem(f"{where}{len(rest)} more of {len(orbits)}", f"SGP4 cannot carry {names}", fix)


def _standing_twice(orbits: CataloguedOrbits, name: str) -> Iterator[Problem]:
    """Yield satellites that a file holds more than once; numbers that stand for nobody may be shared."""
    same: dict[str, list[Elements]] = {}
    for one in orbits.elements:
        key = plain_number(one.number)
        if key in ("", "0", "99999"):
            key = f"{one.number} {one.name}"
        same.setdefault(key, []).append(one)
    for several in same.values():
        if len(several) > 1:
            epochs = ", ".join(f"{one.epoch:%Y-%m-%dT%H:%M:%S}" for one in several)
            who = several[0].number or several[0].name
            title = f" ({several[0].name})" if several[0].name != who else ""
            times = {2: "twice"}.get(len(several), f"{len(several)} times")
            what = f"satellite {who}{title} stands {times} (epochs {epochs})"
            yield Problem(name, what, "keep one of them")


def _chosen(orbits: CataloguedOrbits, section: CatalogueFileSection) -> CataloguedOrbits:
    """Return the satellites of a file that a scenario names, less those that it leaves out."""
    by_name: dict[str, list[int]] = {}
    for i, one in enumerate(orbits.elements):
        for key in dict.fromkeys((one.name, one.number, plain_number(one.number))):
            if key:
                by_name.setdefault(key, []).append(i)
    wanted = range(len(orbits)) if section.names is None else _numbers(by_name, section.names, section.path)
    without = set(_numbers(by_name, section.leave_out, section.path))
    kept = [i for i in wanted if i not in without]
    if not kept:
        raise InputError("every satellite of it is left out", fix="leave out fewer")
    return orbits.only(kept)


def _numbers(by_name: dict[str, list[int]], names: Sequence[str | int], path: str) -> list[int]:
    """Return the numbers of the satellites of given names or catalogue numbers, in their order."""
    words = [" ".join(str(name).split()) for name in names]
    unknown = [word for word in dict.fromkeys(words) if word not in by_name]
    if unknown:
        near = [close for word in unknown for close in difflib.get_close_matches(word, by_name, n=1)]
        missing = ", ".join(map(repr, unknown[:20])) + " …" * (len(unknown) > 20)
        raise InputError(
            f"no satellite {missing} in {Path(path).name}",
            fix=f"did you mean {', '.join(map(repr, dict.fromkeys(near[:5])))}?"
            if near
            else "give names as in the file, or catalogue numbers",
        )
    return list(dict.fromkeys(i for word in words for i in by_name[word]))
