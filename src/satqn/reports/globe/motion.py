"""Where bodies are at any time, in few numbers: samples between which a page goes along the great circle."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.orbits.sun import sun_direction
from satqn.topology.bodies import Body, Stage
from satqn.units import KM

FloatArray = NDArray[np.float64]

LONGEST_STEP, SHORTEST_STEP = 120.0, 15.0
"""Bounds of the time between samples, s: at 500 km a satellite goes 7.6 degrees in the longer one."""
MOST_BYTES = 24_000_000
"""Of all samples together; more satellites or longer plans get fewer samples."""
BYTES_OF_A_PLACE = 12
"""Three numbers of four bytes."""


def motion(stage: Stage) -> dict[str, Any]:
    """Return where all bodies that move are, as samples of their Earth-fixed positions.

    Parameters
    ----------
    stage
        Bodies and slots.

    Returns
    -------
    dict
        ``step_s``, ``samples``, ``ids`` and ``xyz_km``: base64 of little-endian float32 of shape
        (bodies, samples, 3).
    """
    moving = [n for n, body in enumerate(stage.bodies) if not body.fixed]
    duration = stage.timeline.duration
    step = min(LONGEST_STEP, max(SHORTEST_STEP, duration / 600.0))
    most = max(2, MOST_BYTES // (BYTES_OF_A_PLACE * max(1, len(moving))))
    count = min(max(2, math.ceil(duration / step) + 1), most)
    times = np.linspace(0.0, duration, count)
    places = _places(stage, moving, times) if moving else np.empty((0, count, 3))
    return {
        "step_s": duration / (count - 1),
        "samples": count,
        "ids": [stage.bodies[n].id for n in moving],
        "xyz_km": base64.b64encode((places / KM).astype("<f4").tobytes()).decode(),
    }


def _places(stage: Stage, moving: list[int], times: FloatArray) -> FloatArray:
    """Return positions, m, of bodies at times, shape (bodies, times, 3); bodies of one motion at once."""
    found = np.empty((len(moving), times.size, 3))
    done = 0
    while done < len(moving):
        first = stage.bodies[moving[done]]
        end = done + 1
        while end < len(moving) and _next(stage.bodies[moving[end]], first, end - done):
            end += 1
        found[done:end] = first.motion.positions(
            stage.timeline.start, times, first.number, first.number + end - done
        )
        done = end
    return found


def _next(body: Body, first: Body, after: int) -> bool:
    return body.motion is first.motion and body.number == first.number + after


def suns(stage: Stage) -> list[list[float]]:
    """Return the Earth-fixed unit vector towards the Sun at the begin of every slot and at the end."""
    times = stage.timeline.slot * np.arange(stage.timeline.slots + 1)
    return [[round(float(x), 5) for x in place] for place in sun_direction(stage.timeline.start, times)]


def places(stage: Stage) -> list[tuple[float, float, float]]:
    """Return latitude and longitude, degrees, and altitude, km, of every body at the start of the plan."""
    found = []
    for number in range(len(stage.bodies)):
        lat, lon, altitude = stage.earth.geodetic(stage.position(number, 0.0))
        found.append((round(float(lat[0]), 5), round(float(lon[0]), 5), round(float(altitude[0]) / KM, 4)))
    return found
