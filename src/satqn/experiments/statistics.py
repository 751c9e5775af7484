"""Medians by distance, where two of them cross, and straight guide lines: how the figures are read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.results import MaskedFloats

FloatArray = NDArray[np.float64]

FEWEST = 5
"""A bin with fewer pairs than this shows no median."""


@dataclass(frozen=True, slots=True)
class Binned:
    """Quartiles of a quantity in bins of distance; bins with fewer than ``FEWEST`` pairs are masked.

    Parameters
    ----------
    low, high
        Edges of every bin.
    count
        Pairs in every bin.
    lower, median, upper
        Quartiles.
    """

    low: FloatArray
    high: FloatArray
    count: NDArray[np.int64]
    lower: MaskedFloats
    median: MaskedFloats
    upper: MaskedFloats

    @property
    def centre(self) -> FloatArray:
        """Middle of every bin."""
        return (self.low + self.high) / 2.0


def delivered(values: ArrayLike) -> FloatArray:
    """Return a column with 0 where a way does not exist: a median over all pairs counts those too."""
    return np.ma.filled(np.ma.asarray(values, dtype=float), 0.0)


def binned(distance: ArrayLike, values: ArrayLike, edges: ArrayLike) -> Binned:
    """Return the quartiles of values in bins of distance; masked values count as 0.

    Parameters
    ----------
    distance, values
        One entry per pair.
    edges
        Edges of the bins, increasing, in the unit of the distance; a bin holds low <= distance < high.
    """
    x, y, at = np.asarray(distance, dtype=float), delivered(values), np.asarray(edges, dtype=float)
    which = np.digitize(x, at) - 1
    groups = [y[which == i] for i in range(len(at) - 1)]
    count = np.array([len(group) for group in groups], dtype=np.int64)
    few = count < FEWEST
    quartiles = np.array(
        [
            (0.0,) * 3 if skip else np.quantile(group, (0.25, 0.5, 0.75))
            for group, skip in zip(groups, few, strict=True)
        ]
    )
    lower, median, upper = (np.ma.MaskedArray(column, mask=few) for column in quartiles.T)
    return Binned(at[:-1], at[1:], count, lower, median, upper)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A median or mean of a sample and its standard error."""

    value: float
    error: float


def median_of(sample: ArrayLike) -> Estimate | None:
    """Return the median of a sample, or None for fewer than ``FEWEST`` values.

    The error is that of the median of a normal sample with the same quartiles: it says how much another
    draw of pairs would change the number.
    """
    values = np.asarray(sample, dtype=float)
    if len(values) < FEWEST:
        return None
    lower, median, upper = np.quantile(values, (0.25, 0.5, 0.75))
    sigma = (upper - lower) / 1.349
    return Estimate(float(median), float(np.sqrt(np.pi / 2.0 / len(values)) * sigma))


def mean_of(sample: ArrayLike) -> Estimate | None:
    """Return the mean of a sample and its standard error, or None for fewer than ``FEWEST`` values."""
    values = np.asarray(sample, dtype=float)
    if len(values) < FEWEST:
        return None
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def median_between(distance: ArrayLike, values: ArrayLike, low: float, high: float) -> Estimate | None:
    """Return the median of the values at low <= distance < high; masked values count as 0."""
    x = np.asarray(distance, dtype=float)
    return median_of(delivered(values)[(x >= low) & (x < high)])


def crossing(
    x: ArrayLike, falling: ArrayLike, other: ArrayLike, *, logarithmic: bool = False
) -> float | None:
    """Return where a falling curve passes below another one for good, or None where it does not.

    Parameters
    ----------
    x
        Abscissas, increasing; points masked in either curve are left out.
    falling, other
        The curves; the last change of sign of their difference counts, interpolated linearly.
    logarithmic
        Interpolate the logarithms, as a reader of a logarithmic axis does; points at zero are left out.
    """
    a: MaskedFloats = np.ma.asarray(falling, dtype=float)
    b: MaskedFloats = np.ma.asarray(other, dtype=float)
    keep = ~(np.ma.getmaskarray(a) | np.ma.getmaskarray(b))
    if logarithmic:
        keep &= (np.ma.getdata(a) > 0) & (np.ma.getdata(b) > 0)
    at, upper, lower = np.asarray(x, dtype=float)[keep], np.ma.getdata(a)[keep], np.ma.getdata(b)[keep]
    gap = np.log(upper / lower) if logarithmic else upper - lower
    above = np.flatnonzero(gap > 0)
    if not len(above) or above[-1] == len(gap) - 1:
        return None
    i = above[-1]
    return float(at[i] + (at[i + 1] - at[i]) * gap[i] / (gap[i] - gap[i + 1]))


def guide_line(x: ArrayLike, y: ArrayLike, low: float, high: float) -> tuple[float, float] | None:
    """Return slope and intercept of the least-squares line through the points with low <= x <= high.

    Masked points are left out; None where fewer than two remain.
    """
    values: MaskedFloats = np.ma.asarray(y, dtype=float)
    at = np.asarray(x, dtype=float)
    keep = ~np.ma.getmaskarray(values) & (at >= low) & (at <= high)
    if keep.sum() < 2:
        return None
    slope, intercept = np.polyfit(at[keep], np.ma.getdata(values)[keep], 1)
    return float(slope), float(intercept)
