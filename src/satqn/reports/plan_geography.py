"""Where things are on the ground at a time: positions under bodies, great circles, land."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.topology.bodies import Stage

FloatArray = NDArray[np.float64]


def ground_points(stage: Stage, number: int, seconds: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return latitude and longitude under a body in degrees and its altitude in m, each of shape (n,)."""
    return stage.earth.geodetic(stage.position(number, np.atleast_1d(np.asarray(seconds, dtype=float))))


def great_circle_points(
    one: tuple[float, float], other: tuple[float, float], step_deg: float = 2.0
) -> FloatArray:
    """Return points on the great circle between two places.

    Parameters
    ----------
    one, other
        Latitude and longitude, degrees.
    step_deg
        Largest step.

    Returns
    -------
    NDArray[np.float64]
        Longitude and latitude, degrees, shape (n, 2), both ends included; longitudes without jumps.

    Examples
    --------
    >>> great_circle_points((0.0, 170.0), (0.0, -170.0), step_deg=10.0).tolist()
    [[170.0, 0.0], [180.0, 0.0], [190.0, 0.0]]
    """
    a, b = _unit(one), _unit(other)
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    pieces = max(1, int(np.ceil(np.degrees(angle) / step_deg - 1e-9)))
    share = np.linspace(0.0, 1.0, pieces + 1)[:, None]
    if np.sin(angle) < 1e-9:  # the same place, or opposite ones, where any great circle will do
        between = a + share * (b - a)
    else:
        between = (np.sin((1.0 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    lat = np.degrees(np.arctan2(between[:, 2], np.hypot(between[:, 0], between[:, 1])))
    lon = np.unwrap(np.degrees(np.arctan2(between[:, 1], between[:, 0])), period=360.0)
    return np.round(np.column_stack([lon + (one[1] - lon[0]), lat]), 9) + 0.0


def _unit(place: tuple[float, float]) -> FloatArray:
    lat, lon = np.radians(place)
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


@lru_cache(maxsize=1)
def _land() -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    shapes = json.loads((files("satqn.data") / "world_land.json").read_text(encoding="utf-8"))
    land, water = (tuple(np.array(ring) for ring in shapes[name]) for name in ("land", "water"))
    return land, water


def world_land() -> tuple[list[FloatArray], list[FloatArray]]:
    """Return the coasts of the land, and of the seas within it, for maps.

    Returns
    -------
    land, water
        Rings of shape (n, 2), longitude and latitude in degrees, first point last; longitudes have no jumps
        and may lie beyond 180. Simplified to 0.1 degrees: for drawing, not for deciding what lies inside.
    """
    land, water = _land()
    return [ring.copy() for ring in land], [ring.copy() for ring in water]
