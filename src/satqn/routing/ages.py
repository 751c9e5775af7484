"""Paths and stores told apart by age: what a pool becomes where stored pairs age.

``cohorts`` gives every class one store per slot of storing, so that the age of what is drawn is known.
``cutoff`` gives it one store per cut-off A: pairs older than A slots are thrown away, and all are purified
as if they were A slots old. Several cut-offs make copies of a class, each with a limit of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.limits import lifted
from satqn.model.instance import Ageing, RoutingInstance
from satqn.model.paths import InventoryClasses, PathAges, PathSet, Ragged
from satqn.physics.ageing import aged_fidelity, memory_rates, waiting_time
from satqn.routing.base_pairs import base_pairs

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COPIES = (1, 2, 4, 8)
"""Cut-offs of the copies of a class where none are said (specification of ageing)."""
COHORT_BINARIES = 3000
"""Up to so many binaries cohorts are the default, above copies (specification of ageing)."""
MAX_AGED_PATHS = 200_000
"""Paths through storage, each by the slots of storing it may draw from: more are refused."""
FORMS = 'cohorts, copies, "copies 1,2,3" or "cutoff 2"'


@dataclass(frozen=True, slots=True)
class AgeForm:
    """How ages are told apart.

    Parameters
    ----------
    cutoffs
        Cut-offs of the copies of every class, slots, ascending; empty for cohorts.
    """

    cutoffs: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AgeForm | None:
        """Return the form of that name, or None if there is none.

        Examples
        --------
        >>> AgeForm.parse("cutoff 2")
        AgeForm(cutoffs=(2,))
        """
        found = re.fullmatch(r"(cohorts|copies|cutoff)(?:[ =:]+(\d+(?: *, *\d+)*))?", text.strip())
        if found is None:
            return None
        name = found[1]
        numbers = tuple(sorted({int(part) for part in found[2].split(",")})) if found[2] else ()
        if name == "cohorts":
            return cls() if not numbers else None
        if not numbers:
            return cls(COPIES) if name == "copies" else None
        return cls(numbers) if numbers[0] >= 1 and (name == "copies" or len(numbers) == 1) else None

    @property
    def said(self) -> str:
        """What a user should know of a bound with this form; nothing for cohorts."""
        if not self.cutoffs:
            return ""
        cuts = ", ".join(map(str, self.cutoffs))
        return (
            f"stores throw pairs away after {cuts} slots and purify them as if so old: the bound "
            "holds among plans that do so; --ageing cohorts tells all ages apart"
        )


def default_form(binaries: int) -> AgeForm:
    """Return how ages are told apart where nothing is said: by size.

    Parameters
    ----------
    binaries
        Paths times slots in which they can serve.
    """
    return AgeForm() if binaries <= COHORT_BINARIES else AgeForm(COPIES)


class _Law:
    """Ages of a pool: what waiting takes from pairs of every class, and what purification then costs."""

    def __init__(self, instance: RoutingInstance, ageing: Ageing, pool: PathSet) -> None:
        self.instance, self.ageing, self.pool = instance, ageing, pool
        ends = instance.storage_pairs[pool.classes.pair]
        z, xy = memory_rates(ageing.model, ageing.coherence_s, ageing.relaxation_s)
        self.z, self.xy = z[ends].sum(axis=1), xy[ends].sum(axis=1)

    def cost(self, path: IntArray, z: FloatArray, xy: FloatArray) -> FloatArray:
        """Return g of paths whose waiting adds up to z and xy; shapes (..., P)."""
        target = self.instance.demands.target_fidelity[self.pool.demand[path]]
        aged = aged_fidelity(self.pool.fidelity[path], z, xy)
        return base_pairs(aged, target, self.instance.options.purification)

    def waits(self, age: FloatArray | IntArray) -> FloatArray:
        """Return the seconds that count for ages in slots."""
        return waiting_time(age, self.instance.slot_duration_s, self.ageing.age_counts)


def aged_pool(instance: RoutingInstance, pool: PathSet, form: AgeForm) -> PathSet:
    """Return a pool whose paths and classes are told apart by age.

    Parameters
    ----------
    instance
        An instance with ageing.
    pool
        Its pool, as listed.
    form
        How ages are told apart.

    Raises
    ------
    InputError
        There are too many of them; or one route at a time cannot be split into copies.

    Notes
    -----
    Source: specification of ageing. A pair that is stored in slot s and drawn in slot t is t - s slots old;
    initial stock counts as stored in the slot before the first.
    """
    assert instance.ageing is not None
    if len(form.cutoffs) > 1 and instance.options.storing_single_path:
        raise InputError(
            "storing_single_path with copies of stores",
            where="ageing",
            why="Copies of a store over one route would count as several routes",
            fix='Take --ageing cohorts, or one cut-off: --ageing "cutoff 2"',
        )
    law = _Law(instance, instance.ageing, pool)
    return _by_cutoff(law, form) if form.cutoffs else _by_cohort(law)


def _by_cohort(law: _Law) -> PathSet:
    instance, pool = law.instance, law.pool
    slots = instance.slots
    up = _fillable(instance, pool)
    stored: list[list[int]] = []
    for q in range(len(pool.classes)):
        first = [-1] if pool.classes.initial_stock[q] > 0 else []
        stored.append(first + np.flatnonzero(up[: instance.storing_slots - 1, q]).tolist())
    group = [q for q, row in enumerate(stored) for _ in row]
    slot = [s for row in stored for s in row]
    number = {pair: c for c, pair in enumerate(zip(group, slot, strict=True))}
    origin: list[int] = []
    drawn: list[tuple[int, ...]] = []
    for p in range(len(pool)):
        for choice in product(*([number[q, s] for s in stored[q]] for q in pool.drawn[p].tolist())):
            origin.append(p)
            drawn.append(choice)
        if len(origin) > MAX_AGED_PATHS and not lifted():
            raise InputError(
                f"more than {MAX_AGED_PATHS} paths by age",
                where="ageing",
                why="The model has columns for each of them",
                fix="Take --ageing copies, fewer paths or fewer slots, or say --force",
            )
    cost = _cost_by_slot(law, np.array(origin, dtype=np.int64), drawn, np.array(group), np.array(slot))
    usable = np.flatnonzero(np.isfinite(cost).any(axis=0))
    # What no path can use any more is kept only where stock has a worth at the end.
    group_of, slot_of = np.array(group, dtype=np.int64), np.array(slot, dtype=np.int64)
    last = np.where(slot_of < 0, 0, -1)
    if instance.options.stock_end_value > 0:
        last[:] = slots
    for row in usable.tolist():
        latest = int(np.flatnonzero(np.isfinite(cost[:, row])).max())
        for c in drawn[row]:
            last[c] = max(last[c], latest)
    initial = np.where(slot_of < 0, pool.classes.initial_stock[group_of], 0.0)
    ages = PathAges(
        listed=pool, origin=np.array(origin, dtype=np.int64)[usable], group=group_of, stored_in=slot_of,
        cutoff=np.zeros(len(group), dtype=np.int64), last_slot=last,
        base_pairs=np.ascontiguousarray(cost[:, usable]),
    )  # fmt: skip
    return _told_apart(pool, ages, [drawn[row] for row in usable.tolist()], initial)


def _fillable(instance: RoutingInstance, pool: PathSet) -> NDArray[np.bool_]:
    """Return in which slots the routes of classes are up, shape (T, Q)."""
    links = pool.classes.links
    down = np.zeros((instance.slots, len(pool.classes)))
    for t in range(instance.slots):
        gone = instance.links.rate[t, links.values] <= 0
        down[t] = np.bincount(links.row_of_value, gone, minlength=len(pool.classes))
    return np.asarray(down == 0)


def _cost_by_slot(
    law: _Law, origin: IntArray, drawn: Sequence[tuple[int, ...]], group: IntArray, slot: IntArray
) -> FloatArray:
    """Return g by slot of use, shape (T, P): infinite where pairs are not yet in store, or too old."""
    slots = law.instance.slots
    z, xy = np.zeros((slots, len(origin))), np.zeros((slots, len(origin)))
    early = np.zeros((slots, len(origin)), dtype=bool)
    table = Ragged.from_rows(drawn)
    path, cohort = table.row_of_value, table.values
    for t in range(slots):
        age = t - slot[cohort] if len(cohort) else np.empty(0, dtype=np.int64)
        waits = law.waits(np.maximum(age, 1))
        where = group[cohort] if len(cohort) else age
        z[t] = np.bincount(path, waits * law.z[where], minlength=len(origin))
        xy[t] = np.bincount(path, waits * law.xy[where], minlength=len(origin))
        early[t] = np.bincount(path, age < 1, minlength=len(origin)) > 0
    cost = law.cost(origin, z, xy)
    # What is not drawn does not age: the listed price stands, to the last digit.
    real = np.diff(table.ptr) == 0
    cost[:, real] = law.pool.base_pairs[origin[real]]
    return np.where(early, np.inf, cost)


def _by_cutoff(law: _Law, form: AgeForm) -> PathSet:
    instance, pool = law.instance, law.pool
    classes, cuts = len(pool.classes), list(form.cutoffs)
    group = np.repeat(np.arange(classes, dtype=np.int64), len(cuts))
    cutoff = np.tile(np.array(cuts, dtype=np.int64), classes)
    waits = law.waits(cutoff)
    origin: list[int] = []
    drawn: list[tuple[int, ...]] = []
    for p in range(len(pool)):
        copies = [range(q * len(cuts), (q + 1) * len(cuts)) for q in pool.drawn[p].tolist()]
        for choice in product(*copies):
            origin.append(p)
            drawn.append(choice)
    table = Ragged.from_rows(drawn)
    path, copy = table.row_of_value, table.values
    z = np.bincount(path, (waits * law.z[group])[copy], minlength=len(origin)).astype(np.float64)
    xy = np.bincount(path, (waits * law.xy[group])[copy], minlength=len(origin)).astype(np.float64)
    whence = np.array(origin, dtype=np.int64)
    cost = law.cost(whence, z, xy)
    real = np.diff(table.ptr) == 0
    cost[real] = pool.base_pairs[whence[real]]
    usable = np.flatnonzero(np.isfinite(cost))
    last = np.full(len(group), 0, dtype=np.int64)
    if instance.options.stock_end_value > 0:
        last[:] = instance.slots
    for row in usable.tolist():
        last[list(drawn[row])] = instance.slots - 1
    ages = PathAges(
        listed=pool, origin=whence[usable], group=group, stored_in=np.full(len(group), -2, dtype=np.int64),
        cutoff=cutoff, last_slot=last,
        base_pairs=np.ascontiguousarray(np.broadcast_to(cost[usable], (instance.slots, len(usable)))),
    )  # fmt: skip
    return _told_apart(pool, ages, [drawn[row] for row in usable.tolist()], pool.classes.initial_stock[group])


def _told_apart(pool: PathSet, ages: PathAges, drawn: list[tuple[int, ...]], initial: FloatArray) -> PathSet:
    """Return the rows of a pool, once per age."""

    def rows(ragged: Ragged, which: IntArray) -> Ragged:
        return Ragged.from_rows([ragged[i].tolist() for i in which.tolist()])

    def steps() -> Iterator[list[int]]:
        for p, cohorts in zip(ages.origin.tolist(), drawn, strict=True):
            left = iter(cohorts)
            yield [step if step >= 0 else -1 - next(left) for step in pool.steps[p].tolist()]

    classes = pool.classes
    return replace(
        pool,
        demand=pool.demand[ages.origin],
        nodes=rows(pool.nodes, ages.origin),
        steps=Ragged.from_rows(steps()),
        links=rows(pool.links, ages.origin),
        drawn=Ragged.from_rows(drawn),
        fidelity=pool.fidelity[ages.origin],
        base_pairs=pool.base_pairs[ages.origin],
        classes=InventoryClasses(
            pair=classes.pair[ages.group],
            route=rows(classes.route, ages.group),
            links=rows(classes.links, ages.group),
            initial_stock=initial,
        ),
        ages=ages,
    )
