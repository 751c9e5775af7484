"""Catalogues of satellites: two-line elements (TLE) and orbit mean-elements messages (OMM)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from satqn.documents import parse_json, read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.orbits.propagate import CataloguedOrbits

_OMM_NUMBERS = (
    "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY", "MEAN_MOTION",
    "NORAD_CAT_ID",
)  # fmt: skip
_OMM_DEFAULTS = {
    "BSTAR": 0.0, "MEAN_MOTION_DOT": 0.0, "MEAN_MOTION_DDOT": 0.0, "EPHEMERIS_TYPE": 0,
    "ELEMENT_SET_NO": 999, "REV_AT_EPOCH": 0, "CLASSIFICATION_TYPE": "U", "OBJECT_ID": "",
}  # fmt: skip


def parse_tle(text: str, source: str = "TLE") -> CataloguedOrbits:
    """Return the satellites of two-line elements, with or without a line of the name before each pair.

    Parameters
    ----------
    text
        Lines; empty ones and comments (#) do not count.
    source
        Name of the file, for the messages.

    Raises
    ------
    InvalidFileError
        Lists every line with a bad checksum, a wrong length, a field that is no number, or without its
        partner; InputError if there is no satellite at all.

    Examples
    --------
    >>> lines = '''MICIUS
    ... 1 41731U 16051A   16353.90152003  .00000364  00000-0  17957-4 0  9993
    ... 2 41731  97.3699 267.4500 0013200 178.5836 246.0824 15.23915303 19063'''
    >>> parse_tle(lines).names
    ('MICIUS',)
    """
    from sgp4.api import Satrec

    names, records, problems = [], [], []
    name, first = "", ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line, where = raw.rstrip(), f"{source}:{number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith(("1 ", "2 ")) and len(line) >= 60:
            fault = _tle_fault(line)
            if fault:
                problems.append(Problem(where, fault, "Download the file again"))
            if line[0] == "1":
                if first:
                    problems.append(Problem(where, "line 1 follows line 1", "Give line 2 after it"))
                first = line
                continue
            if not first or first[2:7] != line[2:7]:
                problems.append(Problem(where, f"no line 1 of satellite {line[2:7]} before this line 2"))
            elif not fault and not _tle_fault(first):
                try:
                    records.append(Satrec.twoline2rv(first[:69], line[:69]))
                except ValueError as error:
                    problems.append(Problem(where, f"elements that cannot be read: {error}"))
                else:
                    names.append(name or str(records[-1].satnum))
            name, first = "", ""
        elif first:
            problems.append(Problem(where, "line 2 is missing after line 1"))
            name, first = "", ""
        else:
            name = line.removeprefix("0 ").strip()
    if first:
        problems.append(Problem(source, "line 2 is missing at the end"))
    if problems:
        raise InvalidFileError(source, problems)
    return _collect(names, records, source)


def _tle_fault(line: str) -> str:
    """Return what is wrong with a line of elements, or nothing."""
    if len(line) < 69:
        return f"{len(line)} characters, a line of elements has 69"
    if not line[68].isdigit():
        return f"checksum {line[68]!r} is no digit"
    computed = sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10
    return "" if computed == int(line[68]) else f"checksum is {line[68]}, the line sums to {computed}"


def parse_omm(messages: Iterable[Mapping[str, Any]], source: str = "OMM") -> CataloguedOrbits:
    """Return the satellites of orbit mean-elements messages.

    Parameters
    ----------
    messages
        Fields by their CCSDS names; numbers or text.
    source
        Name of the file, for the messages.

    Raises
    ------
    InvalidFileError
        Lists every message that lacks a field or has one that cannot be read; InputError if there is
        none.
    """
    from sgp4 import omm
    from sgp4.api import Satrec

    names, records, problems = [], [], []
    for number, message in enumerate(messages, start=1):
        fields = {**_OMM_DEFAULTS, **{k: v for k, v in message.items() if v not in (None, "")}}
        where = f"{source}: message {number}"
        missing = [name for name in ("EPOCH", *_OMM_NUMBERS) if name not in fields]
        if missing:
            problems.append(Problem(where, f"{', '.join(missing)} missing"))
            continue
        fields["EPOCH"] = _with_fraction(str(fields["EPOCH"]))
        record = Satrec()
        try:
            omm.initialize(record, fields)
        except (ValueError, TypeError) as error:
            problems.append(Problem(where, f"a field that cannot be read: {error}"))
            continue
        records.append(record)
        names.append(str(fields.get("OBJECT_NAME", fields["NORAD_CAT_ID"])))
    if problems:
        raise InvalidFileError(source, problems)
    return _collect(names, records, source)


def _with_fraction(epoch: str) -> str:
    """Return an epoch with a fraction of a second and without a Z: the sgp4 library wants it so."""
    plain = epoch.strip().removesuffix("Z")
    return plain if "." in plain else f"{plain}.0"


def read_catalogue(path: Path) -> CataloguedOrbits:
    """Read satellites from a file: TLE, or OMM as JSON, CSV or XML; the content tells which.

    Raises
    ------
    InputError
        If it cannot be read, holds no satellite, or a satellite is wrong (InvalidFileError lists all).
    """
    text = read_text(path)
    head = text.lstrip()[:1]
    try:
        if head in ("[", "{"):
            document = parse_json(text, str(path))
            return parse_omm(document if isinstance(document, list) else [document], str(path))
        if head == "<":
            return parse_omm(_xml_messages(text), str(path))
    except ElementTree.ParseError as error:
        raise InputError(f"not a well-formed OMM file: {error}", where=str(path)) from error
    if "MEAN_MOTION" in text.partition("\n")[0]:
        return parse_omm(csv.DictReader(io.StringIO(text)), str(path))
    return parse_tle(text, str(path))


def _xml_messages(text: str) -> Iterable[dict[str, str]]:
    """Yield the fields of every segment of an OMM in XML."""
    for segment in ElementTree.fromstring(text).iter("segment"):
        yield {leaf.tag: (leaf.text or "").strip() for leaf in segment.iter() if not len(leaf)}


def _collect(names: list[str], records: list[Any], source: str) -> CataloguedOrbits:
    if not records:
        raise InputError("no satellite in it", where=source, fix="Give a TLE or OMM file")
    return CataloguedOrbits(tuple(names), tuple(records))
