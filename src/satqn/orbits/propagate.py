"""Where satellites are: designed constellations by Kepler and J2, catalogued ones by SGP4.

Both speak one language, :class:`Orbits`: Earth-fixed positions of a run of satellites at given times. Ask for
few satellites at a time; the whole of a mega-constellation over a day does not fit in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.constellation import MeanElements
from satqn.orbits.elements import Elements
from satqn.orbits.frames import DAY, earth_fixed, julian_date, sidereal_angle
from satqn.units import KM

FloatArray = NDArray[np.float64]

SGP4_FAULTS = {
    1: "its mean eccentricity left [0, 1)",
    2: "its mean motion fell below zero",
    3: "its perturbed eccentricity left [0, 1)",
    4: "its semi-latus rectum fell below zero",
    6: "it has decayed",
}
"""Error codes of SGP4. Source: D. Vallado et al., AIAA 2006-6753."""


class Orbits(Protocol):
    """Satellites whose positions can be asked for."""

    def __len__(self) -> int:
        """Return the number of satellites."""
        ...

    def positions(
        self, start: datetime, seconds: ArrayLike, first: int = 0, last: int | None = None
    ) -> FloatArray:
        """Return Earth-fixed positions, m, shape (last - first, T, 3), at ``seconds`` after ``start``."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class DesignedOrbits(Shown):
    """Satellites on mean elements that J2 turns.

    Notes
    -----
    Periodic terms are left out: beside SGP4 from the same mean elements the position is off by at most
    18 km in low orbits and 26 km at 20 200 km over a day, and hardly more over a week.
    """

    elements: MeanElements

    def __len__(self) -> int:
        return len(self.elements)

    def positions(
        self, start: datetime, seconds: ArrayLike, first: int = 0, last: int | None = None
    ) -> FloatArray:
        """Return Earth-fixed positions.

        Parameters
        ----------
        start
            With a time zone.
        seconds
            After ``start``, shape (T,).
        first, last
            The satellites from ``first`` up to, not including, ``last``; None for all the others.

        Returns
        -------
        NDArray[np.float64]
            m, shape (last - first, T, 3).
        """
        from satqn.kernels.orbit import turned_positions

        run = slice(first, last)
        elements = self.elements
        times = np.ascontiguousarray(np.atleast_1d(np.asarray(seconds, dtype=float)))
        day, fraction = julian_date(start)
        since_epoch = (start - elements.epoch).total_seconds()
        rates = elements.secular_rates()
        shape = (elements.semi_major_axis, elements.eccentricity, elements.inclination)
        angles = (elements.raan, elements.argument_of_perigee, elements.mean_anomaly)
        out = np.empty((len(elements.raan[run]), times.size, 3))
        turned_positions(
            np.stack([column[run] for column in shape], axis=1),
            np.stack([column[run] for column in angles], axis=1),
            np.stack([rate[run] for rate in rates], axis=1),
            times + since_epoch,
            sidereal_angle(day, fraction + times / DAY),
            out,
        )
        return out


@dataclass(frozen=True, slots=True, repr=False)
class CataloguedOrbits(Shown):
    """Satellites of a TLE or OMM file, by SGP4; read them with :mod:`satqn.orbits.catalogue`.

    Parameters
    ----------
    names
        One per satellite.
    records
        ``sgp4.api.Satrec``, one per satellite.
    elements
        What they were read as, one per satellite; empty for records of another source.
    """

    names: tuple[str, ...]
    records: tuple[Any, ...]
    elements: tuple[Elements, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def only(self, chosen: ArrayLike) -> CataloguedOrbits:
        """Return the satellites of these numbers, in this order."""
        numbers = np.asarray(chosen, dtype=int).tolist()
        return CataloguedOrbits(
            tuple(self.names[i] for i in numbers),
            tuple(self.records[i] for i in numbers),
            tuple(self.elements[i] for i in numbers) if self.elements else (),
        )

    def teme(
        self, start: datetime, seconds: ArrayLike, first: int = 0, last: int | None = None
    ) -> tuple[FloatArray, NDArray[np.uint8]]:
        """Return positions in SGP4's own frame (m, shape (n, T, 3)) and its error codes (shape (n, T))."""
        from sgp4.api import SatrecArray

        times = np.atleast_1d(np.asarray(seconds, dtype=float))
        day, fraction = julian_date(start)
        whole, rest = np.full(times.size, day), fraction + times / DAY
        codes, position, _ = SatrecArray(list(self.records[first:last])).sgp4(whole, rest)
        position *= KM
        return position, codes

    def positions(
        self, start: datetime, seconds: ArrayLike, first: int = 0, last: int | None = None
    ) -> FloatArray:
        """Return Earth-fixed positions; parameters and result as :meth:`DesignedOrbits.positions`.

        Raises
        ------
        InputError
            If SGP4 cannot carry satellites to one of these times; it names them and says why of the first.
        """
        teme, codes = self.teme(start, seconds, first, last)
        if np.any(codes):
            satellite, moment = (int(i) for i in np.argwhere(codes)[0])
            others = [self.names[first + i] for i in np.flatnonzero(np.any(codes, axis=1)) if i != satellite]
            reason = SGP4_FAULTS.get(int(codes[satellite, moment]), "unknown error")
            more = f"; nor {', '.join(others[:20])}{' …' * (len(others) > 20)}" if others else ""
            after = float(np.atleast_1d(np.asarray(seconds, dtype=float))[moment])
            raise InputError(
                f"SGP4 cannot carry {self.names[first + satellite]!r} to {after:g} s after "
                f"{start.isoformat()}: {reason}{more}",
                fix="Take newer elements, or leave it out",
            )
        times = np.atleast_1d(np.asarray(seconds, dtype=float))
        day, fraction = julian_date(start)
        return earth_fixed(teme, sidereal_angle(day, fraction + times / DAY))

    def carried(self, start: datetime, seconds: ArrayLike) -> NDArray[np.bool_]:
        """Return which satellites SGP4 can carry to all of these times, shape (n,)."""
        return np.asarray(~np.any(self.teme(start, seconds)[1], axis=1))
