"""The case study of zhang2024 on the same instance files as an independent implementation (not in the paper).

The paper prints no table and draws its instances at random, so its figures can only be compared as trends.
What can be held against a number is the optimum of one instance: the instances of seeds 0, 1 and 2 with all
simple paths of up to 3 hops, which :func:`satqn.routing.generate.case_study_document` makes digit by digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from satqn.experiments.claims import Claim
from satqn.experiments.context import Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures.case_study import SPECIFICATION, Case, planned
from satqn.reports.style import BLUE, GREY, ONE_COLUMN, VERMILION, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 1e-7
"""Relative; the claims ask for 1e-6."""

TOLERANCE = 1e-6
"""Relative, of two solvers that both close their gap."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """What an independent implementation found for one instance.

    Parameters
    ----------
    optimum, no_storage
        Largest throughput with and without storage, pairs.
    """

    optimum: float
    no_storage: float


PUBLISHED = (
    Optimum(33825.67, 33398.70),
    Optimum(31308.86, 30558.06),
    Optimum(30240.37, 29644.57),
)
"""By seed. Source: an independent implementation with another solver, on the same files."""

PATHS = {"mode": "all_simple", "max_hops": 3}


def _instances(context: Context) -> Data:
    """Plan every instance with and without storage."""
    found = []
    for seed in range(len(PUBLISHED)):
        context.report("the same instances", seed / len(PUBLISHED))
        case = Case(seed=seed, paths=PATHS)
        found.append([planned(context, case, method=m, gap=GAP) for m in ("exact", "no-storage")])
    table = {
        "seed": np.arange(len(PUBLISHED)),
        "optimum_pairs": [with_stores.delivered_pairs for with_stores, _ in found],
        "bound_pairs": [with_stores.bound_pairs for with_stores, _ in found],
        "no_storage_pairs": [without.delivered_pairs for _, without in found],
        "independent_optimum_pairs": [one.optimum for one in PUBLISHED],
        "independent_no_storage_pairs": [one.no_storage for one in PUBLISHED],
    }
    return Data({"instances": table})


def _plot(data: Data) -> Figure:
    table = data.tables["instances"]
    figure = new_figure(ONE_COLUMN, 2.2)
    axes = figure.subplots()
    seeds = np.asarray(table["seed"], dtype=float)
    for shift, key, colour, label in (
        (-0.12, "optimum_pairs", BLUE, "with storage"),
        (0.12, "no_storage_pairs", VERMILION, "without"),
    ):
        axes.scatter(seeds + shift, table[key], color=colour, s=14, label=label, zorder=3)
        axes.hlines(table[f"independent_{key}"], seeds + shift - 0.1, seeds + shift + 0.1, color=GREY, lw=1.0)
    axes.plot([], [], color=GREY, lw=1.0, label="independent")
    axes.set_xticks(seeds, [f"seed {seed:.0f}" for seed in seeds])
    axes.set_ylabel("throughput (pairs)")
    axes.legend()
    return figure


def _claims(data: Data) -> list[Claim]:
    table = data.tables["instances"]
    what = (("optimum_pairs", "Optimum"), ("no_storage_pairs", "Optimum without storage"))
    return [
        Claim(f"{name}, seed {seed}", expected, ours, TOLERANCE * expected, "pairs", source=SPECIFICATION)
        for key, name in what
        for seed, ours, expected in zip(table["seed"], table[key], table[f"independent_{key}"], strict=True)
    ]


EXPERIMENTS = (
    Experiment(
        "zhang2024.instances", "Optima of the same instances", "Not in the paper",
        _instances, _plot, _claims, needs_census=False,
    ),
)  # fmt: skip
"""The same instance files."""
