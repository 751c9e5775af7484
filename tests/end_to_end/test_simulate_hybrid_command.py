"""`satqn simulate hybrid` from outside: JSON contract, CSV, bad input."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from satqn.cli import main

WORDS = ("simulate", "hybrid", "us-cities", "--pairs", "3", "--runs", "300")


def test_json_and_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    written = tmp_path / "replayed.csv"
    assert main([*WORDS, "--seed", "4", "-o", str(written), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["preset"], found["seed"], found["runs"], found["pairs"]) == ("physical", 4, 300, 3)
    assert {group["way"] for group in found["groups"]} == {"fibre", "hybrid"}
    with written.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == sum(group["promises"] for group in found["groups"])
    for row in rows:
        assert (
            float(row["planned_time_s_low"])
            <= float(row["planned_time_s"])
            <= float(row["planned_time_s_high"])
        )
        assert 0.0 <= float(row["rounds_delivered_share"]) <= 1.0


def test_text_is_a_table_for_every_question_and_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WORDS, "--attempts", "heralded", "--preset", "published"]) == 0
    text = capsys.readouterr().out
    for head in (
        "fibre, in",
        "fibre, at",
        "hybrid, at the target",
    ):
        assert head in text
    assert "rate over promise" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("simulate", "hybrid", "us-cities"), "--pairs"),
        ((*WORDS[:5], "--runs", "0"), "runs"),
        ((*WORDS[:3], "--pairs", "0"), "pairs"),
        ((*WORDS, "--workers", "0"), "workers"),
        ((*WORDS, "--pairs-file", "nowhere.csv"), "nowhere.csv"),
        (("simulate", "hybrid", "metro-pair", "--pairs", "2"), "metro-pair"),
    ],
)
def test_bad_input_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert message in captured.err
