"""Opening what the user gives: regular files of bounded size as text, JSON, YAML 1.2 or CSV.

Everything that reads an input goes through here, so that one place answers for pipes and devices, files that
inflate without end, bytes that are no text, nesting and aliases that multiply, keys that stand twice, numbers
that no machine holds, and tags.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from satqn.errors import InputError, InvalidFileError, Problem, cut, shown
from satqn.files import note_input

Loc = tuple[int | str, ...]
"""Path of a value in a tree: names of keys and numbers of items."""

MEBIBYTE = 2**20
MOST_BYTES = 256 * MEBIBYTE
"""Of one input, also after inflating. The census of the United States has 4 MiB, 10 000 satellites 2 MiB."""
MOST_YAML_BYTES = 16 * MEBIBYTE
"""Of one YAML file: the parser reads about 0.3 MiB in a second. JSON is read at 50 MiB in a second."""
MOST_VALUES = 1_000_000
"""Of one YAML file, with every alias written out."""
MOST_REPEATED = 100_000
"""Values that aliases and merge keys may add to those that are written."""
MOST_JSON_VALUES = 50_000_000
"""Commas and brackets of one JSON file; a number in a list takes up to 32 bytes of memory."""
MOST_JSON_CONTAINERS = 5_000_000
"""Opening brackets of one JSON file; an empty list takes 64 bytes of memory, an empty object as much."""
MOST_DEPTH = 64
"""Of nesting. The deepest file of satqn has 8 levels."""
MOST_DIGITS = 308
"""Of a whole number: the largest double has 309."""
MOST_PROBLEMS = 1000
"""Faults after which reading stops."""
MOST_CELL = 100_000
"""Characters of one cell of a table."""

_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)


def read_bytes(path: str | Path, *, label: str | None = None, limit: int = MOST_BYTES) -> bytes:
    """Return the bytes of a regular file.

    Parameters
    ----------
    path
        The file.
    label
        What it is called in messages; by default its path.
    limit
        Most bytes.

    Raises
    ------
    InputError
        It cannot be read, is a folder, a pipe or a device, or is larger than the limit.
    """
    name = str(path) if label is None else label
    try:
        # Without O_NONBLOCK the opening of a pipe waits for someone who writes into it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise _not_regular(name, mode)
            note_input(path, os.fstat(handle))
            content = file.read(limit + 1)
    except IsADirectoryError as error:
        raise _not_regular(name, stat.S_IFDIR) from error
    except OSError as error:
        raise InputError(
            f"cannot read {name}: {error.strerror or error}", fix="Give the path of a file"
        ) from error
    except ValueError as error:
        raise InputError(f"{name!r} is not the name of a file") from error
    if len(content) > limit:
        raise InputError(
            f"{name} has more than {_size(limit)}", why="Inputs are read into memory as a whole",
            fix="Split it, or leave out what is not needed",
        )  # fmt: skip
    return content


def _not_regular(name: str, mode: int) -> InputError:
    reason = next((words for test, words in _KINDS if test(mode)), "it is no regular file")
    return InputError(f"cannot read {name}: {reason}, not a file", fix="Give the path of a file")


def _size(count: int) -> str:
    return f"{count // MEBIBYTE} MiB" if count >= MEBIBYTE else f"{count} bytes"


def decode(content: bytes, label: str) -> str:
    """Return text: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    InvalidFileError
        It is neither; the place of the first wrong byte is named.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            problem = Problem(label, "not UTF-16 text, though it begins so", "save the file as UTF-8")
            raise InvalidFileError(label, [problem]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        line, column = content.count(b"\n", 0, start) + 1, start - content.rfind(b"\n", 0, start)
        sign = content[start : start + 1].decode("cp1252", "replace")
        seen = f": in Windows-1252 it is {sign!r}" if sign.isprintable() and sign != "\ufffd" else ""
        what = f"the byte 0x{content[start]:02x} is not UTF-8 text{seen}"
        problem = Problem(f"{label}:{line}:{column}", what, "save the file as UTF-8")
        raise InvalidFileError(label, [problem]) from error


def read_text(
    path: str | Path, *, label: str | None = None, limit: int = MOST_BYTES, packed: bool = False
) -> str:
    """Return the text of a regular file; parameters and errors as :func:`read_bytes`.

    Parameters
    ----------
    packed
        Whether gzip is undone, if the file is so packed.
    """
    name = str(path) if label is None else label
    content = read_bytes(path, label=name, limit=limit)
    if packed and content[:2] == b"\x1f\x8b":
        content = inflate(content, name, limit)
    return decode(content, name)


def inflate(content: bytes, label: str, limit: int = MOST_BYTES) -> bytes:
    """Undo gzip, up to a limit.

    Parameters
    ----------
    content
        One or more gzip members.
    label
        What the file is called in messages.
    limit
        Most bytes of the result.

    Raises
    ------
    InputError
        It is damaged, or becomes larger than the limit.
    """
    made: list[bytes] = []
    left, rest = limit, content
    try:
        while rest:
            member = zlib.decompressobj(wbits=31)  # 31: a gzip header and its checksum
            made.append(member.decompress(rest, left + 1))
            left -= len(made[-1])
            if left < 0 or (member.unconsumed_tail and not member.eof):
                raise InputError(
                    f"{label} inflates to more than {_size(limit)}", why="Inputs are held in memory",
                    fix="Split it, or leave out what is not needed",
                )  # fmt: skip
            if not member.eof:
                raise InputError(f"{label} is damaged: it ends early", fix="Fetch or pack it again")
            rest = member.unused_data.lstrip(b"\0")  # gzip allows padding with zeros
    except zlib.error as error:
        raise InputError(f"{label} is damaged: not gzip", fix="Fetch or pack it again") from error
    return b"".join(made)


def member(archive: zipfile.ZipFile, name: str, label: str, limit: int = MOST_BYTES) -> bytes:
    """Return one file of a zip archive, up to a limit.

    Raises
    ------
    InputError
        It becomes larger than the limit.
    zipfile.BadZipFile, KeyError
        It is damaged, or not there.
    """
    with archive.open(name) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise InputError(f"{label} inflates to more than {_size(limit)}", fix="Use another archive")
    return content


SEPARATORS = (",", ";", "\t", "|")
"""Signs between the cells of a table."""


def told_separator(text: str) -> tuple[str | None, str]:
    r"""Return the separator of a first line ``sep=;``, as Excel writes it, and the text below it.

    Examples
    --------
    >>> told_separator("sep=;\na;b")
    (';', 'a;b')
    >>> told_separator("a,b")
    (None, 'a,b')
    """
    first, _, rest = text.partition("\n")
    match = re.fullmatch(r'"?sep=(.)"?\r?', first, re.IGNORECASE)
    return (match[1], rest) if match else (None, text)


def csv_rows(text: str, label: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV text, each with the number of its last line.

    Raises
    ------
    InvalidFileError
        A cell is longer than any that is meant, or the text is not CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if any(len(cell) > MOST_CELL for cell in row):
                raise csv.Error(f"a cell with more than {MOST_CELL} characters")
            yield reader.line_num, row
    except csv.Error as error:
        what = str(error).replace("field larger than field limit", "a cell larger than")
        problem = Problem(f"{label}:{reader.line_num or 1}", f"not CSV: {what}", "is a quote not closed?")
        raise InvalidFileError(label, [problem]) from error


# ---------------------------------------------------------------------------------------------------- JSON


class _TooLong(str):
    """A whole number with more digits than any machine number."""


def parse_json(text: str, label: str, where: Callable[[Loc, Any], str] | None = None) -> Any:
    """Return the values of a JSON text.

    Parameters
    ----------
    text
        One JSON document.
    label
        What it is called in messages.
    where
        Words for a place in the document; by default the keys with dots.

    Raises
    ------
    InvalidFileError
        Not JSON, nested too deeply, a key that stands twice, or a number that is not finite.
    """
    containers = text.count("[") + text.count("{")
    if containers > MOST_JSON_CONTAINERS or containers + text.count(",") > MOST_JSON_VALUES:
        raise InvalidFileError(label, [Problem(label, "more values than can be held in memory", "split it")])
    try:
        document = json.loads(text, object_pairs_hook=_unique(label), parse_int=_whole)
    except json.JSONDecodeError as error:
        place = f"{label}:{error.lineno}:{error.colno}"
        raise InvalidFileError(label, [Problem(place, f"not valid JSON: {error.msg}")]) from error
    except RecursionError as error:
        raise InvalidFileError(label, [Problem(label, "nested too deeply")]) from error
    name = where or (lambda loc, _: _dotted(loc))
    problems = [
        Problem(name(loc, document), what, fix)
        for loc, what, fix in islice(_json_problems(document, halves="\\u" in text), MOST_PROBLEMS)
    ]
    if problems:
        raise InvalidFileError(label, reversed(problems))
    return document


def _unique(label: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            # set.add returns None, so a key that is new is added and passed over.
            key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise InvalidFileError(label, [Problem(shown(key), "this field stands twice in one record")])
        return found

    return unique


def _whole(digits: str) -> int | _TooLong:
    return int(digits) if len(digits) <= MOST_DIGITS else _TooLong(digits)


def _json_problems(document: Any, *, halves: bool) -> Iterator[tuple[Loc, str, str]]:
    """Yield what a tree of values holds that no field can mean."""
    stack: list[tuple[Any, Loc]] = [(document, ())]
    while stack:
        node, loc = stack.pop()
        if isinstance(node, dict | list) and len(loc) >= MOST_DEPTH:
            yield loc[:8], f"nested more than {MOST_DEPTH} levels deep", "write fewer levels"
            return
        if isinstance(node, dict):
            for key in node:
                if halves and _is_half(key):
                    yield loc, "a key with half a sign (\\ud800 to \\udfff alone)", "write it whole"
            stack.extend((value, (*loc, key)) for key, value in node.items() if type(value) is not int)
        elif isinstance(node, list):
            # Rates are long lists of numbers: nothing is made for those that are in order.
            stack.extend(
                (value, (*loc, i))
                for i, value in enumerate(node)
                if not (type(value) is int or (type(value) is float and math.isfinite(value)))
            )
        elif isinstance(node, float) and not math.isfinite(node):
            yield loc, f"{node} is not a finite number", "write a number"
        elif isinstance(node, _TooLong):
            yield loc, f"a whole number with {len(node)} digits", "write a smaller one"
        elif halves and isinstance(node, str) and _is_half(node):
            yield loc, "half a sign (\\ud800 to \\udfff alone)", "write it whole"


def _is_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _dotted(loc: Loc) -> str:
    return ".".join(shown(part) if isinstance(part, str) and not part.isidentifier() else str(part)
                    for part in loc) or "the file"  # fmt: skip


# ---------------------------------------------------------------------------------------------------- YAML

Mark = tuple[int, int]
"""Line and column, from 1."""


@dataclass(slots=True)
class Node:
    """A value of a YAML text and where it stands.

    Parameters
    ----------
    kind
        Scalar, list or mapping.
    mark
        Line and column.
    value
        Of a scalar.
    items
        Of a list.
    pairs
        Of a mapping: key to the mark of the key and the value.
    size
        Number of values, with every alias written out.
    depth
        Levels of nesting.
    """

    kind: Literal["scalar", "list", "mapping"]
    mark: Mark
    value: Any = None
    items: list[Node] = field(default_factory=list)
    pairs: dict[str, tuple[Mark, Node]] = field(default_factory=dict)
    size: int = 1
    depth: int = 1


def parse_yaml(text: str, label: str, places: dict[Loc, Mark] | None = None) -> Any:
    """Return the plain values of a YAML 1.2 text; None for an empty one.

    Parameters
    ----------
    text
        One YAML document; moments stay text.
    label
        What it is called in messages.
    places
        Filled with the line and column of every key and item, if given.

    Raises
    ------
    InvalidFileError
        As :func:`compose`.
    """
    root = compose(text, label)
    return None if root is None else plain(root, places=places)


def plain(node: Node, loc: Loc = (), places: dict[Loc, Mark] | None = None) -> Any:
    """Return the plain values of a node, and fill in where they stand."""
    if node.kind == "scalar":
        return node.value
    if node.kind == "list":
        if places is not None:
            places.update({(*loc, i): item.mark for i, item in enumerate(node.items)})
        return [plain(item, (*loc, i), places) for i, item in enumerate(node.items)]
    if places is not None:
        places.update({(*loc, key): mark for key, (mark, _) in node.pairs.items()})
    return {key: plain(value, (*loc, key), places) for key, (_, value) in node.pairs.items()}


def parse_value(text: str, where: str) -> Any:
    """Return one value of the command line, read as YAML 1.2; nothing is None.

    Raises
    ------
    InputError
        It is not a value.
    """
    try:
        root = compose(text, where, finite=False) if text.strip() else None
        return None if root is None else plain(root)
    except InvalidFileError as error:
        raise InputError(f"{shown(text)} is not a value: {error.problems[0].what}", where=where) from error


def compose(text: str, label: str, *, finite: bool = True) -> Node | None:
    """Return the tree of a YAML 1.2 text; None for an empty one.

    Parameters
    ----------
    text
        One YAML document (JSON is one).
    label
        What it is called in messages.
    finite
        Whether numbers that are not finite are refused here, and not by who knows their field.

    Raises
    ------
    InvalidFileError
        Not YAML, more than one document, too large, nested too deeply, aliases that multiply, tags,
        keys that stand twice or are no text, or numbers that no field can mean: all of those at once.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    if len(text) > MOST_YAML_BYTES:
        what = f"more than {_size(MOST_YAML_BYTES)} of YAML"
        raise InvalidFileError(label, [Problem(label, what, "write large tables as JSON or CSV")])
    try:
        return _Composer(label, finite).of(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{label}:{mark.line + 1}:{mark.column + 1}" if mark else label
        raise InvalidFileError(label, [Problem(where, *_reason(error))]) from error
    except ReaderError as error:
        before = text[: int(error.position)]
        where = f"{label}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        what = f"the sign U+{ord(text[int(error.position)]):04X} is not allowed in YAML"
        raise InvalidFileError(label, [Problem(where, what, "take it out")]) from error
    except InvalidFileError:
        raise
    except Exception as error:
        # The scanner raises bare ValueErrors and more on some malformed escapes.
        reason = shown(str(error).splitlines()[0]) if str(error) else type(error).__name__
        raise InvalidFileError(label, [Problem(label, f"not valid YAML 1.2: {reason}")]) from error


def _reason(error: Any) -> tuple[str, str]:
    """Return what is wrong and what to do, in words of the file's author."""
    reason = str(error.problem or error.context or "not YAML").splitlines()[0]
    if "'\\t'" in reason:
        return "a tab stands where YAML wants blanks", "indent with blanks"
    return f"not valid YAML 1.2: {reason}", ""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    node: Node
    anchor: str | None
    key: tuple[str, Mark, bool] | None = None
    merged: list[tuple[Mark, Node]] = field(default_factory=list)
    """What merge keys name."""


class _Composer:
    """Makes a tree of the events of the parser, without recursion and within the limits."""

    def __init__(self, label: str, finite: bool) -> None:
        self.label, self.finite = label, finite
        self.open: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.documents = self.written = self.merging = 0

    def of(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    self.refuse(event, "a second document begins here", "one file holds one document")
            elif kind == "ScalarEvent":
                self.add(self.scalar(event), event)
            elif kind == "AliasEvent":
                self.add(self.alias(event), event)
            elif kind in ("SequenceStartEvent", "MappingStartEvent"):
                self.begin(event, "list" if kind == "SequenceStartEvent" else "mapping")
            elif kind in ("SequenceEndEvent", "MappingEndEvent"):
                self.end(event)
        if self.problems:
            raise InvalidFileError(self.label, dict.fromkeys(self.problems))
        empty = self.root is not None and self.root.kind == "scalar" and self.root.value is None
        return None if empty else self.root

    def where(self, mark: Mark, *, keyed: bool = True) -> str:
        """Return a place in words: file, line, column and the keys that lead there."""
        loc: list[str] = []
        for frame in self.open if keyed else ():
            if frame.node.kind == "list":
                loc.append(str(len(frame.node.items)))
            elif frame.key is not None:
                loc.append(shown(frame.key[0]) if not frame.key[0].isidentifier() else frame.key[0])
        place = f"{self.label}:{mark[0]}:{mark[1]}"
        return f"{place}: {'.'.join(loc)}" if loc else place

    def note(self, mark: Mark, what: str, fix: str = "", *, keyed: bool = True) -> None:
        self.problems.append(Problem(self.where(mark, keyed=keyed), what, fix))
        if len(self.problems) >= MOST_PROBLEMS:
            raise InvalidFileError(self.label, dict.fromkeys(self.problems))

    def refuse(self, event: Any, what: str, fix: str) -> None:
        """Stop reading here: what follows cannot be held."""
        self.note(_mark(event), what, fix, keyed=False)
        raise InvalidFileError(self.label, dict.fromkeys(self.problems))

    def scalar(self, event: Any) -> Node:
        node = Node("scalar", _mark(event))
        text, tag = self.whole(str(event.value), node.mark), _tag(event)
        if event.anchor is not None:
            self.anchors[str(event.anchor)] = node
        if tag is not None and tag not in ("!", *_CORE):
            self.tag(event)
            return node
        if tag in ("!", _STR) or (tag is None and not event.implicit[0]):
            node.value = text
            return node
        node.value = _resolved(text)
        if tag is not None and _NATIVE[tag] != _type_of(node.value):
            if tag == _FLOAT and isinstance(node.value, int) and not isinstance(node.value, bool):
                node.value = float(node.value)
            else:
                self.note(node.mark, f"{shown(text)} is not {tag.replace(_YAML, '!!')}", "take the tag out")
        if isinstance(node.value, _TooLong):
            self.note(node.mark, f"a whole number with {len(text)} digits", "write a smaller one")
            node.value = 0
        elif self.finite and isinstance(node.value, float) and not math.isfinite(node.value):
            self.note(node.mark, f"{cut(text, 20)} is not a finite number", "write a number")
            node.value = 0.0
        return node

    def whole(self, text: str, mark: Mark) -> str:
        """Return text with the halves of signs joined: JSON writes signs beyond U+FFFF as two."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.note(mark, "half a sign (\\ud800 to \\udfff alone)", "write it whole")
            return ""

    def tag(self, event: Any) -> None:
        what = f"the tag {shown(str(_tag(event)).replace(_YAML, '!!'))}"
        self.note(_mark(event), what, "write the value without a tag")

    def alias(self, event: Any) -> Node:
        name = str(event.anchor)
        if any(frame.anchor == name for frame in self.open):
            self.refuse(event, f"the alias *{shown(name)[1:-1]} stands within what it names", "write it out")
        if name not in self.anchors:
            self.refuse(event, f"nothing is named &{shown(name)[1:-1]} before this alias", "write it out")
        named = self.anchors[name]
        return Node(named.kind, _mark(event), named.value, named.items, named.pairs, named.size, named.depth)

    def begin(self, event: Any, kind: Literal["list", "mapping"]) -> None:
        if len(self.open) >= MOST_DEPTH:
            self.refuse(event, f"nested too deeply: more than {MOST_DEPTH} levels", "write fewer levels")
        tag = _tag(event)
        if tag is not None and tag not in ("!", _YAML + ("seq" if kind == "list" else "map")):
            self.tag(event)
        frame = self.open[-1] if self.open else None
        if frame is not None and frame.node.kind == "mapping" and frame.key is None:
            self.refuse(event, "a list or mapping stands as a key", "keys are names")
        anchor = None if event.anchor is None else str(event.anchor)
        self.open.append(_Open(Node(kind, _mark(event)), anchor))

    def end(self, event: Any) -> None:
        frame = self.open.pop()
        node = frame.node
        if node.kind == "mapping":
            for mark, base in frame.merged:
                self.merging += len(base.pairs)
                if self.merging > MOST_VALUES:
                    self.refuse(event, "merge keys name too much", "write the keys out")
                for key, pair in base.pairs.items():
                    if key not in node.pairs:
                        node.pairs[key] = pair
                        self.grow(node, pair[1], event)
                if base.kind != "mapping":
                    self.note(mark, "a merge key << names no mapping", "name an anchor: <<: *base")
        if frame.anchor is not None:
            self.anchors[frame.anchor] = node
        self.add(node, event)

    def grow(self, node: Node, part: Node, event: Any) -> None:
        """Count a part in, and stop before it is more than can be held."""
        node.size += part.size
        node.depth = max(node.depth, 1 + part.depth)
        if node.size > self.written + MOST_REPEATED:
            what = f"aliases add more than {MOST_REPEATED} values"
            self.refuse(event, what, "do they multiply? write out what is meant")
        if node.depth + len(self.open) > MOST_DEPTH + 2:  # the value itself and its innermost scalar
            self.refuse(event, f"nested too deeply: more than {MOST_DEPTH} levels", "write fewer levels")

    def add(self, node: Node, event: Any) -> None:
        """Put a finished value where it belongs."""
        self.written += 1
        if self.written > MOST_VALUES:
            self.refuse(event, f"more than {MOST_VALUES} values", "write large tables as JSON or CSV")
        if not self.open:
            self.root = node
            return
        frame = self.open[-1]
        if frame.node.kind == "list":
            self.grow(frame.node, node, event)
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = self.key(node, event)
        else:
            (name, mark, merges), frame.key = frame.key, None
            if merges:
                bases = node.items if node.kind == "list" else [node]
                frame.merged += [(mark, base) for base in bases]
                return
            if name in frame.node.pairs:
                self.note(mark, f"the key {shown(name)} stands twice", "keep one of them", keyed=False)
                return
            self.grow(frame.node, node, event)
            frame.node.pairs[name] = (mark, node)

    def key(self, node: Node, event: Any) -> tuple[str, Mark, bool]:
        if node.kind != "scalar":
            self.refuse(event, "a list or mapping stands as a key", "keys are names")
        plainly = type(event).__name__ == "ScalarEvent"
        text = str(event.value) if plainly else str(node.value)
        merges = plainly and text == "<<" and bool(event.implicit[0])
        return self.whole(text, node.mark), node.mark, merges


_YAML = "tag:yaml.org,2002:"
_STR, _FLOAT = _YAML + "str", _YAML + "float"
_NATIVE = {_YAML + "null": "null", _YAML + "bool": "bool", _YAML + "int": "int", _FLOAT: "float", _STR: "str"}
_CORE = tuple(_NATIVE)


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _tag(event: Any) -> str | None:
    """Return the tag that is written, or None; some versions of the library give it as an object."""
    return None if event.tag is None else str(event.tag)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    return "int" if isinstance(value, _TooLong) else type(value).__name__


_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INT = re.compile(r"[-+]?[0-9][0-9_]*")
_BASED = re.compile(r"0o[0-7_]+|0x[0-9a-fA-F_]+")
_REAL = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")


def _resolved(text: str) -> Any:
    """Return what a plain scalar means in the core schema of YAML 1.2, with blanks of digits allowed."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if _INT.fullmatch(text):
        return int(digits) if len(digits) <= MOST_DIGITS else _TooLong(digits)
    if _BASED.fullmatch(text) and len(digits) > 2:
        return int(digits, 0) if len(digits) <= MOST_DIGITS // 2 else _TooLong(digits)
    if _REAL.fullmatch(text):
        return float(digits)
    return text
