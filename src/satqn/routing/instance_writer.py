"""Writing instance files, with nothing left implicit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import Ageing, RoutingInstance


def instance_document(instance: RoutingInstance) -> dict[str, Any]:
    """Return the fields of the file of an instance, with nothing left implicit.

    Parameters
    ----------
    instance
        The instance.
    """
    ids = instance.nodes.ids
    paths = instance.paths
    return {
        "format": "satqn-instance",
        "version": 1,
        "name": instance.name,
        "rate_unit": instance.rate_unit,
        "slot_duration_s": instance.slot_duration_s,
        "slots": instance.slots,
        "nodes": list(_node_records(instance)),
        "links": list(_link_records(instance)),
        **({"sharing": list(_sharing_records(instance))} if instance.sharing else {}),
        "storage_pairs": [[ids[a], ids[b]] for a, b in instance.storage_pairs],
        "demands": list(_demand_records(instance)),
        "initial_stock": [
            {"pair": [ids[stock.route[0]], ids[stock.route[-1]]], "route": [ids[v] for v in stock.route],
             "pairs": stock.pairs}
            for stock in instance.initial_stock
        ],
        **({"ageing": _ageing_record(instance, instance.ageing)} if instance.ageing else {}),
        "paths": {"mode": paths.mode, "per_demand": {"real": paths.real, "virtual": paths.virtual},
                  "order": paths.order} | ({"max_hops": paths.max_hops} if paths.max_hops else {}),
        "options": asdict(instance.options),
    }  # fmt: skip


def _plain(column: NDArray[np.float64]) -> float | list[float]:
    return float(column[0]) if (column == column[0]).all() else [float(v) for v in column]


def link_kind(one: str, other: str) -> str:
    """Return the sort of a link from the kinds of its ends: S2S, S2A, A2A, S2G, A2G or G2G.

    Examples
    --------
    >>> link_kind("base_station", "satellite")
    'S2G'
    """
    rank = {"satellite": (0, "S"), "aerial": (1, "A"), "base_station": (2, "G")}
    first, second = sorted((rank[one], rank[other]))
    return f"{first[1]}2{second[1]}"


def _node_records(instance: RoutingInstance) -> Iterator[dict[str, Any]]:
    nodes = instance.nodes
    for v, name in enumerate(nodes.ids):
        capacity, terminals = float(nodes.storage_capacity[v]), nodes.terminals[v]
        yield (
            {"id": name, "kind": nodes.kind[v]}
            | ({"storage_pairs": capacity} if capacity > 0 else {})
            | ({"terminals": float(terminals)} if terminals is not None else {})
        )


def _ageing_record(instance: RoutingInstance, ageing: Ageing) -> dict[str, Any]:
    def by_memory(times: NDArray[np.float64]) -> float | dict[str, float]:
        known = {v: float(t) for v, t in zip(instance.nodes.ids, times, strict=True) if np.isfinite(t)}
        return known if len(set(known.values())) != 1 else next(iter(known.values()))

    # Where nobody stores, the times are of no memory; any will do.
    nobody = not np.isfinite(ageing.coherence_s).any()
    return (
        {"model": ageing.model, "memory_coherence_s": 1.0 if nobody else by_memory(ageing.coherence_s)}
        | ({"memory_relaxation_s": 1.0 if nobody else by_memory(ageing.relaxation_s)}
           if ageing.model == "t1_t2" else {})
        | {"age_counts": ageing.age_counts}
    )  # fmt: skip


def _sharing_records(instance: RoutingInstance) -> Iterator[dict[str, Any]]:
    links, ids = instance.links, instance.nodes.ids
    for row in instance.sharing:
        ends = [[ids[links.a[e]], ids[links.b[e]]] for e in row.links]
        slot = {} if row.slot is None else {"slot": row.slot + 1}
        yield {"id": row.id, "limit": float(row.limit), "links": ends} | slot


def _link_records(instance: RoutingInstance) -> Iterator[dict[str, Any]]:
    links, ids, kinds = instance.links, instance.nodes.ids, instance.nodes.kind
    for e, (a, b) in enumerate(zip(links.a, links.b, strict=True)):
        kind = link_kind(kinds[a], kinds[b])
        yield {"ends": [ids[a], ids[b]], "kind": kind, "rate": _plain(links.rate[:, e]),
               "fidelity": float(links.fidelity[e])}  # fmt: skip


def _demand_records(instance: RoutingInstance) -> Iterator[dict[str, Any]]:
    demands, ids = instance.demands, instance.nodes.ids
    for k, name in enumerate(demands.ids):
        yield {"id": name, "source": ids[demands.source[k]], "destination": ids[demands.destination[k]],
               "weight": _plain(demands.weight[:, k]), "target_fidelity": float(demands.target_fidelity[k]),
               "minimum_rate": float(demands.minimum_rate[k])}  # fmt: skip


def document_text(document: Mapping[str, Any]) -> str:
    """Return the JSON text of a document: one record a line, so that it reads and diffs well.

    Parameters
    ----------
    document
        The fields of an instance or plan file.
    """
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in value)
            lines.append(f"{json.dumps(key)}: [\n{rows}\n ]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}")
    return "{" + ",\n ".join(lines) + "}\n"
