"""Which bodies can be joined through free space, and when they see each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.visibility import sight
from satqn.orbits.windows import sight_windows
from satqn.sightline import Sightline
from satqn.topology.bodies import Body, Stage

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int], None]

STEP = 30.0
"""Largest time between samples, s: rise and set are found between samples, contacts shorter than this too
where one end stands still."""


@dataclass(frozen=True, slots=True)
class View:
    """Two bodies and the spans of time in which they see each other.

    Parameters
    ----------
    a, b
        Numbers of the bodies; light comes down from ``a``, or ``a`` is first where neither is higher.
    begin, end
        Seconds after the start, shape (w,), in order and apart, acquisition taken off.
    """

    a: int
    b: int
    begin: FloatArray
    end: FloatArray

    def within(self, first: float, last: float) -> list[tuple[float, float]]:
        """Return the spans inside a slot."""
        begin, end = np.maximum(self.begin, first), np.minimum(self.end, last)
        inside = end > begin
        return list(zip(begin[inside].tolist(), end[inside].tolist(), strict=True))


def views(stage: Stage, progress: Progress | None = None) -> list[View]:
    """Return every pair of bodies with terminals that see each other at some time of the plan.

    Parameters
    ----------
    stage
        The bodies and the slots.
    progress
        Called with pairs done and all.
    """
    skyward = [i for i, body in enumerate(stage.bodies) if body.terminal is not None]
    satellites = [i for i in skyward if stage.bodies[i].kind == "satellite"]
    fixed = [i for i in skyward if stage.bodies[i].kind != "satellite" and stage.bodies[i].fixed]
    found = list(_fixed_views(stage, satellites, fixed))
    others = [
        (a, b)
        for i, a in enumerate(skyward)
        for b in skyward[i + 1 :]
        if not (b in satellites and a in fixed) and _joinable(stage, a, b)
    ]
    for done, (a, b) in enumerate(others):
        view = (
            _moving_view(stage, b, a)
            if _higher(stage.bodies[b], stage.bodies[a])
            else _moving_view(stage, a, b)
        )
        if view is not None:
            found.append(view)
        if progress is not None and done % 20 == 0:
            progress(done, len(others))
    return sorted(found, key=lambda view: (view.a, view.b))


_FLOOR = {"base_station": 0, "aerial": 1, "satellite": 2}


def _higher(one: Body, other: Body) -> bool:
    return _FLOOR[one.kind] > _FLOOR[other.kind]


def _joinable(stage: Stage, a: int, b: int) -> bool:
    """Whether a link through free space may be between two bodies at all, seen or not."""
    one, other = stage.bodies[a], stage.bodies[b]
    if one.kind == other.kind == "base_station":
        return False  # fibre joins the ground
    if one.kind == other.kind == "satellite":
        if not (one.stores and other.stores):
            return False
        return one.group != other.group or _crosslinked(stage, one, other)
    return True


def _crosslinked(stage: Stage, one: Body, other: Body) -> bool:
    """Whether two satellites of one group are linked, by the rule of the group."""
    group = next(g for g in stage.scenario.satellites if g.id == one.group)
    if group.crosslinks != "grid" or one.seat is None or other.seat is None or group.walker is None:
        return group.crosslinks == "all"
    planes, per_plane = group.walker.planes, group.walker.satellites // group.walker.planes
    apart = (abs(one.seat[0] - other.seat[0]), abs(one.seat[1] - other.seat[1]))
    in_plane = apart[0] == 0 and apart[1] in (1, per_plane - 1)
    # A star has a seam: its last plane runs against its first.
    next_plane = apart[0] == 1 or (apart[0] == planes - 1 and group.walker.kind == "delta")
    return in_plane or (next_plane and apart[1] == 0)


def _fixed_views(stage: Stage, satellites: list[int], fixed: list[int]) -> Iterator[View]:
    """Yield views of satellites from bodies that stand still, by the compiled search for contacts."""
    if not satellites or not fixed:
        return
    geodetic = [stage.earth.geodetic(stage.position(i, np.zeros(1))[0]) for i in fixed]
    lat, lon, altitude = (np.array([float(place[k]) for place in geodetic]) for k in range(3))
    sites = Sites.at(lat, lon, altitude, earth=stage.earth, rules=stage.rules)
    duration = stage.timeline.duration
    for group in dict.fromkeys(stage.bodies[i].group for i in satellites):
        members = [i for i in satellites if stage.bodies[i].group == group]
        contacts = find_contacts(
            stage.bodies[members[0]].motion, sites, stage.timeline.start, duration, step=STEP
        )
        order = np.lexsort((contacts.rise, contacts.site, contacts.satellite))
        key = contacts.satellite[order] * len(fixed) + contacts.site[order]
        for chosen in np.split(order, np.flatnonzero(np.diff(key)) + 1) if len(order) else []:
            a, b = members[int(contacts.satellite[chosen[0]])], fixed[int(contacts.site[chosen[0]])]
            begin, end = np.maximum(contacts.rise[chosen], 0.0), np.minimum(contacts.set[chosen], duration)
            view = _acquired(stage, a, b, begin, end)
            if view is not None:
                yield view


def _moving_view(stage: Stage, a: int, b: int) -> View | None:
    one, other, duration = stage.bodies[a], stage.bodies[b], stage.timeline.duration
    if one.fixed and other.fixed:
        line = Sightline.between(stage.position(a, 0.0)[0], stage.position(b, 0.0)[0], stage.earth)
        if not bool(sight(line, stage.rules).visible):
            return None
        return View(a, b, np.zeros(1), np.array([duration]))
    windows = sight_windows(
        (one.motion, one.number), (other.motion, other.number), stage.timeline.start, duration,
        step=min(STEP, duration / 2.0), earth=stage.earth, rules=stage.rules,
    )  # fmt: skip
    return _acquired(stage, a, b, windows.begin, windows.end)


def _acquired(stage: Stage, a: int, b: int, begin: FloatArray, end: FloatArray) -> View | None:
    """Take slewing and acquisition off the beginning of contacts that begin within the plan."""
    wait = max(t.acquisition_s for i in (a, b) if (t := stage.bodies[i].terminal) is not None)
    begin = np.where(begin > 0.0, begin + wait, begin)
    left = end > begin
    return View(a, b, begin[left], end[left]) if np.any(left) else None
