"""What a user should know of an instance before believing a plan over all paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satqn.routing.generated.network import LOSS_STEP
from satqn.routing.remarks import ranges

if TYPE_CHECKING:
    from satqn.routing.generated.solve import Generated


def remarks_over_all_paths(generated: Generated) -> Iterator[str]:
    """Yield warnings: what the file says oddly, and demands that no path can ever serve in some slots.

    Parameters
    ----------
    generated
        A run of column generation.
    """
    instance = generated.network.instance
    yield from instance.warnings
    if generated.reach is None:
        return
    served = servable(generated)
    for k, name in enumerate(instance.demands.ids):
        slots = tuple(int(t) + 1 for t in np.flatnonzero(~served[:, k]))
        if len(slots) == instance.slots:
            yield f"demand {name} has no path that reaches its target fidelity: rate 0 in every slot"
        elif slots:
            yield f"demand {name} is disconnected in slot {ranges(slots)}: rate 0 there"


def servable(generated: Generated) -> NDArray[np.bool_]:
    """Return which demands some path may serve in which slots, by loss, hops and storage; shape (T, K).

    Parameters
    ----------
    generated
        A run of column generation with its lower bounds.
    """
    network, reach = generated.network, generated.reach
    assert reach is not None
    demands, tables = network.instance.demands, network.cost_tables
    _, kind = network.kinds
    possible = np.zeros((network.instance.slots, len(demands)), dtype=bool)
    for t, here in enumerate(reach.slots):
        loss = here.loss[reach.goal, 0, demands.source]
        cell = np.where(np.isfinite(loss), np.maximum(loss - 1e-9, 0.0) / LOSS_STEP, np.inf)
        cell = np.minimum(cell, tables.shape[1]).astype(int)
        within = cell < tables.shape[1]
        possible[t, within] = np.isfinite(tables[kind[within], cell[within]])
        if network.hop_cap:
            possible[t] &= here.hops[reach.goal, 0, demands.source] <= network.hop_cap
    return possible
