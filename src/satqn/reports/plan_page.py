"""The page of a plan, from the result down to where every number came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from satqn.reports import html, plan_sections
from satqn.reports.plan_assumptions import assumptions, hardware_rows
from satqn.reports.plan_budgets import Budget
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_view import PlanView
from satqn.reports.plan_words import (
    COVERS_WORDS,
    STATUS_WORDS,
    ended_early,
    lead,
    percent,
    short,
)


def render_page(
    record: PlanRecord,
    view: PlanView,
    pictures: Mapping[str, bytes],
    loss: list[Budget],
    left_out: Mapping[str, str],
) -> str:
    """Return the report of a plan as one HTML page.

    Parameters
    ----------
    record, view
        What was found out, and how it is looked at.
    pictures
        Figures by name, PNG.
    loss
        One budget for each kind of link.
    left_out
        Exports that could not be written, and how to get them.
    """
    scenario = record.stage.scenario
    parts = [html.Part(*part) for part in _parts(record, view, pictures, loss, left_out)]
    text = lead(scenario.description, record.plan, record.stage.timeline, len(view.demands))
    return html.page(f"satqn: {scenario.name}", text, parts)


def _parts(
    record: PlanRecord,
    view: PlanView,
    pictures: Mapping[str, bytes],
    loss: list[Budget],
    left_out: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    yield "Result", _result(record, view)
    yield "Map", html.image(pictures["map"], _map_caption(view))
    if "contacts" in pictures:
        yield (
            "Contacts",
            html.image(
                pictures["contacts"],
                "When ground stations and HAPs that stand still see satellites, one lane for each "
                "satellite at a time; in colour the slots in which the plan uses the contact.",
            ),
        )
    yield "Who is served through what", plan_sections.service(view, pictures)
    yield "Storage", plan_sections.storage(pictures)
    yield "Rate and fidelity", plan_sections.pairs(record, view, pictures)
    yield "Bound and gap", plan_sections.bound(record, pictures)
    if record.explanation is not None:
        yield "What binds", plan_sections.binds(record)
    if record.comparison:
        yield "Architectures", plan_sections.comparison(record, pictures)
    if record.replay is not None:
        yield "Promised and delivered", plan_sections.replay(record, pictures)
    yield "Loss budgets", plan_sections.loss_budgets(record, loss)
    yield "Assumptions and sources", _assumptions(record)
    yield "Files", _files(left_out)
    yield "Provenance", _provenance(record)


def _result(record: PlanRecord, view: PlanView) -> str:
    plan = record.plan
    checker = "not asked" if record.violations is None else "passed" if not record.violations else "failed"
    figures = [
        (short(plan.delivered_pairs), "pairs delivered"),
        ("—" if plan.bound_pairs is None else short(plan.bound_pairs), "bound, weighted pairs"),
        ("—" if plan.gap is None else percent(plan.gap), "gap"),
        (f"{sum(bool(view.of_demand(d)) for d in view.demands)} of {len(view.demands)}", "demands served"),
        (checker, "independent checker"),
    ]
    words = (
        f"Method {plan.method}: {STATUS_WORDS[plan.status]}. Objective {plan.objective_pairs:,.0f} weighted "
        f"pairs; the bound covers {COVERS_WORDS[plan.bound_covers]}."
    )
    early = ended_early(plan.status)
    body = html.cards(figures) + html.paragraph(words if early is None else f"{words} {early}")
    missing = list(record.summary.get("demands_with_nothing") or ())
    if missing:
        body += html.bullets([str(one["sentence"]) for one in missing])
    if record.violations:
        body += html.paragraph("The checker found:") + html.bullets(record.violations)
    warnings = list(record.summary.get("warnings") or ())
    if warnings:
        body += html.details(f"Remarks ({len(warnings)})", html.bullets(warnings))
    return body


def _map_caption(view: PlanView) -> str:
    text = (
        "Fibre, nodes and the paths that serve, wider the more pairs they carry; to a satellite they go to "
        "the place below it in the middle of the slot. Dashed: the ground below satellites, if they are few. "
    )
    if any(hop.stored for service in view.services for hop in service.hops):
        text += "Dotted: pairs drawn from store. "
    return text + "Equidistant cylindrical projection; land: Natural Earth, US Census Bureau."


def _assumptions(record: PlanRecord) -> str:
    body = html.bullets(assumptions(record.stage))
    rows = hardware_rows(record)
    if rows:
        table = html.text_table(["hardware", "value", "source"], rows)
        body += html.details(f"Hardware in use, {len(rows)} numbers and where they are from", table)
    if record.origins:
        table = html.text_table(["key", "value", "from"], origin_rows(record.origins))
        body += html.details(
            f"Every value of the scenario and where it is from ({len(record.origins)})", table
        )
    return body


MOST_ROWS = 3000
"""Values in a table of a page; a scenario of ten thousand satellites has 300 000, and browsers give up."""
MOST_TEXT = 1_000_000
"""Characters of a scenario that a page holds in full."""
_MESSAGE = re.compile(r"(satellites\.\d+\.omm\.\d+)\.")


def origin_rows(origins: Iterable[tuple[str, Any, str]]) -> list[list[str]]:
    """Return key, value and origin of every value, up to a limit; of catalogued satellites one row each.

    Parameters
    ----------
    origins
        Dotted key, value and origin of every value of the scenario.
    """
    rows: dict[str, list[str]] = {}
    for key, value, where in origins:
        message = _MESSAGE.match(key)
        name = key if message is None else message[1]
        if name not in rows:
            rows[name] = [name, str(value), where]
        elif key.endswith(".EPOCH"):
            rows[name][1] += f", epoch {value}"
    shown = list(rows.values())[:MOST_ROWS]
    if len(rows) > MOST_ROWS:
        shown.append([f"… and {len(rows) - MOST_ROWS} more", "", "scenario.resolved.yaml"])
    return shown


def _files(left_out: Mapping[str, str]) -> str:
    links = "".join(
        f'<li><a href="{name}">{name}</a>: {escape(text)}</li>'
        for name, text in FILES.items()
        if name not in left_out
    )
    missing = "".join(
        f"<li>{escape(name)} was left out: {escape(why)}</li>" for name, why in left_out.items()
    )
    return f"<ul>{links}{missing}</ul>"


FILES = {
    "scenario.resolved.yaml": "the scenario with nothing implicit",
    "instance.json": "the routing instance",
    "plan.json": "the plan; satqn check instance.json plan.json checks it",
    "summary.json": "status, bound, gap, what binds",
    "links.csv": "rate and fidelity of every link in every slot",
    "served.csv": "who is served in which slot over which path",
    "exports/network.geojson": "nodes, fibre, ground tracks and paths for GIS programs",
    "exports/network.graphml": "the network as a graph",
    "exports/network.csv": "nodes and links, means over time",
    "exports/orbits.czml": "satellites and paths in motion for Cesium",
    "exports/links.nc": "rates and fidelities by slot and link with units (NetCDF)",
    "provenance.json": "versions, hashes, options and seed",
}
"""Everything beside the page, and what it is."""


def _provenance(record: PlanRecord) -> str:
    facts = {key: value for key, value in record.provenance.items() if key != "scenario"}
    facts["instance_sha256"] = record.plan.instance_sha256
    facts["seed"] = record.stage.scenario.seed
    table = html.table(["", ""], html.key_values(facts))
    text = record.resolved_yaml
    if len(text) > MOST_TEXT:
        shown = MOST_TEXT // 100
        text = f"{text[:shown]}\n… and {len(text) - shown} characters more: scenario.resolved.yaml"
    scenario = html.details("The scenario in full", f"<pre>{escape(text)}</pre>")
    return f'<div class="keys">{table}</div>{scenario}'
