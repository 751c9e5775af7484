"""Broken scenario files: what is said about each, to the letter.

The files are tests/golden/broken/*.yaml; what they name lies in parts/. After a message has been made better,
write the expected texts anew with ``SATQN_REGENERATE=1 pytest tests/unit/test_broken_scenarios.py`` and read
the difference.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from satqn.cli import main
from satqn.errors import EXIT_USAGE, InvalidFileError, SatqnError
from satqn.scenario.load import load_any
from satqn.topology.resolution import summary

FOLDER = Path(__file__).parents[1] / "golden" / "broken"
CASES = sorted(FOLDER.glob("*.yaml"))


@cache
def told(path: Path) -> SatqnError:
    with pytest.raises(SatqnError) as caught:
        summary(load_any(path.name))
    return caught.value


@pytest.fixture(autouse=True)
def _beside_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.delenv("SATQN_DATA", raising=False)


def test_there_are_at_least_forty() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_said(path: Path) -> None:
    text = f"{told(path)}\n"
    expected = path.with_suffix(".txt")
    if os.environ.get("SATQN_REGENERATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_fault_has_a_place_and_none_of_this_machine(path: Path) -> None:
    error = told(path)
    assert isinstance(error, InvalidFileError)
    assert str(FOLDER) not in str(error)
    for problem in error.problems:
        assert re.match(r"(parts/)?[\w-]+\.(yaml|csv|tle|json)(:\d+)*", problem.where), problem
        assert problem.what
        assert "input should" not in problem.what.lower()  # words of the library, not of the author
        assert len(set(error.problems)) == len(error.problems)


@pytest.mark.parametrize("name", ["altitude-in-metres", "csv-bad-row", "tle-bad-checksum", "not-a-mapping"])
def test_the_command_says_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", f"{name}.yaml"]) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: " + (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert main(["validate", f"{name}.yaml", "--json"]) == EXIT_USAGE
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    lines = [
        f"  {p['where']}: {p['what']}" + (f" ({p['fix']})" if p["fix"] else "") for p in document["problems"]
    ]
    assert err.splitlines()[1:] == lines
