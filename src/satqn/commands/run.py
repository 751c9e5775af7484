"""``satqn run``: everything for a scenario, into one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import (
    Json,
    Preset,
    Seed,
    Settings,
    emit_json,
    overrides,
    print_table,
    say,
    say_when_compiling,
    show,
)

if TYPE_CHECKING:
    from satqn.model.plan import LogLine
    from satqn.runs import Watch


def run(
    scenario: str = "metro-pair",
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    preset: Preset = None,
    settings: Settings = None,
    seed: Seed = None,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    compare: Annotated[bool, Parameter(negative="--no-compare")] = True,
    json: Json = False,
) -> int:
    """Do everything for a scenario and write it into one folder.

    The folder holds the resolved scenario, the results (plan, CSV, JSON, exports), the figures (PNG, PDF),
    the self-contained page report.html and provenance.json.

    The exit status is 0 if the gap is closed, 3 if minimum rates cannot be met, 4 if a limit ended the
    search, 130 after Ctrl-C; with 4 and 130 the report is about the best plan so far.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    output
        The folder; by default results/NAME.
    time_limit
        Stop planning after so many seconds with the best plan so far.
    compare
        Plan parts of the network, too: without satellites, without HAPs, without storage …
    """
    from satqn import api
    from satqn.commands.plan import EXIT
    from satqn.routing.asked import refuse_unusable

    chosen = overrides(preset, settings, seed)
    if time_limit is not None:
        refuse_unusable("time_limit", time_limit, where="--time-limit")
        chosen["solver.time_limit_s"] = time_limit
    say_when_compiling()
    with work_shown() as watch:
        page, summary = api.run(scenario, output, overrides=chosen, watch=watch, compared=compare)
    if json:
        emit_json({"report": str(page), **summary})
    elif "bound_pairs" in summary:
        print_plan(scenario, summary)
    else:
        print_summary(scenario, summary)
    say(f"The report is {page}")
    return EXIT[summary.get("status", "optimal")]


@contextmanager
def work_shown() -> Iterator[Watch]:
    """Show on stderr, if that is a terminal, what is being done and how far it is."""
    from rich.console import Console

    from satqn.runs import Watch

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Watch()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def count(title: str) -> Callable[[int, int], None]:
            return lambda done, total: bar.update(task, description=title, completed=done, total=total)

        def bounds(line: LogLine) -> None:
            best = "—" if line.incumbent is None else f"{line.incumbent:.6g}"
            bar.update(task, description=f"planning: {line.event}, {best} pairs", total=None)

        yield Watch(count("evaluating pairs"), count("evaluating links"), bounds)


def print_plan(name: str, summary: dict[str, Any]) -> None:
    """Print a plan, its architectures and its simulation for people."""
    from satqn.commands.compare import gains
    from satqn.reports.plan_words import covered, ended_early

    rows = [
        ["delivered, pairs", f"{summary['delivered_pairs']:.6g}"],
        ["objective, pairs", f"{summary['objective_pairs']:.6g}"],
        ["bound, pairs", "—" if summary["bound_pairs"] is None else f"{summary['bound_pairs']:.6g}"],
        ["bound covers", covered(summary["bound_covers"], summary.get("paths"))],
        ["gap", "—" if summary["gap"] is None else f"{100 * summary['gap']:.3g} %"],
        ["status", summary["status"]],
        ["independent checker", "ok" if summary["checker"] == "ok" else "FAILED"],
        ["simulated, pairs", _simulated(summary["simulation"])],
    ]
    print_table(name, ["", ""], rows)
    early = ended_early(summary["status"])
    for sentence in (
        *([] if early is None else [early]),
        *(one["sentence"] for one in summary.get("demands_with_nothing", ())),
    ):
        show(sentence)
    if "architectures" in summary:
        print_table(
            "the same demands through",
            ["", "pairs", "bound"],
            [
                [
                    row["name"],
                    *(
                        "—" if row[key] is None else f"{row[key] + 0.0:.6g}"
                        for key in ("objective_pairs", "bound_pairs")
                    ),
                ]
                for row in summary["architectures"]
            ],
        )
        for sentence in gains(summary):
            show(sentence)


def _simulated(replay: dict[str, Any] | None) -> str:
    if replay is None:
        return "— (stopped before)"
    found = replay["delivered_pairs"]
    return f"{found['mean']:.6g} (95 %: {found['low']:.6g} to {found['high']:.6g})"


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
