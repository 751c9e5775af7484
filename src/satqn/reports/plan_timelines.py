"""Figures over time: who is served through what, and what lies in store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import Plan
from satqn.model.timeline import Timeline
from satqn.reports.plan_view import PlanView, runs
from satqn.reports.plan_words import short
from satqn.reports.style import BLACK, GREY, TWO_COLUMNS, new_figure
from satqn.topology.bodies import Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

_CHARACTERS = 140
"""So many small characters fit along the axis of time."""
STORE = "store"
_MOST_OF = 0.6
MOST_STORES = 14
"""More stores than these are left out: the fullest come first."""


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
        label = f"{demand}\n{' – '.join(view.ends[demand])}"
        axes.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=4, fontsize=6)
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
    words = ways_in_words(view, demand)
    for begin, end, text in runs(words):
        if not isinstance(text, str):
            continue
        left, right = date_numbers([begins[begin], begins[end]])
        gap = 0.06 * (right - left) / (end - begin)
        axes.plot(
            [left + gap, right - gap],
            [-0.07 * most] * 2,
            color=view.colours[demand],
            lw=1.0,
            solid_capstyle="butt",
        )
        if _fits(text, end - begin, len(words)):
            axes.text(
                (left + right) / 2, -0.12 * most, text, ha="center", va="top", fontsize=5.3, color="#444444"
            )


def ways_in_words(view: PlanView, demand: str) -> list[str | None]:
    """Return what a demand goes through in every slot, so long that most of the words have room.

    HAPs and satellites by name, satellites by name, or their number, and whether pairs come from store; None
    where the demand is not served.
    """
    ways: list[tuple[str, ...] | None] = [None] * view.timeline.slots
    for service in view.of_demand(demand):
        store = (STORE,) if any(hop.stored for hop in service.hops) else ()
        way = (*(ways[service.slot] or ()), *view.through(service), *store)
        ways[service.slot] = tuple(dict.fromkeys(way))
    best: list[str | None] = []
    covered = -1
    for words_of in (_all_names, _satellite_names, _count):
        words = [None if way is None else words_of(view, way) for way in ways]
        room = sum(
            end - begin
            for begin, end, text in runs(words)
            if isinstance(text, str) and _fits(text, end - begin, len(words))
        )
        if room > covered:
            best, covered = words, room
        if room >= _MOST_OF * sum(way is not None for way in ways):
            break
    return best


def _fits(text: str, slots: int, of_slots: int) -> bool:
    return len(text) <= _CHARACTERS * slots / of_slots


def _all_names(_: PlanView, way: tuple[str, ...]) -> str:
    return " · ".join(way) or "fibre"


def _satellite_names(view: PlanView, way: tuple[str, ...]) -> str:
    satellites = [name for name in way if view.kind.get(name) == "satellite"]
    return " · ".join(satellites) or _all_names(view, way)


def _count(view: PlanView, way: tuple[str, ...]) -> str:
    count = sum(view.kind.get(name) == "satellite" for name in way)
    return f"{count} sat." if count else _all_names(view, way)


def draw_storage(plan: Plan, stage: Stage, view: PlanView) -> Figure | None:
    """Draw the pairs in store at every node over time with its capacity; None if nothing is ever stored."""
    everything = store_levels(plan, stage)
    if not everything:
        return None
    fullest = sorted(everything, key=lambda name: -float(everything[name].max()))[:MOST_STORES]
    levels = {name: level for name, level in everything.items() if name in fullest}
    figure = new_figure(TWO_COLUMNS, 0.6 + 0.75 * len(levels))
    all_axes = figure.subplots(len(levels), 1, sharex=True, squeeze=False)[:, 0]
    capacity = {body.id: body.storage for body in stage.bodies}
    edges = date_numbers([view.timeline.begin(slot) for slot in range(view.timeline.slots + 1)])
    for axes, (node, level) in zip(all_axes, levels.items(), strict=True):
        axes.stairs(level, edges, fill=True, color="#8FA3B0", lw=0)
        axes.axhline(capacity[node], color=BLACK, lw=0.7, ls="--")
        top = max(capacity[node], float(level.max()))
        axes.set(ylim=(0.0, 1.2 * top), yticks=[0.0, capacity[node]])
        axes.set_yticklabels(["0", short(capacity[node])])
        axes.set_ylabel(node, rotation=0, ha="right", va="center", labelpad=4)
        axes.grid(False)
    clock(all_axes[-1], view.timeline)
    part = "" if len(levels) == len(everything) else f" ({len(levels)} of {len(everything)} stores)"
    all_axes[0].set_title(f"pairs in store when a slot starts; dashed: room for them{part}", loc="left")
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
    from matplotlib.dates import AutoDateLocator

    from satqn.reports.ticks import DistinctTimes

    locator = AutoDateLocator(minticks=5, maxticks=10)
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DistinctTimes(locator))
    first, last = date_numbers([timeline.start, timeline.begin(timeline.slots)])
    axes.set_xlim(first, last)
    axes.set_xlabel("time (UTC)")
