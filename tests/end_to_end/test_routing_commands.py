"""`satqn plan`, `satqn check`, `satqn instance` from outside: JSON contract, exit codes, bad input."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.routing_instances import document
from tests.published.test_routing_vectors import VECTORS, crossing

from satqn.cli import main

METHODS = ["exact", "paper", "benders"]
KEYS = {
    "status", "objective_pairs", "delivered_pairs", "bound_pairs", "gap", "bound_covers", "method", "iterations",
    "cuts", "wall_s",
}  # fmt: skip


def written(folder: Path, fields: dict[str, Any], name: str = "instance.json") -> str:
    file = folder / name
    file.write_text(json.dumps(fields))
    return str(file)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    status, out, _ = run(capsys, *words, "--json")
    return status, json.loads(out)  # exactly one document


@pytest.mark.parametrize("method", METHODS)
def test_plan_and_check(capsys: pytest.CaptureFixture[str], tmp_path: Path, method: str) -> None:
    file, plan = written(tmp_path, VECTORS["V2g"][0]), str(tmp_path / "plan.json")
    status, found = answer(capsys, "plan", file, "--method", method, "--gap", "0", "-o", plan)
    assert status == 0
    assert set(found) >= KEYS
    assert (found["status"], found["method"], found["bound_covers"]) == ("optimal", method, "pool")
    assert found["objective_pairs"] == pytest.approx(40)
    assert found["cuts"]["feasibility"] == 0
    assert run(capsys, "check", file, plan) == (0, "ok\n", "")
    made = json.loads(Path(plan).read_text())
    assert made["format"] == "satqn-plan"
    assert made["log"]
    made["serve"][0]["rate"] *= 1.1
    Path(plan).write_text(json.dumps(made))
    status, out, _ = run(capsys, "check", file, plan)
    assert status == 1
    assert "C" in out
    status, found = answer(capsys, "check", file, plan)
    assert status == 1
    assert found["ok"] is False
    assert {"constraint", "index", "amount", "detail"} <= set(found["violations"][0])


def test_a_plan_for_another_instance_is_pointed_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, plan = written(tmp_path, VECTORS["V1"][0]), str(tmp_path / "plan.json")
    assert run(capsys, "plan", file, "-o", plan)[0] == 0
    other = copy.deepcopy(VECTORS["V1"][0]) | {"name": "renamed"}
    status, out, err = run(capsys, "check", written(tmp_path, other, "other.json"), plan)
    assert (status, out) == (0, "ok\n")
    assert "names another instance" in err


@pytest.mark.parametrize("method", METHODS)
def test_infeasible_names_the_demand_and_exits_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, method: str
) -> None:
    file, plan = written(tmp_path, crossing(11.0)), tmp_path / "plan.json"
    status, out, err = run(capsys, "plan", file, "--method", method, "--json", "-o", str(plan))
    assert status == 3
    assert "demand k1 cannot get its minimum rate in slot 1" in err
    found = json.loads(out)
    assert found["status"] == "infeasible"
    assert found["objective_pairs"] is None
    assert found["conflict"] == {"demands": ["k1"], "slots": [1]}
    assert not plan.exists()


def test_feasibility_cuts_are_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = written(tmp_path, crossing(9.5))
    for method in ("paper", "benders"):
        _, found = answer(capsys, "plan", file, "--method", method, "--gap", "0")
        assert found["objective_pairs"] == pytest.approx(12)
        assert found["cuts"]["feasibility"] > 0


def test_a_time_limit_exits_4_with_a_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, plan = str(tmp_path / "i.json"), str(tmp_path / "p.json")
    assert run(capsys, "instance", "generate", "--seed", "2", "--demands", "6", "-o", file)[0] == 0
    status, found = answer(capsys, "plan", file, "--time-limit", "1", "--gap", "0", "-o", plan)
    assert status == 4
    assert found["status"] == "time_limit"
    assert found["bound_pairs"] > found["objective_pairs"] > 0
    assert found["gap"] == pytest.approx(found["bound_pairs"] / found["objective_pairs"] - 1)
    assert run(capsys, "check", file, plan)[0] == 0


@pytest.mark.parametrize("method", ["exact", "benders"])
def test_ctrl_c_writes_the_plan_and_exits_130(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, method: str
) -> None:
    file, plan = str(tmp_path / "i.json"), tmp_path / "p.json"
    assert run(capsys, "instance", "generate", "--seed", "2", "--demands", "6", "-o", file)[0] == 0
    words = ["plan", file, "--method", method, "--gap", "0", "-o", str(plan), "--json"]
    program = "import sys; from satqn.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ,
    )  # fmt: skip
    time.sleep(6.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert json.loads(out)["status"] == "interrupted"
    assert json.loads(plan.read_text())["status"] == "interrupted"
    assert run(capsys, "check", file, str(plan))[0] == 0


@pytest.mark.parametrize("method", ["satellite-only", "random", "no-storage"])
def test_baselines(capsys: pytest.CaptureFixture[str], tmp_path: Path, method: str) -> None:
    file, plan = str(tmp_path / "i.json"), str(tmp_path / "p.json")
    assert run(capsys, "instance", "generate", "--slots", "3", "-o", file)[0] == 0
    status, found = answer(capsys, "plan", file, "--method", method, "--seed", "3", "-o", plan)
    assert (status, found["status"], found["method"]) == (0, "optimal", method)
    assert found["bound_covers"] == ("drawn_paths" if method == "random" else "pool")
    assert run(capsys, "check", file, plan)[0] == 0
    assert answer(capsys, "plan", file)[1]["objective_pairs"] >= found["objective_pairs"]


def test_a_disconnected_slot_is_a_warning_not_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fields = copy.deepcopy(VECTORS["V1"][0])
    fields["links"][0]["rate"] = [10, 0]
    status, out, err = run(capsys, "plan", written(tmp_path, fields), "--json")
    assert status == 0
    assert json.loads(out)["objective_pairs"] == pytest.approx(10)
    assert "warning: demand k1 is disconnected in slot 2" in err


def test_bad_files_and_options_exit_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good = written(tmp_path, VECTORS["V1"][0])
    fields = copy.deepcopy(VECTORS["V1"][0])
    fields["links"][0]["rate"] = -1
    del fields["rate_unit"]
    bad = written(tmp_path, fields, "bad.json")
    status, out, err = run(capsys, "plan", bad)
    assert (status, out) == (2, "")
    assert "2 problems in" in err
    assert "rate_unit: this field is missing" in err
    assert "links[0] (a–b).rate" in err
    plan = str(tmp_path / "plan.json")
    assert run(capsys, "plan", good, "-o", plan)[0] == 0
    for words in (
        ("plan", "nowhere.json"), ("plan", good, "--gap", "-1"), ("plan", good, "--gap", "nan"),
        ("plan", good, "--time-limit", "0"), ("plan", good, "--workers", "0"), ("plan", good, "--method", "magic"),
        ("plan", good, "--seed", "-1"), ("plan", good, "-o", "/proc/none/plan.json"), ("check", bad, plan),
        ("check", good, bad), ("check", good, "nowhere.json"), ("instance", "describe", bad),
        ("instance", "export", bad), ("instance", "generate", "--demands", "7"),
        ("instance", "generate", "network", "--visibility", "2"), ("instance", "generate", "--cities", "3"),
        ("plan", good, "--convergence", "figure.txt"),
    ):  # fmt: skip
        status, out, err = run(capsys, *words)
        assert status == 2, words
        assert out == "", words


def test_explanations_and_convergence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, figure = written(tmp_path, VECTORS["V2g"][0]), tmp_path / "convergence.png"
    status, out, _ = run(capsys, "plan", file, "--explain", "--convergence", str(figure))
    assert status == 0
    assert "One more pair" in out
    assert figure.read_bytes().startswith(b"\x89PNG")
    _, found = answer(capsys, "plan", file, "--explain")
    assert found["explanation"]["prices"]


def test_instance_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = str(tmp_path / "net.json")
    words = [
        "instance",
        "generate",
        "network",
        "--cities",
        "3",
        "--stations",
        "2",
        "--demands",
        "4",
        "--slots",
        "5",
    ]
    assert run(capsys, *words, "-o", file)[0] == 0
    _, first, _ = run(capsys, *words)
    assert first == Path(file).read_text()  # the same seed gives the same bytes
    status, size = answer(capsys, "instance", "describe", file)
    assert status == 0
    assert (size["nodes"], size["demands"], size["slots"]) == (3 * 2 + 6 + 6, 4, 5)
    for form in ("lp", "mps"):
        status, out, _ = run(capsys, "instance", "export", file, "--format", form)
        assert status == 0
        assert "x.k1.p" in out
    for which in ("instance", "plan"):
        status, out, _ = run(capsys, "instance", "schema", which)
        assert json.loads(out)["type"] == "object"


def test_terminals_from_file_to_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fields = document([("a", "sat", 100), ("b", "sat", 50)], [("a", "sat", 1), ("b", "sat", 3)],
                      terminals={"sat": 1})  # fmt: skip
    file, plan = written(tmp_path, fields), str(tmp_path / "plan.json")
    status, size = answer(capsys, "instance", "describe", file)
    assert (status, size["shared_limits"]) == (0, 1)
    status, out, _ = run(capsys, "plan", file, "--gap", "0", "--explain", "-o", plan)
    assert status == 0
    assert "Price at the margin of one more terminal at sat: 150" in out
    assert run(capsys, "check", file, plan) == (0, "ok\n", "")
    # Half a terminal less: the same plan no longer fits.
    fields["nodes"][2]["terminals"] = 0.5
    status, out, _ = run(capsys, "check", written(tmp_path, fields, "fewer.json"), plan)
    assert status == 1
    assert out.splitlines()[0].startswith(
        "C7 at terminals of node sat, slot 1: 1 where at most 0.5 is allowed"
    )
    fields["nodes"][2]["terminals"] = 0
    status, _, err = run(capsys, "plan", written(tmp_path, fields, "none.json"))
    assert status == 2
    assert "nodes[2] (sat).terminals" in err
