"""Slow, obvious ways from a planning scenario to what its links deliver, and small scenarios to try them on."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from tests.oracles import air

from satqn.orbits.visibility import sight
from satqn.scenario.planning import PlanScenario
from satqn.sightline import Sightline
from satqn.topology.bodies import stage
from satqn.topology.expand import expanded

LIGHT = 299_792_458.0
EPOCH = datetime(2026, 6, 21, 3, tzinfo=UTC)

TRANSMITTER = {
    "beam_waist_m": 0.15, "pointing_jitter_urad": 0.5, "optics": 0.5, "source_pairs_per_s": 6e7,
    "source_fidelity": 0.98,
}  # fmt: skip
RECEIVER = {
    "radius_m": 0.5, "optics": 0.5, "fibre_coupling": 0.7, "spectral_filter": 0.9, "detector": 0.9,
    "dark_counts_per_s": 100, "window_ns": 1, "filter_bandwidth_nm": 1, "field_of_view_urad": 10,
}  # fmt: skip
MEMORY = {"modes": 1000, "efficiency": 0.7, "overhead_us": 1}
HARDWARE = {
    "telescope": {"wavelength_nm": 810, "receiver": RECEIVER, "memory": MEMORY},
    "hap": {"wavelength_nm": 810, "transmitter": {**TRANSMITTER, "beam_waist_m": 0.05},
            "receiver": {**RECEIVER, "radius_m": 0.15}, "memory": MEMORY},
    "repeater": {"wavelength_nm": 810, "transmitter": TRANSMITTER, "receiver": {**RECEIVER, "radius_m": 0.3},
                 "memory": {**MEMORY, "modes": 1_000_000}},
    "source": {"wavelength_nm": 810, "transmitter": TRANSMITTER},
}  # fmt: skip
EAST = {"id": "East", "lat_deg": 40.7, "lon_deg": -74.0, "altitude_m": 20, "terminal": "telescope"}
WEST = {"id": "West", "lat_deg": 34.05, "lon_deg": -118.2, "altitude_m": 90, "terminal": "telescope"}
NORTH = {"id": "North", "lat_deg": 45.5, "lon_deg": -93.0, "altitude_m": 250, "terminal": "telescope"}
MEO = {
    "id": "MEO", "terminal": "source",
    "walker": {"satellites": 8, "planes": 2, "phasing": 1, "altitude_km": 10_000, "inclination_deg": 56},
}  # fmt: skip
LEO = {
    "id": "LEO", "terminal": "repeater", "crosslinks": "grid",
    "walker": {"satellites": 24, "planes": 4, "phasing": 1, "altitude_km": 1200, "inclination_deg": 60},
}  # fmt: skip


def setting(*, slots=6, slot_s=300.0, start=EPOCH, nodes=(EAST, WEST), hardware=HARDWARE, **parts):
    """Return the stage of a small scenario."""
    document = {
        "study": "plan", "name": "small", "hardware": hardware,
        "time": {"start": start, "horizon_s": slots * slot_s, "slot_s": slot_s},
        "ground": {"nodes": list(nodes)},
        "demands": [{"source": nodes[0]["id"], "destination": nodes[1]["id"]}],
        **parts,
    }  # fmt: skip
    return stage(expanded(PlanScenario.model_validate(document)))


def line_at(on, a, b, seconds):
    """Lines from body a to body b, and whether their geometry lets light pass."""
    line = Sightline.between(on.position(a, seconds), on.position(b, seconds), on.earth)
    return line, sight(line, on.rules).visible


def transmittance(on, line, a, b):
    """Gaussian beam with jitter into an aperture, air, and the efficiencies: all in one formula."""
    sender, receiver = on.bodies[a].terminal, on.bodies[b].terminal
    out, into = sender.transmitter, receiver.receiver
    w0, z = out.beam_waist_m, line.length
    spread = w0**2 + (z * sender.wavelength_nm * 1e-9 / (math.pi * w0)) ** 2
    spread = spread + 4 * (out.pointing_jitter_urad * 1e-6 * z) ** 2
    spot = 1 - np.exp(-2 * into.radius_m**2 / spread)
    clear = on.scenario.links.zenith_transmittance ** air.air_mass(line, 6600.0)
    parts = out.optics * into.optics * into.fibre_coupling * into.spectral_filter * into.detector
    return spot * clear * parts


def passing(on, a, b, seconds):
    """Lines, which of them let light pass, and their transmittance, 0 where they do not."""
    line, visible = line_at(on, a, b, seconds)
    visible = np.broadcast_to(visible, seconds.shape)
    eta, free = np.zeros(seconds.shape), seconds[visible]
    if free.size:
        eta[visible] = transmittance(on, line_at(on, a, b, free)[0], a, b)
    return line, visible, eta


def acquired(visible, seconds, wait):
    """Visibility on a grid of times without the first ``wait`` s of contacts that begin after the first."""
    left = visible.copy()
    for k, (before, now) in enumerate(pairwise(visible), start=1):
        if now and not before:
            left[(seconds >= seconds[k]) & (seconds < seconds[k] + wait)] = False
    return left


def heralded_at(on, a, b, seconds, noise=None):
    """Rate and rate times fidelity of pairs between two memories, 0 where the ends do not see each other."""
    sender, receiver = on.bodies[a].terminal, on.bodies[b].terminal
    line, visible, eta = passing(on, a, b, seconds)
    visible = acquired(visible, seconds, max(sender.acquisition_s, receiver.acquisition_s))
    memory = sender.memory
    eta = np.where(visible, eta, 0.0)
    attempts = np.minimum(
        sender.transmitter.source_pairs_per_s,
        memory.modes / (2 * line.length / LIGHT + memory.overhead_us * 1e-6),
    )
    stored = memory.efficiency * receiver.memory.efficiency
    clicks = receiver.receiver.dark_counts_per_s + (0.0 if noise is None else noise)
    false = attempts * (1 - eta) * clicks * receiver.receiver.window_ns * 1e-9 * stored
    true = attempts * eta * stored
    fidelity = (true * sender.transmitter.source_fidelity + false / 4) / (true + false)
    return true, np.where(visible, true * fidelity, 0.0)


def sent_at(on, satellite, a, b, seconds):
    """Rate and rate times fidelity of pairs from a source on a satellite to two stations."""
    eta = [passing(on, satellite, k, seconds)[2] for k in (a, b)]
    source = on.bodies[satellite].terminal.transmitter
    pairs, dark = (
        source.source_pairs_per_s,
        [on.bodies[k].terminal.receiver.dark_counts_per_s for k in (a, b)],
    )
    window = max(on.bodies[k].terminal.receiver.window_ns for k in (a, b)) * 1e-9
    true = pairs * eta[0] * eta[1]
    lone = [pairs * eta[0] * (1 - eta[1]) + dark[0], pairs * eta[1] * (1 - eta[0]) + dark[1]]
    false = lone[0] * lone[1] * window
    fidelity = (true * source.source_fidelity + false / 4) / (true + false)
    return true, true * fidelity


def slot_sums(on, values, seconds):
    """Mean over every slot of values at evenly spaced times."""
    return np.asarray(values).reshape(on.timeline.slots, -1).mean(axis=1)


def every(on, step=1.0):
    """The middles of all steps of the plan, s."""
    count = round(on.timeline.duration / step)
    return (np.arange(count) + 0.5) * step
