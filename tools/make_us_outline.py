"""Write src/satqn/data/us_outline.json: simplified outlines of the contiguous states and the nation.

    SATQN_DATA=<folder with conus_states_10m.geojson> python tools/make_us_outline.py

Borders that two states share are cut at the points where more than two lines meet, and each piece is
simplified once (Douglas and Peucker 1973), so neighbours still fit. The nation's outline is made of
the pieces that belong to one state only.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np

SOURCE = "conus_states_10m.geojson"
TARGET = Path(__file__).parents[1] / "src" / "satqn" / "data" / "us_outline.json"
TOLERANCE_DEG = 0.02
DECIMALS = 2
SMALLEST_DEG2 = 0.004
"""Islands smaller than this (about 40 km^2) would be dots on a map of the country."""

Point = tuple[float, float]
Ring = list[Point]


def rings_of(geometry: dict) -> list[Ring]:
    """Return the outer rings, without the repeated last point."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[tuple(point) for point in polygon[0][:-1]] for polygon in polygons]


def area(ring: Ring) -> float:
    x, y = np.array(ring).T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def douglas_peucker(line: Ring, tolerance: float) -> Ring:
    """Return the line without the points that are nearer than the tolerance to what replaces them."""
    points = np.array(line)
    keep = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        direction = points[last] - points[first]
        offset = points[first + 1 : last] - points[first]
        length = np.hypot(*direction)
        if length == 0.0:
            distance = np.hypot(*offset.T)
        else:
            distance = np.abs(offset[:, 0] * direction[1] - offset[:, 1] * direction[0]) / length
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep.add(middle)
            spans += [(first, middle), (middle, last)]
    return [line[i] for i in sorted(keep)]


def pieces(ring: Ring, junctions: set[Point]) -> list[Ring]:
    """Return the ring cut at the junctions; a ring without one is cut at its extreme points."""
    cuts = [i for i, point in enumerate(ring) if point in junctions]
    if len(cuts) < 2:
        lowest = min(range(len(ring)), key=lambda i: ring[i])
        highest = max(range(len(ring)), key=lambda i: ring[i])
        cuts = sorted({*cuts, lowest, highest})
    turned = ring[cuts[0] :] + ring[: cuts[0] + 1]
    bounds = [cut - cuts[0] for cut in cuts] + [len(ring)]
    return [turned[a : b + 1] for a, b in pairwise(bounds)]


def simplified(piece: Ring) -> Ring:
    """Return the same line whichever way round it is given."""
    line = douglas_peucker(min(piece, piece[::-1]), TOLERANCE_DEG)
    return line if line[0] == piece[0] else line[::-1]


def either_way(line: Ring) -> tuple[Point, ...]:
    """Return one name for a line and the same line turned round."""
    return tuple(min(line, line[::-1]))


def chained(lines: list[Ring]) -> list[Ring]:
    """Return closed rings made of lines that follow each other."""
    starting = defaultdict(list)
    for line in lines:
        starting[line[0]].append(line)
    rings = []
    while any(starting.values()):
        ring = next(group for group in starting.values() if group).pop()
        while ring[-1] != ring[0]:
            ring = ring + starting[ring[-1]].pop()[1:]
        rings.append(ring)
    return rings


def main() -> None:
    states = json.loads((Path(os.environ["SATQN_DATA"]) / SOURCE).read_text())["features"]
    outlines = {state["properties"]["name"]: rings_of(state["geometry"]) for state in states}
    neighbours: dict[Point, set[Point]] = defaultdict(set)
    for rings in outlines.values():
        for ring in rings:
            for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
                neighbours[a].add(b)
                neighbours[b].add(a)
    junctions = {point for point, near in neighbours.items() if len(near) > 2}

    shapes: dict[str, list[Ring]] = {}
    lines: list[Ring] = []
    for name, rings in sorted(outlines.items()):
        shapes[name] = []
        for ring in rings:
            cut = [simplified(piece) for piece in pieces(ring, junctions)]
            closed = [point for piece in cut for point in piece[:-1]]
            closed.append(closed[0])
            alone = all(point not in junctions for point in ring)
            if len(closed) > 3 and not (alone and area(ring) < SMALLEST_DEG2):
                shapes[name].append(closed)
                lines += cut
    uses = Counter(either_way(line) for line in lines)
    outer = [line for line in lines if uses[either_way(line)] == 1]
    shapes["nation"] = chained(outer)

    def rounded(ring: Ring) -> list[list[float]]:
        return [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring]

    body = {name: [rounded(ring) for ring in rings] for name, rings in shapes.items()}
    text = json.dumps(body, separators=(",", ":")).replace('],"', '],\n"') + "\n"
    TARGET.write_text(text, encoding="utf-8")
    count = sum(map(len, shapes.values()))
    print(f"{len(shapes) - 1} states, {count} rings, {len(text) / 1e3:.0f} kB -> {TARGET.name}")


if __name__ == "__main__":
    main()
