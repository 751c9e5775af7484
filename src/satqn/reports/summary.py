"""What many pairs say together: shares and medians with intervals, overall and by distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.results import MaskedFloats, PairResults

WAYS = ("fibre", "hybrid", "satellite", "none")
"""The ways a pair can be served, in the order of every table and figure."""

Z95 = 1.959963984540054
"""Quantile of the normal distribution for two-sided intervals of 95 %."""


def summarise(results: PairResults, target_fidelity: float) -> dict[str, Any]:
    """Return counts, shares and medians as plain JSON values.

    A pair for whom a way does not exist counts as rate 0 in the medians of rates; medians of
    fidelities are over the pairs that have one, and say how many those are.

    Parameters
    ----------
    results
        At least one pair.
    target_fidelity
        Fidelity at which the rates were compared.
    """
    return {
        "pairs": len(results),
        "target_fidelity": target_fidelity,
        "chosen_by_rate": shares(results.protocol_by_rate),
        "chosen_by_fidelity": shares(results.protocol_by_fidelity),
        "median_rate_per_s": {
            "fibre": median(np.ma.filled(results.fibre_rate, 0.0)),
            "hybrid": median(np.ma.filled(results.hybrid_rate, 0.0)),
            "protocol": median(np.ma.filled(results.protocol_rate, 0.0)),
        },
        "median_fidelity": {
            "fibre": median(results.fibre_fidelity.compressed()),
            "hybrid": median(results.hybrid_fidelity.compressed()),
            "protocol": median(results.protocol_fidelity.compressed()),
        },
    }


def shares(chosen: NDArray[np.str_]) -> dict[str, dict[str, Any]]:
    """Return for each way the number of pairs, their share and its 95 % interval (Wilson 1927)."""
    total = len(chosen)
    table: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        count = int(np.count_nonzero(chosen == way))
        low, high = wilson_interval(count, total)
        table[way] = {"pairs": count, "share": count / total, "low": low, "high": high}
    return table


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, score interval without continuity correction).

    Examples
    --------
    >>> tuple(round(x, 4) for x in wilson_interval(0, 10))
    (0.0, 0.2775)
    """
    share = count / total
    centre = share + Z95**2 / (2 * total)
    spread = Z95 * np.sqrt(share * (1 - share) / total + Z95**2 / (4 * total**2))
    scale = 1 + Z95**2 / total
    return max(float((centre - spread) / scale), 0.0), min(float((centre + spread) / scale), 1.0)


def median(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return the median, its distribution-free 95 % interval (order statistics) and the count."""
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered)
    if count == 0:
        return {"value": None, "low": None, "high": None, "pairs": 0}
    reach = Z95 * np.sqrt(count) / 2
    low = max(int(np.floor(count / 2 - reach)) - 1, 0)
    high = min(int(np.ceil(count / 2 + reach)), count - 1)
    return {
        "value": float(np.median(ordered)),
        "low": float(ordered[low]),
        "high": float(ordered[high]),
        "pairs": count,
    }


def binned_medians(
    distance: NDArray[np.float64],
    values: MaskedFloats,
    edges: Sequence[float] | NDArray[np.float64],
    *,
    fill: float | None,
) -> tuple[NDArray[np.float64], MaskedFloats]:
    """Return bin centres and the median of each bin; bins of fewer than 5 values are masked.

    Parameters
    ----------
    distance
        m or any other unit of ``edges``.
    values
        One per pair; a masked value counts as ``fill``, or is left out if ``fill`` is None.
    edges
        Edges of the bins, ascending.
    """
    bounds = np.asarray(edges, dtype=float)
    filled = values if fill is None else np.ma.array(values.filled(fill), mask=False)
    medians = np.ma.masked_all(len(bounds) - 1)
    for index in range(len(bounds) - 1):
        inside = (distance >= bounds[index]) & (distance < bounds[index + 1])
        present = filled[inside].compressed()
        if len(present) >= 5:
            medians[index] = np.median(present)
    return (bounds[1:] + bounds[:-1]) / 2, medians
