"""PS-EGR as a MILP: one function per constraint, named as in zhang2024 (spec routing, section 2), and C7.

Columns: x (path choice), y (delivered purified rate), w (storing rate), z (pairs in store at the start of a
slot) and, where a storage pair may fill over one route only, s (its choice of route).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.shown import Shown
from satqn.routing.columns import ServeColumns, StockColumns, serve_columns, stock_columns
from satqn.routing.linear import LinearModel, Rows, Variables, bounded, extended, gather
from satqn.routing.sharing import SharedLimits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Formulation(Shown):
    """The problem in columns: what each constraint function reads.

    Parameters
    ----------
    instance, pool
        The instance and its paths.
    shared
        The limits that links share.
    serve, stock
        The columns (k, p, t) with their tight capacities, and the bounds on stocks.
    x, y, w, z, s
        Blocks of columns; x is empty where pairs may be split, s where storing is free.
    choice
        Which of x switches every y, shape (J,): paths that differ in the age of what they draw share one.
    """

    instance: RoutingInstance
    pool: PathSet
    shared: SharedLimits
    serve: ServeColumns
    stock: StockColumns
    x: Variables
    y: Variables
    w: Variables
    z: Variables
    s: Variables
    choice: IntArray

    @classmethod
    def of(cls, instance: RoutingInstance, pool: PathSet) -> Formulation:
        """Lay out the columns of an instance and its pool."""
        shared = SharedLimits.of(instance)
        stock = stock_columns(instance, pool, shared)
        serve = serve_columns(instance, pool, shared, stock)
        options = instance.options
        slots, classes = instance.slots, len(pool.classes)
        served = np.stack([serve.path, serve.slot], axis=1)
        choices, choice = _choices(pool, serve)
        sizes = {
            "x": choices[:0] if options.splittable else choices,
            "y": served,
            "w": _grid(slots, classes),
            "z": _grid(slots + 1, classes),
            "s": _grid(slots, classes) if options.storing_single_path else served[:0],
        }
        start, blocks = 0, {}
        for name, index in sizes.items():
            blocks[name] = Variables(name, start, len(index), index)
            start += len(index)
        return cls(instance, pool, shared, serve, stock, **blocks, choice=choice)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.s.start + self.s.count

    def w_column(self, slot: IntArray, group: IntArray) -> IntArray:
        """Column of w for slots and classes."""
        return self.w.start + slot * len(self.pool.classes) + group

    def z_column(self, slot: IntArray, group: IntArray) -> IntArray:
        """Column of z for slots and classes."""
        return self.z.start + slot * len(self.pool.classes) + group


def _choices(pool: PathSet, serve: ServeColumns) -> tuple[IntArray, IntArray]:
    """Return (path, slot) of every choice, and the choice behind every serve column."""
    if pool.ages is None:
        return np.stack([serve.path, serve.slot], axis=1), np.arange(len(serve), dtype=np.int64)
    origin = pool.origin[serve.path]
    key, choice = np.unique(serve.slot * max(len(pool.listed), 1) + origin, return_inverse=True)
    slot, path = np.divmod(key, max(len(pool.listed), 1))
    return np.stack([path, slot], axis=1), choice.astype(np.int64)


def _grid(slots: int, classes: int) -> IntArray:
    """(class, slot) of a block laid out slot by slot."""
    t, q = np.divmod(np.arange(slots * classes, dtype=np.int64), max(classes, 1))
    return np.stack([q, t], axis=1)


def c1_path_choice(f: Formulation) -> Rows:
    """C1: y <= Ymax x. A path carries pairs only where it is chosen."""
    j = np.arange(len(f.choice) if f.x.count else 0, dtype=np.int64)
    choice = f.choice[: len(j)]
    column = np.concatenate([f.y.start + j, f.x.start + choice])
    value = np.concatenate([np.ones(len(j)), -f.serve.most[: len(j)]])
    key = np.concatenate([j, j])
    rows = gather("C1", [key], column, value)
    return replace(rows, index=f.x.index[choice], upper=np.zeros(len(rows)))


def c2_one_path(f: Formulation) -> Rows:
    """C2: sum over p of x <= 1. A demand uses one path in a slot; = 1 where a minimum rate is due."""
    if not f.x.count:
        return _none("C2")
    column = np.arange(f.x.start, f.x.start + f.x.count, dtype=np.int64)
    demand = f.pool.listed.demand[f.x.index[:, 0]]
    rows = gather("C2", [demand, f.x.index[:, 1]], column, np.ones(len(column)))
    due = f.instance.demands.minimum_rate[rows.index[:, 0]] > 0
    return bounded(rows, lower=np.where(due, 1.0, -np.inf), upper=np.ones(len(rows)))


def c3_storage_capacity(f: Formulation) -> Rows:
    """C3: sum of z over the storage pairs at m <= C_m, at the start of every slot."""
    pairs = f.instance.storage_pairs[f.pool.classes.pair]
    slots = f.instance.storing_slots
    q = np.arange(len(pairs), dtype=np.int64)
    node = np.concatenate([pairs[:, 0], pairs[:, 1]])
    slot = np.repeat(np.arange(slots, dtype=np.int64), len(node))
    group, node = np.tile(np.concatenate([q, q]), slots), np.tile(node, slots)
    rows = gather("C3", [node, slot], f.z_column(slot, group), np.ones(len(node)))
    return bounded(rows, upper=f.instance.nodes.storage_capacity[rows.index[:, 0]])


def c4_link_capacity(f: Formulation) -> Rows:
    """C4: what paths and stores take from link e in a slot <= C_e."""
    link, slot, column, use = _link_use(f)
    rows = gather("C4", [link, slot], column, use)
    return bounded(rows, upper=f.instance.links.rate[rows.index[:, 1], rows.index[:, 0]])


def _link_use(f: Formulation) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return what takes from links: link, slot, column, and base pairs per unit of the column."""
    j, link = f.pool.links.take(f.serve.path)
    slot, group = np.nonzero(f.stock.most_storing > 0)
    stored, stored_link = f.pool.classes.links.take(group)
    return (
        np.concatenate([link, stored_link]),
        np.concatenate([f.serve.slot[j], slot[stored]]),
        np.concatenate([f.y.start + j, f.w_column(slot, group)[stored]]),
        np.concatenate([f.serve.base_pairs[j], np.ones(len(stored))]),
    )


def c5_draw_from_stock(f: Formulation) -> Rows:
    """C5: what is drawn from a class in a slot <= what it holds when the slot starts."""
    j, group = f.pool.drawn.take(f.serve.path)
    slot = f.serve.slot[j]
    drawn = gather("C5", [group, slot], f.y.start + j, f.instance.slot_length * f.serve.base_pairs[j])
    held = f.z_column(drawn.index[:, 1], drawn.index[:, 0]) if len(drawn) else drawn.row
    rows = extended(drawn, np.arange(len(drawn), dtype=np.int64), held, -np.ones(len(drawn)))
    return bounded(rows, upper=np.zeros(len(rows)))


def c6_stock_balance(f: Formulation) -> Rows:
    """C6: stock at the next slot = what is left, as far as it survives, + what was stored.

    Where pairs age it is at most that: old ones may be thrown away.
    """
    tau, retention = f.instance.slot_length, f.instance.options.stock_retention
    q, t = f.w.index[:, 0], f.w.index[:, 1]
    j, group = f.pool.drawn.take(f.serve.path)
    key = [np.concatenate([q, q, q, group]), np.concatenate([t, t, t, f.serve.slot[j]])]
    column = np.concatenate([f.z_column(t + 1, q), f.z_column(t, q), f.w_column(t, q), f.y.start + j])
    value = np.concatenate(
        [
            np.ones(len(q)),
            np.full(len(q), -retention),
            np.full(len(q), -tau),
            retention * tau * f.serve.base_pairs[j],
        ]
    )
    rows = gather("C6", key, column, value)
    lower = np.zeros(len(rows)) if f.pool.ages is None else np.full(len(rows), -np.inf)
    return bounded(rows, lower=lower, upper=np.zeros(len(rows)))


def oldest_in_store(f: Formulation) -> tuple[Rows, Rows]:
    """A1: with a cut-off A a class holds no more than the last A slots stored; A2: copies share its stock.

    Notes
    -----
    Source: specification of ageing. z^t <= sum over s = t - A .. t - 1 of rho^(t-1-s) tau w^s is exactly
    "oldest first, older than A thrown away": after drawing so, what is left are the newest z pairs.
    """
    ages = f.pool.ages
    if ages is None or not ages.by_cutoff:
        return _none("A1"), _none("A2")
    instance = f.instance
    tau, retention = instance.slot_length, instance.options.stock_retention
    q, t, column, value = (list[IntArray](), list[IntArray](), list[IntArray](), list[FloatArray]())
    group = np.arange(len(ages.cutoff), dtype=np.int64)

    def add(which: IntArray, slot: int, entry: IntArray, factor: float) -> None:
        q.append(which)
        t.append(np.full(len(which), slot, dtype=np.int64))
        column.append(entry)
        value.append(np.full(len(which), factor))

    for slot in range(1, instance.slots + 1):
        add(group, slot, f.z_column(np.full_like(group, slot), group), 1.0)
        for s in range(-1, slot):
            young = group[slot - s <= ages.cutoff]
            if s < 0:
                add(young, slot, f.z_column(np.zeros_like(young), young), -(retention**slot))
            else:
                stored = f.w_column(np.full_like(young, s), young)
                add(young, slot, stored, -tau * retention ** (slot - 1 - s))
    key = [np.concatenate(q), np.concatenate(t)]
    rows = gather("A1", key, np.concatenate(column), np.concatenate(value))
    first = f.z_column(np.zeros_like(group), group)
    split = gather("A2", [ages.group, np.zeros_like(group)], first, np.ones(len(first)))
    stock = ages.listed.classes.initial_stock[split.index[:, 0]]
    return bounded(rows, upper=np.zeros(len(rows))), bounded(split, lower=stock, upper=stock)


def c7_shared_terminals(f: Formulation) -> Rows:
    """C7: sum of use / C_e over the links that share the terminals of a node, or another limit, <= limit.

    Notes
    -----
    Source: spec links, section 3. A row is written in the unit of the rates, as C4 is: both sides times the
    largest C_e in it, so that no entry falls below what a solver reads; rates below 1 stay as they are.
    """
    link, slot, column, use = _link_use(f)
    i, limit = f.shared.on(slot, link, len(f.instance.links))
    rate = f.instance.links.rate[slot[i], link[i]]
    rows = gather("C7", [limit], column[i], use[i] / rate)
    limit = rows.index[:, 0]
    scale = np.ones(len(rows))
    np.maximum.at(scale, rows.row, rate)
    return replace(
        rows,
        index=np.stack([f.shared.name[limit], f.shared.slot[limit]], axis=1),
        value=rows.value * scale[rows.row],
        upper=f.shared.limit[limit] * scale,
    )


def minimum_rates(f: Formulation) -> Rows:
    """D: a demand with a minimum rate gets it in every slot."""
    demands = f.instance.demands
    promised = np.flatnonzero(demands.minimum_rate > 0)
    j = np.flatnonzero(demands.minimum_rate[f.serve.demand] > 0)
    position = np.full(len(demands), -1, dtype=np.int64)
    position[promised] = np.arange(len(promised))
    k, t = np.divmod(np.arange(len(promised) * f.instance.slots, dtype=np.int64), f.instance.slots)
    row = position[f.serve.demand[j]] * f.instance.slots + f.serve.slot[j]
    lower = demands.minimum_rate[promised][k]
    index = np.stack([promised[k], t], axis=1)
    return Rows("D", index, row, f.y.start + j, np.ones(len(j)), lower, np.full(len(k), np.inf))


def storing_over_one_route(f: Formulation) -> tuple[Rows, Rows]:
    """Option ``storing_single_path``: w <= Wmax s (S1) and sum over q of s <= 1 (S2)."""
    if not f.s.count:
        return _none("S1"), _none("S2")
    i = np.arange(f.s.count, dtype=np.int64)
    most = f.stock.most_storing.ravel()
    both = np.concatenate([f.w.start + i, f.s.start + i])
    one = gather("S1", [np.concatenate([i, i])], both, np.concatenate([np.ones(len(i)), -most]))
    choice = gather(
        "S2", [f.pool.classes.pair[f.s.index[:, 0]], f.s.index[:, 1]], f.s.start + i, np.ones(len(i))
    )
    linked = replace(one, index=f.s.index, upper=np.zeros(len(i)))
    return linked, bounded(choice, upper=np.ones(len(choice)))


def objective(f: Formulation) -> FloatArray:
    """Objective: tau times the weighted delivered rates, plus the worth of the final stock."""
    cost = np.zeros(f.width)
    weight = f.instance.demands.weight[f.serve.slot, f.serve.demand]
    cost[f.y.columns] = f.instance.slot_length * weight
    if f.instance.options.stock_end_value > 0:
        last = f.z.index[:, 1] == f.instance.slots
        cost[f.z.columns][last] = f.instance.options.stock_end_value
    return cost


def bounds(f: Formulation) -> tuple[FloatArray, FloatArray]:
    """Bounds of the columns; the stock of the first slot is the initial stock."""
    lower, upper = np.zeros(f.width), np.ones(f.width)
    upper[f.y.columns] = f.serve.most
    upper[f.w.columns] = f.stock.most_storing.ravel()
    upper[f.z.columns] = f.stock.most_stored.ravel()
    first = f.z.start + np.arange(len(f.pool.classes), dtype=np.int64)
    lower[first] = upper[first] = f.stock.most_stored[0]
    if f.pool.ages is not None and f.pool.ages.by_cutoff:
        # Which copy of a class has the stock of the start is a decision.
        lower[first] = 0.0
    return lower, upper


def formulate(instance: RoutingInstance, pool: PathSet) -> tuple[Formulation, LinearModel]:
    """Write the whole MILP of an instance and its pool as sparse arrays.

    Parameters
    ----------
    instance, pool
        The instance and its paths.
    """
    f = Formulation.of(instance, pool)
    lower, upper = bounds(f)
    integer = np.zeros(f.width, dtype=bool)
    integer[f.x.columns] = integer[f.s.columns] = True
    constraints = (
        c1_path_choice(f), c2_one_path(f), c3_storage_capacity(f), c4_link_capacity(f), c5_draw_from_stock(f),
        c6_stock_balance(f), c7_shared_terminals(f), minimum_rates(f), *storing_over_one_route(f),
        *oldest_in_store(f),
    )  # fmt: skip
    model = LinearModel.assemble(objective(f), lower, upper, integer, (f.x, f.y, f.w, f.z, f.s), constraints)
    return f, model


def _none(name: str) -> Rows:
    empty, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return Rows(name, np.empty((0, 2), dtype=np.int64), empty, empty, nothing, nothing, nothing)
