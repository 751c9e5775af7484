"""The fibre network on the ground: neighbours linked, components joined, long links split, stations set."""

from __future__ import annotations

import numpy as np

from satqn.errors import InputError
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.network.joining import components, joining_links
from satqn.network.links import nearest_neighbour_links
from satqn.network.splitting import split_long_links
from satqn.network.stations import BoundingBox, bounding_box, station_grid

__all__ = [
    "BoundingBox",
    "bounding_box",
    "components",
    "fibre_network",
    "joining_links",
    "nearest_neighbour_links",
    "split_long_links",
    "station_grid",
]


def fibre_network(nodes: NodeTable, k: int = 3) -> Network:
    """Return the connected network of k nearest neighbours and the shortest joins of its components.

    Parameters
    ----------
    nodes
        Nodes with unique ids, latitudes in [-90, 90] degrees.
    k
        Neighbours per node, at least 1.

    Raises
    ------
    InputError
        If two nodes have one id, or a position is not a position.

    Notes
    -----
    Source: shao2025, Methods; specification of the hybrid network, section 3.
    """
    _check(nodes)
    near = nearest_neighbour_links(nodes, k)
    joins = joining_links(nodes, near)
    links = LinkTable(*(np.concatenate([getattr(near, c), getattr(joins, c)]) for c in ("a", "b", "length")))
    return Network.from_tables(nodes, links)


def _check(nodes: NodeTable) -> None:
    names, counts = np.unique(nodes.ids, return_counts=True)
    if names.size < len(nodes):
        raise InputError(
            f"{counts.max()} nodes are called {str(names[counts.argmax()])!r}",
            why="A node is found by its name",
            fix="Give every node a name of its own",
        )
    valid = (np.abs(nodes.lat_deg) <= 90.0) & (np.abs(nodes.lon_deg) <= 360.0)
    if not valid.all():
        bad = int(np.flatnonzero(~valid)[0])
        raise InputError(
            f"latitude {nodes.lat_deg[bad]}, longitude {nodes.lon_deg[bad]} degrees",
            where=f"node {nodes.ids[bad]}",
            why="It is no place on Earth",
            fix="Use degrees north in [-90, 90] and east in [-180, 180]",
        )
