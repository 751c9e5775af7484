"""How much of every link a plan uses in every slot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from satqn.model.plan import Plan, RealLeg
from satqn.model.timeline import LinkState
from satqn.reports.plan_view import relay_columns
from satqn.topology.bodies import Stage

FloatArray = NDArray[np.float64]


def used_rates(stage: Stage, state: LinkState, plan: Plan) -> FloatArray:
    """Return base pairs per second that a plan takes of every link, shape (T, E).

    Parameters
    ----------
    stage, state, plan
        Bodies and slots, links, and the plan.

    Notes
    -----
    Links serve at the slot's rate times the base pairs that a pair costs, and fill stores; what is drawn from
    store takes nothing. A relay has two halves and is counted once.
    """
    relays = relay_columns(stage, state)
    column = {
        frozenset((a, b)): e
        for e, (a, b) in enumerate(zip(state.a, state.b, strict=True))
        if state.making[e] != "dual_downlink"
    }
    used = np.zeros(state.rate.shape)
    paths = {path.id: path for path in plan.paths}
    for serve in plan.serve:
        path = paths[serve.path]
        for leg in path.legs:
            if isinstance(leg, RealLeg):
                for e in _columns(leg.nodes, relays, column):
                    used[serve.slot - 1, e] += serve.rate * path.base_pairs
    routes = {kind.id: kind.route for kind in plan.classes}
    for store in plan.store:
        for e in _columns(routes[store.inventory], relays, column):
            used[store.slot - 1, e] += store.rate
    return used


def _columns(nodes: tuple[str, ...], relays: dict[str, int], column: dict[frozenset[str], int]) -> list[int]:
    """Return the links along nodes of the routing instance, those through a relay once."""
    found = []
    for a, b in pairwise(nodes):
        if a in relays:
            continue  # its other half
        found.append(relays[b] if b in relays else column[frozenset((a, b))])
    return found
