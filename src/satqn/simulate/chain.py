"""A chain of elementary links, as it is simulated: links, memories, swaps, purification and cut-off."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.physics.bell import bell_state, werner
from satqn.physics.checks import in_range, one_of, whole_number

FloatArray = NDArray[np.float64]
Order = Literal["asap", "nested"]
Sharing = Literal["shared", "bound"]
Restart = Literal["fresh", "continuous"]
Simultaneous = Literal["link_order", "random"]

MOST_MEAN = 2.0**44
"""Longest mean time of one link for a pair, in units of the shortest attempt: its longest waits are still far
below the 2^52 up to which the kernels count in whole numbers."""

SHORTEST_ATTEMPT, LONGEST_ATTEMPT = 1e-15, 1e15
"""Attempt times that are taken for some, s: an optical cycle, and a thousandth of the age of the universe."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How stored qubits decay; every time is that of one qubit, s, > 0, None for never.

    Parameters
    ----------
    dephasing_time
        T2: a phase flip with probability [1 - exp(-t/T2)]/2 in a time t.
    depolarising_time
        T1-like: white noise with probability 1 - exp(-t/T).
    gaussian_dephasing_time
        tau: a phase flip with probability [1 - exp(-a^2/tau^2)]/2 up to the age a of the qubit, which is
        counted from when it was stored and goes on through swaps and purification.
    """

    dephasing_time: float | None = None
    depolarising_time: float | None = None
    gaussian_dephasing_time: float | None = None

    def __post_init__(self) -> None:
        for name in ("dephasing_time", "depolarising_time", "gaussian_dephasing_time"):
            value = getattr(self, name)
            if value is not None:
                in_range(name.replace("_", " "), value, 0.0, above=True, unit="s")


@dataclass(frozen=True, slots=True)
class Swap:
    """One Bell measurement between two memories of a node, and what follows when it fails.

    Parameters
    ----------
    success
        Probability in (0, 1]; a failure loses both pairs.
    gate_noise
        Probability in [0, 1] that the gate replaces the two measured qubits by white noise.
    readout_error
        Probability in [0, 1/2] that one of the two outcomes is read wrongly.
    """

    success: float = 1.0
    gate_noise: float = 0.0
    readout_error: float = 0.0

    def __post_init__(self) -> None:
        in_range("success probability of a swap", self.success, 0.0, 1.0, above=True)
        in_range("gate noise of a swap", self.gate_noise, 0.0, 1.0)
        in_range("readout error of a swap", self.readout_error, 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Purification:
    """Rounds of purification, each of two pairs with the same ends and as many rounds behind them.

    Parameters
    ----------
    rounds
        By level: level 0 are elementary pairs; in nested order level k are pairs of up to 2^k links, in
        the order ``asap`` level 1 are end-to-end pairs. Levels not named have none.
    protocol
        ``bbpssw`` or ``dejmps``.
    gate_noise
        Probability in [0, 1], at each end, that its CNOT replaces its two qubits by white noise.
    readout_error
        Probability in [0, 1/2], at each end, that the outcome is read wrongly.
    """

    rounds: tuple[int, ...] = ()
    protocol: Literal["bbpssw", "dejmps"] = "dejmps"
    gate_noise: float = 0.0
    readout_error: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rounds", tuple(int(k) for k in self.rounds))
        if self.rounds:
            whole_number("rounds of purification", self.rounds, 0)
            in_range("rounds of purification", self.rounds, 0, 16)
        one_of("protocol", self.protocol, ("bbpssw", "dejmps"))
        in_range("gate noise of purification", self.gate_noise, 0.0, 1.0)
        in_range("readout error of purification", self.readout_error, 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class CutOff:
    """Pairs older than a limit are discarded; a partner that comes at the very instant still counts.

    Parameters
    ----------
    times
        s, >= 0, None for no limit; one for all pairs, or one for every level (levels as in
        :class:`Purification`, but in the order ``asap`` level 1 are all pairs of more than one link).
    age
        ``oldest``: since the oldest elementary pair in it was made. ``formed``: since it took its
        present form, by coming, by a swap or by purification.
    discards
        ``pair``: the pair alone. ``siblings``: with it all that was to be joined with it, finished or
        not, so that the whole level starts anew; in nested order with bound memories only.
    """

    times: tuple[float | None, ...] = (None,)
    age: Literal["oldest", "formed"] = "oldest"
    discards: Literal["pair", "siblings"] = "pair"

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(self.times) or (None,))
        for time in self.times:
            if time is not None:
                in_range("cut-off time", time, 0.0, unit="s")
        one_of("age", self.age, ("oldest", "formed"))
        one_of("discards", self.discards, ("pair", "siblings"))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chain(Shown):
    """n elementary links in a row.

    Parameters
    ----------
    success
        Success probability of one attempt, in (0, 1], shape (n,).
    attempt_time
        Duration of one attempt, s, > 0, shape (n,) or one for all.
    state
        Bell-diagonal state of a pair when it is made, shape (n, 4) or (4,).
    memories
        m >= 1 at each end of every link; each couple of free ones attempts by itself.
    memory, swap, purification, cutoff
        See there.
    order
        ``asap``: any two pairs that meet at a node are swapped. ``nested``: only those that the halving
        of the chain brings together.
    sharing
        What a pair keeps busy. ``shared``: one memory at each of its ends; links within it go on.
        ``bound``: one lane of memories (2^k after k rounds of purification) of every link that it
        covers until it is delivered or lost, and lanes are joined with their like only: m chains side
        by side, as in the recursion of exact theory. Where halves of unequal length needed unequally many
        lanes, a narrow pair is joined with a wide one whose lanes include its own.
    simultaneous
        Which of the pairs that come at the same instant is dealt with first: ``link_order`` from the first
        link on, ``random`` any of them.

    Examples
    --------
    >>> chain = Chain.uniform(4, success=0.2, attempt_time=1e-3, fidelity=0.95)
    >>> chain.links, chain.levels
    (4, 2)
    """

    success: FloatArray
    attempt_time: FloatArray
    state: FloatArray
    memories: int = 1
    memory: Memory = field(default_factory=Memory)
    swap: Swap = field(default_factory=Swap)
    purification: Purification = field(default_factory=Purification)
    cutoff: CutOff = field(default_factory=CutOff)
    order: Order = "asap"
    sharing: Sharing = "shared"
    simultaneous: Simultaneous = "link_order"

    def __post_init__(self) -> None:
        success = in_range("success probability", self.success, 0.0, 1.0, above=True)
        if success.ndim != 1 or success.size == 0:
            raise InputError(f"success probabilities of shape {success.shape}", fix="Give one for every link")
        time = in_range("attempt time", self.attempt_time, SHORTEST_ATTEMPT, LONGEST_ATTEMPT, unit="s")
        state = bell_state(self.state)
        for name, column, shape in (
            ("success", success, success.shape),
            ("attempt_time", time, success.shape),
            ("state", state, (success.size, 4)),
        ):
            try:
                own = np.broadcast_to(column, shape).astype(float)
            except ValueError as error:
                raise InputError(
                    f"{name} of shape {column.shape} for {success.size} links", fix="Give one for every link"
                ) from error
            own.flags.writeable = False
            object.__setattr__(self, name, own)
        whole_number("memories", self.memories, 1)
        in_range("memories", self.memories, 1, 4096)
        one_of("order", self.order, ("asap", "nested"))
        one_of("sharing", self.sharing, ("shared", "bound"))
        one_of("simultaneous", self.simultaneous, ("link_order", "random"))
        self._check_waits()
        self._check_levels()

    def _check_waits(self) -> None:
        """Refuse waits beyond which times are no whole numbers of the shortest attempt any more."""
        with np.errstate(over="ignore"):
            waits = self.attempt_time / self.attempt_time.min() / self.success
        if np.any(long := waits > MOST_MEAN):
            link = int(np.argmax(long))
            raise InputError(
                f"link {link + 1} waits {waits[link]:.3g} times the shortest attempt for a pair: its success "
                f"probability is {self.success[link]:.3g}, its attempts take {self.attempt_time[link]:.3g} s",
                why="Times are counted in the shortest attempt time of the chain, here "
                f"{self.attempt_time.min():.3g} s; that is exact for mean waits of up to {MOST_MEAN:.2g}",
                fix="Give a larger success probability, or longer attempts where they are short",
            )

    def _check_levels(self) -> None:
        rounds, times = self.purification.rounds, self.cutoff.times
        if len(rounds) > self.levels + 1:
            raise InputError(
                f"rounds of purification for {len(rounds)} levels",
                fix=f"{self.links} links in order {self.order} have {self.levels + 1}",
            )
        if len(times) not in {1, self.levels + 1}:
            raise InputError(
                f"{len(times)} cut-off times", fix=f"Give 1, or {self.levels + 1}: one for every level"
            )
        if self.cutoff.discards == "siblings" and (self.order, self.sharing) != ("nested", "bound"):
            raise InputError(
                "a cut-off that discards siblings",
                why="Only nested pairs with lanes of their own have siblings",
                fix="Take order nested and sharing bound",
            )
        if self.cutoff.discards == "siblings" and not self._halves_are_alike():
            raise InputError(
                f"a cut-off that discards siblings in {self.links} links purified in rounds {list(rounds)}",
                why="Where halves of unequal length need unequally many lanes, one of them has more siblings "
                "than one",
                fix="Take a power of two of links, purify elementary pairs only, or discard the pair alone",
            )
        lanes = 2 ** sum(rounds)
        if self.sharing == "bound" and self.memories % lanes:
            raise InputError(
                f"{self.memories} memories for {sum(rounds)} rounds of purification in bound lanes",
                fix=f"Give a multiple of {lanes}",
            )
        if self.memories <= max(rounds, default=0):
            raise InputError(
                f"{self.memories} memories for {max(rounds)} rounds of purification",
                why="A pair waits in a memory for its like in every round",
                fix=f"Give at least {max(rounds) + 1}",
            )

    def _halves_are_alike(self) -> bool:
        """Whether both halves of every nested pair are as many lanes wide when they are swapped."""
        rounds = (*self.purification.rounds, *[0] * (self.levels + 1 - len(self.purification.rounds)))

        @cache
        def lanes(length: int) -> int:
            """Of a pair that is ready to be swapped; 0 where the halves of one in it differ."""
            made = 1
            if length > 1:
                made, other = lanes((length + 1) // 2), lanes(length // 2)
                if made != other:
                    return 0
            return made << rounds[math.ceil(math.log2(length))]

        return lanes(self.links) > 0

    @classmethod
    def uniform(
        cls, links: int, *, success: float, attempt_time: float, fidelity: float = 1.0, **others: Any
    ) -> Chain:
        """Return a chain of equal links that make Werner states; ``others`` as for the class.

        Parameters
        ----------
        links
            n >= 1.
        success, attempt_time, fidelity
            Of every link: in (0, 1], s, in [0, 1].
        """
        count = int(whole_number("links", links, 1))
        return cls(np.full(count, success), np.asarray(attempt_time), werner(fidelity), **others)

    @property
    def links(self) -> int:
        """n, the number of elementary links."""
        return int(self.success.size)

    @property
    def levels(self) -> int:
        """The level of end-to-end pairs: ceil(log2 n) in nested order, 1 (0 for one link) in order asap."""
        return min(self.links - 1, 1) if self.order == "asap" else math.ceil(math.log2(self.links))

    def by_length(self, values: tuple[Any, ...], otherwise: Any, *, between: bool) -> list[Any]:
        """Return what holds for pairs of 0, 1, ..., n links, given by level.

        Parameters
        ----------
        values
            By level; shorter tuples are filled up with ``otherwise``.
        between
            Whether in the order ``asap`` level 1 holds for pairs that are not yet end to end.
        """
        filled = [*values, *[otherwise] * (self.levels + 1 - len(values))]
        lengths = range(1, self.links + 1)
        if self.order == "nested":
            return [otherwise, *(filled[math.ceil(math.log2(length))] for length in lengths)]
        end = filled[self.levels]
        inner = [filled[0], *[end if between else otherwise] * (self.links - 2), end]
        return [otherwise, *inner[: self.links - 1], end]

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain JSON values in SI units; equal chains give equal values."""
        return {
            "success": self.success.tolist(),
            "attempt_time": self.attempt_time.tolist(),
            "state": self.state.tolist(),
            "memories": int(self.memories),
            "memory": [
                self.memory.dephasing_time,
                self.memory.depolarising_time,
                self.memory.gaussian_dephasing_time,
            ],
            "swap": [self.swap.success, self.swap.gate_noise, self.swap.readout_error],
            "purification": [
                list(self.purification.rounds),
                self.purification.protocol,
                self.purification.gate_noise,
                self.purification.readout_error,
            ],
            "cutoff": [list(self.cutoff.times), self.cutoff.age, self.cutoff.discards],
            "order": self.order,
            "sharing": self.sharing,
            "simultaneous": self.simultaneous,
        }
