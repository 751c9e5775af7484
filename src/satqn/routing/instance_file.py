"""Reading instance files (JSON, YAML alike): spec routing, section 5."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InvalidFileError, Problem
from satqn.limits import ask
from satqn.model.instance import (
    Ageing,
    Demands,
    InitialStock,
    PathMode,
    PathOptions,
    RoutingInstance,
    RoutingLinks,
    RoutingNodes,
    RoutingOptions,
    Sharing,
)
from satqn.provenance import content_hash
from satqn.routing.documents import read_document, validate
from satqn.routing.instance_checks import faults, second_looks
from satqn.routing.instance_schema import InstanceFile, OptionsRecord
from satqn.routing.instance_writer import document_text
from satqn.routing.pool import ALL_SIMPLE_HOPS, ALL_SIMPLE_NODES

CELL_BYTES = 100.0
"""Of memory for a link or demand in a slot, in the instance and the model that is made of it: the rates take
8 bytes, rows and columns of a model with one path per demand the rest."""
PAIR_BYTES = 300.0
"""Of memory for a storage pair, as array and in the tables by which it is found."""


def load_instance(path: str | Path) -> RoutingInstance:
    """Read and check an instance file.

    Parameters
    ----------
    path
        JSON, or YAML if it ends in ``.yaml`` or ``.yml``.

    Raises
    ------
    InputError
        The file cannot be read.
    InvalidFileError
        It has faults; all of them are listed with record and field.
    """
    document, content = read_document(path)
    return instance_from_document(document, source=str(path), sha256=content_hash(content))


def instance_from_document(
    document: Mapping[str, Any], *, source: str = "instance", sha256: str | None = None
) -> RoutingInstance:
    """Check a document and make the instance of it.

    Parameters
    ----------
    document
        The fields of an instance file.
    source
        Where it comes from, for messages.
    sha256
        Of the file; by default of what :func:`document_text` writes for the document.

    Raises
    ------
    InvalidFileError
        The document has faults; all of them are listed.
    """
    document, problems = _options_in_place(document)
    record, shape_problems = validate(InstanceFile, document)
    problems += shape_problems
    problems += faults(document)
    if record is None or problems:
        raise InvalidFileError(source, problems)
    _ask_for(record, source)
    return _build(record, sha256 or content_hash(document_text(document)), second_looks(record))


def _ask_for(record: InstanceFile, source: str) -> None:
    """Refuse an instance whose tables are larger than a machine's memory, before they are made."""
    columns = len(record.links) + len(record.demands) + len(record.sharing)
    storing = sum(node.storage_pairs > 0 for node in record.nodes)
    pairs = storing * (storing - 1) / 2 if record.storage_pairs is None else len(record.storage_pairs)
    ask(
        f"an instance of {record.slots} slots, {columns} links and demands and {pairs:.0f} storage pairs",
        memory=record.slots * columns * CELL_BYTES + pairs * PAIR_BYTES,
        where=f"{source}: slots",
        fix="Take fewer slots, or name the storage_pairs that are meant",
    )


def _options_in_place(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Move options written at the top of the file, or beside ``paths.mode``, to where they belong."""
    moved = dict(document)
    problems = []
    options = moved.get("options", {})
    paths = moved.get("paths", {})
    if not isinstance(options, Mapping) or not isinstance(paths, Mapping):
        return moved, []
    options, paths = dict(options), dict(paths)
    for name in OptionsRecord.model_fields:
        for place, section in (("", moved), ("paths.", paths)):
            if name in section and (place == "" or name == "max_virtual_links"):
                value = section.pop(name)
                if options.setdefault(name, value) != value:
                    problems.append(
                        Problem(place + name, f"says {value!r}, options.{name} says {options[name]!r}")
                    )
    if options:
        moved["options"] = options
    if paths:
        moved["paths"] = paths
    return moved, problems


def _build(record: InstanceFile, sha256: str, warnings: list[str]) -> RoutingInstance:
    index = {node.id: i for i, node in enumerate(record.nodes)}
    capacity = np.array([node.storage_pairs for node in record.nodes])
    slots = record.slots
    storing = [i for i, c in enumerate(capacity) if c > 0]
    pairs = (
        [(a, b) for n, a in enumerate(storing) for b in storing[n + 1 :]]
        if record.storage_pairs is None
        else [(index[a], index[b]) for a, b in record.storage_pairs]
    )
    link = {frozenset(row.ends): e for e, row in enumerate(record.links)}
    mode = record.paths.mode or _default_mode(record)
    return RoutingInstance(
        name=record.name,
        rate_unit=record.rate_unit,
        slot_duration_s=record.slot_duration_s or 1.0,
        nodes=RoutingNodes(
            ids=tuple(index),
            kind=tuple(node.kind for node in record.nodes),
            storage_capacity=capacity,
            terminals=tuple(node.terminals for node in record.nodes),
        ),
        links=RoutingLinks(
            a=np.array([index[row.ends[0]] for row in record.links], dtype=np.int64),
            b=np.array([index[row.ends[1]] for row in record.links], dtype=np.int64),
            rate=_columns([row.rate for row in record.links], slots),
            fidelity=np.array([row.fidelity for row in record.links]),
        ),
        storage_pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        demands=Demands(
            ids=tuple(demand.id for demand in record.demands),
            source=np.array([index[demand.source] for demand in record.demands], dtype=np.int64),
            destination=np.array([index[demand.destination] for demand in record.demands], dtype=np.int64),
            weight=_columns([demand.weight for demand in record.demands], slots),
            target_fidelity=np.array([demand.target_fidelity for demand in record.demands]),
            minimum_rate=np.array([demand.minimum_rate for demand in record.demands]),
        ),
        initial_stock=tuple(
            InitialStock(tuple(index[node] for node in stock.route), stock.pairs)
            for stock in record.initial_stock
        ),
        paths=PathOptions(
            mode=mode,
            max_hops=record.paths.max_hops or (ALL_SIMPLE_HOPS if mode == "all_simple" else None),
            real=record.paths.per_demand.real,
            virtual=record.paths.per_demand.virtual,
            order=record.paths.order,
        ),
        options=RoutingOptions(**record.options.model_dump()),
        sha256=sha256,
        warnings=tuple(warnings),
        sharing=tuple(
            Sharing(
                id=row.id,
                limit=row.limit,
                links=tuple(link[frozenset(ends)] for ends in row.links),
                slot=None if row.slot is None else row.slot - 1,
            )
            for row in record.sharing
        ),
        ageing=_ageing(record),
    )


def _ageing(record: InstanceFile) -> Ageing | None:
    if record.ageing is None:
        return None

    def of_nodes(value: float | dict[str, float] | None) -> NDArray[np.float64]:
        by_node = value if isinstance(value, dict) else {}
        everywhere = np.inf if value is None or isinstance(value, dict) else value
        return np.array(
            [by_node.get(v.id, everywhere) if v.storage_pairs > 0 else np.inf for v in record.nodes]
        )

    return Ageing(
        record.ageing.model,
        of_nodes(record.ageing.memory_coherence_s),
        of_nodes(record.ageing.memory_relaxation_s),
        record.ageing.age_counts,
    )


def _default_mode(record: InstanceFile) -> PathMode:
    """Return how paths are found where a file does not say.

    Sizes of a pool ask for one; and what paths cannot be generated for has them listed by size.
    """
    if "per_demand" not in record.paths.model_fields_set and not record.options.storing_single_path:
        return "generated"
    return "all_simple" if len(record.nodes) <= ALL_SIMPLE_NODES else "k_shortest"


def _columns(values: list[float | list[float]], slots: int) -> NDArray[np.float64]:
    table = np.empty((slots, len(values)))
    for column, value in enumerate(values):
        table[:, column] = value
    return table


def instance_schema() -> dict[str, Any]:
    """Return the JSON Schema of instance files."""
    return InstanceFile.model_json_schema()
