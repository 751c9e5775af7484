"""``plan``, ``run``, ``sweep`` and ``compare`` say one thing about one scenario, as often as they are asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from satqn.cli import main

HOUR = ("--set", "time.horizon_s=3600")
SCENARIO = "metro-pair"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_one_number_and_one_bound_whoever_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = [said(capsys, "plan", SCENARIO, *HOUR) for _ in range(2)]
    compared = said(capsys, "compare", SCENARIO, *HOUR)["architectures"]
    run = said(capsys, "run", SCENARIO, *HOUR, "-o", str(tmp_path / "run"))
    swept = [
        said(
            capsys, "sweep", SCENARIO, "--vary", "time.horizon_s=3600,1200", "-o", str(tmp_path / name), *more
        )
        for name, more in (("sweep", ()), ("parts", ("--compare",)))
    ]
    whole = compared[-1]
    assert whole["name"] == "all together"
    numbers = [
        *planned, whole, run, run["architectures"][-1], swept[0]["points"][0]["results"][""],
        swept[1]["points"][0]["results"]["all together"],
    ]  # fmt: skip
    for key in ("objective_pairs", "delivered_pairs", "bound_pairs", "gap"):
        assert len({found[key] for found in numbers}) == 1, key
    assert {found["status"] for found in (*planned, whole, run)} == {"optimal"}
    assert {found["bound_covers"] for found in (*planned, run, *compared)} == {"pool"}
    for row in compared:
        assert row["objective_pairs"] <= whole["objective_pairs"]
        assert row["objective_pairs"] <= row["bound_pairs"] <= whole["bound_pairs"]
