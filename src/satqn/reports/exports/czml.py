"""CZML: satellites in motion, stations and the paths that serve, for Cesium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from satqn.model.timeline import LinkState
from satqn.orbits.propagate import CataloguedOrbits, DesignedOrbits
from satqn.reports.exports.czml_samples import DEGREE, STEP, sample_times
from satqn.reports.exports.geojson import linked_satellites
from satqn.reports.plan_view import PlanView, Service
from satqn.topology.bodies import Body, Stage

Packet = dict[str, Any]

_MULTIPLIER = 300


def czml(stage: Stage, state: LinkState, view: PlanView) -> str:
    """Return the plan as CZML text.

    Notes
    -----
    Positions are Earth-fixed, in metres. Satellites without any link are left out. A path is shown in the
    slots in which it serves.
    """
    linked = linked_satellites(state)
    moving = [n for n, body in enumerate(stage.bodies) if body.kind != "satellite" or body.id in linked]
    packets = [_document(stage), *(_body(stage, n) for n in moving), *_services(view)]
    return json.dumps(packets, allow_nan=False) + "\n"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _interval(stage: Stage) -> str:
    timeline = stage.timeline
    return f"{_iso(timeline.start)}/{_iso(timeline.begin(timeline.slots))}"


def _document(stage: Stage) -> Packet:
    clock = {"interval": _interval(stage), "currentTime": _iso(stage.timeline.start),
             "multiplier": _MULTIPLIER, "range": "LOOP_STOP", "step": "SYSTEM_CLOCK_MULTIPLIER"}  # fmt: skip
    return {"id": "document", "name": stage.scenario.name, "version": "1.0", "clock": clock}


def _body(stage: Stage, number: int) -> Packet:
    body = stage.bodies[number]
    colour, size = _LOOKS[body.kind]
    packet: Packet = {
        "id": _packet_id(body.id),
        "name": body.id,
        "availability": _interval(stage),
        "position": _position(stage, number, body),
        "point": {"pixelSize": size, "color": {"rgba": colour}, "outlineWidth": 1,
                  "outlineColor": {"rgba": [255, 255, 255, 255]}},
        "label": {"text": body.id, "font": "11pt sans-serif", "pixelOffset": {"cartesian2": [12, 0]},
                  "horizontalOrigin": "LEFT", "fillColor": {"rgba": [240, 240, 240, 255]}},
    }  # fmt: skip
    if body.kind == "satellite":
        half = round(0.5 * _turn(body), 3)
        packet["path"] = {"width": 1, "leadTime": half, "trailTime": half, "resolution": 120,
                          "material": {"solidColor": {"color": {"rgba": [160, 170, 180, 120]}}}}  # fmt: skip
    return packet


_LOOKS: dict[str, tuple[list[int], int]] = {
    "base_station": ([48, 52, 58, 255], 7),
    "aerial": ([255, 200, 69, 255], 9),
    "satellite": ([230, 230, 230, 255], 8),
}


def _position(stage: Stage, number: int, body: Body) -> Packet:
    if body.fixed:
        return {"cartesian": [round(float(x), 3) + 0.0 for x in stage.position(number, 0.0)[0]]}
    times = sample_times(
        lambda seconds: stage.position(number, seconds), stage.timeline.duration, _largest_step(stage, number)
    )
    rows = np.round(np.column_stack([times, stage.position(number, times)]), 3) + 0.0
    return {
        "epoch": _iso(stage.timeline.start),
        "referenceFrame": "FIXED",
        "interpolationAlgorithm": "LAGRANGE",
        "interpolationDegree": DEGREE,
        "cartesian": rows.ravel().tolist(),
    }


def _turn(body: Body) -> float:
    """Return the time of one turn of a satellite, s."""
    if isinstance(body.motion, CataloguedOrbits):
        return float(2.0 * np.pi / body.motion.records[body.number].no_kozai * 60.0)
    assert isinstance(body.motion, DesignedOrbits)
    return float(body.motion.elements.period[body.number])


def _largest_step(stage: Stage, number: int) -> float:
    """Return the largest time between samples of a moving body, s: a circle of a HAP may be quick."""
    if stage.bodies[number].kind == "satellite":
        return STEP
    period = next(h.circle_period_s for h in stage.scenario.haps if h.id == stage.bodies[number].id)
    return min(STEP, period / 8.0)


def _packet_id(name: str) -> str:
    """Return the id of the packet of a body: that of the first packet of a file is taken."""
    return f"{name} (node)" if name == "document" else name


def _escaped(name: str) -> str:
    """Return a name for a reference, in which # ends it and a backslash takes its meaning from a sign.

    Source: CesiumJS, ``ReferenceProperty.fromString``.
    """
    return name.replace("\\", "\\\\").replace("#", "\\#")


def _services(view: PlanView) -> Iterator[Packet]:
    """Yield a line for every path, shown while it serves."""
    paths: dict[tuple[str, tuple[str, ...]], list[Service]] = {}
    for service in view.services:
        paths.setdefault((service.demand, service.nodes), []).append(service)
    for number, ((demand, nodes), services) in enumerate(paths.items(), start=1):
        rgb = [int(view.colours[demand][i : i + 2], 16) for i in (1, 3, 5)]
        timeline = view.timeline
        show: list[Packet] = [
            {"interval": f"{_iso(timeline.start)}/{_iso(timeline.begin(timeline.slots))}", "boolean": False}
        ]
        show += [
            {
                "interval": f"{_iso(timeline.begin(s.slot))}/{_iso(timeline.begin(s.slot + 1))}",
                "boolean": True,
            }
            for s in services
        ]
        line = {
            "positions": {"references": [f"{_escaped(_packet_id(name))}#position" for name in nodes]},
            "arcType": "NONE",
            "width": 2.5,
            "show": show,
            "material": {"solidColor": {"color": {"rgba": [*rgb, 255]}}},
        }
        yield {"id": f"path {number}", "name": f"{demand}: {' – '.join(nodes)}", "polyline": line}
