"""Simple paths, real and through storage: all of them up to a hop cap, or the k shortest.

A virtual path is a simple path f with marked segments ``(i, j)``: nodes i..j of f are the route q of a
virtual link between the storage nodes at either end of the segment. So one enumeration serves both.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from satqn.routing.graph import FAR, RoutingGraph

Marks = tuple[tuple[int, int], ...]
Candidate = tuple[tuple[int, ...], Marks]
"""Nodes of f(p), and its marked segments."""
Inside = tuple[()] | tuple[int, int]
"""Outside virtual links, or (where the one in hand began, the node at which it must end)."""
Label = tuple[int, tuple[int, ...], Marks, Inside, int, int, tuple[int, ...]]
"""A partial path: bound on its length, node ranks, closed segments, the open one, length, loss, nodes."""


@dataclass(frozen=True, slots=True)
class StorageMap:
    """Which nodes may be the two ends of a virtual link.

    Parameters
    ----------
    partners
        Node to the nodes with which it forms a storage pair; symmetric.
    """

    partners: dict[int, tuple[int, ...]]

    def marks(self, nodes: tuple[int, ...], most: int) -> Iterator[Marks]:
        """Yield every choice of 1..``most`` segments of a path that do not overlap, in order."""

        def extend(start: int, chosen: Marks) -> Iterator[Marks]:
            if chosen:
                yield chosen
            if len(chosen) == most:
                return
            for i in range(start, len(nodes) - 1):
                allowed = self.partners.get(nodes[i], ())
                for j in range(i + 1, len(nodes)):
                    if nodes[j] in allowed:
                        yield from extend(j, (*chosen, (i, j)))

        yield from extend(0, ())


Stop = Callable[[], bool]
"""Whether the time for a search is used up."""
OFTEN = 256
"""Steps between two looks at the clock."""


def never() -> bool:
    """Leave a search all the time it wants."""
    return False


def all_simple_paths(
    graph: RoutingGraph, source: int, target: int, max_hops: int, stop: Stop = never
) -> Iterator[tuple[int, ...]]:
    """Yield every simple path of at most ``max_hops`` links, in depth-first order of node ids.

    Parameters
    ----------
    graph
        The graph.
    source, target
        Its ends, different.
    max_hops
        Most links.
    stop
        Asked now and then; the search ends when it says so.
    """
    steps = count()
    hops = graph.distances(target, (1,) * len(graph.length))
    path, visited = [source], {source}

    def walk(node: int) -> Iterator[tuple[int, ...]]:
        if node == target:
            yield tuple(path)
            return
        if next(steps) % OFTEN == OFTEN - 1 and stop():
            return
        for neighbour, _ in graph.neighbours[node]:
            # A detour can be cut off as soon as even the shortest rest is too long.
            if neighbour in visited or len(path) + hops[neighbour] > max_hops:
                continue
            path.append(neighbour)
            visited.add(neighbour)
            yield from walk(neighbour)
            visited.remove(path.pop())

    if hops[source] <= max_hops:
        yield from walk(source)


@dataclass(frozen=True, slots=True)
class Query:
    """What the k shortest paths of one demand are sought under.

    Parameters
    ----------
    source, target
        Its ends.
    max_hops
        Most links of f(p).
    max_loss
        Largest -log of the path's swap factor, in units of 1e-12: beyond it no purification helps.
    max_virtual_links
        0 for real paths; else paths with 1 to so many virtual links.
    """

    source: int
    target: int
    max_hops: int
    max_loss: int
    max_virtual_links: int = 0


def shortest_paths(
    graph: RoutingGraph,
    query: Query,
    storage: StorageMap,
    to: Callable[[int], list[int]],
    stop: Stop = never,
) -> Iterator[Candidate]:
    """Yield simple paths in the order of their length, ties by node ids, lazily.

    Best-first search over partial simple paths; the rest of a path is bounded from below by the shortest
    walk through the stations it still has to pass, so the first complete paths are the shortest ones.

    Parameters
    ----------
    graph
        The graph.
    query
        Ends and limits.
    storage
        Storage pairs.
    to
        Memoised :meth:`RoutingGraph.distances`.
    stop
        Asked now and then; the search ends when it says so.

    Notes
    -----
    A partial path is outside virtual links, or inside one that must end at a given storage node.
    """
    goal = to(query.target)
    unit = (1,) * len(graph.length)
    hops = graph.distances(query.target, unit)
    losses = graph.distances(query.target, graph.loss)
    first_link = _before_first_link(query, storage, to) if query.max_virtual_links else goal

    def rest(node: int, inside: Inside, used: int) -> int:
        if inside:
            return to(inside[1])[node] + goal[inside[1]]
        return goal[node] if used or not query.max_virtual_links else first_link[node]

    start: Label = (rest(query.source, (), 0), (graph.rank[query.source],), (), (), 0, 0, (query.source,))
    heap = [start] if start[0] < FAR else []
    steps = count()
    while heap:
        if next(steps) % OFTEN == OFTEN - 1 and stop():
            return
        _, ranks, marks, inside, length, loss, nodes = heapq.heappop(heap)
        here = nodes[-1]
        if inside and inside[1] == here:
            marks, inside = (*marks, (inside[0], len(nodes) - 1)), ()
        if not inside and here == query.target:
            yield nodes, marks
            continue
        ways: list[Inside] = [inside]
        if not inside and len(marks) < query.max_virtual_links:
            ways += [(len(nodes) - 1, end) for end in storage.partners.get(here, ()) if end not in nodes]
        for way in ways:
            arrives = way[1] == query.target if way else bool(marks or not query.max_virtual_links)
            for neighbour, e in graph.neighbours[here]:
                if neighbour in nodes or (neighbour == query.target and not arrives):
                    continue
                further = loss + graph.loss[e]
                if (
                    len(nodes) + hops[neighbour] > query.max_hops
                    or further + losses[neighbour] > query.max_loss
                ):
                    continue
                reached = length + graph.length[e]
                bound = reached + rest(neighbour, way, len(marks))
                if bound < FAR:
                    visited = (*nodes, neighbour)
                    heapq.heappush(
                        heap, (bound, (*ranks, graph.rank[neighbour]), marks, way, reached, further, visited)
                    )


def _before_first_link(query: Query, storage: StorageMap, to: Callable[[int], list[int]]) -> list[int]:
    """Per node: the shortest walk to the target by way of some virtual link."""
    goal = to(query.target)
    # From where a link begins, by way of its best end. Nodes that nothing reaches need no distances.
    onwards: dict[int, int] = {}
    for end, partners in storage.partners.items():
        if goal[end] < FAR:
            behind = to(end)
            for begin in partners:
                onwards[begin] = min(onwards.get(begin, FAR), behind[begin] + goal[end])
    best = [FAR] * len(goal)
    for begin, span in onwards.items():
        if span < FAR:
            best = [min(old, d + span) for old, d in zip(best, to(begin), strict=True)]
    return best
