"""Who is where: ground nodes, HAPs and satellites of an expanded scenario, and how they move."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.earth import EARTHS, WGS84, Earth
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.model.timeline import BodyKind, Timeline
from satqn.orbits.catalogue import parse_omm
from satqn.orbits.constellation import MeanElements, geostationary, walker
from satqn.orbits.platforms import Platforms
from satqn.orbits.propagate import CataloguedOrbits, DesignedOrbits, Orbits
from satqn.orbits.visibility import SightRules
from satqn.scenario.hardware import TerminalSection
from satqn.scenario.planning import OrbitSection, PlanScenario, SatelliteGroup, WalkerSection
from satqn.units import KM

FloatArray = NDArray[np.float64]
Messages = tuple[Mapping[str, str | float | int | None], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Body(Shown):
    """A node of the network.

    Parameters
    ----------
    id
        Unique name.
    kind
        ``base_station``, ``aerial`` or ``satellite``.
    terminal
        Its free-space terminal; None for a node with fibre only.
    terminals
        How many links through free space it can run at the same time.
    storage
        Pairs that may be in store with one end here.
    motion, number
        Where it is: number ``number`` of these orbits or platforms.
    group
        Id of its group of satellites; empty for others.
    seat
        Plane and place in the plane, for satellites of a Walker constellation.
    fixed
        Whether it stands still on the turning Earth.
    """

    id: str
    kind: BodyKind
    terminal: TerminalSection | None
    terminals: int
    storage: float
    motion: Orbits
    number: int
    group: str = ""
    seat: tuple[int, int] | None = None
    fixed: bool = True

    @property
    def stores(self) -> bool:
        """Whether it is a node that can hold pairs: on the ground always, above it with a memory."""
        return self.kind == "base_station" or (self.terminal is not None and self.terminal.memory is not None)


@dataclass(frozen=True, slots=True, repr=False)
class Stage(Shown):
    """Everything that a plan happens on.

    Parameters
    ----------
    scenario
        Written out (:func:`satqn.topology.expand.expanded`).
    timeline
        The slots.
    bodies
        Ground nodes, then HAPs, then satellites.
    earth
        Figure of the Earth.
    rules
        When two bodies see each other.
    """

    scenario: PlanScenario
    timeline: Timeline
    bodies: tuple[Body, ...]
    earth: Earth
    rules: SightRules

    def position(self, number: int, seconds: ArrayLike) -> FloatArray:
        """Return Earth-fixed positions, m, shape (n, 3), of a body at seconds after the start."""
        body = self.bodies[number]
        times = np.zeros(1) if body.fixed else np.atleast_1d(np.asarray(seconds, dtype=float))
        found = body.motion.positions(self.timeline.start, times, body.number, body.number + 1)[0]
        return np.broadcast_to(found, (np.size(seconds), 3))

    def positions(self, numbers: ArrayLike, seconds: ArrayLike) -> FloatArray:
        """Return Earth-fixed positions, m, shape (n, 3), of bodies, each at its own time.

        Parameters
        ----------
        numbers, seconds
            Of the bodies, and after the start; they broadcast to shape (n,).
        """
        who, when = np.broadcast_arrays(np.atleast_1d(numbers), np.atleast_1d(np.asarray(seconds, float)))
        order = np.argsort(who, kind="stable")
        found = np.empty((who.size, 3))
        for mine in np.split(order, np.flatnonzero(np.diff(who[order])) + 1) if who.size else ():
            found[mine] = self.position(int(who[mine[0]]), when[mine])
        return found

    def find(self, name: str) -> int:
        """Return the number of a body by its id.

        Raises
        ------
        InputError
            If there is none.
        """
        for number, body in enumerate(self.bodies):
            if body.id == name:
                return number
        ids = ", ".join(body.id for body in self.bodies[:30])
        raise InputError(
            f"there is no node {name!r}", fix=f"Nodes: {ids}{' …' if len(self.bodies) > 30 else ''}"
        )


def stage(scenario: PlanScenario) -> Stage:
    """Set out bodies and slots of a scenario.

    Parameters
    ----------
    scenario
        Written out: see :func:`satqn.topology.expand.expanded`.
    """
    time, links = scenario.time, scenario.links
    rules = SightRules(
        satellite_margin=links.grazing_altitude_km * KM,
        hap_margin=links.hap_grazing_altitude_km * KM,
        ground_mask=math.radians(links.ground_mask_deg),
        hap_mask=math.radians(links.hap_mask_deg),
    )
    earth = EARTHS[scenario.earth]
    bodies = (*_ground(scenario, earth), *_haps(scenario, earth), *_satellites(scenario))
    return Stage(scenario, Timeline(time.start, time.slot_s, time.slots), bodies, earth, rules)


def _ground(scenario: PlanScenario, earth: Earth) -> Iterator[Body]:
    nodes = scenario.ground.nodes
    places = Platforms(
        np.array([node.lat_deg for node in nodes]),
        np.array([node.lon_deg for node in nodes]),
        np.array([node.altitude_m for node in nodes]),
        earth=earth,
    )
    for i, node in enumerate(nodes):
        terminal = scenario.hardware[node.terminal] if node.terminal else None
        yield Body(
            node.id, "base_station", terminal, node.terminals or 0, node.storage_pairs or 0.0, places, i
        )


def _haps(scenario: PlanScenario, earth: Earth) -> Iterator[Body]:
    haps = scenario.haps
    if not haps:
        return
    places = Platforms(
        np.array([hap.lat_deg for hap in haps]),
        np.array([hap.lon_deg for hap in haps]),
        np.array([hap.altitude_km for hap in haps]) * KM,
        np.array([hap.circle_radius_km for hap in haps]) * KM,
        np.array([hap.circle_period_s for hap in haps]),
        earth,
    )
    for i, hap in enumerate(haps):
        yield Body(
            hap.id, "aerial", scenario.hardware[hap.terminal], hap.terminals, hap.storage_pairs, places, i,
            fixed=hap.circle_radius_km == 0.0,
        )  # fmt: skip


def _satellites(scenario: PlanScenario) -> Iterator[Body]:
    for group in scenario.satellites:
        orbits, names, seats = orbits_of(group, scenario)
        if names is None:
            digits = len(str(len(orbits)))
            names = [f"{group.id}-{i + 1:0{digits}d}" for i in range(len(orbits))]
        terminal = scenario.hardware[group.terminal]
        for i, name in enumerate(names):
            yield Body(
                name, "satellite", terminal, group.terminals, group.storage_pairs, orbits, i, group.id,
                None if seats is None else seats[i], fixed=False,
            )  # fmt: skip


def orbits_of(
    group: SatelliteGroup, scenario: PlanScenario
) -> tuple[Orbits, list[str] | None, list[tuple[int, int]] | None]:
    """Return the orbits of a group, the names of its satellites if they have any, and their seats."""
    start = scenario.time.start
    if group.walker is not None:
        per_plane = group.walker.satellites // group.walker.planes
        seats = [divmod(i, per_plane) for i in range(group.walker.satellites)]
        return DesignedOrbits(_shell(group.walker, scenario)), None, seats
    if group.orbits is not None:
        return DesignedOrbits(_elements(group.orbits, scenario)), [orbit.id for orbit in group.orbits], None
    if group.geostationary is not None:
        return DesignedOrbits(geostationary(np.array(group.geostationary.lon_deg), start)), None, None
    found = catalogued_orbits(group.omm or (), f"satellites {group.id}")
    # Commas and bars separate names in commands and tables.
    names = [
        "-".join(name.replace(",", " ").replace("|", " ").split()) or "satellite" for name in found.names
    ]
    count = Counter(names)
    unique = [
        name if count[name] == 1 else f"{name}-{one.number or i}"
        for i, (name, one) in enumerate(zip(names, found.elements, strict=True), start=1)
    ]
    return found, unique, None


_AT_HAND: dict[int, tuple[Messages, CataloguedOrbits]] = {}
_MOST_AT_HAND = 8
"""Groups whose orbits are kept: a scenario is set out several times on the way to its plan."""


def catalogued_orbits(messages: Messages, source: str) -> CataloguedOrbits:
    """Return the satellites of orbit mean-elements messages; the same messages are read once.

    Raises
    ------
    InvalidFileError
        As :func:`satqn.orbits.catalogue.parse_omm`.
    """
    # The tuple is kept with its orbits, so that no other can have its number meanwhile.
    kept = _AT_HAND.get(id(messages))
    if kept is not None and kept[0] is messages:
        return kept[1]
    orbits = parse_omm(messages, source)
    while len(_AT_HAND) >= _MOST_AT_HAND:
        del _AT_HAND[next(iter(_AT_HAND))]
    _AT_HAND[id(messages)] = (messages, orbits)
    return orbits


def _shell(section: WalkerSection, scenario: PlanScenario) -> MeanElements:
    return walker(
        section.satellites,
        section.planes,
        section.phasing,
        altitude=section.altitude_km * KM,
        inclination=math.radians(section.inclination_deg),
        epoch=scenario.time.start,
        spread=2.0 * math.pi if section.kind == "delta" else math.pi,
        first_raan=math.radians(section.first_raan_deg),
    )


def _elements(sections: tuple[OrbitSection, ...], scenario: PlanScenario) -> MeanElements:
    def column(name: str) -> FloatArray:
        return np.array([getattr(section, name) for section in sections])

    return MeanElements(
        scenario.time.start,
        WGS84.equatorial_radius + column("altitude_km") * KM,
        column("eccentricity"),
        *(
            np.radians(column(f"{name}_deg"))
            for name in ("inclination", "raan", "argument_of_perigee", "mean_anomaly")
        ),
    )
