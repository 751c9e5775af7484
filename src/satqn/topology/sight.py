"""Which bodies can be joined through free space, and when they see each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.visibility import sight
from satqn.orbits.windows import pair_windows
from satqn.scenario.satellites import WalkerSection
from satqn.sightline import Sightline
from satqn.topology.bodies import Body, Stage
from satqn.topology.effort import STEP, refuse_effort
from satqn.topology.layers import linked

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, repr=False)
class View(Shown):
    """Two bodies and the spans of time in which they see each other.

    Parameters
    ----------
    a, b
        Numbers of the bodies; light comes down from ``a``; between satellites it goes from the first one.
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

    Raises
    ------
    InputError
        More pairs of satellites than can be looked at in time, and the limits are not lifted.
    """
    refuse_effort(stage)
    skyward = [i for i, body in enumerate(stage.bodies) if body.terminal is not None]
    still = [i for i in skyward if stage.bodies[i].fixed]
    moving = [i for i in skyward if not stage.bodies[i].fixed]
    satellites = [i for i in moving if stage.bodies[i].kind == "satellite"]
    found = [*_fixed_views(stage, satellites, still), *_still_views(stage, still)]
    pairs = np.concatenate([crosslinks(stage, satellites), *_with_moving_haps(stage, skyward)])
    duration = stage.timeline.duration
    windows = pair_windows(
        stage.positions, pairs, duration,
        step=min(STEP, duration / 2.0), earth=stage.earth, rules=stage.rules, progress=progress,
    )  # fmt: skip
    found += [
        view
        for (a, b), window in zip(pairs.tolist(), windows, strict=True)
        if (view := _acquired(stage, a, b, window.begin, window.end)) is not None
    ]
    return sorted(found, key=lambda view: (view.a, view.b))


def _with_moving_haps(stage: Stage, skyward: list[int]) -> Iterator[IntArray]:
    """Yield the pairs of which one is a HAP that flies a circle."""
    circling = [i for i in skyward if stage.bodies[i].kind == "aerial" and not stage.bodies[i].fixed]
    for number, hap in enumerate(circling):
        others = [i for i in skyward if i != hap and i not in circling[:number]]
        found = [downwards(stage, *sorted((hap, i))) for i in others if joinable(stage, hap, i)]
        yield np.array(found, dtype=np.int64).reshape(-1, 2)


def crosslinks(stage: Stage, satellites: list[int]) -> IntArray:
    """Return the pairs of satellites that may be linked, numbers of bodies of shape (n, 2), the lower first.

    Parameters
    ----------
    stage
        The bodies.
    satellites
        Numbers of those with terminals.
    """
    storing = [i for i in satellites if stage.bodies[i].stores]
    groups: dict[str, list[int]] = {}
    for i in storing:
        groups.setdefault(stage.bodies[i].group, []).append(i)
    found = [np.empty((0, 2), dtype=np.int64)]
    members = {name: np.array(those, dtype=np.int64) for name, those in groups.items()}
    for group in stage.scenario.satellites:
        if group.id not in members:
            continue
        mine = members.pop(group.id)
        if group.crosslinks == "all":
            found.append(mine[np.column_stack(np.triu_indices(mine.size, 1))])
        elif group.crosslinks == "grid" and group.walker is not None:
            found.append(mine[_grid(group.walker)])
        found += [
            np.stack(np.meshgrid(mine, other, indexing="ij"), axis=-1).reshape(-1, 2)
            for name, other in members.items()
            if linked(stage.scenario, group.id, name)
        ]
    pairs = np.concatenate(found)
    return np.asarray(np.sort(pairs, axis=1))


def _grid(walker: WalkerSection) -> IntArray:
    """Return the neighbours in the planes of a constellation and between them, by numbers of satellites."""
    per_plane = walker.satellites // walker.planes
    plane, seat = np.divmod(np.arange(walker.satellites), per_plane)
    ahead = plane * per_plane + (seat + 1) % per_plane
    across = (plane + 1) % walker.planes * per_plane + seat
    # A star has a seam: its last plane runs against its first.
    joined = (plane + 1 < walker.planes) | (walker.kind == "delta")
    every = np.arange(walker.satellites)
    pairs = np.concatenate([np.stack([every, ahead], 1), np.stack([every, across], 1)[joined]])
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.asarray(np.unique(pairs, axis=0))


def _still_views(stage: Stage, still: list[int]) -> Iterator[View]:
    """Yield the views between bodies that stand still: always or never."""
    whole = np.zeros(1), np.array([stage.timeline.duration])
    for one, other in combinations(still, 2):
        if joinable(stage, one, other):
            a, b = downwards(stage, one, other)
            start, end = stage.position(a, 0.0)[0], stage.position(b, 0.0)[0]
            if np.array_equal(start, end):
                raise InputError(
                    f"{stage.bodies[a].id} and {stage.bodies[b].id} are at the same place",
                    fix="Move one of them",
                )
            line = Sightline.between(start, end, stage.earth)
            if bool(sight(line, stage.rules).visible):
                yield View(a, b, *whole)


_FLOOR = {"base_station": 0, "aerial": 1, "satellite": 2}


def downwards(stage: Stage, a: int, b: int) -> tuple[int, int]:
    """Return two bodies with the higher one first: light comes down. Two satellites stay as they are."""

    def height(number: int) -> tuple[int, float]:
        body = stage.bodies[number]
        here = (
            0.0 if body.kind == "satellite" else float(stage.earth.altitude(stage.position(number, 0.0)[0]))
        )
        return _FLOOR[body.kind], round(here)

    return (b, a) if height(b) > height(a) else (a, b)


def joinable(stage: Stage, a: int, b: int) -> bool:
    """Whether a link through free space may be between two bodies at all, seen or not."""
    one, other = stage.bodies[a], stage.bodies[b]
    if one.kind == other.kind == "base_station":
        return False  # fibre joins the ground
    if one.kind == other.kind == "satellite":
        if not (one.stores and other.stores):
            return False
        if one.group != other.group:
            return linked(stage.scenario, one.group, other.group)
        return _crosslinked(stage, one, other)
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


def _acquired(stage: Stage, a: int, b: int, begin: FloatArray, end: FloatArray) -> View | None:
    """Take slewing and acquisition off the beginning of contacts that begin within the plan."""
    wait = acquisition(stage, a, b)
    begin = np.where(begin > 0.0, begin + wait, begin)
    left = end > begin
    return View(a, b, begin[left], end[left]) if np.any(left) else None


def acquisition(stage: Stage, a: int, b: int) -> float:
    """Return the time, s, that two terminals need to find each other: that of the slower one."""
    return max(t.acquisition_s for i in (a, b) if (t := stage.bodies[i].terminal) is not None)
