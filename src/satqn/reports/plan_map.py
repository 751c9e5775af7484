"""The map of a plan: fibre, stations, HAPs, the ground under satellites, and the paths that serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satqn.model.timeline import LinkState
from satqn.network.datasets import us_outline
from satqn.reports.maps import NATION
from satqn.reports.plan_geography import world_land
from satqn.reports.plan_labels import place_labels
from satqn.reports.plan_scene import Scene, Window, head_of, turns, zooms_of
from satqn.reports.plan_view import PlanView
from satqn.reports.style import GREY, TWO_COLUMNS, new_figure
from satqn.topology.bodies import Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

FloatArray = NDArray[np.float64]

LAND, WATER, EDGE, INK, FIBRE = "#E9E7E1", "#F6F8F9", "#BEBBB3", "#30343A", "#8C8C8C"
MARKERS = {"base_station": "o", "aerial": "D"}
MOST_LABELS = 26
_MOST_DEMANDS = 12
_MOST_NAMED_SATELLITES = 16
_MANY_LINES = 140
"""More lines than these are drawn thinner."""
_FEW_TRACKS = 4
_ASIDE = 1.3
"""Lines of different demands run beside each other, so many points apart."""
_POLE = 89.9
_US = (-125.0, 24.3, -66.8, 49.5)


def draw_map(stage: Stage, state: LinkState, view: PlanView) -> Figure:
    """Draw the map of a plan; places with several nodes get maps of their own below."""
    scene = Scene.of(stage, state, view)
    window = Window.around(scene.extent(), 3.0, 0.42, 0.66)
    zooms = zooms_of(scene, window)
    main_height = min(TWO_COLUMNS * window.shape, 4.8)
    zoom_height = min(2.7, 0.72 * TWO_COLUMNS / len(zooms) + 0.25) if zooms else 0.0
    figure = new_figure(TWO_COLUMNS, main_height + zoom_height + 0.45)
    top: Figure | SubFigure = figure
    below: list[Axes] = []
    if zooms:
        heights = [main_height + 0.3, zoom_height]
        top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
        below = list(bottom.subplots(1, len(zooms), squeeze=False)[0])
    main = top.subplots()
    heads = [head_of(stage, members) for members, _ in zooms]
    elsewhere = {name for members, _ in zooms for name in members} - set(heads)
    _draw(main, scene, window, width=TWO_COLUMNS, unnamed=elsewhere, main=True)
    for axes, head, (_, part) in zip(below, heads, zooms, strict=True):
        _draw(axes, scene, part, width=TWO_COLUMNS / len(zooms), unnamed=set(), main=False)
        axes.set_title(f"around {head}", fontsize=7)
        main.add_patch(_frame(part))
    top.legend(handles=_legend(scene), loc="outside lower center", ncols=4, frameon=False)
    return figure


def _draw(axes: Axes, scene: Scene, window: Window, *, width: float, unnamed: set[str], main: bool) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.transforms import ScaledTranslation

    _land(axes, window)
    axes.add_collection(LineCollection(list(scene.fibres), colors=FIBRE, linewidths=0.7, zorder=3))
    if not main:
        lines = LineCollection(list(scene.hap_links), colors=FIBRE, linewidths=0.6, linestyles=":")
        lines.set_zorder(3)
        axes.add_collection(lines)
    few = sum(used for _, _, used in scene.tracks) <= _FEW_TRACKS
    for _, track, used in scene.tracks if main else ():
        for turn in turns(track, window):
            colour, line = ("#7A7A7A", 0.8) if used and few else ("#C4C4C4", 0.5)
            axes.plot(track[:, 0] + turn, track[:, 1], color=colour, lw=line, ls=(0, (4, 2)), zorder=2)
    most = max((pairs for _, _, pairs, _ in scene.services), default=1.0)
    names = list(scene.view.demands)
    thin = float(np.clip(np.sqrt(_MANY_LINES / max(1, len(scene.services))), 0.3, 1.0))
    for demand, stored, pairs, line_points in scene.services:
        weight = thin * (0.35 + 1.65 * pairs / most)
        aside = _ASIDE * (names.index(demand) - (len(names) - 1) / 2.0) if len(names) <= 6 else 0.0
        beside = axes.transData + ScaledTranslation(
            -0.4 * aside / 72.0, aside / 72.0, axes.figure.dpi_scale_trans
        )
        for turn in turns(line_points, window):
            axes.plot(
                line_points[:, 0] + turn, line_points[:, 1], color=scene.view.colours[demand], lw=weight,
                ls=":" if stored else "-", alpha=0.7, zorder=5, solid_capstyle="round", transform=beside,
            )  # fmt: skip
    _nodes(axes, scene, window, width=width, unnamed=unnamed, main=main)


def _land(axes: Axes, window: Window) -> None:
    from matplotlib.collections import LineCollection, PolyCollection

    axes.set_facecolor(WATER)
    fine = _US[0] < window.west and window.east < _US[2] and window.east - window.west < 15.0
    if fine:
        shapes = us_outline()
        land = [ring for name, rings in shapes if name == NATION for ring in rings]
        water: list[FloatArray] = []
        borders = [ring for name, rings in shapes if name != NATION for ring in rings]
        axes.add_collection(PolyCollection(borders, facecolors="none", edgecolors=EDGE, lw=0.3, zorder=1))
    else:
        land, water = world_land()
    for rings, colour in ((land, LAND), (water, WATER)):
        moved = [ring + np.array([turn, 0.0]) for ring in rings for turn in turns(ring, window)]
        axes.add_collection(PolyCollection(moved, facecolors=colour, edgecolors="none", zorder=0))
        # The way by which a ring around the pole is closed is no coast.
        coasts = [ring[ring[:, 1] > -_POLE] for ring in moved]
        axes.add_collection(LineCollection(coasts, colors=EDGE, linewidths=0.3, zorder=0.5))
    axes.set_xlim(window.west, window.east)
    axes.set_ylim(window.south, window.north)
    axes.set_aspect(window.stretch)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set(visible=True, color="#CFCFCF")


def _nodes(axes: Axes, scene: Scene, window: Window, *, width: float, unnamed: set[str], main: bool) -> None:
    names, points = list(scene.place), np.array([(lon, lat) for lat, lon in scene.place.values()])
    body = {body.id: body for body in scene.stage.bodies}
    for i, name in enumerate(names):
        aerial = body[name].kind == "aerial"
        sky = body[name].terminal is not None
        axes.plot(
            *points[i], marker=MARKERS[body[name].kind], ms=4.6 if aerial else 3.6, zorder=7 if aerial else 6,
            mfc="#FFFFFF" if not sky else ("#FFC845" if aerial else INK), mec=INK, mew=0.6,
        )  # fmt: skip
    ends = {end for demand in scene.stage.scenario.demands for end in (demand.source, demand.destination)}
    inside = [
        i for i, name in enumerate(names)
        if name not in unnamed and window.west < points[i, 0] < window.east
        and window.south < points[i, 1] < window.north
    ]  # fmt: skip
    if len(inside) > MOST_LABELS:
        inside = [i for i in inside if names[i] in ends][:MOST_LABELS]
    inside.sort(key=lambda i: names[i] not in ends)
    inches = width * 0.97
    per_degree = np.array([1.0, window.stretch]) * 72.0 * inches / (window.east - window.west)
    labels, places = [names[i] for i in inside], points[inside]
    if main and len(scene.serving) <= _MOST_NAMED_SATELLITES:
        labels += list(scene.serving)
        places = np.concatenate([places, *(where[:1] for where in scene.serving.values())])
    place_labels(axes, labels, places, points, per_degree=per_degree, size=6.2)


def _frame(window: Window) -> Rectangle:
    from matplotlib.patches import Rectangle

    size = (window.east - window.west, window.north - window.south)
    return Rectangle((window.west, window.south), *size, fill=False, ec=INK, lw=0.7, zorder=8)


def _legend(scene: Scene) -> list[Line2D]:
    """Return what the map has, demands first unless there are too many to tell apart."""
    from matplotlib.lines import Line2D

    def mark(marker: str, size: float, fill: str, label: str) -> Line2D:
        return Line2D([], [], ls="none", marker=marker, ms=size, mfc=fill, mec=INK, mew=0.6, label=label)

    served = [demand for demand in scene.view.demands if scene.view.of_demand(demand)]
    entries = [
        Line2D([], [], color=scene.view.colours[demand], lw=1.8, label=demand)
        for demand in (served if len(served) <= _MOST_DEMANDS else ())
    ]
    bodies = scene.stage.bodies
    entries.append(mark("o", 3.6, INK, "ground station"))
    if any(body.kind == "base_station" and body.terminal is None for body in bodies):
        entries.append(mark("o", 3.6, "#FFFFFF", "fibre node"))
    if any(body.kind == "aerial" for body in bodies):
        entries.append(mark("D", 4.4, "#FFC845", "HAP"))
    if scene.fibres:
        entries.append(Line2D([], [], color=FIBRE, lw=0.8, label="fibre"))
    if scene.tracks:
        entries.append(Line2D([], [], color="#7A7A7A", lw=0.8, ls=(0, (4, 2)), label="ground track"))
    if any(stored for _, stored, _, _ in scene.services):
        entries.append(Line2D([], [], color=GREY, lw=1.2, ls=":", label="from store"))
    return entries
