"""``satqn design``: what to build."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from satqn.commands.common import (
    Json,
    Preset,
    Settings,
    emit_json,
    overrides,
    print_table,
    progress_bar,
    say,
)
from satqn.errors import EXIT_CHECK_FAILED, EXIT_LIMIT, EXIT_OK, InputError

if TYPE_CHECKING:
    from satqn.design.stations import StationDesign
    from satqn.whatif.constellations import SatelliteDesign

app = App(name="design", help="Ask what to build: stations, satellites; how long satellites are in view.")

Number = Annotated[float, Parameter(allow_leading_hyphen=True)]
Count = Annotated[int, Parameter(allow_leading_hyphen=True)]


@app.command
def stations(
    scenario: str,
    *,
    count: Count,
    objective: Literal["p-median", "cover", "utility", "cloudy"] = "p-median",
    candidates: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    radius_km: Number = 300.0,
    distance: Literal["fibre", "great-circle"] = "fibre",
    largest: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    fixed: Annotated[list[str] | None, Parameter(negative=())] = None,
    penalty_km: Number = 3_000.0,
    inclination_deg: Number = 56.0,
    mask_deg: Number = 20.0,
    gap: Number = 1e-4,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    output: Annotated[Path | None, Parameter(name=["-o", "--output"])] = None,
    preset: Preset = None,
    set_: Settings = None,
    json: Json = False,
) -> int:
    """Where to put ground stations, with a bound on how much better any other choice could be.

    Parameters
    ----------
    scenario
        Catalogue name or YAML file of the hybrid study: us-cities, shao2025-us.
    count
        Stations to open, the fixed ones included.
    objective
        Mean distance of an inhabitant (p-median), share within a radius (cover), clear sky times visibility
        times rate of the fibre leg (utility), mean distance to the nearest clear station of two (cloudy).
    candidates
        Only the so many largest cities may become stations.
    radius_km
        Radius of cover.
    distance
        Along fibre or on the great circle.
    largest
        Only the so many largest places count as demands.
    fixed
        A candidate that is a station in any case; may be repeated.
    penalty_km
        For inhabitants both of whose stations are under cloud.
    inclination_deg, mask_deg
        Of the orbit and of the stations, for utility.
    gap
        Stop when the bound is this near, relative.
    time_limit
        Seconds; the best stations and the bound so far are told then, with exit status 4.
    output
        Folder for design.json, stations.csv, stations.yaml (a scenario with these stations), map and
        report.html.
    json
        Print one JSON document.
    """
    from satqn.api import design_stations
    from satqn.design.stations import StationQuestion

    if not gap >= 0.0:
        raise InputError(f"gap {gap:g}", where="--gap", fix="Give a number of at least 0")
    if time_limit is not None and not time_limit > 0.0:
        raise InputError(f"time limit {time_limit:g} s", where="--time-limit", fix="Give a number above 0")
    found = design_stations(
        scenario,
        StationQuestion(
            count=count,
            objective=objective,
            candidates=candidates,
            radius=radius_km * 1e3,
            distance=distance,
            largest=largest,
            fixed=tuple(fixed or ()),
            penalty=penalty_km * 1e3,
            inclination=math.radians(inclination_deg),
            mask=math.radians(mask_deg),
        ),
        overrides=overrides(preset, set_, None),
        gap=gap,
        time_limit=math.inf if time_limit is None else time_limit,
        output=output,
    )
    if json:
        emit_json(found.to_dict())
    else:
        _print_stations(found, output)
    return EXIT_LIMIT if found.siting.stopped else EXIT_OK


def _print_stations(found: StationDesign, output: Path | None) -> None:
    document = found.to_dict()
    print_table(
        f"{document['count']} stations for {document['demands']} places, {document['objective_name']}",
        ["", "value"],
        [
            ["objective", f"{document['objective']:.6g}"],
            ["bound", f"{document['bound']:.6g}"],
            ["gap", f"{100 * document['gap']:.4f} %"],
            ["mean distance, km", f"{document['mean_km']:.2f}"],
            [f"share within {document['radius_km']:g} km", f"{document['covered_share']:.4f}"],
            [
                f"the same for the grid of {document['grid']['stations']}",
                f"{document['grid']['mean_km']:.2f} km, {document['grid']['covered_share']:.4f}",
            ],
            ["seconds", f"{document['wall_s']:.1f}"],
        ],
    )
    print("; ".join(document["sites"]))
    if found.siting.stopped:
        say("Stopped: these are the best stations found so far, and a bound that holds.")
    if output is not None:
        say(f"wrote {output}: report.html, stations.yaml (for satqn evaluate, run and compare), stations.csv")


@app.command
def satellites(
    scenario: str = "metro-pair",
    *,
    grid: Path,
    output: Annotated[Path | None, Parameter(name=["-o", "--output"])] = None,
    gap: Number = 0.0,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    workers: Count = 1,
    set_: Settings = None,
    json: Json = False,
) -> int:
    """Which constellation: a grid of them, of which only those are planned that their bound still allows.

    Every constellation gets a bound over all paths; then those are planned whose bound is above what a plan
    of the same or a lower cost delivers. The exit status is 0 if the whole grid was evaluated, 1 if some
    constellation has an error instead, 130 after Ctrl-C: the same command with -o then goes on.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    grid
        YAML file: `format: satqn-grid`, `group`, and values of altitude_km, inclination_deg, planes,
        satellites or satellites_per_plane, phasing, kind; launch_mass_kg of one satellite.
    output
        Folder that keeps bounds and plans; gets satellites.json, satellites.csv, front.png, report.html,
        winner.yaml and best/ (scenarios for satqn run and compare).
    gap
        Relative: a bound so near above a plan counts as excluded. What is certified is stated in any case.
    time_limit
        Seconds for every plan; 60 by default.
    workers
        Processes.
    """
    from satqn.api import design_satellites

    if not gap >= 0.0 or math.isinf(gap):
        raise InputError(f"gap {gap:g}", where="--gap", fix="Give a number of at least 0, e.g. 0.01")
    if time_limit is not None and not 0.0 < time_limit < math.inf:
        raise InputError(f"time limit {time_limit:g} s", where="--time-limit", fix="Give a number above 0")
    if workers < 1:
        raise InputError(f"{workers} cannot be used", where="--workers", fix="Give a whole number >= 1")
    with progress_bar("bounds, then plans") as shown:
        found = design_satellites(
            scenario, grid, output, overrides=overrides(None, set_, None), gap=gap, time_limit=time_limit,
            workers=workers, progress=None if shown is None else lambda _, done, all_: shown(done, all_),
        )  # fmt: skip
    if json:
        emit_json(found.to_dict())
    else:
        _print_satellites(found, output)
    return EXIT_CHECK_FAILED if any(one.error for one in found.candidates) else EXIT_OK


def _print_satellites(found: SatelliteDesign, output: Path | None) -> None:
    from satqn.reports.satellites_page import proven, shell_words

    document = found.to_dict()
    mass = ["mass, kg"] if "launch_mass_kg" in document["winner"] else []
    print_table(
        f"{document['candidates']} constellations for {document['scenario']}: the best at every cost",
        ["constellation", *mass, "pairs", "others at most", "gap", "worst served"],
        [
            [shell_words(row), *(f"{row['launch_mass_kg']:g}" for _ in mass),
             _or_dash(row["objective_pairs"]), _or_dash(row["others_bound_pairs"]),
             "—" if row["certified_gap"] is None else f"{100 * row['certified_gap']:.3g} %",
             _or_dash(row["worst_pairs"])]
            for row in document["best_by_cost"]
        ],
    )  # fmt: skip
    print(proven(document["winner"]))
    count = ", ".join(f"{number} {name}" for name, number in document["status"].items())
    print(f"{count}; {document['plans']} plans made, {document['plans_saved_by_bounds']} saved by bounds.")
    for words in document["left_out"]:
        say(f"left out: {words}")
    for row in document["constellations"]:
        if row["error"]:
            say(f"{shell_words(row)}: {row['error']}")
    if output is not None:
        say(f"wrote {output}: report.html, satellites.csv, winner.yaml (for satqn run and compare)")


def _or_dash(value: float | None) -> str:
    return "—" if value is None else f"{value:.5g}"


@app.command
def visibility(
    *,
    ground: Annotated[list[str], Parameter(allow_leading_hyphen=True, negative=())],
    altitude_km: Number,
    inclination_deg: Number,
    mask_deg: Number = 20.0,
    satellites: int = 1,
    json: Json = False,
) -> None:
    """Share of its time that one satellite of a circular orbit is in view of all stations at once.

    Parameters
    ----------
    ground
        A ground station, LAT,LON in degrees; south and west are negative. May be repeated.
    altitude_km
        Of the orbit above the sphere of 6371 km.
    inclination_deg
        Of the orbit, 0 to 180.
    mask_deg
        Least elevation at every station.
    satellites
        T of the constellation, for the mean number in common view.
    json
        Print one JSON document.
    """
    from satqn.network.places import parse_coordinates
    from satqn.orbits.coverage import footprint_radius, share_in_view
    from satqn.physics.checks import whole_number

    whole_number("satellites", satellites, 1)
    places = [parse_coordinates(place, "--ground") for place in ground]
    altitude, mask = altitude_km * 1e3, math.radians(mask_deg)
    share = share_in_view(places, altitude, math.radians(inclination_deg), mask)
    found = {
        "share_of_one_satellite": share,
        "footprint_radius_deg": math.degrees(footprint_radius(altitude, mask)),
        "satellites": satellites,
        "mean_in_common_view": share * satellites,
    }
    if json:
        emit_json(found)
        return
    print_table(
        f"one satellite at {altitude_km:g} km, {inclination_deg:g} degrees, above {mask_deg:g} degrees",
        ["", "value"],
        [
            ["share of time in view of all stations", f"{share:.6f}"],
            ["radius of its footprint, degrees", f"{found['footprint_radius_deg']:.3f}"],
            [f"mean number of {satellites} in view at once", f"{found['mean_in_common_view']:.4f}"],
        ],
    )
    if share == 0.0:
        say("No satellite of this orbit ever sees all stations at once: fly higher, or lower the mask.")
