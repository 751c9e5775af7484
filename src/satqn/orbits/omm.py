"""Orbit mean-elements messages (OMM) as JSON, XML, CSV and lines of key = value (KVN)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from satqn.documents import csv_rows, parse_json
from satqn.errors import InputError, InvalidFileError, Problem

_OTHERS = {
    "OEM": "an ephemeris", "OPM": "a state vector", "OCM": "a comprehensive message",
    "TDM": "tracking data", "CDM": "a conjunction", "AEM": "an attitude", "APM": "an attitude",
}  # fmt: skip
"""Messages of CCSDS that hold no mean elements."""

_REPEATED = ("COMMENT", "USER_DEFINED")
"""Fields that may stand more than once in a message."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message in a file.

    Parameters
    ----------
    where
        Its place.
    fields
        Values by their CCSDS names.
    """

    where: str
    fields: Mapping[str, Any]


def is_kvn(text: str) -> bool:
    """Whether a text begins with ``KEY = value``."""
    for line in text.splitlines():
        if line.strip() and not re.match(r"\s*(COMMENT\b|#)", line):
            return re.match(r"\s*[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+\s*=|\s*EPOCH\s*=", line) is not None
    return False


def is_table(text: str) -> bool:
    """Whether a text begins with the header of a CSV table of messages."""
    return "MEAN_MOTION" in _header(text)[1].upper()


def _header(text: str) -> tuple[int, str]:
    """Return number (from 0) and text of the line with the header of a table."""
    for number, line in enumerate(text.splitlines()):
        if line.strip() and not line.startswith("#") and not line.lower().startswith("sep="):
            return number, line
    return 0, ""


def json_messages(text: str, source: str) -> Iterator[Found]:
    """Yield the messages of a JSON text: objects, flat or nested as in XML, alone or in lists.

    Raises
    ------
    InvalidFileError
        It is not JSON.
    """
    document = parse_json(text, source)
    for number, fields in enumerate(_nested(document), start=1):
        yield Found(_titled(source, number, fields), fields)


def _titled(source: str, number: int, fields: Mapping[str, Any]) -> str:
    name = " ".join(str(fields.get("OBJECT_NAME") or fields.get("NORAD_CAT_ID") or "").split())[:40]
    return f"{source}: message {number}" + (f" ({name})" if name else "")


def _nested(node: Any) -> list[dict[str, Any]]:
    """Return the messages in a tree: every object with elements, with what stands beside and above it."""
    if isinstance(node, list):
        return [message for part in node for message in _nested(part)]
    if not isinstance(node, dict):
        return []
    own = {
        str(key).strip().upper(): value for key, value in node.items() if not isinstance(value, dict | list)
    }
    branches = [value for value in node.values() if isinstance(value, dict | list)]
    below = [message for branch in branches for message in _nested(branch)]
    elements = own.keys() & {"EPOCH", "MEAN_MOTION", "ECCENTRICITY"}
    if elements or len(below) == 1:
        whole: dict[str, Any] = {}
        for branch in branches:
            whole |= _leaves(branch)
        return [
            *({**whole, **message, **own} for message in below),
            *([{**whole, **own}] if not below else []),
        ]
    return [{**own, **message} for message in below]


def _leaves(node: Any) -> dict[str, Any]:
    """Return all single values of a tree by the last part of their path."""
    if isinstance(node, list):
        return {}
    found: dict[str, Any] = {}
    for key, value in node.items():
        found |= _leaves(value) if isinstance(value, dict | list) else {str(key).strip().upper(): value}
    return found


def xml_messages(text: str, source: str, problems: list[Problem]) -> Iterator[Found]:
    """Yield the messages of an XML text; namespaces do not count, units are put behind their values.

    Raises
    ------
    InputError
        It is not XML.
    """
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(f"not a well-formed OMM file: {error}", where=source) from error
    wholes = [node for node in root.iter() if _tag(node) == "OMM"] or [root]
    number = 0
    for whole in wholes:
        segments = [node for node in whole.iter() if _tag(node) == "SEGMENT"] or [whole]
        for segment in segments:
            fields: dict[str, Any] = {}
            number += 1
            for leaf in segment.iter():
                if not len(leaf) and _tag(leaf) != "SEGMENT":
                    _put(fields, _tag(leaf), _with_unit(leaf), f"{source}: message {number}", problems)
            if fields.keys() & {"EPOCH", "MEAN_MOTION", "ECCENTRICITY"}:
                yield Found(_titled(source, number, fields), fields)


def _tag(node: ElementTree.Element) -> str:
    return str(node.tag).rpartition("}")[2].upper()


def _with_unit(leaf: ElementTree.Element) -> str:
    text = (leaf.text or "").strip()
    unit = next((value for key, value in leaf.attrib.items() if key.rpartition("}")[2] == "units"), "")
    return f"{text} [{unit}]" if unit and text else text


def _put(fields: dict[str, Any], key: str, value: Any, where: str, problems: list[Problem]) -> None:
    """Add a field; two different values of one are a fault."""
    if key.startswith(_REPEATED):
        return
    if key in fields and fields[key] != value:
        problems.append(Problem(where, f"{key} stands twice", "keep one of them"))
    fields[key] = value


def kvn_messages(text: str, source: str, problems: list[Problem]) -> Iterator[Found]:
    """Yield the messages of a text of ``KEY = value`` lines.

    Notes
    -----
    A message begins with CCSDS_OMM_VERS; without such lines, with the first field that stands a second time.
    """
    fields: dict[str, Any] = {}
    begin, versions = 1, "CCSDS_OMM_VERS" in text
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip(" \t\0\x1a")
        if not line or re.match(r"(COMMENT\b|#)", line):
            continue
        key, separator, value = (part.strip() for part in line.partition("="))
        key, where = key.upper(), f"{source}:{number}"
        other = re.fullmatch(r"CCSDS_([A-Z]{3})_VERS", key)
        if other is not None and other[1] != "OMM":
            what = f"a message of kind {other[1]}, {_OTHERS.get(other[1], 'not mean elements')}"
            problems.append(Problem(where, what, "give mean elements (OMM)"))
        elif not separator or not re.fullmatch(r"[A-Z][A-Z0-9_.-]*", key):
            problems.append(Problem(where, f"{line[:40]!r} is not KEY = value", "mend or leave out the line"))
        else:
            if key == "CCSDS_OMM_VERS" or (not versions and key in fields and not key.startswith(_REPEATED)):
                if _is_message(fields):
                    yield Found(f"{source}:{begin}", fields)
                fields, begin = {}, number
            _put(fields, key, value, where, problems)
    if _is_message(fields):
        yield Found(f"{source}:{begin}", fields)


def _is_message(fields: Mapping[str, Any]) -> bool:
    return bool(fields.keys() - {"CCSDS_OMM_VERS", "CREATION_DATE", "ORIGINATOR"})


def table_messages(text: str, source: str, problems: list[Problem]) -> Iterator[Found]:
    """Yield the rows of a CSV table whose header has the CCSDS names."""
    before, header = _header(text)
    separator = max(",;\t|", key=header.count)
    lines = text.splitlines(keepends=True)[before:]
    rows = csv_rows("".join(lines), source, separator)
    try:
        names = [name.strip().upper() for name in next(rows)[1]]
        problems += [
            Problem(f"{source}:{before + 1}", f"the column {name!r} stands twice", "keep one of them")
            for name in dict.fromkeys(names)
            if name and names.count(name) > 1
        ]
        for line, row in rows:
            where = f"{source}:{before + line}"
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            if len(row) != len(names):
                problems.append(
                    Problem(where, f"{len(row)} cells under {len(names)} columns", "mend the row")
                )
                continue
            yield Found(where, {name: _point(cell, separator) for name, cell in zip(names, row, strict=True)})
    except InvalidFileError as error:
        problems += error.problems


def _point(cell: str, separator: str) -> str:
    """Return a cell with a decimal point: tables parted by semicolons may have a comma."""
    text = cell.strip()
    return text.replace(",", ".") if separator != "," and re.fullmatch(r"[+-]?\d+,\d+", text) else text
