"""What a fibre network is to satqn, and what a file says before satqn has judged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from satqn.model.shown import Shown

LengthUnit = Literal["km", "m", "mi"]
WithoutPosition = Literal["neighbours", "leave_out", "refuse"]


@dataclass(frozen=True, slots=True, repr=False)
class FibreTopology(Shown):
    """A fibre network with real lengths.

    Parameters
    ----------
    name
        Of the network.
    ids
        Of the nodes; unique, without blanks.
    lat_deg, lon_deg
        Of the nodes, degrees.
    population
        Of the nodes, or None where it is not known.
    a, b
        Numbers of the ends of each link; no link twice.
    length
        Of each link, m; where none was given the distance of its ends on the sphere.
    given
        Whether the length of each link is one that was given.
    altitude
        Of the nodes above the ellipsoid, m.
    remarks
        What was assumed or left out, each in a sentence without its full stop.
    laid_out
        Whether the positions are none of the real ones: the network came without any.
    """

    name: str
    ids: tuple[str, ...]
    lat_deg: tuple[float, ...]
    lon_deg: tuple[float, ...]
    population: tuple[float | None, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]
    length: tuple[float, ...]
    given: tuple[bool, ...]
    altitude: tuple[float, ...]
    remarks: tuple[str, ...] = ()
    laid_out: bool = False


@dataclass(frozen=True, slots=True)
class RawNode:
    """A node as a file has it.

    Parameters
    ----------
    id
        What links call it; None where nothing does.
    label
        What people call it, if that stands in the file.
    place
        Where it stands in the file: ``line 12`` or ``nodes[3]``.
    facts
        Everything else that the file says, by its own names.
    """

    id: Any
    label: Any
    place: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RawLink:
    """A link as a file has it.

    Parameters
    ----------
    source, target
        Ids of its ends.
    place
        Where it stands in the file.
    facts
        Everything else that the file says, by its own names.
    """

    source: Any
    target: Any
    place: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class RawTopology(Shown):
    """A network as a file has it: what every reader of a format gives.

    Parameters
    ----------
    nodes, links
        In the order of the file.
    unit
        Of lengths whose name says none.
    geographic
        Whether ``x`` and ``y`` are longitude and latitude in degrees.
    drawn
        Why positions in the file are not taken: they are those of a drawing. Empty where there are none.
    about
        What the file says about the network as a whole.
    remarks
        What the reader left out.
    """

    nodes: list[RawNode]
    links: list[RawLink]
    unit: LengthUnit = "km"
    geographic: bool = False
    drawn: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Around:
    """Where nodes without any position are laid out.

    Parameters
    ----------
    lat_deg, lon_deg
        Of the centre, degrees.
    radius
        Of the circle, m.
    """

    lat_deg: float
    lon_deg: float
    radius: float


@dataclass(frozen=True, slots=True)
class Choices:
    """How what a file leaves open is read.

    Parameters
    ----------
    without_position
        What becomes of nodes that stand nowhere: ``neighbours`` puts them at the mean of their neighbours,
        ``leave_out`` takes them out with their links, ``refuse`` makes them an error.
    unit
        Of lengths whose name says none; None for what the format means.
    positions
        Latitude, longitude and altitude (degrees, m) by name or id, before those of the file.
    around
        Where a network without any position is laid out.
    unknown_length
        m, of links without a length in a network without any position that nothing is said of.
    """

    without_position: WithoutPosition = "neighbours"
    unit: LengthUnit | None = None
    positions: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    around: Around | None = None
    unknown_length: float = 100e3
