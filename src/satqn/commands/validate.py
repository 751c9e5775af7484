"""``satqn validate``: is a scenario right? Every fault at once, with its place and what to do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from satqn.commands.common import Json, Settings, emit_json, parse_settings, show
from satqn.errors import EXIT_OK, InvalidFileError, SatqnError, SatqnWarning


def validate(scenario: str, *, settings: Settings = None, json: Json = False) -> int:
    """Check a scenario and everything that it takes from tables, networks and catalogues; evaluate nothing.

    Prints ``ok`` and what is in it, or every fault with file, line and column and exits with 2.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    """
    from satqn.scenario.load import load_any
    from satqn.topology.resolution import summary

    try:
        with _noted(json) as noted:
            found = summary(load_any(scenario, parse_settings(settings)))
    except SatqnError as error:
        if not json:
            raise
        emit_json({"ok": False, "problems": _problems(error)})
        return error.exit_code
    if json:
        said = [str(one.message) for one in noted if issubclass(one.category, SatqnWarning)]
        emit_json({"ok": True, "problems": [], "warnings": list(dict.fromkeys(said)), **found})
    else:
        parts = (f"{value} {name.replace('_', ' ')}" for name, value in found["counts"].items())
        show(f"ok: {found['name']} ({found['study']}): {', '.join(parts)}")
    return EXIT_OK


@contextmanager
def _noted(keep: bool) -> Iterator[list[warnings.WarningMessage]]:
    """Gather the warnings instead of showing them, if they are to be kept."""
    if not keep:
        yield []
        return
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", SatqnWarning)
        yield noted


def _problems(error: SatqnError) -> list[dict[str, Any]]:
    if isinstance(error, InvalidFileError):
        return [{"where": p.where, "what": p.what, "fix": p.fix} for p in error.problems]
    return [{"where": error.where, "what": error.what, "fix": error.fix}]
