"""Write src/satqn/data/world_land.json: simplified outlines of the land of the Earth.

    SATQN_DATA=<folder with world-land-50m.json> python tools/make_world_land.py

The source is a TopoJSON file made for the globe: its rings cross 180 degrees. Here their longitudes go on
without jumps, beyond 180 degrees where need be; the one around the South Pole is closed by way of the pole.
Inner rings (the Caspian Sea) are kept: they are drawn as water.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from make_us_outline import area, douglas_peucker

SOURCE = "world-land-50m.json"
TARGET = Path(__file__).parents[1] / "src" / "satqn" / "data" / "world_land.json"
TOLERANCE_DEG = 0.1
POLAR_TOLERANCE_DEG = 0.3
"""For rings that lie beyond 66 degrees on average, where few networks are."""
DECIMALS = 2
SMALLEST_DEG2 = 0.05
"""Islands smaller than this (about 600 km^2 at the equator) would be dots on a map of a continent."""

NO_LAND_BELOW_DEG = -89.0

Point = tuple[float, float]
Ring = list[Point]


def decoded_arcs(topology: dict) -> list[Ring]:
    """Return the arcs of a TopoJSON file as longitude and latitude in degrees."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        steps = np.cumsum(np.array(arc), axis=0)
        arcs.append([tuple(point) for point in (steps * scale + translate).tolist()])
    return arcs


def joined(indices: list[int], arcs: list[Ring]) -> Ring:
    """Return the ring that arcs make; a negative index is an arc turned round."""
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring


def unwrapped(ring: Ring) -> Ring:
    """Return a ring for a flat map: longitudes without jumps, closed by way of the pole if around it."""
    lon, lat = np.array(ring).T
    lon = np.unwrap(lon, period=360.0)
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    if abs(lon[-1] - lon[0]) > 180.0:
        pole = float(np.copysign(90.0, lat.mean()))
        points += [(points[-1][0], pole), (points[0][0], pole), points[0]]
    return points


def simplified(ring: Ring) -> Ring:
    """Return a closed ring without points that matter less than the tolerance."""
    away = [np.hypot(lon - ring[0][0], lat - ring[0][1]) for lon, lat in ring]
    corner = int(np.argmax(away))
    polar = abs(np.mean([lat for _, lat in ring])) > 66.0
    tolerance = POLAR_TOLERANCE_DEG if polar else TOLERANCE_DEG
    first = douglas_peucker(ring[: corner + 1], tolerance)
    return first + douglas_peucker(ring[corner:], tolerance)[1:]


def main() -> None:
    topology = json.loads((Path(os.environ["SATQN_DATA"]) / SOURCE).read_text())
    arcs = decoded_arcs(topology)
    land: list[list[list[float]]] = []
    water: list[list[list[float]]] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for number, indices in enumerate(polygon):
                ring = unwrapped(joined(indices, arcs))
                if max(lat for _, lat in ring) < NO_LAND_BELOW_DEG:
                    continue  # the South Pole itself, marked by a ring of no area
                if area(ring) < SMALLEST_DEG2:
                    continue
                points = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in simplified(ring)]
                if len(points) > 3:
                    (water if number else land).append(points)
    rows = [
        f'"{name}":[\n' + ",\n".join(json.dumps(ring, separators=(",", ":")) for ring in rings) + "]"
        for name, rings in (("land", land), ("water", water))
    ]
    text = "{" + ",\n".join(rows) + "}\n"
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(land)} coasts, {len(water)} lakes, {len(text) / 1e3:.0f} kB -> {TARGET.name}")


if __name__ == "__main__":
    main()
