"""Fidelity of a path and g, the expected base pairs per delivered pair (spec routing, section 1)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.instance import Purification, Swap
from satqn.physics.nested_purification import MAX_ROUNDS, SLACK, base_pairs

__all__ = ["MAX_ROUNDS", "SLACK", "base_pairs", "lowest_usable_fidelity", "path_fidelity", "swap_factor"]

FloatArray = NDArray[np.float64]


def swap_factor(fidelity: ArrayLike, swap: Swap) -> FloatArray:
    """Return what a link multiplies into a path: the Werner parameter, or F itself.

    Parameters
    ----------
    fidelity
        F_e in (0.25, 1].
    swap
        ``werner`` or ``product``.
    """
    f = np.asarray(fidelity, dtype=np.float64)
    return (4.0 * f - 1.0) / 3.0 if swap == "werner" else f


def path_fidelity(product: ArrayLike, swap: Swap) -> FloatArray:
    """Return F_p from the product of the swap factors of its links.

    Parameters
    ----------
    product
        Product over f(p) of :func:`swap_factor`, in (0, 1].
    swap
        ``werner`` or ``product``.

    Notes
    -----
    Source: zhang2024, fidelity of a path; spec routing, section 1. Three links of 0.96 give 0.8862862222.
    """
    factor = np.asarray(product, dtype=np.float64)
    return 0.25 + 0.75 * factor if swap == "werner" else factor


@lru_cache(maxsize=256)
def lowest_usable_fidelity(target: float, protocol: Purification) -> float:
    """Return the lowest F_p whose cost g is finite, to 1e-9 from below.

    Parameters
    ----------
    target
        F_k in (0.25, 1].
    protocol
        ``bbpssw``, ``dejmps`` or ``none``.

    Notes
    -----
    g is finite on an interval up to 1, because a round keeps the order of two fidelities; so bisection
    finds its end. Paths below it need not be listed.
    """
    low, high = 0.25, target
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        if np.isfinite(base_pairs(middle, target, protocol)):
            high = middle
        else:
            low = middle
    return low
