"""Fibre paths as the kernels take them: positions along the fibre, ragged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import Network
from satqn.network.shortest import FibrePaths

FloatArray = NDArray[np.float64]


def positions_along(network: Network, paths: FibrePaths) -> FloatArray:
    """Return the position of every node of every path along its fibre, m from the path's first node.

    Parameters
    ----------
    network
        The network in which the paths were found; neighbours sorted within each row, as
        :meth:`Network.from_tables` makes them.
    paths
        Ragged paths whose consecutive nodes are linked.

    Returns
    -------
    NDArray[np.float64]
        Shape of ``paths.nodes``.
    """
    nodes, n = paths.nodes, len(network)
    tail = np.repeat(np.arange(n), np.diff(network.indptr))
    links = tail * n + network.indices
    step = np.zeros(len(nodes))
    if len(nodes) > 1:
        hops = np.flatnonzero(np.isin(np.arange(1, len(nodes)), paths.indptr, invert=True))
        step[hops + 1] = network.weights[np.searchsorted(links, nodes[hops] * n + nodes[hops + 1])]
    # Path by path: one running sum over all of them would lose digits.
    for start, end in zip(paths.indptr[:-1].tolist(), paths.indptr[1:].tolist(), strict=True):
        np.cumsum(step[start:end], out=step[start:end])
    return step
