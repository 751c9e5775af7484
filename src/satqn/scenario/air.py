"""A site's own atmosphere: transmittance by elevation, from a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from satqn.documents import SEPARATORS, csv_rows, read_text, told_separator
from satqn.errors import InvalidFileError, Problem, shown
from satqn.scenario.sections import Section

Rows = tuple[tuple[float, float], ...]

ELEVATION = ("elevation_deg", "elevation", "el_deg", "el")
ZENITH = ("zenith_angle_deg", "zenith_deg", "zenith_angle", "sza", "vza")
TRANSMITTANCE = ("transmittance", "transmission", "t")
"""Names of the columns, in any case."""

_COLUMNS = "elevation_deg (or zenith_deg) and transmittance"
_SAME = 1e-9


class AirSection(Section):
    """Clear air above ground stations as a table of transmittance by elevation; one of the two keys."""

    table: str | None = None
    """CSV file with columns elevation_deg (or zenith_deg) and transmittance, from the ground into space."""
    rows: (
        tuple[
            tuple[
                Annotated[float, Field(ge=0, le=90, allow_inf_nan=False)],
                Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)],
            ],
            ...,
        ]
        | None
    ) = None
    """Elevation in degrees, ascending, and transmittance: what a table becomes in the resolved form."""


def read_air_table(path: Path) -> Rows:
    """Return elevations (degrees, ascending) and transmittances of a CSV table.

    Parameters
    ----------
    path
        The table; lines that begin with # are comments, cells are separated by commas, semicolons or tabs.

    Raises
    ------
    InputError
        It cannot be read.
    InvalidFileError
        Its faults, all at once, each with its line.
    """
    label = path.name
    separator, text = told_separator(read_text(path, label=label))
    skipped = 1 if separator else 0
    body = "\n".join("" if line.lstrip().startswith("#") else line for line in text.splitlines())
    header = next((line for line in body.splitlines() if line.strip()), "")
    sign = separator or max(SEPARATORS, key=header.count)
    problems: list[Problem] = []
    columns: tuple[int, int, bool] | None = None
    found: list[tuple[float, float, int]] = []
    for at, cells in csv_rows(body, label, sign):
        where = f"{label}:{at + skipped}"
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns([cell.strip().lower() for cell in cells], where, label)
            continue
        angle, share, zenith = columns
        if max(angle, share) >= len(cells):
            problems.append(Problem(where, f"{len(cells)} cells", f"every row has {_COLUMNS}"))
            continue
        first = _number(
            cells[angle], 0.0, 90.0, f"{where}: {'zenith angle' if zenith else 'elevation'}", sign
        )
        second = _number(cells[share], 0.0, 1.0, f"{where}: transmittance", sign)
        problems += [value for value in (first, second) if isinstance(value, Problem)]
        if isinstance(first, float) and isinstance(second, float):
            found.append((90.0 - first if zenith else first, second, at + skipped))
    if columns is None:
        problems.append(Problem(label, "the table is empty", f"give columns {_COLUMNS}"))
    found.sort(key=lambda row: row[0])
    rows = tuple((elevation, share) for elevation, share, _ in found)
    if columns is not None and not problems:
        lines = [line for *_, line in found]
        problems += [
            Problem(label if row is None else f"{label}:{lines[row]}", what, fix)
            for row, what, fix in row_faults(rows)
        ]
    if problems:
        raise InvalidFileError(label, problems)
    return rows


def _columns(names: list[str], where: str, label: str) -> tuple[int, int, bool]:
    """Return the columns of angle and transmittance, and whether the angle is that from the zenith."""
    if any(name.startswith("wavelength") for name in names):
        problem = Problem(
            where, "a column of wavelengths", "give a table of one wavelength, that of the light"
        )
        raise InvalidFileError(label, [problem])
    angles = [(i, name in ZENITH) for i, name in enumerate(names) if name in (*ELEVATION, *ZENITH)]
    shares = [i for i, name in enumerate(names) if name in TRANSMITTANCE]
    if len(angles) != 1 or len(shares) != 1:
        there = ", ".join(shown(name, 40) for name in names[:8])
        problem = Problem(where, f"the columns are {there}", f"name one each: {_COLUMNS}")
        raise InvalidFileError(label, [problem])
    return angles[0][0], shares[0], angles[0][1]


def _number(cell: str, low: float, high: float, where: str, sign: str) -> float | Problem:
    text = cell.strip().replace(",", ".") if sign != "," else cell.strip()
    try:
        value = float(text)
    except ValueError:
        return Problem(where, f"{shown(cell, 40)} is no number", "write a number")
    inside = math.isfinite(value) and low <= value <= high and (high != 1.0 or value > 0.0)
    span = f"{'above ' if high == 1.0 else ''}{low:g} to {high:g}"
    return value if inside else Problem(where, f"{value:g} is out of range", f"give {span}")


def row_faults(rows: Sequence[tuple[float, float]]) -> Iterator[tuple[int | None, str, str]]:
    """Yield what is wrong with rows that are numbers: the row, the fault and what to do."""
    if len(rows) < 2:
        yield None, f"{len(rows)} rows", "give two elevations or more"
    for i in range(1, len(rows)):
        (low, less), (high, more) = rows[i - 1], rows[i]
        if high <= low + _SAME:
            again = "is there twice" if abs(high - low) <= _SAME else f"comes after {low:g}"
            yield i, f"an elevation of {high:g} degrees {again}", "give every elevation once, ascending"
        elif more < less - _SAME:
            yield (
                i,
                f"the transmittance falls from {less:g} at {low:g} to {more:g} at {high:g} degrees elevation",
                "higher lines meet less air; if these are angles from the zenith, name the column zenith_deg",
            )


__all__ = ["AirSection", "read_air_table", "row_faults"]
