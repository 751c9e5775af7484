"""Catalogues of satellites: two-line elements (TLE) and orbit mean-elements messages (OMM)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from satqn.documents import read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.orbits import omm, tle
from satqn.orbits.elements import Elements, checked
from satqn.orbits.propagate import CataloguedOrbits


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
        Lists every line with a bad checksum, a wrong length, a field that is not written as it must be or
        out of its range, or without its partner; InputError if there is no satellite at all.

    Examples
    --------
    >>> lines = '''MICIUS
    ... 1 41731U 16051A   16353.90152003  .00000364  00000-0  17957-4 0  9993
    ... 2 41731  97.3699 267.4500 0013200 178.5836 246.0824 15.23915303 19063'''
    >>> parse_tle(lines).names
    ('MICIUS',)
    """
    return _collect(*tle.tle_satellites(text, source), source)


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
        Lists every message that lacks a field, has one that cannot be read or is out of its range, or is
        made for another theory, frame, centre or time system than those of SGP4; InputError if there is none.
    """
    found = (omm.Found(f"{source}: message {i}", fields) for i, fields in enumerate(messages, start=1))
    return _of_messages(found, source, [])


def _of_messages(messages: Iterable[omm.Found], source: str, problems: list[Problem]) -> CataloguedOrbits:
    found: list[Elements] = []
    for message in messages:
        faults: list[str] = []
        made = checked(message.fields, faults)
        problems += [Problem(message.where, fault) for fault in faults]
        found += [] if made is None else [made]
    return _collect(found, problems, source)


def read_catalogue(path: Path) -> CataloguedOrbits:
    """Read satellites from a file, packed by gzip or not: TLE, or OMM as JSON, XML, CSV or KVN.

    Raises
    ------
    InputError
        If it cannot be read, holds no satellite, or a satellite is wrong (InvalidFileError lists all).
    """
    return catalogue_of(read_text(path, packed=True), str(path))


def catalogue_of(text: str, source: str) -> CataloguedOrbits:
    """Return the satellites of a text in any of the forms of :func:`read_catalogue`."""
    text = text.removeprefix("\ufeff")
    head, problems = text.lstrip()[:1], list[Problem]()
    if tle.begins_so(text):
        return parse_tle(text, source)
    if head in ("[", "{"):
        return _of_messages(omm.json_messages(text, source), source, problems)
    if head == "<":
        return _of_messages(omm.xml_messages(text.lstrip(), source, problems), source, problems)
    if omm.is_table(text):
        return _of_messages(omm.table_messages(text, source, problems), source, problems)
    if omm.is_kvn(text):
        return _of_messages(omm.kvn_messages(text, source, problems), source, problems)
    return parse_tle(text, source)


def _collect(found: list[Elements], problems: list[Problem], source: str) -> CataloguedOrbits:
    if problems:
        raise InvalidFileError(source, dict.fromkeys(problems))
    if not found:
        raise InputError("no satellite in it", where=source, fix="Give a TLE or OMM file")
    return CataloguedOrbits(
        tuple(one.name for one in found), tuple(one.record() for one in found), tuple(found)
    )
