"""A planning scenario written out: every ground node, fibre, satellite and demand by itself.

What a scenario takes from tables, data sets, networks and catalogues becomes part of it, so that the
resolved scenario is the same wherever it is read, and needs no other file.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from satqn.errors import InputError, InvalidFileError, Problem, SatqnError, SatqnWarning
from satqn.model.shown import Shown
from satqn.network.topologies import FibreTopology
from satqn.orbits.catalogue import parse_omm
from satqn.orbits.propagate import CataloguedOrbits
from satqn.orbits.validity import unusable
from satqn.scenario.air import AirSection, read_air_table
from satqn.scenario.checks import faults
from satqn.scenario.equipping import hardware_catalogue
from satqn.scenario.hardware import TerminalSection
from satqn.scenario.load import Loaded
from satqn.scenario.planning import FibreLinkSection, GroundNode, PlanScenario, SatelliteGroup
from satqn.scenario.reading import Loc
from satqn.topology.bodies import Messages, Stage, catalogued_orbits, stage
from satqn.topology.demands import all_demands
from satqn.topology.remarks import stage_remarks
from satqn.topology.sources import (
    catalogued,
    city_nodes,
    fibre_topology,
    geojson_nodes,
    network_nodes,
    unusable_problems,
)
from satqn.topology.tables import table_nodes
from satqn.units import KM


@dataclass(frozen=True, slots=True, repr=False)
class Expansion(Shown):
    """A scenario written out, and where what was added came from.

    Parameters
    ----------
    scenario
        With every ground node, fibre, satellite and demand by itself.
    origins
        By the path of a value, or of what it is part of: the table and line, data set, network, catalogue,
        seed or other key that it is from. What is not named here stands in the scenario itself.
    remarks
        What was left out on the way, and elements that are old, in words.
    """

    scenario: PlanScenario
    origins: dict[Loc, str]
    remarks: tuple[str, ...] = ()


def expanded(scenario: PlanScenario) -> PlanScenario:
    """Return the scenario with everything that it takes from elsewhere written into it.

    Raises
    ------
    InvalidFileError
        Lists every table, network or catalogue that cannot be used and every name that nothing has.
    """
    return expansion_of(scenario).scenario


def expansion_of(scenario: PlanScenario) -> Expansion:
    """Write a scenario out as :func:`expanded` does, with remarks; errors then name keys alone."""
    writer = _Writer(scenario, _dotted, _dotted)
    return Expansion(writer.expansion(scenario.name), writer.origins, tuple(writer.remarks))


def expand(loaded: Loaded) -> Expansion:
    """Write a scenario out as :func:`expanded` does, and keep where everything came from.

    Parameters
    ----------
    loaded
        A planning scenario as it was read; errors then name file, line and column.

    Raises
    ------
    InvalidFileError
        As :func:`expanded`.
    """
    assert isinstance(loaded.scenario, PlanScenario)
    writer = _Writer(loaded.scenario, loaded.where, loaded.origin)
    scenario = writer.expansion(loaded.reading.place(()).rsplit(":", 2)[0])
    return Expansion(scenario, writer.origins, tuple(writer.remarks))


def _dotted(loc: Loc) -> str:
    return ".".join(map(str, loc))


class _Writer:
    """Writes a scenario out part by part and gathers faults and origins.

    Parameters
    ----------
    scenario
        The scenario.
    where
        Gives the place of a key for a message.
    origin
        Gives where a value came from.
    """

    def __init__(
        self, scenario: PlanScenario, where: Callable[[Loc], str], origin: Callable[[Loc], str]
    ) -> None:
        self.scenario, self.where, self.origin = scenario, where, origin
        self.origins: dict[Loc, str] = {}
        self.problems: list[Problem] = []
        self.remarks: list[str] = []

    def expansion(self, source: str) -> PlanScenario:
        """Return the scenario written out, or raise all faults."""
        scenario = self.scenario
        nodes, fibres = self._ground()
        groups = tuple(self._group(i, group) for i, group in enumerate(scenario.satellites))
        air = self._air()
        self._refuse(source)
        ground = scenario.ground.model_copy(
            update={"nodes": tuple(nodes), "csv": None, "geojson": None, "dataset": None, "topology": None}
        )
        listed = scenario.model_copy(
            update={
                "ground": ground,
                "hardware": scenario.hardware | self._terminals(nodes),
                "fibre": scenario.fibre.model_copy(update={"links": tuple(fibres)}),
                "satellites": groups,
                "air": air,
            }
        )
        self.problems += [Problem(self._place(loc), what, fix) for loc, what, fix in faults(listed)]
        self._refuse(source)
        complete = ground.model_copy(
            update={"nodes": tuple(self._completed(nodes)), "stations": None, "terminal": None}
        )
        demands = self._demands(listed)
        self._refuse(source)
        whole = listed.model_copy(update={"ground": complete, "demands": demands, "drawn_demands": None})
        ready = stage(whole)
        self.problems += self._twice(ready)
        self._refuse(source)
        self.remarks += stage_remarks(ready)
        self._tell()
        return whole

    def _tell(self) -> None:
        """Warn of all remarks; the caller is four calls away."""
        for remark in self.remarks:
            warnings.warn(remark, SatqnWarning, stacklevel=5)

    def _refuse(self, source: str) -> None:
        if self.problems:
            # What was left out of a file may be why a name is not known.
            self._tell()
            raise InvalidFileError(source, dict.fromkeys(self.problems))

    def _place(self, loc: Loc) -> str:
        """Return where a key of the scenario written out stands: in a table, or in the scenario itself."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.origins:
                return f"{self.origins[loc[:end]]}: {_dotted(loc[end:])}".removesuffix(": ")
        return self.where(loc)

    @contextmanager
    def _part(self, loc: Loc, path: str | None = None) -> Iterator[None]:
        """Gather the faults of a file, data set or network that a key names."""
        try:
            yield
        except InvalidFileError as error:
            for problem in error.problems:
                place = self._beneath(loc, problem.where, path)
                self.problems.append(Problem(place, problem.what, problem.fix))
        except SatqnError as error:
            what = error.what if path is None else error.what.replace(path, Path(path).name)
            self.problems.append(Problem(self._beneath(loc, error.where, path), what, error.fix))

    def _beneath(self, loc: Loc, place: str, path: str | None) -> str:
        """Return the place of a key, followed by the place in the file that it names."""
        inner = place if path is None else place.replace(path, Path(path).name)
        in_file = path is not None and inner.startswith(Path(path).name)
        if not inner or (inner.startswith(str(loc[0])) and not in_file):
            return self.where(loc)
        return f"{self.where(loc)}: {inner}"

    def _note(self, loc: Loc, origin: str, made: BaseModel) -> None:
        """Keep where a node or a demand came from; what its source does not say is a default."""
        self.origins[loc] = origin
        for key in set(type(made).model_fields) - made.model_fields_set:
            self.origins[(*loc, key)] = "default"

    def _ground(self) -> tuple[list[GroundNode], list[FibreLinkSection]]:
        ground = self.scenario.ground
        nodes, fibres = list(ground.nodes), list(self.scenario.fibre.links)
        if ground.csv is not None:
            with self._part(("ground", "csv")):
                rows, said = table_nodes(Path(ground.csv))
                self.remarks += said
                for node, line in rows:
                    self._note(("ground", "nodes", len(nodes)), line, node)
                    nodes.append(node)
            self.origins["ground", "csv"] = "written out in ground.nodes"
        if ground.dataset is not None:
            for node in city_nodes(ground.dataset.largest):
                self._note(("ground", "nodes", len(nodes)), f"data set {ground.dataset.name}", node)
                nodes.append(node)
            self.origins["ground", "dataset"] = "written out in ground.nodes"
        if ground.geojson is not None:
            with self._part(("ground", "geojson"), ground.geojson):
                points, said = geojson_nodes(Path(ground.geojson))
                self.remarks += said
                for node in points:
                    self._note(("ground", "nodes", len(nodes)), Path(ground.geojson).name, node)
                    nodes.append(node)
            self.origins["ground", "geojson"] = "written out in ground.nodes"
        if ground.topology is not None:
            with self._part(("ground", "topology"), ground.topology.file):
                self._add_network(fibre_topology(ground.topology), nodes, fibres)
            self.origins["ground", "topology"] = "written out in ground.nodes and fibre.links"
        return nodes, fibres

    def _add_network(
        self, network: FibreTopology, nodes: list[GroundNode], fibres: list[FibreLinkSection]
    ) -> None:
        """Add nodes and fibres of a network; a length that it does not give has the detour in it."""
        if network.laid_out and (self.scenario.haps or self.scenario.satellites):
            raise InputError(
                f"no node of {network.name} has a position, and platforms have to see them",
                fix="give 'positions', a table of name, lat_deg, lon_deg, or 'around', where to lay them out",
            )
        self.remarks += network.remarks
        for node in network_nodes(network):
            self._note(("ground", "nodes", len(nodes)), f"network {network.name}", node)
            nodes.append(node)
        detour = self.scenario.fibre.detour
        for a, b, length, given in zip(network.a, network.b, network.length, network.given, strict=True):
            origin = f"network {network.name}" + ("" if given else ": distance times fibre.detour")
            self.origins["fibre", "links", len(fibres)] = origin
            whole = length if given else length * detour
            # Between two nodes at one place there is nothing to give: distance times detour is 0, too.
            length_km = round(whole / KM, 9) or None
            fibres.append(FibreLinkSection(ends=(network.ids[a], network.ids[b]), length_km=length_km))

    def _air(self) -> AirSection | None:
        """Return the air with its rows, not with a file."""
        air = self.scenario.air
        if air is None or air.table is None:
            return air
        with self._part(("air", "table"), air.table):
            rows = read_air_table(Path(air.table))
            self.origins["air", "rows"] = Path(air.table).name
            self.origins["air", "table"] = "written out in air.rows"
            return AirSection(rows=rows)
        return None

    def _group(self, i: int, group: SatelliteGroup) -> SatelliteGroup:
        """Return a group whose satellites stand in it, not in a file."""
        if group.file is not None:
            found: list[dict[str, Any]] = []
            with self._part(("satellites", i, "file"), group.file.path):
                orbits, remark = catalogued(group.file, self.scenario.time)
                for one in orbits.elements:
                    name = f"{Path(group.file.path).name}: {one.name}"
                    self.origins["satellites", i, "omm", len(found)] = name
                    found.append(dict(one.message))
                self.remarks += [remark] if remark else []
            self.origins["satellites", i, "file"] = f"written out in satellites.{i}.omm"
            return group.model_copy(update={"file": None, "omm": tuple(found)})
        inline = None if group.omm is None else self._inline(i, group.omm)
        if inline is not None:
            time = self.scenario.time
            lost = unusable(inline, time.start, time.horizon_s)
            place = f"{self.where(('satellites', i, 'omm'))}: "
            self.problems += unusable_problems(inline, lost, place, "take newer elements, or leave it out")
        return group

    def _inline(self, i: int, messages: Messages) -> CataloguedOrbits | None:
        """Return the orbits of messages in the scenario itself; their faults are told with their places."""
        try:
            return catalogued_orbits(messages, "satellites")
        except SatqnError:
            for m, message in enumerate(messages):
                with self._part(("satellites", i, "omm", m)):
                    parse_omm([message], "satellites")
            if not messages:
                with self._part(("satellites", i, "omm")):
                    raise
            return None

    def _terminals(self, nodes: list[GroundNode]) -> dict[str, TerminalSection]:
        """Return the terminals of the catalogue that only tables name."""
        catalogue, known = hardware_catalogue(), self.scenario.hardware
        wanted = {node.terminal for node in nodes if node.terminal is not None} - set(known)
        found = {}
        for name in sorted(wanted & set(catalogue.data)):
            entry = catalogue.part((name,))
            found[name] = TerminalSection.model_validate(entry.data)
            for loc, place in entry.places.items():
                source = entry.sources.get(loc)
                self.origins[("hardware", name, *loc)] = place + (f" ({source})" if source else "")
        return found

    def _completed(self, nodes: list[GroundNode]) -> Iterator[GroundNode]:
        """Yield ground nodes with the defaults of the section put in."""
        ground = self.scenario.ground
        for key in ("stations", "terminal"):
            if getattr(ground, key) is not None:
                self.origins["ground", key] = "written out in ground.nodes"
        for i, node in enumerate(nodes):
            station = ground.stations is None or node.id in ground.stations
            changes: dict[str, Any] = {}
            if node.terminal is None and station and ground.terminal is not None:
                changes["terminal"] = ground.terminal
            if node.terminal is None and "terminal" not in changes:
                changes["terminals"] = None
            elif node.terminals is None:
                changes["terminals"] = ground.terminals
            if node.storage_pairs is None:
                changes["storage_pairs"] = ground.storage_pairs
            for key, value in changes.items():
                known = "no terminal" if value is None else f"as ground.{key}: {self.origin(('ground', key))}"
                self.origins["ground", "nodes", i, key] = known
            yield node.model_copy(update=changes)

    def _demands(self, listed: PlanScenario) -> tuple[Any, ...]:
        found = []
        with self._part(("drawn_demands",)):
            for d, demand in enumerate(all_demands(listed)):
                written = self.scenario.demands[d] if d < len(self.scenario.demands) else None
                if written is None:
                    self._note(("demands", d), f"drawn with seed {listed.seed}", demand)
                if written is None or written.id is None:
                    self.origins["demands", d, "id"] = "numbered"
                if written is None or written.target_fidelity is None:
                    key = ("target_fidelity",)
                    self.origins["demands", d, *key] = f"as target_fidelity: {self.origin(key)}"
                found.append(demand)
        if self.scenario.drawn_demands is not None:
            self.origins["drawn_demands",] = "written out in demands"
        return tuple(found)

    def _twice(self, ready: Stage) -> Iterator[Problem]:
        """Yield satellites whose name, made of the id of their group or from a catalogue, is taken."""
        groups = [group.id for group in ready.scenario.satellites]
        seen: set[str] = set()
        for body in ready.bodies:
            if body.id in seen:
                where = self.where(("satellites", groups.index(body.group), "id"))
                yield Problem(
                    where, f"the name of its satellite {body.id!r} is taken", "rename one of the two"
                )
            seen.add(body.id)
