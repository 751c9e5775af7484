"""Every limit that links share by time, slot by slot: terminals of nodes, and the list of the instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from satqn.model.instance import RoutingInstance
from satqn.model.paths import Ragged
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class SharedLimits(Shown):
    """Limits that can bind, one row per limit and slot: sum of use / C_e^t over its links <= limit.

    Parameters
    ----------
    names
        Node ids, then ids of the sharing list.
    nodes
        How many of the names, at the front, stand for the terminals of a node.
    name, slot
        Position in ``names`` and t (from 0), shape (R,); ordered by slot.
    limit
        m > 0, shape (R,).
    links
        Indices of the links that are up, one row per limit and slot.
    """

    names: tuple[str, ...]
    nodes: int
    name: IntArray
    slot: IntArray
    limit: FloatArray
    links: Ragged

    @classmethod
    def of(cls, instance: RoutingInstance) -> SharedLimits:
        """Collect the limits of an instance; a limit cannot bind where it allows for all links that are up.

        Parameters
        ----------
        instance
            The instance.

        Notes
        -----
        Source: spec links, section 3. A link is in free space unless it joins two base stations.
        """
        bounded = [v for v, count in enumerate(instance.nodes.terminals) if count is not None]
        ids = [*(instance.nodes.ids[v] for v in bounded), *dict.fromkeys(row.id for row in instance.sharing)]
        nothing = np.empty(0, dtype=np.int64)
        name, slot, limit = [nothing], [nothing], [np.empty(0)]
        length, links = [nothing], [nothing]
        for which, most, shared, slots in _limits(instance, bounded, ids):
            up = instance.links.rate[np.ix_(slots, shared)] > 0
            binds = up.sum(axis=1) > most
            up = up[binds]
            name.append(np.full(len(up), which))
            slot.append(slots[binds])
            limit.append(np.full(len(up), most))
            length.append(up.sum(axis=1))
            links.append(shared[np.nonzero(up)[1]])
        order = np.argsort(np.concatenate(slot), kind="stable")
        lengths = np.concatenate(length)
        _, values = Ragged(_starts(lengths), np.concatenate(links)).take(order)
        return cls(
            names=tuple(ids),
            nodes=len(bounded),
            name=np.concatenate(name)[order],
            slot=np.concatenate(slot)[order],
            limit=np.concatenate(limit)[order],
            links=Ragged(_starts(lengths[order]), values),
        )

    def __len__(self) -> int:
        return len(self.limit)

    def on(self, slot: IntArray, link: IntArray, links: int) -> tuple[IntArray, IntArray]:
        """Return (position, row) of every row that uses of links in slots count for.

        Parameters
        ----------
        slot, link
            The uses, equally long.
        links
            Number of links E.
        """
        key = self.slot[self.links.row_of_value] * links + self.links.values
        by_key = np.argsort(key, kind="stable")
        wanted = slot * links + link
        first = np.searchsorted(key[by_key], wanted, side="left")
        count = np.searchsorted(key[by_key], wanted, side="right") - first
        position = np.repeat(np.arange(len(wanted), dtype=np.int64), count)
        within = np.arange(len(position), dtype=np.int64) - np.repeat(_starts(count)[:-1], count)
        return position, self.links.row_of_value[by_key[first[position] + within]]

    def most_alone(self, rate: FloatArray, paths: Ragged) -> FloatArray:
        """Return the most that every path may take from each of its links if no other path is in use.

        Parameters
        ----------
        rate
            C_e^t, rate unit, shape (T, E).
        paths
            Link indices, one row per path.

        Returns
        -------
        ndarray
            Shape (T, paths), rate unit; infinite where no limit binds.
        """
        most = np.full((rate.shape[0], len(paths)), np.inf)
        if not len(paths):
            return most
        width = rate.shape[1]
        of_path = csr_array((np.ones(len(paths.values)), paths.values, paths.ptr), (len(paths), width))
        for t in np.unique(self.slot).tolist():
            row, link = self.links.take(np.flatnonzero(self.slot == t))
            limit = self.limit[self.slot == t]
            of_limit = csr_array((1.0 / (limit[row] * rate[t, link]), (row, link)), (len(limit), width))
            fullest = (of_limit @ of_path.T).max(axis=0).toarray().ravel()
            crowded = fullest > 0
            most[t, crowded] = 1.0 / fullest[crowded]
        return most


def _limits(
    instance: RoutingInstance, bounded: list[int], ids: list[str]
) -> Iterator[tuple[int, float, IntArray, IntArray]]:
    """Yield name, limit, links and slots of the terminals of nodes, then of the sharing list."""
    links, every = instance.links, np.arange(instance.slots, dtype=np.int64)
    aloft = np.array([kind != "base_station" for kind in instance.nodes.kind], dtype=bool)
    free_space = aloft[links.a] | aloft[links.b]
    for number, v in enumerate(bounded):
        here = np.flatnonzero(free_space & ((links.a == v) | (links.b == v)))
        yield number, float(instance.nodes.terminals[v] or 0.0), here, every
    number_of = {name: len(bounded) + i for i, name in enumerate(ids[len(bounded) :])}
    for row in instance.sharing:
        slots = every if row.slot is None else every[row.slot : row.slot + 1]
        yield number_of[row.id], row.limit, np.array(row.links, dtype=np.int64), slots


def _starts(lengths: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
