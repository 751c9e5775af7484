"""How a plan is replayed: what is random, how stores are used, how memories and weather fail."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from satqn.errors import InputError
from satqn.physics.checks import in_range, one_of, whole_number

Generation = Literal["mean", "poisson", "binomial"]
DrawOrder = Literal["fifo", "lifo"]
NODE_KINDS = ("base_station", "aerial", "satellite")


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """The readings of a replay that are a choice.

    Parameters
    ----------
    generation
        ``poisson``: a link makes a Poisson number of pairs in a slot, of mean C tau. ``binomial``: the
        successes of ``attempts_per_slot``. ``mean``: every use of a link gets its planned number, where
        the fraction of a pair that one slot rounds off is given in a later one.
    attempts_per_slot
        Attempts of every link in a slot, >= C tau; only with ``binomial``.
    use_spare_pairs
        May pairs that the plan gives to nobody fill the gaps of uses that fell short?
    draw_order
        ``fifo`` takes the oldest stored pair first, ``lifo`` the newest.
    memory_coherence_s
        T: the Werner parameter of a stored pair shrinks by exp(-age / T), s; None for perfect memories.
    extra_rounds
        May aged pairs get more rounds of purification than planned, up to ten in all? Otherwise those
        that the planned rounds cannot lift to the target are lost.
    outage_probability
        Share of slots in which a node, and all of its links, is down, in [0, 1].
    outage_kinds
        Which nodes fail: the kinds of the instance; by default ground stations, for their weather.
    outage_mean_slots
        Mean length of an outage in slots, >= 1 (a two-state Markov chain); None for independent slots.
    """

    generation: Generation = "poisson"
    attempts_per_slot: int | None = None
    use_spare_pairs: bool = False
    draw_order: DrawOrder = "fifo"
    memory_coherence_s: float | None = None
    extra_rounds: bool = False
    outage_probability: float = 0.0
    outage_kinds: tuple[str, ...] = ("base_station",)
    outage_mean_slots: float | None = None

    def __post_init__(self) -> None:
        one_of("generation", self.generation, get_args(Generation))
        one_of("draw order", self.draw_order, get_args(DrawOrder))
        in_range("outage probability", self.outage_probability, 0.0, 1.0)
        for kind in self.outage_kinds:
            one_of("kind of node that fails", kind, NODE_KINDS)
        if (self.generation == "binomial") != (self.attempts_per_slot is not None):
            raise InputError(
                f"generation is {self.generation}, attempts per slot are {self.attempts_per_slot}",
                fix="Give attempts with binomial generation, and only with it",
            )
        if self.attempts_per_slot is not None:
            whole_number("attempts per slot", self.attempts_per_slot, 1)
        if self.use_spare_pairs and self.generation == "mean":
            raise InputError("spare pairs with mean generation", why="No use ever falls short there")
        if self.memory_coherence_s is not None:
            in_range("memory coherence", self.memory_coherence_s, 0.0, above=True, unit="s")
        self._check_outage_length()

    def _check_outage_length(self) -> None:
        length = self.outage_mean_slots
        if length is None or self.outage_probability == 1.0:
            return
        in_range("mean length of an outage", length, 1.0, unit="slots")
        if self.outage_probability / (1.0 - self.outage_probability) > length:
            raise InputError(
                f"outages of {length:g} slots cannot fill {100 * self.outage_probability:g} % of the time",
                why="Between two outages a node is up for a slot at least",
                fix="Give longer outages or a lower probability",
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the options by name, for files."""
        return asdict(self) | {"outage_kinds": list(self.outage_kinds)}
