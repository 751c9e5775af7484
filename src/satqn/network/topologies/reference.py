"""Reference networks by name: what ships with satqn, a collection in a folder, the package topohub."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from satqn.errors import DataError
from satqn.extras import how_to_get
from satqn.network.topologies.assemble import assembled
from satqn.network.topologies.model import Choices, FibreTopology
from satqn.network.topologies.node_link import node_link_topology
from satqn.units import KM

REFERENCE_FILE = "reference_fibre_topologies.json"
"""A collection of networks that may lie in the folder of ``SATQN_DATA``."""


def reference_topology(name: str, choices: Choices | None = None) -> FibreTopology:
    """Return a reference network by its name.

    Parameters
    ----------
    name
        ``CORONET`` ships with satqn; further ones are those of the collection in ``SATQN_DATA`` and of the
        package topohub (``sndlib/germany50``).
    choices
        How what a network leaves open is read.

    Raises
    ------
    DataError
        No network of that name is at hand.

    Examples
    --------
    >>> network = reference_topology("CORONET")
    >>> len(network.ids), len(network.a)
    (75, 100)
    """
    if name.upper() == "CORONET":
        return _coronet()
    collection = _collection()
    names = {part: key for key in collection for part in _names(key)}
    key = names.get(name.lower())
    if key is not None:
        return assembled(node_link_topology(collection[key], key), key, choices or Choices())
    graph = _of_topohub(name)
    if graph is not None:
        return assembled(node_link_topology(graph, name), name, choices or Choices())
    known = ", ".join(["CORONET", *sorted(collection)])
    raise DataError(
        f"no fibre network is called {name!r}",
        fix=f"At hand: {known}; many more after {how_to_get('topologies')}",
    )


def _of_topohub(name: str) -> dict[str, Any] | None:
    """Return a network of the package topohub, if that is installed and has it."""
    try:
        import topohub
    except ImportError:
        return None
    try:
        return dict(topohub.get(name))
    except (KeyError, FileNotFoundError, OSError, ValueError):
        return None


def _names(key: str) -> tuple[str, ...]:
    """Return what a network ``topohub:sndlib/germany50`` may be called."""
    whole = key.lower()
    return whole.rsplit("/", 1)[-1].rsplit(":", 1)[-1], whole.rsplit(":", 1)[-1], whole


def _coronet() -> FibreTopology:
    data = json.loads((files("satqn.data") / "coronet.json").read_text(encoding="utf-8"))
    ids = [node[0] for node in data["nodes"]]
    number = {name: i for i, name in enumerate(ids)}
    nodes, links = data["nodes"], data["links"]
    return FibreTopology(
        name="CORONET",
        ids=tuple(ids),
        lat_deg=tuple(node[1] for node in nodes),
        lon_deg=tuple(node[2] for node in nodes),
        population=tuple(node[3] for node in nodes),
        a=tuple(number[link[0]] for link in links),
        b=tuple(number[link[1]] for link in links),
        length=tuple(link[2] * KM for link in links),
        given=(True,) * len(links),
        altitude=(0.0,) * len(nodes),
    )


def _collection() -> dict[str, Any]:
    folder = os.environ.get("SATQN_DATA")
    path = Path(folder).expanduser() / REFERENCE_FILE if folder else None
    if path is None or not path.is_file():
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8")))
