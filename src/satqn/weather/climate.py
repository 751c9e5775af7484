"""How often direct sunlight comes through, by place and month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.sphere import unit_vectors

FloatArray = NDArray[np.float64]

MONTHS = 12
_NONE = 255
_REACH = np.radians(5.0)
"""A place without data takes the nearest cell that has some, up to this angle (about 550 km)."""

SOURCE = (
    "NASA MERRA-2 2011-2015 (as packaged in gsee-climate-data 1.0.0), clear = 1.59 GHI/H0 - 0.36; "
    "rms error 0.10 against the sunshine of 20 122 stations"
)


@dataclass(frozen=True, slots=True, repr=False)
class ClearSky(Shown):
    """Clear fraction of one place.

    Parameters
    ----------
    cell
        Latitude and longitude, degrees, of the middle of the cell of 3 degrees that is used.
    by_month
        Share of daytime in which direct sun comes through, January to December, in [0.02, 0.98]; night is
        taken alike. NaN where the Sun hardly rises in that month.
    """

    cell: tuple[float, float]
    by_month: FloatArray

    @property
    def mean(self) -> float:
        """Mean of the months that have a value."""
        return float(np.nanmean(self.by_month))


def clear_sky(lat_deg: float, lon_deg: float) -> ClearSky:
    """Return how often the sky of a place is clear.

    Parameters
    ----------
    lat_deg, lon_deg
        Degrees north and east.

    Raises
    ------
    InputError
        No cell with data within 550 km: open ocean, or south of 57 S.

    Notes
    -----
    The cell of 3 degrees that holds the place; if it has no data (sea, ice) the nearest one that has. A
    valley or a mountain may differ from its cell: a site's own table is better where there is one.

    Examples
    --------
    >>> madrid = clear_sky(40.42, -3.70)
    >>> madrid.cell, madrid.by_month[[0, 6]].tolist()
    ((39.0, -3.0), [0.56, 0.82])
    """
    percent, lat, lon = _table()
    here = unit_vectors(lat_deg, lon_deg)
    centres = unit_vectors(lat[:, None], lon[None, :])
    away = np.arccos(np.clip(centres @ here, -1.0, 1.0))
    away[np.all(percent == _NONE, axis=2)] = np.inf
    row = int(np.argmin(np.abs(lat - lat_deg)))
    column = int(np.argmin(np.abs((lon - lon_deg + 180.0) % 360.0 - 180.0)))
    if not np.isfinite(away[row, column]) or abs(lat[row] - lat_deg) > 1.5:
        row, column = (int(index) for index in np.unravel_index(np.argmin(away), away.shape))
        if away[row, column] > _REACH:
            raise InputError(
                f"no cloud data within 550 km of {lat_deg:g},{lon_deg:g}",
                why="The table covers land and coasts from 57 S to 72 N",
                fix="Give the site its own table of clear fractions",
            )
    months = percent[row, column].astype(np.float64)
    months[months == _NONE] = np.nan
    return ClearSky((float(lat[row]), float(lon[column])), months / 100.0)


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.uint8], FloatArray, FloatArray]:
    with (files("satqn.data") / "clear_fraction_3deg_monthly.npz").open("rb") as file:
        table = np.load(file, allow_pickle=False)
        return table["percent"], table["lat"].astype(np.float64), table["lon"].astype(np.float64)
