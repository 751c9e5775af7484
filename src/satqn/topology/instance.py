"""From link states to the routing instance: what PS-EGR needs to know, as an instance document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from satqn.model.timeline import LinkState
from satqn.scenario.planning import PathSection
from satqn.topology.bodies import Body, Stage

Document = dict[str, Any]

RELAY = "~"
"""Between the names of two stations that a satellite without memory joins: ``MEO:Denver~Boston``."""

SIGNIFICANT = 9
"""Digits of rates and fidelities in the document: far finer than the physics, and short to read."""


def instance_document(stage: Stage, state: LinkState) -> Document:
    """Return the routing instance of a scenario.

    Parameters
    ----------
    stage
        Bodies, slots and demands.
    state
        What every link delivers in every slot.

    Notes
    -----
    A satellite without memory is no node of the network: the pair of stations that it joins gets a relay
    node of kind ``satellite``, with one ideal link and one that carries rate and fidelity, so that a fibre
    may lie beside it. Its source is shared by all stations that it serves in a slot (``sharing``). The
    fidelity of a link is its pair-weighted mean over all slots.
    """
    scenario = stage.scenario
    relays = _relays(stage, state)
    return {
        "format": "satqn-instance",
        "version": 1,
        "name": scenario.name,
        "rate_unit": "pairs_per_second",
        "slot_duration_s": stage.timeline.slot,
        "slots": stage.timeline.slots,
        "nodes": [
            *(_node(body) for body in stage.bodies if body.stores),
            *({"id": name, "kind": "satellite"} for name in relays.values()),
        ],
        "links": list(_links(state, relays)),
        "sharing": list(_sharing(stage, state, relays)),
        "demands": [
            {"id": demand.id, "source": demand.source, "destination": demand.destination,
             "weight": demand.weight, "target_fidelity": demand.target_fidelity,
             "minimum_rate": demand.minimum_rate_per_s}
            for demand in scenario.demands
        ],
        "paths": paths_document(scenario.paths),
        "options": scenario.routing.model_dump(),
        **({} if scenario.ageing is None else {"ageing": scenario.ageing.model_dump(exclude_none=True)}),
    }  # fmt: skip


def _node(body: Body) -> Document:
    node: Document = {"id": body.id, "kind": body.kind}
    if body.storage > 0:
        node["storage_pairs"] = body.storage
    if body.terminal is not None:
        node["terminals"] = body.terminals
    return node


def _relays(stage: Stage, state: LinkState) -> dict[int, str]:
    """Return the name of the relay node of every dual downlink, by the number of the link."""
    group = {body.id: body.group for body in stage.bodies}
    return {
        e: f"{group[next(name for name in state.via[:, e].tolist() if name)]}:{state.a[e]}{RELAY}{state.b[e]}"
        for e, making in enumerate(state.making)
        if making == "dual_downlink"
    }


def _links(state: LinkState, relays: dict[int, str]) -> Iterator[Document]:
    fidelity = state.mean_fidelity()
    for e in range(len(state)):
        rate = _short(state.rate[:, e])
        good = float(f"{min(fidelity[e], 1.0):.{SIGNIFICANT}g}")
        if e not in relays:
            yield {"ends": [state.a[e], state.b[e]], "rate": rate, "fidelity": good}
            continue
        yield {"ends": [state.a[e], relays[e]], "rate": rate, "fidelity": 1.0}
        yield {"ends": [relays[e], state.b[e]], "rate": rate, "fidelity": good}


def _short(rate: np.ndarray[Any, Any]) -> float | list[float]:
    values = [float(f"{value:.{SIGNIFICANT}g}") for value in rate.tolist()]
    return values[0] if len(set(values)) == 1 else values


def _sharing(stage: Stage, state: LinkState, relays: dict[int, str]) -> Iterator[Document]:
    """Yield what pairs of stations share in a slot: the telescopes of one satellite, two to a pair."""
    terminals = {body.id: body.terminals for body in stage.bodies}
    for t in range(state.slots):
        users: dict[str, list[list[str]]] = {}
        for e, relay in relays.items():
            if state.rate[t, e] > 0.0:
                users.setdefault(str(state.via[t, e]), []).append([state.a[e], relay])
        for satellite, links in users.items():
            limit = float(terminals[satellite] // 2)
            if len(links) > limit:
                yield {"id": f"source of {satellite}", "limit": limit, "links": links, "slot": t + 1}


def paths_document(section: PathSection) -> Document:
    """Return the path section of a scenario as that of an instance file."""
    paths: Document = {"mode": section.mode}
    if section.max_hops is not None:
        paths["max_hops"] = section.max_hops
    if section.mode != "all_simple":
        paths |= {"per_demand": {"real": section.real, "virtual": section.virtual}, "order": section.order}
    return paths
