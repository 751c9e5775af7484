"""Figures over time: who is served through what, and what lies in store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import Plan
from satqn.model.timeline import Timeline
from satqn.report.plan_view import PlanView, runs
from satqn.report.plan_words import short
from satqn.report.style import BLACK, GREY, TWO_COLUMNS, new_figure
from satqn.topology.bodies import Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

_CHARACTERS = 140
"""So many small characters fit along the axis of time."""


def draw_service(view: PlanView) -> Figure:
    """Draw what every demand gets in every slot, with the names of what it goes through in the sky."""
    served = [demand for demand in view.demands if view.of_demand(demand)]
    rows = served or list(view.demands)
    figure = new_figure(TWO_COLUMNS, 0.7 + max(0.42, min(0.62, 6.0 / len(rows))) * len(rows))
    all_axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    most = max((float(view.rate(demand).max()) for demand in rows), default=0.0) or 1.0
    begins = [view.timeline.begin(slot) for slot in range(view.timeline.slots + 1)]
    for axes, demand in zip(all_axes, rows, strict=True):
        rate = view.rate(demand)
        axes.stairs(rate, date_numbers(begins), fill=True, color=view.colours[demand], alpha=0.85, lw=0)
        _mark_stored(axes, view, demand, begins)
        _name_ways(axes, view, demand, begins, most)
        axes.set(ylim=(-0.42 * most, 1.08 * most), yticks=[0.0, most])
        axes.set_yticklabels(["0", short(most)], fontsize=5.5)
        axes.set_ylabel(demand, rotation=0, ha="right", va="center", labelpad=4)
        axes.grid(False)
        axes.axhline(0.0, color=GREY, lw=0.4)
        axes.spines["bottom"].set_visible(axes is all_axes[-1])
        axes.tick_params(axis="x", length=2.5 if axes is all_axes[-1] else 0)
    clock(all_axes[-1], view.timeline)
    all_axes[0].set_title("delivered pairs per second, and through what", loc="left")
    return figure


def _mark_stored(axes: Axes, view: PlanView, demand: str, begins: list[datetime]) -> None:
    """Hatch the slots in which a demand draws from store."""
    rate = view.rate(demand)
    for service in view.of_demand(demand):
        if any(hop.stored for hop in service.hops):
            edges = date_numbers(begins[service.slot : service.slot + 2])
            axes.stairs(
                [rate[service.slot]],
                edges,
                fill=True,
                facecolor="none",
                edgecolor="white",
                hatch="/////",
                lw=0,
            )


def _name_ways(axes: Axes, view: PlanView, demand: str, begins: list[datetime], most: float) -> None:
    """Write what a demand goes through under every run of slots that has room for the words."""
    ways: list[tuple[str, ...] | None] = [None] * view.timeline.slots
    for service in view.of_demand(demand):
        ways[service.slot] = tuple(dict.fromkeys((*(ways[service.slot] or ()), *view.through(service))))
    for begin, end, way in runs(ways):
        if not isinstance(way, tuple):
            continue
        left, right = date_numbers([begins[begin], begins[end]])
        room = int(_CHARACTERS * (end - begin) / view.timeline.slots)
        satellites = [name for name in way if view.kind[name] == "satellite"]
        whole = " · ".join(way) or "fibre"
        words = whole if len(whole) <= room else " · ".join(satellites)
        axes.plot(
            [left, right], [-0.07 * most] * 2, color=view.colours[demand], lw=1.0, solid_capstyle="butt"
        )
        if len(words) <= room:
            axes.text(
                (left + right) / 2, -0.12 * most, words, ha="center", va="top", fontsize=5.3, color="#444444"
            )


def draw_storage(plan: Plan, stage: Stage, view: PlanView) -> Figure | None:
    """Draw the pairs in store at every node over time with its capacity; None if nothing is ever stored."""
    levels = store_levels(plan, stage)
    if not levels:
        return None
    figure = new_figure(TWO_COLUMNS, 0.6 + 0.75 * len(levels))
    all_axes = figure.subplots(len(levels), 1, sharex=True, squeeze=False)[:, 0]
    capacity = {body.id: body.storage for body in stage.bodies}
    edges = date_numbers([view.timeline.begin(slot) for slot in range(view.timeline.slots + 1)])
    for axes, (node, level) in zip(all_axes, levels.items(), strict=True):
        axes.stairs(level, edges, fill=True, color="#8FA3B0", lw=0)
        axes.axhline(capacity[node], color=BLACK, lw=0.7, ls="--")
        axes.set(ylim=(0.0, 1.2 * capacity[node]), yticks=[0.0, capacity[node]])
        axes.set_yticklabels(["0", short(capacity[node])])
        axes.set_ylabel(node, rotation=0, ha="right", va="center", labelpad=4)
        axes.grid(False)
    clock(all_axes[-1], view.timeline)
    all_axes[0].set_title("pairs in store when a slot starts; dashed: room for them", loc="left")
    return figure


def store_levels(plan: Plan, stage: Stage) -> dict[str, FloatArray]:
    """Return the pairs in store with one end at a node when each slot starts, for nodes that ever store."""
    ends = {entry.id: entry.pair for entry in plan.classes}
    levels: dict[str, FloatArray] = {}
    for stock in plan.stock:
        if stock.slot <= stage.timeline.slots and stock.pairs > 0.0:
            for node in ends[stock.inventory]:
                level = levels.setdefault(node, np.zeros(stage.timeline.slots))
                level[stock.slot - 1] += stock.pairs
    return {body.id: levels[body.id] for body in stage.bodies if body.id in levels}


def date_numbers(moments: Sequence[datetime]) -> FloatArray:
    """Return moments as numbers of an axis of time."""
    from matplotlib.dates import date2num

    return np.asarray(date2num(moments), dtype=float)


def clock(axes: Axes, timeline: Timeline) -> None:
    """Make the horizontal axis that of the time of a plan."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=5, maxticks=10)
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    first, last = date_numbers([timeline.start, timeline.begin(timeline.slots)])
    axes.set_xlim(first, last)
    axes.set_xlabel("time (UTC)")
