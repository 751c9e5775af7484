"""What a schema cannot say about an instance: references, duplicates, lengths, sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from satqn.errors import Problem
from satqn.routing.documents import locate
from satqn.routing.instance_schema import (
    AgeingRecord,
    DemandRecord,
    InstanceFile,
    LinkRecord,
    NodeRecord,
    SharingRecord,
    StockRecord,
)

M = TypeVar("M", bound=BaseModel)


@dataclass
class _Review:
    """The records of a document that are sound on their own, and the faults found between them."""

    document: Mapping[str, Any]
    nodes: dict[str, NodeRecord] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    links: set[frozenset[str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def records(self, section: str, model: type[M]) -> Iterator[tuple[int, M]]:
        """Yield the sound records of a section: a broken one is reported by the schema."""
        rows = self.document.get(section)
        for i, row in enumerate(rows if isinstance(rows, list) else ()):
            try:
                yield i, model.model_validate(row)
            except ValidationError:
                continue

    def fault(self, loc: tuple[int | str, ...], what: str, fix: str = "") -> None:
        self.problems.append(Problem(locate(loc, self.document), what, fix))


def faults(document: Mapping[str, Any]) -> list[Problem]:
    """Return the faults between the records of an instance document, in the order of the file.

    Parameters
    ----------
    document
        The fields of the file; records that break the schema are passed over.
    """
    review = _Review(document)
    _times(review)
    _nodes(review)
    _links(review)
    _sharing(review)
    _storage_pairs(review)
    _demands(review)
    _initial_stock(review)
    _ageing(review)
    return review.problems


def _times(review: _Review) -> None:
    if review.document.get("rate_unit") == "pairs_per_second" and "slot_duration_s" not in review.document:
        review.fault(
            ("slot_duration_s",), "this field is missing", "rates per second need the length of a slot"
        )


def _per_slot(review: _Review, loc: tuple[int | str, ...], value: float | list[float]) -> None:
    slots = review.document.get("slots")
    if isinstance(value, list) and isinstance(slots, int) and len(value) != slots:
        review.fault(loc, f"{len(value)} numbers for {slots} slots", "give one number, or one per slot")


def _nodes(review: _Review) -> None:
    rows = review.document.get("nodes")
    # A node whose record is broken elsewhere is still known by its name: one fault, one message.
    review.known = (
        {str(row.get("id")) for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else set()
    )
    for i, node in review.records("nodes", NodeRecord):
        if node.id in review.nodes:
            review.fault(("nodes", i, "id"), f"{node.id!r} stands twice", "every node needs its own id")
        review.nodes[node.id] = node


def _unknown(review: _Review, loc: tuple[int | str, ...], name: str) -> bool:
    if name in review.known:
        return False
    import difflib

    near = difflib.get_close_matches(name, review.known, n=1)
    review.fault(
        loc, f"unknown node {name!r}", f"did you mean {near[0]!r}?" if near else "list it under nodes"
    )
    return True


def _links(review: _Review) -> None:
    first: dict[frozenset[str], int] = {}
    for i, link in review.records("links", LinkRecord):
        for end, name in enumerate(link.ends):
            _unknown(review, ("links", i, "ends", end), name)
        ends = frozenset(link.ends)
        if len(ends) == 1:
            review.fault(("links", i, "ends"), f"joins {link.ends[0]!r} to itself")
        elif ends in first:
            review.fault(
                ("links", i, "ends"), f"the same link as links[{first[ends]}]", "links are undirected"
            )
        else:
            first[ends] = i
        _per_slot(review, ("links", i, "rate"), link.rate)
    review.links = set(first)


def _sharing(review: _Review) -> None:
    slots = review.document.get("slots")
    # Slots taken by every name; None stands for all of them.
    taken: dict[str, set[int | None]] = {}
    for i, row in review.records("sharing", SharingRecord):
        loc: tuple[int | str, ...] = ("sharing", i)
        seen: set[frozenset[str]] = set()
        for number, ends in enumerate(row.links):
            place = (*loc, "links", number)
            unknown = [_unknown(review, place, name) for name in ends]
            if not any(unknown) and frozenset(ends) not in review.links:
                review.fault(place, f"there is no link {'–'.join(ends)}", "list it under links")
            if frozenset(ends) in seen:
                review.fault(place, f"{'–'.join(ends)} stands twice")
            seen.add(frozenset(ends))
        if row.slot is not None and isinstance(slots, int) and row.slot > slots:
            review.fault((*loc, "slot"), f"slot {row.slot}, but there are {slots}", "slots count from 1")
        before = taken.setdefault(row.id, set())
        if row.slot in before or None in before or (row.slot is None and before):
            what = "" if row.slot is None else f" for slot {row.slot}"
            review.fault(
                (*loc, "id"), f"{row.id!r} stands twice{what}", "one limit per name and slot; name them apart"
            )
        before.add(row.slot)


def _storage_pairs(review: _Review) -> None:
    rows = review.document.get("storage_pairs")
    seen: set[frozenset[str]] = set()
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        if not (isinstance(row, list) and len(row) == 2 and all(isinstance(name, str) for name in row)):
            continue
        loc = ("storage_pairs", i)
        if row[0] == row[1]:
            review.fault(loc, f"pairs {row[0]!r} with itself")
        elif frozenset(row) in seen:
            review.fault(loc, f"{row[0]}–{row[1]} stands twice")
        seen.add(frozenset(row))
        for name in row:
            if not _unknown(review, loc, name) and name in review.nodes and _has_no_storage(review, name):
                review.fault(loc, f"{name!r} has no storage", f"give node {name!r} the field storage_pairs")


def _has_no_storage(review: _Review, name: str) -> bool:
    return "storage_pairs" not in review.nodes[name].model_fields_set


def _demands(review: _Review) -> None:
    seen: set[str] = set()
    for i, demand in review.records("demands", DemandRecord):
        if demand.id in seen:
            review.fault(("demands", i, "id"), f"{demand.id!r} stands twice", "every demand needs its own id")
        seen.add(demand.id)
        _unknown(review, ("demands", i, "source"), demand.source)
        _unknown(review, ("demands", i, "destination"), demand.destination)
        if demand.source == demand.destination:
            review.fault(("demands", i, "destination"), f"the same node as the source, {demand.source!r}")
        _per_slot(review, ("demands", i, "weight"), demand.weight)


def _initial_stock(review: _Review) -> None:
    pairs = review.document.get("storage_pairs")
    allowed = (
        {frozenset(map(str, p)) for p in pairs if isinstance(p, list)} if isinstance(pairs, list) else None
    )
    held: dict[str, float] = {}
    seen: set[tuple[str, ...]] = set()
    for i, stock in review.records("initial_stock", StockRecord):
        loc: tuple[int | str, ...] = ("initial_stock", i)
        route = tuple(stock.route)
        unknown = [_unknown(review, (*loc, "pair"), name) for name in stock.pair]
        if allowed is not None and frozenset(stock.pair) not in allowed:
            review.fault(
                (*loc, "pair"), f"{'–'.join(stock.pair)} is not a storage pair", "list it in storage_pairs"
            )
        if frozenset((route[0], route[-1])) != frozenset(stock.pair):
            review.fault((*loc, "route"), f"runs from {route[0]!r} to {route[-1]!r}", "it must join the pair")
        if len(set(route)) < len(route):
            review.fault((*loc, "route"), "visits a node twice")
        for a, b in pairwise(route):
            if frozenset((a, b)) not in review.links:
                review.fault((*loc, "route"), f"there is no link {a}–{b}")
        if min(route, route[::-1]) in seen:
            review.fault((*loc, "route"), "the stock of this route stands twice")
        seen.add(min(route, route[::-1]))
        if not any(unknown):
            for name in dict.fromkeys(stock.pair):
                held[name] = held.get(name, 0.0) + stock.pairs
    for name, total in held.items():
        capacity = review.nodes[name].storage_pairs if name in review.nodes else total
        if total > capacity * (1 + 1e-9):
            what = f"{total:g} pairs in store at node {name!r}, which holds {capacity:g}"
            review.fault(("initial_stock",), what, "lower the stock or raise storage_pairs of the node")


def _ageing(review: _Review) -> None:
    """Ages need the length of a slot, and a time for every memory; T2 is at most 2 T1."""
    fields = review.document.get("ageing")
    if not isinstance(fields, Mapping):
        return
    if (
        review.document.get("slot_duration_s") is None
        and review.document.get("rate_unit") != "pairs_per_second"
    ):
        review.fault(("slot_duration_s",), "this field is missing", "ageing needs the length of a slot in s")
    try:
        record = AgeingRecord.model_validate(dict(fields))
    except ValidationError:
        return
    times = {
        "memory_coherence_s": record.memory_coherence_s,
        "memory_relaxation_s": record.memory_relaxation_s,
    }
    for name, value in times.items():
        if isinstance(value, dict):
            _every_memory(review, name, value)
    relaxation = record.memory_relaxation_s
    if record.model == "t1_t2" and relaxation is None:
        review.fault(
            ("ageing", "memory_relaxation_s"), "this field is missing", "the model t1_t2 needs T1 of qubits"
        )
    elif record.model != "t1_t2" and relaxation is not None:
        review.fault(
            ("ageing", "memory_relaxation_s"),
            f"T1 is not part of the model {record.model}",
            "leave it out, or take the model t1_t2",
        )
    elif relaxation is not None:
        _no_phase_outlives(review, record.memory_coherence_s, relaxation)


def _every_memory(review: _Review, name: str, by_node: dict[str, float]) -> None:
    for node in by_node:
        _unknown(review, ("ageing", name, node), node)
    missing = [node.id for node in review.nodes.values() if node.storage_pairs > 0 and node.id not in by_node]
    if missing:
        review.fault(
            ("ageing", name),
            f"says nothing of the memory at {', '.join(missing)}",
            "give every node with storage_pairs a time",
        )


def _no_phase_outlives(
    review: _Review, coherence: float | dict[str, float], relaxation: float | dict[str, float]
) -> None:
    """Report where T2 > 2 T1, which no qubit has."""
    either = [set(value) for value in (coherence, relaxation) if isinstance(value, dict)]
    for node in sorted(set.intersection(*either)) if either else [""]:
        t2, t1 = (value[node] if isinstance(value, dict) else value for value in (coherence, relaxation))
        if t2 > 2.0 * t1 * (1.0 + 1e-12):
            where = ("ageing", "memory_coherence_s", node) if isinstance(coherence, dict) else (
                "ageing", "memory_coherence_s")  # fmt: skip
            at = f" at node {node!r}" if node and not isinstance(coherence, dict) else ""
            review.fault(where, f"T2 of {t2:g} s{at} is more than twice T1, {t1:g} s", "T2 is at most 2 T1")


def second_looks(record: InstanceFile) -> list[str]:
    """Return warnings: what is allowed but seldom meant.

    Parameters
    ----------
    record
        A sound instance file.
    """
    notes, lonely = [], list[str]()
    kinds = {node.id: node.kind for node in record.nodes}
    letters = {"satellite": "S", "aerial": "A", "base_station": "G"}
    for i, link in enumerate(record.links):
        name = f"links[{i}] ({link.ends[0]}–{link.ends[1]})"
        if link.fidelity <= 0.5:
            notes.append(
                f"{name}.fidelity: {link.fidelity:g} <= 0.5 cannot be purified: no path can use the link"
            )
        if link.kind is not None and sorted(link.kind.split("2")) != sorted(
            letters[kinds[end]] for end in link.ends
        ):
            notes.append(
                f"{name}.kind: {link.kind}, but it joins {kinds[link.ends[0]]} and {kinds[link.ends[1]]}"
            )
    free_space = [link.ends for link in record.links if {kinds[v] for v in link.ends} != {"base_station"}]
    aloft = {end for ends in free_space for end in ends}
    for i, node in enumerate(record.nodes):
        if node.terminals is not None and node.id not in aloft:
            lonely.append(
                f"nodes[{i}] ({node.id}).terminals: no free-space link of the node could share them"
            )
    return [
        *_shortened(notes, "links that are seldom meant so"),
        *_lonely(record, aloft, lonely),
        *_short_memories(record),
    ]


def _short_memories(record: InstanceFile) -> Iterator[str]:
    """Warn of memories that forget within a slot: below one slot ages are not told apart."""
    ageing, slot = record.ageing, record.slot_duration_s
    if ageing is None or slot is None:
        return
    for name, value in (("memory_coherence_s", ageing.memory_coherence_s),
                        ("memory_relaxation_s", ageing.memory_relaxation_s)):  # fmt: skip
        times = [] if value is None else list(value.values()) if isinstance(value, dict) else [value]
        if times and min(times) < slot:
            yield (
                f"ageing.{name}: {min(times):g} s is less than a slot of {slot:g} s: ages within a slot are "
                "not told apart; shorter slots would tell more"
            )


MOST_NOTES = 5
"""Warnings of one kind that are told one by one; more of them become one line."""


def _shortened(notes: list[str], kind: str) -> list[str]:
    """Return warnings, or one that counts them and tells the first."""
    if len(notes) <= MOST_NOTES:
        return notes
    return [f"{len(notes)} {kind}, the first: {notes[0]}"]


def _lonely(record: InstanceFile, aloft: set[str], notes: list[str]) -> list[str]:
    """Return warnings of nodes with terminals that nobody sees, by kind in one line where they are many."""
    if len(notes) <= MOST_NOTES:
        return notes
    found: dict[str, list[str]] = {}
    for node in record.nodes:
        if node.terminals is not None and node.id not in aloft:
            found.setdefault(node.kind, []).append(node.id)
    words = {"satellite": "satellites", "aerial": "platforms", "base_station": "ground nodes"}
    return [
        f"{len(ids)} {words[kind]} see nobody: no free-space link could share their terminals "
        f"({', '.join(ids[:3])}{' …' * (len(ids) > 3)})"
        for kind, ids in found.items()
    ]
