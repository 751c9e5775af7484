"""A routing instance: nodes, links that change by slot, storage and demands (zhang2024, PS-EGR).

Rates are in the unit of the file (``rate_unit``); :attr:`RoutingInstance.slot_length` (tau) turns a
rate into pairs per slot. Slots are counted from 0 here and from 1 in files and messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import _freeze
from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

RateUnit = Literal["pairs_per_slot", "pairs_per_second"]
PathMode = Literal["generated", "all_simple", "k_shortest", "k_shortest_by_slot"]
PathOrder = Literal["hops", "log_werner", "inverse_rate"]
Purification = Literal["bbpssw", "dejmps", "none"]
Swap = Literal["werner", "product"]
AgeingModel = Literal["depolarising", "dephasing", "t1_t2"]
AgeCounts = Literal["mean", "latest"]


@dataclass(frozen=True, slots=True, repr=False)
class RoutingNodes(Shown):
    """Nodes in columns of equal length V.

    Parameters
    ----------
    ids
        Unique names.
    kind
        ``base_station``, ``aerial`` or ``satellite``.
    storage_capacity
        C_m: pairs that may be in store with one end at the node; 0 for a node without storage.
    terminals
        m_v > 0: terminals that the free-space links of the node share by time; None where there are as
        many as it takes. Left out: None for every node.
    """

    ids: tuple[str, ...]
    kind: tuple[str, ...]
    storage_capacity: FloatArray
    terminals: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "storage_capacity", _freeze(self.storage_capacity, np.float64))
        object.__setattr__(self, "terminals", self.terminals or (None,) * len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, repr=False)
class RoutingLinks(Shown):
    """Undirected links in columns of equal length E.

    Parameters
    ----------
    a, b
        Node indices of the two ends, as written in the file.
    rate
        C_e^t, shape (T, E), in the rate unit of the instance; 0 where the link is down.
    fidelity
        F_e in (0.25, 1], shape (E,).
    """

    a: IntArray
    b: IntArray
    rate: FloatArray
    fidelity: FloatArray

    def __post_init__(self) -> None:
        for name, dtype in (("a", np.int64), ("b", np.int64), ("rate", np.float64), ("fidelity", np.float64)):
            object.__setattr__(self, name, _freeze(getattr(self, name), dtype))

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True, repr=False)
class Sharing(Shown):
    """A limit that links share by time, such as a photon-pair source that serves several station pairs.

    In a slot, the sum over the links of use / C_e^t is at most the limit.

    Parameters
    ----------
    id
        Its name; rows of one name differ in their slots.
    limit
        > 0: as many links as may be in use all the time at once; may be fractional.
    links
        Link indices.
    slot
        t, from 0; None for every slot.
    """

    id: str
    limit: float
    links: tuple[int, ...]
    slot: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Demands(Shown):
    """User pairs in columns of equal length K.

    Parameters
    ----------
    ids
        Unique names.
    source, destination
        Node indices.
    weight
        alpha_k^t >= 0, shape (T, K).
    target_fidelity
        F_k in (0.25, 1].
    minimum_rate
        D_k >= 0 in every slot, in the rate unit of the instance.
    """

    ids: tuple[str, ...]
    source: IntArray
    destination: IntArray
    weight: FloatArray
    target_fidelity: FloatArray
    minimum_rate: FloatArray

    def __post_init__(self) -> None:
        columns = (("source", np.int64), ("destination", np.int64), ("weight", np.float64),
                   ("target_fidelity", np.float64), ("minimum_rate", np.float64))  # fmt: skip
        for name, dtype in columns:
            object.__setattr__(self, name, _freeze(getattr(self, name), dtype))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, repr=False)
class InitialStock(Shown):
    """Pairs already in store when the first slot starts.

    Parameters
    ----------
    route
        Node indices of the real path over which they were made; its ends are the storage pair.
    pairs
        How many, >= 0.
    """

    route: tuple[int, ...]
    pairs: float


@dataclass(frozen=True, slots=True)
class PathOptions:
    """Which paths a demand may choose from.

    Parameters
    ----------
    mode
        ``generated``: all paths, sought as they are needed; ``all_simple``: all of them, listed;
        ``k_shortest`` among all links that are ever up; ``k_shortest_by_slot``: real paths the k shortest
        of every slot, for networks whose links come and go.
    max_hops
        Largest number of real links of a path, those inside virtual links included; None for no cap.
    real, virtual
        ``k_shortest`` only: how many paths of either sort per demand (real ones also per slot if by slot).
    order
        ``k_shortest`` only: what is short. Ties by the other of hops and -log Werner, then node ids.
    """

    mode: PathMode = "all_simple"
    max_hops: int | None = 4
    real: int = 12
    virtual: int = 20
    order: PathOrder = "hops"


@dataclass(frozen=True, slots=True)
class RoutingOptions:
    """The readings of the problem that are a choice (spec routing, sections 1 and 2).

    Parameters
    ----------
    purification
        Protocol behind the purification cost g; ``none`` drops paths below the target fidelity.
    swap
        Fidelity of a path: ``werner`` or ``product`` of link fidelities.
    splittable
        May a pair use several paths in a slot?
    storing_single_path
        Must a storage pair be filled over one route per slot?
    max_virtual_links
        Most virtual links on a path; 0 switches virtual paths off.
    stock_retention
        rho in (0, 1]: share of the pairs left in store that survives to the next slot.
    stock_end_value
        Worth of a pair in store after the last slot, in weighted pairs; >= 0.
    """

    purification: Purification = "bbpssw"
    swap: Swap = "werner"
    splittable: bool = False
    storing_single_path: bool = False
    max_virtual_links: int = 1
    stock_retention: float = 1.0
    stock_end_value: float = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class Ageing(Shown):
    """How stored pairs lose fidelity while they wait.

    Parameters
    ----------
    model
        The law: :func:`satqn.physics.ageing.memory_rates`.
    coherence_s
        T of pairs (``depolarising``), or T2 of qubits, in the memory of every node, s, shape (V,);
        infinite at nodes without one.
    relaxation_s
        T1 of qubits, s, shape (V,); infinite but for ``t1_t2``.
    age_counts
        ``mean`` from the middle of the storing slot to that of the serving one, ``latest`` from start to end.
    """

    model: AgeingModel
    coherence_s: FloatArray
    relaxation_s: FloatArray
    age_counts: AgeCounts = "mean"

    def __post_init__(self) -> None:
        for name in ("coherence_s", "relaxation_s"):
            object.__setattr__(self, name, _freeze(getattr(self, name), np.float64))


@dataclass(frozen=True, slots=True, repr=False)
class RoutingInstance(Shown):
    """Everything that PS-EGR needs to know.

    Parameters
    ----------
    name
        Free text.
    rate_unit
        Unit of every rate.
    slot_duration_s
        Length of a slot, s.
    nodes, links, demands
        The tables.
    storage_pairs
        Node indices of the pairs whose entanglement may be stored, shape (N, 2).
    initial_stock
        What is in store at the start.
    paths, options
        The choices.
    sha256
        Of the file as written, in hex.
    warnings
        What the file says that deserves a second look.
    sharing
        Limits that links share, beside the terminals of the nodes.
    ageing
        How stored pairs age; None where they do not.
    """

    name: str
    rate_unit: RateUnit
    slot_duration_s: float
    nodes: RoutingNodes
    links: RoutingLinks
    storage_pairs: IntArray
    demands: Demands
    initial_stock: tuple[InitialStock, ...]
    paths: PathOptions
    options: RoutingOptions
    sha256: str
    warnings: tuple[str, ...] = ()
    sharing: tuple[Sharing, ...] = ()
    ageing: Ageing | None = None

    def __post_init__(self) -> None:
        pairs = np.asarray(self.storage_pairs, dtype=np.int64).reshape(-1, 2)
        object.__setattr__(self, "storage_pairs", _freeze(pairs, np.int64))

    def _shown(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "nodes": len(self.nodes),
            "links": len(self.links),
            "slots": self.slots,
            "demands": len(self.demands),
            "storage_pairs": len(self.storage_pairs),
            "rate_unit": self.rate_unit,
            "slot_duration_s": self.slot_duration_s,
            "warnings": self.warnings,
        }

    @property
    def slots(self) -> int:
        """Number of slots T."""
        return int(self.links.rate.shape[0])

    @property
    def slot_length(self) -> float:
        """Tau: the slot duration in the unit of the rates (1 for ``pairs_per_slot``)."""
        return 1.0 if self.rate_unit == "pairs_per_slot" else self.slot_duration_s

    @property
    def storing_slots(self) -> int:
        """Slots at whose start a stock exists: T, or T + 1 where the final stock has a value."""
        return self.slots + (1 if self.options.stock_end_value > 0 else 0)
