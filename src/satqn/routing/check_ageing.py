"""The checker's own reading of age: what waiting costs, what is in store by age, what is thrown away.

Plain Python, and the law written anew: nothing here is shared with the planner.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, Serve
from satqn.routing.check_paths import CheckedClass, CheckedPath, Layout, purification_cost

Fault = Callable[[str, str, str, float], None]
"""Is told the rule, where, what was found, and by how much."""
AtMost = Callable[[str, str, float, float, float], None]
"""Is told the rule, where, what was found, what is allowed, and the size of the row."""

SPLIT = 1e-6
"""Share of a rate by which its parts may miss it."""


@dataclass
class Flows:
    """What a plan takes, by age.

    Parameters
    ----------
    base
        Base pairs per unit of time of every path and slot, in the rate unit.
    drawn
        Pairs drawn by class, slot and slot of storing; the last is None with a cut-off.
    """

    base: dict[tuple[str, int], float] = field(default_factory=dict)
    drawn: dict[tuple[str, int, int | None], float] = field(default_factory=lambda: defaultdict(float))


def survival(instance: RoutingInstance, ends: tuple[int, int], seconds: float) -> tuple[float, float]:
    """Return what waiting leaves of the correlations of a pair in two memories: z; x and y.

    Parameters
    ----------
    instance
        An instance with ageing.
    ends
        Node indices of the memories.
    seconds
        How long it waits.
    """
    law = instance.ageing
    assert law is not None
    z = xy = 1.0
    for node in ends:
        t2, t1 = float(law.coherence_s[node]), float(law.relaxation_s[node])
        if law.model == "depolarising":
            z *= math.exp(-seconds / (2.0 * t2))
            xy *= math.exp(-seconds / (2.0 * t2))
        elif law.model == "dephasing":
            xy *= math.exp(-seconds / t2)
        else:
            z *= math.exp(-seconds / t1)
            xy *= math.exp(-seconds / t2)
    return z, xy


def aged_cost(layout: Layout, path: CheckedPath, waits: list[tuple[CheckedClass, int]]) -> float:
    """Return g of a path whose stored pairs are so many slots old; infinite if the target is out of reach.

    Parameters
    ----------
    layout
        The instance by name.
    path
        The path, with the fidelity of fresh pairs.
    waits
        Classes that it draws from, and ages in slots.
    """
    instance = layout.instance
    law = instance.ageing
    assert law is not None
    werner = (4.0 * path.fidelity - 1.0) / 3.0
    z = xy = 1.0
    for group, age in waits:
        ends = layout.node[group.route[0]], layout.node[group.route[-1]]
        slots = age + 1 if law.age_counts == "latest" else age
        more_z, more_xy = survival(instance, ends, slots * instance.slot_duration_s)
        z, xy = z * more_z, xy * more_xy
    fidelity = (1.0 + werner * (z + 2.0 * xy)) / 4.0
    target = float(instance.demands.target_fidelity[layout.demand[path.demand]])
    return purification_cost(fidelity, target, instance.options.purification)


def aged_flows(
    layout: Layout, plan: Plan, classes: dict[str, CheckedClass], paths: dict[str, CheckedPath],
    cutoff: dict[str, int], fault: Fault,
) -> Flows:  # fmt: skip
    """Return what a plan takes from links and stores, at the cost of the age of what it draws.

    Parameters
    ----------
    layout
        The instance by name.
    plan, classes, paths
        The plan, and how it is understood.
    cutoff
        Cut-offs by class.
    fault
        Is told what is wrong.
    """
    flows = Flows()
    tau = layout.instance.slot_length
    for serve in plan.serve:
        path = paths.get(serve.path)
        if path is None:
            continue
        where = f"path {serve.path}, slot {serve.slot}"
        total = 0.0
        for stored_in, rate in _parts(serve, path, cutoff, where, fault):
            ages = [cutoff[name] if s is None else serve.slot - s
                    for name, s in zip(path.drawn, stored_in, strict=True)]  # fmt: skip
            if min(ages, default=1) < 1:
                fault(
                    "ageing", where, "draws pairs before the slot after that in which they are stored", rate
                )
                continue
            known = [(classes[name], age) for name, age in zip(path.drawn, ages, strict=True)]
            cost = aged_cost(layout, path, known) if known else path.base_pairs
            if math.isinf(cost):
                if rate != 0.0:
                    what = f"no purification lifts pairs that are {' + '.join(map(str, ages))} slots old"
                    fault("ageing", where, f"{what} to the target", rate)
                continue
            total += cost * rate
            for name, s in zip(path.drawn, stored_in, strict=True):
                flows.drawn[name, serve.slot, s] += tau * cost * rate
        flows.base[serve.path, serve.slot] = flows.base.get((serve.path, serve.slot), 0.0) + total
    return flows


def _parts(
    serve: Serve, path: CheckedPath, cutoff: dict[str, int], where: str, fault: Fault
) -> Iterator[tuple[tuple[int | None, ...], float]]:
    """Yield the slots of storing and rate of every part of a serving record; None with a cut-off."""
    by_cutoff = [name in cutoff for name in path.drawn]
    if not path.drawn or all(by_cutoff):
        if serve.aged:
            what = "has a cut-off, which says how old pairs are" if path.drawn else "draws nothing from store"
            fault("ageing", where, f"{what}: aged has no place here", 0.0)
        yield (None,) * len(path.drawn), serve.rate
        return
    if any(by_cutoff):
        fault("ageing", where, "draws from classes with a cut-off and from others", 0.0)
        return
    if not serve.aged:
        if serve.rate != 0.0:
            fault("ageing", where, "draws stored pairs without saying when they were stored", serve.rate)
        return
    total = sum(part.rate for part in serve.aged)
    if not abs(total - serve.rate) <= SPLIT * abs(serve.rate):
        fault("ageing", where, f"its parts by age add up to {total:.9g}, not {serve.rate:.9g}",
              abs(total - serve.rate))  # fmt: skip
    for part in serve.aged:
        if len(part.stored_in) != len(path.drawn):
            fault(
                "ageing", where, f"{len(part.stored_in)} slots of storing for {len(path.drawn)} stores", 0.0
            )
        elif part.rate < 0.0:
            fault("ageing", where, f"the rate {part.rate:.9g} of a part is negative", -part.rate)
        else:
            yield part.stored_in, part.rate


def discards(
    plan: Plan, classes: dict[str, CheckedClass], cutoff: dict[str, int], slots: int, fault: Fault
) -> dict[tuple[str, int, int | None], float]:
    """Return what is thrown away by class, slot and slot of storing (None with a cut-off).

    Parameters
    ----------
    plan, classes
        The plan, and its classes.
    cutoff
        Cut-offs by class.
    slots
        How many there are.
    fault
        Is told what is wrong.
    """
    gone: dict[tuple[str, int, int | None], float] = defaultdict(float)
    for row in plan.discard:
        where = f"{row.inventory}, slot {row.slot}"
        if row.inventory not in classes:
            fault("discard", where, f"refers to {row.inventory!r}, which the plan does not define", 0.0)
        elif not 1 <= row.slot <= slots:
            fault("discard", where, f"there are slots 1 to {slots}", 0.0)
        elif row.pairs < 0.0:
            fault("discard", where, f"throws {row.pairs:.9g} pairs away", -row.pairs)
        elif (row.stored_in is None) != (row.inventory in cutoff):
            what = "says when they were stored, but the class has a cut-off: the oldest go"
            if row.stored_in is None:
                what = "throws pairs away without saying when they were stored"
            fault("discard", where, what, row.pairs)
        else:
            gone[row.inventory, row.slot, row.stored_in] += row.pairs
    return gone


def aged_stock(
    instance: RoutingInstance,
    names: list[str],
    opening: dict[str, float],
    stored: dict[tuple[str, int], float],
    flows: Flows,
    gone: dict[tuple[str, int, int | None], float],
    cutoff: dict[str, int],
    at_most: AtMost,
) -> dict[tuple[str, int], float]:
    """Return pairs in store by class and slot, and report what is drawn or thrown away beyond it (C5).

    Parameters
    ----------
    instance
        The instance.
    names, opening
        Classes, and what each holds at the start.
    stored
        Rates of storing by class and slot.
    flows, gone
        What is drawn and thrown away.
    cutoff
        Cut-offs by class.
    at_most
        Is told what is held against what.
    """
    stock: dict[tuple[str, int], float] = {}
    tau, rho = instance.slot_length, instance.options.stock_retention
    for name in names:
        new = [opening[name], *(tau * stored.get((name, t), 0.0) for t in range(1, instance.slots + 1))]
        if name in cutoff:
            levels = _young(name, new, rho, flows, gone, cutoff[name], at_most)
        else:
            levels = _cohorts(name, new, rho, flows, gone, at_most)
        for slot, pairs in enumerate(levels, start=1):
            stock[name, slot] = pairs
    return stock


def _cohorts(
    name: str, new: list[float], rho: float, flows: Flows, gone: dict[tuple[str, int, int | None], float],
    at_most: AtMost,
) -> Iterator[float]:  # fmt: skip
    """Yield the pairs in store at the start of slots 1 .. T + 1, told apart by slot of storing."""
    held = {0: new[0]}
    for slot in range(1, len(new)):
        yield sum(held.values())
        # What is drawn or thrown away of a cohort that is not in store yet is as much too much.
        for s in range(len(new)):
            taken = flows.drawn.get((name, slot, s), 0.0) + gone.get((name, slot, s), 0.0)
            if taken > 0.0:
                at_most(
                    "C5",
                    f"class {name}, stored in {s}, slot {slot}",
                    taken,
                    max(held.get(s, 0.0), 0.0),
                    new[s],
                )
            if s in held:
                held[s] = rho * (held[s] - taken)
        held[slot] = new[slot]
    yield sum(held.values())


def _young(
    name: str, new: list[float], rho: float, flows: Flows, gone: dict[tuple[str, int, int | None], float],
    cutoff: int, at_most: AtMost,
) -> Iterator[float]:  # fmt: skip
    """Yield the pairs in store at the start of slots 1 .. T + 1; none may be older than the cut-off.

    Drawn and thrown away are the oldest, so that what is left at any time are the newest.
    """
    held, size = new[0], new[0]
    for slot in range(1, len(new)):
        yield held
        taken = flows.drawn.get((name, slot, None), 0.0) + gone.get((name, slot, None), 0.0)
        if taken > 0.0:
            at_most("C5", f"class {name}, slot {slot}", taken, max(held, 0.0), size)
        held = rho * (held - taken) + new[slot]
        size += new[slot]
        # At the start of slot + 1 what was stored in s is slot + 1 - s old, and was thinned slot - s times.
        young = sum(new[s] * rho ** (slot - s) for s in range(max(slot + 1 - cutoff, 0), slot + 1))
        if slot + 1 < len(new):
            at_most(
                "ageing", f"class {name}, slot {slot + 1}: pairs up to {cutoff} slots old", held, young, size
            )
    yield held
