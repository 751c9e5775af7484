"""Ground nodes from a CSV table, as spreadsheets and other programs write it.

Cells may be separated by commas, semicolons, tabs or bars, numbers may have a decimal comma, columns may have
the names in use. What was not as satqn writes it is said once, in a remark.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from satqn.documents import SEPARATORS, csv_rows, read_text, told_separator
from satqn.errors import InputError, InvalidFileError, Problem, shown
from satqn.network.topologies.fields import (
    ALTITUDE,
    LATITUDE,
    LONGITUDE,
    PLAIN_FIX,
    NotANumberError,
    number,
    plain,
)
from satqn.network.topologies.naming import clean
from satqn.scenario.planning import GroundNode
from satqn.scenario.wording import worded

Position = tuple[float, float, float]

NAMES = ("id", "name", "node", "node_id", "station", "site", "city", "label", "place")
"""Columns that can name a node, the first of them that is there does."""

_IN_USE: dict[str, tuple[str, ...]] = {
    "lat_deg": LATITUDE, "lon_deg": LONGITUDE, "altitude_m": ALTITUDE, "population": ("population", "pop"),
}  # fmt: skip
HEADER_WITHIN = 20
"""Lines with text among which the names of columns stand; above them there may be comments."""

_TEXT = ("id", "terminal")
"""Columns that are no numbers."""
_SEPARATORS = {",": "a comma", ";": "; (Excel in Europe)", "\t": "a tab", "|": "|"}
_WITH_COMMA = re.compile(r"[+-]?\d+,\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,'’ \u00a0]\d{3})+([.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Parameters
    ----------
    cells
        By the key of a ground node; empty cells are left out.
    where
        ``file:line``.
    """

    cells: dict[str, str]
    where: str


def table_nodes(path: Path) -> tuple[list[tuple[GroundNode, str]], list[str]]:
    """Return the ground nodes of a CSV table with a header, each with its line, and remarks.

    Remarks say how columns, separators and numbers are read that are not as satqn writes them.

    Raises
    ------
    InputError
        It cannot be read; or, all at once (InvalidFileError), columns and cells that are wrong.
    """
    table = _Table(path)
    nodes = [(node, row.where) for row in table.rows if (node := table.node(row)) is not None]
    if not table.problems and not nodes:
        what = "no node in it"
        table.problems.append(Problem(path.name, what, "give a row for every node, below the header"))
    return nodes, table.remarks()


def table_positions(path: Path) -> tuple[dict[str, Position], list[str]]:
    """Return latitude, longitude (degrees) and altitude (m) by the name in a table, and remarks.

    Columns that a position does not need are not looked at; errors as those of ground nodes.
    """
    table = _Table(path, others=True)
    found: dict[str, Position] = {}
    for row in table.rows:
        wanted: dict[str, str] = {}
        for key in ("lat_deg", "lon_deg", "altitude_m"):
            if key in row.cells:
                wanted[key] = row.cells[key]
        wanted["id"] = clean(row.cells.get("id", ""))
        node = table.node(Row(wanted, row.where))
        if node is not None:
            found[node.id] = (node.lat_deg, node.lon_deg, node.altitude_m)
    return found, table.remarks()


class _Table:
    """Reads a table and gathers its faults and what has to be said of it."""

    def __init__(self, path: Path, *, others: bool = False) -> None:
        self.name, self.others = path.name, others
        self.problems: list[Problem] = []
        self.said: list[str] = []
        self.decimal_comma = False
        text = read_text(there(path), label=path.name)
        if text.lstrip()[:1] in ("{", "["):
            problem = Problem(path.name, "this is JSON, not a table", "GeoJSON is read under ground.geojson")
            raise InvalidFileError(path.name, [problem])
        self.rows = list(self._rows(text))
        self.decimal_comma = self._has_decimal_commas()

    def remarks(self) -> list[str]:
        """Return what was read otherwise than it is written, or raise all faults."""
        if self.problems:
            in_order = sorted(dict.fromkeys(self.problems), key=lambda problem: _line(problem.where))
            raise InvalidFileError(self.name, in_order)
        return [f"{self.name}: {'; '.join(self.said)}"] if self.said else []

    def node(self, row: Row) -> GroundNode | None:
        """Return the node of a row, or None and its faults."""
        cells: dict[str, Any] = {}
        for key, cell in row.cells.items():
            try:
                cells[key] = _name(cell) if key in _TEXT else self._number(cell)
            except NotANumberError as error:
                if error.fix == PLAIN_FIX:
                    # The model says it with the range of the key.
                    cells[key] = cell
                    continue
                self.problems.append(Problem(f"{row.where}: {key}", error.what, error.fix))
        if len(cells) < len(row.cells):
            return None
        try:
            return GroundNode.model_validate(cells)
        except ValidationError as error:
            self.problems += [
                Problem(f"{row.where}: {'.'.join(map(str, loc))}", what.replace("key", "cell"), fix)
                for loc, what, fix in worded(error.errors(), GroundNode, cells)
                if loc[-1] in self.columns.values()
            ]
            return None

    def _rows(self, text: str) -> Iterator[Row]:
        """Yield the rows below the header."""
        told, text = told_separator(text)
        separator = told or _guessed_separator(text)
        rows = ((line + (told is not None), row) for line, row in csv_rows(text, self.name, separator))
        line, header = _header(rows)
        if separator != ",":
            self.said.append(f"cells are separated by {_SEPARATORS.get(separator, shown(separator))}")
        self.columns = self._columns([name.strip() for name in header], f"{self.name}:{line}")
        for line, row in rows:
            if _is_comment(row):
                continue
            where = f"{self.name}:{line}"
            if any(cell.strip() for cell in row[len(header) :]):
                self.problems.append(self._too_many(row, header, separator, where))
            elif any(cell.strip() for cell in row):
                unnamed = [
                    i for i, cell in enumerate(row[: len(header)]) if cell.strip() and not header[i].strip()
                ]
                if unnamed:
                    what = (
                        f"{shown(row[unnamed[0]].strip())} has no name above it, in column {unnamed[0] + 1}"
                    )
                    self.problems.append(Problem(where, what, "name the column, or empty it"))
                yield Row(
                    {
                        key: row[i].strip()
                        for i, key in self.columns.items()
                        if i < len(row) and row[i].strip()
                    },
                    where,
                )

    @staticmethod
    def _too_many(row: list[str], header: list[str], separator: str, where: str) -> Problem:
        what = f"{len(row)} cells under {len(header)} columns"
        if separator == "," and sum(cell.strip().lstrip("-").isdigit() for cell in row) > len(header) - 1:
            return Problem(where, what, "numbers with a comma need ; between the cells, or quotes")
        return Problem(where, what, "leave some out")

    def _columns(self, header: list[str], where: str) -> dict[int, str]:
        """Return keys of a ground node by the number of their column; note what is wrong or unusual."""
        keys = list(GroundNode.model_fields)
        found: dict[int, str] = {}
        unknown: list[str] = []
        naming = next((name for name in NAMES if plain(name) in map(plain, header)), None)
        for i, column in enumerate(header):
            key = _key_of(column, naming, keys)
            if key is None:
                unknown += [column] if column else []
            elif key in found.values():
                first = header[next(n for n, other in found.items() if other == key)]
                what = (
                    f"the column {column!r} stands twice"
                    if first == column
                    else f"{first!r} and {column!r} are both {key}"
                )
                self.problems.append(Problem(where, what, "keep one of them"))
            else:
                found[i] = key
        self._judge_columns(found, unknown, header, where)
        return found

    def _judge_columns(
        self, found: dict[int, str], unknown: list[str], header: list[str], where: str
    ) -> None:
        keys = list(GroundNode.model_fields)
        missing = [key for key in ("id", "lat_deg", "lon_deg") if key not in found.values()]
        for key in missing:
            fix = "line 1 has the columns id, lat_deg, lon_deg and more"
            self.problems.append(Problem(where, f"the column {key!r} is missing", fix))
        for column in dict.fromkeys(unknown):
            near = difflib.get_close_matches(column.casefold(), keys, n=1, cutoff=0.75)
            if missing or near or (self.others is False and _like_a_key(column)):
                fix = f"did you mean {near[0]!r}?" if near else f"columns: {', '.join(keys)}"
                self.problems.append(Problem(where, f"unknown column {column!r}", fix))
        renamed = [f"{header[i]!r} as {key}" for i, key in found.items() if header[i] != key]
        if renamed:
            self.said.append(f"columns read: {', '.join(renamed)}")
        if unknown and not self.others:
            self.said.append(f"columns not taken: {', '.join(map(shown, dict.fromkeys(unknown)))}")

    def _has_decimal_commas(self) -> bool:
        """Whether latitudes and longitudes have a comma where others have a point."""
        cells = [row.cells[key] for row in self.rows for key in ("lat_deg", "lon_deg") if key in row.cells]
        commas = [cell for cell in cells if _WITH_COMMA.fullmatch(cell)]
        if commas and not any("." in cell for cell in cells):
            self.said.append(f"numbers have a decimal comma: {commas[0]} is {commas[0].replace(',', '.')}")
            return True
        return False

    def _number(self, cell: str) -> float:
        """Return the number in a cell, without the signs between its thousands."""
        if self.decimal_comma:
            if _GROUPED.fullmatch(cell) and cell.count(",") <= 1 and re.search(r"[.'’ \u00a0]", cell):
                cell = re.sub(r"[.'’ \u00a0]", "", cell)
            return number(cell.replace(",", "."))
        if "," in cell and _GROUPED.fullmatch(cell) and cell.count(".") <= 1:
            cell = cell.replace(",", "")
        elif _GROUPED.fullmatch(cell):
            cell = re.sub(r"['’ \u00a0]", "", cell)
        return number(cell)


def there(path: Path) -> Path:
    """Return a path at which there is a file.

    Raises
    ------
    InputError
        There is none.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path.name!r}", fix="put it there, or mend its name")
    return path


def _guessed_separator(text: str) -> str:
    """Return the sign under which the header has the most columns that are known."""
    lines = [line.lstrip("# ") for line in islice(filter(str.strip, text.splitlines()), HEADER_WITHIN)]
    return max(SEPARATORS, key=lambda separator: max((_known(line, separator) for line in lines), default=0))


def _known(line: str, separator: str) -> int:
    """Return how many names of columns are in a line."""
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return 0
    return len(_keys_in(cells))


def _keys_in(cells: list[str]) -> set[str]:
    found = (_key_of(cell.strip(), None, list(GroundNode.model_fields)) for cell in cells)
    return {key for key in found if key is not None}


def _header(rows: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Return the line of the names of columns and these; the rows below stay."""
    for line, row in rows:
        if not _is_comment(row):
            return line, row
        if named := _commented_header(row):
            return line, named
    return 1, []


def _commented_header(row: list[str]) -> list[str]:
    """Return the names of columns in a comment, as some programs write them; nothing if it is none."""
    cells = [row[0].lstrip("# \t"), *row[1:]] if row else []
    return cells if {"id", "lat_deg", "lon_deg"} <= _keys_in(cells) else []


def _is_comment(row: list[str]) -> bool:
    return (bool(row) and row[0].lstrip().startswith("#")) or not any(cell.strip() for cell in row)


def _key_of(column: str, naming: str | None, keys: list[str]) -> str | None:
    """Return which key of a ground node a column is, or None."""
    name = plain(column)
    if naming is None and name in map(plain, NAMES):
        return "id"
    if naming is not None and name == plain(naming):
        return "id"
    for key, others in _IN_USE.items():
        if name in map(plain, others):
            return key
    return next((key for key in keys if key != "id" and plain(key) == name), None)


def _like_a_key(column: str) -> bool:
    """Whether a column is a quantity of a node in another unit, which must not be lost in silence."""
    return plain(column).startswith(
        ("altitude", "elevation", "height", "storage", "terminal", "latitude", "longitude")
    )


def _line(where: str) -> int:
    """Return the line in a place ``file:line: column``; 0 for the file as a whole."""
    match = re.search(r":(\d+)(?=:|$)", where)
    return int(match[1]) if match else 0


def _name(cell: str) -> str:
    """Return a name, composed: two ways to write an ö are one name."""
    return unicodedata.normalize("NFC", cell)
