"""The results of benchmarks/routing.py as a page of tables, and bounds over time as a plot."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
METHOD_ORDER = ("exact", "benders", "paper")


def page(record: Row) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    lines = [
        "# Benchmarks of entanglement routing", "",
        f"Written by `benchmarks/routing.py`; Python {record['python']}, {versions}, {record['machine']}, one "
        "process. Times are wall-clock seconds. A gap is (bound − incumbent) / max(1, |incumbent|).",
    ]  # fmt: skip
    tables = {"paper-size": paper_size, "large": large, "build": build, "growth": growth, "options": options}
    for name, table in tables.items():
        if name in record["parts"]:
            lines += ["", *table(record["parts"][name])]
    return "\n".join(lines) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(f"| {' | '.join(r)} |" for r in rows),
    ]


def number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}g}" if abs(value) < 1e4 else f"{value:.0f}"


def percent(gap: float | None) -> str:
    return "–" if gap is None else f"{100 * gap:.2g} %"


def paper_size(rows: list[Row]) -> list[str]:
    names = ("default", "scipy", "benders", "paper")
    cells = [
        [str(row["seed"]), *(f"{row[n]['wall_s']:.2f}" for n in names), percent(row["paper"]["gap"]),
         number(row["paper"]["wall_s"] / row["benders"]["wall_s"])]
        for row in rows
    ]  # fmt: skip
    medians = [statistics.median(row[n]["wall_s"] for row in rows) for n in names]
    ratio = statistics.median(row["paper"]["wall_s"] / row["benders"]["wall_s"] for row in rows)
    cells.append(["**median**", *(f"**{m:.2f}**" for m in medians), "", f"**{number(ratio)}**"])
    slower = sum(row["default"]["wall_s"] > row["scipy"]["wall_s"] for row in rows)
    return [
        "## Paper size: K = 3, T = 10, 12 + 20 paths, gap 1e-3", "",
        "`default`, `benders` and `paper` are whole runs (paths, model, search, checker); `scipy` is "
        "`scipy.optimize.milp` on the same matrices, building and checking left out.", "",
        *table(["seed", "default", "scipy", "benders", "paper", "gap of paper", "paper / benders"], cells), "",
        f"Instances on which the default is slower than scipy: {slower} of {len(rows)}.",
    ]  # fmt: skip


def large(rows: list[Row]) -> list[str]:
    cells = [
        [row["size"], str(row["binaries"]), row["method"] + (" (default)" if row["default"] else ""),
         row["status"], number(row["incumbent_pairs"]), number(row["bound_pairs"]), percent(row["gap"]),
         f"{row['wall_s']:.1f}"]
        for row in rows
    ]  # fmt: skip
    head = ["size", "binaries", "method", "status", "incumbent", "bound", "gap", "s"]
    return [
        "## Larger networks: 60 s", "",
        "The bound of a baseline is one on itself. Bound and incumbent over time: routing.png.", "",
        *table(head, cells),
    ]  # fmt: skip


def build(rows: list[Row]) -> list[str]:
    cells = [
        [row["size"], str(row["columns"]), str(row["nonzeros"]), number(row["satqn_s"]), number(row["pyomo_s"]),
         number(row["pyomo_s"] + row["pyomo_arrays_s"]), f"{row['build_ratio']:.0f}",
         f"{row['to_arrays_ratio']:.0f}", "yes" if row["same_rows_and_nonzeros"] else "**no**"]
        for row in rows
    ]  # fmt: skip
    head = ["size", "columns", "non-zeros", "satqn", "pyomo", "pyomo with arrays", "ratio", "ratio with arrays",
            "same rows and non-zeros"]  # fmt: skip
    return [
        "## Building the model", "",
        "From instance and paths to arrays inside HiGHS's own structure, beside the same model in pyomo "
        "(benchmarks/routing_pyomo.py): its expressions alone, and compiled to a sparse matrix too.", "",
        *table(head, cells),
    ]  # fmt: skip


def growth(rows: list[Row]) -> list[str]:
    cells = [
        [row["what"], row["size"], str(row["binaries"]), number(row["paths_s"]), number(row["build_s"]),
         number(row["solve_s"]), percent(row["gap"]), f"{row['at_limit']} of 3"]
        for row in rows
    ]  # fmt: skip
    head = ["what", "size", "binaries", "paths, s", "model, s", "solve, s", "gap", "at the limit of 30 s"]
    return [
        "## Growth", "",
        "Medians of three seeds, default method, gap 1e-3; otherwise K = 3, T = 10, 12 + 20 paths.", "",
        *table(head, cells),
    ]  # fmt: skip


def options(rows: list[Row]) -> list[str]:
    cells = [
        [row["size"], row["options"], ", ".join(f"{s:.1f}" for s in row["wall_s"]), f"{row['total_s']:.1f}",
         percent(max(g for g in row["gap"] if g is not None))]
        for row in rows
    ]  # fmt: skip
    return [
        "## Options of HiGHS", "",
        "`exact`, gap 1e-3, at most 60 s; seeds 0, 1, 2.", "",
        *table(["size", "options", "s by seed", "sum", "largest gap"], cells),
    ]  # fmt: skip


def draw_large(rows: list[Row], path: Path) -> None:
    """Draw bound (falling) and incumbent (rising) over time, one panel per size."""
    from satqn.reports.style import BLUE, ORANGE, TWO_COLUMNS, VERMILION, new_figure, render, styled

    sizes = list(dict.fromkeys(row["size"] for row in rows))
    with styled():
        figure = new_figure(TWO_COLUMNS, 4.6)
        panels = figure.subplots(2, (len(sizes) + 1) // 2).ravel()
        for axes, size in zip(panels, sizes, strict=False):
            mine = {row["method"]: row for row in rows if row["size"] == size}
            best = max(row["incumbent_pairs"] or 0.0 for row in mine.values())
            for method, colour in zip(METHOD_ORDER, (BLUE, ORANGE, VERMILION), strict=True):
                _draw_method(axes, mine[method], best, colour)
            ends = [
                abs(mine[m][k] / best - 1.0) for m in METHOD_ORDER for k in ("incumbent_pairs", "bound_pairs")
            ]
            reach = 110.0 * max(ends)
            axes.axhline(0.0, color="#6E6E6E", lw=0.6)
            axes.set(title=size, xlabel="time (s)", ylabel="from the best known (%)", ylim=(-reach, reach))
        handles, labels = panels[0].get_legend_handles_labels()
        title = "bound (solid), incumbent (dashed)"
        figure.legend(handles, labels, loc="outside upper center", title=title, ncols=3)
        path.write_bytes(render(figure, "png"))


def _draw_method(axes: Any, row: Row, best: float, colour: str) -> None:
    for which in (1, 2):
        points = [(line[0], line[which]) for line in row["log"] if line[which] is not None]
        end = row["bound_pairs"] if which == 1 else row["incumbent_pairs"]
        if end is None:
            continue
        points.append((row["wall_s"], end))
        time, value = zip(*points, strict=True)
        axes.plot(time[-1], 100.0 * (value[-1] / best - 1.0), "o", color=colour)
        label = row["method"] if which == 1 else None
        axes.step(time, [100.0 * (v / best - 1.0) for v in value], where="post", color=colour, label=label,
                  ls="-" if which == 1 else "--")  # fmt: skip
