"""Ground nodes and satellites from outside a scenario: tables, data sets, fibre networks, catalogues."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import ValidationError

from satqn.documents import read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.network import datasets
from satqn.network.topologies import FibreTopology, read_topology, reference_topology
from satqn.orbits.catalogue import read_catalogue
from satqn.orbits.elements import Elements
from satqn.orbits.propagate import CataloguedOrbits
from satqn.orbits.validity import unusable
from satqn.scenario.planning import CatalogueFileSection, GroundNode, TimeSection, TopologySource
from satqn.scenario.wording import worded

T = TypeVar("T")

_TEXT = ("id", "terminal")
"""Columns of a table that are no numbers."""


def table_nodes(path: Path) -> Iterator[tuple[GroundNode, str]]:
    """Yield the ground nodes of a CSV table with a header, each with its line.

    Raises
    ------
    InputError
        It cannot be read; or, all at once (InvalidFileError), columns and cells that are wrong.
    """
    _there(path)
    lines = read_text(path, label=path.name).splitlines()
    reader = csv.reader(lines)
    nodes: list[tuple[GroundNode, str]] = []
    problems: list[Problem] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        problems += list(_header_problems(header, path.name))
        for row in reader:
            where = f"{path.name}:{reader.line_num}"
            if len(row) > len(header):
                what = f"{len(row)} cells under {len(header)} columns"
                problems.append(Problem(where, what, "leave some out"))
            elif any(cell.strip() for cell in row):
                node = _row(header, row, where, problems)
                nodes += [] if node is None else [(node, where)]
    except csv.Error as error:
        problems.append(Problem(f"{path.name}:{reader.line_num}", f"not CSV: {error}"))
    if not problems and not nodes:
        problems.append(Problem(path.name, "no node in it", "give a row for every node, below the header"))
    if problems:
        raise InvalidFileError(path.name, dict.fromkeys(problems))
    yield from nodes


def _header_problems(header: list[str], name: str) -> Iterator[Problem]:
    known = list(GroundNode.model_fields)
    for column in ("id", "lat_deg", "lon_deg"):
        if column not in header:
            what = f"the column {column!r} is missing"
            yield Problem(f"{name}:1", what, "line 1 has the columns id, lat_deg, lon_deg and more")
    for column in dict.fromkeys(header):
        if column not in known:
            yield Problem(f"{name}:1", f"unknown column {column!r}", f"columns: {', '.join(known)}")
        elif header.count(column) > 1:
            yield Problem(f"{name}:1", f"the column {column!r} stands twice", "keep one of them")


def _row(header: list[str], row: list[str], where: str, problems: list[Problem]) -> GroundNode | None:
    fields = {
        name: cell.strip() if name in _TEXT else _number(cell)
        for name, cell in zip(header, row, strict=False)
        if cell.strip() and name in GroundNode.model_fields
    }
    try:
        return GroundNode.model_validate(fields)
    except ValidationError as error:
        problems += [
            Problem(f"{where}: {'.'.join(map(str, loc))}", what.replace("key", "cell"), fix)
            for loc, what, fix in worded(error.errors(), GroundNode, fields)
            if loc[-1] in header
        ]
        return None


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell.strip()


def city_nodes(largest: int) -> Iterator[GroundNode]:
    """Yield the largest cities of the data set that ships with satqn."""
    table = datasets.cities()
    for i in np.argsort(-table.population, kind="stable")[:largest]:
        yield GroundNode(
            id="-".join(str(table.ids[i]).replace(",", " ").replace("|", " ").split()),
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
    if source.file is not None and source.name is None:
        path = _there(Path(source.file))
        return _wellformed(lambda: read_topology(path), f"{path.name} is not a file of nodes and links")
    if source.name is not None and source.file is None:
        return reference_topology(source.name)
    what = "neither file nor name" if source.file is None else "file and name at once"
    raise InputError(what, fix="give one of them")


def _there(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"there is no file {path.name!r}", fix="put it there, or mend its name")
    return path


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
    for name, lat, lon, population in zip(
        network.ids, network.lat_deg, network.lon_deg, network.population, strict=True
    ):
        yield GroundNode(
            id=name, lat_deg=float(lat), lon_deg=float(lon),
            population=None if population is None else float(population),
        )  # fmt: skip


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
    path = _there(Path(section.path))
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
        key = one.number.lstrip("0")
        if key in ("", "99999"):
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
        for key in dict.fromkeys((one.name, one.number, one.number.lstrip("0"))):
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
