"""Fig. 6 of shao2025: fibre, hybrid and the protocol that takes the better, for three grids of stations.

Rows: a-c, fidelity in the satellite's time per pair; d-f, rate at the target fidelity; g-i, the share of
pairs that each way serves by distance, chosen by fidelity (upper part) and by rate (lower part). Columns:
station spacings d = 240, 450 and 700 km.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from satqn.experiments.claims import Claim
from satqn.experiments.context import SPACINGS_KM, Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures import common
from satqn.experiments.figures.common import PRESETS, sampled
from satqn.experiments.statistics import Estimate, crossing, delivered, median_between
from satqn.report.style import BLACK, BLUE, GREY, ONE_COLUMN, VERMILION, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EVERYWHERE = (0.0, np.inf)
INDEPENDENT_CROSSINGS_KM = {240: (400, 440), 450: (520, 480), 700: (680, 520)}
"""Where the medians of fibre and hybrid cross in an independent run: by fidelity and by rate."""


def _overall(data: Data, name: str) -> dict[str, Estimate | float | None]:
    """Return the median over all pairs of a column, by preset."""
    pairs = data.tables["pairs"]
    return {p: median_between(pairs["distance_km"], pairs[f"{p}_{name}"], *EVERYWHERE) for p in PRESETS}


def _by_distance(context: Context, spacing: int, quantity: str) -> Data:
    """Fibre, hybrid and protocol by distance for one spacing; the quantity is ``fidelity`` or ``rate``."""
    count = context.sizes.main
    columns = [f"{way}_{quantity}" for way in ("fibre", "hybrid", "protocol")]
    pairs = common.pair_table(common.evaluate_presets(context, count, spacing), columns)
    names = [f"{preset}_{common.with_unit(column)}" for preset in PRESETS for column in columns]
    return Data({"medians": common.median_table(pairs, names), "pairs": pairs}, common.sample_numbers(context, count))


def _plot_by_distance(spacing: int, quantity: str, data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 2.8)
    axes = figure.subplots()
    pairs, medians = data.tables["pairs"], data.tables["medians"]
    for way, colour in (("fibre", BLUE), ("hybrid", VERMILION)):
        name = common.with_unit(f"{way}_{quantity}")
        common.draw_points(axes, pairs, f"published_{name}", colour)
        common.draw_median(axes, medians, f"published_{name}", colour, way)
        common.draw_median(axes, medians, f"physical_{name}", colour, style="--")
    common.draw_median(axes, medians, f"published_{common.with_unit(f'protocol_{quantity}')}", BLACK, "protocol", style=":")
    axes.plot([], [], color=GREY, ls="--", label="preset physical")
    if quantity == "fidelity":
        axes.set(ylabel="fidelity at the satellite's rate", ylim=(0.45, 1.01))
    else:
        axes.set(yscale="log", ylabel="rate at $F$ = 0.87 (1/s)", ylim=(1e-3, 2e3))
    axes.set_title(f"$d$ = {spacing} km")
    common.distance_axis(axes)
    axes.legend(loc="upper right", ncols=2)
    return figure


def _claims_fidelity(spacing: int, data: Data) -> list[Claim]:
    protocol, hybrid = _overall(data, "protocol_fidelity"), _overall(data, "hybrid_fidelity")
    sentence = f"Median fidelity of the protocol, d = {spacing} km"
    ceiling = {p: float(delivered(data.tables["pairs"][f"{p}_hybrid_fidelity"]).max()) for p in PRESETS}
    bounds = {240: 0.804, 450: (0.70, 0.804), 700: (0.60, 0.804)}[spacing]
    slowly = "" if spacing == 240 else "The source says only that it falls slowly with d."
    return [
        sampled(data.numbers, sentence, bounds, protocol, 0.004 if spacing == 240 else 0.0, note=slowly),
        sampled(data.numbers, f"Median fidelity of hybrid alone, d = {spacing} km", (None, common.CEILING), hybrid, 0.0),
        Claim(
            "Highest fidelity of hybrid: the ceiling with perfect legs",
            (None, common.CEILING),
            ceiling["published"],
            1e-9,
            physical=ceiling["physical"],
        ),
    ]
