"""Fig. S6 of shao2025: where the satellite stands, on a grid of one degree.

The grid holds the whole degrees inside the country, and those with a node of the network in the square
degree around them. The rate is that of the satellite straight between the two ends of a pair; the map shows
its median over pairs, relative to the median with the satellite above the centre of the network.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.claims import Claim
from satqn.experiments.context import Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures import common
from satqn.experiments.figures.common import PRESETS
from satqn.model.network import NodeTable
from satqn.network.datasets import us_outline
from satqn.reports.maps import NATION, albers_km, us_map
from satqn.reports.style import TWO_COLUMNS, VERMILION, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def degree_grid(nodes: NodeTable) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitude and longitude of the whole degrees on land or with a node in their square."""
    from matplotlib.path import Path

    users = ~nodes.inserted
    squares = np.round(np.column_stack([nodes.lon_deg[users], nodes.lat_deg[users]]))
    low, high = squares.min(axis=0), squares.max(axis=0)
    lon, lat = np.meshgrid(np.arange(low[0], high[0] + 1.0), np.arange(low[1], high[1] + 1.0))
    points = np.column_stack([lon.ravel(), lat.ravel()])
    inside = np.zeros(len(points), dtype=bool)
    for ring in dict(us_outline())[NATION]:
        inside |= Path(ring).contains_points(points)
    grid = np.unique(np.concatenate([squares, points[inside]]), axis=0)
    return grid[:, 1], grid[:, 0]


def _relative_rates(context: Context, preset: str, count: int) -> dict[str, NDArray[Any]]:
    from satqn.hybrid.satellite import satellite_rates

    system = context.system(context.scenario(preset))
    a, b = context.pairs(system, count)
    base = float(np.median(satellite_rates(system, a, b).filled(0.0)))
    lat_deg, lon_deg = degree_grid(system.network.nodes)
    ratios = []
    for done, (lat, lon) in enumerate(zip(lat_deg, lon_deg, strict=True)):
        moved = replace(system, subpoint_lat_deg=float(lat), subpoint_lon_deg=float(lon))
        ratios.append(float(np.median(satellite_rates(moved, a, b).filled(0.0))) / base)
        context.report(f"{preset}, sub-satellite points", (done + 1) / len(lat_deg))
    return {"lat_deg": lat_deg, "lon_deg": lon_deg, "ratio": np.array(ratios)}


def _map(context: Context) -> Data:
    """Median rate relative to the satellite above the centre, on whole degrees."""
    count = context.sizes.variation
    tables = {}
    numbers = common.sample_numbers(context, count)
    for preset in PRESETS:
        scenario = context.scenario(preset)
        task = {"figS6": preset, "pairs": count}
        found = context.compute(task, scenario, partial(_relative_rates, context, preset, count))
        names = {"lat_deg": "subpoint_lat_deg", "lon_deg": "subpoint_lon_deg", "ratio": "relative_rate"}
        tables[preset] = {name: found[key] for key, name in names.items()}
        system = context.system(scenario)
        numbers[f"{preset}_centre_lat_deg"] = system.subpoint_lat_deg
        numbers[f"{preset}_centre_lon_deg"] = system.subpoint_lon_deg
    return Data(tables, numbers)


def _plot_map(data: Data) -> Figure:
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import TwoSlopeNorm

    figure = new_figure(TWO_COLUMNS * 0.75, 3.5)
    axes = figure.subplots()
    us_map(axes, fill="none")
    table = data.tables["published"]
    lat, lon = np.asarray(table["subpoint_lat_deg"]), np.asarray(table["subpoint_lon_deg"])
    corner_lat, corner_lon = np.array([-0.5, -0.5, 0.5, 0.5]), np.array([-0.5, 0.5, 0.5, -0.5])
    x, y = albers_km(lat[:, None] + corner_lat, lon[:, None] + corner_lon)
    cells = PolyCollection(
        list(np.stack([x, y], axis=-1)), array=np.asarray(table["relative_rate"]), cmap="PuOr",
        norm=TwoSlopeNorm(1.0, 0.6, 1.1), edgecolors="face", linewidths=0.2, zorder=-1, rasterized=True,
    )  # fmt: skip
    axes.add_collection(cells)
    place = albers_km(
        data.numbers["published_centre_lat_deg"] or 0.0, data.numbers["published_centre_lon_deg"] or 0.0
    )
    axes.plot(*place, "*", color=VERMILION, ms=8, mec="white", mew=0.5, label="centre")
    axes.legend(loc="lower left")
    bar = figure.colorbar(cells, ax=axes, shrink=0.75, pad=0.01, aspect=22)
    bar.set_label("median satellite rate,\nrelative to the centre")
    bar.outline.set_visible(False)
    return figure


def _claims_map(data: Data) -> list[Claim]:
    ratio = {p: np.asarray(data.tables[p]["relative_rate"]) for p in PRESETS}
    count, low, high = ({p: float(f(r)) for p, r in ratio.items()} for f in (len, np.min, np.max))
    points = "The published grid is not given; ours are the whole degrees on land."
    sea = "The published grid goes down to 0.64 at points off the coast, which ours leaves out."
    scatter = 0.0 if data.numbers["is_published_sample"] else 0.03

    def claim(
        sentence: str, expected: float, ours: dict[str, float], tolerance: float, note: str = ""
    ) -> Claim:
        return Claim(sentence, expected, ours["published"], tolerance, physical=ours["physical"], note=note)

    return [
        claim("Sub-satellite points on the 1° grid", 919, count, 30, points),
        claim("Lowest median rate on land relative to the centre", 0.69, low, 0.005 + scatter, sea),
        claim("Highest median rate relative to the centre", 1.05, high, 0.005 + scatter),
    ]


EXPERIMENTS = (
    Experiment("shao2025.figS6", "Where the satellite stands", "Fig. S6", _map, _plot_map, _claims_map),
)
"""Fig. S6."""
