"""What a user should know about an instance before believing a plan: warnings, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from satqn.routing.columns import class_capacity
from satqn.routing.conflicts import disconnected
from satqn.routing.problem import Problem


def remarks(problem: Problem) -> Iterator[str]:
    """Yield warnings: what the file says oddly, demands without a path, too little storage.

    Parameters
    ----------
    problem
        The problem.
    """
    yield from problem.instance.warnings
    reachable = set(problem.pool.demand.tolist())
    for k, name in enumerate(problem.instance.demands.ids):
        if k not in reachable:
            yield f"demand {name} has no path that reaches its target fidelity: rate 0 in every slot"
    for name, slots in disconnected(problem).items():
        if problem.instance.demands.ids.index(name) in reachable:
            yield f"demand {name} is disconnected in slot {ranges(slots)}: rate 0 there"
    yield from _small_stores(problem)


def ranges(slots: tuple[int, ...]) -> str:
    """Write slots as ranges: 1–3, 7."""
    runs: list[list[int]] = []
    for slot in slots:
        if runs and runs[-1][-1] == slot - 1:
            runs[-1][1:] = [slot]
        else:
            runs.append([slot])
    return ", ".join("–".join(map(str, run)) for run in runs)


def _small_stores(problem: Problem) -> Iterator[str]:
    """Warn of stores that feed less than any direct path: seldom worth a slot (spec routing, section 1)."""
    instance, pool, serve = problem.instance, problem.pool, problem.formulation.serve
    real = np.diff(pool.drawn.ptr) == 0
    direct = (serve.most * serve.base_pairs)[real[serve.path]]
    capacity = class_capacity(instance, pool)
    if not len(direct) or not len(capacity) or instance.options.splittable:
        return
    best, least = float(capacity.max()) / instance.slot_length, float(direct.min())
    if best < least:
        unit = instance.rate_unit.replace("_", " ")
        yield (
            f"the largest store feeds {best:.6g} {unit}, less than the narrowest direct path ({least:.6g}): "
            "with one path per slot storage may never be used; is rate_unit right?"
        )
