"""From a scenario file (YAML 1.2) or the name of a catalogue entry to a checked scenario.

Every fault is reported at once with file, line and column, and with the nearest known key or value.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from satqn.errors import InputError, InvalidFileError, Problem
from satqn.files import inside
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.checks import faults
from satqn.scenario.migrate import NEWEST, migrated
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import (
    HARDWARE,
    Loc,
    Reading,
    extended,
    parse,
    text_of,
    with_hardware,
)
from satqn.scenario.schema import Scenario

AnyScenario = Scenario | PlanScenario | CaseStudyScenario

MODELS: dict[str, type[Scenario] | type[PlanScenario] | type[CaseStudyScenario]] = {
    "hybrid": Scenario,
    "plan": PlanScenario,
    "case-study": CaseStudyScenario,
}
"""What a scenario can be for."""

SET = "--set"


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
        Dotted keys that the caller has put in.
    """

    scenario: AnyScenario
    reading: Reading
    changed: frozenset[str]

    def origin(self, loc: Loc) -> str:
        """Return where the value at a path came from: a source, a file and line, ``--set`` or ``default``."""
        if any(_under(loc, key) for key in self.changed):
            return SET
        if loc in self.reading.sources:
            return self.reading.sources[loc]
        return self.reading.places.get(loc, "default")


def catalogue() -> dict[str, str]:
    """Return the scenarios that ship with satqn: name to one-sentence description."""
    entries = {}
    for entry in sorted(files("satqn.scenario").joinpath("catalog").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml") and entry.name != HARDWARE:
            data = parse(entry.read_text(encoding="utf-8"), entry.name).data
            entries[entry.name.removesuffix(".yaml")] = str(data.get("description", ""))
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
        raise InputError(
            f"{source} is a scenario for planning", why="This asks for pairs of users of the hybrid protocol",
            fix=f"Use `satqn run {source}` or `satqn plan {source}`, or name a scenario with `study: hybrid`",
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
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        known = list(catalogue())
        near = difflib.get_close_matches(str(source), known, n=1)
        raise InputError(
            f"there is no scenario or file {str(source)!r}",
            fix=(f"Did you mean {near[0]!r}? " if near else "") + f"Known scenarios: {', '.join(known)}",
        ) from error
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}") from error
    reading = migrated(extended(parse(text, label), folder, (label,)), label)
    model = _model(reading, label)
    changed = set()
    for key, value in (overrides or {}).items():
        dotted = _dotted(key, model)
        _put(reading.data, dotted, value)
        changed.add(dotted)
    if model is PlanScenario:
        with_hardware(reading)
    try:
        scenario = model.model_validate(reading.data)
    except ValidationError as error:
        problems = _problems(error, reading, model, changed)
        raise InvalidFileError(str(source), problems) from error
    if isinstance(scenario, PlanScenario):
        _raise(str(source), [(loc, what, fix) for loc, what, fix in faults(scenario)], reading, changed)
    scenario = _with_absolute_files(scenario, reading, folder, changed)
    return Loaded(scenario, reading, frozenset(changed))


def _model(reading: Reading, label: str) -> type[Scenario] | type[PlanScenario] | type[CaseStudyScenario]:
    study = reading.data.get("study")
    if study not in MODELS:
        where = f"{reading.place(('study',))}: study"
        raise InvalidFileError(
            label, [Problem(where, f"{study!r} is no study", f"use one of {', '.join(MODELS)}")]
        )
    return MODELS[study]


def _raise(label: str, found: list[tuple[Loc, str, str]], reading: Reading, changed: set[str]) -> None:
    if found:
        problems = [Problem(_where(loc, reading, changed), what, fix) for loc, what, fix in found]
        raise InvalidFileError(label, dict.fromkeys(problems))


def _where(loc: Loc, reading: Reading, changed: set[str]) -> str:
    dotted = ".".join(map(str, loc))
    if any(_under(loc, key) for key in changed):
        return f"{SET} {dotted}"
    return f"{reading.place(loc)}: {dotted}"


def _under(loc: Loc, key: str) -> bool:
    dotted = ".".join(map(str, loc))
    return dotted == key or dotted.startswith(key + ".")


FILE_KEYS: tuple[tuple[str, ...], ...] = (("ground", "csv"), ("ground", "topology", "file"))


def _with_absolute_files(
    scenario: AnyScenario, reading: Reading, folder: Path | None, changed: set[str]
) -> AnyScenario:
    """Paths in a file are relative to that file; paths in an override to the working folder."""
    if isinstance(scenario, Scenario):
        name = scenario.ground_stations.file
        if name is None or folder is None or "ground_stations.file" in changed:
            return scenario
        stations = scenario.ground_stations.model_copy(update={"file": str(folder / name)})
        return scenario.model_copy(update={"ground_stations": stations})

    if isinstance(scenario, CaseStudyScenario):
        return scenario

    def absolute(name: str, loc: Loc) -> str:
        where = _where(loc, reading, changed)
        if where.startswith(SET):
            return name
        return str(inside(folder or Path(), name, where).absolute())

    ground = scenario.ground
    if ground.csv is not None:
        ground = ground.model_copy(update={"csv": absolute(ground.csv, ("ground", "csv"))})
    if ground.topology is not None and ground.topology.file is not None:
        path = absolute(ground.topology.file, ("ground", "topology", "file"))
        ground = ground.model_copy(update={"topology": ground.topology.model_copy(update={"file": path})})
    groups = []
    for i, group in enumerate(scenario.satellites):
        if group.file is not None:
            path = absolute(group.file.path, ("satellites", i, "file", "path"))
            group = group.model_copy(update={"file": group.file.model_copy(update={"path": path})})
        groups.append(group)
    return scenario.model_copy(update={"ground": ground, "satellites": tuple(groups)})


def _dotted(key: str, model: type[BaseModel]) -> str:
    """Return the full key of an override; an option of the hybrid protocol needs no section."""
    name = key.strip().replace("-", "_") if model is Scenario else key.strip()
    if model is Scenario and "." not in name and name not in Scenario.model_fields:
        option_fields = Scenario.model_fields["options"].annotation.model_fields  # type: ignore[union-attr]
        aliases = {"waiting": "waiting_factor", "losses": "segment_losses", "cap": "max_photon_repeaters"}
        name = aliases.get(name, name)
        if name in option_fields:
            return f"options.{name}"
        near = difflib.get_close_matches(name, [*option_fields, *Scenario.model_fields, *known_keys()], n=1)
        raise InputError(
            f"unknown key {key!r}",
            where=SET,
            fix=f"Did you mean {near[0]!r}?" if near else "Known options: " + ", ".join(option_fields),
        )
    return name


def known_keys(model: type[BaseModel] = Scenario) -> list[str]:
    """Return every dotted key that a scenario can have."""
    keys: list[str] = []

    def walk(section: type[BaseModel], prefix: str) -> None:
        for name, info in section.model_fields.items():
            inner = _section(info.annotation)
            if inner is None:
                keys.append(prefix + name)
            else:
                walk(inner, f"{prefix}{name}.")

    walk(model, "")
    return keys


def _section(annotation: Any) -> type[BaseModel] | None:
    """Return the section behind an annotation, also as an item of a list or a mapping, or None."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _section(part)) is not None), None)


def _section_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """Return the section in which the last key of a path stands."""
    here: type[BaseModel] | None = model
    for part in loc[:-1]:
        if here is not None and isinstance(part, str) and part in here.model_fields:
            here = _section(here.model_fields[part].annotation)
        # A number is an item of a list, an unknown name one of a mapping: the section stays.
    return here


def _put(data: dict[str, Any], dotted: str, value: Any) -> None:
    """Put a value in; an item of a list is named by its number or its id."""
    *sections, last = dotted.split(".")
    node: Any = data
    for section in sections:
        if isinstance(node, list):
            node = node[_number(node, section, dotted)]
            continue
        if not isinstance(node, dict):
            raise InputError(f"{section!r} is in a value, not in a section", where=f"{SET} {dotted}")
        inner = node.get(section)
        if inner is None:
            inner = node[section] = {}
        if not isinstance(inner, dict | list):
            raise InputError(f"{section!r} is a value, not a section", where=f"{SET} {dotted}")
        node = inner
    if isinstance(node, list):
        node[_number(node, last, dotted)] = value
    else:
        node[last] = value


def _number(items: list[Any], name: str, dotted: str) -> int:
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    if name in ids:
        return ids.index(name)
    if name.isdigit() and int(name) < len(items):
        return int(name)
    known = ", ".join(str(one) for one in ids if one is not None) or f"0 to {len(items) - 1}"
    raise InputError(f"no item {name!r}", where=f"{SET} {dotted}", fix=f"Items: {known}")


def _problems(
    error: ValidationError, reading: Reading, model: type[BaseModel], changed: set[str]
) -> list[Problem]:
    found = []
    for fault in error.errors():
        loc = tuple(part for part in fault["loc"] if not _is_union_tag(part))
        found.append(Problem(_where(loc, reading, changed), *_explain(fault, loc, model)))
    return list(dict.fromkeys(found))


def _is_union_tag(part: int | str) -> bool:
    """Tell pydantic's names of union branches (``literal['none']``) from keys of the file."""
    return isinstance(part, str) and (
        part.endswith("]") or part in {"int", "float", "str", "constrained-int"}
    )


def _explain(fault: Any, loc: Loc, model: type[BaseModel]) -> tuple[str, str]:
    value = fault.get("input")
    section = _section_at(model, loc)
    names = list(section.model_fields) if section is not None else []
    if fault["type"] == "extra_forbidden":
        key = str(loc[-1])
        stem, _, unit = key.rpartition("_")
        near = [name for name in names if unit in UNITS and name.rpartition("_")[0] == stem]
        near = near or difflib.get_close_matches(key, names, n=1)
        return "unknown key", f"did you mean {near[0]!r}?" if near else "known keys: " + ", ".join(names)
    if fault["type"] == "missing":
        return "this key is missing", ""
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return f"{message}, not {value!r}", _unit_hint(fault, loc)


UNITS = frozenset({"m", "km", "deg", "rad", "s", "ms", "us", "ns", "h", "nm", "um", "urad", "db"})
"""Ends of keys that are units: a key of the same quantity in another unit is meant."""

_SMALLER_UNITS: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    ("_km", "metres", lambda v: v / 1e3),
    ("_s", "milliseconds", lambda v: v / 1e3),
)


def _unit_hint(fault: Any, loc: Loc) -> str:
    """Say so where a value would fit if it were in a smaller unit."""
    value, most = fault.get("input"), (fault.get("ctx") or {}).get("le")
    if not isinstance(value, int | float) or isinstance(value, bool) or most is None:
        return ""
    for suffix, unit, convert in _SMALLER_UNITS:
        if str(loc[-1]).endswith(suffix) and convert(value) <= most:
            return f"it looks like {unit}: {convert(value):g} would fit {str(loc[-1])!r}"
    return ""


__all__ = ["MODELS", "NEWEST", "Loaded", "catalogue", "known_keys", "load_any", "load_scenario"]
