"""From the text of a file to one tree of plain values that knows of every value where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from satqn.documents import Loc as Loc
from satqn.documents import Mark, Node, compose
from satqn.errors import InvalidFileError, Problem

Fault = tuple[Loc, str, str]
"""Path of a key, what is wrong there, what to do."""

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
    folders
        The folder of every file that took part, by the label that its places begin with; None for a file of
        the catalogue.
    """

    data: dict[str, Any]
    places: dict[Loc, str] = field(default_factory=dict)
    sources: dict[Loc, str] = field(default_factory=dict)
    folders: dict[str, Path | None] = field(default_factory=dict)

    def folder(self, loc: Loc) -> Path | None:
        """Return the folder of the file in which a key stands; None for one of the catalogue."""
        return self.folders.get(self.place(loc).rsplit(":", 2)[0])

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


def parse(text: str, label: str, folder: Path | None = None) -> Reading:
    """Read YAML 1.2 (JSON is a part of it).

    Parameters
    ----------
    text
        The text of the file.
    label
        What the file is called in places.
    folder
        Where it lies; None for one of the catalogue.

    Raises
    ------
    InvalidFileError
        Not YAML, a key that stands twice, or not a mapping.
    """
    root = compose(text, label, finite=False)
    if root is None or root.kind != "mapping":
        what = "the file is empty" if root is None else "a scenario is a mapping of keys to values"
        raise InvalidFileError(label, [Problem(f"{label}:1:1", what, "begin with 'name: …'")])
    found = Reading({}, {(): f"{label}:1:1"}, {}, {label: folder})
    found.data = _plain(root, (), label, found)
    return found


def _plain(node: Node, loc: Loc, label: str, found: Reading) -> Any:
    """Return the values of a node, and note where they stand and where their numbers come from."""
    if node.kind == "list":
        for i, item in enumerate(node.items):
            found.places[(*loc, i)] = _place(label, item.mark)
        return [_plain(item, (*loc, i), label, found) for i, item in enumerate(node.items)]
    if node.kind == "scalar":
        return node.value
    if set(node.pairs) == {"value", "source"}:
        source = node.pairs["source"][1].value
        if isinstance(source, str) and source.strip():
            found.sources[loc] = source
            return _plain(node.pairs["value"][1], loc, label, found)
    for key, (mark, _) in node.pairs.items():
        found.places[(*loc, key)] = _place(label, mark)
    return {key: _plain(value, (*loc, key), label, found) for key, (_, value) in node.pairs.items()}


def _place(label: str, mark: Mark) -> str:
    return f"{label}:{mark[0]}:{mark[1]}"


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
    if not re.fullmatch(r"[\w-]{1,80}", name) or f"{name}.yaml" == HARDWARE:
        return None
    entry = files("satqn.scenario").joinpath("catalog", f"{name}.yaml")
    return entry.read_text(encoding="utf-8") if entry.is_file() else None


def catalogue_names() -> list[str]:
    """Return the names of the scenarios that ship with satqn, in order."""
    entries = (entry.name for entry in files("satqn.scenario").joinpath("catalog").iterdir())
    return sorted(
        name.removesuffix(".yaml") for name in entries if name.endswith(".yaml") and name != HARDWARE
    )
