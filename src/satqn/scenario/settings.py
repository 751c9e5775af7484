"""Values that the caller puts into a scenario, as with ``--set KEY=VALUE``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from satqn.errors import InputError, shown
from satqn.files import inside
from satqn.scenario.equipping import preload
from satqn.scenario.keys import known_keys
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import Loc, Reading
from satqn.scenario.schema import Scenario
from satqn.scenario.sections import FILES

SET = "--set"


def put_in(reading: Reading, key: str, value: Any, model: type[BaseModel]) -> Loc:
    """Put a value in and return its path; an item of a list is named by its number or its id.

    Parameters
    ----------
    reading
        The scenario.
    key
        Dotted key; an option of the hybrid protocol needs no section.
    value
        Its new value.
    model
        What the scenario is for.

    Raises
    ------
    InputError
        No such option or item, or a key below a value that is no section.
    """
    dotted = _dotted(key, model)
    parts = dotted.split(".")
    if model is PlanScenario and parts[0] == "hardware" and len(parts) > 1:
        preload(reading, parts[1])
    *sections, last = parts
    node: Any = reading.data
    loc: Loc = ()
    for section in sections:
        if isinstance(node, list):
            loc = (*loc, _number(node, section, dotted))
            node = node[int(loc[-1])]
            continue
        if not isinstance(node, dict):
            raise InputError(f"{shown(section)} is in a value, not in a section", where=f"{SET} {dotted}")
        inner = node.get(section)
        if inner is None:
            inner = node[section] = {}
        if not isinstance(inner, dict | list):
            raise InputError(f"{shown(section)} is a value, not a section", where=f"{SET} {dotted}")
        node, loc = inner, (*loc, section)
    if isinstance(node, list):
        loc = (*loc, _number(node, last, dotted))
        node[int(loc[-1])] = value
    elif isinstance(node, dict):
        loc = (*loc, last)
        node[last] = value
    else:
        raise InputError(f"{shown(last)} is in a value, not in a section", where=f"{SET} {dotted}")
    return loc


def refuse_outside(key: str, value: Any, where: str) -> None:
    """Refuse a file that leaves the working folder, in a value of ``--set`` or ``--vary``.

    Parameters
    ----------
    key
        Dotted key.
    value
        What it is to be.
    where
        The option, for the message.

    Raises
    ------
    InputError
        As :func:`satqn.files.inside`.
    """
    if isinstance(value, dict):
        for inner, part in value.items():
            refuse_outside(str(inner), part, where)
    elif isinstance(value, list):
        for part in value:
            refuse_outside(key, part, where)
    elif isinstance(value, str) and key.rsplit(".", 1)[-1].strip() in FILES:
        try:
            inside(Path(), value, where)
        except (OSError, ValueError) as error:
            raise InputError(f"{shown(value)} is not the name of a file", where=where) from error


def refuse_files(changes: Mapping[str, Any], where: str) -> None:
    """Refuse every value that names a file or a path: changes that come from outside must not read a disk.

    Parameters
    ----------
    changes
        Dotted keys to values.
    where
        Who gave them, for the message.

    Raises
    ------
    InputError
        The first such value.

    Examples
    --------
    >>> refuse_files({"time.slot_s": 60.0}, "the request")
    """
    for key, value in changes.items():
        _refuse_file(str(key), value, where)


def _refuse_file(key: str, value: Any, where: str) -> None:
    if isinstance(value, dict):
        refuse_files(value, where)
    elif isinstance(value, list):
        for part in value:
            _refuse_file(key, part, where)
    elif value is not None:
        last = key.rsplit(".", 1)[-1].strip()
        if last in FILES or last == "extends":
            raise InputError(
                f"{shown(key)} names a file",
                where=where,
                why="Files are read from the folder of the scenario only, never on a request",
                fix="Change the scenario file itself",
            )
        if last == "name" and isinstance(value, str) and re.search(r"[/\\]|\.\.", value):
            raise InputError(f"{shown(value)} is not a name", where=f"{where}: {shown(key)}")


def _dotted(key: str, model: type[BaseModel]) -> str:
    """Return the full key of an override; an option of the hybrid protocol needs no section."""
    name = key.strip().replace("-", "_") if model is Scenario else key.strip()
    if model is Scenario and "." not in name and name not in Scenario.model_fields:
        # pydantic types an annotation as optional; that of this field is a section.
        option_fields = Scenario.model_fields["options"].annotation.model_fields  # type: ignore[union-attr]
        aliases = {"waiting": "waiting_factor", "losses": "segment_losses", "cap": "max_photon_repeaters"}
        name = aliases.get(name, name)
        if name in option_fields:
            return f"options.{name}"
        near = difflib.get_close_matches(name, [*option_fields, *Scenario.model_fields, *known_keys()], n=1)
        raise InputError(
            f"unknown key {shown(key)}",
            where=SET,
            fix=f"Did you mean {near[0]!r}?" if near else "Known options: " + ", ".join(option_fields),
        )
    return name


def _number(items: list[Any], name: str, dotted: str) -> int:
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    if name in ids:
        return ids.index(name)
    if re.fullmatch("[0-9]{1,9}", name) and int(name) < len(items):
        return int(name)
    known = ", ".join(str(one) for one in ids if one is not None) or f"0 to {len(items) - 1}"
    raise InputError(f"no item {shown(name)}", where=f"{SET} {dotted}", fix=f"Items: {known}")
