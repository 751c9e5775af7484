"""``satqn sweep``: a scenario over a grid of settings, every point kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from satqn.commands.common import Json, emit_json, parse_settings, print_table, progress_bar, say, show
from satqn.commands.common import Settings as SetWords
from satqn.errors import EXIT_CHECK_FAILED, EXIT_OK, InputError

MetricName = Literal[
    "delivered_pairs", "objective_pairs", "bound_pairs", "gap", "served_share", "median_rate_per_s",
    "median_fidelity", "share_fibre", "share_hybrid", "share_satellite", "share_none",
]  # fmt: skip


def sweep(
    scenario: str = "metro-pair",
    *,
    vary: Annotated[list[str], Parameter(negative=())],
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    metric: MetricName | None = None,
    compare: Annotated[bool, Parameter(negative=())] = False,
    settings: SetWords = None,
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    json: Json = False,
) -> int:
    """Plan or evaluate a scenario at every point of a grid of settings; finished points are kept.

    The exit status is 0 if all points have numbers, 1 if some have an error instead, 130 after Ctrl-C:
    the same command then goes on with the points that are missing.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file.
    vary
        KEY=V1,V2,... or KEY=FROM:TO:COUNT with any key of the scenario; again for further keys.
    output
        The folder for points/, results.csv, sweep.json, sweep.pdf and sweep.png.
    metric
        What the figure shows and the table lists; by default delivered_pairs, or median_rate_per_s.
    compare
        Plan every architecture at every point (see ``satqn compare``).
    workers
        Processes.
    """
    from satqn.whatif.sweep import Sweep, parse_axis, rows_of

    if workers < 1:
        raise InputError(f"{workers} cannot be used", where="--workers", fix="Give a whole number >= 1")
    axes = tuple(parse_axis(word) for word in vary)
    grid = Sweep(scenario, axes, parse_settings(settings), compare)
    known = grid.metrics()
    shown = metric or known[0]
    if shown not in known:
        raise InputError(
            f"{scenario} has no metric {shown!r}", where="--metric", fix=f"Known: {', '.join(known)}"
        )
    with progress_bar("points") as progress:
        points = grid.run(output, workers=workers, progress=progress)
    keys = [axis.key for axis in axes]
    rows = rows_of(points)
    document = {"scenario": scenario, "keys": keys, "metric": shown, "points": points}
    _write(document, rows, output)
    failed = sum("error" in point for point in points)
    if json:
        emit_json({"folder": str(output), **document})
    else:
        _print(scenario, keys, shown, rows)
        say(f"{len(points)} points, {failed} with an error; written to {output}")
    return EXIT_CHECK_FAILED if failed else EXIT_OK


def _write(document: dict[str, Any], rows: Sequence[dict[str, Any]], folder: Path) -> None:
    import json

    from satqn.files import staged_folder, write_atomically
    from satqn.reports.style import save_figure, styled
    from satqn.whatif.figures import sweep_figure
    from satqn.whatif.tables import to_csv

    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    with styled(), staged_folder(folder, "sweep.json") as stage:
        write_atomically(stage / "sweep.json", text + "\n")
        write_atomically(stage / "results.csv", to_csv(rows))
        save_figure(sweep_figure(rows, document["keys"], document["metric"]), stage / "sweep")


def _print(name: str, keys: Sequence[str], metric: str, rows: Sequence[dict[str, Any]]) -> None:
    labels = ["architecture"] if any("architecture" in row for row in rows) else []
    lines = [
        [*(str(row.get(key, "")) for key in (*keys, *labels)), row.get("error") or _number(row[metric])]
        for row in rows
    ]
    print_table(name, [*keys, *labels, metric], lines)
    covers = sorted({str(row["bound_covers"]) for row in rows if "bound_covers" in row})
    if metric in {"bound_pairs", "gap"} and covers:
        from satqn.reports.plan_words import COVERS_WORDS

        show(f"Bounds cover {' or '.join(COVERS_WORDS[one] for one in covers)}.")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.6g}"
