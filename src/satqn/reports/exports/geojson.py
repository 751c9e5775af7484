"""GeoJSON (RFC 7946): nodes, fibre, ground tracks and the paths that serve, for GIS programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.timeline import LinkState
from satqn.reports.cells import tidy
from satqn.reports.plan_geography import great_circle_points, ground_points
from satqn.reports.plan_view import PlanView, Service
from satqn.topology.bodies import Stage
from satqn.units import KM

FloatArray = NDArray[np.float64]
Feature = dict[str, Any]

TRACK_STEP = 120.0
"""Time between points of a ground track, s."""
STANDING = 1e-3
"""A satellite whose ground track stays within so many degrees stands still, as a geostationary one does."""


def geojson(stage: Stage, state: LinkState, view: PlanView) -> str:
    """Return nodes, links between nodes that stand still, ground tracks and services as GeoJSON text.

    Notes
    -----
    Lines that cross 180 degrees are cut there (RFC 7946, section 3.1.9); they follow great circles. A
    satellite stands for the place below it, in the middle of the slot. What has no length is a point.
    """
    features = [
        *_nodes(stage),
        *_links(stage, state),
        *_tracks(stage, state),
        *_services(stage, view),
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=False) + "\n"


def _feature(kind: str, geometry: dict[str, Any], properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **properties}}


def _nodes(stage: Stage) -> Iterator[Feature]:
    for number, body in enumerate(stage.bodies):
        if body.kind == "satellite":
            continue
        lat, lon, altitude = (float(value[0]) for value in ground_points(stage, number, 0.0))
        where = [round(lon, 6) + 0.0, round(lat, 6) + 0.0, round(altitude, 1) + 0.0]
        yield _feature(
            body.kind, {"type": "Point", "coordinates": where},
            {"id": body.id, "altitude_m": round(altitude, 1) + 0.0, "terminals": body.terminals,
             "storage_pairs": tidy(body.storage)},
        )  # fmt: skip


def _links(stage: Stage, state: LinkState) -> Iterator[Feature]:
    place = {
        body.id: tuple(float(value[0]) for value in ground_points(stage, n, 0.0)[:2])
        for n, body in enumerate(stage.bodies)
        if body.kind != "satellite"
    }
    fidelity = state.mean_fidelity()
    for e, (a, b, making) in enumerate(zip(state.a, state.b, state.making, strict=True)):
        if a in place and b in place and making != "dual_downlink":
            yield _feature(
                making, cut_line(great_circle_points((place[a][0], place[a][1]), (place[b][0], place[b][1]))),
                {"a": a, "b": b, "length_km": round(float(state.length[e]) / KM, 6),
                 "mean_rate_per_s": tidy(state.rate[:, e].mean()), "fidelity": tidy(fidelity[e])},
            )  # fmt: skip


def linked_satellites(state: LinkState) -> set[str]:
    """Return the ids of everything that a link goes to or through."""
    return {*state.a, *state.b, *(name for name in np.unique(state.via).tolist() if name)}


def _tracks(stage: Stage, state: LinkState) -> Iterator[Feature]:
    linked = linked_satellites(state)
    times = np.linspace(
        0.0, stage.timeline.duration, max(2, int(np.ceil(stage.timeline.duration / TRACK_STEP)) + 1)
    )
    for number, body in enumerate(stage.bodies):
        if body.kind == "satellite" and body.id in linked:
            lat, lon, altitude = ground_points(stage, number, times)
            line = np.column_stack([np.unwrap(lon, period=360.0), lat])
            if np.all(np.abs(line - line[0]) < STANDING):
                line = line[:1]
            yield _feature(
                "ground_track", cut_line(line),
                {"id": body.id, "group": body.group,
                 "mean_altitude_km": round(float(altitude.mean()) / KM, 3)},
            )  # fmt: skip


def _services(stage: Stage, view: PlanView) -> Iterator[Feature]:
    number = {body.id: n for n, body in enumerate(stage.bodies)}
    for service in view.services:
        line = _service_line(stage, service, number)
        begin = view.timeline.begin(service.slot)
        yield _feature(
            "service", cut_line(line),
            {"demand": service.demand, "path": list(service.nodes), "slot": service.slot + 1,
             "begin_utc": begin.isoformat(), "rate_per_s": tidy(service.rate), "pairs": tidy(service.pairs),
             "path_fidelity": tidy(service.path.fidelity), "stroke": view.colours[service.demand]},
        )  # fmt: skip


def _service_line(stage: Stage, service: Service, number: dict[str, int]) -> FloatArray:
    middle = stage.timeline.slot * (service.slot + 0.5)
    places = [ground_points(stage, number[name], middle) for name in service.nodes]
    line = np.empty((0, 2))
    for (lat_a, lon_a, _), (lat_b, lon_b, _) in pairwise(places):
        part = great_circle_points((float(lat_a[0]), float(lon_a[0])), (float(lat_b[0]), float(lon_b[0])))
        if len(line):
            part[:, 0] += 360.0 * round((line[-1, 0] - part[0, 0]) / 360.0)
            part = part[1:]
        line = np.concatenate([line, part])
    return line


def cut_line(line: FloatArray) -> dict[str, Any]:
    """Return the geometry of a line, cut where it crosses 180 degrees; a point if the line has no length.

    Parameters
    ----------
    line
        Longitude without jumps and latitude, degrees, shape (n, 2).

    Examples
    --------
    >>> cut_line(np.array([[170.0, 0.0], [190.0, 10.0]]))["coordinates"]
    [[[170.0, 0.0], [180.0, 5.0]], [[-180.0, 5.0], [-170.0, 10.0]]]
    """
    pieces: list[list[list[float]]] = []
    here = float(np.floor((line[0, 0] + 180.0) / 360.0))
    piece = [_point(line[0], here)]
    for before, after in pairwise(line):
        while abs(after[0] - 360.0 * here) > 180.0 + _SAME:
            step = 1.0 if after[0] > 360.0 * here else -1.0
            edge = 360.0 * here + 180.0 * step
            share = (edge - before[0]) / (after[0] - before[0])
            crossing = before + share * (after - before)
            crossing[0] = edge
            piece.append(_point(crossing, here))
            pieces.append(piece)
            here += step
            piece = [_point(crossing, here)]
        piece.append(_point(after, here))
    pieces.append(piece)
    # Points that stand twice have no length between them, nor have pieces of them.
    single = [[p[0], *(b for a, b in pairwise(p) if a != b)] for p in pieces]
    long = [p for p in single if len(p) > 1]
    if not long:
        return {"type": "Point", "coordinates": single[0][0]}
    if len(long) == 1:
        return {"type": "LineString", "coordinates": long[0]}
    return {"type": "MultiLineString", "coordinates": long}


_SAME = 5e-7
"""Degrees below which two places are the same in the file: half of its last decimal."""


def _point(at: FloatArray, turn: float) -> list[float]:
    lon = min(max(float(at[0]) - 360.0 * turn, -180.0), 180.0)
    return [round(lon, 6) + 0.0, round(float(at[1]), 6) + 0.0]
