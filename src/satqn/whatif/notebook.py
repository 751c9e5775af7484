"""Rows of plain values as a small table for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satqn.reports import html

MOST_ROWS = 30
"""Of a table in a notebook; what is left out is said below it."""


def rows_html(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the first rows as a table in HTML.

    Parameters
    ----------
    rows
        Rows; the columns are the keys of all of them, as they first appear.

    Examples
    --------
    >>> "<td>1,234</td>" in rows_html([{"pairs": 1234.4}])
    True
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    shown = html.table(columns, [[_text(row.get(name)) for name in columns] for row in rows[:MOST_ROWS]])
    left = len(rows) - MOST_ROWS
    return shown + (html.paragraph(f"… and {left} more rows") if left > 0 else "")


def _text(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.4g}"
    return str(value)
