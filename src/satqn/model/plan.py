"""A plan: who is served over which path in which slot, and what is stored; with its bound and its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PlanStatus = Literal[
    "optimal", "time_limit", "iteration_limit", "stalled", "interrupted", "infeasible", "bound_invalid"
]  # fmt: skip
BoundCovers = Literal["pool", "drawn_paths", "all_paths_within_hop_cap"]


@dataclass(frozen=True, slots=True)
class PlanClass:
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
    """

    id: str
    pair: tuple[str, str]
    route: tuple[str, ...]
    initial_stock: float = 0.0


@dataclass(frozen=True, slots=True)
class RealLeg:
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


@dataclass(frozen=True, slots=True)
class PlanPath:
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
class Serve:
    """Delivered purified pairs: y, in the rate unit of the instance. Slots count from 1."""

    slot: int
    path: str
    rate: float


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


@dataclass(frozen=True, slots=True)
class Plan:
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


@dataclass(frozen=True, slots=True)
class Violation:
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
