"""A design of stations as a folder: JSON, table, scenario overlay, map and page."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from satqn.design.stations import StationDesign
from satqn.files import staged_folder
from satqn.reports.siting_page import draw_siting, siting_page
from satqn.reports.style import save_figure, styled
from satqn.scenario.reading import catalogue_entry
from satqn.scenario.schema import Scenario
from satqn.topology.hybrid import node_table


def write_design(design: StationDesign, scenario: Scenario, source: str | Path, out: Path) -> None:
    """Write a design into a folder.

    Parameters
    ----------
    design
        The stations.
    scenario
        What they were chosen for.
    source
        Catalogue name or file of that scenario.
    out
        The folder: ``design.json``, ``stations.csv``, ``stations.yaml``, ``map.png``, ``map.pdf``,
        ``report.html``.
    """
    stations, document = design.stations, design.to_dict()
    table = node_table(scenario, scenario.protocol_options())
    grid = (table.lat_deg[design.grid], table.lon_deg[design.grid])
    places = (design.demands.lat_deg, design.demands.lon_deg)
    figure = draw_siting(places, (stations.lat_deg, stations.lon_deg), grid, document)
    rows = [
        [name, node, f"{lat:.4f}", f"{lon:.4f}", f"{people:.0f}"]
        for name, node, lat, lon, people in zip(
            stations.names, stations.ids, stations.lat_deg, stations.lon_deg, stations.population, strict=True
        )
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "node", "lat_deg", "lon_deg", "population"])
    writer.writerows(rows)
    with staged_folder(out) as folder:
        (folder / "design.json").write_text(
            json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (folder / "stations.csv").write_text(text.getvalue(), encoding="utf-8")
        base = str(source)
        if catalogue_entry(base) is None:
            (folder / "base.yaml").write_bytes(Path(source).read_bytes())
            base = "base.yaml"
        (folder / "stations.yaml").write_text(_overlay(design, scenario, base), encoding="utf-8")
        with styled():
            save_figure(figure, folder / "map")
        (folder / "report.html").write_text(siting_page(figure, document, rows), encoding="utf-8")


def _overlay(design: StationDesign, scenario: Scenario, base: str) -> str:
    """Return a scenario that extends the one asked about, with the chosen stations."""
    question = design.question
    lines = [
        f"# {len(design.stations)} stations chosen by satqn design stations, objective {question.objective}.",
        "format: satqn-scenario",
        "schema_version: 1",
        f"name: {scenario.name}-{len(design.stations)}-stations",
        f"extends: {json.dumps(base, ensure_ascii=False)}",
        "ground_stations:",
        "  sites:",
    ]
    names = zip(design.stations.ids, design.stations.names, strict=True)
    lines += [
        f"    - {json.dumps(node, ensure_ascii=False)}" + ("" if name == node else f"  # {name}")
        for node, name in names
    ]
    return "\n".join(lines) + "\n"
