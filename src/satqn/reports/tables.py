"""Results as CSV: one row per pair, units in the headers, empty where there is none."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from satqn.model.network import NodeTable
from satqn.model.results import COLUMNS, PairResults
from satqn.reports.cells import cell


def pairs_csv(nodes: NodeTable, results: PairResults) -> str:
    """Return the results of pairs as CSV text, numbers to 10 significant digits."""
    header = ["node_a", "node_b", *(name for name, _ in COLUMNS)]
    cells: list[Sequence[str]] = [_cells(nodes.ids[results.a]), _cells(nodes.ids[results.b])]
    cells.extend(_cells(get(results)) for _, get in COLUMNS)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*cells, strict=True))
    return stream.getvalue()


def _cells(column: Any) -> list[str]:
    absent = np.broadcast_to(np.ma.getmaskarray(column), len(column))
    values = np.ma.getdata(column).tolist()
    return ["" if gone else _cell(value) for value, gone in zip(values, absent, strict=True)]


def _cell(value: Any) -> str:
    return str(cell(value))
