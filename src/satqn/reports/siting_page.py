"""The page of a choice of stations: the map beside the published grid, and what the bound means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.reports.html import Part, bullets, cards, image, page, table
from satqn.reports.maps import albers_km, us_map
from satqn.reports.style import BLUE, GREY, ORANGE, TWO_COLUMNS, new_figure, render, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
Points = tuple[FloatArray, FloatArray]

OBJECTIVES = {
    "p-median": ("km to the nearest station, mean over inhabitants", "{:.2f}"),
    "cloudy": ("km to the nearest clear station of two, mean over inhabitants", "{:.2f}"),
    "cover": ("of the inhabitants within the radius", "{:.4f}"),
    "utility": ("pairs/s of an inhabitant's leg, times clear sky and visibility", "{:.5g}"),
}


def draw_siting(places: Points, stations: Points, grid: Points, document: Mapping[str, Any]) -> Figure:
    """Draw the chosen stations and the grid on one map.

    Parameters
    ----------
    places, stations, grid
        Latitudes and longitudes, degrees.
    document
        The design as in JSON.
    """
    with styled():
        figure = new_figure(TWO_COLUMNS, 4.3)
        axes = figure.subplots()
        us_map(axes)
        many = len(places[0]) > 2000
        x, y = albers_km(*places)
        axes.scatter(x, y, s=0.1 if many else 6, color=GREY, lw=0, zorder=1, rasterized=many)
        x, y = albers_km(*grid)
        axes.scatter(
            x, y, s=22, marker="s", facecolor="none", edgecolor=BLUE, lw=0.8, zorder=3,
            label=f"grid: {len(grid[0])} stations, {document['grid']['mean_km']:.0f} km in the mean",
        )  # fmt: skip
        x, y = albers_km(*stations)
        axes.scatter(
            x, y, s=34, marker="^", color=ORANGE, ec="black", lw=0.5, zorder=4,
            label=f"chosen: {len(stations[0])} stations, {document['mean_km']:.0f} km in the mean",
        )  # fmt: skip
        axes.legend(loc="lower left")
    return figure


def siting_page(figure: Figure, document: Mapping[str, Any], rows: Sequence[Sequence[str]]) -> str:
    """Return the page.

    Parameters
    ----------
    figure
        From :func:`draw_siting`.
    document
        The design as in JSON.
    rows
        Name, id, latitude, longitude and inhabitants of every station.
    """
    name, form = OBJECTIVES[document["objective_name"]]
    grid = document["grid"]
    proven = (
        "No other choice of these candidates is better: proven."
        if document["gap"] <= 1e-9
        else f"No other choice of these candidates can be better by more than {100 * document['gap']:.3g} %."
    )
    numbers = cards(
        [
            (form.format(document["objective"]), name),
            (form.format(document["bound"]), "bound: no choice is better"),
            (f"{document['mean_km']:.1f} km", f"mean distance ({document['distance']})"),
            (f"{100 * document['covered_share']:.1f} %", f"within {document['radius_km']:g} km"),
        ]
    )
    beside = table(
        ["", "stations", "mean km", f"within {document['radius_km']:g} km"],
        [
            [
                "chosen",
                str(document["count"]),
                f"{document['mean_km']:.2f}",
                f"{document['covered_share']:.4f}",
            ],
            ["grid", str(grid["stations"]), f"{grid['mean_km']:.2f}", f"{grid['covered_share']:.4f}"],
        ],
    )
    words = [
        proven,
        f"{document['demands']} places, weighted by their inhabitants.",
        "stations.yaml beside this page is a scenario with these stations: "
        "satqn evaluate stations.yaml --pairs 1000 -o pairs.csv",
    ]
    return page(
        f"{document['count']} stations",
        f"Objective {document['objective_name']}, found in {document['wall_s']:.1f} s",
        [
            Part("Answer", numbers + bullets(words)),
            Part("Map", image(render(figure, "png"), "Chosen stations and the grid of the scenario")),
            Part("Beside the grid", beside),
            Part("Stations", table(["name", "node", "latitude", "longitude", "inhabitants"], rows)),
        ],
    )
