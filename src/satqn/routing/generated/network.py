"""An instance in the arrays that the search over paths reads: links that are up in every slot, and limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from satqn.model.instance import RoutingInstance
from satqn.routing.base_pairs import base_pairs, path_fidelity, swap_factor
from satqn.routing.sharing import SharedLimits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LOSS_STEP = 1e-4
"""Width of a cell in which purification costs are looked up by loss."""
PROTOCOLS = {"bbpssw": 0, "dejmps": 1, "none": 2}
CROWDED = 2.0
"""With so many terminals at a node, two links of one path never fill it before either is full."""


@dataclass(frozen=True, slots=True)
class SlotGraph:
    """The links that are up in a slot, as arcs by their tail.

    Parameters
    ----------
    ptr, head, link
        Arcs of node v: ``head[ptr[v]:ptr[v + 1]]``, and the number of the link behind each.
    loss
        -log of the swap factor of every arc.
    narrow
        1 / the most that an arc carries by itself.
    share
        Time of a terminal that a unit of rate takes at the ends of an arc: 1 / C_e, 0 for fibre.
    crowd
        1 / m_v where two links of a path share the terminals of a node; else 0. Shape (V,).
    """

    ptr: IntArray
    head: IntArray
    link: IntArray
    loss: FloatArray
    narrow: FloatArray
    share: FloatArray
    crowd: FloatArray


@dataclass(frozen=True)
class Network:
    """An instance made ready for the search over paths.

    Parameters
    ----------
    instance
        The instance.
    limits
        What its links share.
    """

    instance: RoutingInstance
    limits: SharedLimits

    @classmethod
    def of(cls, instance: RoutingInstance) -> Network:
        """Make an instance ready."""
        return cls(instance, SharedLimits.of(instance))

    @cached_property
    def hop_cap(self) -> int:
        """Most links of a path where hops need counting; 0 where every simple path is within the cap."""
        cap = self.instance.paths.max_hops
        return 0 if cap is None or cap >= len(self.instance.nodes) - 1 else cap

    @cached_property
    def loss(self) -> FloatArray:
        """-log of the swap factor of every link, shape (E,)."""
        factor = swap_factor(self.instance.links.fidelity, self.instance.options.swap)
        return np.asarray(np.maximum(-np.log(factor), 0.0))

    @cached_property
    def free_space(self) -> NDArray[np.bool_]:
        """Which links take terminals of their ends, shape (E,)."""
        aloft = np.array([kind != "base_station" for kind in self.instance.nodes.kind], dtype=bool)
        return np.asarray(aloft[self.instance.links.a] | aloft[self.instance.links.b])

    @cached_property
    def crowd(self) -> FloatArray:
        """1 / m_v where two links of a path share terminals that can bind, else 0; shape (T, V)."""
        limits = self.limits
        bounded = [v for v, count in enumerate(self.instance.nodes.terminals) if count is not None]
        found = np.zeros((self.instance.slots, len(self.instance.nodes)))
        rows = np.flatnonzero((limits.name < limits.nodes) & (limits.limit < CROWDED))
        found[limits.slot[rows], np.array(bounded, dtype=np.int64)[limits.name[rows]]] = (
            1.0 / limits.limit[rows]
        )
        return found

    @cached_property
    def narrow(self) -> FloatArray:
        """1 / the most that a link carries by itself, shape (T, E); inf where it is down."""
        rate = self.instance.links.rate
        narrow = np.where(rate > 0, 1.0 / np.where(rate > 0, rate, 1.0), np.inf)
        limits = self.limits
        row = limits.links.row_of_value
        at = limits.slot[row], limits.links.values
        np.maximum.at(narrow, at, 1.0 / (rate[at] * limits.limit[row]))
        return narrow

    @cached_property
    def slots(self) -> tuple[SlotGraph, ...]:
        """The graph of every slot."""
        return tuple(self.graph(t, self.narrow[t], self.crowd[t]) for t in range(self.instance.slots))

    @cached_property
    def trees(self) -> tuple[tuple[IntArray, IntArray, FloatArray], ...]:
        """Arcs (ptr, head, 1 / rate) of a tree of widest links per slot.

        The widest path between two nodes of a graph is the one along such a tree, which has far fewer links.
        """
        return tuple(self._tree(graph) for graph in self.slots)

    def _tree(self, graph: SlotGraph) -> tuple[IntArray, IntArray, FloatArray]:
        nodes = len(self.instance.nodes)
        matrix = csr_array((graph.narrow, graph.head, graph.ptr), shape=(nodes, nodes))
        tree = minimum_spanning_tree(matrix).tocoo()
        tail = np.concatenate([tree.row, tree.col]).astype(np.int64)
        head = np.concatenate([tree.col, tree.row]).astype(np.int64)
        order = np.argsort(tail, kind="stable")
        ptr = np.zeros(nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail, minlength=nodes), out=ptr[1:])
        return ptr, head[order], np.concatenate([tree.data, tree.data])[order]

    def graph(self, slot: int, narrow: FloatArray, crowd: FloatArray) -> SlotGraph:
        """Return the links that are up in a slot and can carry something, with given limits.

        Parameters
        ----------
        slot
            t, from 0.
        narrow
            1 / the most that a link carries, shape (E,).
        crowd
            As of :class:`SlotGraph`.
        """
        links, count = self.instance.links, len(self.instance.nodes)
        up = np.flatnonzero((links.rate[slot] > 0) & np.isfinite(narrow))
        tail = np.concatenate([links.a[up], links.b[up]])
        head = np.concatenate([links.b[up], links.a[up]])
        order = np.argsort(tail, kind="stable")
        link = np.concatenate([up, up])[order]
        ptr = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail, minlength=count), out=ptr[1:])
        share = np.where(self.free_space[link], 1.0 / links.rate[slot, link], 0.0)
        return SlotGraph(ptr, head[order], link, self.loss[link], narrow[link], share, crowd)

    @cached_property
    def storage_pairs(self) -> IntArray:
        """Index of every storage pair with room at both ends, ordered by its first node, then its second."""
        pairs = self.instance.storage_pairs
        if not len(pairs):
            return np.empty(0, dtype=np.int64)
        room = self.instance.nodes.storage_capacity[pairs].min(axis=1) > 0
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return np.asarray(order[room[order]])

    @cached_property
    def pair_ends(self) -> tuple[IntArray, IntArray]:
        """First and second node of the pairs of :attr:`storage_pairs`."""
        ends = self.instance.storage_pairs[self.storage_pairs]
        return np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])

    @cached_property
    def pair_capacity(self) -> FloatArray:
        """Smaller capacity of the two ends of the pairs of :attr:`storage_pairs`, pairs."""
        a, b = self.pair_ends
        capacity = self.instance.nodes.storage_capacity
        return np.asarray(np.minimum(capacity[a], capacity[b]))

    @cached_property
    def partners(self) -> tuple[IntArray, IntArray, IntArray]:
        """Virtual links by node: ptr, other end, and position in :attr:`storage_pairs`."""
        a, b = self.pair_ends
        tail, other = np.concatenate([a, b]), np.concatenate([b, a])
        pair = np.concatenate([np.arange(len(a)), np.arange(len(a))])
        order = np.argsort(tail, kind="stable")
        ptr = np.zeros(len(self.instance.nodes) + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail, minlength=len(ptr) - 1), out=ptr[1:])
        return ptr, other[order], pair[order]

    @cached_property
    def kinds(self) -> tuple[FloatArray, IntArray]:
        """Target fidelities that occur, and which of them every demand has."""
        targets, kind = np.unique(self.instance.demands.target_fidelity, return_inverse=True)
        return targets, kind.astype(np.int64)

    @cached_property
    def cost_tables(self) -> FloatArray:
        """Purification cost by loss in cells of ``LOSS_STEP``, at their left ends; one row per target."""
        options = self.instance.options
        # Below 1/4 nothing is ever usable, and no fidelity lies above 1.
        most = float(-np.log(1e-3)) if options.swap == "werner" else float(-np.log(0.25))
        loss = np.arange(int(most / LOSS_STEP) + 2) * LOSS_STEP
        fidelity = path_fidelity(np.exp(-loss), options.swap)
        targets, _ = self.kinds
        tables = base_pairs(fidelity[None, :], targets[:, None], options.purification)
        usable = int(np.isfinite(tables).any(axis=0).sum())
        return np.ascontiguousarray(tables[:, :usable])

    @cached_property
    def shared_at(self) -> tuple[IntArray, IntArray]:
        """Sorted keys slot * E + link of what counts for limits, and the row of each."""
        limits = self.limits
        key = limits.slot[limits.links.row_of_value] * len(self.instance.links) + limits.links.values
        order = np.argsort(key, kind="stable")
        return key[order], limits.links.row_of_value[order]

    def limits_on(self, slot: IntArray, link: IntArray) -> tuple[IntArray, IntArray]:
        """Return (position, row) of every limit that uses of links in slots count for.

        Parameters
        ----------
        slot, link
            The uses, equally long.
        """
        key, row = self.shared_at
        wanted = slot * len(self.instance.links) + link
        first = np.searchsorted(key, wanted, side="left")
        count = np.searchsorted(key, wanted, side="right") - first
        position = np.repeat(np.arange(len(wanted)), count)
        within = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count)
        return position, row[first[position] + within]
