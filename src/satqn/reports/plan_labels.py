"""Names on maps, each where it covers least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

_PLACES = (
    (1.0, 0.0, "left", "center"), (-1.0, 0.0, "right", "center"), (0.0, 1.0, "center", "bottom"),
    (0.0, -1.0, "center", "top"), (0.8, 0.8, "left", "bottom"), (-0.8, 0.8, "right", "bottom"),
    (0.8, -0.8, "left", "top"), (-0.8, -0.8, "right", "top"),
)  # fmt: skip
CHARACTER, HEIGHT = 0.56, 1.15
"""Width of a character and height of a line, in sizes of the font."""


def place_labels(
    axes: Axes,
    names: list[str],
    points: FloatArray,
    avoid: FloatArray,
    *,
    per_degree: FloatArray,
    size: float,
) -> None:
    """Write names beside points so that they cover each other and the points to avoid least.

    Parameters
    ----------
    axes
        Where to write.
    names, points
        What, and at which longitude and latitude, shape (n, 2).
    avoid
        Points to keep free, shape (m, 2).
    per_degree
        Points of type per degree of longitude and latitude on this map, shape (2,).
    size
        Size of the font, points.
    """
    away = 0.75 * size
    obstacles = avoid * per_degree
    boxes: list[FloatArray] = []
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    frame = np.array([left, bottom, right, top]) * np.tile(per_degree, 2)
    for name, point in zip(names, points, strict=True):
        options = [(_box(point * per_degree, name, place, away, size), place) for place in _PLACES]
        costs = [_cost(box, boxes, obstacles, frame) + 0.01 * i for i, (box, _) in enumerate(options)]
        box, (dx, dy, across, up) = options[int(np.argmin(costs))]
        boxes.append(box)
        axes.annotate(
            name, point, (dx * away, dy * away), textcoords="offset points", ha=across, va=up, fontsize=size,
            color="#333333", zorder=9, annotation_clip=True, in_layout=False,
        )  # fmt: skip


def _box(
    at: FloatArray, name: str, place: tuple[float, float, str, str], away: float, size: float
) -> FloatArray:
    """Return left, bottom, right and top of a name, points."""
    dx, dy, across, up = place
    width, height = CHARACTER * size * len(name), HEIGHT * size
    x = at[0] + dx * away - {"left": 0.0, "center": 0.5, "right": 1.0}[across] * width
    y = at[1] + dy * away - {"bottom": 0.0, "center": 0.5, "top": 1.0}[up] * height
    return np.array([x, y, x + width, y + height])


def _cost(box: FloatArray, boxes: list[FloatArray], obstacles: FloatArray, frame: FloatArray) -> float:
    inside = np.all((obstacles > box[:2]) & (obstacles < box[2:]), axis=1).sum()
    over = 0.0
    for other in boxes:
        across = min(box[2], other[2]) - max(box[0], other[0])
        up = min(box[3], other[3]) - max(box[1], other[1])
        if across > 0.0 and up > 0.0:
            over += 1.0 + across * up / ((box[2] - box[0]) * (box[3] - box[1]))
    out = bool(np.any(box[:2] < frame[:2]) or np.any(box[2:] > frame[2:]))
    return float(inside + 3.0 * over + 5.0 * out)
