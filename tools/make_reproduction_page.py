"""Write the pages that are generated from a full run of `satqn reproduce`.

    satqn reproduce shao2025 -o OUT
    python tools/make_reproduction_page.py OUT

Each paper has its page, made from the claims, and its record, `docs/reference/claims/PAPER.json`. A run of
some experiments (`satqn reproduce S4 -o OUT`) replaces those; the others stay as they are in the record. In
`docs/explanation/published-and-physical.md` the part between the two marks is replaced by the table of
options, if the run has it.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from satqn.experiments.option_table import options_table
from satqn.experiments.registry import experiments
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


def merged(record: Path, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the experiments of a record with those of a run in their place, in the order of the paper."""
    known = json.loads(record.read_text(encoding="utf-8"))["experiments"] if record.is_file() else []
    by_id = {one["id"]: one for one in (*known, *new)}
    return [by_id[name] for name in experiments() if name in by_id]


def main(folder: Path) -> None:
    """Write pages and records from the files of one run."""
    document = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    if document["quick"]:
        raise SystemExit("the pages are made from a full run, not from a quick one")
    for paper, page in PAGES.items():
        new = [one for one in document["experiments"] if one["id"].split(".")[0] == paper]
        if new:
            record = DOCS / "reference" / "claims" / f"{paper}.json"
            whole = {"quick": False, "experiments": merged(record, new)}
            write_atomically(record, json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
            write_atomically(DOCS / "reference" / page, reproduction_page(whole))
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
