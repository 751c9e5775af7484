"""The user's cache: built networks by the hash of what they are built from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from satqn.kept import SUFFIX, cache_folder, forget_damaged, read_arrays, write_arrays
from satqn.model.network import LinkTable, Network, NodeTable

FORMAT = "satqn-network-1"
"""Raised whenever a network is built or stored differently: older files are then no longer found."""

KEPT = 8
"""Networks kept in the cache; the least recently written ones go first."""

_NODE_COLUMNS = ("ids", "lat_deg", "lon_deg", "population", "inserted")
_LINK_COLUMNS = ("a", "b", "length")
_GRAPH_COLUMNS = ("indptr", "indices", "weights")


def cached_network(nodes: NodeTable, rule: tuple[Any, ...], build: Callable[[], Network]) -> Network:
    """Return a network from the cache, or build it and keep it there.

    Parameters
    ----------
    nodes
        What the network is built from.
    rule
        How it is built: every choice that changes the result, with a stable ``repr``.
    build
        Builds it; called if the cache has no undamaged copy.

    Notes
    -----
    A damaged file is built anew and replaced, with a warning; a cache that cannot be written costs time,
    never the run.
    """
    path = cache_folder() / "networks" / f"{network_key(nodes, rule)}{SUFFIX}"
    if (kept := read_network(path)) is not None:
        return kept
    network = build()
    tables = ((network.nodes, _NODE_COLUMNS), (network.links, _LINK_COLUMNS), (network, _GRAPH_COLUMNS))
    if write_arrays(path, {name: getattr(table, name) for table, names in tables for name in names}):
        _forget_old(path.parent)
    return network


def network_key(nodes: NodeTable, rule: tuple[Any, ...]) -> str:
    """Return the name under which a network is kept: a hash of nodes, rule and format."""
    digest = hashlib.sha256(f"{FORMAT} {rule!r} {len(nodes)} {nodes.ids.dtype.str}".encode())
    for column in _NODE_COLUMNS:
        digest.update(getattr(nodes, column).tobytes())
    return digest.hexdigest()[:32]


def read_network(path: Path) -> Network | None:
    """Return a network that was kept, or None where there is none that can be believed."""
    column = read_arrays(path)
    if column is None:
        return None
    if set(column) != {*_NODE_COLUMNS, *_LINK_COLUMNS, *_GRAPH_COLUMNS}:
        forget_damaged(path)
        return None
    for name in _GRAPH_COLUMNS:
        column[name].setflags(write=False)
    return Network(
        nodes=NodeTable(*(column[name] for name in _NODE_COLUMNS)),
        links=LinkTable(*(column[name] for name in _LINK_COLUMNS)),
        **{name: column[name] for name in _GRAPH_COLUMNS},
    )


def _forget_old(folder: Path) -> None:
    with suppress(OSError):
        stored = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in stored[KEPT:]:
            file.unlink()
