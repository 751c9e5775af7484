"""Terminals written out in full: those of the hardware catalogue, and those that extend another one."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

from satqn.errors import InvalidFileError, Problem
from satqn.scenario.reading import CATALOGUE, HARDWARE, Reading, merge, parse


@cache
def hardware_catalogue() -> Reading:
    """Return the terminals that ship with satqn, each number with its source."""
    text = files("satqn.scenario").joinpath("catalog", HARDWARE).read_text(encoding="utf-8")
    return parse(text, f"{CATALOGUE} {HARDWARE}")


def with_hardware(reading: Reading) -> None:
    """Write every terminal that is named out in full, from the catalogue or from what it extends."""
    own = reading.data.get("hardware")
    if own is None:
        own = reading.data["hardware"] = {}
    if not isinstance(own, dict):
        return
    known = hardware_catalogue()
    for name in sorted(_named(reading.data) - set(own)):
        if name in known.data:
            reading.put(("hardware", name), _copy(known.part((name,))))
    for name in own:
        _complete(reading, name, (name,))


def preload(reading: Reading, name: str) -> None:
    """Write a terminal of the catalogue into a scenario that has none of that name, to change it there."""
    own = reading.data.get("hardware")
    if own is None:
        own = reading.data["hardware"] = {}
    if isinstance(own, dict) and name not in own and name in hardware_catalogue().data:
        reading.put(("hardware", name), _copy(hardware_catalogue().part((name,))))


def _complete(reading: Reading, name: str, chain: tuple[str, ...]) -> None:
    """Replace ``extends`` of a terminal by what it extends, and put its own values over that."""
    own, known = reading.data["hardware"], hardware_catalogue()
    entry = own[name]
    if not isinstance(entry, dict) or "extends" not in entry:
        return
    base, place = entry["extends"], reading.place(("hardware", name, "extends"))
    where = f"{place}: hardware.{name}.extends"
    if base != name and isinstance(base, str) and base in own:
        if base in chain:
            _refuse(
                where, f"terminals extend each other: {' → '.join([*chain, base])}", "take one 'extends' out"
            )
        _complete(reading, base, (*chain, base))
        whole = reading.part(("hardware", base))
    elif isinstance(base, str) and base in known.data:
        whole = known.part((base,))
    elif base == name:
        _refuse(where, f"the terminal {name!r} extends itself", "name another one")
    else:
        names = sorted({*known.data, *own} - {name})
        near = difflib.get_close_matches(str(base), names, n=1)
        fix = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
        _refuse(where, f"there is no terminal {base!r}", fix)
    mine = reading.part(("hardware", name))
    del mine.data["extends"]
    mine.places.pop(("extends",), None)
    if isinstance(whole.data, dict):
        result = _copy(whole)
        merge(result, mine)
        reading.put(("hardware", name), result)


def _refuse(where: str, what: str, fix: str) -> NoReturn:
    raise InvalidFileError(where.rsplit(":", 3)[0], [Problem(where, what, fix)])


def _copy(whole: Reading) -> Reading:
    return Reading(_copied(whole.data), dict(whole.places), dict(whole.sources))


def _copied(node: Any) -> Any:
    return {key: _copied(value) for key, value in node.items()} if isinstance(node, dict) else node


def _named(node: Any) -> set[str]:
    """Return every name that stands at a key ``terminal``."""
    if isinstance(node, dict):
        here = {node["terminal"]} if isinstance(node.get("terminal"), str) else set()
        return here.union(*(_named(value) for value in node.values())) if node else here
    if isinstance(node, list):
        return set().union(*(_named(value) for value in node)) if node else set()
    return set()
