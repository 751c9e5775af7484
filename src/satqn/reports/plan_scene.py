"""What is on the map of a plan, where, and which part of the Earth the map shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.timeline import LinkState
from satqn.reports.plan_geography import great_circle_points, ground_points
from satqn.reports.plan_view import PlanView
from satqn.topology.bodies import Stage

FloatArray = NDArray[np.float64]

MOST_TRACKS = 30
"""More satellites than these are on the map only if the plan uses them, and not at all if it uses more."""
_TRACK_STEP = 120.0
_MARGIN = 0.09
_CLUSTER = 0.03
"""Nodes nearer than this share of the map are one place, which gets a map of its own."""
_LARGEST_CLUSTER = 0.12
"""A group that takes more of the map is readable as it is."""
_MOST_ZOOMS = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the Earth on a map on which meridians are parallel.

    Parameters
    ----------
    west, south, east, north
        Degrees; east may exceed 180.
    """

    west: float
    south: float
    east: float
    north: float

    @property
    def stretch(self) -> float:
        """Length of a degree of latitude over one of longitude, at the middle of the map."""
        middle = np.clip((self.south + self.north) / 2.0, -60.0, 60.0)
        return float(1.0 / np.cos(np.radians(middle)))

    @property
    def shape(self) -> float:
        """Height over width of the map as drawn."""
        return (self.north - self.south) * self.stretch / (self.east - self.west)

    @classmethod
    def around(cls, points: FloatArray, least: float, flattest: float, steepest: float) -> Window:
        """Return the window around points with a margin, neither too flat nor too steep.

        Parameters
        ----------
        points
            Longitude without jumps and latitude, degrees, shape (n, 2).
        least
            Smallest height, degrees.
        flattest, steepest
            Bounds of height over width as drawn.
        """
        low, high = points.min(axis=0), points.max(axis=0)
        middle, size = (low + high) / 2.0, (high - low) * (1.0 + 2.0 * _MARGIN)
        stretch = 1.0 / np.cos(np.radians(np.clip(middle[1], -60.0, 60.0)))
        height = max(size[1], least)
        width = max(size[0], height * stretch / steepest)
        height = max(height, flattest * width / stretch)
        width, height = min(width, 360.0), min(height, 180.0)
        south = float(np.clip(middle[1] - height / 2.0, -90.0, 90.0 - height))
        return cls(
            float(middle[0] - width / 2.0), south, float(middle[0] + width / 2.0), south + float(height)
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on the map in degrees, longitudes around a common middle."""

    stage: Stage
    view: PlanView
    middle: float
    place: dict[str, tuple[float, float]]
    fibres: tuple[FloatArray, ...]
    hap_links: tuple[FloatArray, ...]
    tracks: tuple[tuple[str, FloatArray, bool], ...]
    services: tuple[tuple[str, bool, float, FloatArray], ...]
    serving: dict[str, FloatArray]

    @classmethod
    def of(cls, stage: Stage, state: LinkState, view: PlanView) -> Scene:
        """Collect what is drawn."""
        still = {
            body.id: _place(stage, n, 0.0) for n, body in enumerate(stage.bodies) if body.kind != "satellite"
        }
        middle = middle_longitude(np.array([lon for _, lon in still.values()]))
        still = {name: (lat, _near(lon, middle)) for name, (lat, lon) in still.items()}
        pairs = [
            (making, still[a], still[b])
            for making, a, b in zip(state.making, state.a, state.b, strict=True)
            if a in still and b in still and making != "dual_downlink"
        ]
        fibres = tuple(great_circle_points(a, b) for making, a, b in pairs if making == "fibre_chain")
        others = tuple(great_circle_points(a, b) for making, a, b in pairs if making != "fibre_chain")
        lines, serving = _service_lines(stage, view, still, middle)
        tracks = tuple(_tracks(stage, view, middle))
        return cls(stage, view, middle, still, fibres, others, tracks, lines, serving)

    def extent(self) -> FloatArray:
        """Return what the map must show: nodes, and the satellites where they serve."""
        nodes = np.array([(lon, lat) for lat, lon in self.place.values()])
        return np.concatenate([nodes, *self.serving.values()])


def _place(stage: Stage, number: int, seconds: float) -> tuple[float, float]:
    lat, lon, _ = ground_points(stage, number, seconds)
    return float(lat[0]), float(lon[0])


def middle_longitude(lon: FloatArray) -> float:
    """Return the middle of the smallest arc that holds all longitudes."""
    around = np.sort(lon % 360.0)
    gaps = np.diff(np.append(around, around[0] + 360.0))
    widest = int(np.argmax(gaps))
    first = around[(widest + 1) % len(around)]
    return float((first + (360.0 - gaps[widest]) / 2.0 + 180.0) % 360.0 - 180.0)


def _near(lon: float, middle: float) -> float:
    return middle + (lon - middle + 180.0) % 360.0 - 180.0


def _service_lines(
    stage: Stage, view: PlanView, still: dict[str, tuple[float, float]], middle: float
) -> tuple[tuple[tuple[str, bool, float, FloatArray], ...], dict[str, FloatArray]]:
    """Return what serves, added over slots, and where satellites are while they serve.

    A line is the demand, whether it draws from store, its pairs and its points.
    """
    number = {body.id: n for n, body in enumerate(stage.bodies)}
    total: dict[tuple[str, bool, tuple[float, float], tuple[float, float]], float] = {}
    seen: dict[str, list[tuple[float, float]]] = {}
    for service in view.services:
        seconds = stage.timeline.slot * (service.slot + 0.5)
        at = {}
        for name in service.nodes:
            if name in still:
                at[name] = still[name]
                continue
            lat, lon = _place(stage, number[name], seconds)
            at[name] = (lat, _near(lon, middle))
            seen.setdefault(name, []).append((at[name][1], lat))
        for hop in service.hops:
            key = (service.demand, hop.stored, at[hop.a], at[hop.b])
            total[key] = total.get(key, 0.0) + service.pairs
    lines = tuple(
        (demand, stored, pairs, great_circle_points(a, b)) for (demand, stored, a, b), pairs in total.items()
    )
    return lines, {name: np.array(places) for name, places in seen.items()}


def _tracks(stage: Stage, view: PlanView, middle: float) -> list[tuple[str, FloatArray, bool]]:
    used = {name for service in view.services for name in service.nodes if view.kind[name] == "satellite"}
    satellites = [n for n, body in enumerate(stage.bodies) if body.kind == "satellite"]
    found: list[tuple[str, FloatArray, bool]] = []
    if len(used) > MOST_TRACKS:
        return found
    times = np.linspace(0.0, stage.timeline.duration, max(2, int(stage.timeline.duration / _TRACK_STEP) + 1))
    for n in satellites:
        name = stage.bodies[n].id
        if name not in used and len(satellites) > MOST_TRACKS:
            continue
        lat, lon, _ = ground_points(stage, n, times)
        smooth = np.unwrap(lon, period=360.0)
        smooth += _near(float(smooth[0]), middle) - smooth[0]
        found.append((name, np.column_stack([smooth, lat]), name in used))
    return found


def zooms_of(scene: Scene, window: Window) -> list[tuple[list[str], Window]]:
    """Return groups of three or more nodes that stand close together on the map, the largest first."""
    names = list(scene.place)
    points = np.array([(lon, lat * window.stretch) for lat, lon in scene.place.values()])
    reach = _CLUSTER * (window.east - window.west)
    group = np.arange(len(names))
    for i, j in zip(
        *np.nonzero(np.hypot(*(points[:, None] - points).transpose(2, 0, 1)) < reach), strict=True
    ):
        group[group == group[j]] = group[i]
    found = []
    for g in np.unique(group):
        members = np.flatnonzero(group == g)
        if len(members) >= 3 and np.ptp(points[members], axis=0).max() < _LARGEST_CLUSTER * (
            window.east - window.west
        ):
            inner = np.array([(scene.place[names[i]][1], scene.place[names[i]][0]) for i in members])
            found.append(([names[i] for i in members], Window.around(inner, 0.3, 0.75, 0.75)))
    found.sort(key=lambda item: -len(item[0]))
    return found[:_MOST_ZOOMS]


def head_of(stage: Stage, members: list[str]) -> str:
    """Return the node that a group is called by: one with a demand, the largest of them."""
    ends = {end for demand in stage.scenario.demands for end in (demand.source, demand.destination)}
    nodes = [node for node in stage.scenario.ground.nodes if node.id in members]
    return max(nodes, key=lambda n: (n.id in ends, n.population or 0.0)).id if nodes else members[0]


def turns(points: FloatArray, window: Window) -> list[float]:
    """Return by which whole turns of the Earth a line has to be moved to be seen in the window."""
    low, high = points[:, 0].min(), points[:, 0].max()
    first = int(np.ceil((window.west - high) / 360.0))
    last = int(np.floor((window.east - low) / 360.0))
    return [360.0 * turn for turn in range(first, last + 1)]
