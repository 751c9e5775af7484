"""``satqn resolve``: the machine form of a scenario, with where every value came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from satqn.commands.common import Json, Settings, emit_json, parse_settings, say


def resolve(
    scenario: str,
    *,
    settings: Settings = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> None:
    """Write a scenario out: every key with its value, and behind each where the value came from.

    Nodes of tables, data sets and networks, satellites of TLE and OMM files and drawn demands become part of
    it, so that the result needs no other file. Loading it again gives an equal scenario.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    output
        File to write; standard output without it.
    """
    from satqn.files import write_atomically
    from satqn.scenario.load import load_any
    from satqn.topology.resolution import resolved, resolved_text

    loaded = load_any(scenario, parse_settings(settings))
    if output is not None:
        write_atomically(output, resolved_text(loaded))
    if json:
        found = resolved(loaded)
        emit_json({"scenario": found.data, "origins": found.origins})
    elif output is None:
        print(resolved_text(loaded), end="")
    else:
        say(f"written to {output}")
