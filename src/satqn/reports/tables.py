"""Results as CSV: one row per pair, units in the headers, empty where there is none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from satqn.model.network import NodeTable
from satqn.model.results import PairResults

COLUMNS: tuple[tuple[str, Callable[[PairResults], Any]], ...] = (
    ("distance_km", lambda r: r.distance / 1e3),
    ("fibre_km", lambda r: r.fibre_length / 1e3),
    ("satellite_rate_per_s", lambda r: r.satellite_rate),
    ("fibre_fidelity", lambda r: r.fibre_fidelity),
    ("fibre_photon_repeaters", lambda r: r.fibre_photon_repeaters),
    ("fibre_rate_per_s", lambda r: r.fibre_rate),
    ("hybrid_fidelity", lambda r: r.hybrid_fidelity),
    ("hybrid_rate_per_s", lambda r: r.hybrid_rate),
    ("protocol_by_fidelity", lambda r: r.protocol_by_fidelity),
    ("protocol_by_rate", lambda r: r.protocol_by_rate),
    ("satellite_only_fidelity", lambda r: r.satellite_fidelity),
    ("satellite_only_rate_per_s", lambda r: r.satellite_only_rate),
    ("protocol_fidelity", lambda r: r.protocol_fidelity),
    ("protocol_rate_per_s", lambda r: r.protocol_rate),
)
"""The columns after the two node ids; the first ten are the contract of ``satqn evaluate``."""


def pairs_csv(nodes: NodeTable, results: PairResults) -> str:
    """Return the results of pairs as CSV text, numbers to 10 significant digits."""
    header = ["node_a", "node_b", *(name for name, _ in COLUMNS)]
    cells: list[Sequence[str]] = [nodes.ids[results.a].tolist(), nodes.ids[results.b].tolist()]
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
    return f"{value:.10g}" if isinstance(value, float) else str(value)
