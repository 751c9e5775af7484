"""How long links through free space take to evaluate, said before the work begins."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from satqn.errors import InputError, SatqnWarning
from satqn.limits import ask, lifted
from satqn.topology.bodies import Stage
from satqn.topology.layers import linked

if TYPE_CHECKING:
    from satqn.topology.sight import View

STEP = 30.0
"""Largest time between looks at two moving bodies, s: rise and set are found between looks, contacts shorter
than this too where one end stands still."""

_SECONDS_A_LOOK = 2e-6
_SECONDS_A_SLOT = 1.1e-4
_BYTES_A_SLOT = 150.0
_BYTES_A_PAIR = 1000.0
"""Cost of one pair of satellites: for each look at it, for each slot, and at all. Measured with 50 to 200
satellites at 1000 and 8000 km over 2 and 4 h on one core: 9 s for 20 000 pairs looked at 241 times, 18 s for
10 000 links in 12 slots, 16 MB for 12 slots more."""

MANY_PAIRS = 40_000
"""Pairs from which their time and memory are said: all those of 283 satellites."""
LONGEST = 3600.0
"""Work on links between satellites that is refused unless the user forces it, s."""
LARGEST = 8 * 2**30
"""And memory, bytes."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What links between satellites cost.

    Parameters
    ----------
    satellites, pairs
        How many may be linked at all, and pairs of them.
    seconds, bytes
        Time on one core, and memory.
    """

    satellites: int
    pairs: int
    seconds: float
    bytes: float

    @property
    def too_much(self) -> bool:
        """Whether it is refused unless the user forces it."""
        return self.pairs >= MANY_PAIRS and (self.seconds > LONGEST or self.bytes > LARGEST)

    def __str__(self) -> str:
        return (
            f"{self.pairs} pairs of {self.satellites} satellites may be linked: evaluating them takes about "
            f"{_time(self.seconds)} and {_memory(self.bytes)}"
        )


def crosslink_effort(stage: Stage) -> Effort:
    """Return what the links between the satellites of a scenario cost, without listing them."""
    storing = Counter(body.group for body in stage.bodies if body.kind == "satellite" and body.stores)
    size = sum(storing.values())
    pairs = sum(
        storing[one] * storing[other]
        for one, other in combinations(storing, 2)
        if linked(stage.scenario, one, other)
    )
    for group in stage.scenario.satellites:
        count = storing[group.id]
        if group.crosslinks == "all":
            pairs += count * (count - 1) // 2
        elif group.crosslinks == "grid" and group.walker is not None:
            pairs += 2 * count
    looks = np.ceil(stage.timeline.duration / STEP) + 1.0
    each = looks * _SECONDS_A_LOOK + stage.timeline.slots * _SECONDS_A_SLOT
    memory = _BYTES_A_PAIR + stage.timeline.slots * _BYTES_A_SLOT
    return Effort(size, pairs, float(pairs * each), float(pairs * memory))


_SECONDS_A_SPAN = 1.6e-4
_BYTES_A_CELL = 30.0
_LONG = 60.0
"""Cost of one span of sight within a slot and of one cell of the tables of links and slots, and the time, s,
from which it is said. Measured with 300 satellites and ten stations: 0.88 s for 5 438 spans that two stations
share, 0.27 s for 2 133 of one station."""


def weigh_light(stage: Stage, seen: Sequence[View]) -> None:
    """Say how long it takes to evaluate what bodies see of each other, if that is long, before it begins.

    Parameters
    ----------
    stage, seen
        The bodies, and who sees whom when.

    Raises
    ------
    InputError
        It is too much, and the user has not lifted the limits.
    """
    slot, cells, spans = stage.timeline.slot, 0, 0
    shared: dict[int, list[int]] = {}
    for view in seen:
        count = int(np.sum(np.ceil(view.end / slot) - np.floor(view.begin / slot)))
        if stage.bodies[view.a].stores:
            cells, spans = cells + 1, spans + count
        elif stage.bodies[view.b].kind == "base_station":
            shared.setdefault(view.a, []).append(count)
    for counts in shared.values():
        # What two stations share is at most what the one sees that sees less.
        spans += int(np.arange(len(counts)) @ np.sort(counts)[::-1])
        cells += len(counts) * (len(counts) - 1) // 2
    seconds = spans * _SECONDS_A_SPAN
    memory = cells * (_BYTES_A_PAIR + stage.timeline.slots * _BYTES_A_CELL)
    cost = f"{_time(seconds)} and {_memory(memory)}"
    what = f"{cells} links through free space: evaluating them takes up to {cost}"
    fix = "name fewer satellites or stations, or plan a shorter time"
    if (seconds > LONGEST or memory > LARGEST) and not lifted():
        why = f"More than {_time(LONGEST)} or {_memory(LARGEST)} is refused without --force"
        raise InputError(what, why=why, fix=fix[0].upper() + fix[1:])
    if seconds > _LONG:
        warnings.warn(f"{what}; {fix}", SatqnWarning, stacklevel=3)


FEWER = "write crosslinks: grid or none for the group, name fewer satellites, or plan a shorter time"


def refuse_effort(stage: Stage) -> None:
    """Refuse work on links between satellites that takes too long or too much memory.

    Raises
    ------
    InputError
        It is too much, and the user has not lifted the limits.
    """
    effort = crosslink_effort(stage)
    if effort.too_much and not lifted():
        raise InputError(
            str(effort), why=f"More than {_time(LONGEST)} or {_memory(LARGEST)} is refused without --force",
            fix=FEWER[0].upper() + FEWER[1:],
        )  # fmt: skip


def refuse_tables(stage: Stage) -> None:
    """Refuse tables of links from the ground to satellites that no usual machine holds.

    Raises
    ------
    InputError
        They are too large, and the user has not lifted the limits.
    """
    kinds = Counter(
        "satellite" if body.kind == "satellite" else "other"
        for body in stage.bodies
        if body.terminal is not None
    )
    slots = stage.timeline.slots
    ask(
        f"links of {kinds['satellite']} satellites with {kinds['other']} stations and HAPs in {slots} slots",
        memory=kinds["satellite"] * kinds["other"] * slots * _BYTES_A_SLOT,
        where=f"{stage.scenario.name}: time",
        fix="Take fewer or longer slots, or fewer satellites or stations",
    )


def effort_remark(stage: Stage) -> str:
    """Return a remark on work on links between satellites that takes long, or nothing."""
    effort = crosslink_effort(stage)
    if effort.pairs < MANY_PAIRS:
        return ""
    refused = " (refused without --force)" if effort.too_much else ""
    return f"{effort}{refused}; {FEWER}"


def _time(seconds: float) -> str:
    if seconds < 90.0:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.3g} h"


def _memory(size: float) -> str:
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.3g} GiB"
