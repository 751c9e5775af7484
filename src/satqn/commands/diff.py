"""``satqn diff``: in what two scenarios, instances or plans differ."""

from __future__ import annotations

from typing import Any

from satqn.commands.common import Json, emit_json, show
from satqn.errors import EXIT_CHECK_FAILED, EXIT_OK

LONGEST = 60
"""Characters of a value that are printed for people."""


def diff(a: str, b: str, *, json: Json = False) -> int:
    """Compare two scenarios, two instance files or two plan files by what they say.

    Scenarios are compared as they are resolved: defaults, tables and networks put in. The exit status is
    0 if both say the same, 1 if not.

    Parameters
    ----------
    a
        A scenario (name or YAML file), an instance file or a plan file.
    b
        Another one of the same kind.
    """
    from satqn.whatif.diff import difference

    found = difference(a, b)
    if json:
        emit_json({"a": a, "b": b, **found.to_dict()})
    elif not found.changes:
        show(f"{found.kind}: no difference")
    else:
        show(f"{found.kind}: {len(found.changes)} differences")
        for change in found.changes:
            if change.kind == "changed":
                show(f"  {change.key}: {_short(change.before)} → {_short(change.after)}")
            elif change.kind == "added":
                show(f"+ {change.key}: {_short(change.after)}")
            else:
                show(f"- {change.key}: {_short(change.before)}")
    return EXIT_CHECK_FAILED if found.changes else EXIT_OK


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
