"""What is counted of a chain: everything adds, and means come with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri, stdtrit

from satqn.kernels import simulate_work as columns
from satqn.model.shown import Shown
from satqn.simulate.chain import Restart

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Z95 = 1.959963984540054
"""Standard errors in half of a 95 % interval of a normal variable."""

BATCHES_WANTED, FEWEST_BATCHES = 32, 4
"""Batches from whose scatter an error is known well enough, and those from which it is known at all."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error; None where too little was counted to know it.

    Where the error itself is known from few batches only, it is as much larger as Student's t says.
    """

    mean: float
    error: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return mean and 95 % interval."""
        if self.error is None:
            return {"mean": self.mean, "low": None, "high": None}
        half = Z95 * self.error
        return {"mean": self.mean, "low": self.mean - half, "high": self.mean + half}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChainCounts(Shown):
    """Counts of deliveries of one chain.

    Parameters
    ----------
    unit
        Unit of time, s.
    restart
        With ``continuous`` the time of a delivery is that since the one before.
    tally, sums
        As :mod:`satqn.kernels.simulate_work` names their entries.
    times, fidelities
        Histograms, see :meth:`time_edges` and :meth:`fidelity_edges`.
    """

    unit: float
    restart: Restart
    tally: IntArray
    sums: FloatArray
    times: IntArray
    fidelities: IntArray

    @classmethod
    def nothing(cls, unit: float, restart: Restart) -> ChainCounts:
        """Return the counts of no delivery at all."""
        return cls(
            unit, restart, np.zeros(columns.TALLIES, dtype=np.int64), np.zeros(columns.SUMS),
            np.zeros(columns.TIME_BINS, dtype=np.int64), np.zeros(columns.FIDELITY_BINS, dtype=np.int64),
        )  # fmt: skip

    @classmethod
    def from_arrays(cls, unit: float, restart: Restart, arrays: Mapping[str, NDArray[Any]]) -> ChainCounts:
        """Return counts from what :meth:`to_arrays` gave; KeyError if something is missing."""
        return cls(unit, restart, arrays["tally"], arrays["sums"], arrays["times"], arrays["fidelities"])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts as arrays by name."""
        return {"tally": self.tally, "sums": self.sums, "times": self.times, "fidelities": self.fidelities}

    def __add__(self, other: ChainCounts) -> ChainCounts:
        return ChainCounts(
            self.unit, self.restart, self.tally + other.tally, self.sums + other.sums,
            self.times + other.times, self.fidelities + other.fidelities,
        )  # fmt: skip

    @property
    def delivered(self) -> int:
        """End-to-end pairs."""
        return int(self.tally[columns.DELIVERED])

    @property
    def time(self) -> Estimate:
        """Time of a delivery, s."""
        one = self._estimate(columns.TIME, columns.BATCH_TIME1)
        return Estimate(one.mean * self.unit, None if one.error is None else one.error * self.unit)

    @property
    def fidelity(self) -> Estimate:
        """Fidelity at delivery."""
        return self._estimate(columns.FIDELITY, columns.BATCH_FIDELITY1)

    def effective_samples(self) -> dict[str, float | None]:
        """Return how many independent deliveries would tell as much about the mean time and fidelity."""
        found = {}
        for name, first, batch in (
            ("delivery_time_s", columns.TIME, columns.BATCH_TIME1),
            ("fidelity", columns.FIDELITY, columns.BATCH_FIDELITY1),
        ):
            alone, all_ = self._variance(first), self._variance_of_mean(first, batch)
            if all_ is None or all_[0] <= 0.0 or alone <= 0.0:
                found[name] = None if all_ is None else float(self.delivered)
            else:
                found[name] = min(alone / all_[0], float(self.delivered))
        return found

    def _estimate(self, first: int, batch: int) -> Estimate:
        mean = float(self.sums[first]) / self.delivered
        found = self._variance_of_mean(first, batch)
        if found is None:
            return Estimate(mean, None)
        variance, freedom = found
        return Estimate(mean, math.sqrt(variance) * float(stdtrit(freedom, 0.975)) / Z95)

    def _variance(self, first: int) -> float:
        """Return the variance of single deliveries; the column after ``first`` has the squares."""
        total, squares = float(self.sums[first]), float(self.sums[first + 1])
        return max(squares - total**2 / self.delivered, 0.0) / max(self.delivered - 1, 1)

    def _variance_of_mean(self, first: int, batch: int) -> tuple[float, float] | None:
        """Return the variance of a mean and its degrees of freedom, or None where it cannot be known.

        Notes
        -----
        With ``continuous`` from the means of batches that grow with the run, the longest of which there are
        still ``BATCHES_WANTED``; from longer ones where their variance is larger than chance makes it, for
        then the shorter ones are correlated. Source: B. Schmeiser, "Batch size effects in the analysis of
        simulation output", Operations Research 30, 556 (1982): 10 to 30 batches lose little.
        """
        if self.delivered < 2:
            return None
        if self.restart == "fresh":  # deliveries are independent
            return self._variance(first) / self.delivered, self.delivered - 1.0
        levels = self.sums[columns.LEVELS_FROM :].reshape(columns.BATCH_LEVELS, columns.PER_LEVEL)
        chosen: tuple[float, float] | None = None
        for level, row in enumerate(levels):
            count = float(row[columns.BATCHES])
            if count < (2 if chosen is None else FEWEST_BATCHES):
                break
            total, squares = float(row[batch]), float(row[batch + 1])
            apart = max(squares - total**2 / count, 0.0) / (count - 1.0)
            here = apart / self.delivered / (columns.BATCH << level), count - 1.0
            if (
                chosen is None
                or count >= BATCHES_WANTED
                or here[0] > chosen[0] * float(fdtri(here[1], chosen[1], 0.95))
            ):
                chosen = here
        return chosen

    @property
    def relative_error(self) -> float:
        """Half of the 95 % interval over the mean, of time or fidelity, the larger one; inf if unknown."""
        if self.delivered == 0:
            return math.inf
        pair = (self.time, self.fidelity)
        return max(math.inf if one.error is None else Z95 * one.error / one.mean for one in pair)

    def time_edges(self) -> FloatArray:
        """Return the edges of the bins of times, s: below one unit, 32 equal bins in every octave, beyond."""
        octave = np.ldexp(1.0, np.arange(columns.OCTAVES))
        inner = octave[:, None] * (1.0 + np.arange(columns.PER_OCTAVE) / columns.PER_OCTAVE)
        return np.asarray(
            np.concatenate([[0.0], inner.ravel(), [np.ldexp(1.0, columns.OCTAVES), np.inf]]) * self.unit
        )

    def fidelity_edges(self) -> FloatArray:
        """Return the edges of the bins of fidelities."""
        return np.linspace(0.0, 1.0, columns.FIDELITY_BINS + 1)

    def quantile(self, share: float) -> tuple[float, float]:
        """Return the edges, s, of the bin of times in which a share of the deliveries is reached."""
        bin_ = int(np.searchsorted(np.cumsum(self.times), share * self.delivered))
        edges = self.time_edges()
        return float(edges[bin_]), float(edges[bin_ + 1])

    def pairs_used(self) -> dict[str, int]:
        """Return where the elementary pairs went; the parts add up to those that were made."""
        return {
            "made": int(self.tally[columns.MADE]),
            "delivered": int(self.tally[columns.USED]),
            "lost_in_swaps": int(self.tally[columns.LOST_IN_SWAPS]),
            "lost_in_purification": int(self.tally[columns.LOST_IN_PURIFICATION]),
            "lost_by_cutoff": int(self.tally[columns.LOST_BY_CUTOFF]),
            "left_over": int(self.tally[columns.LEFT_OVER]),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what was found as plain JSON values; histograms list the bins that are not empty."""
        tally = self.tally
        document: dict[str, Any] = {
            "delivered_pairs": self.delivered,
            "elementary_pairs": self.pairs_used(),
            "events": {
                "swaps": int(tally[columns.SWAPS]),
                "swap_failures": int(tally[columns.SWAP_FAILURES]),
                "purifications": int(tally[columns.PURIFICATIONS]),
                "purification_failures": int(tally[columns.PURIFICATION_FAILURES]),
                "cutoffs": int(tally[columns.CUTOFFS]),
            },
        }
        if self.delivered == 0:
            return document
        rate = 1.0 / self.time.mean
        spread = None if self.time.error is None else self.time.error * rate * rate
        last = self.time_edges()
        return document | {
            "rate_per_s": Estimate(rate, spread).to_dict(),
            "delivery_time_s": self.time.to_dict()
            | {"quantiles": {f"{q:g}": list(self.quantile(q)) for q in (0.1, 0.5, 0.9, 0.99)}},
            "fidelity": self.fidelity.to_dict(),
            "effective_samples": self.effective_samples(),
            "time_histogram": [
                [float(last[k]), float(min(last[k + 1], 1e300)), int(self.times[k])]
                for k in np.flatnonzero(self.times)
            ],
            "fidelity_histogram": [
                [k / columns.FIDELITY_BINS, (k + 1) / columns.FIDELITY_BINS, int(self.fidelities[k])]
                for k in map(int, np.flatnonzero(self.fidelities))
            ],
        }
