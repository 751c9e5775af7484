"""A choice of satellites as a folder: JSON, table, figure, page, scenarios with the best at every cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from satqn.files import staged_folder
from satqn.reports.satellites_page import draw_front, satellites_page, shell_words
from satqn.reports.style import save_figure, styled
from satqn.scenario.load import Loaded
from satqn.scenario.reading import catalogue_entry
from satqn.scenario.resolve import to_yaml
from satqn.whatif.candidates import with_shell
from satqn.whatif.constellations import Candidate, SatelliteDesign
from satqn.whatif.tables import to_csv

LONGEST_NAME = 80


def write_satellites(design: SatelliteDesign, loaded: Loaded, source: str | Path, folder: Path) -> None:
    """Write a choice into the folder that keeps its points.

    Parameters
    ----------
    design
        The choice.
    loaded
        The scenario as it was read.
    source
        Catalogue name or file.
    folder
        Gets ``satellites.json``, ``satellites.csv``, ``front.png``, ``front.pdf``, ``report.html``,
        ``winner.yaml``, and ``best/N-satellites.yaml`` for every cost.
    """
    document = design.to_dict()
    figure = draw_front(document)
    with styled(), staged_folder(folder, "satellites.json") as stage:
        (stage / "satellites.json").write_text(
            json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        (stage / "satellites.csv").write_text(to_csv(document["constellations"]), encoding="utf-8")
        save_figure(figure, stage / "front")
        (stage / "report.html").write_text(satellites_page(figure, document), encoding="utf-8")
        short = catalogue_entry(str(source)) is not None and not loaded.changed
        (stage / "best").mkdir()
        for one in design.best_by_cost():
            text = _overlay(design, one, str(source), loaded) if short else _whole(design, one)
            (stage / "best" / f"{one.cost}-satellites.yaml").write_text(text, encoding="utf-8")
            if one is design.winner:
                (stage / "winner.yaml").write_text(text, encoding="utf-8")


def _title(design: SatelliteDesign, one: Candidate) -> str:
    words = shell_words(design.rows()[one.number])
    return f"# {design.grid.group}: {words}, by satqn design satellites: the best of {one.cost} or fewer.\n"


def _name(design: SatelliteDesign, one: Candidate) -> str:
    tail = f"-{one.cost}-{design.grid.group}"
    return design.scenario.name[: LONGEST_NAME - len(tail)] + tail


def _overlay(design: SatelliteDesign, one: Candidate, base: str, loaded: Loaded) -> str:
    """Return a scenario that extends one of the catalogue; a list is replaced as a whole."""
    groups: list[dict[str, Any]] = []
    for group in loaded.reading.data.get("satellites", []):
        if group["id"] != design.grid.group:
            groups.append(group)
        elif one.shell is not None:
            kept = {key: value for key, value in group.items() if key not in _WHERE}
            groups.append({**kept, "walker": one.shell.model_dump(mode="json")})
    data = {
        "format": "satqn-scenario",
        "schema_version": 2,
        "name": _name(design, one),
        "extends": base,
        "satellites": groups,
        "paths": {"mode": "generated"},
    }
    if design.scenario.crosslinks_between and one.shell is None:
        rules = with_shell(design.scenario, design.grid.group, None).crosslinks_between
        data["crosslinks_between"] = [rule.model_dump(mode="json", exclude_none=True) for rule in rules]
    return _title(design, one) + to_yaml(data)


_WHERE = frozenset({"walker", "orbits", "geostationary", "file", "omm"})


def _whole(design: SatelliteDesign, one: Candidate) -> str:
    """Return the scenario written out, which needs no other file."""
    scenario = with_shell(design.scenario, design.grid.group, one.shell)
    named = scenario.model_copy(update={"name": _name(design, one)})
    return _title(design, one) + to_yaml(named.model_dump(mode="json"))
