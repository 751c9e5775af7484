"""Why a plan is as it is: what binds and what more of it would be worth, and why a demand gets nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown
from satqn.routing.highs import LiveLP
from satqn.routing.linear import LinearModel, Rows
from satqn.routing.pool import full_nodes
from satqn.routing.problem import Problem
from satqn.routing.subproblem import without_choices

FloatArray = NDArray[np.float64]

WORTHLESS = 1e-9
USED_UP = 1e-6
"""A shared limit of which less than this share is left is used up."""
LOOSE = 128.0
"""Bounds of columns are moved out to so many times what they are, so that rows bind instead."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price at the margin of something that binds: a dual, in weighted pairs, with the paths as chosen.

    Parameters
    ----------
    what
        ``link``, ``store``, ``class``, ``terminals``, ``sharing`` or ``minimum rate``.
    name
        Which one.
    slot
        From 1.
    worth
        Weighted pairs per pair (of the link in that slot, of room at the node, in the class, promised), per
        terminal of the node, or per unit of what is shared.
    """

    what: str
    name: str
    slot: int
    worth: float

    @property
    def per(self) -> str:
        """What one more of is worth so much: a pair, a terminal, or a unit of what is shared."""
        return {"terminals": "terminal", "sharing": "unit"}.get(self.what, "pair")

    def __str__(self) -> str:
        sentence = {
            "link": "price at the margin of one more pair on link {name}: {worth:.4g}",
            "store": "price at the margin of room for one more pair at node {name}: {worth:.4g}",
            "class": "price at the margin of one more pair in store over {name}: {worth:.4g}",
            "terminals": "price at the margin of one more terminal at node {name}: {worth:.4g}",
            "sharing": "price at the margin of one more unit of the limit {name}: {worth:.4g}",
            "minimum rate": "price at the margin of one pair less promised to demand {name}: {worth:.4g}",
        }[self.what]
        return f"slot {self.slot}: " + sentence.format(name=self.name, worth=self.worth)


@dataclass(frozen=True, slots=True)
class Unserved:
    """A demand that gets nothing in a slot although a pair would be worth something, and why.

    Parameters
    ----------
    demand
        Its id.
    slot
        From 1.
    reason
        In words.
    """

    demand: str
    slot: int
    reason: str

    def __str__(self) -> str:
        return f"demand {self.demand} gets nothing in slot {self.slot}: {self.reason}"


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Shown):
    """Prices, the highest first, and demands that get nothing."""

    prices: tuple[Price, ...]
    unserved: tuple[Unserved, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation for JSON."""
        return {
            "prices": [
                {"what": p.what, "name": p.name, "slot": p.slot, "worth_pairs": p.worth, "per": p.per}
                for p in self.prices
            ],
            "unserved": [{"demand": u.demand, "slot": u.slot, "reason": u.reason} for u in self.unserved],
        }


def explain(problem: Problem, primal: FloatArray) -> Explanation:
    """Explain a solution by the duals of its linear program with the choices fixed.

    Parameters
    ----------
    problem
        The problem.
    primal
        Columns of the solution.

    Notes
    -----
    The worth of links is per pair in the slot: the dual of C4 divided by tau. Duals hold while paths stay
    as chosen, and for a small change.
    """
    model = _with_rows_only(problem, primal)
    solved = LiveLP(model).solve()
    dual = solved.dual if solved.dual is not None else np.zeros(len(model.row_lower))
    prices = sorted(_prices(problem, model, dual), key=lambda price: (-price.worth, price.slot, price.name))
    return Explanation(tuple(prices), tuple(_unserved(problem, primal)))


def _with_rows_only(problem: Problem, primal: FloatArray) -> LinearModel:
    """Return the LP with choices fixed, where links and stores bind by rows, not by bounds of columns."""
    model, switches, f = without_choices(problem.model), problem.switches, problem.formulation
    upper = model.upper.copy()
    for block in (f.y, f.w, f.z):
        upper[block.columns] *= LOOSE
    upper[switches.rate] *= np.round(primal[switches.choice])
    first = f.z.start + np.arange(len(problem.pool.classes), dtype=np.int64)
    upper[first] = model.upper[first]
    return replace(model, upper=upper)


def _prices(problem: Problem, model: LinearModel, dual: FloatArray) -> Iterator[Price]:
    ids, links = problem.instance.nodes.ids, problem.instance.links
    shared, tau = problem.formulation.shared, problem.instance.slot_length
    names: dict[str, tuple[float, Callable[[int], tuple[str, str]]]] = {
        "C3": (1.0, lambda m: ("store", ids[m])),
        "C4": (1.0 / tau, lambda e: ("link", f"{ids[links.a[e]]}–{ids[links.b[e]]}")),
        "C5": (1.0, lambda q: ("class", "–".join(ids[v] for v in problem.pool.classes.route[q]))),
        "C7": (1.0, lambda r: ("terminals" if r < shared.nodes else "sharing", shared.names[r])),
        "D": (-1.0 / tau, lambda k: ("minimum rate", problem.instance.demands.ids[k])),
    }
    for block in model.blocks:
        if block.name not in names:
            continue
        factor, name = names[block.name]
        worth = factor * dual[model.rows_of(block.name)]
        if block.name == "C7":
            worth = worth * block.upper / _limits(problem, block)
        for row in np.flatnonzero(worth > WORTHLESS).tolist():
            index, slot = block.index[row].tolist()
            yield Price(*name(index), slot + 1, float(worth[row]))


def _limits(problem: Problem, block: Rows) -> FloatArray:
    """Return m of every row of C7, whose sides the formulation scales."""
    shared = problem.formulation.shared
    limit = dict(zip(zip(shared.name.tolist(), shared.slot.tolist(), strict=True), shared.limit, strict=True))
    return np.array([limit[name, slot] for name, slot in block.index.tolist()])


def _unserved(problem: Problem, primal: FloatArray) -> Iterator[Unserved]:
    f, instance = problem.formulation, problem.instance
    rate = primal[f.y.columns]
    served = np.zeros((instance.slots, len(instance.demands)))
    np.add.at(served, (f.serve.slot, f.serve.demand), rate)
    reachable = set(problem.pool.demand.tolist())
    for slot, k in np.argwhere((served <= WORTHLESS) & (instance.demands.weight > 0)).tolist():
        columns = np.flatnonzero((f.serve.slot == slot) & (f.serve.demand == k))
        if k not in reachable:
            reason = "no path in the pool reaches its target fidelity"
        elif not len(columns):
            reason = "none of its paths is up"
        else:
            reason = _crowded_out(problem, primal, columns)
        yield Unserved(instance.demands.ids[k], slot + 1, reason)


def _crowded_out(problem: Problem, primal: FloatArray, columns: NDArray[np.int64]) -> str:
    """Name the path that could carry most, and who fills its narrowest place."""
    f, instance = problem.formulation, problem.instance
    j = int(columns[np.argmax(f.serve.most[columns])])
    path, slot = int(f.serve.path[j]), int(f.serve.slot[j])
    name = "–".join(instance.nodes.ids[v] for v in full_nodes(problem.pool, path))
    most = f"its best path {name} could carry {f.serve.most[j]:.6g}"
    links = problem.pool.links[path].tolist()
    taken: dict[int, list[str]] = {}
    for other in np.flatnonzero((f.serve.slot == slot) & (primal[f.y.columns] > WORTHLESS)).tolist():
        shared = set(links) & set(problem.pool.links[int(f.serve.path[other])].tolist())
        for e in shared:
            taken.setdefault(e, []).append(instance.demands.ids[int(f.serve.demand[other])])
    if not taken:
        return most + _out_of_time(problem, primal, j)
    e = max(taken, key=lambda link: len(taken[link]))
    ends = f"{instance.nodes.ids[instance.links.a[e]]}–{instance.nodes.ids[instance.links.b[e]]}"
    return f"{most}, but link {ends} is worth more to demand {', '.join(sorted(set(taken[e])))}"


def _out_of_time(problem: Problem, primal: FloatArray, j: int) -> str:
    """Name a shared limit that is used up and whose links a column needs; else say what is left to say."""
    f, model, shared = problem.formulation, problem.model, problem.formulation.shared
    block = next(block for block in model.blocks if block.name == "C7")
    part = model.matrix[model.rows_of("C7")]
    for row in np.flatnonzero(part @ primal >= block.upper * (1.0 - USED_UP)).tolist():
        entries = block.column[block.row == row]
        if f.y.start + j not in entries:
            continue
        served = entries[(entries >= f.y.start) & (entries < f.y.start + f.y.count)]
        served = served[primal[served] > WORTHLESS] - f.y.start
        users = sorted({problem.instance.demands.ids[k] for k in f.serve.demand[served]})
        number = int(block.index[row, 0])
        name = shared.names[number]
        what = f"the terminals of node {name} are" if number < shared.nodes else f"{name} is"
        return f", but {what} worth more to " + (f"demand {', '.join(users)}" if users else "stores")
    return ", but what it would draw or use is worth more elsewhere"
