"""What is told of one link at one instant: fibre, lines of sight with their budgets, and what arrives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from satqn.model.shown import Shown
from satqn.model.timeline import Making
from satqn.physics.background import part_of_day
from satqn.units import KM, to_db


@dataclass(frozen=True, slots=True, repr=False)
class FibreBudget(Shown):
    """A fibre between two nodes.

    Parameters
    ----------
    length
        m.
    photon_repeaters
        0 for a fibre without repeaters.
    rate, fidelity
        Of its pairs; 1/s.
    """

    length: float
    photon_repeaters: int
    rate: float
    fidelity: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fibre as plain JSON values."""
        return {
            "length_km": self.length / KM,
            "photon_repeaters": self.photon_repeaters,
            "rate_per_s": self.rate,
            "fidelity": self.fidelity,
        }


@dataclass(frozen=True, slots=True, repr=False)
class LineBudget(Shown):
    """A line of sight from a sender to a receiver at one instant.

    Parameters
    ----------
    sender, receiver
        Ids of the bodies.
    range, lowest
        Length of the line and altitude of its lowest point, m.
    elevation
        Of the higher end at the lower one, rad.
    hidden
        Why no light passes; empty if it does.
    factors
        The transmittance factor by factor; empty where the Earth is between the ends.
    dark_rate, sky_rate
        Clicks at the receiver that no signal makes, 1/s.
    sun
        Elevation of the Sun at the receiver, rad.
    """

    sender: str
    receiver: str
    range: float
    lowest: float
    elevation: float
    hidden: tuple[str, ...]
    factors: dict[str, float]
    dark_rate: float
    sky_rate: float
    sun: float

    @property
    def transmittance(self) -> float:
        """The product of all factors; 0 through the Earth."""
        return math.prod(self.factors.values()) if self.factors else 0.0

    @property
    def budget_db(self) -> dict[str, float]:
        """The loss by factor, dB."""
        return {name: float(to_db(factor)) for name, factor in self.factors.items()}

    @property
    def total_db(self) -> float | None:
        """The loss of the line, dB; None where nothing passes."""
        return sum(self.budget_db.values()) if self.factors else None

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain JSON values."""
        return {
            "from": self.sender,
            "to": self.receiver,
            "visible": not self.hidden,
            "hidden_because": list(self.hidden),
            "range_km": self.range / KM,
            "lowest_point_km": self.lowest / KM,
            "elevation_deg": math.degrees(self.elevation),
            "transmittance": self.transmittance,
            "factors": self.factors,
            "budget_db": self.budget_db,
            "total_db": self.total_db,
            "noise": {
                "dark_counts_per_s": self.dark_rate,
                "sky_per_s": self.sky_rate,
                "sun_elevation_deg": math.degrees(self.sun),
                "part_of_day": part_of_day(self.sun),
            },
        }


@dataclass(frozen=True, slots=True, repr=False)
class FreeSpace(Shown):
    """What joins two nodes through free space at an instant, or why nothing does.

    Parameters
    ----------
    making
        How pairs are made; None where they cannot.
    via
        Id of the satellite that sends photons to both nodes, for a dual downlink.
    lines
        The lines of sight of it, shown even where they are hidden.
    attempts
        Attempts per second: of the source, or as its memory allows.
    rate, accidental_rate, fidelity
        What arrives, 1/s; None where nothing does.
    reason
        Why nothing arrives; empty if something does.
    """

    making: Making | None = None
    via: str | None = None
    lines: tuple[LineBudget, ...] = ()
    attempts: float | None = None
    rate: float | None = None
    accidental_rate: float | None = None
    fidelity: float | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "making": self.making,
            "via": self.via,
            "visible": not self.reason,
            "reason": self.reason,
            "lines": [line.to_dict() for line in self.lines],
            "attempts_per_s": self.attempts,
            "pair_rate_per_s": self.rate,
            "accidental_rate_per_s": self.accidental_rate,
            "fidelity": self.fidelity,
        }


@dataclass(frozen=True, slots=True, repr=False)
class LinkExplanation(Shown):
    """All that joins two nodes at an instant.

    Parameters
    ----------
    a, b
        Ids of the nodes as they were asked for.
    moment, seconds
        When; seconds after the start of the plan.
    in_plan
        Whether that is within the slots.
    fibre
        The fibre between them, if there is one.
    free_space
        What joins them through free space.
    """

    a: str
    b: str
    moment: datetime
    seconds: float
    in_plan: bool
    fibre: FibreBudget | None
    free_space: FreeSpace

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know beside the numbers."""
        return () if self.in_plan else (f"{self.moment.isoformat()} is outside the slots of the scenario",)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain JSON values."""
        return {
            "a": self.a,
            "b": self.b,
            "at": self.moment.isoformat(),
            "seconds_after_start": self.seconds,
            "fibre": None if self.fibre is None else self.fibre.to_dict(),
            "free_space": self.free_space.to_dict(),
            "warnings": list(self.warnings),
        }
