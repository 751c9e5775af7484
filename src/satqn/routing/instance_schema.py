"""The shape of an instance file: every field with its unit, range and default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from satqn.model.instance import (
    AgeCounts,
    AgeingModel,
    PathMode,
    PathOrder,
    Purification,
    RateUnit,
    Swap,
)

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fidelity = Annotated[float, Field(gt=0.25, le=1, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]
Ends = Annotated[list[Name], Field(min_length=2, max_length=2)]


def _number_or_list(value: Any) -> str:
    return "list" if isinstance(value, list) else "number"


PerSlot = Annotated[
    Annotated[NonNegative, Tag("number")] | Annotated[list[NonNegative], Tag("list")],
    Discriminator(_number_or_list),
]
"""One number for all slots, or a list with one number per slot."""


def _number_or_nodes(value: Any) -> str:
    return "by node" if isinstance(value, Mapping) else "number"


PerMemory = Annotated[
    Annotated[Positive, Tag("number")] | Annotated[dict[Name, Positive], Tag("by node")],
    Discriminator(_number_or_nodes),
]
"""One number for all memories, or one by the id of every node with storage."""


class Record(BaseModel):
    """A part of the file: frozen, strict, and without room for unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_endless_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse whole numbers that no C long holds where a whole number belongs."""
        if type(value) is int and abs(value) > LARGEST_WHOLE:
            annotation = cls.model_fields[str(info.field_name)].annotation
            if _takes(int, annotation) and not _takes(float, annotation):
                raise PydanticKnownError("less_than_equal", {"le": LARGEST_WHOLE})
        return value


LARGEST_WHOLE = 2**53
"""Of counts and numbers of slots: up to here floating-point numbers are whole, and C longs are larger."""


def _takes(kind: type, annotation: Any) -> bool:
    return annotation is kind or any(_takes(kind, part) for part in get_args(annotation))


class NodeRecord(Record):
    """A satellite, an aerial node or a base station."""

    id: Name
    """Unique name."""
    kind: Literal["base_station", "aerial", "satellite"]
    """What it is; the baseline ``satellite-only`` relays over satellites only."""
    storage_pairs: NonNegative = 0.0
    """Pairs that may be in store with one end here; 0 = no storage."""
    terminals: Positive | None = None
    """Terminals that its free-space links share by time; fractions are allowed; left out = no limit."""


class LinkRecord(Record):
    """An elementary link; both directions share its rate."""

    ends: Ends
    """The ids of its two nodes."""
    kind: Literal["S2S", "S2A", "A2A", "S2G", "A2G", "G2G"] | None = None
    """Sort of link; follows from the kinds of its ends and may be left out."""
    rate: PerSlot
    """Pairs made, in ``rate_unit``; one number or one per slot; 0 = the link is down."""
    fidelity: Fidelity
    """Fidelity of its pairs, in (0.25, 1]."""


class SharingRecord(Record):
    """A limit that links share by time: the sum of use / rate over them is at most ``limit``."""

    id: Name
    """What is shared, e.g. ``source sat-3``; unique but for rows of different slots."""
    limit: Positive
    """As many of the links as may be in use all the time at once; fractions are allowed."""
    links: Annotated[list[Ends], Field(min_length=1)]
    """Node ids of the ends of every link."""
    slot: Annotated[int, Field(ge=1)] | None = None
    """Slot, from 1; left out = every slot."""


class DemandRecord(Record):
    """A user pair."""

    id: Name
    """Unique name."""
    source: Name
    """Node id of one user."""
    destination: Name
    """Node id of the other."""
    weight: PerSlot = 1.0
    """Worth of a delivered pair; one number or one per slot."""
    target_fidelity: Fidelity
    """Delivered pairs have at least this fidelity; there is no default."""
    minimum_rate: NonNegative = 0.0
    """Delivered in every slot at least, in ``rate_unit``."""


class StockRecord(Record):
    """Pairs in store when the first slot starts."""

    pair: Ends
    """The storage pair."""
    route: Annotated[list[Name], Field(min_length=2)]
    """The real path over which they were made, from one node of the pair to the other."""
    pairs: NonNegative
    """How many."""


class AgeingRecord(Record):
    """How stored pairs lose fidelity while they wait."""

    model: AgeingModel
    """``depolarising``: pairs turn into white noise; ``dephasing``: phases of qubits are lost; ``t1_t2``:
    excitation is lost too."""
    memory_coherence_s: PerMemory
    """T of pairs (``depolarising``) or T2 of qubits (else); one number, or one by node id where memories
    differ."""
    memory_relaxation_s: PerMemory | None = None
    """T1 of qubits, with ``t1_t2`` only; T2 is at most 2 T1."""
    age_counts: AgeCounts = "mean"
    """``mean``: from the middle of the slot of storing to that of use; ``latest``: from its start to the
    end of the other, so that no pair is older."""


class PerDemand(Record):
    """How many paths per demand in mode ``k_shortest``."""

    real: Annotated[int, Field(ge=0)] = 12
    """Real paths."""
    virtual: Annotated[int, Field(ge=0)] = 20
    """Paths through storage."""


class PathsRecord(Record):
    """Which paths a demand may choose from."""

    mode: PathMode | None = None
    """``generated`` (default): all paths, sought as they are needed; ``all_simple`` up to ``max_hops``;
    ``k_shortest``; ``k_shortest_by_slot``. Where ``per_demand`` is said or a pair must be stored over a
    single path, the default is by size: 16 nodes or fewer ``all_simple``, more ``k_shortest``."""
    max_hops: Annotated[int, Field(ge=1)] | None = None
    """Most real links on a path, those inside virtual links included; ``all_simple``: 4 by default."""
    per_demand: PerDemand = PerDemand()
    """Sizes of the pool in mode ``k_shortest``."""
    order: PathOrder = "hops"
    """What is short in mode ``k_shortest``; ties by -log Werner (or hops), then node ids."""


class OptionsRecord(Record):
    """The readings of the problem that are a choice; the first value is the default."""

    purification: Purification = "bbpssw"
    """Protocol that lifts a path to the target; ``none``: paths below the target are dropped."""
    swap: Swap = "werner"
    """Fidelity of a path: Werner states swapped, or the plain product of the link fidelities."""
    splittable: bool = False
    """May a demand use several paths in one slot?"""
    storing_single_path: bool = False
    """Is a storage pair filled over one route per slot only?"""
    max_virtual_links: Annotated[int, Field(ge=0)] = 1
    """Most virtual links on one path; 0 = none."""
    stock_retention: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    """Share of the pairs left in store that survives to the next slot."""
    stock_end_value: NonNegative = 0.0
    """Worth of a pair in store after the last slot, in weighted pairs."""


class InstanceFile(Record):
    """A time-slotted quantum network with storage, and the demands on it (PS-EGR)."""

    format: Literal["satqn-instance"]
    """Always ``satqn-instance``."""
    version: Literal[1]
    """Version of this format."""
    name: str = ""
    """Free text."""
    rate_unit: RateUnit
    """Unit of every rate; there is no default."""
    slot_duration_s: Positive | None = None
    """Length of a slot; needed with ``pairs_per_second``."""
    slots: Annotated[int, Field(ge=1)]
    """Number of slots."""
    nodes: Annotated[list[NodeRecord], Field(min_length=1)]
    """All nodes."""
    links: list[LinkRecord]
    """All links."""
    sharing: list[SharingRecord] = Field(default_factory=list)
    """Limits that links share, beside the terminals of the nodes; none by default."""
    storage_pairs: list[Ends] | None = None
    """Pairs of nodes whose entanglement may be stored; by default all pairs of nodes with storage."""
    demands: list[DemandRecord]
    """All demands."""
    initial_stock: list[StockRecord] = Field(default_factory=list)
    """What is in store at the start; nothing by default."""
    ageing: AgeingRecord | None = None
    """How stored pairs lose fidelity; left out = a stored pair stays as good as new."""
    paths: PathsRecord = PathsRecord()
    """Which paths a demand may choose from."""
    options: OptionsRecord = OptionsRecord()
    """The readings of the problem that are a choice."""
