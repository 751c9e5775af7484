"""Cells of CSV tables: numbers without tails, text that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that spreadsheets compute. Source: OWASP, "CSV injection"."""


def cell(value: Any) -> Any:
    """Return a value as it goes into a cell.

    Parameters
    ----------
    value
        Floats get ten significant digits and no sign at zero; text that a spreadsheet would compute gets an
        apostrophe before it. Anything else stays as it is.

    Examples
    --------
    >>> cell(0.1 + 0.2), cell(-0.0), cell("=1+1"), cell(-3)
    ('0.3', '0', "'=1+1", -3)
    """
    if isinstance(value, float):
        return f"{value + 0.0:.10g}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def tidy(value: float, digits: int = 14) -> float:
    """Return a number without the tail of its arithmetic, and without a sign at zero.

    Examples
    --------
    >>> tidy(0.1 + 0.2), tidy(-0.0)
    (0.3, 0.0)
    """
    return float(f"{value:.{digits}g}") + 0.0
