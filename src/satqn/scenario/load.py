"""From a scenario file (YAML 1.2) or the name of a catalogue entry to a checked :class:`Scenario`.

Every fault is reported at once with file, line and column, and with the nearest known key or value.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from satqn.errors import InputError, InvalidFileError, Problem
from satqn.scenario.schema import Scenario

Loc = tuple[int | str, ...]


def catalogue() -> dict[str, str]:
    """Return the scenarios that ship with satqn: name to one-sentence description."""
    entries = {}
    for entry in sorted(files("satqn.scenario").joinpath("catalog").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            data = _parse(entry.read_text(encoding="utf-8"), entry.name)
            entries[entry.name.removesuffix(".yaml")] = str(data.get("description", ""))
    return entries


def load_scenario(source: str | Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    source
        The name of a catalogue entry, or the path of a YAML file.
    overrides
        Dotted keys to values, put in after reading (``{"satellite.altitude_km": 12000}``).

    Raises
    ------
    InputError
        No such scenario or file, or an override with an unknown key.
    InvalidFileError
        The file has faults; all of them are listed.

    Examples
    --------
    >>> load_scenario("us-cities").network.dataset
    'us-cities'
    """
    text, label, folder = _read(source)
    tree = _parse(text, label)
    data = _plain(tree)
    changed: set[str] = set()
    for key, value in (overrides or {}).items():
        dotted = _dotted(key)
        _put(data, dotted, value)
        changed.add(dotted)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise InvalidFileError(label, _problems(error, tree, label, changed)) from error
    return _with_absolute_files(scenario, folder, changed)


def _with_absolute_files(scenario: Scenario, folder: Path | None, changed: set[str]) -> Scenario:
    """Paths in a file are relative to that file; paths in an override to the working folder."""
    name = scenario.ground_stations.file
    if name is None or folder is None or "ground_stations.file" in changed:
        return scenario
    stations = scenario.ground_stations.model_copy(update={"file": str(folder / name)})
    return scenario.model_copy(update={"ground_stations": stations})


def _read(source: str | Path) -> tuple[str, str, Path | None]:
    name = str(source)
    entry = files("satqn.scenario").joinpath("catalog", f"{name}.yaml")
    if "/" not in name and "\\" not in name and entry.is_file():
        return entry.read_text(encoding="utf-8"), name, None
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8"), name, path.parent
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        known = list(catalogue())
        near = difflib.get_close_matches(name, known, n=1)
        raise InputError(
            f"there is no scenario or file {name!r}",
            fix=(f"Did you mean {near[0]!r}? " if near else "") + f"Known scenarios: {', '.join(known)}",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", fix="Save the scenario as UTF-8 YAML") from error
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error


def _parse(text: str, label: str) -> CommentedMap:
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{label}:{mark.line + 1}:{mark.column + 1}" if mark else label
        reason = (error.problem or error.context or "not YAML").splitlines()[0]
        raise InvalidFileError(label, [Problem(where, f"not valid YAML 1.2: {reason}")]) from error
    except Exception as error:
        # ruamel raises bare ValueErrors on some malformed numbers and dates.
        raise InvalidFileError(label, [Problem(label, f"not valid YAML 1.2: {error}")]) from error
    if not isinstance(tree, CommentedMap):
        problem = Problem(f"{label}:1:1", "a scenario is a mapping of keys to values", "begin with 'name: …'")
        raise InvalidFileError(label, [problem])
    return tree


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _dotted(key: str) -> str:
    """Return the full key of an override: an option may be named without its section."""
    name = key.strip().replace("-", "_")
    if "." not in name and name not in Scenario.model_fields:
        option_fields = Scenario.model_fields["options"].annotation.model_fields  # type: ignore[union-attr]
        aliases = {"waiting": "waiting_factor", "losses": "segment_losses", "cap": "max_photon_repeaters"}
        name = aliases.get(name, name)
        if name in option_fields:
            return f"options.{name}"
        near = difflib.get_close_matches(name, [*option_fields, *Scenario.model_fields, *known_keys()], n=1)
        raise InputError(
            f"unknown key {key!r}",
            where="--set",
            fix=f"Did you mean {near[0]!r}?" if near else "Known options: " + ", ".join(option_fields),
        )
    return name


def known_keys() -> list[str]:
    """Return every dotted key that a scenario can have."""
    keys: list[str] = []

    def walk(model: type[BaseModel], prefix: str) -> None:
        for name, info in model.model_fields.items():
            inner = _section(info.annotation)
            if inner is None:
                keys.append(prefix + name)
            else:
                walk(inner, f"{prefix}{name}.")

    walk(Scenario, "")
    return keys


def _section(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if get_origin(candidate) is None and isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _put(data: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, last = dotted.split(".")
    place = data
    for section in sections:
        inner = place.setdefault(section, {})
        if inner is None:
            inner = place[section] = {}
        if not isinstance(inner, dict):
            raise InputError(f"{section!r} is a value, not a section", where=f"--set {dotted}")
        place = inner
    place[last] = value


def _problems(error: ValidationError, tree: CommentedMap, label: str, changed: set[str]) -> list[Problem]:
    found = []
    for fault in error.errors():
        loc = tuple(part for part in fault["loc"] if not _is_union_tag(part))
        dotted = ".".join(str(part) for part in loc)
        if any(dotted == key or dotted.startswith(key + ".") for key in changed):
            where = f"--set {dotted}"
        else:
            where = f"{label}{_position(tree, loc)}: {dotted}"
        found.append(Problem(where, *_explain(fault, loc)))
    return list(dict.fromkeys(found))


def _is_union_tag(part: int | str) -> bool:
    """Tell pydantic's names of union branches (``literal['none']``) from keys of the file."""
    return isinstance(part, str) and (part.endswith("]") or part in {"int", "float", "constrained-int"})


def _position(tree: Any, loc: Loc) -> str:
    line, column = 0, 0
    node = tree
    for part in loc:
        if isinstance(node, CommentedMap) and part in node:
            line, column = node.lc.key(part)
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line, column = node.lc.item(part)
            node = node[part]
        else:
            break
    return f":{line + 1}:{column + 1}"


def _explain(fault: Any, loc: Loc) -> tuple[str, str]:
    value = fault.get("input")
    if fault["type"] == "extra_forbidden":
        siblings = [key for key in known_keys() if key.rsplit(".", 1)[0] == ".".join(map(str, loc[:-1]))]
        names = [key.rsplit(".", 1)[-1] for key in siblings] if len(loc) > 1 else list(Scenario.model_fields)
        near = difflib.get_close_matches(str(loc[-1]), names, n=1)
        return "unknown key", f"did you mean {near[0]!r}?" if near else "known keys: " + ", ".join(names)
    if fault["type"] == "missing":
        return "this key is missing", ""
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return f"{message}, not {value!r}", ""
