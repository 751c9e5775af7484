"""What the figures over random pairs share: evaluated pairs, medians by distance, and how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.claims import PAPER, Bounds, Claim, claim_of
from satqn.experiments.context import Context
from satqn.experiments.statistics import Estimate, binned
from satqn.model.results import PairResults
from satqn.reports.style import PALE_GREY, WAY_COLOURS
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

PRESETS = ("published", "physical")
WAYS = ("fibre", "hybrid", "satellite", "none")
FARTHEST_KM = 4600.0
CEILING = 0.853576888889
"""Fidelity of the hybrid protocol with perfect legs."""


def evaluate_presets(
    context: Context, count: int, spacing_km: int = 240, **changes: Any
) -> dict[str, PairResults]:
    """Return the results of both presets for the same pairs."""
    return {
        preset: context.evaluate(context.scenario(preset, spacing_km, **changes), count) for preset in PRESETS
    }


def sample_numbers(context: Context, count: int) -> dict[str, float | None]:
    """Return what claims must know of the sample: 1 if it is the published one, and its distance bins."""
    edges = bin_edges(count)
    return {"is_published_sample": float(context.has_published_sample(count)), "bin_km": edges[1] - edges[0]}


def put_estimate(numbers: dict[str, float | None], name: str, estimate: Estimate | None) -> None:
    """Put an estimate and its error into numbers, under ``name`` and ``name_error``."""
    numbers[name] = None if estimate is None else estimate.value
    numbers[f"{name}_error"] = None if estimate is None else estimate.error


def get_estimate(numbers: Mapping[str, float | None], name: str) -> Estimate | None:
    """Return the estimate that :func:`put_estimate` put there."""
    value, error = numbers[name], numbers[f"{name}_error"]
    return None if value is None or error is None else Estimate(value, error)


def sampled(
    numbers: Mapping[str, float | None],
    sentence: str,
    expected: float | Bounds,
    values: Mapping[str, Estimate | float | None],
    tolerance: float = 0.0,
    *,
    unit: str = "",
    source: str = PAPER,
    note: str = "",
    own_range: bool = False,
) -> Claim:
    """Return a claim about a sample of pairs, with a tolerance that grows where the sample is another one.

    Parameters
    ----------
    numbers
        Of the data; see :func:`sample_numbers`.
    sentence, expected, tolerance, unit, source, note, own_range
        As in :class:`Claim`.
    values
        By preset. Where the pairs are not the published ones, three standard errors of an estimate are
        added to the tolerance; a distance read from medians is then not judged if the bins are wide.
    """
    plain = {p: value.value if isinstance(value, Estimate) else value for p, value in values.items()}
    ours = values.get("published")
    if not numbers["is_published_sample"]:
        if isinstance(ours, Estimate):
            tolerance += 3.0 * ours.error
        elif unit == "km" and float(numbers["bin_km"] or 0.0) > 50.0:
            plain["published"] = None
            note = f"Too few pairs to read a distance from medians. {note}".rstrip()
        elif unit == "km":
            tolerance += 50.0
    return claim_of(
        sentence, expected, plain, tolerance, unit=unit, source=source, note=note, own_range=own_range
    )


def bin_edges(pairs: int, *, width_km: float | None = None, farthest_km: float = FARTHEST_KM) -> FloatArray:
    """Return edges of distance bins in km; by default 50 km wide for thousands of pairs, wider for fewer."""
    width = width_km or (50.0 if pairs >= 3000 else 100.0 if pairs >= 1000 else 200.0)
    return np.arange(0.0, farthest_km + width, width)


def pair_table(results: Mapping[str, PairResults], columns: Sequence[str]) -> dict[str, Any]:
    """Return chosen columns of the results, one row per pair, every column under the name of its preset.

    Parameters
    ----------
    results
        By preset, of the same pairs.
    columns
        Names of columns of :class:`PairResults`; rates get the suffix ``_per_s``.
    """
    first = next(iter(results.values()))
    table: dict[str, Any] = {"distance_km": first.distance / KM}
    for preset, result in results.items():
        for name in columns:
            table[f"{preset}_{with_unit(name)}"] = getattr(result, name)
    return table


def with_unit(name: str) -> str:
    """Return the name of a column with its unit."""
    return f"{name}_per_s" if name.endswith("rate") else name


def median_table(
    pairs: Mapping[str, Any],
    names: Iterable[str],
    *,
    width_km: float | None = None,
    farthest_km: float = FARTHEST_KM,
) -> dict[str, Any]:
    """Return quartiles by distance of columns of a table of pairs; pairs without a value count as 0.

    Bins as in :func:`bin_edges`.
    """
    distance = np.asarray(pairs["distance_km"])
    edges = bin_edges(len(distance), width_km=width_km, farthest_km=farthest_km)
    table: dict[str, Any] = {"distance_from_km": edges[:-1], "distance_to_km": edges[1:]}
    for name in names:
        result = binned(distance, pairs[name], edges)
        table["pairs"] = result.count
        table[f"lower_quartile_{name}"] = result.lower
        table[f"median_{name}"] = result.median
        table[f"upper_quartile_{name}"] = result.upper
    return table


def bin_centres(medians: Mapping[str, Any]) -> FloatArray:
    """Return the middles of the bins of a table of medians, km."""
    return np.asarray((medians["distance_from_km"] + medians["distance_to_km"]) / 2.0)


def draw_points(axes: Axes, pairs: Mapping[str, Any], name: str, colour: str) -> None:
    """Draw one point per pair, faint enough that their density shows."""
    size = 0.8 if len(pairs["distance_km"]) > 2000 else 3.0
    axes.scatter(
        pairs["distance_km"],
        pairs[name],
        s=size,
        color=colour,
        alpha=0.25,
        linewidths=0,
        rasterized=True,
        zorder=1,
    )


def draw_median(
    axes: Axes,
    medians: Mapping[str, Any],
    name: str,
    colour: str,
    label: str | None = None,
    *,
    style: str = "-",
    spread: bool = False,
) -> None:
    """Draw the median by distance as a line with a white rim, and the quartiles as a band if asked."""
    from matplotlib.patheffects import withStroke

    centre = bin_centres(medians)
    if spread:
        axes.fill_between(
            centre,
            medians[f"lower_quartile_{name}"],
            medians[f"upper_quartile_{name}"],
            color=colour,
            alpha=0.18,
            lw=0,
        )
    line = axes.plot(centre, medians[f"median_{name}"], color=colour, ls=style, label=label, zorder=3)[0]
    if style == "-":
        line.set_path_effects([withStroke(linewidth=2.4, foreground="white")])


def distance_axis(axes: Axes, farthest_km: float = FARTHEST_KM) -> None:
    """Label the horizontal axis as the distance between the ends of a pair."""
    axes.set_xlabel("distance $D$ (km)")
    axes.set_xlim(0, farthest_km)


def ways_by_distance(distance_km: FloatArray, chosen: NDArray[np.str_]) -> dict[str, Any]:
    """Return the share of pairs, in percent, that each way serves, by distance."""
    edges = bin_edges(len(distance_km))
    which = np.digitize(distance_km, edges) - 1
    count = np.bincount(which, minlength=len(edges) - 1)[: len(edges) - 1]
    table: dict[str, Any] = {"distance_from_km": edges[:-1], "distance_to_km": edges[1:], "pairs": count}
    for way in WAYS:
        of_way = np.bincount(which[chosen == way], minlength=len(edges) - 1)[: len(edges) - 1]
        table[f"{way}_percent"] = np.ma.MaskedArray(100.0 * of_way / np.maximum(count, 1), mask=count == 0)
    return table


def draw_ways(axes: Axes, table: Mapping[str, Any]) -> None:
    """Draw shares of ways as stacked steps that fill the axes."""
    edges = np.append(table["distance_from_km"], table["distance_to_km"][-1])
    below = np.zeros(len(edges) - 1)
    for way in WAYS:
        share = np.ma.filled(table[f"{way}_percent"], 0.0)
        if not share.any():
            continue
        label = "neither" if way == "none" else way
        axes.stairs(
            below + share,
            edges,
            baseline=below,
            fill=True,
            color=WAY_COLOURS.get(way, PALE_GREY),
            label=label,
            lw=0,
        )
        below = below + share
    axes.set(ylabel="share of pairs (%)", ylim=(0, 100))
