"""Fig. 5 of shao2025: three grids of ground stations and the fibre from every node to its nearest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.claims import Claim
from satqn.experiments.context import SPACINGS_KM, Context
from satqn.experiments.experiment import Data, Experiment
from satqn.network import ground
from satqn.network.shortest import nearest_station
from satqn.reports.maps import albers_km, us_map
from satqn.reports.style import TWO_COLUMNS, VERMILION, new_figure
from satqn.sphere import great_circle
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATIONS = {240: 141, 450: 55, 700: 27}
NEIGHBOUR_KM = {240: 235, 450: 423, 700: 642}
MEAN_AND_MOST_KM = {240: (133, 601), 450: (227, 1234), 700: (338, 944)}


def neighbour_spacing_km(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> float:
    """Return the median over places of the distance to the nearest other place, km."""
    distance = great_circle(lat_deg[:, None], lon_deg[:, None], lat_deg[None, :], lon_deg[None, :]) / KM
    np.fill_diagonal(distance, np.inf)
    return float(np.median(distance.min(axis=1)))


def _stations(context: Context) -> Data:
    """Stations of every grid, and the fibre length from every node to its nearest station."""
    tables: dict[str, dict[str, Any]] = {}
    numbers: dict[str, float | None] = {}
    for spacing in SPACINGS_KM:
        for preset in ("published", "physical"):
            system = context.system(context.scenario(preset, spacing))
            nodes = system.network.nodes
            users = ~nodes.inserted
            # Mean and maximum count the nodes inserted into long links too, as the published ones do.
            to_station = nearest_station(system.network, system.stations).distance / KM
            numbers[f"{preset}_{spacing}_mean_km"] = float(to_station.mean())
            numbers[f"{preset}_{spacing}_most_km"] = float(to_station.max())
            if preset == "physical":
                continue
            table = tables.setdefault(
                "nodes",
                {"geoid": nodes.ids[users], "lat_deg": nodes.lat_deg[users], "lon_deg": nodes.lon_deg[users]},
            )
            table[f"to_station_d{spacing}_km"] = to_station[users]
            own = ground.station_grid(nodes, spacing * KM)
            for kind, sites in (("used", system.stations), ("own", own)):
                lat, lon = nodes.lat_deg[sites], nodes.lon_deg[sites]
                tables[f"stations_d{spacing}_{kind}"] = {
                    "geoid": nodes.ids[sites],
                    "lat_deg": lat,
                    "lon_deg": lon,
                }
                numbers[f"{kind}_{spacing}_stations"] = float(len(sites))
                numbers[f"{kind}_{spacing}_neighbour_km"] = neighbour_spacing_km(lat, lon)
    return Data(tables, numbers)


def _plot_stations(data: Data) -> Figure:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import PowerNorm

    figure = new_figure(TWO_COLUMNS, 2.1)
    panels = figure.subplots(1, 3)
    nodes = data.tables["nodes"]
    x, y = albers_km(nodes["lat_deg"], nodes["lon_deg"])
    colours = ScalarMappable(PowerNorm(0.6, 0.0, 1000.0), "cividis_r")
    for axes, spacing in zip(panels, SPACINGS_KM, strict=True):
        us_map(axes)
        distance = np.asarray(nodes[f"to_station_d{spacing}_km"])
        axes.scatter(x, y, c=colours.to_rgba(distance), s=0.35, linewidths=0, rasterized=True, zorder=1)
        sites = data.tables[f"stations_d{spacing}_used"]
        axes.plot(
            *albers_km(sites["lat_deg"], sites["lon_deg"]), "^", color=VERMILION, ms=2.6, mec="white", mew=0.3
        )
        axes.set_title(f"$d$ = {spacing} km: {len(sites['geoid'])} stations")
    bar = figure.colorbar(colours, ax=panels, shrink=0.8, pad=0.01, aspect=18, extend="max")
    bar.set_label("fibre to the nearest\nstation (km)")
    bar.set_ticks([0, 100, 250, 500, 1000])
    bar.outline.set_visible(False)
    return figure


def _claims_stations(data: Data) -> list[Claim]:
    claims = []
    numbers = data.numbers
    for spacing in SPACINGS_KM:
        mean, most = MEAN_AND_MOST_KM[spacing]
        ways = {
            p: (numbers[f"{p}_{spacing}_mean_km"], numbers[f"{p}_{spacing}_most_km"])
            for p in ("published", "physical")
        }
        count, between = numbers[f"own_{spacing}_stations"], numbers[f"own_{spacing}_neighbour_km"]
        d = f"d = {spacing} km"
        claims += [
            Claim(
                f"Mean fibre to the nearest station, {d}",
                mean,
                ways["published"][0],
                1.0,
                "km",
                ways["physical"][0],
            ),
            Claim(
                f"Longest fibre to the nearest station, {d}",
                most,
                ways["published"][1],
                1.0,
                "km",
                ways["physical"][1],
            ),
            Claim(f"Stations of satqn's own grid, {d}", STATIONS[spacing], count, 0.1 * STATIONS[spacing]),
            Claim(
                f"Median distance of neighbours in it, {d}",
                NEIGHBOUR_KM[spacing],
                between,
                0.05 * NEIGHBOUR_KM[spacing],
                "km",
            ),
        ]
    return claims


EXPERIMENTS = (
    Experiment(
        "shao2025.fig5", "Grids of ground stations", "Fig. 5", _stations, _plot_stations, _claims_stations
    ),
)
"""Fig. 5."""
