"""Contacts: when which satellite can be used from which site, without ever holding all positions at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.earth import WGS84, Earth
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.propagate import Orbits
from satqn.orbits.visibility import SightRules, least_elevation

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LARGEST_TURN = 0.05
"""Largest angle, rad, between two samples of a track: the cubic through four of them is then right to
(3/128) 0.05^4 of the radius, 1 m in a low orbit. It is 45 s in a low orbit, 160 s at 10 000 km."""

_AT_ONCE = 64_000_000
"""Bytes of positions that may be held at once."""


@dataclass(frozen=True, slots=True, repr=False)
class Sites(Shown):
    """Fixed places that look up: ground stations and HAPs.

    Parameters
    ----------
    position
        Earth-fixed, m, shape (S, 3).
    up
        Unit vectors of their verticals, shape (S, 3).
    least_elevation
        rad, shape (S,).
    """

    position: FloatArray
    up: FloatArray
    least_elevation: FloatArray

    @classmethod
    def at(
        cls,
        lat_deg: ArrayLike,
        lon_deg: ArrayLike,
        altitude: ArrayLike = 0.0,
        *,
        earth: Earth = WGS84,
        rules: SightRules | None = None,
        mask: ArrayLike | None = None,
    ) -> Sites:
        """Return sites at geodetic places.

        Parameters
        ----------
        lat_deg, lon_deg, altitude
            Degrees north and east, m; they broadcast to shape (S,).
        earth
            Figure of the Earth.
        rules
            Give the least elevation by altitude (:func:`satqn.orbits.visibility.least_elevation`).
        mask
            Least elevation, rad, in place of that of the rules.
        """
        place = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (lat_deg, lon_deg, altitude))
        columns = np.broadcast_arrays(*place)
        position = earth.position(*columns)
        if mask is None:
            least = least_elevation(columns[2], earth, rules)
        else:
            least = np.broadcast_to(np.asarray(mask, dtype=float), columns[2].shape)
            if not np.all(np.abs(least) < np.pi / 2):
                raise InputError("a least elevation outside (-90, 90) degrees", fix="Give it in rad")
        return cls(position, earth.up(position), np.ascontiguousarray(least))

    def __len__(self) -> int:
        return int(self.position.shape[0])


@dataclass(frozen=True, slots=True, repr=False)
class Contacts(Shown):
    """Contacts in the order of rising; all columns have shape (c,).

    Parameters
    ----------
    satellite, site
        Numbers of both.
    rise, culmination, set
        Seconds after the start.
    elevation, range
        At the culmination, rad and m.
    cut_at_start, cut_at_end
        Whether the contact began before the start or goes on after the end; rise or set is then that of
        the time asked for.
    """

    satellite: IntArray
    site: IntArray
    rise: FloatArray
    culmination: FloatArray
    set: FloatArray
    elevation: FloatArray
    range: FloatArray
    cut_at_start: BoolArray
    cut_at_end: BoolArray

    def __len__(self) -> int:
        return int(self.rise.size)

    @property
    def duration(self) -> FloatArray:
        """Seconds from rise to set."""
        return np.asarray(self.set - self.rise)


def find_contacts(
    orbits: Orbits,
    sites: Sites,
    start: datetime,
    duration: float,
    *,
    step: float = 10.0,
    progress: Callable[[int, int], None] | None = None,
) -> Contacts:
    """Return every contact of satellites with sites.

    Parameters
    ----------
    orbits
        Where the satellites are.
    sites
        What they are seen from, and above which elevation.
    start, duration
        Time asked for; the start with a time zone, the duration in s, > 0.
    step
        Largest time between samples of a track, s. Rise, culmination and set are interpolated between
        samples, and contacts shorter than a step are found too: the step costs time, not accuracy.
    progress
        Called with satellites done and all.

    Raises
    ------
    InputError
        A duration or step that is not positive, or a step in which a satellite moves by more than
        ``LARGEST_TURN``.

    Notes
    -----
    Satellites are taken a few at a time: memory is 64 MB of positions and the contacts found. An orbit
    so eccentric that it culminates twice within a step is the only way to miss a contact.
    """
    from satqn.kernels.contacts import largest_turn, site_contacts

    for name, value in (("duration", duration), ("step", step)):
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(f"{name} is {value:g} s", fix="It must be positive")
    intervals = max(2, int(np.ceil(duration / step)))
    spacing = duration / intervals
    seconds = spacing * np.arange(-1, intervals + 2)
    chunk = max(1, _AT_ONCE // (seconds.size * 24))
    found: list[tuple[IntArray, FloatArray]] = []
    for first in range(0, len(orbits), chunk):
        last = min(first + chunk, len(orbits))
        tracks = orbits.positions(start, seconds, first, last)
        if (turn := largest_turn(tracks)) > LARGEST_TURN:
            raise InputError(
                f"a satellite moves by {np.degrees(turn):.3g} degrees in a step of {spacing:g} s",
                why="Its track would not be known between the samples",
                fix=f"Take a step of at most {spacing * LARGEST_TURN / turn:.3g} s",
            )
        numbers, values = site_contacts(tracks, sites.position, sites.up, sites.least_elevation)
        numbers[:, 0] += first
        found.append((numbers, values))
        if progress is not None:
            progress(last, len(orbits))
    return _ordered(found, spacing)


def _ordered(found: list[tuple[IntArray, FloatArray]], spacing: float) -> Contacts:
    numbers = np.concatenate([n for n, _ in found] or [np.empty((0, 3), dtype=np.int64)])
    values = np.concatenate([v for _, v in found] or [np.empty((0, 5))])
    order = np.lexsort((numbers[:, 0], numbers[:, 1], values[:, 0]))
    numbers, values = numbers[order], values[order]
    rise, culmination, setting = ((values[:, j] - 1.0) * spacing for j in range(3))
    return Contacts(
        numbers[:, 0],
        numbers[:, 1],
        rise,
        culmination,
        setting,
        np.arcsin(np.clip(values[:, 3], -1.0, 1.0)),
        values[:, 4],
        (numbers[:, 2] & 1).astype(bool),
        (numbers[:, 2] & 2).astype(bool),
    )
