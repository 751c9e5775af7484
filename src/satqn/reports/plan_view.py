"""A plan as people look at it: who is served in which slot through which nodes, in which colour."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import Plan, PlanPath, RealLeg
from satqn.model.shown import Shown
from satqn.model.timeline import BodyKind, LinkState, Timeline
from satqn.reports.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from satqn.topology.bodies import Stage
from satqn.topology.instance import RELAY

FloatArray = NDArray[np.float64]

DEMAND_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
"""Colours of up to six demands; more of them share the circle of hues."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path.

    Parameters
    ----------
    a, b
        Ids of bodies, satellites without memory among them.
    stored
        Whether the step draws pairs from store.
    """

    a: str
    b: str
    stored: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A demand served in a slot over a path.

    Parameters
    ----------
    slot
        From 0.
    demand, path
        Ids.
    rate
        Delivered pairs per second.
    pairs
        Delivered pairs in the slot.
    hops
        From source to destination.
    """

    slot: int
    demand: str
    path: PlanPath
    rate: float
    pairs: float
    hops: tuple[Hop, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """Ids of all bodies from source to destination."""
        return (self.hops[0].a, *(hop.b for hop in self.hops))


@dataclass(frozen=True, slots=True, repr=False)
class PlanView(Shown):
    """What figures, tables and exports show of a plan.

    Parameters
    ----------
    timeline
        The slots.
    demands
        Ids in the order of the scenario.
    ends
        Source and destination of every demand.
    colours
        Colour of every demand, the same in all figures.
    kind
        Kind of every body by its id.
    services
        Every service, by slot.
    """

    timeline: Timeline
    demands: tuple[str, ...]
    ends: dict[str, tuple[str, str]]
    colours: dict[str, str]
    kind: dict[str, BodyKind]
    services: tuple[Service, ...]

    @classmethod
    def of(cls, stage: Stage, state: LinkState, plan: Plan) -> PlanView:
        """Look at a plan on its stage."""
        ends = {str(demand.id): (demand.source, demand.destination) for demand in stage.scenario.demands}
        demands = tuple(ends)
        return cls(
            stage.timeline,
            demands,
            ends,
            dict(zip(demands, colours(len(demands)), strict=True)),
            {body.id: body.kind for body in stage.bodies},
            tuple(sorted(_services(stage, state, plan), key=lambda s: (s.slot, s.demand, s.path.id))),
        )

    def of_demand(self, demand: str) -> tuple[Service, ...]:
        """Return the services of a demand, by slot."""
        return tuple(service for service in self.services if service.demand == demand)

    def rate(self, demand: str) -> FloatArray:
        """Return the delivered pairs per second of a demand in every slot."""
        rate = np.zeros(self.timeline.slots)
        for service in self.of_demand(demand):
            rate[service.slot] += service.rate
        return rate

    def through(self, service: Service) -> tuple[str, ...]:
        """Return what a service goes through above the ground, in order; nothing for fibre only."""
        return tuple(name for name in service.nodes if self.kind[name] != "base_station")


def colours(count: int) -> tuple[str, ...]:
    """Return so many colours that differ as much as they can, in hex.

    Examples
    --------
    >>> len(set(colours(20)))
    20
    """
    if count <= len(DEMAND_COLOURS):
        return DEMAND_COLOURS[:count]
    tones = []
    for number in range(count):
        lightness = (0.36, 0.50, 0.62)[number % 3]
        red, green, blue = colorsys.hls_to_rgb(number / count, lightness, 0.62)
        tones.append(f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}")
    return tuple(tones)


def _services(stage: Stage, state: LinkState, plan: Plan) -> Iterator[Service]:
    relays = relay_columns(stage, state)
    paths = {path.id: path for path in plan.paths}
    for serve in plan.serve:
        slot, path = serve.slot - 1, paths[serve.path]
        hops = tuple(_hops(path, slot, state, relays))
        yield Service(slot, path.demand, path, serve.rate, serve.rate * stage.timeline.slot, hops)


def _hops(path: PlanPath, slot: int, state: LinkState, relays: dict[str, int]) -> Iterator[Hop]:
    for leg in path.legs:
        if isinstance(leg, RealLeg):
            names = [str(state.via[slot, relays[name]]) if name in relays else name for name in leg.nodes]
            yield from (Hop(a, b, stored=False) for a, b in pairwise(names))
        else:
            yield Hop(leg.start, leg.end, stored=True)


def relay_columns(stage: Stage, state: LinkState) -> dict[str, int]:
    """Return the column of the link behind every relay node of the routing instance.

    Notes
    -----
    A relay stands for whichever satellite of its group joins two stations in a slot
    (:func:`satqn.topology.instance.instance_document`).
    """
    group = {body.id: body.group for body in stage.bodies}
    found = {}
    for e, making in enumerate(state.making):
        if making == "dual_downlink":
            satellite = next(name for name in state.via[:, e].tolist() if name)
            found[f"{group[satellite]}:{state.a[e]}{RELAY}{state.b[e]}"] = e
    return found


def runs(values: Iterable[object]) -> Iterator[tuple[int, int, object]]:
    """Yield begin, end and value of every run of equal values.

    Examples
    --------
    >>> list(runs("aab"))
    [(0, 2, 'a'), (2, 3, 'b')]
    """
    begin, last, number = 0, object(), -1
    for number, value in enumerate(values):
        if value != last:
            if number:
                yield begin, number, last
            begin, last = number, value
    if number >= 0:
        yield begin, number + 1, last
