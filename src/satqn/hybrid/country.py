"""The hybrid protocol over a whole network: from one place to all others, and by region."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from satqn.errors import InputError
from satqn.hybrid.protocol import evaluate_pairs
from satqn.model.country import PlaceMap, RegionMap, regions_of
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs, find_node

Progress = Callable[[int, int], None]


def map_of_place(system: HybridSystem, place: str, progress: Progress | None = None) -> PlaceMap:
    """Evaluate one place with every other place that has users.

    Parameters
    ----------
    system
        The hybrid system.
    place
        A node id, a city name, or ``LAT,LON``.
    progress
        Called with places done and all.

    Raises
    ------
    InputError
        The place is not known, or the network has no other.
    """
    start = find_node(system.network, place, "--from")
    others = np.flatnonzero(~system.network.nodes.inserted)
    others = others[others != start]
    if not len(others):
        raise InputError("the network has no other place", why="There is nothing to connect")
    found = evaluate_pairs(system, np.full(len(others), start), others, progress=progress)
    return PlaceMap(system.network, start, found, system.target_fidelity)


def map_of_regions(
    system: HybridSystem, pairs: int, seed: int, progress: Progress | None = None
) -> RegionMap:
    """Evaluate random pairs and gather them by the regions of their ends.

    Parameters
    ----------
    system
        The hybrid system.
    pairs
        How many to draw.
    seed
        Of the draw.
    progress
        Called with pairs done and all.
    """
    a, b = draw_pairs(system.network, pairs, seed)
    found = evaluate_pairs(system, a, b, progress=progress)
    names, index = np.unique(regions_of(system.network.nodes), return_inverse=True)
    there = np.unique(index[np.concatenate([a, b])])
    order = np.full(len(names), -1)
    order[there] = np.arange(len(there))
    region = np.where(system.network.nodes.inserted, -1, order[index])
    return RegionMap(
        system.network, found, tuple(names[there].tolist()), region.astype(np.int64), system.target_fidelity
    )
