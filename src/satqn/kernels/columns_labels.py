"""The best columns of demands in one slot at given prices: best-first search over labels (spec all-paths, 3).

A label is a path so far: what it pays, its loss, 1 / its narrowest rate, its hops, and the time that its
last link takes of a crowded node. Its key is the most that any completion can be worth. One label dominates
another at the same node if it is no worse in all of these and has no fewer virtual links left to take.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.columns_cost import base_pairs_of_loss
from satqn.kernels.columns_heap import doubled, doubled_int, pop, push
from satqn.kernels.columns_reach import spread_layers
from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROUNDING = 1e-9
"""Losses are looked up by so much less, so that rounding never makes a cost too high."""
NEAR = 1e-9
"""A column this little better than the best known one, as a share, is none: prices hold to no more."""


@njit(cache=True, nogil=True)
def _key(
    worth: float, table: FloatArray, step: float, loss: float, price: float, narrow: float
) -> float:  # fmt: skip
    """Return the most a completion is worth, from bounds on its loss, price and 1 / rate."""
    cell = int(max(loss - ROUNDING, 0.0) / step)
    if cell >= len(table) or price == np.inf or narrow == np.inf:
        return -np.inf
    gain = worth / table[cell] - price
    if narrow > 0.0:
        return gain / narrow
    return -np.inf if gain <= 0.0 else np.inf


@njit(cache=True, nogil=True)
def best_columns(
    ptr: IntArray,
    head: IntArray,
    link: IntArray,
    price: FloatArray,
    loss: FloatArray,
    narrow: FloatArray,
    share: FloatArray,
    crowd: FloatArray,
    partner_ptr: IntArray,
    partner: IntArray,
    partner_pair: IntArray,
    pair_a: IntArray,
    pair_b: IntArray,
    pair_narrow: FloatArray,
    front_ptr: IntArray,
    front_price: FloatArray,
    front_loss: FloatArray,
    front_hops: IntArray,
    source: IntArray,
    target: IntArray,
    worth: FloatArray,
    kind: IntArray,
    fixed_narrow: FloatArray,
    floor: FloatArray,
    goal: IntArray,
    least_loss: FloatArray,
    least_narrow: FloatArray,
    least_hops: FloatArray,
    tables: FloatArray,
    step: float,
    fidelity: FloatArray,
    protocol: int,
    werner: bool,
    hop_cap: int,
    wanted: int,
    room: int,
    patience: int,
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Return the best columns of every demand, and a bound on what any column is worth.

    Parameters
    ----------
    ptr, head, link
        Arcs of the links that are up, as of :func:`satqn.kernels.columns_fronts.routes_of_slot`.
    price, loss, narrow, share
        Of every arc: price per base pair, loss, 1 / the most it carries, and the time it takes of a crowded
        node per unit of rate (0 for fibre).
    crowd
        1 / time that the links of a node share, where two of them may fill it; else 0.
    partner_ptr, partner, partner_pair
        Virtual links by node: other end and number of the pair.
    pair_a, pair_b, pair_narrow
        Virtual links: ends, and 1 / the most that can be drawn.
    front_ptr, front_price, front_loss, front_hops
        Stock fronts of the slot.
    source, target, worth, kind, fixed_narrow
        Of every demand: ends, worth of a delivered pair, row of ``tables``, and 1 / rate where it does not
        depend on the path (else 0).
    floor
        Best known worth; nothing below it is sought.
    goal, least_loss, least_narrow, least_hops
        Row of the demand in the tables of what remains at least from a node, shape (goals, layers, N).
    tables, step
        Purification cost by loss, in cells of width ``step``, at their left ends: never too high.
    fidelity, protocol, werner
        Of :func:`satqn.kernels.columns_cost.base_pairs_of_loss`; fidelities by row of ``tables``.
    hop_cap
        Most links where hops count, else 0.
    wanted
        Most columns per demand.
    room
        Most labels per demand. A label beyond raises the bound to its key instead.
    patience
        Most labels that are looked at once the first column is there.

    Returns
    -------
    bound
        sigma*: no column of the demand is worth more.
    demand, worth, price, loss, narrow
        Of every column found.
    start, steps
        Column i takes ``steps[start[i]:start[i + 1]]``: a link, or ``-1 - entry`` of a front.
    """
    demands, nodes = len(source), len(ptr) - 1
    layers = least_loss.shape[1]
    bound = np.empty(demands)
    out_demand = np.empty(demands * wanted, np.int64)
    out_value, out_price = np.empty(demands * wanted), np.empty(demands * wanted)
    out_loss, out_narrow = np.empty(demands * wanted), np.empty(demands * wanted)
    start, steps = np.zeros(demands * wanted + 1, np.int64), np.empty(256, np.int64)
    found = 0
    size0 = 256
    lab_price, lab_loss, lab_narrow = np.empty(size0), np.empty(size0), np.empty(size0)
    lab_last = np.empty(size0)
    lab_hops, lab_node, lab_up = (
        np.empty(size0, np.int64), np.empty(size0, np.int64), np.empty(size0, np.int64)
    )  # fmt: skip
    lab_step, lab_next = np.empty(size0, np.int64), np.empty(size0, np.int64)
    key, tie, item = np.empty(size0), np.empty(size0), np.empty(size0, np.int64)
    first = np.full(layers * nodes, -1, np.int64)
    ahead = np.empty((layers, nodes))
    jump, lowest = np.full(len(pair_a), np.inf), 0.0
    for n in range(len(pair_a)):
        for i in range(front_ptr[n], front_ptr[n + 1]):
            jump[n] = min(jump[n], front_price[i])
            lowest = min(lowest, front_price[i])  # drawing from a full initial stock may be worth something
    # Where nothing has a price yet, nothing remains to be paid.
    free = lowest == 0.0
    for arc in range(len(price)):
        free &= price[arc] == 0.0
    for i in range(len(front_price)):
        free &= front_price[i] == 0.0
    top = np.empty(wanted)
    for k in range(demands):
        table = tables[kind[k]]
        to_loss, to_narrow = least_loss[goal[k]], least_narrow[goal[k]]
        to_hops = least_hops[goal[k] if hop_cap > 0 else 0]
        fixed = fixed_narrow[k]
        at_least = floor[k] + NEAR * abs(floor[k])
        bound[k] = at_least
        s = source[k]
        begin = fixed if fixed > 0.0 else to_narrow[0, s]
        # The most that any path has left to pay: nodes from where the rest costs more are of no use.
        cell = int(max(to_loss[0, s] - ROUNDING, 0.0) / step) if to_loss[0, s] < np.inf else len(table)
        if cell >= len(table) or begin == np.inf:
            continue
        budget = worth[k] / table[cell] - at_least * begin
        if budget < 0.0 and lowest == 0.0:
            continue
        if free:
            for layer in range(layers):
                for v in range(nodes):
                    ahead[layer, v] = 0.0 if to_loss[layer, v] < np.inf else np.inf
        else:
            limit = max(budget, 0.0) - lowest * (layers - 1)
            spread_layers(ptr, head, price, pair_a, pair_b, jump, target[k], False, limit, ahead)
        count, size, refused, popped, had = 0, 0, -np.inf, 0, 0
        top[:] = at_least
        value = _key(worth[k], table, step, to_loss[0, s], ahead[0, s], begin)
        if value > at_least:
            lab_price[0], lab_loss[0], lab_narrow[0], lab_last[0] = 0.0, 0.0, begin, 0.0
            lab_hops[0], lab_node[0], lab_up[0], lab_step[0], lab_next[0] = 0, s, -1, 0, -1
            first[s] = 0
            count = 1
            size = push(key, tie, item, 0, -value, 0.0, 0)
        while size > 0:
            value, i = -key[0], item[0]
            size = pop(key, tie, item, size)
            if lab_next[i] == -2 or (value <= top[wanted - 1] and lab_node[i] % nodes != target[k]):
                continue
            layer, v = lab_node[i] // nodes, lab_node[i] % nodes
            if v == target[k]:
                if had == 0:
                    bound[k] = max(bound[k], value)
                length, j = 0, i
                while lab_up[j] >= 0:
                    length, j = length + 1, lab_up[j]
                end = start[found] + length
                while end > len(steps):
                    steps = doubled_int(steps)
                j, at = i, end - 1
                while lab_up[j] >= 0:
                    steps[at] = lab_step[j]
                    j, at = lab_up[j], at - 1
                out_demand[found], out_value[found], out_price[found] = k, value, lab_price[i]
                out_loss[found], out_narrow[found] = lab_loss[i], lab_narrow[i]
                found += 1
                start[found] = end
                had += 1
                if had == wanted:
                    break
                continue
            if had > 0:
                popped += 1
                if popped > patience:
                    break
            arcs = ptr[v + 1] - ptr[v]
            jumps = 0
            if layer < layers - 1:
                jumps = partner_ptr[v + 1] - partner_ptr[v]
            for way in range(arcs + jumps):
                if way < arcs:
                    arc = ptr[v] + way
                    u, to_layer, first_entry, last_entry = head[arc], layer, 0, 1
                else:
                    place = partner_ptr[v] + way - arcs
                    n = partner_pair[place]
                    u, to_layer = partner[place], layer + 1
                    first_entry, last_entry = front_ptr[n], front_ptr[n + 1]
                if ahead[to_layer, u] == np.inf:
                    continue
                for entry in range(first_entry, last_entry):
                    if way < arcs:
                        p, el = lab_price[i] + price[arc], lab_loss[i] + loss[arc]
                        h, last, what = lab_hops[i] + 1, 0.0, link[arc]
                        b = narrow[arc]
                        if crowd[v] > 0.0:
                            b = max(b, (lab_last[i] + share[arc]) * crowd[v])
                        if crowd[u] > 0.0:
                            b = max(b, share[arc] * crowd[u])
                            last = share[arc]
                    else:
                        p, el = lab_price[i] + front_price[entry], lab_loss[i] + front_loss[entry]
                        h, last, what = lab_hops[i] + front_hops[entry], 0.0, -1 - entry
                        b = pair_narrow[n]
                    if hop_cap > 0 and h + to_hops[to_layer, u] > hop_cap:
                        continue
                    b = fixed if fixed > 0.0 else max(max(b, lab_narrow[i]), to_narrow[to_layer, u])
                    if u == target[k]:
                        g = base_pairs_of_loss(el, fidelity[kind[k]], protocol, werner)
                        if g == np.inf or b == np.inf:
                            continue
                        value = (worth[k] / g - p) / b
                        last = 0.0
                    else:
                        value = _key(worth[k], table, step, el + to_loss[to_layer, u],
                                     p + ahead[to_layer, u], b)  # fmt: skip
                    if value <= top[wanted - 1]:
                        continue
                    if count >= room:
                        refused = max(refused, value)
                        continue
                    state = to_layer * nodes + u
                    if u != target[k]:
                        if _dominated(first, lab_next, lab_price, lab_loss, lab_narrow, lab_last, lab_hops,
                                      nodes, to_layer, u, p, el, b, last, h, hop_cap > 0):  # fmt: skip
                            continue
                        _displace(first, lab_next, lab_price, lab_loss, lab_narrow, lab_last, lab_hops,
                                  state, p, el, b, last, h, hop_cap > 0)  # fmt: skip
                    else:
                        _rank(top, value)
                    if count == len(lab_price):
                        lab_price, lab_loss = doubled(lab_price), doubled(lab_loss)
                        lab_narrow, lab_last = doubled(lab_narrow), doubled(lab_last)
                        lab_hops, lab_node = doubled_int(lab_hops), doubled_int(lab_node)
                        lab_up, lab_step = doubled_int(lab_up), doubled_int(lab_step)
                        lab_next = doubled_int(lab_next)
                    if size == len(key):
                        key, tie, item = doubled(key), doubled(tie), doubled_int(item)
                    lab_price[count], lab_loss[count], lab_narrow[count] = p, el, b
                    lab_last[count], lab_hops[count], lab_node[count] = last, h, state
                    lab_up[count], lab_step[count], lab_next[count] = i, what, -1
                    if u != target[k]:
                        lab_next[count] = first[state]
                        first[state] = count
                    size = push(key, tie, item, size, -value, float(count), count)
                    count += 1
        for j in range(count):
            first[lab_node[j]] = -1
        bound[k] = max(bound[k], refused)
    return (
        bound, out_demand[:found].copy(), out_value[:found].copy(), out_price[:found].copy(),
        out_loss[:found].copy(), out_narrow[:found].copy(), start[: found + 1].copy(),
        steps[: start[found]].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _rank(top: FloatArray, value: float) -> None:
    """Put a value among the largest ones, which are in falling order."""
    at = len(top) - 1
    while at > 0 and top[at - 1] < value:
        top[at] = top[at - 1]
        at -= 1
    top[at] = value


@njit(cache=True, nogil=True)
def _dominated(
    first: IntArray, follows: IntArray, price: FloatArray, loss: FloatArray, narrow: FloatArray,
    last: FloatArray, hops: IntArray, nodes: int, layer: int, v: int,
    p: float, el: float, b: float, w: float, h: int, count_hops: bool,
) -> bool:  # fmt: skip
    """Whether a label at the node, with no fewer virtual links left, is nowhere worse than a new one."""
    for lower in range(layer + 1):
        j = first[lower * nodes + v]
        while j >= 0:
            if price[j] <= p and loss[j] <= el and narrow[j] <= b and last[j] <= w and (
                not count_hops or hops[j] <= h
            ):  # fmt: skip
                return True
            j = follows[j]
    return False


@njit(cache=True, nogil=True)
def _displace(
    first: IntArray, follows: IntArray, price: FloatArray, loss: FloatArray, narrow: FloatArray,
    last: FloatArray, hops: IntArray, state: int,
    p: float, el: float, b: float, w: float, h: int, count_hops: bool,
) -> None:  # fmt: skip
    """Take out of the list of a state all labels that a new one dominates; they are marked by -2."""
    before, j = -1, first[state]
    while j >= 0:
        after = follows[j]
        if p <= price[j] and el <= loss[j] and b <= narrow[j] and w <= last[j] and (
            not count_hops or h <= hops[j]
        ):  # fmt: skip
            if before < 0:
                first[state] = after
            else:
                follows[before] = after
            follows[j] = -2
        else:
            before = j
        j = after
