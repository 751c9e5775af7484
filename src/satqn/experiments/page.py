"""All figures of a run with their claims on one page that opens in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from satqn.experiments.table import COLUMNS, claim_cells, notes_of, verdict_of
from satqn.reports.html import Part, image, page, paragraph, table


def reproduction_html(document: Mapping[str, Any], folder: Path) -> str:
    """Return the page as HTML, pictures inside.

    Parameters
    ----------
    document
        The content of ``claims.json``.
    folder
        Where the pictures are, as ``<id>.png``.
    """
    parts = []
    for experiment in document["experiments"]:
        claims = experiment["claims"]
        notes = notes_of(claims)
        picture = image((folder / f"{experiment['id']}.png").read_bytes(), experiment["title"])
        rows = table(COLUMNS, [claim_cells(claim, notes) for claim in claims]) if claims else ""
        below = "".join(paragraph(f"[{number}] {note}") for number, note in enumerate(notes, start=1))
        parts.append(Part(experiment["id"], picture + rows + below))
    return page("Reproduction", verdict_of(document), parts)
