"""GraphML: the network as a graph with means over time, for graph programs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from satqn.model.timeline import LinkState
from satqn.reports.exports.geojson import linked_satellites
from satqn.reports.plan_geography import ground_points
from satqn.topology.bodies import Stage
from satqn.units import KM

if TYPE_CHECKING:
    import networkx


def network_graph(stage: Stage, state: LinkState) -> networkx.MultiGraph:
    """Return bodies and links as a graph, with means over time.

    Notes
    -----
    Satellites are nodes if a link goes to or through them; a pair that a satellite sends down is an edge
    between its two stations. Several links between two nodes are several edges.
    """
    import networkx as nx

    graph = nx.MultiGraph(name=stage.scenario.name)
    linked = linked_satellites(state)
    for number, body in enumerate(stage.bodies):
        facts: dict[str, str | float | int] = {
            "kind": body.kind, "terminals": body.terminals, "storage_pairs": float(body.storage),
        }  # fmt: skip
        if body.kind == "satellite":
            if body.id not in linked:
                continue
            facts["group"] = body.group
        else:
            lat, lon, altitude = (float(value[0]) for value in ground_points(stage, number, 0.0))
            facts |= {"lat_deg": lat, "lon_deg": lon, "altitude_m": altitude}
        graph.add_node(body.id, **facts)
    fidelity = state.mean_fidelity()
    for e, (a, b, making) in enumerate(zip(state.a, state.b, state.making, strict=True)):
        graph.add_edge(
            a, b,
            making=making,
            length_km=float(state.length[e]) / KM,
            mean_rate_per_s=float(state.rate[:, e].mean()),
            largest_rate_per_s=float(state.rate[:, e].max()),
            slots_up=int(np.count_nonzero(state.rate[:, e])),
            fidelity=float(fidelity[e]),
        )  # fmt: skip
    return graph


def graphml(stage: Stage, state: LinkState) -> str:
    """Return bodies and links as GraphML text: :func:`network_graph`, written."""
    import networkx as nx

    graph = network_graph(stage, state)
    stream = io.BytesIO()
    nx.write_graphml(graph, stream, named_key_ids=True)
    return stream.getvalue().decode("utf-8") + "\n"
