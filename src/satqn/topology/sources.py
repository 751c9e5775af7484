"""Ground nodes and satellites from outside a scenario: tables, data sets, fibre networks, catalogues."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from satqn.documents import read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.network import datasets
from satqn.network.topologies import FibreTopology, read_topology, reference_topology
from satqn.orbits.catalogue import read_catalogue
from satqn.orbits.propagate import CataloguedOrbits
from satqn.scenario.planning import CatalogueFileSection, GroundNode, TopologySource
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


def messages(section: CatalogueFileSection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and orbit mean-elements message of every satellite that a scenario takes from a file.

    Raises
    ------
    InputError
        A file that cannot be used, or without a satellite that is named.
    """
    from sgp4.exporter import export_omm

    path = _there(Path(section.path))
    orbits = _wellformed(lambda: read_catalogue(path), f"{path.name} is not a TLE or OMM file")
    found = _chosen(orbits, section)
    for record, name in zip(found.records, found.names, strict=True):
        yield name, export_omm(record, name)


def _chosen(orbits: CataloguedOrbits, section: CatalogueFileSection) -> CataloguedOrbits:
    if section.names is None:
        return orbits
    numbers = {str(record.satnum): i for i, record in enumerate(orbits.records)}
    numbers |= {name: i for i, name in enumerate(orbits.names)}
    unknown = [name for name in section.names if name not in numbers]
    if unknown:
        raise InputError(
            f"no satellite {', '.join(map(repr, unknown))} in {Path(section.path).name}",
            fix="give names as in the file, or catalogue numbers",
        )
    return orbits.only([numbers[name] for name in section.names])
