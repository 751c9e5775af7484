"""The folder of a run: resolved scenario, results, figures, page and provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satqn.files import staged_folder
from satqn.model.results import PairResults
from satqn.model.shown import Shown
from satqn.model.system import HybridSystem
from satqn.reports import html
from satqn.reports.overview import draw_by_distance, draw_map
from satqn.reports.style import render, styled
from satqn.reports.summary import WAYS
from satqn.reports.tables import pairs_csv
from satqn.scenario.resolve import to_yaml


@dataclass(frozen=True, slots=True, repr=False)
class RunRecord(Shown):
    """Everything that a run found out, ready to be written.

    Parameters
    ----------
    resolved
        The scenario with nothing implicit.
    system, results
        What was evaluated, and what came out.
    summary
        From :func:`satqn.reports.summary.summarise`.
    example
        All ways between the two largest places, as plain values.
    provenance
        Versions, hashes, options and seed.
    """

    resolved: Mapping[str, Any]
    system: HybridSystem
    results: PairResults
    summary: Mapping[str, Any]
    example: Mapping[str, Any]
    provenance: Mapping[str, Any]


def write_run(record: RunRecord, folder: str | Path) -> Path:
    """Write the whole folder or nothing, and return the page.

    Raises
    ------
    OutputError
        If the place cannot be written or the disk is full.
    """
    with styled():
        figures = {
            "map": draw_map(record.system, record.results),
            "by_distance": draw_by_distance(record.results, record.system.target_fidelity),
        }
    pictures = {name: render(figure, "png") for name, figure in figures.items()}
    with staged_folder(folder) as stage:
        (stage / "figures").mkdir()
        for name, figure in figures.items():
            (stage / "figures" / f"{name}.png").write_bytes(pictures[name])
            (stage / "figures" / f"{name}.pdf").write_bytes(render(figure, "pdf"))
        (stage / "pairs.csv").write_text(
            pairs_csv(record.system.network.nodes, record.results), encoding="utf-8"
        )
        (stage / "scenario.resolved.yaml").write_text(to_yaml(dict(record.resolved)), encoding="utf-8")
        for name, content in (("summary", record.summary), ("provenance", record.provenance)):
            text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            (stage / f"{name}.json").write_text(text, encoding="utf-8")
        (stage / "report.html").write_text(render_page(record, pictures), encoding="utf-8")
    return Path(folder) / "report.html"


def render_page(record: RunRecord, pictures: Mapping[str, bytes]) -> str:
    """Return the report as one HTML page."""
    resolved, summary = record.resolved, record.summary
    parts = [
        html.Part("Result", _result(record)),
        html.Part("Map", html.image(pictures["map"], _map_caption(record))),
        html.Part(
            "By distance",
            html.image(
                pictures["by_distance"],
                "Left: pairs per second at the target fidelity. Middle: fidelity reached in the time the "
                "satellite takes for one pair; below 0.5 nothing is entangled. Right: the way with the "
                "highest rate. Points are pairs, lines are medians of the pairs that have the way.",
            ),
        ),
        html.Part("An example pair", _example(record.example)),
        html.Part("Network and hardware", _system(record.system, resolved)),
        html.Part("Options and assumptions", _assumptions(resolved)),
        html.Part("Provenance", _keys({k: v for k, v in record.provenance.items() if k != "scenario"})),
    ]
    lead = f"{resolved['description']} {summary['pairs']} random pairs, preset {resolved['preset']}."
    return html.page(f"satqn: {resolved['name']}", lead.strip(), parts)


def _result(record: RunRecord) -> str:
    summary = record.summary
    by_rate, by_fidelity = summary["chosen_by_rate"], summary["chosen_by_fidelity"]
    rows = [
        [
            way,
            str(by_rate[way]["pairs"]),
            _percent(by_rate[way]),
            str(by_fidelity[way]["pairs"]),
            _percent(by_fidelity[way]),
        ]
        for way in WAYS
    ]
    medians = [
        [name, _interval(summary["median_rate_per_s"][name]), _interval(summary["median_fidelity"][name])]
        for name in ("fibre", "hybrid", "protocol")
    ]
    target = summary["target_fidelity"]
    return (
        html.paragraph(
            f"For each of {summary['pairs']} pairs of users, the way with the highest rate of pairs of "
            f"fidelity {target:g}, and the way with the highest fidelity in the time the satellite takes for "
            "one pair (95 % intervals for the share among all pairs)."
        )
        + html.table(["way", "pairs by rate", "share", "pairs by fidelity", "share"], rows)
        + html.paragraph(
            "Medians with 95 % intervals; a pair without a way counts as rate 0, and is left out of the "
            "fidelity."
        )
        + html.table(["way", "rate (pairs/s)", "fidelity"], medians)
    )


def _percent(share: Mapping[str, Any]) -> str:
    return f"{100 * share['share']:.1f} % ({100 * share['low']:.1f}–{100 * share['high']:.1f})"


def _interval(value: Mapping[str, Any]) -> str:
    if value["value"] is None:
        return "—"
    return f"{value['value']:.4g} ({value['low']:.4g}–{value['high']:.4g})"


def _map_caption(record: RunRecord) -> str:
    system = record.system
    return (
        "Fibre network, ground stations and pairs, coloured by the way with the highest rate. The satellite "
        f"stands above {system.subpoint_lat_deg:.3f} N, {system.subpoint_lon_deg:.3f} E. "
        "Albers equal-area projection; outlines: US Census Bureau."
    )


def _example(example: Mapping[str, Any]) -> str:
    rows = [
        [way, _number(example[way]["fidelity"]), _number(example[way]["rate_per_s"]), _route(example[way])]
        for way in ("fibre", "satellite", "hybrid")
    ]
    return (
        html.paragraph(
            f"{example['node_a']} to {example['node_b']}, {example['distance_km']:.0f} km apart: the largest "
            "place and the largest other at least 1000 km away. Chosen by rate: "
            f"{example['protocol_by_rate']}; by fidelity: {example['protocol_by_fidelity']}."
        )
        + html.table(["way", "fidelity", "rate (pairs/s)", "through"], rows)
        + html.paragraph("The command satqn pair prints every active repeater of a pair and its role.")
    )


def _route(way: Mapping[str, Any]) -> str:
    """Return the parts of a way in words."""
    parts = [f"{leg['length_km']:.0f} km of fibre" for leg in way["fibre"]]
    if way["satellite"] is not None:
        ends = way["satellite"]
        parts.insert(1, f"satellite {ends['node_a']} – {ends['node_b']}")
    return ", ".join(parts) or "—"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"


def _system(system: HybridSystem, resolved: Mapping[str, Any]) -> str:
    nodes, links = system.network.nodes, system.network.links
    rows = [
        ["nodes with users", f"{int((~nodes.inserted).sum()):,}"],
        ["nodes inserted into long links", f"{int(nodes.inserted.sum()):,}"],
        ["fibre links", f"{len(links):,}"],
        ["fibre, km", f"{links.length.sum() / 1e3:,.0f}"],
        ["ground stations", f"{len(system.stations):,}"],
    ]
    hardware = {name: resolved[name] for name in ("satellite", "fibre")}
    return html.table(["network", ""], rows) + _keys(hardware)


def _assumptions(resolved: Mapping[str, Any]) -> str:
    text = (
        "The model is that of Shao, Guha and Motter, “Hybrid satellite-fiber quantum network” (2025), "
        "with every open choice named below. Weather, the motion of the satellite and the load of other "
        "pairs are not in these numbers: each pair is evaluated as if it were alone."
    )
    keys = ("options", "target_fidelity", "memory_dephasing_time_s", "pairs", "seed", "preset")
    return html.paragraph(text) + _keys({key: resolved[key] for key in keys})


def _keys(data: Mapping[str, Any]) -> str:
    return f'<div class="keys">{html.table(["", ""], html.key_values(data))}</div>'
