"""The page of a choice of satellites: the front of cost against pairs, and what the bounds have excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.reports.html import Part, bullets, cards, image, page, table
from satqn.reports.style import BLUE, GREY, ORANGE, PALE_GREY, TWO_COLUMNS, new_figure, render, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]


def shell_words(row: Row) -> str:
    """Return t/p/f, altitude and inclination of a constellation.

    Parameters
    ----------
    row
        One of the result.
    """
    if row["altitude_km"] is None:
        return "without the group"
    kind = " star" if row["kind"] == "star" else ""
    return (
        f"{row['satellites']}/{row['planes']}/{row['phasing']}{kind}, {row['altitude_km']:g} km, "
        f"{row['inclination_deg']:g}°"
    )


def draw_front(document: Mapping[str, Any]) -> Figure:
    """Draw pairs and the worst-served demand over the number of satellites: plans, bounds, and the front.

    Parameters
    ----------
    document
        The result as in JSON.
    """
    rows, best = document["constellations"], document["best_by_cost"]
    with styled():
        figure = new_figure(TWO_COLUMNS, 3.0)
        left, right = figure.subplots(1, 2)
        _bounds(left, rows)
        planned = [row for row in rows if row["objective_pairs"] is not None]
        _plans(left, planned, "objective_pairs")
        cost = [row["satellites"] for row in best]
        last = max((row["satellites"] for row in rows), default=0)
        left.step([*cost, last], [*(row["objective_pairs"] for row in best), best[-1]["objective_pairs"]],
                  where="post", color=ORANGE, label="best plan at this cost")  # fmt: skip
        top = [_most_at(rows, row["satellites"]) for row in best]
        left.plot(cost, top, "_", color="black", ms=9, label="bound of all of this cost or less")
        left.set_ylabel("weighted pairs over the horizon")
        _plans(right, planned, "worst_pairs")
        front = sorted((row["satellites"], row["worst_pairs"]) for row in planned)
        reached = np.maximum.accumulate([worst for _, worst in front])
        right.step([*(c for c, _ in front), last], [*reached, reached[-1]], where="post", color=ORANGE)
        right.set_ylabel("pairs of the worst-served demand")
        for axes in (left, right):
            axes.set_xlabel(f"satellites of {document['group']}")
            axes.set_ylim(bottom=0.0)
        figure.legend(loc="outside upper center", ncols=4)
    return figure


def _most_at(rows: Sequence[Row], cost: int) -> float:
    bounds = [r["bound_pairs"] for r in rows if r["satellites"] <= cost and r["bound_pairs"] is not None]
    return max(bounds, default=float("nan"))


def _bounds(axes: Axes, rows: Sequence[Row]) -> None:
    out = [r for r in rows if r["objective_pairs"] is None and r["bound_pairs"] is not None]
    if out:
        axes.plot(
            [r["satellites"] for r in out], [r["bound_pairs"] for r in out], "v", color=PALE_GREY, mec=GREY,
            mew=0.4, label="bound of one that was not planned",
        )  # fmt: skip


def _plans(axes: Axes, planned: Sequence[Row], key: str) -> None:
    label = "plan" if key == "objective_pairs" else None
    axes.plot([r["satellites"] for r in planned], [r[key] for r in planned], "o", color=BLUE, label=label)


def satellites_page(figure: Figure, document: Mapping[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    figure
        From :func:`draw_front`.
    document
        The result as in JSON.
    """
    winner, rows = document["winner"], document["constellations"]
    numbers = cards(
        [
            (shell_words(winner), "worth most in the grid"),
            (_number(winner["objective_pairs"]), "weighted pairs of its plan"),
            (_number(winner["others_bound_pairs"]), "bound of every other one of this cost or less"),
            (
                f"{document['plans']} of {document['candidates'] + 1}",
                "were planned; bounds excluded the others",
            ),
        ]
    )
    words = [
        proven(winner),
        "A bound is the linear relaxation over all paths of the scenario: no plan of that constellation "
        "delivers more. The mean number in common view ranks only; it excludes nothing.",
        "The worst-served demand is that of plans made for the sum of pairs: other plans of the same "
        "constellation may be fairer, up to the bound beside it.",
        "winner.yaml beside this page is the scenario with these satellites: satqn run winner.yaml, "
        "satqn compare winner.yaml. best/ has one for every cost.",
    ]
    best = table(
        ["constellation", "satellites", *_mass(rows), "pairs", "bound of the others", "certified gap",
         "worst-served demand", "its pairs", "no more than"],
        [
            [shell_words(r), str(r["satellites"]), *_masses(r), _number(r["objective_pairs"]),
             _number(r["others_bound_pairs"]), _share(r["certified_gap"]), str(r["worst_demand"]),
             _number(r["worst_pairs"]), _number(r["worst_bound_pairs"])]
            for r in document["best_by_cost"]
        ],
    )  # fmt: skip
    names = {row["number"]: shell_words(row) for row in rows}
    everything = table(
        ["no.", "constellation", "in common view", "bound", "plan", "worst demand", "what became of it"],
        [
            [str(r["number"]), shell_words(r), f"{r['mean_in_common_view']:.3f}", _number(r["bound_pairs"]),
             _number(r["objective_pairs"]), _number(r["worst_pairs"]), _fate(r, names, document["gap"])]
            for r in rows
        ],
    )  # fmt: skip
    parts = [
        Part("Answer", numbers + bullets(words)),
        Part("Cost and worth", image(render(figure, "png"), "Plans, bounds, and the best at every cost")),
        Part("Best at every cost", best),
        Part("All constellations", everything),
    ]
    if document["left_out"]:
        parts.append(Part("Points of the grid that are no constellation", bullets(document["left_out"])))
    return page(
        f"Satellites for {document['scenario']}",
        f"{document['candidates']} constellations in place of {document['group']}",
        parts,
    )


def proven(row: Row) -> str:
    """Say what is proven of the best constellation of a cost.

    Parameters
    ----------
    row
        One of ``best_by_cost``, or the winner.
    """
    if row["certified_gap"] is None:
        return "Not certified: some constellation could not be evaluated (see below)."
    if row["certified"]:
        return (
            "No other constellation of the grid of this cost or less delivers more, however planned: proven."
        )
    return (
        "No other constellation of the grid of this cost or less delivers more than "
        f"{100 * row['certified_gap']:.3g} % more, however planned: proven."
    )


def _fate(row: Row, names: Mapping[int, str], gap: float) -> str:
    if row["error"]:
        return str(row["error"])
    if row["excluded_by"] is not None and row["status"] == "excluded by its bound":
        within = f", within {100 * gap:g} %" if gap else ""
        return f"excluded: {names[row['excluded_by']]} delivers as much as its bound{within}"
    return str(row["status"]) + (", on the front" if row["on_front"] else "")


def _mass(rows: Sequence[Row]) -> list[str]:
    return ["mass, kg"] if "launch_mass_kg" in rows[0] else []


def _masses(row: Row) -> list[str]:
    return [_number(row["launch_mass_kg"])] if "launch_mass_kg" in row else []


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.5g}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.3g} %"
