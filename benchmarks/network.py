"""The network: building it and finding shortest paths, beside the ways users would write.

    python benchmarks/network.py [--quick]

Every table comes from one run: CPU time of one process, best of three (once where a way takes longer
than ten seconds). The node set is the census tracts where `SATQN_DATA` or the cache has them, thinned at
random to the sizes shown; otherwise towns scattered at random. The naive way is networkx and plain
Python, as the definition reads. Results go to benchmarks/results/network.json.
"""

from __future__ import annotations

import json
import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import networkx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from satqn.model.network import Network, NodeTable
from satqn.network.cache import cached_network
from satqn.network.datasets import locate, node_table
from satqn.network.ground import fibre_network, split_long_links
from satqn.network.hierarchy import ContractionHierarchy
from satqn.network.shortest import PathFinder, nearest_station

RESULTS = Path(__file__).parent / "results" / "network.json"
RULE = "eight_pieces"

Row = dict[str, float | int | str]
Ends = NDArray[np.int64]


@dataclass(frozen=True)
class Sizes:
    """What is measured: numbers of nodes (0 stands for all) and of pairs."""

    naive_build: tuple[int, ...] = (250, 500, 1000, 2000)
    build: tuple[int, ...] = (250, 500, 1000, 2000, 8000, 32000, 0)
    paths: tuple[int, ...] = (5000, 20000, 0)
    pairs: tuple[int, ...] = (10, 100, 1000, 10000, 100000)


QUICK = Sizes(naive_build=(250, 500), build=(250, 500, 2000, 0), paths=(4000, 0), pairs=(10, 100, 1000))


def cpu_seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return the least CPU time of three runs, or of one that takes long."""
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        work(*arguments)
        best = min(best, time.process_time() - start)
        if best > 10.0:
            break
    return best


def node_set() -> tuple[str, NodeTable]:
    """Return all nodes and what they are."""
    if locate("us-tracts") is not None:
        return "census tracts", node_table("us-tracts", "published")
    rng = np.random.default_rng(1)
    n, towns = 83_000, rng.uniform((26, -123), (48, -70), (600, 2))
    size = rng.pareto(1.1, 600) + 0.02
    place = towns[rng.choice(600, n, p=size / size.sum())] + rng.normal(0, 0.25, (n, 2))
    nobody = np.zeros(n, dtype=bool)
    return "scattered towns", NodeTable(
        np.arange(n).astype(str), place[:, 0], place[:, 1], np.ones(n), nobody
    )


def thinned(nodes: NodeTable, n: int) -> NodeTable:
    """Return n of the nodes, drawn at random; 0 stands for all."""
    if n == 0:
        return nodes
    kept = np.sort(np.random.default_rng(n).permutation(len(nodes))[:n])
    return NodeTable(
        nodes.ids[kept],
        nodes.lat_deg[kept],
        nodes.lon_deg[kept],
        nodes.population[kept],
        nodes.inserted[kept],
    )


def naive_network(nodes: NodeTable, k: int = 3) -> networkx.Graph:
    """Build the fibre network as its definition reads: all pairs, then the shortest join again and again."""
    place = [(math.radians(a), math.radians(b)) for a, b in zip(nodes.lat_deg, nodes.lon_deg, strict=True)]
    n = len(place)

    def distance(i: int, j: int) -> float:
        (lat1, lon1), (lat2, lon2) = place[i], place[j]
        h = math.sin((lat2 - lat1) / 2) ** 2
        h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return 2 * 6_371_000.0 * math.asin(math.sqrt(h))

    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    for i in range(n):
        for length, j in sorted((distance(i, j), j) for j in range(n) if j != i)[:k]:
            graph.add_edge(i, j, length=length)
    while True:
        first, *others = networkx.connected_components(graph)
        if not others:
            return graph
        outside = set().union(*others)
        length, i, j = min((distance(i, j), i, j) for i in first for j in outside)
        graph.add_edge(i, j, length=length)


def building(nodes: NodeTable, sizes: Sizes) -> list[Row]:
    """Return the time to build networks of growing size, and the powers with which it grows."""
    rows: list[Row] = []
    for n in sizes.build:
        some = thinned(nodes, n)
        ours = cpu_seconds(fibre_network, some)
        row: Row = {"nodes": len(some), "satqn_s": ours}
        if n in sizes.naive_build:
            links = fibre_network(some).links
            assert {tuple(sorted(edge)) for edge in naive_network(some).edges} == set(
                zip(links.a.tolist(), links.b.tolist(), strict=True)
            )
            row["naive_s"] = cpu_seconds(naive_network, some)
            row["ratio"] = row["naive_s"] / ours
        rows.append(row)
    growth: Row = {"nodes": "growth n^"}
    for way, measured in (("satqn_s", rows[-4:]), ("naive_s", [row for row in rows if "naive_s" in row])):
        growth[way] = exponent(
            [float(row["nodes"]) for row in measured], [float(row[way]) for row in measured]
        )
    return [*rows, growth]


def exponent(size: list[float], seconds: list[float]) -> float:
    """Return the power of the size with which a time grows."""
    return float(np.polyfit(np.log(size), np.log(seconds), 1)[0])


def whole_country(nodes: NodeTable) -> list[Row]:
    """Return every step of making the whole network ready, and reading it from the cache instead."""
    network = fibre_network(nodes)
    split = split_long_links(network, RULE)
    rule = (3, RULE)
    cached_network(nodes, rule, lambda: split)
    stations = np.arange(0, len(nodes), 600)
    steps: dict[str, tuple[Callable[..., object], *tuple[object, ...]]] = {
        "nearest neighbours and joins": (fibre_network, nodes),
        "split long links": (split_long_links, network, RULE),
        "the same from the cache": (cached_network, nodes, rule, lambda: split),
        "prepare shortest paths": (ContractionHierarchy.of, split),
        "nearest station of every node": (nearest_station, split, stations),
    }
    return [{"step": name, "satqn_s": cpu_seconds(*step)} for name, step in steps.items()]


def scipy_paths(network: Network, a: Ends, b: Ends) -> list[list[int]]:
    """Find paths with one tree per pair, walked back in Python."""
    n = len(network)
    graph = csr_array((network.weights, network.indices, network.indptr), shape=(n, n))
    paths = []
    for start, goal in zip(a.tolist(), b.tolist(), strict=True):
        _, before = dijkstra(graph, indices=start, return_predecessors=True)
        path = [goal]
        while path[-1] != start:
            path.append(int(before[path[-1]]))
        paths.append(path[::-1])
    return paths


def routingkit(network: Network) -> Callable[[Ends, Ends], list[list[int]]] | None:
    """Return the peer's search, prepared, if it is installed; its weights are whole centimetres."""
    try:
        from pyroutingkit import CCH
    except ImportError:
        return None
    peer, links = CCH(), network.links
    tail = np.concatenate([links.a, links.b]).astype(np.uint32)
    head = np.concatenate([links.b, links.a]).astype(np.uint32)
    lat, lon = network.nodes.lat_deg.astype(np.float32), network.nodes.lon_deg.astype(np.float32)
    peer.build_topology(tail, head, lat, lon, len(network))
    peer.customize_weights(np.tile(np.round(links.length * 100), 2).astype(np.uint32))
    return lambda a, b: [peer.query(i, j)[1] for i, j in zip(a.tolist(), b.tolist(), strict=True)]


def networkx_paths(graph: networkx.Graph, a: Ends, b: Ends) -> list[list[int]]:
    return [
        networkx.dijkstra_path(graph, i, j, weight="length")
        for i, j in zip(a.tolist(), b.tolist(), strict=True)
    ]


def searching(nodes: NodeTable, sizes: Sizes) -> list[Row]:
    """Return the time per path by size of the network; preparation apart."""
    rows: list[Row] = []
    for n in sizes.paths:
        network = split_long_links(fibre_network(thinned(nodes, n)), RULE)
        a, b = np.random.default_rng(3).integers(len(network), size=(2, 10_000))
        finder = PathFinder(network, "hierarchy")
        paths = finder.paths(a, b)
        for p, path in enumerate(scipy_paths(network, a[:20], b[:20])):
            assert path == paths.nodes[paths.indptr[p] : paths.indptr[p + 1]].tolist()
        graph = networkx.Graph()
        for i, j, length in zip(network.links.a, network.links.b, network.links.length, strict=True):
            graph.add_edge(int(i), int(j), length=float(length))
        ours = 1e6 * cpu_seconds(finder.paths, a, b) / len(a)
        trees = 1e6 * cpu_seconds(scipy_paths, network, a[:20], b[:20]) / 20
        naive = 1e6 * cpu_seconds(networkx_paths, graph, a[:5], b[:5]) / 5
        row: Row = {
            "nodes": len(network),
            "links_per_path": round(float(np.diff(paths.indptr).mean()) - 1),
            "prepare_s": cpu_seconds(ContractionHierarchy.of, network),
            "satqn_us": ours,
            "scipy_us": trees,
            "networkx_us": naive,
            "scipy_ratio": trees / ours,
            "networkx_ratio": naive / ours,
        }
        peer = routingkit(network)
        if peer is not None:
            row["routingkit_prepare_s"] = cpu_seconds(routingkit, network)
            row["routingkit_us"] = 1e6 * cpu_seconds(peer, a, b) / len(a)
        rows.append(row)
    return rows


def growing(nodes: NodeTable, sizes: Sizes) -> list[Row]:
    """Return the time for a number of pairs on the whole network, preparation included."""
    network = split_long_links(fibre_network(nodes), RULE)
    rows: list[Row] = []
    for pairs in sizes.pairs:
        a, b = np.random.default_rng(4).integers(len(network), size=(2, pairs))
        row: Row = {
            "pairs": pairs,
            "satqn_s": cpu_seconds(lambda a, b: PathFinder(network).paths(a, b), a, b),
        }
        if pairs <= 100:
            row["scipy_s"] = cpu_seconds(scipy_paths, network, a, b)
        rows.append(row)
    return rows


def show(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([written(row.get(key, "")) for key in columns] for row in rows)]
    widths = [max(len(line[c]) for line in cells) for c in range(len(columns))]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def written(value: float | int | str) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    return str(value)


def main() -> None:
    """Run every table, print it and write them all."""
    source, nodes = node_set()
    sizes = Sizes()
    if "--quick" in sys.argv:
        sizes, nodes = QUICK, thinned(nodes, 9000)
    # Compiling is not part of any table.
    PathFinder(fibre_network(thinned(nodes, 300)), "hierarchy").paths([0], [1])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SATQN_CACHE_DIR"] = folder
        tables = {
            "building": building(nodes, sizes),
            "whole network": whole_country(nodes),
            "shortest paths": searching(nodes, sizes),
            "shortest paths by number of pairs": growing(nodes, sizes),
        }
    for title, rows in tables.items():
        show(title, rows)
    record = {
        "nodes": f"{len(nodes)} {source}",
        "python": platform.python_version(),
        "machine": platform.machine(),
        "libraries": {name: version(name) for name in ("numpy", "scipy", "numba", "networkx")},
        "tables": tables,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
