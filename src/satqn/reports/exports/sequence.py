"""SeQUeNCe: a fibre network as the JSON topology of its class ``RouterNetTopo``.

Every ion node is a ``QuantumRouter``, every segment a quantum connection with a ``BSMNode`` in the middle.
Read by SeQUeNCe 0.8; lengths in m, attenuation in dB/m, delays and the stop time in ps.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from satqn.errors import InputError
from satqn.physics.bell import elementary_fidelity
from satqn.reports.exports.fibre_graph import FibreGraph

Classical = Literal["all", "neighbours"]
Generation = Literal["barrett-kok", "single-heralded"]
Row = dict[str, Any]

PICOSECONDS = 10**12
"""In a second."""
MEASURED_BY_OPTICS = 0.5
"""Bell states that linear optics tells apart, two of four."""
COUNT_RATE_HZ = 1e12
"""So that a detector is never blind: satqn knows no dead time."""
FIBRE_SPEED = 2.0e8
"""Speed of light in the quantum channels of SeQUeNCe, m/s; its files cannot change it."""


def sequence_topology(
    graph: FibreGraph,
    *,
    memories: int | None = None,
    stop_time: float = 1.0,
    generation: Generation = "barrett-kok",
    classical: Classical = "all",
    seed: int = 0,
) -> dict[str, Any]:
    """Return a fibre network as a topology of SeQUeNCe.

    Parameters
    ----------
    graph
        Nodes and segments.
    memories
        Of every router, >= 1; without it the ion pairs of the hardware for each of its segments.
    stop_time
        Simulated time, s, > 0.
    generation
        ``barrett-kok``: two rounds, what SeQUeNCe does by itself; ``single-heralded``: one, without swaps,
        for which a program has to set its protocol and the states are Bell-diagonal.
    classical
        ``all``: a classical channel between every two nodes that fibre connects, as the swapping of
        SeQUeNCe needs it; ``neighbours``: along the segments only, enough for generation.
    seed
        Every router and Bell measurement gets a seed of its own from it, >= 0.

    Raises
    ------
    InputError
        A value out of range; an elementary fidelity below 1/2, which SeQUeNCe cannot start from.

    Notes
    -----
    Either way an attempt succeeds with the probability of :func:`satqn.physics.fiber.segment_success`,
    P0^2/2 times the loss of both arms; how long it takes is up to the protocol and its messages. SeQUeNCe
    halves a distance and drops fractions, so that lengths are rounded to 2 m. Its memories are perfect here:
    their decay is not Gaussian there.
    """
    if memories is not None and memories < 1:
        raise InputError(f"{memories} memories are too few", where="--memories", fix="Give 1 or more")
    if not (math.isfinite(stop_time) and stop_time > 0.0):
        raise InputError(f"a stop time of {stop_time:g} s", where="--stop-time-s", fix="Give a positive time")
    if seed < 0:
        raise InputError(f"a seed of {seed}", where="--seed", fix="Give 0 or more")
    seeds = np.random.SeedSequence(seed).generate_state(len(graph) + graph.a.size).tolist()
    counts = graph.degrees() * graph.hardware.ion_pairs if memories is None else [memories] * len(graph)
    return {
        "templates": _templates(graph, generation),
        "nodes": [
            {"name": name, "type": "QuantumRouter", "seed": own, "memo_size": int(count), "template": "ions"}
            for name, own, count in zip(graph.names, seeds[: len(graph)], counts, strict=True)
        ],
        "qconnections": list(_quantum(graph, seeds[len(graph) :])),
        "cconnections": list(_classical(graph, classical)),
        "stop_time": round(stop_time * PICOSECONDS),
        "formalism": "ket_vector" if generation == "barrett-kok" else "bell_diagonal",
        "is_parallel": False,
    }


def _templates(graph: FibreGraph, generation: Generation) -> dict[str, Any]:
    hardware = graph.hardware
    fidelity = float(elementary_fidelity(hardware.ion_photon_fidelity, hardware.photonic_bsm_fidelity))
    if fidelity < 0.5:
        raise InputError(
            f"elementary pairs have the fidelity {fidelity:.4g}",
            why="SeQUeNCe generates no pairs with a fidelity below 0.5",
            fix="Raise ion_photon_fidelity or photonic_bsm_fidelity",
        )
    detector = {"efficiency": hardware.detector_efficiency, "dark_count": 0, "count_rate": COUNT_RATE_HZ}
    optics: dict[str, Any] = {"detectors": [detector] * 2}
    if generation == "barrett-kok":
        measurement = {"encoding_type": "single_atom", "SingleAtomBSM": optics}
    else:
        optics["success_rate"] = MEASURED_BY_OPTICS
        measurement = {"encoding_type": "single_heralded", "SingleHeraldedBSM": optics}
    ions = {"fidelity": fidelity, "frequency": 1.0 / hardware.emission_time, "efficiency": 1.0,
            "coherence_time": -1}  # fmt: skip
    return {"ions": {"MemoryArray": ions}, "optics": measurement}


def _quantum(graph: FibreGraph, seeds: list[int]) -> Iterator[Row]:
    attenuation = 10.0 * graph.hardware.attenuation_per_m
    for a, b, length, seed in zip(graph.a, graph.b, graph.length, seeds, strict=True):
        yield {
            "node1": graph.names[a], "node2": graph.names[b], "type": "meet_in_the_middle",
            "distance": 2 * round(float(length) / 2.0), "attenuation": attenuation, "seed": seed,
            "template": "optics",
        }  # fmt: skip


def _classical(graph: FibreGraph, classical: Classical) -> Iterator[Row]:
    speed = graph.hardware.light_speed
    if classical == "neighbours":
        ways = zip(graph.a.tolist(), graph.b.tolist(), graph.length.tolist(), strict=True)
    else:
        between = graph.distances()
        a, b = np.nonzero(np.triu(np.isfinite(between), 1))
        ways = zip(a.tolist(), b.tolist(), between[a, b].tolist(), strict=True)
    for i, j, length in ways:
        delay = round(length / speed * PICOSECONDS)
        yield {"node1": graph.names[i], "node2": graph.names[j], "delay": delay}


def sequence_text(topology: dict[str, Any]) -> str:
    """Return a topology as JSON text with a row to every node and connection."""
    parts = []
    for key, value in topology.items():
        if isinstance(value, list):
            rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False, allow_nan=False) for row in value)
            parts.append(f'  "{key}": [\n{rows}\n  ]' if value else f'  "{key}": []')
        else:
            parts.append(f'  "{key}": {json.dumps(value, allow_nan=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def remarks(graph: FibreGraph) -> list[str]:
    """Return what of a network does not fit into a topology of SeQUeNCe, in sentences."""
    hardware, said = graph.hardware, []
    if graph.direct:
        said.append(
            f"fibres that are fastest without photon repeater ({graph.direct}) have a Bell measurement in "
            "their middle in SeQUeNCe"
        )
    if hardware.light_speed != FIBRE_SPEED:
        said.append(
            f"photons travel at {FIBRE_SPEED:g} m/s in SeQUeNCe, here at {hardware.light_speed:g} m/s; "
            "classical channels keep the latter"
        )
    if hardware.ion_swap_fidelity < 1.0:
        said.append(
            f"swaps with the fidelity {hardware.ion_swap_fidelity:g} cannot be said in the file; set them "
            "in SeQUeNCe"
        )
    alone = int(np.count_nonzero(graph.degrees() == 0))
    if alone:
        said.append(f"{alone} nodes have no fibre and no memories" if alone > 1 else "1 node has no fibre")
    return said
