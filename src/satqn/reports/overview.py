"""The figures of a run: where the network is, what pairs get by distance, and through what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satqn.model.results import MaskedFloats, PairResults
from satqn.model.system import HybridSystem
from satqn.reports.maps import albers_km, us_map
from satqn.reports.style import GREY, ORANGE, PALE_GREY, TWO_COLUMNS, WAY_COLOURS, new_figure
from satqn.reports.summary import WAYS, binned_medians
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = 14
MOST_LINKS_DRAWN = 20_000
"""A larger network is drawn as nodes: at page size its links would be a grey sheet."""


def draw_map(system: HybridSystem, results: PairResults) -> Figure:
    """Draw the fibre network, the ground stations, and the pairs by the way that serves them."""
    from matplotlib.collections import LineCollection

    figure = new_figure(TWO_COLUMNS, 4.4)
    axes = figure.subplots()
    us_map(axes)
    nodes, links = system.network.nodes, system.network.links
    x, y = albers_km(nodes.lat_deg, nodes.lon_deg)
    points = np.column_stack([x, y])
    shown = _pairs_to_draw(results)
    for way in ("fibre", "hybrid", "satellite"):
        chosen = shown[results.protocol_by_rate[shown] == way]
        segments = np.stack([points[results.a[chosen]], points[results.b[chosen]]], axis=1)
        axes.add_collection(
            LineCollection(list(segments), colors=WAY_COLOURS[way], linewidths=0.5, alpha=0.35, zorder=1)
        )
        if len(chosen):
            axes.plot([], [], color=WAY_COLOURS[way], lw=1.2, label=f"pair served by {way}")
    if len(links) <= MOST_LINKS_DRAWN:
        segments = np.stack([points[links.a], points[links.b]], axis=1)
        axes.add_collection(LineCollection(list(segments), colors=GREY, linewidths=0.7, zorder=2))
    real = ~nodes.inserted
    size = 9.0 if real.sum() < 1000 else 0.15
    axes.scatter(
        x[real], y[real], s=size, color=GREY, lw=0, zorder=3, label="node", rasterized=real.sum() > 5000
    )
    axes.scatter(
        x[system.stations], y[system.stations], s=26, marker="^", color=ORANGE, ec="black", lw=0.4, zorder=4,
        label="ground station",
    )  # fmt: skip
    axes.legend(loc="lower left", ncols=2, markerscale=1.3 if size > 1 else 4)
    count = f"{len(shown)} of {len(results)}" if len(shown) < len(results) else f"{len(results)}"
    axes.set_title(f"{int(real.sum())} nodes, {len(system.stations)} ground stations, {count} pairs")
    return figure


def _pairs_to_draw(results: PairResults, most: int = 400) -> NDArray[np.int64]:
    return np.arange(min(len(results), most))


def draw_by_distance(results: PairResults, target_fidelity: float) -> Figure:
    """Draw rates, fidelities and chosen ways against the distance of the pairs."""
    figure = new_figure(TWO_COLUMNS, 2.7)
    rate, fidelity, share = figure.subplots(1, 3)
    km = results.distance / KM
    edges = np.linspace(0, km.max() * 1.0001, BINS + 1)
    for way, rates, fidelities in (
        ("fibre", results.fibre_rate, results.fibre_fidelity),
        ("hybrid", results.hybrid_rate, results.hybrid_fidelity),
    ):
        _cloud(rate, km, rates, edges, way)
        _cloud(fidelity, km, fidelities, edges, way)
    rate.set_yscale("log")
    rate.set(xlabel="distance (km)", ylabel=f"rate at F = {target_fidelity:g} (pairs/s)", title="rate")
    fidelity.set(xlabel="distance (km)", ylabel="fidelity in the satellite's time", title="fidelity")
    fidelity.axhline(0.5, color=GREY, lw=0.7, ls=":")
    rate.legend(loc="lower left")
    _stack(share, km, results.protocol_by_rate, edges)
    return figure


def _cloud(
    axes: Axes, km: NDArray[np.float64], values: MaskedFloats, edges: NDArray[np.float64], way: str
) -> None:
    present = ~np.ma.getmaskarray(values)
    colour = WAY_COLOURS[way]
    axes.scatter(
        km[present], values.compressed(), s=5, color=colour, alpha=0.25, lw=0, rasterized=present.sum() > 2000
    )
    centres, medians = binned_medians(km, values, edges, fill=None)
    axes.plot(centres, medians, color=colour, marker="o", ms=2.5, label=f"{way}, median")


def _stack(axes: Axes, km: NDArray[np.float64], chosen: NDArray[np.str_], edges: NDArray[np.float64]) -> None:
    total, _ = np.histogram(km, edges)
    base = np.zeros(len(total))
    width = np.diff(edges)
    for way in WAYS:
        count, _ = np.histogram(km[chosen == way], edges)
        height = np.divide(count, total, out=np.zeros(len(total)), where=total > 0)
        colour = WAY_COLOURS[way] if way != "none" else PALE_GREY
        axes.bar(edges[:-1], 100 * height, width, 100 * base, align="edge", color=colour, lw=0, label=way)
        base += height
    axes.set(
        xlabel="distance (km)", ylabel="share of pairs (%)", title="way with the highest rate", ylim=(0, 100)
    )
    axes.grid(False)
    axes.legend(loc="lower center", ncols=2)
