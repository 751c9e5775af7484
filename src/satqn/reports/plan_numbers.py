"""Figures of how much: what every demand gets, bound and gap, architectures, promised against delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import Plan
from satqn.reports.plan_view import PlanView
from satqn.reports.plan_words import CLOSED
from satqn.reports.style import BLACK, BLUE, GREY, PALE_GREY, TWO_COLUMNS, VERMILION, new_figure
from satqn.topology.bodies import Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]


def draw_pairs(stage: Stage, view: PlanView) -> Figure:
    """Draw what every demand gets: pairs, mean rate, and the fidelity of its paths beside its target."""
    rows = list(view.demands)
    figure = new_figure(TWO_COLUMNS, 0.75 + max(0.15, min(0.3, 4.0 / len(rows))) * len(rows))
    left, right = figure.subplots(1, 2, sharey=True)
    slots = view.timeline.slots
    for row, demand in enumerate(rows):
        colour, mine = view.colours[demand], view.of_demand(demand)
        rate = view.rate(demand)
        left.barh(row, rate.mean(), 0.62, color=colour, lw=0)
        if np.any(rate > 0.0):
            left.plot(rate[rate > 0.0].mean(), row, marker="|", ms=9, mew=1.4, color=BLACK)
        for service in mine:
            right.plot(service.path.fidelity, row, marker="o", ms=3.2, color=colour, alpha=0.7, mew=0)
        target = next(d.target_fidelity for d in stage.scenario.demands if d.id == demand)
        goal = stage.scenario.target_fidelity if target is None else target
        right.plot([goal] * 2, [row - 0.36, row + 0.36], color=BLACK, lw=1.1)
        share = np.count_nonzero(rate) / slots
        right.annotate(
            f"{100 * share:.0f} % of slots", (1.02, row), xycoords=("axes fraction", "data"), va="center",
            fontsize=6, color=GREY,
        )  # fmt: skip
    left.set_yticks(range(len(rows)), rows)
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.set(xlabel="delivered pairs per second", title="mean rate: all slots (bar), slots served (line)")
    right.set(xlabel="fidelity", title="fidelity of paths in use (dots), target (line)")
    low, high = right.get_xlim()
    right.set_xlim(min(low, high - 0.1), max(high, min(1.0, low + 0.1)))
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
    return figure


def draw_bounds(plan: Plan) -> Figure | None:
    """Draw how bound and plan came together and the gap between them; None without a log of both."""
    log = [line for line in plan.log if line.bound is not None or line.incumbent is not None]
    if not log:
        return None
    times = np.array([max(line.wall_s, 0.0) for line in log])
    both = [
        (line.wall_s, (line.bound - line.incumbent) / max(1.0, abs(line.incumbent)))
        for line in log
        if line.bound is not None and line.incumbent is not None
    ]
    from satqn.reports.ticks import ShortTicks

    figure = new_figure(TWO_COLUMNS, 2.3)
    left, *rest = figure.subplots(1, 2 if len(both) > 1 else 1, squeeze=False)[0]
    for name, colour, values in (
        ("bound", VERMILION, [line.bound for line in log]),
        ("best plan", BLUE, [line.incumbent for line in log]),
    ):
        known = [i for i, value in enumerate(values) if value is not None]
        heights = [values[i] for i in known]
        left.plot(times[known], heights, drawstyle="steps-post", marker="o", ms=2.6, color=colour, label=name)
    left.set(xlabel="time (s)", ylabel="weighted pairs", title="bound and best plan", xlim=(0.0, None))
    left.yaxis.set_major_formatter(ShortTicks())
    left.legend(loc="center left")
    for right in rest:
        moments, gaps = np.array(both).T
        # Zero has no place on a logarithmic axis.
        percent = 100.0 * np.maximum(gaps, CLOSED)
        right.plot(moments, percent, drawstyle="steps-post", marker="o", ms=2.6, color=BLACK)
        right.set_yscale("log")
        right.set(xlabel="time (s)", ylabel="gap (%)", title="gap", xlim=left.get_xlim())
    return figure


def draw_comparison(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw what each architecture delivers, with its bound."""
    from satqn.reports.ticks import ShortTicks

    figure = new_figure(TWO_COLUMNS, 0.7 + 0.3 * len(rows))
    axes = figure.subplots()
    most = max((row["delivered_pairs"] or 0.0 for row in rows), default=0.0)
    for number, row in enumerate(rows):
        pairs = row["delivered_pairs"]
        last = number == len(rows) - 1
        if pairs is not None:
            axes.barh(number, pairs, 0.62, color=BLUE if last else "#9DB4C0", lw=0)
        words = "no plan" if pairs is None else f"{pairs:,.0f}"
        axes.annotate(
            words, (pairs or 0.0, number), (4, 0), textcoords="offset points", va="center", fontsize=6.5
        )
    axes.set_yticks(range(len(rows)), [str(row["name"]) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.16 * most or 1.0)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set_xlabel("delivered pairs")
    axes.xaxis.set_major_formatter(ShortTicks())
    return figure


def draw_replay(replay: Mapping[str, Any], view: PlanView) -> Figure:
    """Draw promised and delivered pairs of every demand, and the reasons for what is missing."""
    from satqn.reports.ticks import ShortTicks

    demands = replay["demands"]
    figure = new_figure(TWO_COLUMNS, 0.75 + max(0.2, min(0.32, 7.0 / len(demands))) * max(len(demands), 6))
    left, right = figure.subplots(1, 2)
    for row, entry in enumerate(demands):
        got = entry["delivered_pairs"]
        left.barh(
            row, entry["promised_pairs"], 0.66, color=PALE_GREY, lw=0, label="promised" if not row else None
        )
        left.barh(row, got["mean"], 0.36, color=view.colours.get(entry["id"], BLUE), lw=0)
        if got["low"] is not None:
            left.plot([got["low"], got["high"]], [row, row], color=BLACK, lw=1.2)
    left.set_yticks(range(len(demands)), [entry["id"] for entry in demands])
    left.set_ylim(len(demands) - 0.5, -0.5)
    left.set(xlabel="pairs", title="promised (grey) and delivered (colour)")
    _draw_reasons(right, replay["reasons"])
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
        axes.xaxis.set_major_formatter(ShortTicks())
        axes.locator_params(axis="x", nbins=5)
    return figure


def _draw_reasons(axes: Axes, reasons: Mapping[str, Mapping[str, Any]]) -> None:
    names = list(reasons)
    for row, name in enumerate(names):
        axes.barh(row, reasons[name]["mean"], 0.6, color="#9DB4C0", lw=0)
        if reasons[name]["low"] is not None:
            axes.plot([reasons[name]["low"], reasons[name]["high"]], [row, row], color=BLACK, lw=1.0)
    axes.axvline(0.0, color=GREY, lw=0.6)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set(xlabel="missing pairs", title="why pairs are missing")
