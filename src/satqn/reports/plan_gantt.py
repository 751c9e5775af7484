"""The contacts of a plan as bars: who sees whom when, and what of it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from satqn.model.timeline import LinkState
from satqn.reports.plan_contacts import Contact, contacts
from satqn.reports.plan_timelines import clock, date_numbers
from satqn.reports.plan_view import PlanView
from satqn.reports.style import GREY, TWO_COLUMNS, new_figure
from satqn.topology.bodies import Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SITES = 32
"""More sites than these would be lines too thin to read: the ones in use come first."""
_ROW = 0.17
"""Height of the row of a site, inches."""
_CONTACT = "#D5D9DC"


class Bar(NamedTuple):
    """A bar in the chart: seconds after the start of the plan, and rows."""

    begin: float
    end: float
    low: float
    height: float
    colour: str


def draw_contacts(stage: Stage, state: LinkState, view: PlanView) -> Figure | None:
    """Draw the contacts of every site, coloured where the plan uses them; None if there are none.

    Satellites that a site sees at the same time have lanes of their own.
    """
    found = contacts(stage, state)
    if not found:
        return None
    used = _uses(view)
    names = [body.id for body in stage.bodies if any(c.site == body.id for c in found)]
    busy = {site for site, _ in used}
    rows = sorted(names, key=lambda name: name not in busy)[:MOST_SITES]
    rows.sort(key=names.index)
    figure = new_figure(TWO_COLUMNS, 0.75 + _ROW * len(rows))
    axes = figure.subplots()
    bars: list[Bar] = []
    for row, site in enumerate(rows):
        mine = [contact for contact in found if contact.site == site]
        lane_of = lanes(mine)
        height = 0.86 / max(1, *lane_of.values())
        for contact in mine:
            top = row - 0.43 + height * lane_of[contact.satellite]
            whole = Bar(contact.begin, contact.end, top - height, 0.92 * height, _CONTACT)
            bars += [whole, *_used_parts(view, whole, used.get((site, contact.satellite), {}))]
        if row:
            axes.axhline(row - 0.5, color="#EDEFF0", lw=0.5, zorder=0)
    _draw_bars(axes, view, bars)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    clock(axes, view.timeline)
    _demand_legend(figure, view, [("can be seen", _CONTACT)])
    if len(rows) < len(names):
        axes.set_title(f"{len(rows)} of {len(names)} sites, the ones in use first", loc="left", fontsize=7)
    return figure


def _uses(view: PlanView) -> dict[tuple[str, str], dict[int, list[str]]]:
    """Return the demands that use a site and a satellite together, by slot."""
    used: dict[tuple[str, str], dict[int, list[str]]] = {}
    for service in view.services:
        for hop in service.hops:
            for site, satellite in ((hop.a, hop.b), (hop.b, hop.a)):
                if not hop.stored and view.kind[satellite] == "satellite":
                    slots = used.setdefault((site, satellite), {}).setdefault(service.slot, [])
                    if service.demand not in slots:
                        slots.append(service.demand)
    return used


def lanes(mine: list[Contact]) -> dict[str, int]:
    """Return a lane from 1 for every satellite of a site: satellites of a lane are never seen at once."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for contact in mine:
        spans.setdefault(contact.satellite, []).append((contact.begin, contact.end))
    taken: list[list[tuple[float, float]]] = []
    found: dict[str, int] = {}
    for satellite, own in spans.items():
        for lane, others in enumerate(taken):
            if all(end <= first or begin >= last for begin, end in own for first, last in others):
                others.extend(own)
                found[satellite] = lane + 1
                break
        else:
            taken.append(list(own))
            found[satellite] = len(taken)
    return found


def _used_parts(view: PlanView, whole: Bar, used: dict[int, list[str]]) -> Iterator[Bar]:
    """Yield the parts of a contact that the plan uses, stacked where several demands share it."""
    slot_s = view.timeline.slot
    for slot, demands in used.items():
        begin, end = max(whole.begin, slot * slot_s), min(whole.end, (slot + 1) * slot_s)
        part = whole.height / len(demands)
        for i, demand in enumerate(demands):
            if end > begin:
                yield Bar(begin, end, whole.low + i * part, part, view.colours[demand])


def _draw_bars(axes: Axes, view: PlanView, bars: list[Bar]) -> None:
    """Draw all bars as one collection: a day of contacts has thousands."""
    from matplotlib.collections import PolyCollection

    first, last = date_numbers([view.timeline.begin(0), view.timeline.begin(1)])
    day = (last - first) / view.timeline.slot
    corners = [
        [(first + day * x, y) for x, y in ((b.begin, b.low), (b.end, b.low), (b.end, top), (b.begin, top))]
        for b in bars
        for top in (b.low + b.height,)
    ]
    axes.add_collection(
        PolyCollection(corners, facecolors=[b.colour for b in bars], edgecolors="none", zorder=1.5)
    )


def _demand_legend(figure: Figure, view: PlanView, others: list[tuple[str, str]]) -> None:
    from matplotlib.patches import Patch

    served = [demand for demand in view.demands if view.of_demand(demand)]
    shown = served if len(served) <= 12 else []
    handles = [Patch(color=view.colours[demand], label=f"used by {demand}") for demand in shown]
    handles += [Patch(color=colour, label=name) for name, colour in others]
    if not shown and served:
        handles.append(Patch(color=GREY, label="in colour: used, colours as in the figure of the pairs"))
    figure.legend(handles=handles, loc="outside upper right", ncols=5, frameon=False)
