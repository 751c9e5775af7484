"""Prices of everything that columns share, and what they add to a bound (spec all-paths, sections 1 and 2).

Every row of the master is divided by its right-hand side, so a price is the worth of all there is of
something. A key numbers the rows that could ever be there; the master holds those in use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.routing.generated.network import Network
from satqn.routing.generated.reach import initial_pairs

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Keys:
    """Where each kind of row begins among all keys.

    Parameters
    ----------
    links, limits, stores, promises, stocks, ends, choices, count
        C4 (t, e); C7 (row of the shared limits); C3 (t, node); minimum rates D (t, k); initial stock by
        class; final stock by pair; C2 (t, k); and the number of keys.
    """

    links: int
    limits: int
    stores: int
    promises: int
    stocks: int
    ends: int
    choices: int
    count: int

    @classmethod
    def of(cls, network: Network) -> Keys:
        """Return the numbers of the rows of an instance."""
        instance = network.instance
        slots, demands = instance.slots, len(instance.demands)
        sizes = (
            slots * len(instance.links), len(network.limits), (slots + 1) * len(instance.nodes),
            slots * demands, len(instance.initial_stock), len(network.storage_pairs), slots * demands,
        )  # fmt: skip
        return cls(*(int(start) for start in np.cumsum((0, *sizes))))


def sides(network: Network, keys: Keys) -> FloatArray:
    """Return the right-hand sides of all rows, each divided by what there is: 1, or less where it is taken.

    An initial stock that nobody draws fills its places to the end; where nothing is promised there is no row.

    Parameters
    ----------
    network, keys
        The instance and its rows.
    """
    instance = network.instance
    side = np.ones(keys.count)
    capacity, retention = instance.nodes.storage_capacity, instance.options.stock_retention
    survival = retention ** np.arange(instance.slots + 1)
    stores = side[keys.stores : keys.promises].reshape(instance.slots + 1, len(instance.nodes))
    for _, route, pairs in initial_pairs(network):
        for end in (route[0], route[-1]):
            stores[:, end] -= pairs * survival / capacity[end]
    np.maximum(stores, 0.0, out=stores)
    side[keys.promises : keys.stocks] = np.tile(instance.demands.minimum_rate > 0, instance.slots)
    return side


@dataclass(frozen=True, slots=True)
class Prices:
    """Non-negative prices of all rows, in weighted pairs for all there is of each.

    Parameters
    ----------
    network, keys
        The instance and its rows.
    worth
        One price per key; those of C2 are not read.
    """

    network: Network
    keys: Keys
    worth: FloatArray

    def per_base_pair(self) -> FloatArray:
        """Return P_e^t: what a unit of rate over a link pays, C4 and C7 together, shape (T, E)."""
        instance, limits = self.network.instance, self.network.limits
        shape = instance.slots, len(instance.links)
        whole = self.worth[self.keys.links : self.keys.limits].reshape(shape).copy()
        row = limits.links.row_of_value
        shared = self.worth[self.keys.limits : self.keys.stores][row] / limits.limit[row]
        np.add.at(whole, (limits.slot[row], limits.links.values), shared)
        rate = instance.links.rate
        return np.asarray(np.where(rate > 0, whole / np.where(rate > 0, rate, 1.0), 0.0))

    def rent(self) -> FloatArray:
        """Return what a unit of drawn rate pays for its place at a node, shape (T + 1, V)."""
        instance = self.network.instance
        capacity = instance.nodes.storage_capacity
        whole = self.worth[self.keys.stores : self.keys.promises].reshape(instance.slots + 1, len(capacity))
        return np.asarray(
            np.where(capacity > 0, instance.slot_length * whole / np.where(capacity > 0, capacity, 1.0), 0.0)
        )

    def premium(self) -> FloatArray:
        """Return what a unit of delivered rate earns for a promise kept, shape (T, K)."""
        instance = self.network.instance
        shape = instance.slots, len(instance.demands)
        whole = self.worth[self.keys.promises : self.keys.stocks].reshape(shape)
        least = instance.demands.minimum_rate
        return np.asarray(np.where(least > 0, whole / np.where(least > 0, least, 1.0), 0.0))

    def fixed(self, side: FloatArray) -> FloatArray:
        """Return the terms of the bound that no column changes; they add up to its fixed part.

        Parameters
        ----------
        side
            From :func:`sides`.
        """
        terms = self.worth * side
        terms[self.keys.promises : self.keys.stocks] *= -1.0
        return terms[: self.keys.ends]
