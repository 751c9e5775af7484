"""From chosen paths to a plan: the LP once more with every choice fixed, then the records of a plan file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathAges, PathSet
from satqn.model.plan import Aged, Discard, PlanClass, PlanPath, RealLeg, Serve, Stock, Store, VirtualLeg
from satqn.model.shown import Shown
from satqn.routing.formulation import Formulation

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NOTHING = 1e-9
"""A stock below this share of the most that a class can hold is not written."""
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, repr=False)
class Decisions(Shown):
    """What a plan does, in columns.

    Parameters
    ----------
    rate
        y of every serve column, shape (J,).
    storing
        w, shape (T, Q).
    stock
        z at the start of slots 1..T + 1, reckoned from y and w by C6, shape (T + 1, Q).
    objective_pairs, delivered_pairs
        Weighted, with the worth of the final stock; unweighted.
    """

    rate: FloatArray
    storing: FloatArray
    stock: FloatArray
    objective_pairs: float
    delivered_pairs: float


def decisions(f: Formulation, primal: FloatArray) -> Decisions:
    """Read the decisions out of the columns of the model.

    Parameters
    ----------
    f
        The formulation.
    primal
        Values of the columns of the whole model, as :func:`satqn.routing.repair.repaired` leaves them.
    """
    instance = f.instance
    tau, slots, classes = instance.slot_length, instance.slots, len(f.pool.classes)
    rate = primal[f.y.columns]
    storing = primal[f.w.columns].reshape(slots, classes)
    stock = primal[f.z.columns].reshape(slots + 1, classes)
    weight = instance.demands.weight[f.serve.slot, f.serve.demand]
    worth = instance.options.stock_end_value * float(stock[slots].sum())
    return Decisions(rate, storing, stock, tau * float(weight @ rate) + worth, tau * float(rate.sum()))


@dataclass(frozen=True, slots=True, repr=False)
class Records(Shown):
    """The records of a plan file."""

    classes: tuple[PlanClass, ...]
    paths: tuple[PlanPath, ...]
    serve: tuple[Serve, ...]
    store: tuple[Store, ...]
    stock: tuple[Stock, ...]
    discard: tuple[Discard, ...] = ()


def records(f: Formulation, done: Decisions) -> Records:
    """Write decisions as records; only paths and classes in use are listed, slots count from 1.

    Parameters
    ----------
    f
        The formulation.
    done
        The decisions.
    """
    if f.pool.ages is not None:
        return _aged_records(f, done, f.pool.ages)
    serving = np.flatnonzero(done.rate > 0)
    used_paths = np.unique(f.serve.path[serving])
    slots = f.instance.storing_slots
    held = done.stock[:slots] > NOTHING * f.stock.most_stored[:slots]
    used = (f.pool.classes.initial_stock > 0) | (done.storing > 0).any(axis=0) | held.any(axis=0)
    used[f.pool.drawn.take(used_paths)[1]] = True
    class_name = {int(q): f"c{number}" for number, q in enumerate(np.flatnonzero(used), start=1)}
    path_name = {int(p): f"p{number}" for number, p in enumerate(used_paths, start=1)}
    return Records(
        classes=tuple(_class(f.instance, f.pool, q, name) for q, name in class_name.items()),
        paths=tuple(_path(f.instance, f.pool, p, name, class_name) for p, name in path_name.items()),
        serve=tuple(
            Serve(int(f.serve.slot[j]) + 1, path_name[int(f.serve.path[j])], float(done.rate[j]))
            for j in serving
        ),
        store=tuple(
            Store(int(t) + 1, class_name[int(q)], float(done.storing[t, q]))
            for t, q in np.argwhere(done.storing > 0)
        ),
        stock=tuple(
            Stock(int(t) + 1, class_name[int(q)], float(done.stock[t, q])) for t, q in np.argwhere(held)
        ),
    )


def _aged_records(f: Formulation, done: Decisions, ages: PathAges) -> Records:
    """Write decisions as records where pairs age: paths as listed, and how old what they draw is.

    With cut-offs every copy of a class is a class of its own, and so is every path that draws from it.
    """
    pool = f.pool if ages.by_cutoff else ages.listed
    group_of = np.arange(len(ages.group), dtype=np.int64) if ages.by_cutoff else ages.group
    path_of = np.arange(len(f.pool), dtype=np.int64) if ages.by_cutoff else ages.origin
    slots = f.instance.storing_slots
    serving = np.flatnonzero(done.rate > 0)
    held = done.stock[:slots] > NOTHING * np.maximum(f.stock.most_stored[:slots], TINY)
    used = np.zeros(len(pool.classes), dtype=bool)
    used[group_of[(done.stock[0] > 0) | (done.storing > 0).any(axis=0) | held.any(axis=0)]] = True
    used_paths = np.unique(path_of[f.serve.path[serving]])
    used[pool.drawn.take(used_paths)[1]] = True
    class_name = {int(q): f"c{number}" for number, q in enumerate(np.flatnonzero(used), start=1)}
    path_name = {int(p): f"p{number}" for number, p in enumerate(used_paths, start=1)}
    name_of = [class_name.get(q, "") for q in group_of.tolist()]
    in_store: dict[tuple[int, str], float] = {}
    for t, q in np.argwhere(held).tolist():
        in_store[t + 1, name_of[q]] = in_store.get((t + 1, name_of[q]), 0.0) + float(done.stock[t, q])
    classes = [_class(f.instance, pool, q, name) for q, name in class_name.items()]
    if ages.by_cutoff:
        classes = [
            replace(c, cutoff=int(ages.cutoff[q]), initial_stock=float(done.stock[0, q]))
            for q, c in zip(class_name, classes, strict=True)
        ]
    return Records(
        classes=tuple(classes),
        paths=tuple(_path(f.instance, pool, p, name, class_name) for p, name in path_name.items()),
        serve=tuple(_aged_serves(f, done, ages, serving, path_of, path_name)),
        store=tuple(
            Store(int(t) + 1, name_of[int(q)], float(done.storing[t, q]))
            for t, q in np.argwhere(done.storing > 0)
        ),
        stock=tuple(Stock(t, name, pairs) for (t, name), pairs in in_store.items()),
        discard=tuple(_discards(f, done, ages, name_of)),
    )


def _aged_serves(
    f: Formulation, done: Decisions, ages: PathAges, serving: IntArray, path_of: IntArray,
    path_name: dict[int, str],
) -> Iterator[Serve]:  # fmt: skip
    """Yield one record per slot and path; parts of one record differ in the slots of storing."""
    parts: dict[tuple[int, int], list[Aged]] = {}
    for j in serving.tolist():
        row = int(f.serve.path[j])
        stored_in = tuple(int(ages.stored_in[q]) + 1 for q in f.pool.drawn[row].tolist())
        key = int(f.serve.slot[j]) + 1, int(path_of[row])
        parts.setdefault(key, []).append(Aged(stored_in, float(done.rate[j])))
    for (slot, p), rows in parts.items():
        told = tuple(row for row in rows if row.stored_in) if not ages.by_cutoff else ()
        yield Serve(slot, path_name[p], math.fsum(row.rate for row in rows), told)


def _discards(f: Formulation, done: Decisions, ages: PathAges, name_of: list[str]) -> Iterator[Discard]:
    """Yield what is neither drawn nor kept, from the balance of every store (C6)."""
    instance = f.instance
    tau, retention = instance.slot_length, instance.options.stock_retention
    for t in range(instance.storing_slots - 1):
        here = np.flatnonzero((f.serve.slot == t) & (done.rate > 0))
        at, group = f.pool.drawn.take(f.serve.path[here])
        drawn = np.bincount(group, (tau * f.serve.base_pairs[here] * done.rate[here])[at], len(name_of))
        kept = (done.stock[t + 1] - tau * done.storing[t]) / retention
        gone = done.stock[t] - drawn - kept
        for q in np.flatnonzero(gone > NOTHING * np.maximum(f.stock.most_stored[t], TINY)).tolist():
            stored_in = None if ages.by_cutoff else int(ages.stored_in[q]) + 1
            yield Discard(t + 1, name_of[q], float(gone[q]), stored_in)


def _class(instance: RoutingInstance, pool: PathSet, q: int, name: str) -> PlanClass:
    route = tuple(instance.nodes.ids[v] for v in pool.classes.route[q])
    one, other = (instance.nodes.ids[v] for v in instance.storage_pairs[pool.classes.pair[q]])
    return PlanClass(name, (one, other), route, float(pool.classes.initial_stock[q]))


def _path(
    instance: RoutingInstance, pool: PathSet, p: int, name: str, class_name: dict[int, str]
) -> PlanPath:
    ids = [instance.nodes.ids[v] for v in pool.nodes[p]]
    legs: list[RealLeg | VirtualLeg] = []
    run = ids[:1]
    for step, here, there in zip(pool.steps[p].tolist(), ids, ids[1:], strict=False):
        if step >= 0:
            run.append(there)
            continue
        if len(run) > 1:
            legs.append(RealLeg(tuple(run)))
        legs.append(VirtualLeg(class_name[-1 - step], here, there))
        run = [there]
    if len(run) > 1:
        legs.append(RealLeg(tuple(run)))
    demand = instance.demands.ids[pool.demand[p]]
    return PlanPath(name, demand, tuple(legs), float(pool.fidelity[p]), float(pool.base_pairs[p]))
