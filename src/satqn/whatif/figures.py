"""Figures of comparisons and sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.reports.style import BLACK, BLUE, GREY, ONE_COLUMN, PALE_GREY, SERIES_COLOURS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE_COLOURS = (*SERIES_COLOURS, BLACK)
"""As many as there are architectures; all together, the last one, is black."""


def architectures_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw what every architecture delivers (weighted), with its bound: no plan of it reaches farther.

    Parameters
    ----------
    rows
        From :meth:`satqn.whatif.architectures.Comparison.rows`; the whole network is the last.
    """
    figure = new_figure(ONE_COLUMN, 0.7 + 0.24 * len(rows))
    axes = figure.subplots()
    place = np.arange(len(rows))[::-1]
    worth = np.array([row["objective_pairs"] or 0.0 for row in rows])
    bound = np.array([row["bound_pairs"] or 0.0 for row in rows])
    colours = [GREY] * (len(rows) - 1) + [BLUE]
    axes.barh(place, worth, height=0.6, color=colours)
    axes.barh(
        place,
        np.maximum(bound - worth, 0.0),
        left=worth,
        height=0.6,
        color=PALE_GREY,
        label="up to the bound",
    )
    for y, row in zip(place, rows, strict=True):
        text = "infeasible" if row["objective_pairs"] is None else f"{row['objective_pairs']:.3g}"
        end = max(row["objective_pairs"] or 0.0, row["bound_pairs"] or 0.0)
        axes.annotate(text, (end, y), (3, 0), textcoords="offset points", va="center", fontsize=6.5)
    axes.set_yticks(place, [str(row["name"]) for row in rows])
    axes.set_xlim(0.0, 1.28 * max(float(worth.max(initial=0.0)), float(bound.max(initial=0.0)), 1e-9))
    axes.set_xlabel("weighted pairs over the horizon")
    axes.grid(visible=False, axis="y")
    if np.any(bound > 1.005 * worth):
        figure.legend(loc="outside upper right", ncols=1)
    return figure


def sweep_figure(rows: Sequence[Mapping[str, Any]], keys: Sequence[str], metric: str) -> Figure:
    """Draw a metric over what varies: lines over the first key, one for each value of all others.

    Parameters
    ----------
    rows
        From :func:`satqn.whatif.sweep.rows_of`; rows with an error leave a hole.
    keys
        What varies.
    metric
        What is shown.
    """
    first, *others = keys
    if len(others) == 1 and not any("architecture" in row for row in rows) and _large(rows, keys):
        return _heat_map(rows, first, others[0], metric)
    figure = new_figure(ONE_COLUMN, 2.6)
    axes = figure.subplots()
    places, ticks = _places(rows, first)
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        names = [f"{_last(key)} {row[key]}" for key in others]
        label = ", ".join([*names, *([row["architecture"]] if "architecture" in row else [])])
        value = row.get(metric)
        lines.setdefault(label, []).append((places[repr(row[first])], np.nan if value is None else value))
    lines = {label: line for label, line in lines.items() if not np.all(np.isnan([y for _, y in line]))}
    for number, (label, line) in enumerate(lines.items()):
        x, y = zip(*sorted(line), strict=True)
        dashes = ("-", "--", ":")[number // len(LINE_COLOURS) % 3]
        marker = "os^vDx+"[number % len(LINE_COLOURS)]
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        axes.plot(x, y, dashes, marker=marker, color=colour, label=label)
    if ticks is not None:
        axes.set_xticks(range(len(ticks)), ticks)
    axes.set_xlabel(first)
    axes.set_ylabel(metric.replace("_", " "))
    if len(lines) > 1:
        figure.legend(loc="outside upper center", ncols=2)
    return figure


def _large(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> bool:
    """Whether lines would be too many to tell apart."""
    return len({repr(row[keys[1]]) for row in rows}) > len(LINE_COLOURS)


def _heat_map(rows: Sequence[Mapping[str, Any]], first: str, second: str, metric: str) -> Figure:
    figure = new_figure(ONE_COLUMN, 2.8)
    axes = figure.subplots()
    x, y = (list(dict.fromkeys(repr(row[key]) for row in rows)) for key in (first, second))
    table = np.full((len(y), len(x)), np.nan)
    for row in rows:
        value = row.get(metric)
        if value is not None:
            table[y.index(repr(row[second])), x.index(repr(row[first]))] = value
    image = axes.imshow(table, origin="lower", aspect="auto", cmap="viridis")
    for names, key, ticks in ((x, first, axes.set_xticks), (y, second, axes.set_yticks)):
        every = max(1, len(names) // 8)
        shown = range(0, len(names), every)
        ticks(list(shown), [_text(rows, key, names[i]) for i in shown])
    axes.grid(visible=False)
    axes.set_xlabel(first)
    axes.set_ylabel(second)
    figure.colorbar(image, label=metric.replace("_", " "))
    return figure


def _text(rows: Sequence[Mapping[str, Any]], key: str, shown: str) -> str:
    return str(next(row[key] for row in rows if repr(row[key]) == shown))


def _places(rows: Sequence[Mapping[str, Any]], key: str) -> tuple[dict[str, float], list[str] | None]:
    """Return where every value stands on the axis, and its name if values are no numbers."""
    values = {repr(row[key]): row[key] for row in rows}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values.values()):
        return {name: float(value) for name, value in values.items()}, None
    return {name: float(i) for i, name in enumerate(values)}, [str(value) for value in values.values()]


def _last(key: str) -> str:
    return key.rpartition(".")[2]
