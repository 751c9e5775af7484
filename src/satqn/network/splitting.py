"""Splitting long links by nodes on their great circle, so that light survives from node to node."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import LinkTable, Network, NodeTable
from satqn.sphere import along_great_circle, positions, unit_vectors
from satqn.units import KM

SplitRule = Literal["eight_pieces", "halve"]

LONGEST = {"eight_pieces": 61.7 * KM, "halve": 30.0 * KM}
"""Longest link that a rule leaves whole, m. Source: shao2025 (crossover L_c); specification, section 4."""

PIECES = {"eight_pieces": 8, "halve": 2}
"""Pieces that a link becomes each time it is too long. Source: shao2025; specification, sections 1 and 4."""


def pieces_of(length: NDArray[np.float64], rule: SplitRule) -> NDArray[np.int64]:
    """Return into how many equal pieces links of given lengths, in m, are split; 1 leaves a link whole.

    Examples
    --------
    >>> pieces_of(np.array([61.7e3, 61.8e3, 500e3]), "eight_pieces").tolist()
    [1, 8, 64]
    >>> pieces_of(np.array([30e3, 61e3]), "halve").tolist()
    [1, 4]
    """
    pieces = np.ones(len(length), dtype=np.int64)
    while (too_long := length / pieces > LONGEST[rule]).any():
        pieces[too_long] *= PIECES[rule]
    return pieces


def split_long_links(network: Network, rule: SplitRule) -> Network:
    """Return the network with its long links split into equal pieces.

    Parameters
    ----------
    network
        The network; its nodes keep their indices.
    rule
        ``eight_pieces``: a link longer than 61.7 km becomes eight, repeated (the published rule);
        ``halve``: a link is halved until no piece is longer than 30 km.

    Returns
    -------
    Network
        Inserted nodes follow the old ones, on the great circle between the ends A and B of their link,
        named ``A~B~1``, ``A~B~2``, ... from A on. Unsplit links come first.
    """
    nodes, links = network.nodes, network.links
    pieces = pieces_of(links.length, rule)
    split = np.flatnonzero(pieces > 1)
    inner = pieces[split] - 1
    parent = np.repeat(split, inner)
    step = np.arange(inner.sum()) - np.repeat(np.cumsum(inner) - inner, inner) + 1

    points = unit_vectors(nodes.lat_deg, nodes.lon_deg)
    fraction = step / pieces[parent]
    lat_deg, lon_deg = positions(
        along_great_circle(points[links.a[parent]], points[links.b[parent]], fraction)
    )
    names = [
        f"{nodes.ids[a]}~{nodes.ids[b]}~{j}"
        for a, b, j in zip(links.a[parent], links.b[parent], step, strict=True)
    ]
    zeros = np.zeros(len(parent))
    all_nodes = NodeTable(
        ids=np.concatenate([nodes.ids, np.array(names, dtype=np.str_)]),
        lat_deg=np.concatenate([nodes.lat_deg, lat_deg]),
        lon_deg=np.concatenate([nodes.lon_deg, lon_deg]),
        population=np.concatenate([nodes.population, zeros]),
        inserted=np.concatenate([nodes.inserted, np.ones(len(parent), dtype=bool)]),
    )

    # Piece j of a split link runs from its node j - 1 (or end A) to its node j (or end B).
    inserted = len(nodes) + np.arange(len(parent))
    is_last = step == pieces[parent] - 1
    before = np.where(step == 1, links.a[parent], inserted - 1)
    piece_a = np.concatenate([before, links.b[parent[is_last]]])
    piece_b = np.concatenate([inserted, inserted[is_last]])
    piece_length = np.concatenate([parent, parent[is_last]])
    whole = pieces == 1
    return Network.from_tables(
        all_nodes,
        LinkTable(
            a=np.concatenate([links.a[whole], piece_a]),
            b=np.concatenate([links.b[whole], piece_b]),
            length=np.concatenate([links.length[whole], (links.length / pieces)[piece_length]]),
        ),
    )
