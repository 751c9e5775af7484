"""A fibre network as other simulators want it: ion nodes, and segments with one Bell measurement each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.hardware import FibreHardware
from satqn.model.network import Network
from satqn.model.shown import Shown
from satqn.scenario.planning import PlanScenario
from satqn.topology.fibres import fibre_chosen, fibre_lengths, fibre_uses

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class FibreGraph(Shown):
    """Ion nodes joined by segments of fibre with a photon repeater in the middle.

    Parameters
    ----------
    names
        Unique names of the nodes.
    a, b
        Numbers of the nodes at both ends of every segment.
    length
        Of every segment, m.
    hardware
        Of all nodes and fibres.
    direct
        How many of the segments stand for a fibre without photon repeater.
    """

    names: tuple[str, ...]
    a: IntArray
    b: IntArray
    length: FloatArray
    hardware: FibreHardware
    direct: int = 0

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            twice = Counter(self.names).most_common(1)[0][0]
            raise InputError(f"two nodes are called {twice!r}", fix="Give every node its own name")
        low, high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        pairs, count = np.unique(np.stack([low, high]), axis=1, return_counts=True)
        if np.any(count > 1):
            i, j = pairs[:, np.argmax(count > 1)]
            raise InputError(
                f"{self.names[i]} and {self.names[j]} are joined by several fibres",
                why="A router knows its Bell measurement by the neighbour behind it, so there can be one",
                fix="Keep one of them",
            )

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of_scenario(cls, scenario: PlanScenario) -> FibreGraph:
        """Return ground nodes and fibres of a planning scenario that is written out.

        Parameters
        ----------
        scenario
            From :func:`satqn.topology.expand.expand`.

        Notes
        -----
        A fibre with N photon repeaters becomes N equal segments joined by N - 1 nodes ``A~B~1``, …; one
        without any becomes one segment.
        """
        names = [node.id for node in scenario.ground.nodes]
        number = {name: i for i, name in enumerate(names)}
        ends: list[tuple[int, int]] = []
        lengths: list[float] = []
        direct = 0
        uses = fibre_uses(scenario)
        for one, other, length in fibre_lengths(scenario):
            repeaters = fibre_chosen(scenario, length, uses)[0]
            segments = max(repeaters, 1)
            direct += repeaters == 0
            between = range(len(names), len(names) + segments - 1)
            names += [f"{one}~{other}~{k}" for k in range(1, segments)]
            stops = [number[one], *between, number[other]]
            ends += pairwise(stops)
            lengths += [length / segments] * segments
        a, b = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        return cls(tuple(names), a, b, np.array(lengths), scenario.fibre.hardware.hardware(), direct)

    @classmethod
    def of_network(cls, network: Network, hardware: FibreHardware) -> FibreGraph:
        """Return the network of the hybrid protocol: each of its links is one segment."""
        links = network.links
        return cls(tuple(map(str, network.nodes.ids)), links.a, links.b, links.length, hardware)

    def degrees(self) -> IntArray:
        """Return how many segments end at every node."""
        return np.bincount(np.concatenate([self.a, self.b]), minlength=len(self)).astype(np.int64)

    def distances(self) -> FloatArray:
        """Return the shortest way over fibre between every two nodes, m, ``inf`` where there is none."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        size = len(self)
        graph = coo_array((self.length, (self.a, self.b)), shape=(size, size)).tocsr()
        return np.asarray(dijkstra(graph, directed=False))
