"""From files to one tree of plain values that knows of every value where it came from.

A scenario may extend another one: mappings are merged key by key, lists and values are replaced. Terminals
that the scenario names are taken from the hardware catalogue, each number with its source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from satqn.errors import InputError, InvalidFileError, Problem
from satqn.files import inside

Loc = tuple[int | str, ...]
HARDWARE = "hardware.yaml"
CATALOGUE = "catalogue"


@dataclass(slots=True)
class Reading:
    """A tree of plain values.

    Parameters
    ----------
    data
        The values.
    places
        Where every key stands: ``file:line:column``, by its path in the tree.
    sources
        What a value's ``source`` says, by its path.
    """

    data: dict[str, Any]
    places: dict[Loc, str] = field(default_factory=dict)
    sources: dict[Loc, str] = field(default_factory=dict)

    def place(self, loc: Loc) -> str:
        """Return where a key stands, or the nearest key around it that stands somewhere."""
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.places:
                return self.places[loc[:end]]
        return ""

    def put(self, loc: Loc, other: Reading) -> None:
        """Replace or add the value at a path by another tree, with its places."""
        *above, last = loc
        node: Any = self.data
        for part in above:
            node = node.setdefault(part, {}) if isinstance(node, dict) else node[part]
        node[last] = other.data
        for kept in (self.places, self.sources):
            for old in [key for key in kept if key[: len(loc)] == loc]:
                del kept[old]
        self.places.update({loc + key: place for key, place in other.places.items()})
        self.sources.update({loc + key: source for key, source in other.sources.items()})

    def part(self, loc: Loc) -> Reading:
        """Return the tree below a path."""
        node: Any = self.data
        for key in loc:
            node = node[key]
        return Reading(
            node,
            {key[len(loc) :]: place for key, place in self.places.items() if key[: len(loc)] == loc},
            {key[len(loc) :]: source for key, source in self.sources.items() if key[: len(loc)] == loc},
        )


def parse(text: str, label: str) -> Reading:
    """Read YAML 1.2 (JSON is a part of it).

    Raises
    ------
    InvalidFileError
        Not YAML, a key that stands twice, or not a mapping.
    """
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
    found = Reading({}, {(): f"{label}:1:1"})
    found.data = _plain(tree, (), label, found)
    return found


def _plain(node: Any, loc: Loc, label: str, found: Reading) -> Any:
    if isinstance(node, Mapping):
        if set(node) == {"value", "source"} and isinstance(node["source"], str) and node["source"].strip():
            found.sources[loc] = str(node["source"])
            return _plain(node["value"], loc, label, found)
        values = {}
        for key, value in node.items():
            if isinstance(node, CommentedMap) and key in node.lc.data:
                line, column = node.lc.key(key)
                found.places[(*loc, str(key))] = f"{label}:{line + 1}:{column + 1}"
            values[str(key)] = _plain(value, (*loc, str(key)), label, found)
        return values
    if isinstance(node, Sequence) and not isinstance(node, str):
        for i in range(len(node)):
            if isinstance(node, CommentedSeq):
                line, column = node.lc.item(i)
                found.places[(*loc, i)] = f"{label}:{line + 1}:{column + 1}"
        return [_plain(value, (*loc, i), label, found) for i, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def merge(base: Reading, over: Reading, loc: Loc = ()) -> None:
    """Put one tree over another: mappings key by key, everything else as a whole."""
    here: Any = base.data
    for part in loc:
        here = here[part]
    above: Any = over.data
    for part in loc:
        above = above[part]
    for key, value in above.items():
        path = (*loc, key)
        if isinstance(value, dict) and isinstance(here.get(key), dict):
            merge(base, over, path)
        else:
            base.put(path, over.part(path))


def catalogue_entry(name: str) -> str | None:
    """Return the text of a scenario that ships with satqn, or None."""
    entry = files("satqn.scenario").joinpath("catalog", f"{name}.yaml")
    if "/" in name or "\\" in name or f"{name}.yaml" == HARDWARE or not entry.is_file():
        return None
    return entry.read_text(encoding="utf-8")


@cache
def hardware_catalogue() -> Reading:
    """Return the terminals that ship with satqn, each number with its source."""
    text = files("satqn.scenario").joinpath("catalog", HARDWARE).read_text(encoding="utf-8")
    return parse(text, f"{CATALOGUE} {HARDWARE}")


def extended(reading: Reading, folder: Path | None, chain: tuple[str, ...]) -> Reading:
    """Return a scenario put over those that it extends.

    Parameters
    ----------
    reading
        The scenario as written.
    folder
        Its folder, in which files are looked for; None for one of the catalogue.
    chain
        The scenarios that led here, to find circles.

    Raises
    ------
    InvalidFileError
        The scenario that is extended does not exist, or extends this one.
    """
    if "extends" not in reading.data:
        return reading
    name, where = reading.data.pop("extends"), reading.place(("extends",))
    if not isinstance(name, str):
        raise InvalidFileError(chain[-1], [Problem(f"{where}: extends", f"{name!r} is not a name")])
    text, label, base_folder = catalogue_entry(name), f"{CATALOGUE} {name}.yaml", None
    if text is None and folder is not None:
        path = inside(folder, name, f"{where}: extends")
        label, base_folder = str(path), path.parent
        text = path.read_text(encoding="utf-8") if path.is_file() else None
    if text is None:
        problem = Problem(
            f"{where}: extends",
            f"there is no scenario {name!r}",
            "name one of `satqn scenarios`, or a file in the folder of this one",
        )
        raise InvalidFileError(chain[-1], [problem])
    if label in chain:
        circle = " → ".join([*chain[chain.index(label) :], label])
        raise InvalidFileError(
            chain[-1], [Problem(f"{where}: extends", f"scenarios extend each other: {circle}")]
        )
    base = extended(parse(text, label), base_folder, (*chain, label))
    merge(base, reading)
    return base


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
            reading.put(("hardware", name), known.part((name,)))
    for name in own:
        _complete(reading, name, (name,))


def _complete(reading: Reading, name: str, chain: tuple[str, ...]) -> None:
    """Replace ``extends`` of a terminal by what it extends, and put its own values over that."""
    own, known = reading.data["hardware"], hardware_catalogue()
    entry = own[name]
    if not isinstance(entry, dict) or "extends" not in entry:
        return
    base, where = entry["extends"], reading.place(("hardware", name, "extends"))
    if base in own and base != name:
        if base in chain:
            circle = " → ".join([*chain, base])
            raise InvalidFileError(where, [Problem(where, f"terminals extend each other: {circle}")])
        _complete(reading, base, (*chain, base))
        whole = reading.part(("hardware", base))
    elif base in known.data:
        whole = known.part((base,))
    else:
        names = ", ".join(sorted({*known.data, *own} - {name}))
        raise InvalidFileError(
            where, [Problem(f"{where}: extends", f"no terminal {base!r}", f"known: {names}")]
        )
    mine = reading.part(("hardware", name))
    del mine.data["extends"]
    mine.places.pop(("extends",), None)
    result = Reading(_copied(whole.data), dict(whole.places), dict(whole.sources))
    merge(result, mine)
    reading.put(("hardware", name), result)


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


def text_of(source: str | Path) -> tuple[str, str, Path | None]:
    """Return text, label and folder of a scenario: a name of the catalogue or a file.

    Raises
    ------
    InputError
        No such scenario, or a file that cannot be read.
    """
    name = str(source)
    text = catalogue_entry(name)
    if text is not None:
        return text, f"{CATALOGUE} {name}.yaml", None
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8"), name, path.parent
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", fix="Save the scenario as UTF-8 YAML") from error
