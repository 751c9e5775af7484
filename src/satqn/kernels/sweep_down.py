"""Distances from some nodes to all nodes of a contraction hierarchy: climb once, then sweep down once.

Source: Delling, Goldberg, Nowatzyk, Werneck, "PHAST" (2011): above a node only its heads matter, so visiting
the nodes by falling rank settles each from arcs whose heads are settled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.hierarchy import Hierarchy, Labels

FloatArray = NDArray[np.float64]


@njit(cache=True, nogil=True)
def sweep_down(hierarchy: Hierarchy, labels: Labels) -> FloatArray:
    """Return the distances from the labelled nodes to all nodes.

    Parameters
    ----------
    hierarchy, labels
        The labels of the sources.

    Returns
    -------
    FloatArray
        Shape (n, sources), by rank, m; ``inf`` where there is no way.
    """
    first, heads, parent, depth, length = (
        hierarchy.first,
        hierarchy.heads,
        hierarchy.parent,
        hierarchy.depth,
        hierarchy.length,
    )
    n, sources = len(first) - 1, len(labels.nodes)
    distance = np.full((n, sources), np.inf)
    for s in range(sources):
        x = labels.nodes[s]
        climbing = True
        while climbing:
            distance[x, s] = labels.distance[labels.start[s] + depth[x]]
            climbing = parent[x] != x
            x = parent[x]
    for x in range(n - 1, -1, -1):
        for e in range(first[x], first[x + 1]):
            y, step = heads[e], length[e]
            for s in range(sources):
                through = distance[y, s] + step
                if through < distance[x, s]:
                    distance[x, s] = through
    return distance
