"""`satqn simulate PLAN` from outside: JSON contract, the instance beside the plan, exit codes, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.published.test_routing_vectors import VECTORS

import satqn.simulate.replay as replay_module
from satqn import cli
from satqn.routing.instance_file import load_instance
from satqn.routing.instance_writer import document_text
from satqn.routing.plan_file import plan_document
from satqn.routing.solve import Settings, solve

KEYS = {
    "status", "instance", "instance_sha256", "method", "slot_duration_s", "seed", "options", "runs", "promised_pairs",
    "delivered_pairs", "z", "z_of_chance", "reasons", "demands", "slots", "stores",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path / "cache"))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.main(["simulate", *words])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


@pytest.fixture
def plan(tmp_path: Path) -> str:
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(VECTORS["V2g"][0]))
    found = solve(load_instance(file), Settings(gap=0.0)).plan
    assert found is not None
    (tmp_path / "plan.json").write_text(document_text(plan_document(found)))
    return str(tmp_path / "plan.json")


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    status, out, _ = run(capsys, *words, "--json")
    assert status == 0
    return dict(json.loads(out))  # exactly one document


def test_promised_against_delivered(capsys: pytest.CaptureFixture[str], tmp_path: Path, plan: str) -> None:
    found = answer(capsys, plan, "--generation", "mean", "--runs", "300")
    assert set(found) == KEYS
    assert (found["status"], found["runs"]) == ("done", 300)
    assert found["promised_pairs"] == pytest.approx(20)
    assert found["delivered_pairs"] == {"mean": 20, "low": 20, "high": 20}
    assert found["z"] == 0
    written = tmp_path / "out" / "replay.json"
    found = answer(capsys, plan, "--runs", "300", "--seed", "5", "-o", str(written))
    assert json.loads(written.read_text()) == found
    assert 15 < found["delivered_pairs"]["low"] < found["delivered_pairs"]["mean"] < 19.5
    assert found["z"] < -4
    assert abs(found["z_of_chance"]) < 4
    assert found["seed"] == 5
    assert [slot["slot"] for slot in found["slots"]] == [1, 2, 3]
    assert [demand["id"] for demand in found["demands"]] == ["k1"]
    assert found["stores"][0]["pairs"]["made"] > 10
    assert answer(capsys, plan, "--runs", "300", "--seed", "5") == found
    gone = answer(capsys, plan, "--runs", "20", "--outage-probability", "1", "--outage-mean-slots", "2")
    assert gone["delivered_pairs"]["mean"] == 0
    assert gone["reasons"]["outage"]["mean"] == pytest.approx(20)


def test_an_extreme_z_is_told_in_words(capsys: pytest.CaptureFixture[str], plan: str) -> None:
    _, out, _ = run(capsys, plan, "--runs", "300", "--seed", "5")
    text = " ".join(out.split())
    assert "z: delivered less promised, in standard errors of the mean of 300 runs" in text
    assert "pairs fewer than promised (" in text
    assert "not chance, however small it is" in text
    assert "Most pairs are missing by" in text
    _, out, _ = run(capsys, plan, "--runs", "300", "--generation", "mean")
    assert "not chance" not in out
    _, out, _ = run(capsys, plan, "--runs", "20", "--outage-probability", "1", "--outage-mean-slots", "2")
    text = " ".join(out.split())
    assert "all: 20 pairs fewer than promised (100.00% of what was promised), in every run alike" in text


def test_the_tables_for_people(capsys: pytest.CaptureFixture[str], plan: str) -> None:
    status, out, err = run(capsys, plan, "--runs", "50", "--memory-coherence-s", "1000")
    assert status == 0
    for words in ("promised", "delivered", "k1", "synchronisation", "overflow"):
        assert words in out
    assert "slots of 1 s" in err


def test_the_instance_beside_the_plan_is_found_or_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plan: str
) -> None:
    status, _, err = run(capsys, plan, "--runs", "5")
    assert status == 0
    assert "instance.json" in err
    (tmp_path / "instance.json").rename(tmp_path / "elsewhere")
    status, out, err = run(capsys, plan, "--runs", "5")
    assert (status, out) == (2, "")
    assert "--instance" in err
    assert run(capsys, plan, "--runs", "5", "--instance", str(tmp_path / "elsewhere"))[0] == 0
    renamed = tmp_path / "renamed"
    renamed.write_text(json.dumps(VECTORS["V2g"][0] | {"name": "renamed"}))
    status, _, err = run(capsys, plan, "--runs", "5", "--instance", str(renamed))
    assert status == 0
    assert "names another instance" in err


def test_a_target_of_precision(capsys: pytest.CaptureFixture[str], plan: str) -> None:
    found = answer(capsys, plan, "--target-relative-error", "0.01")
    assert found["runs"] % 1024 == 0
    half = (found["delivered_pairs"]["high"] - found["delivered_pairs"]["low"]) / 2
    assert half <= 0.01 * found["delivered_pairs"]["mean"]
    status, out, err = run(capsys, plan, "--target-relative-error", "1e-6", "--runs", "300", "--json")
    assert status == 4
    assert (json.loads(out)["status"], json.loads(out)["runs"]) == ("limit", 300)
    assert "more --runs" in err


def test_ctrl_c_keeps_what_is_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, plan: str
) -> None:
    whole = answer(capsys, plan, "--runs", "1024", "--seed", "3")
    block, computed = replay_module.replay_block, []

    def stopped(task: Any) -> Any:
        if task.number == 2:
            raise KeyboardInterrupt
        computed.append(task.number)
        return block(task)

    monkeypatch.setenv("SATQN_CACHE_DIR", plan + ".cache")
    monkeypatch.setattr(replay_module, "replay_block", stopped)
    status, out, err = run(capsys, plan, "--runs", "1024", "--seed", "3", "--json")
    assert status == 130
    assert (json.loads(out)["status"], json.loads(out)["runs"]) == ("interrupted", 512)
    assert "start it again" in err
    monkeypatch.setattr(replay_module, "replay_block", block)
    assert answer(capsys, plan, "--runs", "1024", "--seed", "3") == whole
    assert computed == [0, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--runs", "0"], "number of runs is 0"),
        (["--runs", "-3"], "number of runs is -3"),
        (["--seed", "-1"], "seed is -1"),
        (["--workers", "0"], "workers"),
        (["--target-relative-error", "-1"], "target relative error is -1"),
        (["--generation", "lucky"], "lucky"),
        (["--generation", "binomial"], "attempts"),
        (["--generation", "mean", "--use-spare-pairs"], "spare"),
        (["--outage-probability", "2"], "outage probability is 2"),
        (["--memory-coherence-s", "nan"], "memory coherence is nan"),
        (["--instance", "nowhere.json"], "cannot read nowhere.json"),
        (["-o", "/proc/nothing/here.json"], "cannot write"),
    ],
)
def test_bad_input_is_named(
    capsys: pytest.CaptureFixture[str], plan: str, words: list[str], said: str
) -> None:
    status, out, err = run(capsys, plan, *words)
    assert status == 2
    assert said in err + out


def test_a_plan_that_cannot_be_is_refused(capsys: pytest.CaptureFixture[str], plan: str) -> None:
    fields = json.loads(Path(plan).read_text())
    fields["serve"][0]["rate"] = 1e6
    fields["serve"].append({"slot": 77, "path": "p9", "rate": 1.0})
    Path(plan).write_text(json.dumps(fields))
    status, _, err = run(capsys, plan)
    assert status == 2
    assert "the plan takes" in err
    assert "p9" in err
    Path(plan).write_text("{}")
    assert run(capsys, plan)[0] == 2
    assert run(capsys, plan + "x")[0] == 2
