"""Parts of a network by what their links touch: fibre, HAPs, satellites; with stores or without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance

Segment = Literal["fibre", "HAPs", "satellites"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A part of a network.

    Parameters
    ----------
    name
        What it is called.
    segments
        What its links may touch; a link between a HAP and a satellite touches both.
    storage
        Whether pairs may be stored.
    """

    name: str
    segments: frozenset[Segment]
    storage: bool = True

    def within(self, other: Architecture) -> bool:
        """Whether another one has all that this one has."""
        return self.segments <= other.segments and self.storage <= other.storage

    def links(self, instance: RoutingInstance) -> NDArray[np.bool_]:
        """Return which links of an instance it has, shape (E,)."""
        kinds = zip(*(np.array(instance.nodes.kind)[end] for end in (instance.links.a, instance.links.b)),
                    strict=True)  # fmt: skip
        return np.array([_touched({str(a), str(b)}) <= self.segments for a, b in kinds], dtype=bool)

    def instance(self, whole: RoutingInstance) -> RoutingInstance:
        """Return an instance without what it lacks: its other links are never up, or nothing is stored."""
        rate = whole.links.rate * self.links(whole)
        options = whole.options if self.storage else replace(whole.options, max_virtual_links=0)
        return replace(whole, links=replace(whole.links, rate=rate), options=options)


def _touched(kinds: set[str]) -> set[Segment]:
    above: set[Segment] = set()
    if "aerial" in kinds:
        above.add("HAPs")
    if "satellite" in kinds:
        above.add("satellites")
    return above or {"fibre"}


ALL: frozenset[Segment] = frozenset(("fibre", "HAPs", "satellites"))

WHOLE = Architecture("all together", ALL)

PARTS = (
    Architecture("fibre only", frozenset(("fibre",))),
    Architecture("HAPs only", frozenset(("HAPs",))),
    Architecture("satellites only", frozenset(("satellites",))),
    Architecture("without satellites", ALL - {"satellites"}),
    Architecture("without HAPs", ALL - {"HAPs"}),
    Architecture("without fibre", ALL - {"fibre"}),
    Architecture("without storage", ALL, storage=False),
)
"""What the whole is compared with; none is within one before it."""


def same_parts(instance: RoutingInstance) -> dict[str, str]:
    """Return for every part the name of the first one with the same links and stores; maybe the whole.

    Parameters
    ----------
    instance
        The whole network.
    """
    stores = len(instance.storage_pairs) > 0 and instance.options.max_virtual_links > 0
    first: dict[tuple[bytes, bool], str] = {}
    return {
        part.name: first.setdefault((part.links(instance).tobytes(), part.storage and stores), part.name)
        for part in (WHOLE, *PARTS)
    }


def distinct_parts(instance: RoutingInstance) -> list[tuple[Architecture, int]]:
    """Return the parts that differ from the whole and from each other, with how many are left, itself too.

    Parameters
    ----------
    instance
        The whole network.
    """
    same = same_parts(instance)
    parts = [part for part in PARTS if same[part.name] == part.name]
    return [(part, len(parts) - number) for number, part in enumerate(parts)]
