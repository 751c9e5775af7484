"""``satqn pair``: all ways between two places, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from satqn.commands.common import (
    Json,
    Preset,
    Seed,
    Settings,
    emit_json,
    overrides,
    show,
    station_overrides,
)


def pair(
    scenario: str,
    *,
    start: Annotated[str, Parameter(name="--from", allow_leading_hyphen=True)],
    end: Annotated[str, Parameter(name="--to", allow_leading_hyphen=True)],
    stations_file: Path | None = None,
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Compare fibre only, satellite only and hybrid between two places.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    start, end
        A node id, a city name, or LAT,LON in degrees for the nearest node.
    stations_file
        Ground stations: JSON list of node ids, or one list per grid spacing in km.
    """
    from satqn import api
    from satqn.scenario.load import load_scenario

    chosen = load_scenario(scenario, overrides(preset, settings, seed) | station_overrides(stations_file))
    explanation = api.pair(api.build(chosen), start, end)
    document = {"scenario": chosen.name, "preset": chosen.preset, **explanation.to_dict()}
    if json:
        emit_json(document)
        return
    show(explanation.to_text())
