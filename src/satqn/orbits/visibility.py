"""Which ends see each other: the line clears the Earth by a margin, and the lower end's mask lets it pass."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.earth import Earth
from satqn.model.shown import Shown
from satqn.sightline import Sightline

FloatArray = NDArray[np.float64]

GROUND_TOP = 9_000.0
"""Altitude, m, up to which an end counts as ground: no ground is higher (Everest, 8 849 m)."""

AIR_TOP = 80_000.0
"""Altitude, m, up to which an end counts as a HAP, and above which one counts as a satellite."""

_SLACK = 1e-3
"""Rounding of a lowest point, m."""


@dataclass(frozen=True, slots=True)
class SightRules:
    """Margins above the Earth and least elevations (specification of links, section 1).

    Parameters
    ----------
    satellite_margin
        Least altitude of a line between two satellites, m.
    hap_margin
        The same where an end is a HAP and none is on the ground, m. With a ground end it is 0: the line
        may not pass below the surface.
    ground_mask, hap_mask
        Least elevation at the lower end of a line, rad, where that end is on the ground or a HAP. The
        upper end looks down and has none.
    """

    satellite_margin: float = 80_000.0
    hap_margin: float = 5_000.0
    ground_mask: float = math.radians(20.0)
    hap_mask: float = math.radians(-5.0)


@dataclass(frozen=True, slots=True, repr=False)
class Sight(Shown):
    """What two ends see of each other; every column has the shape of the lines.

    Parameters
    ----------
    lowest
        Altitude of the lowest point of the line, m.
    elevation
        Of the higher end at the lower one, rad.
    clear
        Whether the line clears the Earth by its margin.
    above_mask
        Whether the lower end's mask lets it pass.
    """

    lowest: FloatArray
    elevation: FloatArray
    clear: NDArray[np.bool_]
    above_mask: NDArray[np.bool_]

    @property
    def visible(self) -> NDArray[np.bool_]:
        """Whether both hold."""
        return np.asarray(self.clear & self.above_mask)


def sight(line: Sightline, rules: SightRules | None = None) -> Sight:
    """Return which lines can carry light by the rules; what an end is follows from its altitude.

    Parameters
    ----------
    line
        From either end.
    rules
        By default those of the specification.

    Notes
    -----
    An end lower than the margin must itself be the lowest point of the line.
    """
    rule = rules or SightRules()
    first, second = line.earth.altitude(line.start), line.earth.altitude(line.at(line.length))
    bottom = np.minimum(first, second)
    _, lowest = line.lowest_point()
    elevation = np.where(first <= second, line.elevation(), line.reversed().elevation())
    kinds = [bottom <= GROUND_TOP, bottom <= AIR_TOP]
    margin = np.select(kinds, [0.0, rule.hap_margin], rule.satellite_margin)
    mask = np.select(kinds, [rule.ground_mask, rule.hap_mask], -np.pi / 2.0)
    clear = lowest >= np.minimum(margin, bottom) - _SLACK
    return Sight(lowest, np.asarray(elevation), np.asarray(clear), np.asarray(elevation >= mask))


def least_elevation(altitude: FloatArray, earth: Earth, rules: SightRules | None = None) -> FloatArray:
    """Return the elevation, rad, from which sites see satellites: their mask, or their own horizon.

    Parameters
    ----------
    altitude
        Of the sites, m.
    earth
        For the depression of the horizon its equatorial radius is taken: 0.01 degrees at most from 20 km.

    Notes
    -----
    Below the horizontal a line of elevation e from the radius r comes down to r cos(e), which must clear
    the Earth by the margin.
    """
    rule = rules or SightRules()
    ground = altitude <= GROUND_TOP
    margin = np.minimum(np.where(ground, 0.0, rule.hap_margin), altitude)
    radius = earth.equatorial_radius
    horizon = -np.arccos((radius + margin) / (radius + altitude))
    return np.asarray(np.maximum(np.where(ground, rule.ground_mask, rule.hap_mask), horizon))
