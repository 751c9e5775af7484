"""``satqn evaluate``: the hybrid protocol for many pairs, one row each."""

from __future__ import annotations

import time
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
    progress_bar,
    say,
    say_when_compiling,
    station_overrides,
)
from satqn.errors import InputError


def evaluate(
    scenario: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    pairs: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    pairs_file: Path | None = None,
    stations_file: Path | None = None,
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Evaluate fibre only, satellite only and hybrid for many pairs and write one row per pair.

    Fidelities are those reached in the satellite's time per pair, rates those at the target
    fidelity; a cell is empty where there is none.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    output
        The CSV file to write.
    pairs
        Draw so many random pairs.
    pairs_file
        Read the pairs: CSV (also .gz), two columns of node ids, with a header.
    stations_file
        Ground stations: JSON list of node ids, or one list per grid spacing in km.
    """
    from satqn import api
    from satqn.files import check_writable, write_atomically, write_part
    from satqn.reports.summary import summarise
    from satqn.reports.tables import pairs_csv
    from satqn.scenario.load import load_scenario

    wanted = pairs if pairs_file is None else pairs_file
    if wanted is None or (pairs is not None and pairs_file is not None):
        raise InputError("give either --pairs N or --pairs-file F", where="satqn evaluate")
    check_writable(output)
    say_when_compiling()
    chosen = load_scenario(scenario, overrides(preset, settings, seed) | station_overrides(stations_file))
    started = time.perf_counter()
    system = api.build(chosen)
    try:
        with progress_bar("evaluating pairs") as progress:
            results = api.evaluate(system, wanted, seed=chosen.seed, progress=progress)
    except api.EvaluationInterrupted as stop:
        if len(stop.partial):
            place = write_part(output, pairs_csv(system.network.nodes, stop.partial))
            say(f"{stop}; what is done was written to {place}")
        raise
    write_atomically(output, pairs_csv(system.network.nodes, results))
    summary = summarise(results, chosen.target_fidelity)
    if json:
        emit_json(
            {
                "scenario": chosen.name,
                "preset": chosen.preset,
                "seed": chosen.seed,
                "output": str(output),
                **summary,
            }
        )
    else:
        say(f"{len(results)} pairs in {time.perf_counter() - started:.1f} s, written to {output}")
