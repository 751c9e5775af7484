"""Ctrl-C, SIGTERM, closed pipes and full disks: what is done is kept, and nothing ends in a traceback."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.small_scenario import SMALL

from satqn import api
from satqn.cli import entry, main
from satqn.interruption import asked_to_stop, interrupted_within, interruptible
from satqn.model.plan import LogLine
from satqn.runs import Watch
from satqn.simulate.executor import Workers

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def interrupt_myself(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def child(code: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=False,
        **more,
    )  # fmt: skip


def test_the_first_ctrl_c_asks_and_the_second_raises() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as outer:
        with interruptible() as inner:
            assert not asked_to_stop()
            interrupt_myself()
            assert inner.is_set()
            assert outer.is_set()
            assert asked_to_stop()
            with pytest.raises(KeyboardInterrupt):
                interrupt_myself()
        with interruptible() as later:
            assert later.is_set()
    assert not asked_to_stop()
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_hear_nothing_and_break_nothing() -> None:
    seen: list[bool] = []

    def work() -> None:
        with interruptible() as asked:
            seen.append(asked.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]


def test_what_compiled_code_makes_of_ctrl_c_is_recognised() -> None:
    def compiled() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise SystemError("returned a result with an exception set") from error

    with pytest.raises(SystemError) as made:
        compiled()
    assert interrupted_within(made.value)
    assert interrupted_within(KeyboardInterrupt())
    assert not interrupted_within(SystemError("a real one"))


@posix_only
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("ignored", [False, True], ids=["foreground", "background"])
def test_signals_end_the_program_with_130(name: str, ignored: bool) -> None:
    def before() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and satqn leaves it so
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    done = child(
        f"""
        import os, signal, sys, time
        from satqn import cli
        def build_app():
            def run(words):
                os.kill(os.getpid(), signal.{name})
                time.sleep(30)
            return run
        cli.build_app = build_app
        cli.entry()
        """,
        preexec_fn=before,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@posix_only
@pytest.mark.parametrize("after", ["time.sleep(30)", "raise RuntimeError('no compiled object yet')"])
def test_ctrl_c_that_a_callback_of_a_compiler_swallows_still_ends_the_program(after: str) -> None:
    done = child(
        f"""
        import ctypes, os, signal, time
        from satqn import cli
        def swallow():
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000):
                pass
        callback = ctypes.CFUNCTYPE(None)(swallow)
        def build_app():
            def run(words):
                callback()
                {after}
            return run
        cli.build_app = build_app
        cli.entry()
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@posix_only
def test_evaluate_keeps_finished_rows_after_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The signal comes while compiled code is at work, from a timer, as it does from a terminal."""

    @contextmanager
    def bar(title: str) -> Iterator[Any]:
        yield lambda done, total: interrupt_myself() if done >= 50 else None

    monkeypatch.setattr("satqn.commands.evaluate.progress_bar", bar)
    target = tmp_path / "pairs.csv"
    words = ["evaluate", "us-cities", "--pairs", "5000", "-o", str(target), "--set", "placement=greedy"]
    assert main(words) == 130
    with target.open(newline="", encoding="utf-8") as file:
        kept = list(csv.DictReader(file))
    assert 50 <= len(kept) < 5000
    assert f"stopped after {len(kept)} pairs" in capsys.readouterr().err
    whole = tmp_path / "whole.csv"
    assert main([*words[:3], str(len(kept)), "-o", str(whole), *words[6:]]) == 0
    with whole.open(newline="", encoding="utf-8") as file:
        assert [row["fibre_fidelity"] for row in csv.DictReader(file)][:25] == [
            row["fibre_fidelity"] for row in kept
        ][:25]


@posix_only
def test_a_run_over_pairs_keeps_its_report_after_ctrl_c(tmp_path: Path) -> None:
    watch = Watch(pairs=lambda done, total: interrupt_myself() if done >= 25 else None)
    page, summary = api.run(
        "us-cities", tmp_path / "out", overrides={"pairs": 2000, "placement": "greedy"}, watch=watch
    )
    assert summary["status"] == "interrupted"
    assert 25 <= summary["pairs"] < 2000
    assert page.is_file()


@posix_only
@pytest.mark.parametrize("compared", ["--compare", "--no-compare"])
def test_a_run_ends_with_130_and_no_line_says_optimal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], compared: str
) -> None:
    def bounds(line: LogLine) -> None:
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            interrupt_myself()

    @contextmanager
    def shown() -> Iterator[Watch]:
        yield Watch(bounds=bounds)

    monkeypatch.setattr("satqn.commands.run.work_shown", shown)
    scenario, out = tmp_path / "small.yaml", tmp_path / "out"
    scenario.write_text(SMALL)
    assert main(["run", str(scenario), "-o", str(out), compared]) == 130
    said = capsys.readouterr()
    assert "optimal" not in said.out + said.err
    assert "interrupted" in said.out
    summary = json.loads((out / "summary.json").read_text())
    assert summary["status"] == "interrupted"
    assert summary["simulation"] is None
    assert (out / "report.html").is_file()


def test_a_run_returns_the_status_of_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, out = tmp_path / "small.yaml", tmp_path / "out"
    scenario.write_text(SMALL)
    words = ["run", str(scenario), "-o", str(out), "--no-compare", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "optimal"
    assert main([*words, "--time-limit", "1e-9"]) == 4
    assert json.loads(capsys.readouterr().out)["status"] == "time_limit"
    assert main([*words, "--time-limit", "-1"]) == 2
    assert "--time-limit" in capsys.readouterr().err


ORPHANS = """
import multiprocessing, os, signal, sys, time
from satqn.simulate.executor import Workers

if __name__ == "__main__":
    with Workers(2) as workers:
        results = workers.results(time.sleep, [0.0] * 4 + [600.0] * 4)
        next(results)
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # a zombie waits for its parent to notice


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_workers_never_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    done = subprocess.run(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL
    workers = [int(word) for word in done.stdout.split()]
    assert len(workers) == 2
    until = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def test_tasks_in_this_process_are_not_torn_apart() -> None:
    finished: list[int] = []

    def task(number: int) -> int:
        if number == 2:
            interrupt_myself()
        finished.append(number)
        return number

    with pytest.raises(KeyboardInterrupt), Workers() as workers:
        for _ in workers.results(task, range(5)):
            pass
    assert finished == [0, 1, 2]


@posix_only
@pytest.mark.parametrize(
    "words", [["schema"], ["scenarios"], ["plan", "zhang2024", "--set", "slots=2"]], ids=" ".join
)
def test_a_reader_that_leaves_is_no_fault(words: list[str]) -> None:
    program = [sys.executable, "-m", "satqn", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=120) == 0
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "words", [["schema"], ["scenarios"], ["plan", "zhang2024", "--set", "slots=2"]], ids=" ".join
)
def test_a_full_disk_behind_standard_output_is_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "satqn", *words], stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: standard output: No space left on device"
    assert "Traceback" not in done.stderr


def test_ctrl_c_before_anything_has_begun_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def struck() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("satqn.cli.obey_signals", struck)
    with pytest.raises(SystemExit) as left:
        entry()
    assert left.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"
