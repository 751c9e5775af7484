"""``satqn scenarios``: the catalogue."""

from __future__ import annotations

from satqn.commands.common import Json, emit_json, show


def scenarios(*, json: Json = False) -> None:
    """List the scenarios that ship with satqn."""
    from satqn.scenario.load import catalogue

    entries = catalogue()
    if json:
        emit_json({"scenarios": [{"name": name, "description": text} for name, text in entries.items()]})
        return
    width = max(map(len, entries))
    for name, text in entries.items():
        show(f"{name:<{width}}  {text}")
