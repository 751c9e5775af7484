"""A planning scenario written out: every ground node, fibre, satellite and demand by itself.

What a scenario takes from tables, data sets, networks and catalogues becomes part of it, so that the
resolved scenario is the same wherever it is read, and needs no other file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from satqn.errors import InputError, InvalidFileError, Problem
from satqn.network import datasets
from satqn.network.topologies import FibreTopology, read_topology, reference_topology
from satqn.orbits.catalogue import read_catalogue
from satqn.orbits.propagate import CataloguedOrbits
from satqn.scenario.checks import names
from satqn.scenario.planning import (
    CatalogueFileSection,
    DemandSection,
    DrawnDemands,
    FibreLinkSection,
    GroundNode,
    GroundSection,
    PlanScenario,
    SatelliteGroup,
)
from satqn.sphere import great_circle
from satqn.units import KM

MOST_DRAWS = 1000
"""Tries per demand until a pair of places is far enough apart."""


def expanded(scenario: PlanScenario) -> PlanScenario:
    """Return the scenario with everything that it takes from elsewhere written into it.

    Raises
    ------
    InputError
        A table, network or catalogue that cannot be used, or a name that nothing has.
    DataError
        A reference network that is not at hand.
    """
    nodes, fibres = list(scenario.ground.nodes), list(scenario.fibre.links)
    ground = scenario.ground
    if ground.csv is not None:
        nodes += _table(Path(ground.csv))
    if ground.dataset is not None:
        nodes += _cities(ground.dataset.largest)
    if ground.topology is not None:
        network = _network(ground)
        nodes += network_nodes(network)
        fibres += [
            FibreLinkSection(ends=(network.ids[a], network.ids[b]), length_km=length / KM)
            for a, b, length in zip(network.a, network.b, network.length, strict=True)
        ]
    _refuse_twice(nodes)
    groups = tuple(_with_messages(group) for group in scenario.satellites)
    listed = scenario.model_copy(
        update={
            "ground": ground.model_copy(
                update={"nodes": tuple(_completed(nodes, ground)), "csv": None, "dataset": None,
                        "topology": None, "stations": None, "terminal": None}
            ),
            "fibre": scenario.fibre.model_copy(update={"links": tuple(fibres)}),
            "satellites": groups,
        }
    )  # fmt: skip
    problems = [Problem(".".join(map(str, loc)), what, fix) for loc, what, fix in _faults(scenario, listed)]
    if problems:
        raise InvalidFileError(scenario.name, problems)
    return listed.model_copy(update={"demands": tuple(_demands(listed)), "drawn_demands": None})


def _faults(scenario: PlanScenario, listed: PlanScenario) -> Iterator[Any]:
    yield from names(listed)
    known = {node.id for node in listed.ground.nodes}
    for name in scenario.ground.stations or ():
        if name not in known:
            yield ("ground", "stations"), f"there is no ground node {name!r}", "name a node"


def _completed(nodes: list[GroundNode], ground: GroundSection) -> Iterator[GroundNode]:
    """Yield ground nodes with the defaults of the section put in."""
    for node in nodes:
        station = ground.stations is None or node.id in ground.stations
        terminal = node.terminal or (ground.terminal if station else None)
        store = ground.storage_pairs if node.storage_pairs is None else node.storage_pairs
        yield node.model_copy(
            update={
                "terminal": terminal,
                "terminals": (node.terminals or ground.terminals) if terminal else None,
                "storage_pairs": store,
            }
        )


def _table(path: Path) -> list[GroundNode]:
    """Read ground nodes from a CSV table with a header; all faults at once."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path.name}: {error}", where="ground.csv") from error
    nodes, problems = [], []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        fields = {key: value for key, value in row.items() if value not in (None, "")}
        try:
            nodes.append(GroundNode.model_validate(fields))
        except ValidationError as error:
            problems += [
                Problem(f"{path.name}:{number}: {'.'.join(map(str, fault['loc']))}", fault["msg"])
                for fault in error.errors()
            ]
    if problems or not nodes:
        raise InvalidFileError(path.name, problems or [Problem(path.name, "no node in it")])
    return nodes


def _cities(largest: int) -> list[GroundNode]:
    table = datasets.cities()
    order = np.argsort(-table.population, kind="stable")[:largest]
    return [
        GroundNode(
            id=_identifier(str(table.ids[i])),
            lat_deg=float(table.lat_deg[i]),
            lon_deg=float(table.lon_deg[i]),
            population=float(table.population[i]),
        )
        for i in order
    ]


def _network(ground: GroundSection) -> FibreTopology:
    source = ground.topology
    assert source is not None
    if (source.file is None) == (source.name is None):
        raise InputError("a topology has a file or a name", where="ground.topology", fix="Give one of them")
    return (
        read_topology(Path(source.file)) if source.file is not None else reference_topology(str(source.name))
    )


def network_nodes(network: FibreTopology) -> list[GroundNode]:
    """Return the nodes of a fibre network as ground nodes."""
    return [
        GroundNode(
            id=name, lat_deg=float(lat), lon_deg=float(lon), population=None if p is None else float(p)
        )
        for name, lat, lon, p in zip(
            network.ids, network.lat_deg, network.lon_deg, network.population, strict=True
        )
    ]


def _identifier(name: str) -> str:
    return "-".join(name.replace(",", " ").replace("|", " ").split())


def _refuse_twice(nodes: list[GroundNode]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node.id in seen:
            raise InputError(f"two ground nodes are called {node.id!r}", where="ground", fix="Rename one")
        seen.add(node.id)


def _with_messages(group: SatelliteGroup) -> SatelliteGroup:
    """Return a group whose satellites stand in it, not in a file."""
    if group.file is None:
        return group
    found = _chosen(read_catalogue(Path(group.file.path)), group.file)
    from sgp4.exporter import export_omm

    messages = tuple(
        export_omm(record, name) for name, record in zip(found.names, found.records, strict=True)
    )
    return group.model_copy(update={"file": None, "omm": messages})


def _chosen(orbits: CataloguedOrbits, section: CatalogueFileSection) -> CataloguedOrbits:
    if section.names is None:
        return orbits
    numbers = {str(record.satnum): i for i, record in enumerate(orbits.records)}
    numbers |= {name: i for i, name in enumerate(orbits.names)}
    unknown = [name for name in section.names if name not in numbers]
    if unknown:
        raise InputError(
            f"no satellite {unknown[0]!r} in {Path(section.path).name}",
            where="satellites.file.names",
            fix="Give a name as in the file, or the catalogue number",
        )
    return orbits.only([numbers[name] for name in section.names])


def _demands(scenario: PlanScenario) -> Iterator[DemandSection]:
    """Yield all demands with ids and target fidelities, those that are drawn after those that are listed."""
    taken = {demand.id for demand in scenario.demands}
    drawn = [] if scenario.drawn_demands is None else _drawn(scenario, scenario.drawn_demands)
    number = 0
    for demand in (*scenario.demands, *drawn):
        name = demand.id
        while name is None:
            number += 1
            name = None if f"k{number}" in taken else f"k{number}"
        target = scenario.target_fidelity if demand.target_fidelity is None else demand.target_fidelity
        yield demand.model_copy(update={"id": name, "target_fidelity": target})


def _drawn(scenario: PlanScenario, draw: DrawnDemands) -> list[DemandSection]:
    """Draw different pairs of ground nodes, either end in proportion to its weight."""
    nodes = scenario.ground.nodes
    rng = np.random.default_rng(np.random.SeedSequence([scenario.seed, 0xDE]))
    weight = np.array([1.0 if draw.by == "uniform" else node.population or 0.0 for node in nodes])
    share = weight / weight.sum()
    lat, lon = np.array([node.lat_deg for node in nodes]), np.array([node.lon_deg for node in nodes])
    found: dict[tuple[int, int], None] = {}
    for _ in range(MOST_DRAWS * draw.count):
        if len(found) == draw.count:
            break
        a, b = sorted(rng.choice(len(nodes), 2, replace=False, p=share).tolist())
        if great_circle(lat[a], lon[a], lat[b], lon[b]) >= draw.least_distance_km * KM:
            found[a, b] = None
    if len(found) < draw.count:
        raise InputError(
            f"only {len(found)} of {draw.count} demands are {draw.least_distance_km:g} km long",
            where="drawn_demands",
            fix="Ask for fewer or shorter ones",
        )
    return [DemandSection(source=nodes[a].id, destination=nodes[b].id) for a, b in found]
