"""The user's cache: built networks by the hash of what they are built from."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from satqn.errors import OutputError
from satqn.files import write_atomically
from satqn.model.network import LinkTable, Network, NodeTable

FORMAT = "satqn-network-1"
"""Raised whenever a network is built or stored differently: older files are then no longer found."""

KEPT = 8
"""Networks kept in the cache; the least recently written ones go first."""

_NODE_COLUMNS = ("ids", "lat_deg", "lon_deg", "population", "inserted")
_LINK_COLUMNS = ("a", "b", "length")
_GRAPH_COLUMNS = ("indptr", "indices", "weights")


def cache_folder() -> Path:
    """Return the folder of what can be had again: ``SATQN_CACHE_DIR``, or the one the system provides."""
    chosen = os.environ.get("SATQN_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("satqn", appauthor=False)


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
    A damaged file is built anew and replaced; a cache that cannot be written costs time, never the run.
    """
    path = cache_folder() / "networks" / f"{network_key(nodes, rule)}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return read_network(path)
    network = build()
    with suppress(OutputError):
        write_atomically(path, _packed(network))
        _forget_old(path.parent)
    return network


def network_key(nodes: NodeTable, rule: tuple[Any, ...]) -> str:
    """Return the name under which a network is kept: a hash of nodes, rule and format."""
    digest = hashlib.sha256(f"{FORMAT} {rule!r} {len(nodes)} {nodes.ids.dtype.str}".encode())
    for column in _NODE_COLUMNS:
        digest.update(getattr(nodes, column).tobytes())
    return digest.hexdigest()[:32]


def read_network(path: Path) -> Network:
    """Read a stored network; any damage raises one of the errors of numpy, zip and the file system."""
    with np.load(path, allow_pickle=False) as stored:
        column = {name: stored[name] for name in (*_NODE_COLUMNS, *_LINK_COLUMNS, *_GRAPH_COLUMNS)}
    for name in _GRAPH_COLUMNS:
        column[name].setflags(write=False)
    return Network(
        nodes=NodeTable(*(column[name] for name in _NODE_COLUMNS)),
        links=LinkTable(*(column[name] for name in _LINK_COLUMNS)),
        **{name: column[name] for name in _GRAPH_COLUMNS},
    )


def _packed(network: Network) -> bytes:
    buffer = io.BytesIO()
    tables = ((network.nodes, _NODE_COLUMNS), (network.links, _LINK_COLUMNS), (network, _GRAPH_COLUMNS))
    np.savez(buffer, **{name: getattr(table, name) for table, names in tables for name in names})
    return buffer.getvalue()


def _forget_old(folder: Path) -> None:
    with suppress(OSError):
        stored = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in stored[KEPT:]:
            file.unlink()
