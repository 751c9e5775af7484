"""Maps of the contiguous United States in Albers' equal-area conic projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import EARTH_RADIUS
from satqn.network.datasets import us_outline
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

PARALLEL_1, PARALLEL_2 = np.radians(29.5), np.radians(45.5)
"""Standard parallels of the US Geological Survey's map of the contiguous United States."""
ORIGIN_LAT, ORIGIN_LON_DEG = np.radians(23.0), -96.0
"""Origin of the same map."""


def albers(lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Project points to the plane so that equal areas stay equal.

    Parameters
    ----------
    lat_deg, lon_deg
        Position, degrees north and east; any shapes that broadcast.

    Returns
    -------
    x, y
        Metres east and north of 23 N 96 W.

    Notes
    -----
    Source: J. P. Snyder, "Map projections: a working manual" (USGS 1395, 1987), eqs. 14-1 to 14-6, sphere.

    Examples
    --------
    Snyder's example (p. 291) on the sphere of radius 1, 35 N 75 W:

    >>> x, y = albers(35.0, -75.0)
    >>> round(float(x) / 6371000.0, 7), round(float(y) / 6371000.0, 7)
    (0.295272, 0.2416774)
    """
    n = (np.sin(PARALLEL_1) + np.sin(PARALLEL_2)) / 2.0
    c = np.cos(PARALLEL_1) ** 2 + 2.0 * n * np.sin(PARALLEL_1)
    rho = EARTH_RADIUS * np.sqrt(c - 2.0 * n * np.sin(np.radians(lat_deg))) / n
    rho_origin = EARTH_RADIUS * np.sqrt(c - 2.0 * n * np.sin(ORIGIN_LAT)) / n
    theta = n * np.radians(np.asarray(lon_deg, dtype=float) - ORIGIN_LON_DEG)
    return np.asarray(rho * np.sin(theta)), np.asarray(rho_origin - rho * np.cos(theta))


def albers_km(lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return :func:`albers` in kilometres, the unit of every map axis here."""
    x, y = albers(lat_deg, lon_deg)
    return x / KM, y / KM


def us_map(axes: Axes, *, states: bool = True, fill: str = "#F7F7F5", line: str = "#9A9A9A") -> None:
    """Draw the outline of the contiguous US on empty axes, in kilometres, without ticks.

    Parameters
    ----------
    axes
        Where to draw; further artists use :func:`albers_km`.
    states
        Draw the borders of the states too.
    fill, line
        Colours of the land and of its outline.
    """
    from matplotlib.collections import PolyCollection

    rings: dict[bool, list[FloatArray]] = {True: [], False: []}
    for name, outline in us_outline():
        for ring in outline:
            rings[name == NATION].append(np.column_stack(albers_km(ring[:, 1], ring[:, 0])))
    land: dict[str, Any] = {"closed": True, "zorder": 0}
    axes.add_collection(PolyCollection(rings[True], facecolors=fill, edgecolors="none", **land))
    if states:
        axes.add_collection(
            PolyCollection(rings[False], facecolors="none", edgecolors=line, linewidths=0.25, **land)
        )
    axes.add_collection(
        PolyCollection(rings[True], facecolors="none", edgecolors=line, linewidths=0.6, **land)
    )
    corners = np.concatenate(rings[True])
    margin = 40.0
    axes.set_xlim(corners[:, 0].min() - margin, corners[:, 0].max() + margin)
    axes.set_ylim(corners[:, 1].min() - margin, corners[:, 1].max() + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()


NATION = "nation"
"""Name of the outline of the whole country in :func:`satqn.network.datasets.us_outline`."""
