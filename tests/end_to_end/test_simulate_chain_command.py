"""`satqn simulate chain` from outside: JSON contract, resumption, bad files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from satqn.cli import main

GOOD = """
format: satqn-chain
version: 1
name: two links
links:
  - {count: 2, success_probability: 0.5, attempt_time_s: 1.0e-3, fidelity: 0.98}
memory:
  dephasing_time_s: 0.1
cutoff:
  time_s: 0.04
"""


@pytest.fixture
def chain_file(tmp_path: Path) -> Path:
    path = tmp_path / "chain.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def answer(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["simulate", "chain", *words, "--json"]) == status
    return json.loads(capsys.readouterr().out)  # exactly one document


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["simulate", "chain", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_two_links(capsys: pytest.CaptureFixture[str], chain_file: Path, tmp_path: Path) -> None:
    written = tmp_path / "out.json"
    found = answer(capsys, str(chain_file), "--runs", "20000", "--seed", "5", "-o", str(written))
    assert json.loads(written.read_text(encoding="utf-8")) == found
    assert (found["status"], found["delivered_pairs"], found["seed"]) == ("done", 20000, 5)
    time = found["delivery_time_s"]
    spread = (time["high"] - time["low"]) / 2 / 1.96
    assert abs(time["mean"] - 1e-3 * 8 / 3) < 5 * spread
    assert 1 / time["mean"] == pytest.approx(found["rate_per_s"]["mean"])
    assert found["fidelity"]["low"] < found["fidelity"]["mean"] < 0.98
    assert sum(count for *_, count in found["time_histogram"]) == 20000
    used = found["elementary_pairs"]
    assert used["made"] == sum(used.values()) - used["made"]


def test_same_seed_same_answer_kept_or_not(capsys: pytest.CaptureFixture[str], chain_file: Path) -> None:
    words = (str(chain_file), "--runs", "3000")
    first = answer(capsys, *words)
    assert answer(capsys, *words) == first
    assert answer(capsys, *words, "--no-keep") == first
    assert answer(capsys, *words, "--seed", "2") != first


def test_a_target_that_is_not_reached_is_exit_status_4(
    capsys: pytest.CaptureFixture[str], chain_file: Path
) -> None:
    words = (str(chain_file), "--runs", "3000", "--target-relative-error")
    assert answer(capsys, *words, "1e-6", status=4)["status"] == "limit"
    assert answer(capsys, *words, "0.5")["status"] == "done"


def test_for_people(capsys: pytest.CaptureFixture[str], chain_file: Path) -> None:
    assert main(["simulate", "chain", str(chain_file), "--runs", "3000"]) == 0
    captured = capsys.readouterr()
    assert "delivery time, s" in captured.out
    assert "lost by cutoff" in captured.out
    assert captured.err == ""


def test_json_files_and_every_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = {
        "format": "satqn-chain", "version": 1,
        "links": [
            {"success_probability": 0.6, "attempt_time_s": 1e-3, "fidelity": 0.95, "state": "phase_flip"},
            {"count": 3, "success_probability": 1.0, "attempt_time_s": 2e-3, "bell_weights": [0.9, 0.05, 0.05, 0]},
        ],
        "memories": 4, "order": "nested", "sharing": "bound", "restart": "continuous",
        "memory": {"dephasing_time_s": 1, "depolarising_time_s": 2, "gaussian_dephasing_time_s": 3},
        "swap": {"success_probability": 0.8, "gate_noise": 0.01, "readout_error": 0.01},
        "purification": {"rounds": [1], "protocol": "bbpssw", "gate_noise": 0.01, "readout_error": 0.01},
        "cutoff": {"time_s": [0.02, 0.03, None], "age": "formed", "discards": "siblings"},
    }  # fmt: skip
    path = tmp_path / "chain.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = answer(capsys, str(path), "--runs", "600")
    assert (found["links"], found["restart"], found["delivered_pairs"]) == (4, "continuous", 600)
    assert found["events"]["purifications"] > 0


def test_all_faults_of_a_file_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        GOOD.replace("0.5,", "1.5,").replace("dephasing_time_s", "dephasing_time").replace("0.04", "-1"),
        encoding="utf-8",
    )
    said = refusal(capsys, str(path))
    assert "3 problems" in said
    for part in ("6:16: links.0.success_probability", "1.5", "'dephasing_time_s'", "10:3: cutoff.time_s"):
        assert part in said


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", "mapping"),
        ("links: [", "not valid YAML"),
        (GOOD.replace("fidelity: 0.98", "fidelity: 0.98, bell_weights: [1, 0, 0, 0]"), "either fidelity"),
        (GOOD.replace("fidelity: 0.98", "bell_weights: [1, 0.5, 0, 0]"), "1.5"),
        (GOOD.replace("time_s: 0.04", "time_s: [1, 2, 3, 4]"), "4 cut-off times"),
        (GOOD.replace("version: 1", "version: 2"), "not 2"),
        (GOOD.replace("links:\n", "links: []\nl:\n"), "links"),
    ],
)
def test_bad_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, seen: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    assert seen in refusal(capsys, str(path))


BIG = "links: [{count: 100000, success_probability: 0.5, attempt_time_s: 1.0e-3, fidelity: 0.98}]"
NEVER = "links: [{count: 2, success_probability: 1.0e-300, attempt_time_s: 1.0e-3, fidelity: 0.98}]"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (f"{BIG}\nmemories: 4096", "100000 links with 4096 memories need 82.4 GiB"),
        (f"{BIG}\nmemories: 90", "take at least 5.9e+11 steps"),
        (f"{NEVER}\ncutoff: {{time_s: 0.001}}", "link 1 waits 1e+300 times"),
        (NEVER.replace("1.0e-300", "1.0e-310"), "link 1 waits inf times"),
        (NEVER.replace("1.0e-300", "0.5").replace("1.0e-3", "1.0e-300"), "attempt time is 1e-300"),
        (
            "links: [{count: 2, success_probability: 0.5, attempt_time_s: 1, fidelity: 1}]\n"
            "swap: {success_probability: 1.0e-300}",
            "no pair was delivered in",
        ),
    ],
)
def test_what_would_never_end_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, body: str, seen: str
) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text(f"format: satqn-chain\nversion: 1\n{body}\n", encoding="utf-8")
    assert seen in refusal(capsys, str(path), "--no-keep")


def test_many_runs_are_refused_and_forced_ones_are_begun(
    capsys: pytest.CaptureFixture[str], chain_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for runs in ("99999999999999", "9" * 40):
        assert "--force" in refusal(capsys, str(chain_file), "--runs", runs)
    monkeypatch.setattr("satqn.simulate.monte_carlo.MOST_SECONDS", 1e-6)
    assert "--force" in refusal(capsys, str(chain_file), "--runs", "300")
    assert answer(capsys, str(chain_file), "--runs", "300", "--force")["delivered_pairs"] == 300


def test_effective_samples_are_shown_where_deliveries_remember(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text(f"{GOOD}memories: 4\nrestart: continuous\nsimultaneous: random\n", encoding="utf-8")
    found = answer(capsys, str(path), "--runs", "3000")
    assert 0 < found["effective_samples"]["delivery_time_s"] <= 3000
    assert main(["simulate", "chain", str(path), "--runs", "3000"]) == 0
    assert "effective samples" in capsys.readouterr().out


def test_bad_options(capsys: pytest.CaptureFixture[str], chain_file: Path, tmp_path: Path) -> None:
    name = str(chain_file)
    assert "nowhere.yaml" in refusal(capsys, str(tmp_path / "nowhere.yaml"))
    assert "deliveries is 0" in refusal(capsys, name, "--runs", "0")
    assert "seed is -1" in refusal(capsys, name, "--seed", "-1")
    assert "0 workers" in refusal(capsys, name, "--workers", "0")
    assert "cannot write" in refusal(capsys, name, "-o", str(tmp_path))
