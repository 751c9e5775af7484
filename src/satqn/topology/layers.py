"""Links between satellites of different groups: which may be, and which of them are in a slot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from satqn.scenario.planning import PlanScenario
from satqn.topology.bodies import Body, Stage

FloatArray = NDArray[np.float64]


def linked(scenario: PlanScenario, one: str, other: str) -> bool:
    """Whether satellites of two groups may be linked at all.

    Parameters
    ----------
    scenario
        With the rules.
    one, other
        Ids of two groups.
    """
    return not any(
        {one, other} == set(rule.groups) and rule.crosslinks == "none" for rule in scenario.crosslinks_between
    )


def chosen_links(stage: Stage, ends: Sequence[tuple[int, int]], rate: FloatArray) -> NDArray[np.bool_]:
    """Return in which slots links may be used, by the rules between groups.

    Parameters
    ----------
    stage
        Bodies and rules.
    ends
        Numbers of the bodies at both ends of every link.
    rate
        Pairs per second, shape (E, slots).

    Returns
    -------
    array of bool
        Of the shape of ``rate``.

    Notes
    -----
    `nearest: n` keeps, for every satellite of the first group and every slot, the n links to the second one
    of the highest rates: near by loss, and by how long they see each other within the slot. Of equal rates
    the first ones are kept.
    """
    kept = np.ones(rate.shape, dtype=bool)
    for rule in stage.scenario.crosslinks_between:
        if rule.nearest is None:
            continue
        first, second = rule.groups
        mine: dict[int, list[int]] = {}
        for e, (a, b) in enumerate(ends):
            for here, there in ((a, b), (b, a)):
                if _of(stage.bodies[here], first) and _of(stage.bodies[there], second):
                    mine.setdefault(here, []).append(e)
        for links in mine.values():
            order = np.argsort(-rate[links], axis=0, kind="stable")
            place = np.argsort(order, axis=0, kind="stable")
            kept[links] &= place < rule.nearest
    return kept


def _of(body: Body, group: str) -> bool:
    return body.kind == "satellite" and body.group == group
