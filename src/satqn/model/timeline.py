"""Time in slots, and what every link delivers in each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import _freeze
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
BodyKind = Literal["base_station", "aerial", "satellite"]
Making = Literal["fibre_chain", "one_sided", "dual_downlink"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Slots of equal length, one after the other.

    Parameters
    ----------
    start
        Begin of the first slot, with a time zone; kept in UTC.
    slot
        Length of a slot, s.
    slots
        Number of slots.
    """

    start: datetime
    slot: float
    slots: int

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            object.__setattr__(self, "start", self.start.astimezone(UTC))

    @property
    def duration(self) -> float:
        """All slots together, s."""
        return self.slot * self.slots

    def begin(self, number: int) -> datetime:
        """Return when slot ``number`` (from 0) begins, UTC."""
        return self.start + timedelta(seconds=self.slot * number)


@dataclass(frozen=True, slots=True, repr=False)
class LinkState(Shown):
    """Every link in every slot; columns of equal length E, tables of shape (T, E).

    Parameters
    ----------
    a, b
        Ids of both ends.
    making
        How its pairs are made.
    rate
        Mean over the slot, pairs per second, counting the time in which it is down as 0.
    fidelity
        Pair-weighted mean over the slot; masked where the link is down.
    up
        Share of the slot in which the link is up.
    via
        For a dual downlink the id of the satellite in each slot, else empty; shape (T, E).
    length
        Of a fibre, m; else the shortest distance of its ends while it was up, m.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    making: tuple[Making, ...]
    rate: FloatArray
    fidelity: np.ma.MaskedArray[tuple[int, int], np.dtype[np.float64]]
    up: FloatArray
    via: NDArray[np.str_]
    length: FloatArray

    def __post_init__(self) -> None:
        for name in ("rate", "up", "length"):
            object.__setattr__(self, name, _freeze(getattr(self, name), np.float64))

    def __len__(self) -> int:
        return len(self.a)

    @property
    def slots(self) -> int:
        """Number of slots."""
        return int(self.rate.shape[0])

    def mean_fidelity(self) -> FloatArray:
        """Return the pair-weighted mean fidelity of every link; 1/4 of one that is never up."""
        pairs = self.rate.sum(axis=0)
        weighted = (self.rate * self.fidelity.filled(0.0)).sum(axis=0)
        return np.asarray(np.divide(weighted, pairs, out=np.full(len(self), 0.25), where=pairs > 0.0))
