"""From a scenario file (YAML 1.2) or the name of a catalogue entry to a checked scenario.

Every fault is reported at once with file, line and column, and with the nearest known key or value.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from satqn.errors import InputError, InvalidFileError, Problem, shown
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.checks import faults
from satqn.scenario.equipping import with_hardware
from satqn.scenario.extending import beside, extended, text_of
from satqn.scenario.keys import known_keys
from satqn.scenario.migrate import NEWEST, migrated
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import Fault, Loc, Reading, catalogue_entry, catalogue_names, parse
from satqn.scenario.schema import Scenario
from satqn.scenario.settings import SET, put_in
from satqn.scenario.wording import worded

AnyScenario = Scenario | PlanScenario | CaseStudyScenario

MODELS: dict[str, type[Scenario] | type[PlanScenario] | type[CaseStudyScenario]] = {
    "hybrid": Scenario,
    "plan": PlanScenario,
    "case-study": CaseStudyScenario,
}
"""What a scenario can be for."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked scenario, and where each of its values came from.

    Parameters
    ----------
    scenario
        The scenario.
    reading
        The tree of values as it was read, with places and sources.
    changed
        Paths of the values that the caller has put in.
    """

    scenario: AnyScenario
    reading: Reading
    changed: frozenset[Loc]

    def where(self, loc: Loc) -> str:
        """Return the place of a key for a message: ``file:line:column: key`` or ``--set key``."""
        return _Reader(self.reading, self.changed, "").where(loc)

    def origin(self, loc: Loc) -> str:
        """Return where the value at a path came from.

        That is ``--set``, ``file:line:column`` with the source that the value names there, or ``default``.
        """
        if _set(loc, self.changed):
            return SET
        stands = any(loc[:end] in self.reading.places for end in range(1, len(loc) + 1))
        if not stands or not _is_in(loc, self.reading.data):
            return "default"
        source = self.reading.sources.get(loc)
        return self.reading.place(loc) + (f" ({source})" if source else "")


def catalogue() -> dict[str, str]:
    """Return the scenarios that ship with satqn: name to one-sentence description."""
    entries = {}
    for name in catalogue_names():
        data = parse(catalogue_entry(name) or "", name).data
        entries[name] = str(data.get("description", ""))
    return entries


def load_scenario(source: str | Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read and check a scenario of the hybrid protocol.

    Parameters
    ----------
    source
        The name of a catalogue entry, or the path of a YAML file.
    overrides
        Dotted keys to values, put in after reading (``{"satellite.altitude_km": 12000}``).

    Raises
    ------
    InputError
        No such scenario or file, one that is made for planning, or an override with an unknown key.
    InvalidFileError
        The file has faults; all of them are listed.

    Examples
    --------
    >>> load_scenario("us-cities").network.dataset
    'us-cities'
    """
    scenario = load_any(source, overrides).scenario
    if not isinstance(scenario, Scenario):
        run = f"`satqn run {source}` or " if isinstance(scenario, PlanScenario) else ""
        raise InputError(
            f"{source} is a scenario for planning", why="This asks for pairs of users of the hybrid protocol",
            fix=f"Use {run}`satqn plan {source}`, or name a scenario with `study: hybrid`, e.g. us-cities",
        )  # fmt: skip
    return scenario


def load_any(source: str | Path, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read and check a scenario of any study; parameters and errors as :func:`load_scenario`.

    Examples
    --------
    >>> load_any("metro-pair").scenario.name
    'metro-pair'
    """
    try:
        text, label, folder = text_of(source)
    except InvalidFileError:
        raise
    except InputError as error:
        if not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError | ValueError):
            raise
        known = list(catalogue())
        near = difflib.get_close_matches(str(source), known, n=1)
        raise InputError(
            f"there is no scenario or file {shown(str(source), 200)}",
            fix=(f"Did you mean {near[0]!r}? " if near else "") + f"Known scenarios: {', '.join(known)}",
        ) from error
    reading = migrated(extended(parse(text, label, folder), folder, (label,)), label)
    model = _model(reading, label)
    changed = frozenset(put_in(reading, key, value, model) for key, value in (overrides or {}).items())
    if model is PlanScenario:
        with_hardware(reading)
    return Loaded(_Reader(reading, changed, str(source)).checked(model), reading, changed)


def _model(reading: Reading, label: str) -> type[Scenario] | type[PlanScenario] | type[CaseStudyScenario]:
    study = reading.data.get("study")
    if not isinstance(study, str) or study not in MODELS:
        near = difflib.get_close_matches(str(study), MODELS, n=1)
        fix = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(MODELS)}"
        problem = Problem(f"{reading.place(('study',))}: study", f"{shown(study)} is no study", fix)
        raise InvalidFileError(label, [problem])
    return MODELS[study]


class _Reader:
    """Makes a scenario of a tree of values; every fault is told with its place."""

    def __init__(self, reading: Reading, changed: frozenset[Loc], source: str) -> None:
        self.reading, self.changed, self.source = reading, changed, source

    def checked(self, model: type[AnyScenario]) -> AnyScenario:
        """Return the scenario, or raise all faults of its shape, else all faults of its meaning."""
        endless = list(_not_finite(self.reading.data))
        try:
            scenario = model.model_validate(self.reading.data)
        except ValidationError as error:
            told = list(worded(error.errors(), model, self.reading.data))
            self.refuse([*told, *(fault for fault in endless if fault[0] not in {loc for loc, *_ in told})])
            raise
        self.refuse(endless)
        if isinstance(scenario, PlanScenario):
            self.refuse(faults(scenario))
        return self.with_files(scenario)

    def refuse(self, found: Iterable[Fault]) -> None:
        """Raise all faults at once, if there are any."""
        problems = [Problem(self.where(loc), what, fix) for loc, what, fix in found]
        if problems:
            raise InvalidFileError(self.source, sorted(dict.fromkeys(problems), key=_in_file)) from None

    def where(self, loc: Loc) -> str:
        """Return where a key stands, and its dotted name."""
        dotted = ".".join(map(str, loc))
        return f"{SET} {dotted}" if _set(loc, self.changed) else f"{self.reading.place(loc)}: {dotted}"

    def with_files(self, scenario: AnyScenario) -> AnyScenario:
        """Return the scenario with the paths of its files made whole.

        Paths in a file are relative to that file; paths that the caller has put in to the working folder.
        """
        if isinstance(scenario, Scenario):
            name, loc = scenario.ground_stations.file, ("ground_stations", "file")
            if name is None or _set(loc, self.changed):
                return scenario
            place = beside(self.reading.folder(loc), name, self.where(loc))
            stations = scenario.ground_stations.model_copy(update={"file": str(place)})
            return scenario.model_copy(update={"ground_stations": stations})
        if not isinstance(scenario, PlanScenario):
            return scenario
        ground = scenario.ground
        for key in ("csv", "geojson"):
            name = getattr(ground, key)
            if name is not None:
                ground = ground.model_copy(update={key: self.path(name, ("ground", key))})
        for key in ("file", "positions"):
            name = getattr(ground.topology, key, None)
            if ground.topology is not None and name is not None:
                whole = {key: self.path(name, ("ground", "topology", key))}
                ground = ground.model_copy(update={"topology": ground.topology.model_copy(update=whole)})
        air = scenario.air
        if air is not None and air.table is not None:
            air = air.model_copy(update={"table": self.path(air.table, ("air", "table"))})
        groups = []
        for i, group in enumerate(scenario.satellites):
            if group.file is not None:
                path = self.path(group.file.path, ("satellites", i, "file", "path"))
                group = group.model_copy(update={"file": group.file.model_copy(update={"path": path})})
            groups.append(group)
        return scenario.model_copy(update={"ground": ground, "satellites": tuple(groups), "air": air})

    def path(self, name: str, loc: Loc) -> str:
        """Return the path of a file that the scenario names."""
        folder = Path() if _set(loc, self.changed) else self.reading.folder(loc)
        return str(beside(folder, name, self.where(loc)).absolute())


def _not_finite(node: Any, loc: Loc = ()) -> Iterator[Fault]:
    """Yield every number of a tree that is not finite, also where any value may stand."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _not_finite(value, (*loc, key))
    elif isinstance(node, float) and not math.isfinite(node):
        yield loc, f"{node} is not a finite number", "write a number"


def _in_file(problem: Problem) -> tuple[str, int, int]:
    """Return what sorts problems as they stand in their file."""
    place = re.match(r"(.*?):(\d+):(\d+): ", problem.where)
    return (place[1], int(place[2]), int(place[3])) if place else ("", 0, 0)


def _is_in(loc: Loc, node: Any) -> bool:
    """Whether a tree of values has something at a path."""
    for part in loc:
        there = range(len(node)) if isinstance(node, list) else node if isinstance(node, dict) else ()
        if part not in there:
            return False
        node = node[part]
    return True


def _set(loc: Loc, changed: frozenset[Loc]) -> bool:
    """Whether the caller has put in the value at a path, or what it is part of."""
    return any(loc[:end] in changed for end in range(1, len(loc) + 1))


__all__ = [
    "MODELS",
    "NEWEST",
    "AnyScenario",
    "Loaded",
    "catalogue",
    "known_keys",
    "load_any",
    "load_scenario",
]
