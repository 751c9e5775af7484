"""Write the pages that are generated from a full run of `satqn reproduce`.

    satqn reproduce shao2025 -o OUT
    python tools/make_reproduction_page.py OUT

Each paper has its page, made from the claims. In `docs/explanation/published-and-physical.md` the part
between the two marks is replaced by the table of options, if the run has it.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from satqn.experiments.option_table import options_table
from satqn.experiments.table import reproduction_page
from satqn.files import write_atomically

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"shao2025": "reproduction.md", "zhang2024": "reproduction-zhang2024.md"}
"""Page of every paper."""

BEGIN, END = "<!-- generated: table of options -->", "<!-- end -->"


def read_columns(path: Path) -> dict[str, list[Any]]:
    """Return a CSV table by columns; a column of numbers only becomes numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(cells: list[str]) -> list[Any]:
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return list(cells)


def main(folder: Path) -> None:
    """Write both pages from the files of one run."""
    document = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    if document["quick"]:
        raise SystemExit("the pages are made from a full run, not from a quick one")
    papers = {experiment["id"].split(".")[0] for experiment in document["experiments"]}
    if len(papers) != 1:
        raise SystemExit(f"one page is about one paper, this run is about {', '.join(sorted(papers))}")
    write_atomically(DOCS / "reference" / PAGES[papers.pop()], reproduction_page(document))
    table_file = folder / "shao2025.options.csv"
    if not table_file.is_file():
        return
    page = DOCS / "explanation/published-and-physical.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = options_table(read_columns(table_file))
    write_atomically(page, f"{before}{BEGIN}\n{table}\n{END}{after}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tools/make_reproduction_page.py FOLDER")
    main(Path(sys.argv[1]))
