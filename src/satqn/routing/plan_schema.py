"""The shape of a plan file: every field with its unit and range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from satqn.model.plan import BoundCovers, PlanStatus
from satqn.routing.instance_schema import Ends, Name, NonNegative, Record

Finite = Annotated[float, Field(allow_inf_nan=False)]


class ClassRecord(Record):
    """An inventory class that the plan uses."""

    id: Name
    """Unique name in the plan."""
    pair: Ends
    """The storage pair."""
    route: Annotated[list[Name], Field(min_length=2)]
    """Node ids of the real path over which it is filled."""
    initial_stock: NonNegative = 0.0
    """Pairs in store when the first slot starts."""
    cutoff: Annotated[int, Field(ge=1)] | None = None
    """Slots after which pairs are thrown away, all purified as if that old; left out = no such limit."""


class RealLegRecord(Record):
    """A run of links used in the serving slot."""

    real: Annotated[list[Name], Field(min_length=2)]
    """Node ids."""


class VirtualLegRecord(Record):
    """A virtual link: pairs drawn from store."""

    virtual: Name
    """Id of the class."""
    start: Name = Field(alias="from")
    """Node id at which the path enters it."""
    end: Name = Field(alias="to")
    """Node id at which the path leaves it."""


class PathRecord(Record):
    """A path that the plan uses."""

    id: Name
    """Unique name in the plan."""
    demand: Name
    """Id of the demand."""
    legs: list[RealLegRecord | VirtualLegRecord]
    """From the source to the destination."""
    fidelity: Finite
    """F_p."""
    base_pairs_per_pair: Finite
    """g: base pairs per delivered pair."""


def _number_or_list(value: Any) -> str:
    return "list" if isinstance(value, list) else "number"


Stored = Annotated[int, Field(ge=0)]


class AgedRecord(Record):
    """The part of a serving rate made of pairs that were stored in one slot."""

    stored_in: Annotated[
        Annotated[Stored, Tag("number")] | Annotated[list[Stored], Tag("list")],
        Discriminator(_number_or_list),
    ]
    """Slot of storing, from 1; 0 = initial stock; a list where a path has several virtual links."""
    rate: Finite
    """Delivered purified pairs, in the rate unit of the instance."""


class ServeRecord(Record):
    """Delivered purified pairs."""

    slot: int
    """Counts from 1."""
    path: Name
    """Id of the path."""
    rate: Finite
    """In the rate unit of the instance."""
    aged: list[AgedRecord] = Field(default_factory=list)
    """How old the stored pairs are, by slot of storing; the rates add up to ``rate``."""


class StoreRecord(Record):
    """Stored base pairs."""

    slot: int
    """Counts from 1."""
    class_: Name = Field(alias="class")
    """Id of the class."""
    rate: Finite
    """In the rate unit of the instance."""


class StockRecord(Record):
    """Pairs in store when a slot starts."""

    slot: int
    """Counts from 1."""
    class_: Name = Field(alias="class")
    """Id of the class."""
    pairs: Finite
    """How many."""


class DiscardRecord(Record):
    """Pairs of a class thrown away in a slot, after what is drawn."""

    slot: int
    """Counts from 1."""
    class_: Name = Field(alias="class")
    """Id of the class."""
    pairs: Finite
    """How many."""
    stored_in: Stored | None = None
    """Slot in which they were stored, 0 = initial stock; left out = the oldest, with a cut-off."""


class LogRecord(Record):
    """A line of the log of the method."""

    wall_s: Finite
    """Seconds since it began."""
    event: str
    """What happened."""
    bound_pairs: Finite | None = None
    """No plan is worth more."""
    incumbent_pairs: Finite | None = None
    """Worth of the best plan so far."""
    iteration: int = 0
    """The method's round."""


class PlanFile(Record):
    """Who is served over which path in which slot, and what is stored."""

    # Other programs may add fields of their own at the top: what they say cannot make a plan less possible.
    model_config = ConfigDict(extra="ignore")

    format: Literal["satqn-plan"]
    """Always ``satqn-plan``."""
    version: Literal[1]
    """Version of this format."""
    instance_sha256: str = ""
    """Of the instance file for which the plan was made."""
    method: str = ""
    """How it was found."""
    status: PlanStatus = "optimal"
    """Why the method ended."""
    objective_pairs: Finite
    """Weighted delivered pairs: the objective."""
    delivered_pairs: Finite
    """Delivered pairs, unweighted."""
    bound_pairs: Finite | None = None
    """No plan over the paths of ``bound_covers`` is worth more."""
    gap: Finite | None = None
    """(bound - objective) / max(1, |objective|)."""
    asked_gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Relative gap at which the method was to stop: what ``optimal`` means here."""
    bound_covers: BoundCovers = "pool"
    """Which set of paths the bound covers."""
    classes: list[ClassRecord] = Field(default_factory=list)
    """Inventory classes that the records below refer to."""
    paths: list[PathRecord] = Field(default_factory=list)
    """Paths that the records below refer to."""
    serve: list[ServeRecord] = Field(default_factory=list)
    """What is delivered; a path is chosen in a slot exactly if it has a record here."""
    store: list[StoreRecord] = Field(default_factory=list)
    """What is stored."""
    stock: list[StockRecord] = Field(default_factory=list)
    """What is in store at the start of slots; may be left out altogether."""
    discard: list[DiscardRecord] = Field(default_factory=list)
    """What is thrown away, where stored pairs age."""
    log: list[Any] = Field(default_factory=list)
    """How bound and incumbent went; lines that other programs write differently are passed over."""
