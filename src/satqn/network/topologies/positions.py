"""Where the nodes of a file stand: what it says, what a table says, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from satqn.errors import shown
from satqn.network.topologies import fields
from satqn.network.topologies.fields import found
from satqn.network.topologies.findings import Findings, counted, label_of, place_of, some
from satqn.network.topologies.model import Around, Choices, RawNode, RawTopology
from satqn.network.topologies.naming import clean
from satqn.network.topologies.placing import mean_of_neighbours, on_a_circle
from satqn.units import KM

LOWEST, HIGHEST = -500.0, 9_000.0
"""Altitudes of places on the ground, m, as in a scenario."""

NOWHERE = Around(0.0, 0.0, 100_000.0)
"""Where a network without positions is laid out, for maps."""

BETTER = "'positions', 'around' and 'unknown_length_km' of ground.topology say what is known"
"""What a user can say of a network without positions."""

Position = tuple[float, float, float]
"""Latitude and longitude, degrees, and altitude, m."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where every node stands.

    Parameters
    ----------
    of
        Position by node; None for those that are left out.
    real
        Whether distances between them mean anything.
    chosen
        Whether the user has said where a network without positions is laid out, if it has none.
    unknown_length
        m, of links without a length where neither positions nor the user say anything; else None.
    """

    of: list[Position | None]
    real: bool = True
    chosen: bool = True
    unknown_length: float | None = None


def given_position(
    node: RawNode, name: str, geographic: bool, choices: Choices, findings: Findings
) -> Position | None:
    """Return the position of a node by a table or by the file; None if it stands nowhere, or at a fault.

    Parameters
    ----------
    node, name
        The node and what it is called.
    geographic
        Whether ``x`` and ``y`` are longitude and latitude.
    choices, findings
        With positions from a table; gathers faults.
    """
    for key in (str(node.id), clean(label_of(node)), name):
        if key in choices.positions:
            return choices.positions[key]
    lat = found(node.facts, (*fields.LATITUDE, *(("y",) if geographic else ())))
    lon = found(node.facts, (*fields.LONGITUDE, *(("x",) if geographic else ())))
    if lat is None and lon is None:
        return None
    where = place_of(node, name)
    if lat is None or lon is None:
        has, lacks = ("longitude", "latitude") if lat is None else ("latitude", "longitude")
        findings.fault(where, f"it has a {has} and no {lacks}", "give both, or none")
        return None
    lat_deg, lon_deg = findings.number(where, *lat), findings.number(where, *lon)
    altitude = found(node.facts, fields.ALTITUDE)
    height = findings.number(where, *altitude) if altitude is not None else 0.0
    if lat_deg is None or lon_deg is None or height is None:
        return None
    wrong = _out_of_range((lat[0], lat_deg), (lon[0], lon_deg), height)
    if wrong is not None:
        findings.fault(where, *wrong)
        return None
    return lat_deg, lon_deg, height


def _out_of_range(lat: tuple[str, float], lon: tuple[str, float], height: float) -> tuple[str, str] | None:
    """Return what is wrong with a position and what to do, or None."""
    (lat_key, lat_deg), (lon_key, lon_deg) = lat, lon
    if abs(lat_deg) > 90.0:
        swapped = abs(lat_deg) <= 180.0 and abs(lon_deg) <= 90.0
        fix = f"are {lat_key} and {lon_key} swapped?" if swapped else "south is negative"
        return f"{lat_key} {lat_deg:g} is {_size(lat_deg)}: from -90 to 90", fix
    if abs(lon_deg) > 180.0:
        turned = (lon_deg + 180.0) % 360.0 - 180.0
        write = f": write {turned:.10g}" if abs(lon_deg) <= 360.0 else ""
        what = f"{lon_key} {lon_deg:g} is {_size(lon_deg)}: from -180 to 180"
        return what, f"east is positive, west negative{write}"
    if not LOWEST <= height <= HIGHEST:
        what = f"the altitude {height:g} m is {_size(height)}: from {LOWEST:g} to {HIGHEST:g}"
        return what, "metres above the ellipsoid"
    return None


def _size(value: float) -> str:
    return "too large" if value > 0 else "too small"


def all_placed(
    raw: RawTopology,
    names: Sequence[str],
    given: list[Position | None],
    ends: Sequence[tuple[int, int]],
    measured: bool,
    choices: Choices,
    findings: Findings,
) -> Places:
    """Return where all nodes stand, those too that the file puts nowhere.

    Parameters
    ----------
    raw
        The network, with its nodes on the ground alone.
    names, given
        Of its nodes: what they are called, and where they stand by the file.
    ends
        Of its links.
    measured
        Whether every link has a length, and there is one.
    choices, findings
        What to do with nodes without a position; gathers faults and remarks.
    """
    nowhere = [i for i, place in enumerate(given) if place is None]
    if not nowhere:
        return Places(given)
    if len(nowhere) == len(given):
        return _laid_out(raw, len(given), measured, choices, findings)
    if choices.without_position == "refuse":
        for i in nowhere:
            fix = "give lat and lon, or 'without_position: neighbours' or 'leave_out'"
            findings.fault(place_of(raw.nodes[i], names[i]), "it has no position", fix)
        return Places(given)
    if choices.without_position == "leave_out":
        who = some([names[i] for i in nowhere])
        findings.remark(f"{counted(len(nowhere), 'node')} without position left out, as asked for: {who}")
        return Places(given)
    return Places(_by_neighbours(names, given, ends, findings))


def _by_neighbours(
    names: Sequence[str], given: list[Position | None], ends: Sequence[tuple[int, int]], findings: Findings
) -> list[Position | None]:
    """Put nodes that stand nowhere at the mean of their neighbours; None where no link leads to a place."""
    known = np.array([place is not None for place in given])
    a, b = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    lat, lon, placed = mean_of_neighbours(
        np.array([place[0] if place else 0.0 for place in given]),
        np.array([place[1] if place else 0.0 for place in given]),
        known,
        a,
        b,
    )
    new = [names[int(i)] for i in np.flatnonzero(placed & ~known)]
    lost = [names[int(i)] for i in np.flatnonzero(~placed)]
    if new:
        findings.remark(
            f"{counted(len(new), 'node')} without position put at the mean of their neighbours: {some(new)} "
            "('without_position: leave_out' takes them out)"
        )
    if lost:
        why = "for no link joins them to one with a position"
        findings.remark(f"{counted(len(lost), 'node')} left out, {why}: {some(lost)}")
    return [
        place if place is not None else _rounded(lat[i], lon[i]) if placed[i] else None
        for i, place in enumerate(given)
    ]


def _laid_out(raw: RawTopology, count: int, measured: bool, choices: Choices, findings: Findings) -> Places:
    """Put a network without any position on a circle; links without a length are taken as equally long."""
    around = choices.around
    circle = around or NOWHERE
    where = f"{circle.radius / KM:g} km around {circle.lat_deg:g}° N {circle.lon_deg:g}° E"
    unknown = None if around is not None or measured else choices.unknown_length
    if unknown is not None and _may_be_degrees(raw):
        fix = f"{BETTER}; if x and y are degrees, call them lon and lat"
        findings.fault("", "no node has a position, and links without a length need one", fix)
        return Places([None] * count)
    if unknown is not None:
        use = f"links without a length are taken as {unknown / KM:g} km long, which is made up"
    else:
        use = "lengths are those of the file" if measured else "lengths that it lacks are those between them"
    findings.remark(
        f"no node has a position{_said(raw)}: they stand on a circle of {where}, and {use} ({BETTER})"
    )
    lat, lon = on_a_circle(count, circle)
    places: list[Position | None] = [_rounded(y, x) for y, x in zip(lat, lon, strict=True)]
    return Places(places, real=False, chosen=around is not None, unknown_length=unknown)


def _said(raw: RawTopology) -> str:
    """Return where the file says that the network is, in words, if it does."""
    said = found(raw.about, ("GeoLocation",))
    return "" if said is None else f" (the file says: {shown(said[1])})"


def _may_be_degrees(raw: RawTopology) -> bool:
    """Whether nodes have an x and a y of which nobody says what they are."""
    unsaid = not raw.geographic and not raw.drawn
    return unsaid and any("x" in node.facts and "y" in node.facts for node in raw.nodes)


def _rounded(lat_deg: float, lon_deg: float) -> Position:
    """Return a position that was worked out, to a tenth of a millimetre: equal places are equal."""
    return round(float(lat_deg), 9) + 0.0, round(float(lon_deg), 9) + 0.0, 0.0
