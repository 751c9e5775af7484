"""``satqn simulate hybrid``: what random events make of the promises of the hybrid protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from satqn.commands.common import (
    Json,
    Preset,
    Seed,
    Settings,
    emit_json,
    overrides,
    print_table,
    progress_bar,
    say,
    show,
    station_overrides,
)
from satqn.errors import InputError

RUNS = 10_000
TITLES = {"in_satellite_time": "in the satellite's time per pair", "at_target": "at the target fidelity"}


def hybrid(
    scenario: str,
    *,
    pairs: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    pairs_file: Path | None = None,
    stations_file: Path | None = None,
    runs: Annotated[int, Parameter(allow_leading_hyphen=True)] = RUNS,
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    attempts: Literal["preset", "heralded"] = "preset",
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> None:
    """Replay the hybrid protocol for pairs of users: promised against delivered, by component.

    Fibre only and hybrid, for the fidelity in the satellite's time per pair and for the rate at the
    target fidelity. Prints quartiles over the pairs; the CSV has one row per promise.

    Parameters
    ----------
    scenario
        Name of a scenario of the hybrid protocol (see ``satqn scenarios``) or a YAML file.
    pairs
        Draw so many random pairs; with a file take as many from its beginning.
    pairs_file
        Read the pairs: CSV (also .gz), two columns of node ids, with a header.
    stations_file
        Ground stations: JSON list of node ids, or one list per grid spacing in km.
    runs
        Rounds of every way and discipline.
    workers
        Processes; the same counts whatever their number.
    attempts
        ``preset``: attempts as the scenario models them; ``heralded``: each waits for the answer over
        its longer arm and loses in both arms.
    output
        The CSV file to write.
    """
    from satqn import api
    from satqn.files import check_writable, write_atomically, write_part
    from satqn.hybrid_replay.promises import promises
    from satqn.hybrid_replay.table import ReplayInterrupted, replay, replay_csv, summarise_replay
    from satqn.network.places import draw_pairs, pairs_from_file
    from satqn.physics.checks import whole_number
    from satqn.scenario.load import load_scenario
    from satqn.simulate.executor import Workers

    if pairs is None and pairs_file is None:
        raise InputError("give --pairs N, --pairs-file F or both", where="satqn simulate hybrid")
    whole_number("--runs", runs, 1)
    if pairs is not None:
        whole_number("--pairs", pairs, 1)
    if output is not None:
        check_writable(output)
    chosen = load_scenario(scenario, overrides(preset, settings, seed) | station_overrides(stations_file))
    system = api.build(chosen)
    if pairs_file is None:
        a, b = draw_pairs(system.network, pairs or 0, chosen.seed)
    else:
        a, b = pairs_from_file(system.network, pairs_file)
        if pairs is not None and pairs > len(a):
            raise InputError(f"--pairs {pairs}, but {pairs_file} has {len(a)}", fix="Ask for no more")
        a, b = a[:pairs], b[:pairs]
    promised = list(promises(system, a, b, attempts=attempts))
    try:
        with progress_bar("replaying ways") as progress, Workers(workers) as pool:
            rows = replay(promised, runs=runs, seed=chosen.seed, workers=pool, report=progress)
    except ReplayInterrupted as stop:
        if output is not None and stop.partial:
            place = write_part(output, replay_csv(stop.partial))
            say(f"{stop}; they were written to {place}")
        raise
    groups = summarise_replay(rows, chosen.target_fidelity)
    if output is not None:
        write_atomically(output, replay_csv(rows))
    if json:
        emit_json(
            {
                "scenario": chosen.name,
                "preset": chosen.preset,
                "seed": chosen.seed,
                "runs": runs,
                "attempts": attempts,
                "target_fidelity": chosen.target_fidelity,
                "pairs": len(a),
                "output": None if output is None else str(output),
                "groups": groups,
            }
        )
        return
    for group in groups:
        _print(group, len(a))
    if output is not None:
        say(f"{len(rows)} promises written to {output}")


def _print(group: Mapping[str, Any], pairs: int) -> None:
    from satqn.hybrid_replay.table import MEASURES

    rows = []
    for key, title, _ in MEASURES:
        found = group["quartiles"][key]
        rows.append([title, *(["-"] * 3 if found is None else [f"{value:.4f}" for value in found])])
    head = f"{group['way']}, {TITLES[group['question']]}: {group['promises']} of {pairs} pairs"
    head += f", chosen for {group['chosen']}"
    if group["unplaceable"]:
        head += f"; {group['unplaceable']} with a leg that the promise leaves out and that nothing crosses"
    print_table(head, ["", "quartile", "median", "quartile"], rows)
    below = f"patient fidelity clearly below the promise: {group['below_promise']}"
    if group["below_target"] is not None:
        below += f", below the target: {group['below_target']}"
    show(f"{below}\n")
