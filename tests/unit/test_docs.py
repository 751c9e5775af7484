"""The pages and the program say the same."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from satqn.cli import COMMANDS
from satqn.experiments.registry import select
from satqn.experiments.table import reproduction_page, verdict_of
from satqn.model.options import PHYSICAL, PUBLISHED
from satqn.scenario.load import load_any

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def options_table() -> dict[str, list[str]]:
    rows = {}
    for line in (ROOT / "docs/reference/options.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows[cells[0].strip("`")] = cells[-2:]
    return rows


def test_every_option_is_on_the_page_with_the_values_of_both_presets() -> None:
    table = options_table()
    assert set(table) == set(asdict(PHYSICAL))
    for name, cells in table.items():
        for cell, preset in zip(cells, (PUBLISHED, PHYSICAL), strict=True):
            value = asdict(preset)[name]
            assert cell.strip("`") == ("none" if value is None else str(value)), name


def test_every_command_is_on_the_page() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"## satqn {name}" in text, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_two_commands_of_the_readme_are_where_ci_looks_for_them() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, needed in (("run", "satqn run"), ("tests", "pytest")):
        block = re.search(rf"<!-- {name} -->\n```\n(.*)\n```", text)
        assert block is not None
        assert needed in block.group(1)
        assert block.group(1).startswith("python3 -m venv .venv && ")


@pytest.mark.parametrize(
    ("paper", "page"), [("shao2025", "reproduction.md"), ("zhang2024", "reproduction-zhang2024.md")]
)
def test_pages_of_claims_are_their_records_and_the_readme_says_the_same(paper: str, page: str) -> None:
    record = json.loads((ROOT / f"docs/reference/claims/{paper}.json").read_text(encoding="utf-8"))
    assert not record["quick"]
    assert [one["id"] for one in record["experiments"]] == [one.id for one in select([paper])]
    assert (ROOT / "docs/reference" / page).read_text(encoding="utf-8") == reproduction_page(record)
    counted = verdict_of(record).split(" judged claims")[0]
    assert counted in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_the_index_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([^)#\s]+)", (ROOT / "docs/README.md").read_text(encoding="utf-8")))
    rooms = ("how-to", "explanation", "reference")
    pages = {f"{room}/{page.name}" for room in rooms for page in (ROOT / "docs" / room).glob("*.md")}
    assert pages - listed == set(), "put a line into docs/README.md"


def test_scenarios_of_the_page_about_scenarios_are_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/how-to/write-a-scenario.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        assert load_any(file).scenario.name in block
