"""``satqn compare``, ``sweep`` and ``diff`` from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.oracles.whatif_cases import TINY, tiny_scenario

from satqn.cli import main

ALTITUDE = "satellites.MEO.walker.altitude_km"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(tiny_scenario(tmp_path))


def test_compare_writes_a_folder_and_one_json_document(
    tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert main(["compare", tiny, "-o", str(folder), "--time-limit", "60", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((folder / "architectures.json").read_text(encoding="utf-8"))
    assert document["architectures"][-1]["name"] == "all together"
    assert {path.name for path in folder.iterdir()} == {
        f"architectures.{kind}" for kind in ("json", "csv", "pdf", "png")
    }
    assert main(["compare", tiny]) == 0
    printed = capsys.readouterr().out
    assert "without storage" in printed
    assert "All together: " in printed
    assert main(["compare", tiny, "--time-limit", "0"]) == 2
    assert "--time-limit" in capsys.readouterr().err


def test_sweep_writes_a_folder_and_resumes(
    tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    words = ["sweep", tiny, "--vary", f"{ALTITUDE}=8000,9000", "--vary", "target_fidelity=0.7,7",
             "-o", str(folder), "--metric", "served_share"]  # fmt: skip
    assert main([*words, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert ["error" in point for point in document["points"]] == [False, True, False, True]
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[ALTITUDE] for row in rows] == ["8000", "8000", "9000", "9000"]
    assert float(rows[0]["served_share"]) == document["points"][0]["results"][""]["served_share"]
    assert "target_fidelity" in rows[1]["error"]
    before = {path: path.stat().st_mtime_ns for path in (folder / "points").iterdir()}
    assert main(words) == 1
    assert {path: path.stat().st_mtime_ns for path in (folder / "points").iterdir()} == before
    assert (folder / "sweep.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    "words",
    [
        ["--vary", "satellites.MEO.walker.altitude=1,2"],
        ["--vary", "nonsense"],
        ["--vary", f"{ALTITUDE}=8000", "--metric", "median_fidelity"],
        ["--vary", f"{ALTITUDE}=8000", "--workers", "0"],
    ],
)
def test_sweep_refuses_before_it_writes(
    tiny: str, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", tiny, *words, "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_diff_says_what_differs(tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(TINY.replace("10000", "9000"), encoding="utf-8")
    assert main(["diff", tiny, tiny]) == 0
    assert capsys.readouterr().out == "scenarios: no difference\n"
    assert main(["diff", tiny, str(other)]) == 1
    assert f"{ALTITUDE}: 10000.0 → 9000.0" in capsys.readouterr().out
    assert main(["diff", tiny, str(other), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changes"][0]["key"] == ALTITUDE
    assert main(["diff", tiny, "nowhere"]) == 2
