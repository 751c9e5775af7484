"""Plan files in and out: spec routing, section 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from satqn.errors import InvalidFileError
from satqn.model.plan import (
    Aged,
    Discard,
    LogLine,
    Plan,
    PlanClass,
    PlanPath,
    RealLeg,
    Serve,
    Stock,
    Store,
    VirtualLeg,
)
from satqn.routing.documents import read_document, validate
from satqn.routing.plan_schema import LogRecord, PathRecord, PlanFile, RealLegRecord


def load_plan(path: str | Path) -> Plan:
    """Read a plan file; whether the plan is possible is the checker's business.

    Parameters
    ----------
    path
        JSON, or YAML if it ends in ``.yaml`` or ``.yml``.

    Raises
    ------
    InputError
        The file cannot be read.
    InvalidFileError
        It has faults; all of them are listed with record and field.
    """
    document, _ = read_document(path)
    return plan_from_document(document, source=str(path))


def plan_from_document(document: dict[str, Any], *, source: str = "plan") -> Plan:
    """Make a plan of the fields of a plan file.

    Parameters
    ----------
    document
        The fields.
    source
        Where they come from, for messages.

    Raises
    ------
    InvalidFileError
        The document has faults; all of them are listed.
    """
    record, problems = validate(PlanFile, document)
    if record is None:
        raise InvalidFileError(source, problems)
    return Plan(
        instance_sha256=record.instance_sha256,
        method=record.method,
        status=record.status,
        objective_pairs=record.objective_pairs,
        delivered_pairs=record.delivered_pairs,
        bound_pairs=record.bound_pairs,
        gap=record.gap,
        bound_covers=record.bound_covers,
        classes=tuple(
            PlanClass(c.id, (c.pair[0], c.pair[1]), tuple(c.route), c.initial_stock, c.cutoff)
            for c in record.classes
        ),
        paths=tuple(_path(p) for p in record.paths),
        serve=tuple(
            Serve(s.slot, s.path, s.rate, tuple(Aged(_slots(a.stored_in), a.rate) for a in s.aged))
            for s in record.serve
        ),
        store=tuple(Store(s.slot, s.class_, s.rate) for s in record.store),
        stock=tuple(Stock(s.slot, s.class_, s.pairs) for s in record.stock),
        log=tuple(_log(record.log)),
        asked_gap=record.asked_gap,
        discard=tuple(Discard(d.slot, d.class_, d.pairs, d.stored_in) for d in record.discard),
    )


def _slots(stored_in: int | list[int]) -> tuple[int, ...]:
    return tuple(stored_in) if isinstance(stored_in, list) else (stored_in,)


def _path(record: PathRecord) -> PlanPath:
    legs = tuple(
        RealLeg(tuple(leg.real))
        if isinstance(leg, RealLegRecord)
        else VirtualLeg(leg.virtual, leg.start, leg.end)
        for leg in record.legs
    )
    return PlanPath(record.id, record.demand, legs, record.fidelity, record.base_pairs_per_pair)


def _log(lines: list[Any]) -> Iterator[LogLine]:
    for line in lines:
        with suppress(ValidationError):
            record = LogRecord.model_validate(line)
            yield LogLine(
                record.wall_s, record.event, record.bound_pairs, record.incumbent_pairs, record.iteration
            )


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return the fields of the file of a plan.

    Parameters
    ----------
    plan
        The plan.
    """
    return {
        "format": "satqn-plan",
        "version": 1,
        "instance_sha256": plan.instance_sha256,
        "method": plan.method,
        "status": plan.status,
        "objective_pairs": plan.objective_pairs,
        "delivered_pairs": plan.delivered_pairs,
        "bound_pairs": plan.bound_pairs,
        "gap": plan.gap,
        "asked_gap": plan.asked_gap,
        "bound_covers": plan.bound_covers,
        "classes": [
            {"id": c.id, "pair": list(c.pair), "route": list(c.route), "initial_stock": c.initial_stock}
            | ({} if c.cutoff is None else {"cutoff": c.cutoff})
            for c in plan.classes
        ],
        "paths": [
            {"id": p.id, "demand": p.demand, "legs": [_leg(leg) for leg in p.legs], "fidelity": p.fidelity,
             "base_pairs_per_pair": p.base_pairs}
            for p in plan.paths
        ],
        "serve": [
            {"slot": s.slot, "path": s.path, "rate": s.rate}
            | ({"aged": [_aged(part) for part in s.aged]} if s.aged else {})
            for s in plan.serve
        ],
        "store": [{"slot": s.slot, "class": s.inventory, "rate": s.rate} for s in plan.store],
        "stock": [{"slot": s.slot, "class": s.inventory, "pairs": s.pairs} for s in plan.stock],
        **({"discard": [_discard(d) for d in plan.discard]} if plan.discard else {}),
        "log": [
            {"wall_s": round(line.wall_s, 6), "event": line.event, "bound_pairs": line.bound,
             "incumbent_pairs": line.incumbent, "iteration": line.iteration}
            for line in plan.log
        ],
    }  # fmt: skip


def _aged(part: Aged) -> dict[str, Any]:
    slots = list(part.stored_in)
    return {"stored_in": slots if len(slots) > 1 else slots[0], "rate": part.rate}


def _discard(gone: Discard) -> dict[str, Any]:
    return {"slot": gone.slot, "class": gone.inventory, "pairs": gone.pairs} | (
        {} if gone.stored_in is None else {"stored_in": gone.stored_in}
    )


def _leg(leg: RealLeg | VirtualLeg) -> dict[str, Any]:
    if isinstance(leg, RealLeg):
        return {"real": list(leg.nodes)}
    return {"virtual": leg.inventory, "from": leg.start, "to": leg.end}


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of plan files."""
    return PlanFile.model_json_schema(by_alias=True)
