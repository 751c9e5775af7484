"""When stations and satellites can see each other: the contacts behind a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from satqn.model.timeline import LinkState
from satqn.orbits.contacts import Sites, find_contacts
from satqn.reports.plan_geography import ground_points
from satqn.topology.bodies import Stage

STEP = 30.0
"""Largest time between samples of a track, s, as in the plan."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A site sees a satellite.

    Parameters
    ----------
    site, satellite
        Ids.
    begin, end
        Seconds after the start of the plan, acquisition taken off, cut at the ends of the plan.
    """

    site: str
    satellite: str
    begin: float
    end: float


def contacts(stage: Stage, state: LinkState) -> list[Contact]:
    """Return the contacts of ground stations and standing HAPs with satellites that have a link at some time.

    Parameters
    ----------
    stage
        Bodies, slots and rules of sight.
    state
        Says which satellites have a link with a site.
    """
    linked = _linked(state)
    sites = [
        n for n, body in enumerate(stage.bodies)
        if body.kind != "satellite" and body.fixed and body.id in linked
    ]  # fmt: skip
    found: list[Contact] = []
    if not sites:
        return found
    places = [ground_points(stage, n, 0.0) for n in sites]
    lat, lon, altitude = (np.array([float(place[k][0]) for place in places]) for k in range(3))
    looking = Sites.at(lat, lon, altitude, earth=stage.earth, rules=stage.rules)
    duration = stage.timeline.duration
    for group in dict.fromkeys(body.group for body in stage.bodies if body.kind == "satellite"):
        members = [n for n, body in enumerate(stage.bodies) if body.group == group]
        seen = find_contacts(
            stage.bodies[members[0]].motion, looking, stage.timeline.start, duration,
            step=min(STEP, duration / 2.0),
        )  # fmt: skip
        for number in range(len(seen)):
            site, satellite = sites[int(seen.site[number])], members[int(seen.satellite[number])]
            if stage.bodies[satellite].id not in linked[stage.bodies[site].id]:
                continue
            contact = _contact(stage, site, satellite, float(seen.rise[number]), float(seen.set[number]))
            if contact is not None:
                found.append(contact)
    return sorted(found, key=lambda c: (c.site, c.begin, c.satellite))


def _linked(state: LinkState) -> dict[str, set[str]]:
    """Return with which other ends every node has a link at some time, sources above it included."""
    linked: dict[str, set[str]] = {}
    for e, (a, b, making) in enumerate(zip(state.a, state.b, state.making, strict=True)):
        if making == "dual_downlink":
            above = {name for name in state.via[:, e].tolist() if name}
            linked.setdefault(a, set()).update(above)
            linked.setdefault(b, set()).update(above)
        elif making == "one_sided":
            linked.setdefault(a, set()).add(b)
            linked.setdefault(b, set()).add(a)
    return linked


def _contact(stage: Stage, site: int, satellite: int, rise: float, fall: float) -> Contact | None:
    one, other = stage.bodies[site], stage.bodies[satellite]
    begin, end = max(rise, 0.0), min(fall, stage.timeline.duration)
    if begin > 0.0:
        begin += max(t.acquisition_s for t in (one.terminal, other.terminal) if t is not None)
    return Contact(one.id, other.id, begin, end) if end > begin else None
