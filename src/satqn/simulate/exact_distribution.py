"""When a nested protocol delivers its first pair, and how good that pair is: the exact distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.physics.checks import in_range, whole_number
from satqn.simulate.attempts import attempts
from satqn.simulate.nested_protocol import NestedProtocol
from satqn.simulate.renewal import until_success

FloatArray = NDArray[np.float64]

MAX_STEPS = 2**22
"""Steps followed at most unless more are asked for; 2^22 take about 1.6 GB."""

_FLOOR = 1e-12
"""Share of the largest probability below which rounding leaves no fidelity worth telling."""


@dataclass(frozen=True, slots=True, repr=False)
class WaitingDistribution(Shown):
    """Distribution of the delivery time of the first pair and of its fidelity.

    Parameters
    ----------
    protocol
        What was asked.
    probability
        P(T = t), t = 1..M in steps, shape (M,). Its sum is the coverage; what is beyond M is left out,
        never spread over the rest.
    weighted_fidelity
        P(T = t) times the mean fidelity of pairs delivered at t, shape (M,).
    """

    protocol: NestedProtocol
    probability: FloatArray
    weighted_fidelity: FloatArray

    def __post_init__(self) -> None:
        for column in (self.probability, self.weighted_fidelity):
            column.setflags(write=False)

    @property
    def steps(self) -> int:
        """M, the last step followed."""
        return self.probability.size

    @property
    def time(self) -> NDArray[np.int64]:
        """The delivery times 1..M, in steps."""
        return np.arange(1, self.steps + 1)

    @property
    def coverage(self) -> float:
        """P(T <= M)."""
        return min(float(self.probability.sum()), 1.0)

    @property
    def fidelity(self) -> np.ma.MaskedArray[Any, np.dtype[np.float64]]:
        """Mean fidelity of a pair delivered at t; masked where P(T = t) is below 1e-12 of the largest."""
        lost = self.probability <= _FLOOR * self.probability.max()
        mass = np.where(lost, 1.0, self.probability)
        return np.ma.MaskedArray(self.weighted_fidelity / mass, mask=lost)

    @property
    def mean_beyond(self) -> float:
        """Share of :attr:`mean` that is extrapolated, in steps: that of times after M.

        P(T > t) falls there by the same factor each step as between M/2 and M.
        """
        left = 1.0 - self.coverage
        half = 1.0 - float(self.probability[: self.steps // 2].sum())
        if left <= 0.0 or half <= left:
            return 0.0
        rate = math.log(half / left) / (self.steps - self.steps // 2)
        return left / -math.expm1(-rate)

    @property
    def mean(self) -> float:
        """Mean delivery time in steps: E[min(T, M)] and :attr:`mean_beyond`."""
        return float(self.probability @ self.time) + self.steps * (1.0 - self.coverage) + self.mean_beyond

    @property
    def fidelity_mean(self) -> float:
        """Mean fidelity of the pairs delivered within M steps."""
        return float(self.weighted_fidelity.sum() / self.probability.sum())

    def quantile(self, share: float) -> int:
        """Return the first step by which a pair has come with probability ``share``.

        Parameters
        ----------
        share
            In (0, coverage].

        Raises
        ------
        InputError
            The quantile lies beyond the steps followed.
        """
        wanted = float(in_range("quantile", share, 0.0, 1.0, above=True))
        reached = np.cumsum(self.probability)
        step = int(np.searchsorted(reached, wanted * (1.0 - 1e-15)))
        if step == self.steps:
            raise InputError(
                f"quantile {wanted:.12g}",
                why=f"{self.steps} steps cover {self.coverage:.12g}",
                fix="Ask for a higher coverage",
            )
        return step + 1

    def to_dict(self, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> dict[str, Any]:
        """Return protocol and summary as plain JSON values; times in steps."""
        return {
            "protocol": self.protocol.to_dict(),
            "mean_steps": self.mean,
            "mean_beyond_steps": self.mean_beyond,
            "quantiles_steps": {f"{share:g}": self.quantile(share) for share in quantiles},
            "fidelity_mean": self.fidelity_mean,
            "coverage": self.coverage,
            "steps": self.steps,
        }


def waiting_distribution(
    protocol: NestedProtocol, coverage: float = 1.0 - 1e-9, *, max_steps: int = MAX_STEPS
) -> WaitingDistribution:
    """Return the exact distribution of the delivery time and fidelity of a protocol's first pair.

    Parameters
    ----------
    protocol
        The segments and the levels above them; it starts empty.
    coverage
        Probability that the steps followed must hold, in (0, 1 - 1e-12].
    max_steps
        Steps followed at most.

    Raises
    ------
    InputError
        The demanded coverage needs more than ``max_steps``.

    Notes
    -----
    Deterministic; no error but rounding (about 1e-15 of the largest probability), however few steps are
    followed. One level costs O(M log M). Source: Brand, Coopmans and Elkouss, IEEE J. Sel. Areas Commun.
    38, 619 (2020); Li, Coopmans and Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021).

    Examples
    --------
    Two segments and a swap that always works: the mean of the slower is (3 - 2p)/(p (2 - p)).

    >>> from satqn.simulate.nested_protocol import Level
    >>> both = waiting_distribution(NestedProtocol(0.2, 0.9, (Level("swap"),)))
    >>> round(both.mean, 9), both.quantile(0.5)
    (7.222222222, 6)
    """
    wanted = float(in_range("coverage", coverage, 0.0, 1.0 - 1e-12, above=True))
    limit = int(whole_number("steps followed at most", max_steps, 1))
    steps = min(_first_guess(protocol, wanted), limit)
    while True:
        mass, correlation = _followed(protocol, steps)
        reached = float(mass.sum())
        if reached >= wanted:
            return WaitingDistribution(protocol, mass, protocol.weighted_fidelity(mass, correlation))
        needed = _needed_steps(mass, wanted)
        if steps >= limit:
            raise InputError(
                f"{limit} steps cover {reached:.6g} of the delivery times, {wanted:.12g} is asked for",
                why=f"It would take about {needed:.1e} steps, one for each attempt",
                fix="Ask for less coverage, allow more steps, or take shorter segments",
            )
        steps = int(min(max(1.05 * needed, 1.5 * steps), 64.0 * steps, limit - 1.0)) + 1


def _followed(protocol: NestedProtocol, steps: int) -> tuple[FloatArray, FloatArray]:
    """Return P(T = t) and P(T = t) E[correlation | T = t] of the protocol, t = 1..steps."""
    mass = np.zeros(steps)
    mass[0] = protocol.success
    if protocol.success < 1.0:
        mass[1:] = protocol.success * np.exp(math.log1p(-protocol.success) * np.arange(1, steps))
    correlation = protocol.made_correlation * mass
    for level in protocol.levels:
        tried = attempts(mass, correlation, level, protocol.decay)
        mass, correlation = until_success(np.stack([tried.success, tried.correlation]), tried.failure)
        correlation = np.minimum(correlation, mass)  # it may exceed it where both are rounding errors
    return mass, correlation


def _first_guess(protocol: NestedProtocol, coverage: float) -> int:
    """Return about as many steps as are needed without cut-offs, from means and tails alone."""
    mean = tail = 1.0 / protocol.success
    for level in protocol.levels:
        mean += tail * sum(1.0 / number for number in range(2, level.links + 1))
        chance = level.joint_success if level.kind == "swap" else 0.75
        if chance < 1.0:
            mean = tail = mean / chance
    return 16 + int(min(mean - tail * math.log1p(-coverage), 2.0**40))


def _needed_steps(mass: FloatArray, coverage: float) -> float:
    """Return how many steps should do, from how fast the rest fell between M/2 and M; inf if it did not."""
    size = mass.size
    left, half = 1.0 - float(mass.sum()), 1.0 - float(mass[: size // 2].sum())
    if half <= left:
        return math.inf
    rate = math.log(half / left) / (size - size // 2)
    return size + math.log(left / (1.0 - coverage)) / rate
