"""Kills: commands are struck at every step of their writing, and at random moments, and then run again.

    python -m tests.adversarial.killer 300 --seed 1

After a strike every visible file is as an undisturbed run leaves it, or not there at all; SIGINT and SIGTERM end
with 130; the same command, run again, gives the results of an undisturbed run, and no temporary file is left.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.adversarial.tally import attack_by_command

DRIVER = """
import os, signal, sys, tempfile
signal_number, wanted, count = int(sys.argv[1]), int(sys.argv[2]), 0
def counted(function):
    def call(*words, **more):
        global count
        count += 1
        if count == wanted:
            os.kill(os.getpid(), signal_number)
        return function(*words, **more)
    return call
for name in ("fsync", "replace", "chmod", "mkdir"):
    setattr(os, name, counted(getattr(os, name)))
sys.argv = ["satqn", *sys.argv[3:]]
from satqn.cli import entry
entry()
"""
"""Runs satqn and strikes at a given call that writes."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command that writes.

    Parameters
    ----------
    name
        For the counts.
    words
        Its words; ``@`` stands for the folder.
    results
        Files that hold its results, whose bytes are the same in every run.
    """

    name: str
    words: tuple[str, ...]
    results: tuple[str, ...]

    def arguments(self, folder: Path) -> list[str]:
        """Return its words for a folder."""
        return [word.replace("@", str(folder)) for word in self.words]


CASES = (
    Case("instance generate", ("instance", "generate", "--slots", "2", "-o", "@/i.json"), ("i.json",)),
    Case(
        "sweep",
        ("sweep", "zhang2024", "--vary", "slots=1,2", "--set", "demands=1", "-o", "@/out"),
        ("out/points",),
    ),
)
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every visible file of a folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def results(case: Case, files: dict[str, bytes]) -> dict[str, object]:
    """Return the results of a case: numbers of points and bytes of other files, without times."""
    found: dict[str, object] = {}
    for name, content in files.items():
        if any(name == one or name.startswith(f"{one}/") for one in case.results):
            found[name] = json.loads(content) if name.endswith(".json") else content
    return found


def hidden(folder: Path) -> list[str]:
    """Return temporary files and folders that are left."""
    return [path.name for path in folder.rglob(".*")]


def run(case: Case, folder: Path) -> int:
    """Run a case undisturbed and return its exit status."""
    words = [sys.executable, "-m", "satqn", *case.arguments(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode


def strike_at_call(case: Case, folder: Path, number: signal.Signals, call: int) -> int:
    """Run a case that strikes itself at a call that writes, and return its exit status."""
    words = [sys.executable, "-c", DRIVER, str(int(number)), str(call), *case.arguments(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode


def strike_at_time(case: Case, folder: Path, number: signal.Signals, seconds: float) -> int:
    """Run a case that is struck from outside after some time, and return its exit status."""
    words = [sys.executable, "-m", "satqn", *case.arguments(folder)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(seconds)
        process.send_signal(number)
        return process.wait()


def judge(
    case: Case, folder: Path, expected: dict[str, bytes], status: int, number: signal.Signals
) -> list[str]:
    """Return what is wrong after a strike, and after the run that follows it."""
    faults = []
    allowed = {-int(number), 0} if number == signal.SIGKILL else {130, 0, -int(number)}
    if status not in allowed:
        faults.append(f"exit status {status} after {number.name}")
    whole = results(case, expected)
    for name, content in snapshot(folder).items():
        if name not in expected:
            faults.append(f"{name} is no file of this command")
        elif name.endswith(".json"):
            try:
                json.loads(content)
            except ValueError:
                faults.append(f"{name} is half-written")
        elif not content:
            faults.append(f"{name} is empty")
    for name, content in results(case, snapshot(folder)).items():
        if whole.get(name) != content:
            faults.append(f"{name} is another one after a strike")
    if run(case, folder) != 0:
        faults.append("the next run fails")
    after = snapshot(folder)
    if results(case, after) != whole:
        faults.append("the next run has other results")
    if set(after) != set(expected):
        faults.append(f"the next run leaves other files: {sorted(set(after) ^ set(expected))}")
    if left := hidden(folder):
        faults.append(f"temporary files are left: {left}")
    return [f"{case.name}: {fault}" for fault in faults]


def kill(count: int, seed: int, *, by_call: bool = False) -> tuple[Counter[str], list[str]]:
    """Strike so many times, and return the verdicts by number and the faults.

    Parameters
    ----------
    count
        Strikes.
    seed
        Of cases, signals and moments.
    by_call
        Whether every strike is at a call that writes; else every second one is at a random moment.
    """
    rng = random.Random(seed)
    verdicts: Counter[str] = Counter()
    faults: list[str] = []
    with TemporaryDirectory() as place:
        expected: dict[str, dict[str, bytes]] = {}
        lasts: dict[str, float] = {}
        for case in CASES:
            undisturbed = Path(place) / f"{case.name} undisturbed"
            undisturbed.mkdir()
            begun = time.monotonic()
            if run(case, undisturbed) != 0:
                raise RuntimeError(f"{case.name} fails without a strike")
            lasts[case.name] = time.monotonic() - begun
            expected[case.name] = snapshot(undisturbed)
        for strike in range(count):
            case = CASES[strike % len(CASES)]
            number = SIGNALS[strike // len(CASES) % len(SIGNALS)]
            folder = Path(place) / str(strike)
            folder.mkdir()
            if by_call or strike % 2:
                status = strike_at_call(case, folder, number, rng.randint(1, 6))
            else:
                status = strike_at_time(case, folder, number, rng.uniform(0.2, 1.0) * lasts[case.name])
            verdicts["struck" if status != 0 else "ended before the strike"] += 1
            verdicts[f"{case.name}, {number.name}"] += 1
            faults += judge(case, folder, expected[case.name], status, number)
    return verdicts, faults


if __name__ == "__main__":
    raise SystemExit(attack_by_command(__doc__, kill, str, most_told=20))
