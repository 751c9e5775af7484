"""GraphML: the network as a graph with means over time, for graph programs."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np

from satqn.model.timeline import LinkState
from satqn.reports.cells import tidy
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
            "kind": body.kind, "terminals": body.terminals, "storage_pairs": tidy(body.storage),
        }  # fmt: skip
        if body.kind == "satellite":
            if body.id not in linked:
                continue
            facts["group"] = body.group
        else:
            lat, lon, altitude = (float(value[0]) for value in ground_points(stage, number, 0.0))
            facts |= {
                "lat_deg": tidy(lat, 10), "lon_deg": tidy(lon, 10), "altitude_m": round(altitude, 4) + 0.0,
            }  # fmt: skip
        graph.add_node(body.id, **facts)
    fidelity = state.mean_fidelity()
    for e, (a, b, making) in enumerate(zip(state.a, state.b, state.making, strict=True)):
        graph.add_edge(
            a, b,
            key=f"e{e}",  # written as the id of the edge, which has to be its own in the whole file
            making=making,
            length_km=tidy(state.length[e] / KM),
            mean_rate_per_s=tidy(state.rate[:, e].mean()),
            largest_rate_per_s=tidy(state.rate[:, e].max()),
            slots_up=int(np.count_nonzero(state.rate[:, e])),
            fidelity=tidy(fidelity[e]),
        )  # fmt: skip
    return graph


def graphml(stage: Stage, state: LinkState) -> str:
    """Return bodies and links as GraphML text: :func:`network_graph`, written."""
    import networkx as nx

    graph = _writable(network_graph(stage, state))
    stream = io.BytesIO()
    nx.write_graphml(graph, stream, named_key_ids=True)
    return stream.getvalue().decode("utf-8") + "\n"


_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 cannot hold, not even escaped. Source: W3C, Extensible Markup Language, section 2.2."""


def _writable(graph: networkx.MultiGraph) -> networkx.MultiGraph:
    """Return a graph whose texts XML can hold: control characters become a backslash, x and their code."""
    import networkx as nx

    names: dict[str, str] = {}
    taken = {name for name in graph if not _NO_XML.search(name)}
    for name in graph:
        plain = _in_xml(name)
        while name not in taken and plain in taken:
            plain += "'"
        taken.add(plain)
        names[name] = plain
    found = nx.relabel_nodes(graph, names)
    found.graph |= {key: _in_xml(value) for key, value in graph.graph.items()}
    for _, facts in found.nodes(data=True):
        facts |= {key: _in_xml(value) for key, value in facts.items() if isinstance(value, str)}
    return found


def _in_xml(text: str) -> str:
    return _NO_XML.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)
