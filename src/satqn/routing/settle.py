"""From chosen paths to a plan: the LP once more with every choice fixed, then the records of a plan file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.plan import PlanClass, PlanPath, RealLeg, Serve, Stock, Store, VirtualLeg
from satqn.model.shown import Shown
from satqn.routing.formulation import Formulation

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NOTHING = 1e-9
"""A stock below this share of the most that a class can hold is not written."""


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


def records(f: Formulation, done: Decisions) -> Records:
    """Write decisions as records; only paths and classes in use are listed, slots count from 1.

    Parameters
    ----------
    f
        The formulation.
    done
        The decisions.
    """
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
