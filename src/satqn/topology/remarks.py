"""What a user should know of a scenario before believing what is made of it: remarks, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from satqn.orbits.frames import DAY
from satqn.orbits.propagate import CataloguedOrbits
from satqn.orbits.validity import ages
from satqn.topology.bodies import Stage
from satqn.topology.effort import effort_remark
from satqn.topology.sources import some

OLD, VERY_OLD = 14.0, 30.0
"""Age of elements in days from which it is said, and said strongly. SGP4 is off by 1 to 3 km a day in low
orbits. Source: D. Vallado, P. Cefola, "Two-line element sets – practice and use", IAC-12-A6.6.11 (2012)."""


def stage_remarks(stage: Stage) -> Iterator[str]:
    """Yield remarks on a scenario that is set out: old elements of satellites, links that take long.

    Parameters
    ----------
    stage
        Bodies and slots.
    """
    if remark := effort_remark(stage):
        yield remark
    age: dict[str, float] = {}
    for group in stage.scenario.satellites:
        members = [body for body in stage.bodies if body.group == group.id]
        if members and isinstance(members[0].motion, CataloguedOrbits):
            days = ages(members[0].motion, stage.timeline.start) / DAY
            age |= {body.id: float(days[body.number]) for body in members}
    levels = (
        (VERY_OLD, np.inf, "positions are wrong by hundreds of kilometres or more: take newer elements"),
        (OLD, VERY_OLD, "positions may be wrong by tens of kilometres: take newer elements"),
    )
    for least, most, why in levels:
        old = sorted((n for n, days in age.items() if least < abs(days) <= most), key=lambda n: -abs(age[n]))
        if old:
            told = [f"{name} ({_age(age[name])})" for name in old]
            yield (
                f"the elements of {len(old)} of {len(age)} catalogued satellites are more than {least:g} "
                f"days away from the start: {some(told)}; {why}"
            )


def _age(days: float) -> str:
    return f"{abs(days):.1f} days old" if days >= 0.0 else f"{abs(days):.1f} days after it"
