"""Sections of the page of a plan: what is served, stored, bound, missed and lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from satqn.reports import html
from satqn.reports.plan_budgets import Budget, fibre_budget
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_view import PlanView
from satqn.reports.plan_words import (
    ALONE,
    COVERS_WORDS,
    more_together,
    one_more_brings,
    percent,
    spans,
    unserved,
    what_binds,
)

MOST_PATHS = 200
"""More paths than these are in served.csv only."""


def service(view: PlanView, pictures: Mapping[str, bytes]) -> str:
    """Return who is served through what."""
    if not view.services:
        return html.paragraph("No demand is served in any slot.")
    grouped: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, service in enumerate(view.services):
        grouped.setdefault((service.demand, service.nodes), []).append(number)
    rows = []
    for (demand, nodes), numbers in grouped.items():
        services = [view.services[i] for i in numbers]
        first = services[0]
        rows.append(
            [
                demand,
                " – ".join(nodes),
                spans(sorted({s.slot + 1 for s in services})),
                f"{sum(s.pairs for s in services):,.0f}",
                f"{first.path.fidelity:.4f}",
                f"{first.path.base_pairs:.3g}",
                "yes" if any(hop.stored for hop in first.hops) else "",
            ]
        )
    order = {demand: i for i, demand in enumerate(view.demands)}
    rows.sort(key=lambda row: order[row[0]])
    columns = ["demand", "path", "slots", "pairs", "fidelity", "base pairs per pair", "from store"]
    listed = html.text_table(columns, rows[:MOST_PATHS])
    if len(rows) > MOST_PATHS:
        listed += html.paragraph(f"{len(rows) - MOST_PATHS} more are in served.csv.")
    picture = html.image(
        pictures["service"],
        "Delivered pairs per second in every slot, and below what they go through above the ground; hatched "
        "where some are drawn from store. All rows have the same scale.",
    )
    return picture + html.details(f"All {len(rows)} paths in use", listed)


def storage(pictures: Mapping[str, bytes]) -> str:
    """Return the levels of the stores."""
    if "storage" not in pictures:
        return html.paragraph("This plan stores no pairs.")
    return html.image(pictures["storage"], "Pairs in store with one end at a node when each slot starts.")


def pairs(record: PlanRecord, view: PlanView, pictures: Mapping[str, bytes]) -> str:
    """Return what every demand gets."""
    demands = {demand.id: demand for demand in record.stage.scenario.demands}
    rows = []
    for name in view.demands:
        mine, demand = view.of_demand(name), demands[name]
        pairs = sum(service.pairs for service in mine)
        mean = sum(s.pairs * s.path.fidelity for s in mine) / pairs if pairs > 0.0 else None
        rows.append(
            [
                name,
                f"{demand.source} – {demand.destination}",
                f"{pairs:,.0f}",
                f"{pairs / view.timeline.duration:.4g}",
                "—" if mean is None else f"{mean:.4f}",
                f"{len({s.slot for s in mine})} of {view.timeline.slots}",
            ]
        )
    columns = ["demand", "between", "pairs", "mean rate (1/s)", "fidelity of paths", "slots served"]
    return html.image(
        pictures["pairs"],
        "Left: mean rate over all slots (bar) and over the slots served (line). Right: fidelity of the paths "
        "in use before purification (dots) and the target (line); below it pairs are purified up to it.",
    ) + html.table(columns, rows)


def bound(record: PlanRecord, pictures: Mapping[str, bytes]) -> str:
    """Return how bound and plan came together."""
    plan = record.plan
    if "bound" not in pictures:
        return html.paragraph("The method kept no log.")
    words = (
        f"{record.summary.get('paths', 'The')} paths were considered. " if "paths" in record.summary else ""
    )
    if plan.bound_pairs is None or plan.gap is None:
        words += "No bound is known."
    else:
        words += (
            f"Bound {plan.bound_pairs:,.0f} over {COVERS_WORDS[plan.bound_covers]}, plan "
            f"{plan.objective_pairs:,.0f} weighted pairs: a gap of {percent(plan.gap)}."
        )
    return html.paragraph(words) + html.image(
        pictures["bound"], "How bound and best plan came together while the method worked."
    )


def binds(record: PlanRecord) -> str:
    """Return what more of something would be worth, and why demands get nothing."""
    assert record.explanation is not None
    sentences = what_binds(record.explanation)
    body = html.paragraph(
        "Prices at the margin: duals of the plan with its paths as chosen, added over the slots. They hold "
        "for a small change; where several plans are equally good, one more brings something else."
    ) + (html.bullets(sentences) if sentences else html.paragraph("Nothing binds."))
    again = [one_more_brings(one) for one in record.explanation.get("gains", ())]
    if again:
        body += html.paragraph("Planned again with one more:") + html.bullets(again)
    missing = unserved(record.explanation)
    if missing:
        table = html.text_table(["demand", "slots", "why it gets nothing"], missing)
        body += html.details(f"Demands that get nothing in some slots ({len(missing)} reasons)", table)
    return body


def comparison(record: PlanRecord, pictures: Mapping[str, bytes]) -> str:
    """Return what other networks deliver for the same demands."""
    assert record.comparison is not None
    alone = [row for row in record.comparison[:-1] if str(row["name"]).endswith(" only")]
    sentences = [more_together(record.comparison)]
    if alone:
        sentences.insert(0, more_together([*alone, record.comparison[-1]], ALONE))
    rows = [
        [str(row["name"]), *(_number(row[f"{what}_pairs"]) for what in ("delivered", "objective", "bound"))]
        for row in record.comparison
    ]
    return (
        html.paragraph(
            f"The same demands over other networks: {' '.join(sentences)} Every bound covers "
            f"{COVERS_WORDS[record.plan.bound_covers]}, as far as the part has them."
        )
        + html.image(pictures["comparison"], "Delivered pairs of each architecture.")
        + html.table(["architecture", "delivered", "weighted", "bound"], rows)
    )


def replay(record: PlanRecord, pictures: Mapping[str, bytes]) -> str:
    """Return what simulation delivered of what was promised."""
    replay = record.replay
    assert replay is not None
    got, promised = replay["delivered_pairs"], replay["promised_pairs"]
    spread = "" if got["low"] is None else f" (95 % interval {got['low']:,.0f} to {got['high']:,.0f})"
    share = f", {100.0 * got['mean'] / promised:.4g} % of what was promised" if promised > 0.0 else ""
    runs = replay["runs"]
    text = (
        f"The plan was carried out pair by pair in {runs} simulated run{'' if runs == 1 else 's'}: promised "
        f"{promised:,.0f} pairs, delivered {got['mean']:,.0f}{spread}{share}."
    )
    return html.paragraph(text) + html.image(
        pictures["replay"],
        "Left: promised and delivered pairs by demand, with 95 % intervals. Right: missing pairs by reason.",
    )


def loss_budgets(record: PlanRecord, loss: list[Budget]) -> str:
    """Return the loss budgets of free-space links, and the fastest fibre."""
    body = _light_table(record, loss) if loss else html.paragraph("No link through free space is ever up.")
    fibre = fibre_budget(record.stage, record.state)
    if fibre is not None:
        body += html.paragraph(
            f"The fastest fibre, {fibre.a} – {fibre.b}: {fibre.length_km:.4g} km, {fibre.loss_db:.2f} dB, "
            f"{fibre.repeaters} photon repeaters, {_rate(fibre.rate_per_s)} pairs/s of fidelity "
            f"{fibre.fidelity:.4f}."
        )
    return body


def _light_table(record: PlanRecord, loss: list[Budget]) -> str:
    names = list(dict.fromkeys(name for budget in loss for name in budget.factors_db))
    columns = ["", *(budget.title.partition(": ")[0] for budget in loss)]
    start = record.stage.timeline.start
    rows = [
        ["from – to", *(budget.title.partition(": ")[2] for budget in loss)],
        ["at (UTC)", *(f"{start + timedelta(seconds=b.seconds):%d %b, %H:%M:%S}" for b in loss)],
        ["distance, km", *(f"{budget.range_km:,.1f}" for budget in loss)],
    ]
    for name in names:
        cells = [f"{b.factors_db[name]:.2f}" if name in b.factors_db else "" for b in loss]
        rows.append([f"{name.replace('_', ' ')}, dB", *cells])
    rows += [
        ["all together, dB", *(f"{budget.total_db:.2f}" for budget in loss)],
        ["clicks of noise, 1/s", *(_rate(budget.noise_per_s) for budget in loss)],
        ["rate, pairs/s", *(_rate(budget.rate_per_s) for budget in loss)],
        ["fidelity", *(f"{budget.fidelity:.4f}" for budget in loss)],
    ]
    return html.paragraph(
        "For each kind of link through free space the fastest one of the plan, at its best moment. The rate "
        "is that of the whole link, memories and attempts included."
    ) + html.table(columns, rows)


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:.4g}"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"
