"""A plan: who is served over which path in which slot, and what is stored; with its bound and its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from satqn.model.shown import Shown

if TYPE_CHECKING:
    from satqn.model.instance import RoutingInstance
    from satqn.model.plan_tables import PlanTable

PlanStatus = Literal[
    "optimal", "time_limit", "iteration_limit", "stalled", "interrupted", "infeasible", "bound_invalid"
]  # fmt: skip
BoundCovers = Literal["pool", "drawn_paths", "all_paths_within_hop_cap"]


@dataclass(frozen=True, slots=True, repr=False)
class PlanClass(Shown):
    """An inventory class (n, q) that the plan uses.

    Parameters
    ----------
    id
        Unique name in the plan.
    pair
        Node ids of the storage pair n.
    route
        Node ids of q, from one node of the pair to the other.
    initial_stock
        Pairs in store when the first slot starts.
    cutoff
        Slots after which pairs are thrown away; all are purified as if that old. None without such a limit.
    """

    id: str
    pair: tuple[str, str]
    route: tuple[str, ...]
    initial_stock: float = 0.0
    cutoff: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RealLeg(Shown):
    """A run of links that are used in the serving slot.

    Parameters
    ----------
    nodes
        Node ids, two or more.
    """

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VirtualLeg:
    """A virtual link: pairs drawn from store.

    Parameters
    ----------
    inventory
        Id of the class.
    start, end
        Node ids at which the path enters and leaves it.
    """

    inventory: str
    start: str
    end: str


@dataclass(frozen=True, slots=True, repr=False)
class PlanPath(Shown):
    """A path that the plan uses.

    Parameters
    ----------
    id
        Unique name in the plan.
    demand
        Id of the demand.
    legs
        From the source to the destination.
    fidelity
        F_p.
    base_pairs
        g: base pairs per delivered pair.
    """

    id: str
    demand: str
    legs: tuple[RealLeg | VirtualLeg, ...]
    fidelity: float
    base_pairs: float


@dataclass(frozen=True, slots=True)
class Aged:
    """The part of a serving rate that is made of pairs stored in one slot each.

    Parameters
    ----------
    stored_in
        Slot of storing for every virtual link of the path in its order, from 1; 0 is the initial stock.
    rate
        Delivered purified pairs, in the rate unit of the instance.
    """

    stored_in: tuple[int, ...]
    rate: float


@dataclass(frozen=True, slots=True)
class Serve:
    """Delivered purified pairs: y, in the rate unit of the instance. Slots count from 1.

    ``aged`` says how old the stored pairs are, where the plan knows: its rates add up to ``rate``.
    """

    slot: int
    path: str
    rate: float
    aged: tuple[Aged, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Stored base pairs: w, in the rate unit of the instance. Slots count from 1."""

    slot: int
    inventory: str
    rate: float


@dataclass(frozen=True, slots=True)
class Stock:
    """Pairs of a class in store when a slot starts: z. Slots count from 1."""

    slot: int
    inventory: str
    pairs: float


@dataclass(frozen=True, slots=True)
class Discard:
    """Pairs of a class thrown away in a slot, after what is drawn. Slots count from 1.

    ``stored_in`` is the slot in which they were stored, 0 for initial stock; None: the oldest.
    """

    slot: int
    inventory: str
    pairs: float
    stored_in: int | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log of a method.

    Parameters
    ----------
    wall_s
        Seconds since it began.
    event
        What happened.
    bound, incumbent
        Pairs, or None while there is none.
    iteration
        The method's round.
    """

    wall_s: float
    event: str
    bound: float | None
    incumbent: float | None
    iteration: int


@dataclass(frozen=True, slots=True, repr=False)
class Plan(Shown):
    """What a method decides, in the terms of a plan file.

    Parameters
    ----------
    instance_sha256
        Of the instance file.
    method, status
        How it was found, and why the method ended.
    objective_pairs, delivered_pairs
        Weighted (the objective) and unweighted.
    bound_pairs, gap
        No plan over the paths of ``bound_covers`` can have a larger objective; None if unknown.
    bound_covers
        Which set of paths the bound covers.
    classes, paths
        What the records below refer to.
    serve, store, stock
        The decisions; what is not listed is 0.
    log
        How bound and incumbent went.
    asked_gap
        Relative gap at which the method was to stop; None if unknown.
    discard
        What is thrown away, where pairs age.
    """

    instance_sha256: str
    method: str
    status: PlanStatus
    objective_pairs: float
    delivered_pairs: float
    bound_pairs: float | None
    gap: float | None
    bound_covers: BoundCovers
    classes: tuple[PlanClass, ...]
    paths: tuple[PlanPath, ...]
    serve: tuple[Serve, ...]
    store: tuple[Store, ...]
    stock: tuple[Stock, ...]
    log: tuple[LogLine, ...] = ()
    asked_gap: float | None = None
    discard: tuple[Discard, ...] = ()

    def _shown(self) -> dict[str, Any]:
        names = ("status", "method", "delivered_pairs", "objective_pairs", "bound_pairs", "gap")
        return {name: getattr(self, name) for name in (*names, "paths", "serve", "store")}

    def to_pandas(self, table: PlanTable = "serve", instance: RoutingInstance | None = None) -> Any:
        """Return one table of the plan as a ``pandas.DataFrame``, one row per record.

        Parameters
        ----------
        table
            ``serve`` (slot, demand, path in words, rate, fidelity, base pairs), ``store`` (slot, store,
            rate), ``stock`` (slot, store, pairs) or ``log``. Slots count from 1.
        instance
            Adds the pairs of a slot, ``pairs``, to the rates.

        Raises
        ------
        InputError
            No such table, or pandas is not installed.
        """
        from satqn.model.plan_tables import plan_frame

        return plan_frame(self, table, instance)

    def to_xarray(self, instance: RoutingInstance | None = None) -> Any:
        """Return rates by slot and demand, and stores by slot, as an ``xarray.Dataset``.

        Parameters
        ----------
        instance
            Gives it all demands and slots of the instance, those without any service too, and ``pairs``;
            without it, the demands and slots in which the plan does something.

        Raises
        ------
        InputError
            xarray is not installed.
        """
        from satqn.model.plan_tables import plan_dataset

        return plan_dataset(self, instance)


@dataclass(frozen=True, slots=True, repr=False)
class Violation(Shown):
    """A constraint that a plan breaks.

    Parameters
    ----------
    constraint
        C1..C7, or the name of another rule.
    index
        Where, in words: ``link a–m, slot 2``.
    amount
        By how much, in the unit of the constraint.
    detail
        What was found and what is allowed.
    """

    constraint: str
    index: str
    amount: float
    detail: str

    def __str__(self) -> str:
        return f"{self.constraint} at {self.index}: {self.detail} (by {self.amount:.6g})"
