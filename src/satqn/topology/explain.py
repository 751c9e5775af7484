"""One link of a scenario at one instant: what joins two nodes, what is lost on the way, and what arrives."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np

from satqn.constants import SPEED_OF_LIGHT
from satqn.errors import InputError
from satqn.model.timeline import Timeline
from satqn.orbits.propagate import CataloguedOrbits
from satqn.orbits.sun import sun_elevation
from satqn.orbits.validity import unusable
from satqn.orbits.visibility import GROUND_TOP, sight
from satqn.physics.generation import Generation, attempt_rate
from satqn.physics.line_budget import blocked
from satqn.sightline import Sightline
from satqn.topology.bodies import Body, Stage
from satqn.topology.explanation import FibreBudget, FreeSpace, LineBudget, LinkExplanation
from satqn.topology.fibres import fibre_chosen, fibre_lengths
from satqn.topology.lines import dark_rate, downlink, sky_rate
from satqn.topology.making import heralded, sent_down
from satqn.topology.sight import acquisition, downwards, joinable
from satqn.units import KM, MICROSECONDS_IN_A_SECOND

NOBODY = "no satellite is seen by both; the nearest to it is shown"


def seconds_of(timeline: Timeline, text: str) -> float:
    """Return seconds after the start of a plan from ``+SECONDS``, or a time of ISO 8601 with a zone.

    Raises
    ------
    InputError
        The text is neither.

    Examples
    --------
    >>> from datetime import UTC
    >>> plan = Timeline(datetime(2026, 6, 21, tzinfo=UTC), 600.0, 24)
    >>> seconds_of(plan, "+90"), seconds_of(plan, "2026-06-21T01:00:00Z")
    (90.0, 3600.0)
    """
    fix = "Write e.g. 2026-06-21T03:00:00Z, or +600 for ten minutes after the start"
    try:
        if text.startswith("+"):
            seconds = float(text[1:])
        else:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise InputError(f"the time {text!r} has no time zone", where="--at", fix=fix)
            seconds = (moment - timeline.start).total_seconds()
        timeline.start + timedelta(seconds=seconds)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r} is not a time", where="--at", fix=fix) from error
    return seconds


def explain_link(stage: Stage, a: str, b: str, at: float) -> LinkExplanation:
    """Return what joins two nodes at an instant.

    Parameters
    ----------
    stage
        The bodies and the slots.
    a, b
        Ids of two nodes, satellites among them.
    at
        Seconds after the start of the plan.

    Raises
    ------
    InputError
        No such node, twice the same node, terminals that cannot work together, or a satellite that SGP4
        cannot carry to that instant.

    Notes
    -----
    Two ground stations may be joined by a fibre and, through the satellite that is best at that instant, by
    light from above. Where no satellite is seen by both, the one that is nearest to it is shown.
    """
    one, other = stage.find(a), stage.find(b)
    if one == other:
        raise InputError(f"{a!r} is named twice", fix="Name two nodes")
    for body in (stage.bodies[one], stage.bodies[other]):
        _refuse_lost(stage, body, at)
    grounded = stage.bodies[one].kind == stage.bodies[other].kind == "base_station"
    light = (_from_above if grounded else _between)(stage, one, other, at)
    moment = stage.timeline.start + timedelta(seconds=at)
    return LinkExplanation(a, b, moment, at, 0.0 <= at <= stage.timeline.duration, _fibre(stage, a, b), light)


def _refuse_lost(stage: Stage, body: Body, at: float) -> None:
    """Refuse a catalogued satellite at a time, mostly outside the plan, to which SGP4 cannot carry it."""
    if isinstance(body.motion, CataloguedOrbits) and not 0.0 <= at <= stage.timeline.duration:
        moment = stage.timeline.start + timedelta(seconds=at)
        if lost := unusable(body.motion.only([body.number]), moment, 0.0):
            raise InputError(f"{body.id}: {lost[0]}", fix="Ask for a time nearer to the epoch")


def _fibre(stage: Stage, a: str, b: str) -> FibreBudget | None:
    for one, other, length in fibre_lengths(stage.scenario):
        if {one, other} == {a, b}:
            return FibreBudget(length, *fibre_chosen(stage.scenario, length))
    return None


def _between(stage: Stage, one: int, other: int, at: float) -> FreeSpace:
    """Return the light between two bodies of which at most one is on the ground."""
    for body in (stage.bodies[one], stage.bodies[other]):
        if body.terminal is None:
            return FreeSpace(reason=f"{body.id} has no terminal: only fibre reaches it")
    a, b = downwards(stage, one, other)
    sender, receiver = stage.bodies[a], stage.bodies[b]
    if not joinable(stage, one, other):
        return FreeSpace(
            reason="these satellites have no memory"
            if not (sender.stores and receiver.stores)
            else f"the crosslinks of {sender.group} do not join them"
            if sender.group == receiver.group
            else f"crosslinks_between {sender.group} and {receiver.group} does not join them"
        )
    line = _line(stage, a, b, at)
    for body in (sender, receiver):
        if body.terminal is None or body.terminal.memory is None:
            what = (
                "it sends pairs to two stations: name both" if body.kind == "satellite" else "nothing waits"
            )
            return FreeSpace(lines=(line,), reason=f"{body.id} has no memory; {what}")
    if line.hidden:
        return FreeSpace("one_sided", lines=(line,), reason="; ".join(line.hidden))
    made, _ = heralded(stage, a, b, at)
    return FreeSpace("one_sided", None, (line,), _attempts(sender, line.range), *_single(made))


def _attempts(sender: Body, distance: float) -> float:
    """Return the attempts per second of a source that keeps one photon in a memory."""
    terminal = sender.terminal
    assert terminal is not None
    assert terminal.memory is not None
    assert terminal.transmitter is not None
    overhead = terminal.memory.overhead_us / MICROSECONDS_IN_A_SECOND
    allowed = float(attempt_rate(terminal.memory.modes, distance, overhead, SPEED_OF_LIGHT))
    return min(terminal.transmitter.source_pairs_per_s, allowed)


def _from_above(stage: Stage, a: int, b: int, at: float) -> FreeSpace:
    """Return what the best satellite without memory sends to two ground stations."""
    for body in (stage.bodies[a], stage.bodies[b]):
        if body.terminal is None:
            return FreeSpace(reason=f"{body.id} has no terminal: only fibre reaches it")
    sources = np.array(
        [i for i, body in enumerate(stage.bodies) if body.kind == "satellite" and not body.stores], dtype=int
    )
    if not sources.size:
        return FreeSpace(reason="no satellite of this scenario sends pairs to two stations")
    above = stage.positions(sources, at)
    views = [
        sight(Sightline.between(above, stage.position(k, at)[0], stage.earth), stage.rules) for k in (a, b)
    ]
    both = np.flatnonzero(views[0].visible & views[1].visible)
    seen = [int(s) for s in sources[both] if not any(_acquiring(stage, int(s), k, at) for k in (a, b))]
    if not seen:
        nearest = int(sources[np.argmax(np.minimum(views[0].elevation, views[1].elevation))])
        lines = _line(stage, nearest, a, at), _line(stage, nearest, b, at)
        return FreeSpace("dual_downlink", stage.bodies[nearest].id, lines, reason=NOBODY)
    made, _, _ = sent_down(stage, seen, a, b, at)
    best = int(np.argmax(made.rate))
    source = stage.bodies[seen[best]]
    lines = _line(stage, seen[best], a, at), _line(stage, seen[best], b, at)
    assert source.terminal is not None
    assert source.terminal.transmitter is not None
    attempts = source.terminal.transmitter.source_pairs_per_s
    return FreeSpace("dual_downlink", source.id, lines, attempts, *_single(made, best))


def _single(made: Generation, number: int = 0) -> tuple[float, float, float]:
    return float(made.rate[number]), float(made.accidental_rate[number]), float(made.fidelity[number])


def _line(stage: Stage, a: int, b: int, at: float) -> LineBudget:
    """Return the line of sight from body ``a`` down to body ``b``."""
    when = np.array([at])
    start, end = stage.position(a, at), stage.position(b, at)
    line = Sightline.between(start, end, stage.earth)
    seen = sight(line, stage.rules)
    hidden = []
    lowest, elevation = float(seen.lowest[0]), float(seen.elevation[0])
    if not seen.clear[0]:
        hidden.append(f"the line comes down to {lowest / KM:.4g} km")
    if not seen.above_mask[0]:
        ground = float(stage.earth.altitude(end)[0]) <= GROUND_TOP
        mask = stage.rules.ground_mask if ground else stage.rules.hap_mask
        angle = math.degrees(elevation)
        hidden.append(f"an elevation of {angle:.4g} degrees is below the mask of {math.degrees(mask):g}")
    if not hidden and _acquiring(stage, a, b, at):
        hidden.append("the terminals are still finding each other")
    through = bool(blocked(line)[0])
    factors = {} if through else downlink(stage, a, b, when).factors
    return LineBudget(
        stage.bodies[a].id, stage.bodies[b].id, float(line.length[0]), lowest, elevation, tuple(hidden),
        {name: float(factor[0]) for name, factor in factors.items()},
        dark_rate(stage, b), float(sky_rate(stage, b, end, when)[0]),
        float(sun_elevation(end, stage.timeline.start, when, stage.earth)[0]),
    )  # fmt: skip


def _acquiring(stage: Stage, a: int, b: int, at: float) -> bool:
    """Whether a contact began within the plan so lately that the terminals still find each other."""
    earlier = max(at - acquisition(stage, a, b), 0.0)
    if at <= 0.0 or earlier >= at:
        return False
    line = Sightline.between(stage.position(a, earlier)[0], stage.position(b, earlier)[0], stage.earth)
    return not bool(sight(line, stage.rules).visible)
