"""What is counted of the rounds of one way: everything adds, and shares and means come with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from satqn.kernels import hybrid_rounds as entries
from satqn.model.shown import Shown
from satqn.simulate.chain_counts import Estimate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WayCounts(Shown):
    """Counts of the rounds of one way under one discipline.

    Parameters
    ----------
    promised_time
        Time per pair of the analytic model, s: the length of a round that delivers nothing.
    tally, sums, histogram, copies_made
        As :mod:`satqn.kernels.hybrid_rounds` names their entries.
    """

    promised_time: float
    tally: IntArray
    sums: FloatArray
    histogram: IntArray
    copies_made: IntArray

    @classmethod
    def nothing(cls, promised_time: float, parts: int) -> WayCounts:
        """Return empty counts of a way of so many parts."""
        return cls(
            promised_time,
            np.zeros(entries.TALLIES, np.int64),
            np.zeros(entries.SUMS),
            np.zeros(entries.BINS, np.int64),
            np.zeros(parts, np.int64),
        )

    def arrays(self) -> tuple[IntArray, FloatArray, IntArray, IntArray]:
        """Return the arrays that the kernel adds to."""
        return self.tally, self.sums, self.histogram, self.copies_made

    def __add__(self, other: WayCounts) -> WayCounts:
        return replace(
            self,
            tally=self.tally + other.tally,
            sums=self.sums + other.sums,
            histogram=self.histogram + other.histogram,
            copies_made=self.copies_made + other.copies_made,
        )

    @property
    def runs(self) -> int:
        """Rounds."""
        return int(self.tally.sum())

    @property
    def delivered(self) -> int:
        """Rounds that delivered a pair."""
        return int(self.tally[entries.DELIVERED])

    @property
    def share(self) -> Estimate:
        """Share of rounds that delivered a pair."""
        return self._share(self.delivered)

    @property
    def without_satellite(self) -> Estimate:
        """Share of rounds in which the satellite sent nothing."""
        return self._share(int(self.tally[entries.WITHOUT_SATELLITE] + self.tally[entries.WITHOUT_EITHER]))

    @property
    def without_fibre(self) -> Estimate:
        """Share of rounds in which a part of the fibre had no copy."""
        return self._share(int(self.tally[entries.WITHOUT_FIBRE] + self.tally[entries.WITHOUT_EITHER]))

    @property
    def fidelity(self) -> Estimate | None:
        """Mean fidelity of the delivered pairs; None without any."""
        return self._mean(entries.FIDELITY, entries.FIDELITY_SQUARED)

    @property
    def time(self) -> Estimate | None:
        """Mean time per delivered pair, s: that of the rounds, failed ones included; None without any.

        The error is that of n independent rounds of random length, or of the share that delivers where all
        are as long.
        """
        mean = self._mean(entries.TIME, entries.TIME_SQUARED)
        if mean is None:
            return None
        failed = self.runs - self.delivered
        if failed == 0:
            return mean
        share = self.share
        error = None if share.error is None else self.promised_time * share.error / share.mean**2
        return Estimate(self.promised_time / share.mean, error)

    @property
    def mean_copies(self) -> FloatArray:
        """Copies per round of every part."""
        return np.asarray(self.copies_made / max(self.runs, 1))

    def _share(self, count: int) -> Estimate:
        share = count / self.runs
        # One success and one failure more keep the error of a share of 0 or 1 above zero.
        kept = (count + 1.0) / (self.runs + 2.0)
        return Estimate(share, math.sqrt(kept * (1.0 - kept) / self.runs))

    def _mean(self, first: int, second: int) -> Estimate | None:
        n = self.delivered
        if n == 0:
            return None
        mean = float(self.sums[first] / n)
        if n == 1:
            return Estimate(mean, None)
        variance = max(float(self.sums[second] / n) - mean * mean, 0.0) * n / (n - 1)
        return Estimate(mean, math.sqrt(variance / n))
