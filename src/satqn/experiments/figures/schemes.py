"""Figs 5 and 6 of zhang2024: throughput of PS-EGR and its baselines by storage capacity and by user pairs.

The paper gives no table. Trends are its own; numbers are those of two independent implementations. PS-EGR
is within 0.1 % of its optimum up to three pairs of users, within 0.5 % above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.experiments.claims import Claim
from satqn.experiments.context import FULL, Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures.case_study import (
    AT_LEAST,
    PAPER,
    Case,
    FloatArray,
    draw_band,
    mean_claim,
    over_seeds,
)
from satqn.reports.style import BLUE, GREEN, ONE_COLUMN, ORANGE, VERMILION, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPACITIES = (0, 500, 1000, 1500, 2000, 3000, 4000, 5000)
QUICK_CAPACITIES = (0, 500, 1500, 3000, 5000)
"""Pairs in store at every HAP and satellite."""
PAIRS_OF_USERS = (1, 2, 3, 4, 5, 6)
QUICK_PAIRS_OF_USERS = (1, 2, 3)
FEW_PAIRS = 3
GAP_FEW, GAP_MANY = 1e-3, 5e-3
"""Relative gap of PS-EGR up to ``FEW_PAIRS`` pairs of users, and above."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One line of the figures.

    Parameters
    ----------
    key
        Name in tables.
    name, label
        In claims, and in figures.
    settings
        Method and draw.
    colour, style
        Of the line.
    """

    key: str
    name: str
    label: str
    settings: Mapping[str, Any]
    colour: str
    style: str = "-"


SCHEMES = (
    Scheme("ps_egr", "PS-EGR", "PS-EGR: best paths", {"method": "exact"}, BLUE),
    Scheme("nss", "NSS", "NSS: no storage", {"method": "no-storage"}, GREEN, "--"),
    Scheme("sos", "SOS", "SOS: satellites only", {"method": "satellite-only"}, ORANGE),
    Scheme("rrs_all", "RRS over all paths", "RRS: random, all paths",
           {"method": "random", "draw": "all"}, VERMILION),
    Scheme("rrs_usable", "RRS over usable paths", "RRS: random, usable paths",
           {"method": "random", "draw": "available"}, VERMILION, ":"),
)  # fmt: skip

BAND = "mean over seeds ± standard deviation"
"""What lines and bands are."""

Sweep = Mapping[str, FloatArray]
"""Delivered pairs by the key of a scheme, shape (seeds, points)."""


def _sweep(context: Context, cases: Sequence[Case]) -> tuple[Sweep, FloatArray]:
    """Plan every case by every scheme; return delivered pairs, and the bound of PS-EGR."""
    delivered, bounds = {}, np.empty(0)
    for scheme in SCHEMES:
        found, bound = over_seeds(
            context, [(case, {**scheme.settings, **_gap(case)}) for case in cases], scheme.label
        )
        delivered[scheme.key] = found
        if scheme.key == "ps_egr":
            bounds = bound
    return delivered, bounds


def _gap(case: Case) -> dict[str, float]:
    return {"gap": GAP_FEW if case.demands <= FEW_PAIRS else GAP_MANY}


def _tables(name: str, points: Sequence[int], sweep: Sweep, bound: FloatArray) -> Data:
    """Put means with the deviations of the seeds first, every single plan second."""
    means: dict[str, Any] = {name: points}
    for key, sample in sweep.items():
        means |= {f"{key}_pairs": sample.mean(axis=0), f"{key}_deviation_pairs": sample.std(axis=0)}
    seeds = len(bound)
    plans: dict[str, Any] = {"seed": np.repeat(np.arange(seeds), len(points)), name: np.tile(points, seeds)}
    plans |= {f"{key}_pairs": sample.ravel() for key, sample in sweep.items()}
    plans["ps_egr_bound_pairs"] = bound.ravel()
    return Data({"means": means, "plans": plans})


def _read(data: Data) -> Sweep:
    """Return the sweep from the table of single plans."""
    plans = data.tables["plans"]
    seeds = int(np.max(plans["seed"])) + 1
    return {s.key: np.asarray(plans[f"{s.key}_pairs"]).reshape(seeds, -1) for s in SCHEMES}


def _plot(data: Data, name: str) -> tuple[Figure, Axes]:
    """Draw every scheme over the first column of the means, in thousands of pairs."""
    figure = new_figure(ONE_COLUMN, 3.1)
    axes = figure.subplots()
    x, sweep = data.tables["means"][name], _read(data)
    for scheme in SCHEMES:
        draw_band(axes, x, sweep[scheme.key] / 1e3, scheme.colour, scheme.label, ls=scheme.style)
    axes.set(ylabel="delivered pairs (thousands)")
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside upper center", ncols=2, title=BAND)
    return figure, axes


def _by_capacity(context: Context) -> Data:
    points = CAPACITIES if context.sizes.instances >= FULL.instances else QUICK_CAPACITIES
    return _tables("capacity_pairs", points, *_sweep(context, [Case(capacity=float(c)) for c in points]))


def _plot_by_capacity(data: Data) -> Figure:
    figure, axes = _plot(data, "capacity_pairs")
    axes.set(xlabel="storage capacity of a HAP or satellite (pairs)", xlim=(-80, 5080))
    return figure


def _by_pairs_of_users(context: Context) -> Data:
    points = PAIRS_OF_USERS if context.sizes.instances >= FULL.instances else QUICK_PAIRS_OF_USERS
    return _tables("pairs_of_users", points, *_sweep(context, [Case(demands=k) for k in points]))


def _plot_by_pairs_of_users(data: Data) -> Figure:
    figure, axes = _plot(data, "pairs_of_users")
    axes.set(xlabel="pairs of users $K$", xticks=data.tables["means"]["pairs_of_users"])
    return figure


def smallest_step(sample: FloatArray) -> float:
    """Return the smallest change of the mean from one point to the next, in percent of the first.

    Parameters
    ----------
    sample
        Shape (seeds, points).
    """
    mean = sample.mean(axis=0)
    return float((100.0 * np.diff(mean) / mean[:-1]).min())


def smallest_margin(sweep: Sweep) -> float:
    """Return by how many pairs PS-EGR is ahead of the best baseline where it is least so."""
    best = np.max([sample for key, sample in sweep.items() if key != "ps_egr"], axis=0)
    return float((sweep["ps_egr"] - best).min())


NOT_BELOW = "Every plan of PS-EGR delivers at least as much as those of all baselines: the smallest margin"
RISES = "{name} rises with {what}: the smallest step of the mean"


def _rise(sweep: Sweep, key: str, what: str, note: str = "", *, by_construction: str = "") -> Claim:
    name = next(scheme.name for scheme in SCHEMES if scheme.key == key)
    sentence = RISES.format(name=name, what=what)
    # A step may be as much too small as the gap of one plan.
    return Claim(
        sentence, (0.0, None), smallest_step(sweep[key]), 100.0 * GAP_FEW, "%", source=PAPER, note=note,
        by_construction=by_construction,
    )  # fmt: skip


BEGINS_WITH_BASELINES = AT_LEAST + "the plan of a baseline that is better is taken over."
MORE_ROOM = AT_LEAST + "a plan for smaller stores is one for larger stores, over the same paths."
NO_STORE = "True by construction: without stores their capacity is in no constraint."
SATURATES = "The source says that it saturates near 3000; the bound that stands for the word is ours."
MORE_DEMANDS = AT_LEAST + "the others keep their paths, and the new pair of users may be served nothing."
DRAWS = (
    "The paper does not say among which paths its random path is drawn. Among paths whose stores have room, "
    "the first store adds poor paths to the draw and the throughput falls; among all paths, a path through "
    "a store without room delivers nothing and every store helps."
)


def _claims_by_capacity(data: Data) -> list[Claim]:
    sweep = _read(data)
    points = list(data.tables["means"]["capacity_pairs"])
    first, middle, near, last = (points.index(c) for c in (0, 1500, 3000, 5000))
    egr, sos, nss = sweep["ps_egr"], sweep["sos"], sweep["nss"]
    reached = 100.0 * (egr[:, near] - egr[:, first]).mean() / (egr[:, last] - egr[:, first]).mean()
    claims = [
        Claim(NOT_BELOW, (0.0, None), smallest_margin(sweep), 1e-3, "pairs", source=PAPER,
              by_construction=BEGINS_WITH_BASELINES),
        Claim("NSS is flat in capacity: the largest change", 0.0, np.ptp(nss, axis=1).max(), 1e-3,
              "pairs", source=PAPER, by_construction=NO_STORE),
        _rise(sweep, "ps_egr", "capacity", by_construction=MORE_ROOM),
        _rise(sweep, "sos", "capacity", by_construction=MORE_ROOM),
        Claim("PS-EGR saturates near 3000: share of the gain of 5000 reached there", (90.0, None), reached,
              0.0, "%", source=PAPER, own_range=True, note=SATURATES),
        _rise(sweep, "rrs_usable", "capacity", DRAWS),
        _rise(sweep, "rrs_all", "capacity", DRAWS, by_construction=MORE_ROOM),
    ]  # fmt: skip
    expected: tuple[tuple[str, FloatArray, int, tuple[float, float] | float], ...] = (
        ("PS-EGR", egr, first, (27300.0, 27600.0)),
        ("PS-EGR", egr, middle, (28700.0, 29000.0)),
        ("PS-EGR", egr, last, (29200.0, 29400.0)),
        ("SOS", sos, first, 23000.0),
        ("SOS", sos, middle, 23900.0),
        ("SOS", sos, last, 24000.0),
        ("NSS", nss, middle, (27300.0, 27600.0)),
        ("RRS over usable paths", sweep["rrs_usable"], middle, 14000.0),
    )
    return claims + [
        mean_claim(f"{name} at capacity {points[at]}", value, sample[:, at])
        for name, sample, at, value in expected
    ]


def _claims_by_pairs_of_users(data: Data) -> list[Claim]:
    sweep = _read(data)
    points = list(data.tables["means"]["pairs_of_users"])
    claims = [
        Claim(NOT_BELOW, (0.0, None), smallest_margin(sweep), 1e-3, "pairs", source=PAPER,
              by_construction=BEGINS_WITH_BASELINES)
    ]  # fmt: skip
    claims += [
        _rise(sweep, scheme.key, "the number of pairs of users",
              by_construction=MORE_DEMANDS)
        for scheme in SCHEMES
    ]  # fmt: skip
    expected = {1: (10100.0, 10400.0), 3: (28700.0, 29000.0), 6: (54900.0, 57200.0)}
    return claims + [
        mean_claim(f"PS-EGR for K = {k}", value, sweep["ps_egr"][:, points.index(k)])
        for k, value in expected.items()
        if k in points
    ]


EXPERIMENTS = (
    Experiment(
        "zhang2024.fig5", "Throughput by storage capacity", "Fig. 5",
        _by_capacity, _plot_by_capacity, _claims_by_capacity, needs_census=False,
    ),
    Experiment(
        "zhang2024.fig6", "Throughput by pairs of users", "Fig. 6",
        _by_pairs_of_users, _plot_by_pairs_of_users, _claims_by_pairs_of_users, needs_census=False,
    ),
)  # fmt: skip
"""Figs 5 and 6."""
