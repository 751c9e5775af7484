"""What replays of a plan delivered: counts that add, and what they say with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.extras import need
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REASON_NAMES = (
    "rounding", "luck", "synchronisation", "spare_pairs", "outage", "empty_stock", "decoherence", "odd_pair",
    "purification",
)  # fmt: skip
"""In the order of :mod:`satqn.kernels.replay`."""
CHANCE = ("rounding", "luck", "purification")
"""Reasons that are zero on average: what they say is noise."""
LEDGER_NAMES = ("initial", "made", "overflow", "lost", "drawn", "left")
CONFIDENCE_Z = 1.959963984540054
"""Half-width of a 95 % interval of a normal distribution, in standard errors."""
_LABELS = ("identity", "demands", "classes", "promised", "stored_as_planned")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over runs with its 95 % interval; the interval is None while there is a single run.

    Parameters
    ----------
    mean
        The mean.
    error
        Its standard error.
    """

    mean: float
    error: float | None

    @property
    def low(self) -> float | None:
        """Lower end of the interval."""
        return None if self.error is None else self.mean - CONFIDENCE_Z * self.error

    @property
    def high(self) -> float | None:
        """Upper end of the interval."""
        return None if self.error is None else self.mean + CONFIDENCE_Z * self.error

    def z(self, promised: float) -> float | None:
        """Return how many standard errors the mean lies above a promise; None if that has no meaning."""
        gap = self.mean - promised
        if self.error is None or (self.error == 0.0 and abs(gap) > 1e-9 * max(1.0, abs(promised))):
            return None
        return gap / self.error if self.error > 0.0 else 0.0

    def to_dict(self) -> dict[str, float | None]:
        """Return mean and interval."""
        return {"mean": self.mean, "low": self.low, "high": self.high}


def estimate(total: float, squares: float, runs: int) -> Estimate:
    """Return the mean of a quantity of which sum and sum of squares over runs are known."""
    mean = total / runs
    if runs < 2:
        return Estimate(mean, None)
    variance = max(squares - runs * mean * mean, 0.0) / (runs - 1)
    return Estimate(mean, math.sqrt(variance / runs))


@dataclass(frozen=True, slots=True, repr=False)
class ReplayCounts(Shown):
    """Counts over runs; those of the same plan, instance, options and seed add.

    Parameters
    ----------
    identity
        Hash of what was replayed and how; only counts that share it add.
    demands, classes
        Names of the axes K and Q.
    promised
        Pairs that the plan promises, shape (T, K).
    stored_as_planned
        Base pairs that the plan stores of every class, shape (Q,).
    runs
        Number of runs.
    delivered, squares
        Delivered pairs and their squares over runs, shape (T, K).
    demand_squares
        Squares of the delivered pairs of a demand over all slots, shape (K,).
    total
        All delivered pairs, and the squares of those of a run, shape (2,).
    chance
        The reasons that are zero on average, together, and the squares of that, shape (2,).
    reasons
        Missing pairs by reason, shape (R, T, K): promised - delivered is their sum.
    reason_squares
        Squares of the missing pairs of a run by reason, shape (R,).
    ledger
        Base pairs of every class: initial + made = overflow + lost + drawn + left, shape (6, Q).
    store_reasons
        Base pairs not made for store, by reason: stored as planned - made is their sum, shape (R, Q).
    """

    identity: str
    demands: tuple[str, ...]
    classes: tuple[str, ...]
    promised: FloatArray
    stored_as_planned: FloatArray
    runs: int
    delivered: IntArray
    squares: IntArray
    demand_squares: IntArray
    total: IntArray
    chance: FloatArray
    reasons: FloatArray
    reason_squares: FloatArray
    ledger: IntArray
    store_reasons: FloatArray

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray):
                value = value.copy()
                value.setflags(write=False)
                object.__setattr__(self, f.name, value)

    def __add__(self, other: ReplayCounts) -> ReplayCounts:
        """Return the counts of all runs of both.

        Raises
        ------
        InputError
            They are counts of different replays.
        """
        if self.identity != other.identity:
            raise InputError("counts of different replays do not add", fix="Add runs of one replay")
        names = [f.name for f in fields(self) if f.name not in _LABELS]
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})

    def _shown(self) -> dict[str, Any]:
        found = self.delivered_pairs
        return {
            "runs": self.runs,
            "slots": self.slots,
            "demands": len(self.demands),
            "promised_pairs": self.promised_pairs,
            "delivered_pairs": found.mean,
            "low": found.low,
            "high": found.high,
        }

    @property
    def slots(self) -> int:
        """Number of slots T."""
        return int(self.promised.shape[0])

    @property
    def promised_pairs(self) -> float:
        """Pairs that the plan promises in all."""
        return float(self.promised.sum())

    @property
    def delivered_pairs(self) -> Estimate:
        """Pairs delivered in a run."""
        return estimate(int(self.total[0]), int(self.total[1]), self.runs)

    @property
    def relative_error(self) -> float:
        """Half of the 95 % interval of the delivered pairs over their mean; infinite where unknown."""
        found = self.delivered_pairs
        if found.error is None or (found.mean == 0.0 and self.promised_pairs > 0.0):
            return math.inf
        return CONFIDENCE_Z * found.error / found.mean if found.mean > 0.0 else 0.0

    @property
    def z(self) -> float | None:
        """Standard errors by which the delivered pairs exceed the promised ones."""
        return self.delivered_pairs.z(self.promised_pairs)

    @property
    def z_of_chance(self) -> float | None:
        """Standard errors by which the reasons that should be zero on average are not.

        What is left of the gap when every systematic reason has been taken out of it: beyond 4 there is
        a fault in the replay.
        """
        return estimate(float(self.chance[0]), float(self.chance[1]), self.runs).z(0.0)

    def missing(self, reason: str) -> Estimate:
        """Return the pairs missing in a run for a reason; negative where there are more."""
        at = REASON_NAMES.index(reason)
        return estimate(float(self.reasons[at].sum()), float(self.reason_squares[at]), self.runs)

    def demand(self, k: int) -> Estimate:
        """Return the pairs that a demand gets in a run."""
        return estimate(int(self.delivered[:, k].sum()), int(self.demand_squares[k]), self.runs)

    def cell(self, slot: int, k: int) -> Estimate:
        """Return the pairs that a demand gets in a slot (from 0) of a run."""
        return estimate(int(self.delivered[slot, k]), int(self.squares[slot, k]), self.runs)

    def to_dict(self) -> dict[str, Any]:
        """Return what the counts say: promised against delivered by demand and slot, and the reasons."""
        return {
            "runs": self.runs,
            "promised_pairs": self.promised_pairs,
            "delivered_pairs": self.delivered_pairs.to_dict(),
            "z": self.z,
            "z_of_chance": self.z_of_chance,
            "reasons": {name: self.missing(name).to_dict() for name in REASON_NAMES},
            "demands": [self._demand_dict(k) for k in range(len(self.demands))],
            "slots": [self._slot_dict(slot) for slot in range(self.slots)],
            "stores": [self._store_dict(q) for q in range(len(self.classes))],
        }

    def to_pandas(self) -> Any:
        """Return promised against delivered as a ``pandas.DataFrame``: one row per slot and demand.

        Columns: slot (from 1), demand, promised_pairs, delivered_pairs with the ends of its 95 % interval
        (``low``, ``high``; NaN for a single run), z, and the pairs missing for each reason.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        rows = [
            {
                "slot": slot + 1,
                "demand": name,
                "promised_pairs": float(self.promised[slot, k]),
                "delivered_pairs": found.mean,
                "low": found.low,
                "high": found.high,
                "z": found.z(float(self.promised[slot, k])),
            }
            | {f"missing_{reason}": value for reason, value in self._reasons_of((slot, k)).items()}
            for slot in range(self.slots)
            for k, name in enumerate(self.demands)
            for found in (self.cell(slot, k),)
        ]
        frame = need("pandas").DataFrame(rows)
        numbers = [name for name in frame.columns if name not in ("slot", "demand")]
        return frame.astype(dict.fromkeys(numbers, float))

    def to_xarray(self) -> Any:
        """Return the replay as an ``xarray.Dataset`` by slot, demand, reason, store and entry of its ledger.

        Means over runs; ``low`` and ``high`` are the ends of 95 % intervals, NaN for a single run.

        Raises
        ------
        InputError
            xarray is not installed.
        """
        cells = [[self.cell(slot, k) for k in range(len(self.demands))] for slot in range(self.slots)]

        def table(name: str) -> FloatArray:
            values = [[getattr(one, name) for one in row] for row in cells]
            return np.array(values, dtype=float).reshape(self.promised.shape)

        over, unit = ("slot", "demand"), {"units": "1"}
        return need("xarray").Dataset(
            {
                "promised_pairs": (over, self.promised, unit),
                "delivered_pairs": (over, table("mean"), unit),
                "low": (over, table("low"), unit),
                "high": (over, table("high"), unit),
                "missing_pairs": (("reason", *over), self.reasons / self.runs, unit),
                "ledger_pairs": (("entry", "store"), self.ledger / self.runs, unit),
                "planned_pairs": ("store", self.stored_as_planned, unit),
            },
            coords={
                "slot": np.arange(1, self.slots + 1),
                "demand": np.array(self.demands, dtype=object),
                "reason": np.array(REASON_NAMES, dtype=object),
                "store": np.array(self.classes, dtype=object),
                "entry": np.array(LEDGER_NAMES, dtype=object),
            },
            attrs={"runs": self.runs, "source": "satqn"},
        )

    def _reasons_of(self, at: Any) -> dict[str, float]:
        return {name: float(self.reasons[i][at].sum()) / self.runs for i, name in enumerate(REASON_NAMES)}

    def _demand_dict(self, k: int) -> dict[str, Any]:
        promised, found = float(self.promised[:, k].sum()), self.demand(k)
        return {
            "id": self.demands[k],
            "promised_pairs": promised,
            "delivered_pairs": found.to_dict(),
            "z": found.z(promised),
            "reasons": self._reasons_of((slice(None), k)),
        }

    def _slot_dict(self, slot: int) -> dict[str, Any]:
        cells = [(self.cell(slot, k), float(self.promised[slot, k])) for k in range(len(self.demands))]
        return {
            "slot": slot + 1,
            "promised_pairs": float(self.promised[slot].sum()),
            "delivered_pairs": sum(found.mean for found, _ in cells),
            "reasons": self._reasons_of(slot),
            "demands": [
                {"id": name, "promised_pairs": promised, "delivered_pairs": found.to_dict(),
                 "z": found.z(promised)}
                for name, (found, promised) in zip(self.demands, cells, strict=True)
            ],
        }  # fmt: skip

    def _store_dict(self, q: int) -> dict[str, Any]:
        ledger = {name: int(self.ledger[i, q]) / self.runs for i, name in enumerate(LEDGER_NAMES)}
        reasons = {n: float(self.store_reasons[i, q]) / self.runs for i, n in enumerate(REASON_NAMES)}
        return {
            "class": self.classes[q],
            "planned_pairs": float(self.stored_as_planned[q]),
            "pairs": ledger,
            "not_made": {name: value for name, value in reasons.items() if name in _STORE_REASONS},
        }


_STORE_REASONS = ("rounding", "luck", "synchronisation", "spare_pairs", "outage")
