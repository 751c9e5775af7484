"""The folder of a plan: scenario, instance, plan, tables, figures, page, exports and provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from satqn.files import staged_folder
from satqn.reports.exports.folder import exports
from satqn.reports.exports.tables import links_csv, served_csv
from satqn.reports.plan_budgets import budgets
from satqn.reports.plan_gantt import draw_contacts
from satqn.reports.plan_map import draw_map
from satqn.reports.plan_numbers import draw_bounds, draw_comparison, draw_pairs, draw_replay
from satqn.reports.plan_page import render_page
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_timelines import draw_service, draw_storage
from satqn.reports.plan_view import PlanView
from satqn.reports.style import render, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_plan_run(record: PlanRecord, folder: str | Path) -> Path:
    """Write the whole folder of a plan or nothing, and return its page.

    Parameters
    ----------
    record
        What was planned and found out.
    folder
        Where to; files of the same name in it are replaced.

    Raises
    ------
    OutputError
        If the place cannot be written or the disk is full.

    Notes
    -----
    An export that cannot be made is left out; a warning and the page name it, with the reason.
    """
    stage, state = record.stage, record.state
    view = PlanView.of(stage, state, record.plan)
    exported = exports(stage, state, view)
    with styled():
        figures = draw_figures(record, view)
        pictures = {}
        for name, figure in figures.items():
            pictures[name] = render(figure, "png")
            figure.set_layout_engine("none")  # laid out now: the PDF need not do it again
    page = render_page(record, view, pictures, budgets(stage, state), exported.left_out)
    texts = {
        "report.html": page,
        "scenario.resolved.yaml": record.resolved_yaml,
        "instance.json": record.instance_text,
        "plan.json": record.plan_text,
        "links.csv": links_csv(stage, state),
        "served.csv": served_csv(view),
        "summary.json": _json(_summary(record)),
        "provenance.json": _json(record.provenance),
    }
    with staged_folder(folder) as temporary:
        for name in ("figures", "exports"):
            (temporary / name).mkdir()
        for name, text in texts.items():
            (temporary / name).write_text(text, encoding="utf-8")
        for name, content in exported.files.items():
            (temporary / name).write_bytes(content)
        for name, figure in figures.items():
            (temporary / "figures" / f"{name}.png").write_bytes(pictures[name])
            (temporary / "figures" / f"{name}.pdf").write_bytes(render(figure, "pdf"))
    return Path(folder) / "report.html"


def draw_figures(record: PlanRecord, view: PlanView) -> dict[str, Figure]:
    """Return the figures that there is something to show in, by name."""
    stage, state, plan = record.stage, record.state, record.plan
    figures: dict[str, Figure | None] = {
        "map": draw_map(stage, state, view),
        "contacts": draw_contacts(stage, state, view),
        "service": draw_service(view) if view.services else None,
        "storage": draw_storage(plan, stage, view),
        "pairs": draw_pairs(stage, view),
        "bound": draw_bounds(plan),
        "comparison": draw_comparison(record.comparison) if record.comparison else None,
        "replay": draw_replay(record.replay, view) if record.replay is not None else None,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _summary(record: PlanRecord) -> dict[str, object]:
    parts: dict[str, object] = {"scenario": record.stage.scenario.name, **record.summary}
    if record.violations is not None:
        parts["violations"] = list(record.violations)
    for name in ("explanation", "comparison", "replay"):
        if (value := getattr(record, name)) is not None:
            parts[name] = value
    return parts


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


__all__ = ["PlanRecord", "draw_figures", "write_plan_run"]
