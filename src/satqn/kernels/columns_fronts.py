"""Stock fronts: what a stored pair of two nodes can cost in a slot, by price and loss (spec all-paths, 3).

Routes of a slot are searched from one node to all others, cheapest first and by loss among equals: a label
that is not better in loss than the last one that settled at its node is dominated. With a hop cap it is
dominated by those of no more hops only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_heap import doubled, doubled_int, pop, push
from satqn.kernels.columns_reach import spread
from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _usable(price: float, loss: float, most: FloatArray, step: float) -> bool:
    """Whether some demand of a later slot could pay for a stored pair of such price and loss."""
    cell = int(loss / step)
    return cell < len(most) and price <= most[cell]


@njit(cache=True, nogil=True)
def _settles(best: FloatArray, v: int, hops: int, loss: float) -> bool:
    """Record a label at a node unless another one with no more hops has no more loss."""
    last = best.shape[1] - 1
    at = min(hops, last)
    if best[v, at] <= loss:
        return False
    for h in range(at, last + 1):
        best[v, h] = min(best[v, h], loss)
    return True


@njit(cache=True, nogil=True)
def routes_of_slot(
    ptr: IntArray,
    head: IntArray,
    link: IntArray,
    price: FloatArray,
    loss: FloatArray,
    pair_a: IntArray,
    pair_b: IntArray,
    most: FloatArray,
    step: float,
    hop_cap: int,
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray, IntArray]:
    """Return the undominated routes of every storage pair in one slot.

    Parameters
    ----------
    ptr, head, link
        Arcs of the links that are up; ``link`` is the number of the link behind an arc.
    price, loss
        Of every arc, >= 0.
    pair_a, pair_b
        Storage pairs, ordered by their first node.
    most
        Largest price that any demand could pay, by loss in cells of ``step``; not increasing.
    step
        Width of a cell.
    hop_cap
        Most links of a route where hops count, else 0.

    Returns
    -------
    pair, price, loss, hops
        Of every route, by pair, then price.
    start, links
        Links of route i: ``links[start[i]:start[i + 1]]``, from the first node of the pair to the second.
    """
    nodes = len(ptr) - 1
    # What a label must still pay at least until it reaches any storage node.
    ahead = np.full(nodes, np.inf)
    for n in range(len(pair_a)):
        ahead[pair_b[n]] = 0.0
    cheapest = most[0] if len(most) else -1.0
    spread(ptr, head, price, False, max(cheapest, 0.0), ahead)
    found = 0
    out_pair, out_hops = np.empty(64, np.int64), np.empty(64, np.int64)
    out_price, out_loss = np.empty(64), np.empty(64)
    start, links = np.zeros(65, np.int64), np.empty(256, np.int64)
    # Labels and heap are kept from one source to the next.
    lab_price, lab_loss = np.empty(256), np.empty(256)
    lab_node, lab_up, lab_arc = np.empty(256, np.int64), np.empty(256, np.int64), np.empty(256, np.int64)
    lab_hops = np.empty(256, np.int64)
    key, tie, item = np.empty(256), np.empty(256), np.empty(256, np.int64)
    best = np.empty((nodes, max(hop_cap, 0) + 1))
    # The least label that waits at each node: what it dominates needs no place in the heap.
    wait_price, wait_loss, wait_hops = np.empty(nodes), np.empty(nodes), np.empty(nodes, np.int64)
    pair_of = np.full(nodes, -1, np.int64)
    n = 0
    while n < len(pair_a):
        a, first = pair_a[n], n
        while n < len(pair_a) and pair_a[n] == a:
            pair_of[pair_b[n]] = n
            n += 1
        best[:, :] = np.inf
        wait_price[:] = np.inf
        lab_price[0], lab_loss[0], lab_node[0], lab_up[0], lab_arc[0], lab_hops[0] = 0.0, 0.0, a, -1, -1, 0
        count = 1
        size = push(key, tie, item, 0, 0.0, 0.0, 0)
        from_here = found
        while size > 0:
            i = item[0]
            size = pop(key, tie, item, size)
            v = lab_node[i]
            if not _settles(best, v, lab_hops[i], lab_loss[i]):
                continue
            if v != a and pair_of[v] >= 0:
                if found == len(out_pair):
                    out_pair, out_hops = doubled_int(out_pair), doubled_int(out_hops)
                    out_price, out_loss = doubled(out_price), doubled(out_loss)
                    grown = np.zeros(2 * found + 1, np.int64)
                    grown[: found + 1] = start[: found + 1]
                    start = grown
                out_pair[found], out_hops[found] = pair_of[v], lab_hops[i]
                out_price[found], out_loss[found] = lab_price[i], lab_loss[i]
                end = start[found] + lab_hops[i]
                while end > len(links):
                    links = doubled_int(links)
                j, at = i, end - 1
                while lab_up[j] >= 0:
                    links[at] = link[lab_arc[j]]
                    j, at = lab_up[j], at - 1
                found += 1
                start[found] = end
            if hop_cap > 0 and lab_hops[i] >= hop_cap:
                continue
            for arc in range(ptr[v], ptr[v + 1]):
                u = head[arc]
                p, loss_u, hops = lab_price[i] + price[arc], lab_loss[i] + loss[arc], lab_hops[i] + 1
                if best[u, min(hops, best.shape[1] - 1)] <= loss_u:
                    continue
                if not _usable(p + ahead[u], loss_u, most, step):
                    continue
                if wait_price[u] <= p and wait_loss[u] <= loss_u and (hop_cap == 0 or wait_hops[u] <= hops):
                    continue
                if p < wait_price[u] or (p == wait_price[u] and loss_u < wait_loss[u]):
                    wait_price[u], wait_loss[u], wait_hops[u] = p, loss_u, hops
                if count == len(lab_price):
                    lab_price, lab_loss = doubled(lab_price), doubled(lab_loss)
                    lab_node, lab_up = doubled_int(lab_node), doubled_int(lab_up)
                    lab_arc, lab_hops = doubled_int(lab_arc), doubled_int(lab_hops)
                lab_price[count], lab_loss[count], lab_node[count] = p, loss_u, u
                lab_up[count], lab_arc[count], lab_hops[count] = i, arc, hops
                if size == len(key):
                    key, tie, item = doubled(key), doubled(tie), doubled_int(item)
                size = push(key, tie, item, size, p, loss_u, count)
                count += 1
        for m in range(first, n):
            pair_of[pair_b[m]] = -1
        _by_pair(out_pair, out_price, out_loss, out_hops, start, links, from_here, found)
    return (
        out_pair[:found].copy(), out_price[:found].copy(), out_loss[:found].copy(), out_hops[:found].copy(),
        start[: found + 1].copy(), links[: start[found]].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _by_pair(
    pair: IntArray, price: FloatArray, loss: FloatArray, hops: IntArray, start: IntArray, links: IntArray,
    first: int, last: int,
) -> None:  # fmt: skip
    """Order the routes ``first .. last - 1`` by pair, keeping the order within a pair."""
    if last - first < 2:
        return
    # Sorting by counting: few pairs, in a narrow range of numbers. It compiles in no time.
    lowest, highest = pair[first], pair[first]
    for i in range(first, last):
        lowest, highest = min(lowest, pair[i]), max(highest, pair[i])
    place = np.zeros(highest - lowest + 2, np.int64)
    for i in range(first, last):
        place[pair[i] - lowest + 1] += 1
    for i in range(1, len(place)):
        place[i] += place[i - 1]
    order = np.empty(last - first, np.int64)
    for i in range(first, last):
        order[place[pair[i] - lowest]] = i
        place[pair[i] - lowest] += 1
    pair[first:last] = pair[order]
    price[first:last] = price[order]
    loss[first:last] = loss[order]
    hops[first:last] = hops[order]
    old = links[start[first] : start[last]].copy()
    base = start[first]
    begin = start[first : last + 1].copy()
    at = base
    for i in range(first, last):
        was = order[i - first] - first
        length = begin[was + 1] - begin[was]
        links[at : at + length] = old[begin[was] - base : begin[was] - base + length]
        start[i] = at
        at += length
    start[last] = at


@njit(cache=True, nogil=True)
def next_front(
    pairs: int,
    old_ptr: IntArray,
    old_price: FloatArray,
    old_loss: FloatArray,
    old_hops: IntArray,
    old_slot: IntArray,
    old_route: IntArray,
    retention: float,
    slot: int,
    new_pair: IntArray,
    new_price: FloatArray,
    new_loss: FloatArray,
    new_hops: IntArray,
    rent: FloatArray,
    most: FloatArray,
    step: float,
    count_hops: bool,
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray, IntArray]:
    """Return the front of every pair at the start of a slot from the one before and the routes between.

    Parameters
    ----------
    pairs
        Number of storage pairs.
    old_ptr, old_price, old_loss, old_hops, old_slot, old_route
        The front of the slot before: entries of pair n are ``old_ptr[n]:old_ptr[n + 1]``.
    retention
        rho: what is in store for a slot more costs 1 / rho as much.
    slot
        In which the new routes are.
    new_pair, new_price, new_loss, new_hops
        From :func:`routes_of_slot`.
    rent
        Price of a place in store at both ends at the start of this slot, by pair.
    most, step
        As of :func:`routes_of_slot`, for this slot and later ones.
    count_hops
        Whether hops count in dominance.
    """
    room = len(old_price) + len(new_price)
    ptr = np.zeros(pairs + 1, np.int64)
    price, loss = np.empty(room), np.empty(room)
    hops, origin, route = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    count, fresh = 0, 0
    for n in range(pairs):
        i, last = old_ptr[n], old_ptr[n + 1]
        first = count
        while True:
            more = fresh < len(new_pair) and new_pair[fresh] == n
            if i >= last and not more:
                break
            p_old = old_price[i] / retention if i < last else np.inf
            use_old = i < last and (
                not more
                or p_old < new_price[fresh]
                or (p_old == new_price[fresh] and old_loss[i] <= new_loss[fresh])
            )
            if use_old:
                p, loss_n, h, s, r = p_old, old_loss[i], old_hops[i], old_slot[i], old_route[i]
                i += 1
            else:
                p, loss_n, h, s, r = new_price[fresh], new_loss[fresh], new_hops[fresh], slot, fresh
                fresh += 1
            if not _usable(p + rent[n], loss_n, most, step):
                continue
            dominated = False
            for j in range(count - 1, first - 1, -1):
                if loss[j] <= loss_n and (not count_hops or hops[j] <= h):
                    dominated = True
                    break
            if not dominated:
                price[count], loss[count], hops[count], origin[count], route[count] = p, loss_n, h, s, r
                count += 1
        for j in range(first, count):
            price[j] += rent[n]
        ptr[n + 1] = count
    return (
        ptr, price[:count].copy(), loss[:count].copy(), hops[:count].copy(), origin[:count].copy(),
        route[:count].copy(),
    )  # fmt: skip
