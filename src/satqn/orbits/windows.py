"""When two moving ends see each other: satellites, circling HAPs and stations in any combination.

For many satellites and fixed sites :func:`satqn.orbits.contacts.find_contacts` is a hundred times faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from satqn.earth import WGS84, Earth
from satqn.errors import InputError
from satqn.orbits.propagate import Orbits
from satqn.orbits.visibility import SightRules, sight
from satqn.sightline import Sightline

FloatArray = NDArray[np.float64]

_HALVINGS = 30
"""Bisections of a step: 60 s becomes 60 ns."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Spans of time in which two ends see each other.

    Parameters
    ----------
    begin, end
        Seconds after the start, shape (w,), in order and apart.
    """

    begin: FloatArray
    end: FloatArray

    def __len__(self) -> int:
        return int(self.begin.size)


def sight_windows(
    first: tuple[Orbits, int],
    second: tuple[Orbits, int],
    start: datetime,
    duration: float,
    *,
    step: float = 30.0,
    earth: Earth = WGS84,
    rules: SightRules | None = None,
) -> Windows:
    """Return when two ends see each other by the rules of :func:`satqn.orbits.visibility.sight`.

    Parameters
    ----------
    first, second
        Where the two ends are: orbits or platforms, and the number of the end in them.
    start, duration
        Time asked for; the start with a time zone, the duration in s, > 0.
    step
        s, > 0. A window or a gap shorter than a step may be missed; begin and end are exact.
    earth, rules
        Figure of the Earth, margins and masks.
    """
    if not (np.isfinite(duration) and duration > 0.0 and np.isfinite(step) and step > 0.0):
        raise InputError(f"duration {duration:g} s and step {step:g} s", fix="Both must be positive")

    def seen(seconds: FloatArray) -> NDArray[np.bool_]:
        here, there = (orbits.positions(start, seconds, k, k + 1)[0] for orbits, k in (first, second))
        return sight(Sightline.between(here, there, earth), rules).visible

    seconds = np.linspace(0.0, duration, max(2, int(np.ceil(duration / step)) + 1))
    visible = seen(seconds)
    edge = np.flatnonzero(visible[1:] != visible[:-1])
    low, high = seconds[edge], seconds[edge + 1]
    for _ in range(_HALVINGS if edge.size else 0):
        middle = (low + high) / 2.0
        same = seen(middle) == visible[edge]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    crossing = (low + high) / 2.0
    begins = crossing[visible[edge + 1]]
    ends = crossing[visible[edge]]
    if visible[0]:
        begins = np.concatenate([[0.0], begins])
    if visible[-1]:
        ends = np.concatenate([ends, [duration]])
    return Windows(begins, ends)
