"""An experiment is a value: identity, computation, drawing and claims."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.experiments.claims import Claim
from satqn.model.shown import Shown
from satqn.reports.cells import cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from satqn.experiments.context import Context

Columns = Mapping[str, Any]
"""Columns of equal length by name; every name of a quantity ends in its unit; masked entries are absent."""


@dataclass(frozen=True, slots=True, repr=False)
class Data(Shown):
    """What a figure shows: everything drawn and claimed is computed from this alone.

    Parameters
    ----------
    tables
        By name; each becomes a CSV file, the first one under the name of the experiment.
    numbers
        Single values that the claims judge, by a name that ends in the unit.
    """

    tables: Mapping[str, Columns]
    numbers: Mapping[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, columns in self.tables.items():
            lengths = {len(column) for column in columns.values()}
            if len(lengths) > 1:
                raise ValueError(f"the columns of table {name!r} have different lengths: {sorted(lengths)}")


@dataclass(frozen=True, slots=True)
class Experiment:
    """One figure panel or table of a paper.

    Parameters
    ----------
    id
        ``<paper key>.<name>``, for example ``shao2025.fig2a``.
    title
        What it shows, in a few words.
    source
        Where it stands in the paper.
    compute
        From the context to the data; all expensive work happens here.
    plot
        From the data to a figure; called inside :func:`satqn.reports.style.styled`.
    claims
        From the data to the numbers it must show.
    needs_census
        False if it can be made without the census node set.
    """

    id: str
    title: str
    source: str
    compute: Callable[[Context], Data]
    plot: Callable[[Data], Figure]
    claims: Callable[[Data], list[Claim]]
    needs_census: bool = True


def to_csv(columns: Columns) -> str:
    """Return a table as CSV: ten significant digits, empty cells where an entry is masked.

    Examples
    --------
    >>> print(to_csv({"length_km": [1.0, 2.5], "way": ["fibre", "hybrid"]}), end="")
    length_km,way
    1,fibre
    2.5,hybrid
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))
    return text.getvalue()


def _cells(column: Any) -> list[str]:
    values = np.ma.asarray(column)
    absent = np.ma.getmaskarray(values)
    pairs = zip(values.data.tolist(), absent, strict=True)
    return ["" if masked else str(cell(value)) for value, masked in pairs]
