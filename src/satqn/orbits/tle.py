"""Two-line elements: every column has its meaning, and a sign that is not in its place is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from satqn.errors import Problem
from satqn.orbits.elements import Elements, checked, day_of_year, other_type

_LENGTH = 69
_LINES = re.compile(r"\r\n|\r|\n")
_LOOKS_LIKE = {
    "1": re.compile(r"1 [ \dA-Za-z][ \d]{4}[A-Za-z ] "),
    "2": re.compile(r"2 [ \dA-Za-z][ \d]{4} [ \d]{1,3}\d\."),
}
"""Beginnings that no name has: a line that was cut short is a line of elements still."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a line of elements.

    Parameters
    ----------
    key
        Name in a message, or what it is.
    first, last
        Its columns, from 1.
    form
        How it is written.
    kind
        ``number``; ``fraction``: digits behind a decimal point that is not written; ``power``: such digits
        and a power of ten; ``text``.
    name
        What it is called in messages to the user.
    empty
        What it means when it is blank; None if that is a fault.
    """

    key: str
    first: int
    last: int
    form: re.Pattern[str]
    kind: str
    name: str
    empty: str | None = None


_NUMBER = re.compile(r" *[+-]?(\d+\.\d*|\.\d+|\d+) *")
_POWER = re.compile(r" *[+-]?\.?\d{1,5}([+-]\d| \d)? *")
_TEXT = re.compile(r"[ -~]*")
_CATALOGUE = re.compile(r" *\d{1,5}|[A-HJ-NP-Z]\d{4}")
_WHOLE = re.compile(r" *\d+ *")

COLUMNS: dict[str, tuple[Column, ...]] = {
    "1": (
        Column("NORAD_CAT_ID", 3, 7, _CATALOGUE, "text", "catalogue number"),
        Column("CLASSIFICATION_TYPE", 8, 8, re.compile(r"[A-Z ]"), "text", "classification", "U"),
        Column("OBJECT_ID", 10, 17, _TEXT, "text", "designator", ""),
        Column("year", 19, 20, re.compile(r"\d\d| \d"), "text", "year of the epoch"),
        Column("day", 21, 32, re.compile(r" *\d{1,3}(\.\d*)? *"), "number", "day of the year"),
        Column("MEAN_MOTION_DOT", 34, 43, _NUMBER, "number", "rate of the mean motion", "0"),
        Column("MEAN_MOTION_DDOT", 45, 52, _POWER, "power", "second rate of the mean motion", "0"),
        Column("BSTAR", 54, 61, _POWER, "power", "B*"),
        Column("EPHEMERIS_TYPE", 63, 63, re.compile(r"[ \dA-Z]"), "text", "ephemeris type", "0"),
        Column("ELEMENT_SET_NO", 65, 68, _WHOLE, "number", "number of the set", "999"),
    ),
    "2": (
        Column("NORAD_CAT_ID", 3, 7, _CATALOGUE, "text", "catalogue number"),
        Column("INCLINATION", 9, 16, _NUMBER, "number", "inclination"),
        Column("RA_OF_ASC_NODE", 18, 25, _NUMBER, "number", "right ascension of the node"),
        Column("ECCENTRICITY", 27, 33, re.compile(r" *\d+"), "fraction", "eccentricity"),
        Column("ARG_OF_PERICENTER", 35, 42, _NUMBER, "number", "argument of perigee"),
        Column("MEAN_ANOMALY", 44, 51, _NUMBER, "number", "mean anomaly"),
        Column("MEAN_MOTION", 53, 63, _NUMBER, "number", "mean motion"),
        Column("REV_AT_EPOCH", 64, 68, _WHOLE, "number", "revolution number", "0"),
    ),
}  # fmt: skip
"""Source: CelesTrak, "NORAD Two-Line Element Set Format"; Spacetrack Report 3."""

_BLANK: dict[str, tuple[int, ...]] = {
    "1": (2, 9, 18, 33, 44, 53, 62, 64), "2": (2, 8, 17, 26, 34, 43, 52),
}  # fmt: skip
"""Columns between fields."""


def tle_satellites(text: str, source: str) -> tuple[list[Elements], list[Problem]]:
    """Return the satellites of two-line elements and everything that is wrong with the text.

    Parameters
    ----------
    text
        Pairs of lines, each with or without a line of the name before it; empty lines and those that begin
        with # do not count.
    source
        Name of the file, for the messages.
    """
    reader = _Reader(source)
    for number, line in enumerate(_LINES.split(text), start=1):
        reader.line(number, line)
    reader.end()
    return reader.found, reader.problems


def begins_so(text: str) -> bool:
    """Whether a line 1 is among the first lines of a text: names of satellites may look like anything."""
    return any(_which(line.strip()) == "1" for line in text[:4000].splitlines())


class _Reader:
    """Goes through the lines of a file and gathers satellites and faults."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[Elements] = []
        self.problems: list[Problem] = []
        self.name = self.first = ""
        self.at = 0

    def fault(self, number: int, what: str, fix: str = "") -> None:
        """Add what is wrong with a line."""
        self.problems.append(Problem(f"{self.source}:{number}", what, fix))

    def line(self, number: int, raw: str) -> None:
        """Take the next line of the file."""
        line = raw.strip(" \t\f\v\0\x1a")
        if not line or line.startswith("#"):
            return
        which = _which(line)
        if which == "1":
            if self.first:
                self.fault(number, "line 1 follows line 1", "give line 2 after it")
            self.first, self.at = line, number
        elif which == "2":
            self.pair(number, line)
        elif self.first:
            self.fault(number, "line 2 is missing after line 1")
            self.name, self.first = _title(line), ""
        elif len(line) >= _LENGTH - 9 and not line.startswith("0 "):
            self.fault(number, f"neither elements nor a name: {line[:30]!r}…", "a line of elements begins "
                       "with 1 or 2 and a blank")  # fmt: skip
        else:
            self.name = _title(line)

    def pair(self, number: int, line: str) -> None:
        """Take a line 2, and with it the line 1 before."""
        name, first = self.name, self.first
        self.name = self.first = ""
        if not first or first[2:7].strip() != line[2:7].strip():
            self.problems += [*(self.of_line(self.at, first) if first else ()), *self.of_line(number, line)]
            self.fault(number, f"no line 1 of satellite {line[2:7]} before this line 2")
            return
        faults = [*self.of_line(self.at, first), *self.of_line(number, line)]
        if not faults:
            faults, made = self.of_pair(name, first, line, number)
            self.found += made
        self.problems += faults

    def end(self) -> None:
        """Take the end of the file."""
        if self.first:
            self.problems.append(Problem(self.source, "line 2 is missing at the end"))

    def of_line(self, number: int, line: str) -> list[Problem]:
        """Return the faults of one line of elements."""
        return [Problem(f"{self.source}:{number}", *fault) for fault in _line_faults(line)]

    def of_pair(
        self, name: str, first: str, second: str, number: int
    ) -> tuple[list[Problem], list[Elements]]:
        """Return the faults of two lines whose columns are in order, or the satellite."""
        fields: dict[str, Any] = {**_fields("2", second), **_fields("1", first)}
        faults: list[str] = []
        year = int(fields.pop("year"))
        try:
            # Two digits: 57 is 1957, the year of the first satellite.
            moment = day_of_year(year + (1900 if year >= 57 else 2000), float(fields.pop("day")))
        except ValueError as error:
            return [Problem(f"{self.source}:{self.at}", str(error), "columns 21-32")], []
        fields["EPOCH"] = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
        fields["OBJECT_NAME"] = name
        made = checked(fields, faults)
        where = f"{self.source}:{number}"
        return [Problem(where, _by_column(fault)) for fault in faults], [] if made is None else [made]


def _title(line: str) -> str:
    """Return the name in a line; some writers number it 0."""
    return re.sub(r"^0(\s+|$)", "", line).strip()


def _which(line: str) -> str:
    """Return 1 or 2 for a line of elements, nothing for a name."""
    kind = line[:1]
    if kind not in _LOOKS_LIKE or not line[1:2].isspace():
        return ""
    return kind if len(line) >= _LENGTH - 9 or _LOOKS_LIKE[kind].match(line) else ""


def _line_faults(line: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a line, and what to do."""
    again = "Download the file again"
    strange = next((i for i, sign in enumerate(line[:_LENGTH]) if not " " <= sign <= "~"), None)
    if strange is not None:
        sign = line[strange]
        kind = "a tab" if sign == "\t" else f"a sign that is not ASCII (U+{ord(sign):04X})"
        yield f"{kind} at column {strange + 1}", "columns are parted by single blanks"
        return
    if len(line) < _LENGTH:
        yield f"{len(line)} characters, a line of elements has {_LENGTH}", again
        return
    if line[_LENGTH : _LENGTH + 1].strip():
        yield f"more than {_LENGTH} characters: {line[_LENGTH : _LENGTH + 10]!r} after the checksum", again
        return
    faults = list(_column_faults(line))
    if faults:
        yield from faults
        return
    if not line[68].isdigit():
        yield f"checksum {line[68]!r} is no digit", again
        return
    computed = sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10
    if computed != int(line[68]):
        yield f"checksum is {line[68]}, the line sums to {computed}", again


def _column_faults(line: str) -> Iterator[tuple[str, str]]:
    """Yield every field that is not written as it must be."""
    for column in COLUMNS[line[0]]:
        text = line[column.first - 1 : column.last]
        where = f"column {column.first}" if column.first == column.last else (
            f"columns {column.first}-{column.last}")  # fmt: skip
        if not text.strip():
            if column.empty is None:
                yield f"{column.name} is empty ({where})", "write 00000-0 for none" * (column.key == "BSTAR")
        elif not column.form.fullmatch(text):
            more = ": capital letters without I and O" * (column.key == "NORAD_CAT_ID")
            kind = "no catalogue number" if column.key == "NORAD_CAT_ID" else (
                "no number" if column.kind != "text" else "not as it should be")  # fmt: skip
            yield f"{column.name} {text.strip()!r} is {kind}{more} ({where})", "Download the file again"
        elif column.key == "EPHEMERIS_TYPE":
            yield from (
                (what, "ask for elements of SGP4")
                for what in other_type(text, "ephemeris type", " (column 63)")
            )
    for place in _BLANK[line[0]]:
        if line[place - 1] != " ":
            yield f"{line[place - 1]!r} at column {place}, which is blank", "Download the file again"


def _fields(kind: str, line: str) -> dict[str, str]:
    """Return the fields of a line as numbers are written in messages."""
    found = {}
    for column in COLUMNS[kind]:
        text = line[column.first - 1 : column.last].strip() or str(column.empty)
        if column.kind == "fraction":
            text = f"0.{text.rjust(column.last - column.first + 1, '0')}"
        elif column.kind == "power":
            text = _power(text)
        elif column.key == "OBJECT_ID":
            text = _designator(text)
        found[column.key] = text
    return found


def _power(text: str) -> str:
    """Return digits with an assumed decimal point and a power of ten as a number: 28098-4 is 0.28098e-4."""
    sign = "-" if text.startswith("-") else ""
    parts = re.fullmatch(r"[+-]?\.?(\d+)(?:([+-]| )(\d))?", text)
    assert parts is not None
    return f"{sign}0.{parts[1]}e{(parts[2] or '+').replace(' ', '+')}{parts[3] or '0'}"


def _designator(text: str) -> str:
    """Return an international designator as messages have it: 98067A is 1998-067A."""
    found = re.fullmatch(r"(\d\d)(\d{3})([A-Z]{1,3})", text)
    if found is None:
        return text
    century = 1900 if int(found[1]) >= 57 else 2000
    return f"{century + int(found[1])}-{found[2]}{found[3]}"


def _by_column(fault: str) -> str:
    """Return a fault of a message with the name and place that the field has in a line."""
    for column in (*COLUMNS["1"], *COLUMNS["2"]):
        if fault.startswith(f"{column.key} "):
            return f"{column.name}{fault[len(column.key) :]} (columns {column.first}-{column.last})"
    return fault
