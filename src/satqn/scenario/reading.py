"""From the text of a file to one tree of plain values that knows of every value where it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from satqn.errors import InvalidFileError, Problem

Loc = tuple[int | str, ...]
"""Path of a value in a tree: names of keys and numbers of items."""

Fault = tuple[Loc, str, str]
"""Path of a key, what is wrong there, what to do."""

MOST_VALUES = 1_000_000
"""A file with more values than this is refused: aliases make a huge tree of a few lines."""
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


class _Constructor(RoundTripConstructor):
    """Leaves moments as text: their check is that of the scenario."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


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
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    yaml.Constructor = _Constructor
    try:
        tree = yaml.load(text)
        if not isinstance(tree, CommentedMap):
            what = "the file is empty" if tree is None else "a scenario is a mapping of keys to values"
            raise InvalidFileError(label, [Problem(f"{label}:1:1", what, "begin with 'name: …'")])
        found = Reading({}, {(): f"{label}:1:1"}, {}, {label: folder})
        found.data = _Plain(label, found).of(tree, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{label}:{mark.line + 1}:{mark.column + 1}" if mark else label
        raise InvalidFileError(label, [Problem(where, *_reason(error))]) from error
    except ReaderError as error:
        before = text[: int(error.position)]
        where = f"{label}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        what = f"the sign U+{ord(text[int(error.position)]):04X} is not allowed in YAML"
        raise InvalidFileError(label, [Problem(where, what, "take it out")]) from error
    except RecursionError as error:
        problem = Problem(label, "nested too deeply", "a scenario has few levels")
        raise InvalidFileError(label, [problem]) from error
    except InvalidFileError:
        raise
    except Exception as error:
        # ruamel raises bare ValueErrors and more on some malformed numbers and tags.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidFileError(label, [Problem(label, f"not valid YAML 1.2: {reason}")]) from error
    return found


def _reason(error: MarkedYAMLError) -> tuple[str, str]:
    """Return what is wrong and what to do, in words of the scenario's author."""
    reason = (error.problem or error.context or "not YAML").splitlines()[0]
    if isinstance(error, DuplicateKeyError):
        return (
            f"the key {reason.partition(chr(34))[2].partition(chr(34))[0]!r} stands twice",
            "keep one of them",
        )
    if "'\\t'" in reason:
        return "a tab stands where YAML wants blanks", "indent with blanks"
    return f"not valid YAML 1.2: {reason}", ""


class _Plain:
    """Makes plain values of what the YAML library gives, and notes where they stand."""

    def __init__(self, label: str, found: Reading) -> None:
        self.label, self.found, self.count = label, found, 0

    def of(self, node: Any, loc: Loc) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            problem = Problem(self.label, f"more than {MOST_VALUES} values", "do aliases multiply?")
            raise InvalidFileError(self.label, [problem])
        if isinstance(node, Mapping):
            return self._mapping(node, loc)
        if isinstance(node, Sequence) and not isinstance(node, str | bytes):
            for i in range(len(node)):
                if isinstance(node, CommentedSeq):
                    self._note((*loc, i), node.lc.item(i))
            return [self.of(value, (*loc, i)) for i, value in enumerate(node)]
        if isinstance(node, bool) or node is None:
            return node
        for kind in (int, float):
            if isinstance(node, kind):
                return kind(node)
        return self._text(str(node), loc)

    def _text(self, text: str, loc: Loc) -> str:
        """Return text with the halves of signs joined: JSON writes signs beyond U+FFFF as two."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            problem = Problem(
                self.found.place(loc), "half a sign (\\ud800 to \\udfff alone)", "write it whole"
            )
            raise InvalidFileError(self.label, [problem]) from error

    def _mapping(self, node: Mapping[Any, Any], loc: Loc) -> Any:
        if set(node) == {"value", "source"} and isinstance(node["source"], str) and node["source"].strip():
            self.found.sources[loc] = str(node["source"])
            return self.of(node["value"], loc)
        values: dict[str, Any] = {}
        for key, value in node.items():
            name = self._text(str(key), loc)
            path = (*loc, name)
            if isinstance(node, CommentedMap) and key in node.lc.data:
                self._note(path, node.lc.key(key))
            if name in values:
                problem = Problem(
                    self.found.place(path), f"the key {name!r} stands twice", "keep one of them"
                )
                raise InvalidFileError(self.label, [problem])
            values[name] = self.of(value, path)
        return values

    def _note(self, loc: Loc, mark: tuple[int, int]) -> None:
        self.found.places[loc] = f"{self.label}:{mark[0] + 1}:{mark[1] + 1}"


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
