"""The document of a plan on the globe: ``globe.json`` of a run, and what a server hands out in pieces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from satqn._version import __version__
from satqn.errors import InputError
from satqn.model.timeline import LinkState
from satqn.orbits.coverage import footprint_radius
from satqn.reports.globe import motion, people
from satqn.reports.globe.loads import FloatArray, used_rates
from satqn.reports.globe.people import tidy
from satqn.reports.plan_contacts import contacts
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_view import PlanView
from satqn.reports.plan_words import STATUS_WORDS, covered, ended_early, lead, one_more_brings, what_binds
from satqn.topology.bodies import Stage
from satqn.topology.explain import explain_link
from satqn.units import KM

FORMAT = "satqn-globe"
FORMAT_VERSION = 1
MOST_BUDGETS = 400
"""Links of which the loss is told factor by factor; each takes 10 ms. Those that the plan uses come first."""
MOST_CONTACTS = 5_000
"""Contacts in the table; a browser gives up on many more rows."""
MOST_BINDING = 12
"""Sentences about what binds."""


def globe_document(record: PlanRecord) -> dict[str, Any]:
    """Return everything that the page on the globe shows, as plain JSON values.

    Parameters
    ----------
    record
        What was planned and found out.

    Returns
    -------
    dict
        Slots count from 0, rates are pairs per second, stock is pairs; a fidelity is None where a link is
        down. The table of ``docs/how-to/serve.md`` names every key.
    """
    stage, state, plan = record.stage, record.state, record.plan
    view = PlanView.of(stage, state, plan)
    used = used_rates(stage, state, plan)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "satqn": __version__,
        "name": stage.scenario.name,
        "lead": lead(stage.scenario.description, plan, stage.timeline, len(view.demands)),
        "time": {
            "start": stage.timeline.start.isoformat(),
            "slot_s": stage.timeline.slot,
            "slots": stage.timeline.slots,
        },
        "result": _result(record),
        "bodies": _bodies(stage),
        "motion": motion.motion(stage),
        "sun": motion.suns(stage),
        "links": _links(stage, state, used),
        "slots": [_slot(state, used, number) for number in range(state.slots)],
        "demands": people.demands(record, view),
        "services": people.services(view),
        "stores": people.stores(record, stage.timeline.slots),
        "passes": _passes(record, view),
    }


def _result(record: PlanRecord) -> dict[str, Any]:
    plan, summary = record.plan, record.summary
    binds: list[str] = []
    if record.explanation is not None:
        binds = what_binds(record.explanation, most=MOST_BINDING)
        binds += [one_more_brings(gain) for gain in record.explanation.get("gains", ())]
    return {
        "status": summary.get("status", plan.status),
        "words": STATUS_WORDS[plan.status],
        "early": ended_early(plan.status),
        "method": plan.method,
        "delivered_pairs": tidy(plan.delivered_pairs),
        "objective_pairs": tidy(plan.objective_pairs),
        "bound_pairs": None if plan.bound_pairs is None else tidy(plan.bound_pairs),
        "bound_covers": covered(plan.bound_covers, summary.get("paths")),
        "gap": plan.gap,
        "simulated_pairs": people.delivered(record.replay),
        "checker": None if record.violations is None else list(record.violations),
        "warnings": list(summary.get("warnings") or ()),
        "binds": binds,
    }


def _bodies(stage: Stage) -> list[dict[str, Any]]:
    population = {node.id: node.population for node in stage.scenario.ground.nodes}
    mask = math.radians(stage.scenario.links.ground_mask_deg)
    found = []
    for body, (lat, lon, altitude) in zip(stage.bodies, motion.places(stage), strict=True):
        one: dict[str, Any] = {
            "id": body.id,
            "kind": body.kind,
            "group": body.group,
            "lat_deg": lat,
            "lon_deg": lon,
            "altitude_km": altitude,
            "fixed": body.fixed,
            "terminals": body.terminals if body.terminal is not None else 0,
            "storage_pairs": body.storage,
        }
        if body.kind == "base_station":
            one["population"] = population.get(body.id)
        elif altitude > 0.0:
            one["footprint_deg"] = round(math.degrees(footprint_radius(altitude * KM, mask)), 3)
        found.append(one)
    return found


def _links(stage: Stage, state: LinkState, used: FloatArray) -> list[dict[str, Any]]:
    order = np.lexsort((-state.rate.max(axis=0), -used.sum(axis=0)))
    told = {int(e) for e in order[:MOST_BUDGETS]}
    return [
        {
            "a": state.a[e],
            "b": state.b[e],
            "making": state.making[e],
            "length_km": tidy(float(state.length[e]) / KM),
            "budget": _budget(stage, state, e) if e in told else None,
        }
        for e in range(len(state))
    ]


def _budget(stage: Stage, state: LinkState, e: int) -> dict[str, Any] | None:
    """Return the loss of a link factor by factor, in the middle of its best slot."""
    slot = int(np.argmax(state.rate[:, e]))
    try:
        found = explain_link(stage, state.a[e], state.b[e], (slot + 0.5) * stage.timeline.slot).to_dict()
    except InputError:
        return None
    return {"slot": slot, "fibre": found["fibre"], "free_space": found["free_space"]}


def _slot(state: LinkState, used: FloatArray, number: int) -> dict[str, Any]:
    """Return what the links are in a slot; only those that are up, by the number of the link."""
    up = np.flatnonzero(state.rate[number] > 0.0)
    fidelity = state.fidelity[number].filled(np.nan)
    return {
        "links": [int(e) for e in up],
        "rate_per_s": [tidy(float(state.rate[number, e])) for e in up],
        "fidelity": [None if math.isnan(fidelity[e]) else tidy(float(fidelity[e])) for e in up],
        "used_per_s": [tidy(float(used[number, e])) for e in up],
        "via": [str(state.via[number, e]) for e in up],
    }


def _passes(record: PlanRecord, view: PlanView) -> list[dict[str, Any]]:
    """Return when sites see satellites, and whether the plan serves over that contact."""
    used: dict[frozenset[str], set[int]] = {}
    for service in view.services:
        for hop in service.hops:
            used.setdefault(frozenset((hop.a, hop.b)), set()).add(service.slot)
    length = record.stage.timeline.slot
    found = []
    for contact in contacts(record.stage, record.state)[:MOST_CONTACTS]:
        slots = used.get(frozenset((contact.site, contact.satellite)), set())
        serving = [
            slot
            for slot in sorted(slots)
            if slot * length < contact.end and (slot + 1) * length > contact.begin
        ]
        found.append(
            {
                "site": contact.site,
                "satellite": contact.satellite,
                "begin_s": round(contact.begin, 1),
                "end_s": round(contact.end, 1),
                "slots_used": serving,
            }
        )
    return found
