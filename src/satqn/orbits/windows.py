"""When moving ends see each other: satellites, circling HAPs and stations in any combination.

For many satellites and fixed sites :func:`satqn.orbits.contacts.find_contacts` is a hundred times faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from satqn.earth import WGS84, Earth
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.propagate import Orbits
from satqn.orbits.visibility import AIR_TOP, SightRules, sight
from satqn.sightline import Sightline

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Where = Callable[[IntArray, FloatArray], FloatArray]
"""Numbers of ends and seconds after the start, shape (n,), to Earth-fixed positions, m, shape (n, 3)."""

_EXACT = 1e-6
"""Time to which the begin and the end of a window are found, s."""

_AT_ONCE = 200_000
"""Lines of sight that are looked at together."""

_SLACK = 1.0
"""Room for rounding, m, beyond which the distance of a line from the centre decides."""


@dataclass(frozen=True, slots=True, repr=False)
class Windows(Shown):
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
    step, earth, rules
        As in :func:`pair_windows`.
    """

    def where(ends: IntArray, seconds: FloatArray) -> FloatArray:
        found = np.empty((ends.size, 3))
        for end, (orbits, k) in enumerate((first, second)):
            mine = ends == end
            found[mine] = orbits.positions(start, seconds[mine], k, k + 1)[0]
        return found

    return pair_windows(where, np.array([[0, 1]]), duration, step=step, earth=earth, rules=rules)[0]


def pair_windows(
    where: Where,
    pairs: IntArray,
    duration: float,
    *,
    step: float = 30.0,
    earth: Earth = WGS84,
    rules: SightRules | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Windows]:
    """Return when the ends of every pair see each other.

    Parameters
    ----------
    where
        Where ends are at given times.
    pairs
        Numbers of both ends, shape (P, 2).
    duration
        Time asked for, s, > 0.
    step
        s, > 0. A window or a gap shorter than a step may be missed; begin and end are exact.
    earth, rules
        Figure of the Earth, margins and masks.
    progress
        Called with pairs done and all.

    Raises
    ------
    InputError
        A duration or a step that is not positive.

    Notes
    -----
    Pairs are sampled a few at a time, then all changes are bisected together.
    """
    if not (np.isfinite(duration) and duration > 0.0 and np.isfinite(step) and step > 0.0):
        raise InputError(f"duration {duration:g} s and step {step:g} s", fix="Both must be positive")
    rule = rules or SightRules()
    seconds = np.linspace(0.0, duration, max(2, int(np.ceil(duration / step)) + 1))
    found: list[Windows] = []
    chunk = max(1, _AT_ONCE // seconds.size)
    for first in range(0, len(pairs), chunk):
        some = np.asarray(pairs[first : first + chunk], dtype=np.int64)
        found += _windows(where, some, seconds, earth, rule)
        if progress is not None:
            progress(min(first + chunk, len(pairs)), len(pairs))
    return found


def _windows(
    where: Where, pairs: IntArray, seconds: FloatArray, earth: Earth, rules: SightRules
) -> Iterator[Windows]:
    """Yield the windows of some pairs."""
    ends, seat = np.unique(pairs, return_inverse=True)
    seat = seat.reshape(pairs.shape)
    flat = where(np.repeat(ends, seconds.size), np.tile(seconds, ends.size))
    track = flat.reshape(ends.size, seconds.size, 3)
    seen = _seen(track[seat[:, 0]], track[seat[:, 1]], earth, rules)
    pair, edge = np.nonzero(seen[:, 1:] != seen[:, :-1])
    crossing = _crossings(
        where, pairs[pair], seconds[edge], seconds[edge + 1], seen[pair, edge], earth, rules
    )
    appears = seen[pair, edge + 1]
    bounds = np.searchsorted(pair, np.arange(len(pairs) + 1))
    for k in range(len(pairs)):
        mine = slice(bounds[k], bounds[k + 1])
        begin, end = crossing[mine][appears[mine]], crossing[mine][~appears[mine]]
        if seen[k, 0]:
            begin = np.concatenate([[0.0], begin])
        if seen[k, -1]:
            end = np.concatenate([end, seconds[-1:]])
        yield Windows(begin, end)


def _crossings(
    where: Where,
    pairs: IntArray,
    low: FloatArray,
    high: FloatArray,
    before: BoolArray,
    earth: Earth,
    rules: SightRules,
) -> FloatArray:
    """Return when pairs begin or cease to see each other, between two times of opposite sides."""
    both = pairs.T.ravel()
    while low.size and np.max(high - low) > _EXACT:
        middle = (low + high) / 2.0
        here, there = where(both, np.tile(middle, 2)).reshape(2, -1, 3)
        same = _seen(here, there, earth, rules) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray((low + high) / 2.0)


def _seen(here: FloatArray, there: FloatArray, earth: Earth, rules: SightRules) -> BoolArray:
    """Return which lines can carry light; shape of the positions without their last axis.

    Between satellites the distance d of a line from the centre decides nearly always: its lowest altitude
    lies between d less the equatorial and d less the polar radius.
    """
    reach, polar = earth.equatorial_radius, earth.equatorial_radius * (1.0 - earth.flattening)
    lower = np.sqrt(np.minimum(np.sum(here * here, axis=-1), np.sum(there * there, axis=-1)))
    way = there - here
    square = np.sum(way * way, axis=-1)
    share = np.clip(-np.sum(here * way, axis=-1) / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
    distance = np.linalg.norm(here + share[..., None] * way, axis=-1)
    flying = lower > reach + AIR_TOP + _SLACK
    clear = flying & (distance - reach > rules.satellite_margin + _SLACK)
    hidden = flying & (distance - polar < np.minimum(rules.satellite_margin, lower - reach) - _SLACK)
    seen = clear.copy()
    unknown = ~(clear | hidden)
    if np.any(unknown):
        seen[unknown] = sight(Sightline.between(here[unknown], there[unknown], earth), rules).visible
    return np.asarray(seen)
