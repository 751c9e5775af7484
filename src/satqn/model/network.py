"""The fibre network: nodes on the sphere and undirected links between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown

if TYPE_CHECKING:
    import networkx

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def _freeze(array: NDArray[Any], dtype: type | np.dtype[Any]) -> NDArray[Any]:
    frozen = np.ascontiguousarray(array, dtype=dtype)
    if frozen is array or frozen.base is not None:
        frozen = frozen.copy()
    frozen.setflags(write=False)
    return frozen


@dataclass(frozen=True, slots=True, repr=False)
class NodeTable(Shown):
    """Nodes in columns of equal length n.

    Parameters
    ----------
    ids
        Unique names (census geoid, city name, or ``A~B~3`` for a node inserted into link A-B); str.
    lat_deg, lon_deg
        Position, degrees north and east.
    population
        Inhabitants; 0 for inserted nodes.
    inserted
        True for nodes that split a long link (no users live there).
    """

    ids: NDArray[np.str_]
    lat_deg: FloatArray
    lon_deg: FloatArray
    population: FloatArray
    inserted: NDArray[np.bool_]

    def __post_init__(self) -> None:
        ids = np.asarray(self.ids, dtype=np.str_)
        object.__setattr__(self, "ids", _freeze(ids, ids.dtype))
        for name in ("lat_deg", "lon_deg", "population"):
            object.__setattr__(self, name, _freeze(getattr(self, name), float))
        object.__setattr__(self, "inserted", _freeze(self.inserted, bool))
        columns = (self.ids, self.lat_deg, self.lon_deg, self.population, self.inserted)
        sizes = {len(column) for column in columns}
        if len(sizes) != 1:
            raise ValueError(f"node columns have different lengths: {sorted(sizes)}")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, repr=False)
class LinkTable(Shown):
    """Undirected fibre links in columns of equal length; ``a < b`` in every row.

    Parameters
    ----------
    a, b
        Indices of the two ends.
    length
        Fibre length, m.
    """

    a: IntArray
    b: IntArray
    length: FloatArray

    def __post_init__(self) -> None:
        for name, dtype in (("a", np.int64), ("b", np.int64), ("length", float)):
            object.__setattr__(self, name, _freeze(getattr(self, name), dtype))
        if not len(self.a) == len(self.b) == len(self.length):
            raise ValueError("link columns have different lengths")

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True, repr=False)
class Network(Shown):
    """Nodes, links and the same links as a symmetric CSR graph.

    Parameters
    ----------
    nodes, links
        The tables.
    indptr, indices, weights
        CSR of both directions: neighbours of node i are ``indices[indptr[i]:indptr[i+1]]`` at
        fibre lengths ``weights[...]`` in m.
    """

    nodes: NodeTable
    links: LinkTable
    indptr: IntArray
    indices: IntArray
    weights: FloatArray

    @classmethod
    def from_tables(cls, nodes: NodeTable, links: LinkTable) -> Network:
        """Build the CSR graph of the tables."""
        n = len(nodes)
        tail = np.concatenate([links.a, links.b])
        head = np.concatenate([links.b, links.a])
        length = np.concatenate([links.length, links.length])
        order = np.lexsort((head, tail))
        indptr = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail, minlength=n), out=indptr[1:])
        return cls(
            nodes=nodes,
            links=links,
            indptr=_freeze(indptr, np.int64),
            indices=_freeze(head[order], np.int64),
            weights=_freeze(length[order], float),
        )

    def __len__(self) -> int:
        return len(self.nodes)

    def _shown(self) -> dict[str, Any]:
        return {"nodes": len(self.nodes), "links": len(self.links)}

    def to_networkx(self) -> networkx.Graph:
        """Return a ``networkx.Graph``: node ids as names, ``length_km`` on the edges."""
        import networkx

        graph = networkx.Graph()
        for i, name in enumerate(self.nodes.ids):
            graph.add_node(
                str(name),
                lat_deg=float(self.nodes.lat_deg[i]),
                lon_deg=float(self.nodes.lon_deg[i]),
                population=float(self.nodes.population[i]),
            )
        ids = self.nodes.ids
        for a, b, length in zip(self.links.a, self.links.b, self.links.length, strict=True):
            graph.add_edge(str(ids[a]), str(ids[b]), length_km=float(length) / 1000.0)
        return graph
