"""Errors as JSON: what, where, why and what to do, and every fault of a scenario with its key."""

from __future__ import annotations

import re
from typing import Any

from satqn.errors import InvalidFileError, SatqnError, cut, printable

MOST_PROBLEMS = 50


def error_document(error: SatqnError) -> dict[str, Any]:
    """Return an error as plain values.

    Parameters
    ----------
    error
        What cannot be done.

    Returns
    -------
    dict
        ``what``, ``where``, ``why``, ``fix`` and ``problems``, each with the ``key`` of the scenario that it
        is about, so that a form can show it there.
    """
    problems = error.problems if isinstance(error, InvalidFileError) else ()
    return {
        **{name: cut(printable(getattr(error, name))) for name in ("what", "where", "why", "fix")},
        "problems": [
            {"key": key_of(problem.where), "what": printable(problem.what), "fix": printable(problem.fix)}
            for problem in problems[:MOST_PROBLEMS]
        ]
        or (
            [{"key": key_of(error.where), "what": printable(error.what), "fix": printable(error.fix)}]
            if key_of(error.where)
            else []
        ),
    }


def key_of(where: str) -> str:
    """Return the dotted key that the place of a fault names; empty if it names none.

    Examples
    --------
    >>> key_of("--set time.slot_s"), key_of("a.yaml:3:4: time.slot_s"), key_of("--host")
    ('time.slot_s', 'time.slot_s', '')
    """
    found = re.fullmatch(r"(?:--set |.*:\d+:\d+: )(\S+)", where)
    return "" if found is None else found[1]
