"""``satqn run``: everything for a scenario, into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import (
    Json,
    Preset,
    Seed,
    Settings,
    emit_json,
    overrides,
    print_table,
    progress_bar,
    say,
)


def run(
    scenario: str = "us-cities",
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Do everything for a scenario and write it into one folder.

    The folder holds the resolved scenario, the results (CSV, JSON), the figures (PNG, PDF), the
    self-contained page report.html and provenance.json.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    output
        The folder; by default results/NAME.
    """
    from satqn import api

    with progress_bar("evaluating pairs") as progress:
        page, summary = api.run(
            scenario, output, overrides=overrides(preset, settings, seed), progress=progress
        )
    if json:
        emit_json({"report": str(page), **summary})
        return
    print_summary(scenario, summary)
    say(f"The report is {page}")


def print_summary(name: str, summary: dict[str, Any]) -> None:
    """Print shares and medians for people."""
    by_rate, by_fidelity = summary["chosen_by_rate"], summary["chosen_by_fidelity"]
    print_table(
        f"{name}: {summary['pairs']} pairs, target fidelity {summary['target_fidelity']:g}",
        ["served through", "by rate", "by fidelity", "median rate /s", "median fidelity"],
        [
            [
                way,
                f"{100 * by_rate[way]['share']:.1f} %" if way in by_rate else "",
                f"{100 * by_fidelity[way]['share']:.1f} %" if way in by_fidelity else "",
                _value(summary["median_rate_per_s"].get(way)),
                _value(summary["median_fidelity"].get(way)),
            ]
            for way in ("fibre", "hybrid", "satellite", "none", "protocol")
        ],
    )


def _value(median: dict[str, Any] | None) -> str:
    return "" if median is None or median["value"] is None else f"{median['value']:.4g}"
