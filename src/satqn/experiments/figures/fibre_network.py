"""Fig. 3 of shao2025: the fibre network of the contiguous US.

Panels: a, the map; b, lengths of the links; c, degrees of the nodes; d, shortest paths of random pairs
(length and number of links). All are of the network before long links are split. Under ``published`` the
nodes are the published set, under ``physical`` every populated tract of the 48 states and DC.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.claims import Claim, claim_of
from satqn.experiments.context import Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures import common
from satqn.model.network import LinkTable, Network
from satqn.network import datasets, ground
from satqn.network.shortest import PathFinder
from satqn.reports.maps import albers_km, us_map
from satqn.reports.style import BLUE, GREY, ONE_COLUMN, TWO_COLUMNS, VERMILION, new_figure
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NODE_SETS = {"published": "published", "physical": "contiguous"}
LONG_LINK_KM = 61.7
FIRST_PATHS = 4000
"""The published statistics of paths are of the first 4000 pairs."""


@lru_cache(maxsize=2)
def unsplit_network(preset: str) -> tuple[Network, LinkTable]:
    """Return the network of a preset before splitting, and its joining links."""
    nodes = datasets.node_table("us-tracts", NODE_SETS[preset])
    near = ground.nearest_neighbour_links(nodes, 3)
    joins = ground.joining_links(nodes, near)
    links = LinkTable(*(np.concatenate([getattr(near, c), getattr(joins, c)]) for c in ("a", "b", "length")))
    return Network.from_tables(nodes, links), joins


def _both(name: str, values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {preset: values[f"{preset}_{name}"] for preset in NODE_SETS}


def _map(context: Context) -> Data:
    """Nodes, links and the links that join components, with counts for both node sets."""
    numbers: dict[str, float | None] = {}
    for preset in NODE_SETS:
        network, joins = unsplit_network(preset)
        rule = context.scenario(preset).protocol_options().long_links
        split = ground.split_long_links(network, rule)
        counts = {
            "nodes": len(network),
            "mean_population": float(network.nodes.population.mean()),
            "links_before_joining": len(network.links) - len(joins),
            "components": len(joins) + 1,
            "joins": len(joins),
            "joins_km": joins.length.sum() / KM,
            "longest_join_km": joins.length.max(initial=0.0) / KM,
            "links": len(network.links),
            "nodes_after_splitting": len(split),
            "links_after_splitting": len(split.links),
        }
        numbers |= {f"{preset}_{name}": float(value) for name, value in counts.items()}
    network, joins = unsplit_network("published")
    nodes, links = network.nodes, network.links
    is_join = np.arange(len(links)) >= len(links) - len(joins)
    return Data(
        {
            "links": {
                "node_a": links.a,
                "node_b": links.b,
                "length_km": links.length / KM,
                "joins_components": is_join,
            },
            "nodes": {
                "node": np.arange(len(nodes)),
                "geoid": nodes.ids,
                "lat_deg": nodes.lat_deg,
                "lon_deg": nodes.lon_deg,
            },
        },
        numbers,
    )


def _plot_map(data: Data) -> Figure:
    figure = new_figure(TWO_COLUMNS, 4.4)
    axes = figure.subplots()
    us_map(axes, states=True)
    nodes, links = data.tables["nodes"], data.tables["links"]
    points = np.column_stack(albers_km(nodes["lat_deg"], nodes["lon_deg"]))
    joins = np.asarray(links["joins_components"], dtype=bool)
    draw_links(axes, points, np.column_stack([links["node_a"], links["node_b"]])[~joins], BLUE, 0.22)
    draw_links(axes, points, np.column_stack([links["node_a"], links["node_b"]])[joins], VERMILION, 1.4)
    axes.plot(
        [], [], color=BLUE, label=f"{(~joins).sum():,} links to the 3 nearest neighbours".replace(",", " ")
    )
    axes.plot([], [], color=VERMILION, label=f"{joins.sum()} links that join components")
    axes.legend(loc="lower left")
    return figure


def draw_links(
    axes: Axes, points: NDArray[np.float64], ends: NDArray[np.int64], colour: str, width: float
) -> None:
    """Draw links between points of the plane as one rasterised collection.

    Parameters
    ----------
    axes
        A map.
    points
        Positions in km, shape (nodes, 2).
    ends
        Node indices, shape (links, 2).
    colour, width
        Of the lines; the width in points.
    """
    from matplotlib.collections import LineCollection

    lines = LineCollection(
        list(points[ends]), colors=colour, linewidths=width, rasterized=True, capstyle="round"
    )
    axes.add_collection(lines, autolim=False)


def _claims_map(data: Data) -> list[Claim]:
    def claim(sentence: str, expected: float, name: str, tolerance: float = 0.0, unit: str = "") -> Claim:
        values = _both(name, data.numbers)
        return claim_of(sentence, expected, values, tolerance=tolerance, unit=unit)

    return [
        claim("Nodes (47 states and DC)", 83_047, "nodes"),
        claim("Mean population of a node", 3957.00678, "mean_population", 5e-6),
        claim("Links to three nearest neighbours", 162_835, "links_before_joining"),
        claim("Components before joining", 25, "components"),
        claim("Joining links", 24, "joins"),
        claim("Total length of the joining links", 473.4, "joins_km", 0.05, "km"),
        claim("Longest joining link", 88.6, "longest_join_km", 0.05, "km"),
        claim("Links of the network", 162_859, "links"),
        claim("Nodes after splitting of long links", 84_874, "nodes_after_splitting"),
        claim("Links after splitting of long links", 164_686, "links_after_splitting"),
    ]


def _lengths(context: Context) -> Data:
    """Lengths of the links, as shares in logarithmic bins."""
    edges = np.geomspace(0.01, 200.0, 44)
    columns: dict[str, Any] = {"length_from_km": edges[:-1], "length_to_km": edges[1:]}
    numbers: dict[str, float | None] = {}
    for preset in NODE_SETS:
        length = unsplit_network(preset)[0].links.length / KM
        columns[f"{preset}_links"] = np.histogram(np.maximum(length, edges[0]), edges)[0]
        numbers |= {
            f"{preset}_median_km": float(np.median(length)),
            f"{preset}_short_percent": 100.0 * float((length < LONG_LINK_KM).mean()),
            f"{preset}_long": float((length > LONG_LINK_KM).sum()),
            f"{preset}_longest_km": float(length.max()),
        }
    return Data({"lengths": columns}, numbers)


def _plot_lengths(data: Data) -> Figure:
    figure = new_figure()
    axes = figure.subplots()
    table = data.tables["lengths"]
    edges = np.append(table["length_from_km"], table["length_to_km"][-1])
    axes.stairs(table["published_links"], edges, fill=True, color=BLUE, alpha=0.85)
    median = float(data.numbers["published_median_km"] or 0.0)
    axes.axvline(median, color=GREY, ls=":")
    axes.axvline(LONG_LINK_KM, color=VERMILION, ls="--")
    axes.set(xscale="log", yscale="log", xlabel="link length (km)", ylabel="links per bin", ylim=(0.7, 1e5))
    axes.annotate(
        f"median\n{median:.1f} km", (median, 4e4), xytext=(4, 0), textcoords="offset points", va="center"
    )
    axes.annotate(
        f"split beyond\n{LONG_LINK_KM} km",
        (LONG_LINK_KM, 4e4),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=VERMILION,
    )
    axes.set_xlim(right=500)
    return figure


def _claims_lengths(data: Data) -> list[Claim]:
    return [
        claim_of("Median link length", 2.397, _both("median_km", data.numbers), tolerance=5e-4, unit="km"),
        claim_of(
            "Links shorter than 61.7 km",
            99.84,
            _both("short_percent", data.numbers),
            tolerance=5e-3,
            unit="%",
        ),
        claim_of("Links longer than 61.7 km", 261, _both("long", data.numbers)),
        claim_of("Longest link", 137.9, _both("longest_km", data.numbers), tolerance=0.05, unit="km"),
    ]


def _degrees(context: Context) -> Data:
    """How many nodes have how many links."""
    degree = np.arange(1, 13)
    columns: dict[str, Any] = {"degree": degree}
    numbers: dict[str, float | None] = {}
    for preset in NODE_SETS:
        own = np.diff(unsplit_network(preset)[0].indptr)
        columns[f"{preset}_nodes"] = np.bincount(own, minlength=degree[-1] + 1)[1 : degree[-1] + 1]
        numbers |= {
            f"{preset}_smallest": float(own.min()),
            f"{preset}_largest": float(own.max()),
            f"{preset}_mean": float(own.mean()),
        }
    return Data({"degrees": columns}, numbers)


def _plot_degrees(data: Data) -> Figure:
    figure = new_figure()
    axes = figure.subplots()
    table = data.tables["degrees"]
    share = 100.0 * np.asarray(table["published_nodes"]) / np.sum(table["published_nodes"])
    shown = share > 0
    bars = axes.bar(np.asarray(table["degree"])[shown], share[shown], color=BLUE, width=0.75)
    axes.bar_label(bars, [f"{value:.3g}" for value in share[shown]], fontsize=6.5, padding=1)
    mean = float(data.numbers["published_mean"] or 0.0)
    axes.text(0.97, 0.95, f"mean {mean:.3f}", transform=axes.transAxes, ha="right", va="top")
    axes.set(xlabel="degree", ylabel="share of nodes (%)")
    return figure


def _claims_degrees(data: Data) -> list[Claim]:
    return [
        claim_of("Smallest degree", 3, _both("smallest", data.numbers)),
        claim_of("Largest degree", 9, _both("largest", data.numbers)),
        claim_of("Mean degree", 3.922, _both("mean", data.numbers), tolerance=5e-4),
    ]


def _paths(context: Context) -> Data:
    """Length and number of links of the shortest paths of random pairs, before splitting."""
    tables: dict[str, Any] = {}
    numbers: dict[str, float | None] = {}
    count = min(FIRST_PATHS, context.sizes.main)
    for preset in NODE_SETS:
        scenario = context.scenario(preset)
        find = partial(_find_paths, context, preset, count)
        found = context.compute({"fig3d": preset, "pairs": count}, scenario, find)
        tables[preset] = {"fibre_km": found["fibre_km"], "links": found["links"]}
        numbers |= {
            f"{preset}_median_km": float(np.median(found["fibre_km"])),
            f"{preset}_mean_km": float(np.mean(found["fibre_km"])),
            f"{preset}_median_links": float(np.median(found["links"])),
            f"{preset}_beyond_300_percent": 100.0 * float((found["fibre_km"] > 300).mean()),
        }
    return Data(tables, numbers | common.sample_numbers(context, count) | {"pairs": float(count)})


def _find_paths(context: Context, preset: str, count: int) -> dict[str, NDArray[Any]]:
    network, _ = unsplit_network(preset)
    # Splitting keeps the indices of the old nodes, so pairs of the split network are pairs here too.
    a, b = context.pairs(context.system(context.scenario(preset)), count)
    paths = PathFinder(network).paths(a, b)
    return {"fibre_km": paths.length / KM, "links": np.diff(paths.indptr) - 1}


def _plot_paths(data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 3.6)
    table = data.tables["published"]
    for axes, column, label, number, unit in zip(
        figure.subplots(2, 1), ("fibre_km", "links"), ("shortest path (km)", "links on the path"),
        ("published_median_km", "published_median_links"), (" km", " links"), strict=True,
    ):  # fmt: skip
        axes.hist(table[column], bins=50, color=BLUE, alpha=0.85)
        median = float(data.numbers[number] or 0.0)
        axes.axvline(median, color=VERMILION, ls="--")
        axes.annotate(
            f"median {median:.0f}{unit}",
            (median, axes.get_ylim()[1]),
            xytext=(4, -6),
            textcoords="offset points",
            va="top",
            color=VERMILION,
        )
        axes.set(xlabel=label, ylabel="pairs")
        axes.set_xlim(left=0)
    return figure


def _claims_paths(data: Data) -> list[Claim]:
    # The expected numbers are of the first 4000 published pairs; in another sample they scatter.
    spread = 0.0 if data.numbers["is_published_sample"] else float(data.numbers["pairs"] or 1.0) ** -0.5

    def claim(sentence: str, expected: float, name: str, deviation: float, unit: str = "") -> Claim:
        """Allow three standard errors of another sample: ``deviation`` is that of a single pair."""
        tolerance = 0.5 + 3.0 * deviation * spread
        return claim_of(sentence, expected, _both(name, data.numbers), tolerance, unit=unit)

    unsaid = "The source does not say over how many pairs its mean is taken; ours is over the first 4000."
    return [
        claim("Median shortest path of a pair", 1846, "median_km", 1700, unit="km"),
        claim_of(
            "Mean shortest path of a pair",
            2159,
            _both("mean_km", data.numbers),
            tolerance=5.0 + 3.0 * 1350 * spread,
            unit="km",
            note=unsaid,
        ),
        claim("Median number of links on it", 209, "median_links", 170),
        claim("Pairs farther apart than 300 km by fibre", 96, "beyond_300_percent", 20, unit="%"),
    ]


EXPERIMENTS = (
    Experiment(
        "shao2025.fig3a", "Fibre network of the contiguous US", "Fig. 3a", _map, _plot_map, _claims_map
    ),
    Experiment("shao2025.fig3b", "Lengths of the links", "Fig. 3b", _lengths, _plot_lengths, _claims_lengths),
    Experiment("shao2025.fig3c", "Degrees of the nodes", "Fig. 3c", _degrees, _plot_degrees, _claims_degrees),
    Experiment(
        "shao2025.fig3d", "Shortest paths of random pairs", "Fig. 3d", _paths, _plot_paths, _claims_paths
    ),
)
"""Fig. 3."""
