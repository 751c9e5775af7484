"""A plan that tells ages, as the replay plays it: one store per slot of storing, or stores with a cut-off.

Every cohort of a plan becomes a class of its own and every use of it a path of its own, whose base pairs are
as old as the plan says: draws are then in the planned order, and rounds those of the aged pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError, Problem
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, PlanClass, PlanPath, RealLeg, Serve, Store, VirtualLeg
from satqn.physics.ageing import aged_fidelity, memory_rates, waiting_time

FloatArray = NDArray[np.float64]

NOTHING = 1e-9
"""Share of what a cohort took in below which nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Throw:
    """Pairs thrown away at the end of a slot; ``pairs`` is None for all that is left."""

    slot: int
    inventory: str
    pairs: float | None


@dataclass(frozen=True, slots=True)
class AgedPlan:
    """What is replayed of a plan on an instance whose stored pairs age.

    Parameters
    ----------
    plan
        The plan with its cohorts as classes, or as it is.
    ages
        Ages in slots of the stored pairs of every path, in the order of its virtual links; None for paths
        whose pairs are drawn oldest first, whatever their age.
    cutoff
        By class; slots after which pairs are thrown away.
    throws
        What is thrown away.
    problems
        What is wrong with what the plan says of ages.
    """

    plan: Plan
    ages: dict[str, tuple[int, ...] | None]
    cutoff: dict[str, int]
    throws: tuple[Throw, ...]
    problems: tuple[Problem, ...]


def tells_ages(plan: Plan) -> bool:
    """Whether a plan was made knowing that stored pairs age.

    Parameters
    ----------
    plan
        The plan.
    """
    return any(serve.aged for serve in plan.serve) or any(group.cutoff for group in plan.classes)


def by_age(instance: RoutingInstance, plan: Plan) -> AgedPlan:
    """Return what is replayed of a plan where stored pairs age.

    Parameters
    ----------
    instance
        An instance with ageing.
    plan
        The plan; one that does not tell ages is replayed oldest pairs first.
    """
    virtual = {path.id: _drawn(path) for path in plan.paths}
    if not tells_ages(plan):
        ages = dict.fromkeys((p for p, drawn in virtual.items() if drawn), None)
        return AgedPlan(plan, dict(ages), {}, (), ())
    cutoff = {group.id: group.cutoff for group in plan.classes if group.cutoff is not None}
    if cutoff:
        old = {p: tuple(cutoff.get(q, 1) for q in drawn) for p, drawn in virtual.items() if drawn}
        throws = tuple(Throw(row.slot, row.inventory, row.pairs) for row in plan.discard)
        return AgedPlan(plan, {**old}, cutoff, throws, tuple(_without_cutoff(virtual, cutoff)))
    return _by_cohort(instance, plan, virtual)


def _drawn(path: PlanPath) -> list[str]:
    return [leg.inventory for leg in path.legs if isinstance(leg, VirtualLeg)]


def _without_cutoff(virtual: dict[str, list[str]], cutoff: dict[str, int]) -> Iterator[Problem]:
    for path, drawn in virtual.items():
        if any(name not in cutoff for name in drawn):
            yield Problem(f"path {path}", "draws from a class without a cut-off, beside others with one")


def _cohort(inventory: str, stored_in: int) -> str:
    return f"{inventory} of {f'slot {stored_in}' if stored_in else 'the start'}"


def _by_cohort(instance: RoutingInstance, plan: Plan, virtual: dict[str, list[str]]) -> AgedPlan:
    """Return the plan with a class per cohort, and a path per path and cohorts that it draws."""
    known = {path.id: path for path in plan.paths}
    paths: dict[str, PlanPath] = {}
    ages: dict[str, tuple[int, ...] | None] = {}
    serve: list[Serve] = []
    problems: list[Problem] = []
    for record in plan.serve:
        drawn = virtual.get(record.path, [])
        where = f"serve, slot {record.slot}, {record.path}"
        if not drawn:
            if record.path in known:
                paths[record.path] = known[record.path]
            serve.append(record)
        elif not record.aged and record.rate != 0.0:
            problems.append(Problem(where, "draws stored pairs without saying when they were stored"))
        for part in record.aged if drawn else ():
            old = tuple(record.slot - s for s in part.stored_in)
            if len(old) != len(drawn) or min(old) < 1 or min(part.stored_in) < 0:
                problems.append(Problem(where, f"draws {len(drawn)} stored pairs of ages {list(old)} slots"))
                continue
            name = f"{record.path} drawing {', '.join(map(_cohort, drawn, part.stored_in))} in {record.slot}"
            paths[name] = _path_of(known[record.path], name, part.stored_in)
            ages[name] = old
            serve.append(Serve(record.slot, name, part.rate))
    store = [Store(row.slot, _cohort(row.inventory, row.slot), row.rate) for row in plan.store]
    classes = _classes(plan)
    throws = [
        Throw(row.slot, _cohort(row.inventory, row.stored_in), row.pairs)
        for row in plan.discard
        if row.stored_in is not None
    ]
    made = replace(
        plan, classes=classes, paths=tuple(paths.values()), serve=tuple(serve), store=tuple(store), stock=(),
        discard=(),
    )  # fmt: skip
    rest = _rest(instance, made, throws) if instance.options.stock_end_value == 0 else []
    return AgedPlan(made, ages, {}, (*throws, *rest), tuple(problems))


def _classes(plan: Plan) -> tuple[PlanClass, ...]:
    slots: dict[str, set[int]] = {
        group.id: {0} if group.initial_stock > 0 else set() for group in plan.classes
    }
    path = {p.id: p for p in plan.paths}
    for row in plan.store:
        slots.setdefault(row.inventory, set()).add(row.slot)
    for record in plan.serve:
        for part in record.aged if record.path in path else ():
            for name, s in zip(_drawn(path[record.path]), part.stored_in, strict=False):
                slots.setdefault(name, set()).add(s)
    return tuple(
        replace(group, id=_cohort(group.id, s), initial_stock=group.initial_stock if s == 0 else 0.0)
        for group in plan.classes
        for s in sorted(slots[group.id])
    )


def _path_of(path: PlanPath, name: str, stored_in: Sequence[int]) -> PlanPath:
    left = iter(stored_in)
    legs: list[RealLeg | VirtualLeg] = [
        replace(leg, inventory=_cohort(leg.inventory, next(left))) if isinstance(leg, VirtualLeg) else leg
        for leg in path.legs
    ]
    return replace(path, id=name, legs=tuple(legs))


def _rest(instance: RoutingInstance, plan: Plan, throws: Sequence[Throw]) -> list[Throw]:
    """Return the clearing of every cohort after its last use: what luck brought more is of no use."""
    last = {group.id: 1 for group in plan.classes}
    for row in plan.store:
        last[row.inventory] = max(last.get(row.inventory, 1), row.slot + 1)
    path = {p.id: p for p in plan.paths}
    for serve in plan.serve:
        for name in _drawn(path[serve.path]) if serve.path in path else ():
            last[name] = max(last.get(name, 1), serve.slot)
    for throw in throws:
        last[throw.inventory] = max(last.get(throw.inventory, 1), throw.slot)
    return [Throw(slot, name, None) for name, slot in last.items() if slot <= instance.slots]


def worn(
    instance: RoutingInstance, plan: Plan, path: PlanPath, fresh: float, ages: Sequence[FloatArray]
) -> FloatArray:
    """Return the fidelity of the base pairs of a path whose stored pairs are so old.

    Parameters
    ----------
    instance
        An instance with ageing.
    plan, path
        The path, and the plan that defines its classes.
    fresh
        F_p.
    ages
        Slots, one array per virtual link, broadcasting.
    """
    law = instance.ageing
    assert law is not None
    node = {name: v for v, name in enumerate(instance.nodes.ids)}
    route = {group.id: group.route for group in plan.classes}
    z, xy = memory_rates(law.model, law.coherence_s, law.relaxation_s)
    z_decay = xy_decay = np.zeros(1)
    for name, age in zip(_drawn(path), ages, strict=True):
        ends = [node[end] for end in (route[name][0], route[name][-1])]
        wait = np.where(age > 0, waiting_time(age, instance.slot_duration_s, law.age_counts), 0.0)
        z_decay = z_decay + wait * z[ends].sum()
        xy_decay = xy_decay + wait * xy[ends].sum()
    return aged_fidelity(fresh, z_decay, xy_decay)


def refuse_twice(instance: RoutingInstance, coherence: float | None, newest_first: bool, plan: Plan) -> None:
    """Refuse options that say otherwise than an instance with ageing.

    Raises
    ------
    InputError
        Memories have two coherence times, or a plan that tells ages is to be played newest pairs first.
    """
    if instance.ageing is None:
        if tells_ages(plan):
            raise InputError(
                "the plan tells the age of stored pairs, but nothing ages in this instance",
                where="ageing",
                fix="Give the instance that the plan was made for",
            )
        return
    if coherence is not None:
        raise InputError(
            "a memory coherence time beside the block ageing of the instance",
            where="memory_coherence_s",
            why="The instance says already how stored pairs age",
            fix="Leave the option out, or the block",
        )
    if newest_first and tells_ages(plan):
        raise InputError(
            "newest pairs first with a plan that says which pairs it draws",
            where="draw_order",
            fix="Leave the draw order out",
        )
