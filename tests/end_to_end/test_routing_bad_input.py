"""Every row of the table of bad input of the routing specification, section 4, from the command line."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.routing_instances import document
from tests.published.test_routing_vectors import crossing

from satqn.cli import main

Fields = dict[str, Any]
METHODS = ["exact", "paper", "benders", "satellite-only", "random", "no-storage"]
GOOD: Fields = document(
    [("a", "m", 100), ("m", "n", [10, 0]), ("n", "b", 100)], [("a", "b", [1, 2])], slots=2,
    storage={"m": 30, "n": 30},
)  # fmt: skip


def written(folder: Path, fields: Fields, name: str = "instance.json") -> str:
    file = folder / name
    file.write_text(json.dumps(fields))  # NaN and Infinity are written as such
    return str(file)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def plan(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Fields, str]:
    status, out, err = run(capsys, "plan", *words, "--json")
    return status, json.loads(out), err


def changed(change: Callable[[Fields], object]) -> Fields:
    fields = copy.deepcopy(GOOD)
    change(fields)
    return fields


def put(*keys: Any, value: Any) -> Callable[[Fields], object]:
    """Return a change of one field; the last key is set, the others lead there."""

    def change(fields: Fields) -> None:
        place: Any = fields
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


NAN, INF = float("nan"), float("inf")
REFUSED: dict[str, tuple[Callable[[Fields], object], str, str]] = {
    "source is destination": (put("demands", 0, "destination", value="a"), "demands[0]", "'a'"),
    "unknown source": (put("demands", 0, "source", value="zz"), "demands[0]", "'zz'"),
    "unknown end": (put("links", 1, "ends", value=["m", "zz"]), "links[1]", "'zz'"),
    "unknown storage node": (put("storage_pairs", value=[["m", "zz"]]), "storage_pairs[0]", "'zz'"),
    "duplicate link": (lambda f: f["links"].append(f["links"][0] | {"ends": ["m", "a"]}), "links[3]", "a"),
    "duplicate node": (lambda f: f["nodes"].append(f["nodes"][0]), "nodes[4]", "a"),
    "duplicate demand": (lambda f: f["demands"].append(f["demands"][0]), "demands[1]", "k1"),
    "self link": (put("links", 0, "ends", value=["a", "a"]), "links[0]", "a"),
    "negative rate": (put("links", 0, "rate", value=-5), "links[0] (a–m).rate", "-5"),
    "negative rate in a slot": (put("links", 1, "rate", value=[1, -5]), "links[1] (m–n).rate", "-5"),
    "rate not a number": (put("links", 0, "rate", value=NAN), "links[0] (a–m).rate", "nan"),
    "infinite rate": (put("links", 0, "rate", value=INF), "links[0] (a–m).rate", "inf"),
    "too few rates": (put("links", 0, "rate", value=[1.0]), "links[0] (a–m).rate", "1"),
    "fidelity 0.25": (put("links", 0, "fidelity", value=0.25), "links[0] (a–m).fidelity", "0.25"),
    "fidelity above 1": (put("links", 0, "fidelity", value=1.01), "links[0] (a–m).fidelity", "1.01"),
    "fidelity not a number": (put("links", 0, "fidelity", value=NAN), "links[0] (a–m).fidelity", "nan"),
    "target above 1": (put("demands", 0, "target_fidelity", value=1.5), "demands[0] (k1).target_fidelity", "1.5"),
    "no target": (lambda f: f["demands"][0].pop("target_fidelity"), "demands[0] (k1).target_fidelity", "missing"),
    "negative weight": (put("demands", 0, "weight", value=[1, -1]), "demands[0] (k1).weight", "-1"),
    "infinite weight": (put("demands", 0, "weight", value=INF), "demands[0] (k1).weight", "inf"),
    "negative minimum": (put("demands", 0, "minimum_rate", value=-1), "demands[0] (k1).minimum_rate", "-1"),
    "negative store": (put("nodes", 2, "storage_pairs", value=-1), "nodes[2] (m).storage_pairs", "-1"),
    "store not a number": (put("nodes", 2, "storage_pairs", value=NAN), "nodes[2] (m).storage_pairs", "nan"),
    "no rate unit": (lambda f: f.pop("rate_unit"), "rate_unit", "missing"),
    "unknown rate unit": (put("rate_unit", value="pairs"), "rate_unit", "'pairs'"),
    "no slots": (put("slots", value=0), "slots", "0"),
    "stock above capacity": (
        put("initial_stock", value=[{"pair": ["m", "n"], "route": ["m", "n"], "pairs": 31}]), "initial_stock", "'m'",
    ),
    "unknown field": (put("links", 0, "fidelty", value=1.0), "fidelty", "fidelity"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_record_the_field_and_the_value(
    case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    change, place, value = REFUSED[case]
    file = written(tmp_path, changed(change))
    status, out, err = run(capsys, "plan", file, "-o", str(tmp_path / "plan.json"))
    assert (status, out) == (2, "")
    assert place in err
    assert value in err.replace(place, "", 1)
    assert not (tmp_path / "plan.json").exists()
    for words in (("instance", "describe", file), ("instance", "export", file)):
        assert run(capsys, *words)[:2] == (2, "")


def test_all_errors_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = ["source is destination", "negative rate", "fidelity above 1", "no rate unit"]
    fields = copy.deepcopy(GOOD)
    for case in cases:
        REFUSED[case][0](fields)
    _, _, err = run(capsys, "plan", written(tmp_path, fields))
    assert all(REFUSED[case][1] in err for case in cases)


def test_the_unchanged_instance_is_fine(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without this, every test above could pass for a reason of its own."""
    status, found, err = plan(capsys, written(tmp_path, GOOD))
    assert (status, found["status"], found["warnings"], err) == (0, "optimal", [], "")


@pytest.mark.parametrize("text", ["", "[]", "{", "a: [1", "\x00", '{"format": "satqn-plan", "version": 1}'])
def test_not_an_instance_at_all(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("broken.json", "broken.yaml"):
        (tmp_path / name).write_text(text)
        status, out, err = run(capsys, "plan", str(tmp_path / name))
        assert (status, out) == (2, "")
        assert name in err


@pytest.mark.parametrize("method", METHODS)
def test_a_disconnected_pair_gets_nothing_and_a_warning(
    method: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fields = document([("a", "b", [10, 0, 0]), ("c", "d", 5, 0.4)], [("a", "b"), ("c", "d")], slots=3)
    status, found, err = plan(capsys, written(tmp_path, fields), "--method", method)
    assert status == 0
    assert found["delivered_pairs"] == pytest.approx(10.0)
    assert "warning: demand k1 is disconnected in slot 2–3: rate 0 there" in err
    assert "k2" in err
    assert "0.4" in err  # F_e <= 1/2 deserves a second look


def test_without_storage_every_method_is_the_baseline_without(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fields = document([("a", "m", 100), ("m", "b", [10, 4])], [("a", "b", [1, 2])], slots=2)
    file = written(tmp_path, fields)
    found = {m: plan(capsys, file, "--method", m)[1] for m in ("exact", "paper", "benders", "no-storage")}
    assert {answer["objective_pairs"] for answer in found.values()} == {18.0}


@pytest.mark.parametrize("method", ["exact", "paper", "benders"])
def test_minimum_rates_in_conflict_name_the_demands(
    method: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Either demand alone could have its rate of 6 over the one link of 10, both cannot."""
    links = [("s1", "u", 10), ("s2", "u", 10), ("u", "v", 10), ("v", "d1", 10), ("v", "d2", 10)]
    fields = document(links, [("s1", "d1", 1.0, 6.0), ("s2", "d2", 1.0, 6.0)])
    file = written(tmp_path, fields)
    status, found, err = plan(capsys, file, "--method", method, "-o", str(tmp_path / "plan.json"))
    assert (status, found["status"], found["objective_pairs"]) == (3, "infeasible", None)
    assert found["conflict"] == {"demands": ["k1", "k2"], "slots": [1]}
    assert "k1, k2" in err
    assert not (tmp_path / "plan.json").exists()


def test_a_minimum_rate_without_any_path_is_infeasible(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fields = document([("a", "b", [10, 0])], [("a", "b", 1.0, 1.0)], slots=2)
    status, found, err = plan(capsys, written(tmp_path, fields))
    assert (status, found["conflict"]) == (3, {"demands": ["k1"], "slots": [2]})
    assert "demand k1" in err


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("limit", ["1e-9", "0.3"])
def test_a_time_limit_leaves_a_plan_and_a_bound(
    method: str, limit: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, out = str(tmp_path / "i.json"), tmp_path / "p.json"
    assert run(capsys, "instance", "generate", "--demands", "6", "--seed", "2", "-o", file)[0] == 0
    words = ("--method", method, "--gap", "0", "--time-limit", limit, "-o", str(out))
    status, found, _ = plan(capsys, file, *words)
    assert (status, found["status"]) in {(4, "time_limit"), (0, "optimal")}
    if limit == "1e-9":
        assert (status, found["objective_pairs"]) == (4, 0.0)
    assert found["bound_pairs"] >= found["objective_pairs"]
    assert run(capsys, "check", file, str(out))[:2] == (0, "ok\n")


def test_a_time_limit_with_a_minimum_rate_may_leave_no_plan(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    status, found, _ = plan(capsys, written(tmp_path, crossing(9.5)), "--time-limit", "1e-9", "-o", str(out))
    assert (status, found["status"], found["objective_pairs"]) == (4, "time_limit", None)
    assert not out.exists()


@pytest.mark.parametrize("delay_s", [0.0, 0.4, 0.9, 1.5, 2.5, 4.0])
def test_ctrl_c_at_any_time(delay_s: float, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Before the search begins there is nothing to keep; from then on there is always a plan."""
    file, out = str(tmp_path / "i.json"), tmp_path / "p.json"
    assert run(capsys, "instance", "generate", "--demands", "6", "--seed", "2", "-o", file)[0] == 0
    program = (
        "import sys; from satqn import cli; obey = cli.obey_signals\n"
        "cli.obey_signals = lambda: (print('ready', file=sys.stderr, flush=True), obey())\n"
        "cli.entry()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "plan", file, "--gap", "0", "-o", str(out), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    answer, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    if answer:
        assert json.loads(answer)["status"] == "interrupted"
        assert json.loads(out.read_text())["status"] == "interrupted"
        assert run(capsys, "check", file, str(out))[:2] == (0, "ok\n")
    else:
        assert "interrupted" in err
        assert not out.exists()
