"""``satqn map``: from one place to all others, or medians by region, as figure, GeoJSON and tables."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

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
from satqn.model.country import Quantity


def map_(
    scenario: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    start: Annotated[str | None, Parameter(name="--from", allow_leading_hyphen=True)] = None,
    pairs: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    quantity: Quantity = "rate",
    stations_file: Path | None = None,
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Map what one place gets with all others, or the medians of random pairs by region.

    Writes map.png, map.geojson and a table (CSV, and Parquet where pyarrow is installed) into a folder.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    output
        The folder to write.
    start
        From this place to all others: a node id, a city name, or LAT,LON in degrees for the nearest node.
    pairs
        Draw so many random pairs instead, and gather them by state (or cell of 5 degrees).
    quantity
        What the figure shows: rate at the target fidelity, fidelity in the satellite's time, or the way with
        the highest rate.
    stations_file
        Ground stations: JSON list of node ids, or one list per grid spacing in km.
    """
    from satqn import api
    from satqn.extras import missing
    from satqn.files import check_folder, staged_folder
    from satqn.network.places import find_node
    from satqn.provenance import provenance
    from satqn.reports.country import place_files, region_files, region_table
    from satqn.reports.summary import summarise
    from satqn.scenario.load import load_scenario

    if (start is None) == (pairs is None):
        raise InputError("give either --from PLACE or --pairs N", where="satqn map")
    check_folder(output)
    say_when_compiling()
    chosen = load_scenario(scenario, overrides(preset, settings, seed) | station_overrides(stations_file))
    system = api.build(chosen)
    begun = time.perf_counter()
    said: dict[str, Any] = {"scenario": chosen.name, "preset": chosen.preset, "quantity": quantity}
    with progress_bar("evaluating pairs") as progress:
        if start is not None:
            find_node(system.network, start, "--from")
            place = api.map_place(system, start, progress=progress)
            files, results = place_files(place, quantity, system.stations), place.results
            said |= {"from": str(system.network.nodes.ids[place.start]), "places": len(results)}
        else:
            assert pairs is not None
            regions = api.map_regions(system, pairs, seed=chosen.seed, progress=progress)
            files, results = region_files(regions, quantity), regions.results
            said |= {"seed": chosen.seed, "regions": region_table(regions)}
    told = provenance(command="map", scenario=chosen.model_dump(mode="json"), inputs={})
    from json import dumps

    with staged_folder(output) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (folder / "provenance.json").write_text(dumps(told, indent=2) + "\n", encoding="utf-8")
    if json:
        names = sorted([*files, "provenance.json"])
        emit_json(said | summarise(results, chosen.target_fidelity) | {"output": str(output), "files": names})
        return
    say(
        f"{len(results)} pairs in {time.perf_counter() - begun:.1f} s, written to {output}: "
        f"{', '.join(files)}"
    )
    if missing("pyarrow"):
        say("No Parquet: pyarrow is not installed (python -m pip install pyarrow)")
