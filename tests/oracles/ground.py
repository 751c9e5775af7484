"""The fibre network as its definition says, in plain Python: slow and obvious."""

from __future__ import annotations

import heapq
import math
from itertools import combinations

RADIUS = 6_371_000.0


def great_circle(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance in m between two points in degrees by the haversine formula."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * RADIUS * math.asin(math.sqrt(min(h, 1.0)))


def nearest_neighbour_links(points: list[tuple[float, float]], k: int) -> set[tuple[int, int]]:
    """Return the links of the k-nearest-neighbour graph by comparing all pairs."""
    links = set()
    for i, here in enumerate(points):
        others = sorted((great_circle(here, there), j) for j, there in enumerate(points) if j != i)
        links |= {(min(i, j), max(i, j)) for _, j in others[:k]}
    return links


def joining_cost(points: list[tuple[float, float]], links: set[tuple[int, int]]) -> tuple[int, float]:
    """Return the number and the total length of the joins, by Kruskal's algorithm over all pairs."""
    component = list(range(len(points)))

    def join(i: int, j: int) -> bool:
        old, new = component[i], component[j]
        if old == new:
            return False
        for node, its in enumerate(component):
            if its == old:
                component[node] = new
        return True

    for i, j in links:
        join(i, j)
    count, total = 0, 0.0
    for length, i, j in sorted(
        (great_circle(points[i], points[j]), i, j) for i, j in combinations(range(len(points)), 2)
    ):
        if join(i, j):
            count += 1
            total += length
    return count, total


def distances(n: int, links: list[tuple[int, int, float]], source: int) -> list[float]:
    """Return the lengths of the shortest paths from one node, by Dijkstra's algorithm."""
    near: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for a, b, length in links:
        near[a].append((b, length))
        near[b].append((a, length))
    found = [math.inf] * n
    found[source] = 0.0
    queue = [(0.0, source)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if so_far > found[node]:
            continue
        for other, length in near[node]:
            if so_far + length < found[other]:
                found[other] = so_far + length
                heapq.heappush(queue, (found[other], other))
    return found
