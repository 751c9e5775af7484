"""Whether SGP4 can carry catalogued satellites to a time at all, and how old their elements are then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from satqn.earth import WGS84
from satqn.orbits.frames import DAY, julian_date
from satqn.orbits.propagate import SGP4_FAULTS, CataloguedOrbits
from satqn.units import KM

FloatArray = NDArray[np.float64]

LOWEST = 80.0 * KM
"""Altitude below which no orbit lasts a turn, m. Source: R. Klinkrad, "Space Debris" (2006), section 9.1:
re-entering objects break up at 75 to 85 km."""

HIGHEST = 1.15
"""Share of the first apogee distance above which a position is nonsense: Sun and Moon raise no apogee of a
bound orbit so far within the months for which elements are good."""

_GROWTH = 1.25
"""Ratio of the times since the epoch that are looked at. A polynomial of drag of degree four that sinks
below the ground comes out on the other side 1.7 times later at the earliest, so that no decay is missed."""

_IN_PLAN = 24


def ages(orbits: CataloguedOrbits, start: datetime) -> FloatArray:
    """Return how long before a moment the epochs lie, s, shape (n,); negative for later ones."""
    day, fraction = julian_date(start)
    epochs = np.array([(r.jdsatepoch, r.jdsatepochF) for r in orbits.records]).reshape(-1, 2)
    return np.asarray(((day - epochs[:, 0]) + (fraction - epochs[:, 1])) * DAY)


def unusable(orbits: CataloguedOrbits, start: datetime, duration: float) -> dict[int, str]:
    """Return the satellites that SGP4 cannot carry through a plan, by number, and why.

    Parameters
    ----------
    orbits
        The satellites.
    start, duration
        Begin of the plan, with a time zone, and its length, s, >= 0.

    Notes
    -----
    Beyond a decay SGP4 may give positions without an error code: its polynomial of drag passes zero and the
    orbit grows again. So every satellite is followed from its epoch to the end of the plan.
    """
    found = {}
    for number, age in enumerate(ages(orbits, start).tolist()):
        reason = _fault(orbits, number, age, duration)
        if reason:
            epoch = start.astimezone(UTC) - timedelta(seconds=age)
            side = "before" if age >= 0.0 else "after"
            days = abs((start.astimezone(UTC).date() - epoch.astimezone(UTC).date()).days)
            found[number] = f"elements of {epoch:%Y-%m-%d}, {days} days {side} the start: {reason}"
    return found


def _fault(orbits: CataloguedOrbits, number: int, age: float, duration: float) -> str:
    """Return what is wrong with the positions of a satellite, or nothing."""
    record = orbits.records[number]
    since = _moments(age, duration)
    codes, position, _ = record.sgp4_array(
        np.full(since.size, record.jdsatepoch), record.jdsatepochF + since / DAY
    )
    radius = np.sqrt(np.einsum("ij,ij->i", position, position)) * KM
    ground = WGS84.equatorial_radius
    # The library gives its first mean axis in radii of the Earth of its own figure.
    apogee = ground + max(float(record.alta), 0.0) * record.radiusearthkm * KM
    wrong = (codes != 0) | ~(radius > ground + LOWEST) | (radius > HIGHEST * apogee)
    if not np.any(wrong):
        return ""
    first = int(np.argmax(wrong))
    when = _when(since[first] - age)
    if codes[first]:
        return f"SGP4 fails {when}: {SGP4_FAULTS.get(int(codes[first]), 'unknown error')}"
    height = (radius[first] - ground) / KM
    if radius[first] <= ground + LOWEST:
        return f"SGP4 has it {height:.0f} km above the ground {when}: it comes down"
    return f"SGP4 has it {height:.0f} km above the ground {when}, where its orbit never was"


def _moments(age: float, duration: float) -> FloatArray:
    """Return the times since the epoch at which a satellite is looked at, s, the nearest first."""
    far = max(abs(age), abs(age + duration))
    steps = max(1, int(np.ceil(np.log(max(far / (0.01 * DAY), 1.0)) / np.log(_GROWTH))))
    ladder = np.concatenate([[0.0], 0.01 * DAY * _GROWTH ** np.arange(steps)])
    ladder = ladder[ladder < far] * (1.0 if age + duration >= 0.0 else -1.0)
    whole = np.concatenate([ladder, age + np.linspace(0.0, duration, _IN_PLAN)])
    return np.asarray(whole[np.argsort(np.abs(whole), kind="stable")])


def _when(seconds: float) -> str:
    """Return a time from the start of a plan in words."""
    if abs(seconds) < 1.0:
        return "at the start"
    side = "before" if seconds < 0.0 else "after"
    size = abs(seconds)
    length = f"{size / DAY:.0f} days" if size >= 2.0 * DAY else f"{size / 3600.0:.1f} h"
    return f"{length} {side} the start"
