"""Where commands write, and where they do not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from satqn.cli import main
from satqn.errors import EXIT_OK, EXIT_USAGE

SCENARIO = """\
study: plan
name: {name}
time: {{start: 2026-06-21T00:00:00Z, horizon_s: 600, slot_s: 600}}
ground:
  terminal: ground-60cm
  nodes: [{{id: A, lat_deg: 46.9, lon_deg: 7.4}}, {{id: B, lat_deg: 47.4, lon_deg: 8.5}}]
fibre: {{links: [{{ends: [A, B], length_km: 100}}]}}
demands: [{{id: k, source: A, destination: B}}]
"""
INSTANCE = {
    "format": "satqn-instance", "version": 1, "name": "x", "rate_unit": "pairs_per_slot", "slots": 1,
    "nodes": [{"id": "a", "kind": "base_station"}, {"id": "b", "kind": "base_station"}],
    "links": [{"ends": ["a", "b"], "rate": 10, "fidelity": 0.98}],
    "demands": [{"id": "k", "source": "a", "destination": "b", "target_fidelity": 0.8}],
}  # fmt: skip


@pytest.fixture
def inner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder some levels below one that is watched."""
    place = tmp_path / "outer" / "work"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == EXIT_USAGE
    return capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../escaped", "/{root}/escaped", "..", "a/../../b"])
def test_the_name_of_a_scenario_leads_nowhere(inner: Path, name: str) -> None:
    outside = everything(inner.parent.parent)
    name = name.replace("/{root}", str(inner.parent.parent))
    (inner / "s.yaml").write_text(SCENARIO.format(name=json.dumps(name)))
    assert main(["run", "s.yaml", "--no-compare"]) == EXIT_OK
    found = set(everything(inner.parent.parent)) - set(outside)
    assert len(list((inner / "results").iterdir())) == 1
    assert all(path.startswith(str(inner)) for path in found)


def test_a_run_does_not_overwrite_what_it_did_not_write(
    inner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inner / "s.yaml").write_text(SCENARIO.format(name="x"))
    for name in ("report.html", "plan.json", "summary.json", "notes.txt"):
        folder = inner / f"with-{name}"
        folder.mkdir()
        (folder / name).write_text("mine")
        assert name in refusal(capsys, "run", "s.yaml", "--no-compare", "-o", str(folder))
        assert everything(folder) == {str(folder / name): b"mine"}
    assert main(["run", "s.yaml", "--no-compare", "-o", str(folder), "--force"]) == EXIT_OK
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / "notes.txt").unlink()
    for _ in range(2):
        assert main(["run", "s.yaml", "--no-compare", "-o", str(folder)]) == EXIT_OK
    (folder / "summary.json").write_text("changed by hand")
    assert "summary.json" in refusal(capsys, "run", "s.yaml", "--no-compare", "-o", str(folder))


COMMANDS = {
    "plan": ["plan", "i.json", "-o", "OUT"],
    "simulate": ["simulate", "p.json", "--instance", "i.json", "--runs", "3", "-o", "OUT"],
    "simulate chain": ["simulate", "chain", "c.yaml", "--runs", "10", "-o", "OUT"],
    "resolve": ["resolve", "s.yaml", "-o", "OUT"],
    "instance": ["instance", "generate", "--slots", "1", "-o", "OUT"],
    "export": ["export", "geojson", "s.yaml", "-o", "OUT"],
    "evaluate": ["evaluate", "h.yaml", "--pairs", "2", "-o", "OUT"],
}  # fmt: skip


@pytest.fixture
def inputs(inner: Path) -> Path:
    (inner / "s.yaml").write_text(SCENARIO.format(name="x"))
    (inner / "h.yaml").write_text("extends: us-cities\nname: h\n")
    (inner / "i.json").write_text(json.dumps(INSTANCE))
    (inner / "c.yaml").write_text(
        "format: satqn-chain\nversion: 1\nlinks: [{success_probability: 0.5, attempt_time_s: 1e-3, fidelity: 0.98}]\n"
    )
    assert main(["plan", "i.json", "-o", "p.json"]) == EXIT_OK
    return inner


@pytest.mark.parametrize("command", COMMANDS)
def test_only_regular_files_that_are_no_inputs(
    command: str, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = COMMANDS[command]
    os.mkfifo("pipe.json")
    Path("real.json").write_text("kept")
    Path("link.json").symlink_to("real.json")
    before = everything(inputs)
    read = next((word for word in words if word in before or (inputs / word).is_file()), "link.json")
    for place in ("/dev/null", "pipe.json", "link.json", str(inputs), read):
        told = refusal(capsys, *(word.replace("OUT", place) for word in words))
        assert "error: " in told
        assert "Traceback" not in told
    assert everything(inputs) == before
    assert Path("/dev/null").is_char_device()
    Path("whole.json").write_text("")
    Path("whole.json").chmod(0o600)
    assert main([word.replace("OUT", "whole.json") for word in words]) == EXIT_OK
    assert Path("whole.json").stat().st_mode & 0o777 == 0o600
    assert Path("whole.json").stat().st_size


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname"])
def test_station_files_obey_the_rule_for_files(
    name: str, inner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inner.parent / "secret.json").write_text('["New-York"]')
    (inner / "s.yaml").write_text(f"study: hybrid\nname: h\npairs: 3\nground_stations: {{file: {name}}}\n")
    assert "leaves the folder" in refusal(capsys, "validate", "s.yaml")
    for words in (
        ["validate", "us-cities", "--set", f"ground_stations.file={name}"],
        ["validate", "us-cities", "--set", f"ground_stations={{file: {name}}}"],
        ["plan", "metro-pair", "--set", f"ground.csv={name}"],
        [
            "validate",
            "metro-pair",
            "--set",
            f"satellites=[{{id: M, file: {{path: {name}}}, terminal: satellite-30cm}}]",
        ],
        ["sweep", "metro-pair", "--vary", f"ground.csv={name}", "-o", "out"],
    ):
        assert "leaves the folder" in refusal(capsys, *words)


def test_what_was_stopped_does_not_replace_what_is_whole(
    inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from satqn import api

    words = ["evaluate", "us-cities", "--pairs", "3", "-o", "out.csv"]
    assert main(words) == EXIT_OK
    whole = Path("out.csv").read_text()
    evaluate = api.evaluate

    def stopped(system, pairs, **options):
        raise api.EvaluationInterrupted(evaluate(system, pairs - 1, **options))

    monkeypatch.setattr(api, "evaluate", stopped)
    assert main(words) == 130
    assert Path("out.csv").read_text() == whole
    assert len(Path("out.partial.csv").read_text().splitlines()) == 3
