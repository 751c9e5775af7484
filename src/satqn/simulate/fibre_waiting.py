"""The delivery time of a fibre chain's first pair: hardware in seconds in, distribution in seconds out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from satqn.model.hardware import FibreHardware
from satqn.physics import fiber
from satqn.physics.bell import elementary_fidelity
from satqn.physics.checks import in_range, one_of, whole_number
from satqn.simulate.exact_distribution import WaitingDistribution, waiting_distribution
from satqn.simulate.nested_protocol import Level, NestedProtocol

SwapOrder = Literal["at-end", "nested"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Told in the summary."""
DEFAULT_COVERAGE = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class FibreWaiting:
    """Distribution of the delivery time of the first pair of a fibre, its steps measured in seconds.

    Parameters
    ----------
    distribution
        In steps of one attempt.
    attempt_time
        s.
    swap_order
        When the swaps are made.
    memory_coherence, cutoff
        As asked for, s, or None.
    """

    distribution: WaitingDistribution
    attempt_time: float
    swap_order: SwapOrder
    memory_coherence: float | None
    cutoff: float | None

    @property
    def mean(self) -> float:
        """Mean delivery time, s."""
        return self.distribution.mean * self.attempt_time

    def quantile(self, share: float) -> float:
        """Return the time by which a pair has come with probability ``share``, s."""
        return self.distribution.quantile(share) * self.attempt_time

    def fidelity_at(self, share: float) -> float:
        """Return the mean fidelity of pairs that come at this quantile of the delivery time."""
        return float(self.distribution.fidelity[self.distribution.quantile(share) - 1])

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain JSON values."""
        found = self.distribution
        return {
            "mean_s": self.mean,
            "mean_beyond_s": found.mean_beyond * self.attempt_time,
            "quantiles": [
                {"probability": share, "time_s": self.quantile(share), "fidelity": self.fidelity_at(share)}
                for share in QUANTILES
            ],
            "fidelity_mean": found.fidelity_mean,
            "coverage": found.coverage,
            "steps": found.steps,
            "attempt_time_s": self.attempt_time,
            "success_probability": found.protocol.success,
            "swap_order": self.swap_order,
            "memory_coherence_s": self.memory_coherence,
            "cutoff_s": self.cutoff,
            "levels": [level.to_dict() for level in found.protocol.levels],
        }


def fibre_waiting(
    length: float,
    photon_repeaters: int,
    hardware: FibreHardware,
    *,
    ion_pairs: int = 1,
    swap_order: SwapOrder = "at-end",
    memory_coherence: float | None = None,
    cutoff: float | None = None,
    coverage: float = DEFAULT_COVERAGE,
) -> FibreWaiting:
    """Return the distribution of the delivery time of a fibre's first pair, started empty.

    Parameters
    ----------
    length
        Fibre from end to end, m, >= 0.
    photon_repeaters
        N equal segments, whose swaps always work; 0 for direct transmission.
    hardware
        Fibre, detectors and fidelities.
    ion_pairs
        m >= 1; a cycle of a segment succeeds if at least one of m attempts does. The first pair counts.
    swap_order
        ``at-end``: all swaps when the last segment is ready. ``nested``: level by level, N by its prime
        factors from the smallest on.
    memory_coherence
        T in s, > 0: 2F - 1 of a stored pair falls as exp(-t/T) (half the dephasing time of one qubit);
        None for perfect memories.
    cutoff
        Longest storage on every level, s, >= 0, whole attempts of it; None for none.
    coverage
        Probability that the times followed must hold, in (0.99, 1 - 1e-12].

    Raises
    ------
    InputError
        A value out of range, or a coverage out of reach.

    Notes
    -----
    With m = 1 the mean is 1/rate of :func:`satqn.physics.fiber.chain_rate` with ``exact`` waiting.

    Examples
    --------
    >>> found = fibre_waiting(100e3, 8, FibreHardware())
    >>> round(1.0 / found.mean, 6), round(float(fiber.chain_rate(100e3, 8, FibreHardware(), "exact")), 6)
    (20.850584, 20.850584)
    """
    one_of("swap order", swap_order, ("at-end", "nested"))
    pairs = int(whole_number("ion_pairs", ion_pairs, 1))
    count = int(whole_number("number of photon repeaters", photon_repeaters, 0))
    arm = length / (2.0 * count) if count else length
    if count:
        step = float(fiber.attempt_time(arm, arm, hardware))
        one = float(fiber.segment_success(arm, arm, hardware))
        made = float(elementary_fidelity(hardware.ion_photon_fidelity, hardware.photonic_bsm_fidelity))
    else:
        made = hardware.ion_photon_fidelity
        step = float(fiber.attempt_time(length, length, hardware))
        one = step / float(fiber.direct_time(length, hardware))
    in_range("coverage", coverage, QUANTILES[-1], 1.0 - 1e-12, above=True)
    storage: int | None = None
    if cutoff is not None:
        storage = math.floor(float(in_range("cut-off", cutoff, 0.0, unit="s")) / step * (1.0 + 1e-12))
    coherence: float | None = None
    if memory_coherence is not None:
        in_range("memory coherence time", memory_coherence, 0.0, above=True, unit="s")
        coherence = memory_coherence / step
    protocol = NestedProtocol(
        success=1.0 if one >= 1.0 else -math.expm1(pairs * math.log1p(-one)),
        fidelity=made,
        levels=tuple(
            Level("swap", cutoff=storage, swap_fidelity=hardware.ion_swap_fidelity, links=links)
            for links in _levels(count, swap_order)
        ),
        coherence_steps=coherence,
        state="phase_flip",
    )
    found = waiting_distribution(protocol, coverage)
    return FibreWaiting(found, step, swap_order, memory_coherence, cutoff)


def _levels(segments: int, order: SwapOrder) -> list[int]:
    """Return how many links every level joins."""
    if segments < 2:
        return []
    if order == "at-end":
        return [segments]
    factors, rest, divisor = [], segments, 2
    while divisor * divisor <= rest:
        while rest % divisor == 0:
            factors.append(divisor)
            rest //= divisor
        divisor += 1
    return [*factors, rest] if rest > 1 else factors
