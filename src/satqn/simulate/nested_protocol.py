"""Nested repeater protocols: equal segments, and level by level what is made of equal links."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.physics.checks import in_range, made_fidelity, one_of, whole_number

FloatArray = NDArray[np.float64]
LevelKind = Literal["swap", "distil"]
PairState = Literal["werner", "phase_flip"]


@dataclass(frozen=True, slots=True)
class Level:
    """One level: it waits for equal, independent links made side by side and makes one link of them.

    Parameters
    ----------
    kind
        ``swap`` joins neighbours into a longer link; ``distil`` makes one link of two parallel ones by
        BBPSSW.
    success
        Success probability of one swap, in (0, 1]. All links - 1 swaps of the level are made at once, when
        the last link has come, and must all succeed. Distillation finds its own from the states.
    cutoff
        Longest storage in steps, >= 0; None for no cut-off. A link that is still stored ``cutoff`` steps
        after the first of the level came, while one is missing, ends the attempt at that very step: all
        links are discarded and all start anew. Attempts whose last link comes within ``cutoff`` steps of
        the first go on.
    swap_fidelity
        F_s in (0.25, 1] of every swap, as in :func:`satqn.physics.bell.swap`.
    links
        How many links a swap level joins, >= 2.
    """

    kind: LevelKind
    success: float = 1.0
    cutoff: int | None = None
    swap_fidelity: float = 1.0
    links: int = 2

    def __post_init__(self) -> None:
        one_of("kind of level", self.kind, ("swap", "distil"))
        in_range("success probability of a swap", self.success, 0.0, 1.0, above=True)
        made_fidelity("swap fidelity", self.swap_fidelity)
        whole_number("number of links of a level", self.links, 2)
        if self.cutoff is not None:
            whole_number("cut-off", self.cutoff, 0)
        if self.kind == "distil" and (self.links, self.success, self.swap_fidelity) != (2, 1.0, 1.0):
            raise InputError(
                f"a distillation level with links {self.links}, success {self.success:g} and swap fidelity "
                f"{self.swap_fidelity:g}",
                fix="Leave these to swap levels; distillation takes two links and finds its own success",
            )

    @property
    def joint_success(self) -> float:
        """Probability that all swaps of the level succeed."""
        return self.success ** (self.links - 1)

    @property
    def noise(self) -> float:
        """Factor by which the swaps shrink every correlation: s^(links - 1), s = (4 F_s - 1)/3."""
        return ((4.0 * self.swap_fidelity - 1.0) / 3.0) ** (self.links - 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the level as plain JSON values."""
        level: dict[str, Any] = {"kind": self.kind, "cutoff_steps": self.cutoff}
        if self.kind == "swap":
            level |= {
                "links": self.links,
                "success_probability": self.success,
                "swap_fidelity": self.swap_fidelity,
            }
        return level


@dataclass(frozen=True, slots=True, repr=False)
class NestedProtocol(Shown):
    """Equal segments that try once a step, and the levels above them, the lowest first.

    Parameters
    ----------
    success
        Success probability p of one attempt of a segment, in (0, 1]; an attempt takes one step.
    fidelity
        Of a segment's pair when it is made: in (0.25, 1], for ``phase_flip`` in [0.5, 1].
    levels
        From the segments upwards; none: the segment itself is delivered.
    coherence_steps
        T in steps, > 0: while a pair waits t steps its Werner parameter (4 F - 1)/3, or 2 F - 1 of a
        phase-flip mixture, shrinks by exp(-t/T). It is the time of the pair: two qubits that each
        decay with T_q have T = T_q/2. None for perfect memories.
    state
        ``werner``: white noise everywhere. ``phase_flip``: pairs are made as phase-flip mixtures and
        memories dephase; no distillation.

    Notes
    -----
    Source: Brand, Coopmans and Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), and Li, Coopmans and
    Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021), with the cut-off on the difference of times. Swaps
    and messages take no time.

    Examples
    --------
    Eight segments, nested swaps that work half of the time:

    >>> NestedProtocol(0.1, 0.98, (Level("swap", 0.5), Level("swap", 0.5), Level("swap", 0.5))).segments
    8
    """

    success: float
    fidelity: float
    levels: tuple[Level, ...] = ()
    coherence_steps: float | None = None
    state: PairState = "werner"

    def __post_init__(self) -> None:
        in_range("success probability of an attempt", self.success, 0.0, 1.0, above=True)
        one_of("state", self.state, ("werner", "phase_flip"))
        if self.state == "werner":
            made_fidelity("fidelity", self.fidelity)
        else:
            in_range("fidelity of a phase-flip mixture", self.fidelity, 0.5, 1.0)
        if self.coherence_steps is not None:
            in_range("coherence time in steps", self.coherence_steps, 0.0, above=True)
        object.__setattr__(self, "levels", tuple(self.levels))
        if self.state == "phase_flip" and any(level.kind == "distil" for level in self.levels):
            raise InputError(
                "a distillation level with phase-flip mixtures",
                why="BBPSSW makes Werner states of them",
                fix="Take state='werner'",
            )

    @property
    def segments(self) -> int:
        """Number of segments between the two ends."""
        return math.prod(level.links for level in self.levels if level.kind == "swap")

    @property
    def made_correlation(self) -> float:
        """What shrinks by swaps and storage, of a pair just made: (4 F - 1)/3, or 2 F - 1."""
        if self.state == "werner":
            return (4.0 * self.fidelity - 1.0) / 3.0
        return 2.0 * self.fidelity - 1.0

    @property
    def decay(self) -> float:
        """exp(-1/T), 1 for perfect memories."""
        return 1.0 if self.coherence_steps is None else math.exp(-1.0 / self.coherence_steps)

    def weighted_fidelity(self, mass: FloatArray, correlation: FloatArray) -> FloatArray:
        """Return mass times fidelity from mass and mass times correlation.

        Notes
        -----
        Werner: F = (1 + 3 w)/4. Phase flip: F = (1 + 2 x + z)/4 with z the correlation that dephasing
        spares: every segment carries the noise of the swaps it took part in, so z is the same at all times.
        """
        if self.state == "werner":
            return np.asarray((mass + 3.0 * correlation) / 4.0)
        spared = 1.0
        for level in self.levels:
            spared = spared**level.links * level.noise
        return np.asarray((mass * (1.0 + spared) + 2.0 * correlation) / 4.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the protocol as plain JSON values."""
        return {
            "segments": self.segments,
            "success_probability": self.success,
            "fidelity": self.fidelity,
            "state": self.state,
            "coherence_steps": self.coherence_steps,
            "levels": [level.to_dict() for level in self.levels],
        }
