"""Ground stations: a grid over the network, and the fibre from every node to its nearest station."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError
from satqn.model.network import NodeTable
from satqn.sphere import chord, unit_vectors
from satqn.units import KM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FARTHEST_SNAP = 1.0 / 3.0
"""Grid points farther than this part of the spacing from any node are dropped.

The specification says "far"; a third gives 152, 52 and 27 stations with median neighbours at 226, 422
and 649 km, against the published 141, 55, 27 and 235, 423, 642 km.
"""


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """Limits of a set of positions, degrees; ``east_deg`` exceeds 180 where the box crosses the date line."""

    south_deg: float
    north_deg: float
    west_deg: float
    east_deg: float

    @property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude of the middle, degrees."""
        lon_deg = (self.west_deg + self.east_deg) / 2.0
        return (self.south_deg + self.north_deg) / 2.0, lon_deg - 360.0 if lon_deg > 180.0 else lon_deg


def bounding_box(nodes: NodeTable) -> BoundingBox:
    """Return the limits of the nodes that were not inserted into links.

    The box spans the longitudes outside the widest empty gap, so it may cross the date line.

    Raises
    ------
    InputError
        If there is no node.
    """
    lat, lon = nodes.lat_deg[~nodes.inserted], np.sort(nodes.lon_deg[~nodes.inserted])
    if lat.size == 0:
        raise InputError("there are no nodes", why="An empty network has no bounding box", fix="Add nodes")
    gap_after = np.diff(lon, append=lon[0] + 360.0)
    last = int(gap_after.argmax())
    west, east = float(lon[(last + 1) % lon.size]), float(lon[last])
    return BoundingBox(float(lat.min()), float(lat.max()), west, east if east >= west else east + 360.0)


def station_grid(nodes: NodeTable, spacing: float) -> IntArray:
    """Return the nodes nearest to a grid of points about ``spacing`` apart.

    Parameters
    ----------
    nodes
        The nodes; inserted ones are no sites.
    spacing
        Distance d between grid points, m.

    Returns
    -------
    NDArray[np.int64]
        Node indices, sorted, each once.

    Raises
    ------
    InputError
        If the spacing is not positive, or no node is near any grid point.

    Notes
    -----
    Rows of latitude equally spaced between the limits of the bounding box; in each row points at the
    centre longitude and every d east and west of it; each point moves to its nearest node, unless that
    is farther than d/3. Source: shao2025, Methods; specification of the hybrid network, section 3.
    """
    if not spacing > 0.0 or not np.isfinite(spacing):
        raise InputError(
            f"station spacing {spacing / KM:g} km", why="A grid needs a distance", fix="Use one > 0"
        )
    box = bounding_box(nodes)
    grid = _grid_points(box, spacing)
    sites = np.flatnonzero(~nodes.inserted)
    tree = cKDTree(unit_vectors(nodes.lat_deg[sites], nodes.lon_deg[sites]))
    distance, nearest = tree.query(grid)
    stations = np.unique(sites[nearest[distance <= chord(FARTHEST_SNAP * spacing)]])
    if stations.size == 0:
        raise InputError(
            f"no node is near any point of a grid of {spacing / KM:g} km",
            why=f"Stations stand at nodes within {FARTHEST_SNAP * spacing / KM:.0f} km of the grid",
            fix="Use another spacing or name the stations",
        )
    return stations


def _grid_points(box: BoundingBox, spacing: float) -> FloatArray:
    """Return the unit vectors of the grid in a box, shape (points, 3)."""
    height = EARTH_RADIUS * np.radians(box.north_deg - box.south_deg)
    rows = round(height / spacing)
    centre_lat, centre_lon = (box.south_deg + box.north_deg) / 2.0, (box.west_deg + box.east_deg) / 2.0
    latitudes = np.linspace(box.south_deg, box.north_deg, rows + 1) if rows else np.array([centre_lat])
    half_width = (box.east_deg - box.west_deg) / 2.0
    points = []
    for lat in latitudes:
        circle = EARTH_RADIUS * np.cos(np.radians(lat))
        # At a pole a row shrinks to a point; elsewhere it holds what fits between the limits.
        count = int(circle * np.radians(half_width) / spacing)
        lon = centre_lon + np.degrees(np.arange(-count, count + 1) * spacing / max(circle, spacing))
        points.append(unit_vectors(lat, lon))
    return np.concatenate(points)
