"""The hybrid protocol replayed: what random events make of one way between two users.

A :class:`WayPlan` says what the analytic model counts on; :func:`replay_way` plays rounds of it under one of
five disciplines, from the model's own numbers of copies to what really comes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.physics.checks import in_range, made_fidelity, one_of, whole_number
from satqn.physics.purification import Protocol
from satqn.simulate.executor import stopping
from satqn.simulate.hybrid_counts import WayCounts

if TYPE_CHECKING:
    from satqn.kernels.hybrid_rounds import Parts, Rules

Discipline = Literal["counted", "mean", "rounds", "patient", "planned"]

DISCIPLINES: dict[Discipline, str] = {
    "counted": "the model's own numbers of copies, real states",
    "mean": "the mean numbers of copies in the model's time, nobody waiting for others, real states",
    "rounds": "rounds of the model's length: what is there at the end is used, nothing is kept",
    "patient": "at least the model's length, then on until every part has a copy",
    "planned": "until every part has the model's number of copies, however long",
}
"""When a round ends, and which copies are used."""

MOST_COPIES = 16384
"""Copies that fit into the memories of a part."""
CHUNK = 500
"""Rounds between two looks at Ctrl-C."""


@dataclass(frozen=True, slots=True)
class FibrePart:
    """One ion-ion segment, or a stretch of fibre that is crossed directly.

    Parameters
    ----------
    attempt_time
        s, > 0; all ion pairs attempt in step.
    success
        Of one attempt of one ion pair, in (0, 1].
    ion_pairs
        That attempt side by side, >= 1.
    fidelity
        Of a copy, in (0.25, 1]: a phase-flip mixture.
    copies
        On which the analytic model counts, >= 1.
    """

    attempt_time: float
    success: float
    ion_pairs: int
    fidelity: float
    copies: int

    @property
    def rate(self) -> float:
        """Copies per second."""
        return self.ion_pairs * self.success / self.attempt_time

    def __post_init__(self) -> None:
        in_range("attempt time", self.attempt_time, 0.0, above=True, unit="s")
        in_range("success probability", self.success, 0.0, 1.0, above=True)
        whole_number("ion pairs", self.ion_pairs, 1)
        made_fidelity("fidelity of a copy", self.fidelity)
        whole_number("copies", self.copies, 1)


@dataclass(frozen=True, slots=True)
class SatellitePart:
    """The satellite between two stations: pairs per second (> 0), their fidelity, the copies counted on."""

    rate: float
    fidelity: float
    copies: int

    def __post_init__(self) -> None:
        in_range("rate", self.rate, 0.0, above=True, unit="1/s")
        made_fidelity("fidelity of a copy", self.fidelity)
        whole_number("copies", self.copies, 1)


@dataclass(frozen=True, slots=True, repr=False)
class WayPlan(Shown):
    """What the analytic model promises for one way between two users, and the parts it is made of.

    Parameters
    ----------
    parts
        From one end to the other, at least one.
    time
        Per delivered pair, s, > 0.
    fidelity
        Promised.
    swaps
        Between and within the parts' chains, >= 0.
    swap
        s = (4 F_s - 1)/3, by which a swap shrinks all correlations.
    protocol
        Of purification.
    memory_time
        Dephasing time of a stored qubit, s; None for perfect memories.
    """

    parts: tuple[FibrePart | SatellitePart, ...]
    time: float
    fidelity: float
    swaps: int
    swap: float
    protocol: Protocol
    memory_time: float | None = None

    def __post_init__(self) -> None:
        if not self.parts:
            raise InputError("a way without parts", fix="Give at least one")
        in_range("time per pair", self.time, 0.0, above=True, unit="s")
        made_fidelity("promised fidelity", self.fidelity)
        whole_number("swaps", self.swaps, 0)
        one_of("protocol", self.protocol, ("bbpssw", "dejmps"))
        if self.memory_time is not None:
            in_range("memory time", self.memory_time, 0.0, above=True, unit="s")


def replay_way(
    plan: WayPlan, discipline: Discipline, *, runs: int, seed: int, key: Sequence[str] = ()
) -> WayCounts:
    """Play rounds of one way and count what they deliver.

    Parameters
    ----------
    plan
        The way and its promise.
    discipline
        When a round ends; see :data:`DISCIPLINES`.
    runs
        Rounds, >= 1.
    seed
        >= 0.
    key
        Names of what is replayed (the two users, the way): every key has random numbers of its own,
        whatever else is replayed.

    Raises
    ------
    InputError
        A value out of range.

    Notes
    -----
    Copies come after geometric numbers of attempts (shao2025, eq. 1 without its mean), pairs of the satellite
    as a Poisson process. Every copy dephases by its own age until the round ends; then all copies of a part
    are distilled in the order of the model's tables, with random successes, and all parts are swapped.
    Distillation, its messages and swaps take no time.

    Examples
    --------
    >>> segment = FibrePart(1e-3, 0.2, 1, 0.97, copies=1)
    >>> plan = WayPlan((segment,), time=5e-3, fidelity=0.97, swaps=0, swap=0.99, protocol="dejmps")
    >>> counts = replay_way(plan, "rounds", runs=20_000, seed=1)
    >>> abs(counts.share.mean - (1 - 0.8**5)) < 6 * counts.share.error
    True
    """
    from satqn.kernels import hybrid_rounds

    one_of("discipline", discipline, tuple(DISCIPLINES))
    whole_number("runs", runs, 1)
    whole_number("seed", seed, 0)
    words = [b"hybrid", discipline.encode(), *(name.encode() for name in key)]
    child = np.random.SeedSequence(seed, spawn_key=tuple(zlib.crc32(word) for word in words))
    rng = np.random.Generator(np.random.PCG64(child))
    parts, rules = _parts(plan, discipline), _rules(plan, discipline)
    counts = WayCounts.nothing(plan.time, len(plan.parts))
    for start in range(0, runs, CHUNK):
        if stopping():
            raise KeyboardInterrupt
        some = min(CHUNK, runs - start)
        hybrid_rounds.run_rounds(parts, rules, some, rng, *counts.arrays())
    return counts


@dataclass(frozen=True, slots=True, repr=False)
class ReplayTask(Shown):
    """One way of one pair of users under every discipline; parameters as in :func:`replay_way`."""

    plan: WayPlan
    key: tuple[str, ...]
    runs: int
    seed: int


def replay_task(task: ReplayTask) -> dict[Discipline, WayCounts]:
    """Return the counts of a task by discipline: a pure function for any process."""
    return {
        discipline: replay_way(task.plan, discipline, runs=task.runs, seed=task.seed, key=task.key)
        for discipline in DISCIPLINES
    }


def _parts(plan: WayPlan, discipline: Discipline) -> Parts:
    from satqn.kernels.hybrid_rounds import Parts

    def copies(part: FibrePart | SatellitePart) -> int:
        if discipline == "mean":
            return max(1, int(min(plan.time * part.rate * (1.0 + 1e-12), MOST_COPIES)))
        return part.copies if discipline in ("counted", "planned") else int(discipline == "patient")

    rows = []
    for part in plan.parts:
        if isinstance(part, SatellitePart):
            rows.append((True, 1.0 / part.rate, 1.0, 1.0, part.fidelity, copies(part)))
        else:
            attempt = (part.attempt_time, part.success, float(part.ion_pairs))
            rows.append((False, *attempt, part.fidelity, copies(part)))
    kinds = (np.bool_, *[np.float64] * 4, np.int64)
    columns = zip(*rows, strict=True)
    return Parts(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def _rules(plan: WayPlan, discipline: Discipline) -> Rules:
    from satqn.kernels.hybrid_rounds import AS_COUNTED, AS_THEY_COME, Rules
    from satqn.kernels.simulate_states import BBPSSW, DEJMPS

    return Rules(
        mode=AS_COUNTED if discipline in ("counted", "mean") else AS_THEY_COME,
        least=0.0 if discipline == "planned" else plan.time,
        most=MOST_COPIES,
        swap_factor=plan.swap**plan.swaps,
        protocol=BBPSSW if plan.protocol == "bbpssw" else DEJMPS,
        memory_time=math.inf if plan.memory_time is None else plan.memory_time,
    )
