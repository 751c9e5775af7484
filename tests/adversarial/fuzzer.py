"""Mutants of every kind of file, given to the commands that read it; what must hold holds for all of them.

A long run, with counts: ``python -m tests.adversarial.fuzzer --count 1000`` (of every kind; ``--kind``,
``--seed``, ``--keep FOLDER`` for the files that break something).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.adversarial import seeds
from tests.adversarial.mutations import EVIL, changed_numbers, mutant

from satqn.cli import main

ALLOWED = {0, 1, 2, 3, 4}
LONGEST_TEXT = 60_000
"""Characters of stdout and stderr together of a command that refuses a file."""
LIMIT_S = 60
"""Seconds after which a command counts as one that never ends; on a busy machine too."""
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class TooSlow(BaseException):
    """A command did not end."""


@dataclass
class Found:
    """What a run found: exit codes by kind, and the cases that broke a rule."""

    codes: Counter[tuple[str, Any]] = field(default_factory=Counter)
    broken: list[tuple[str, str, bytes]] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)


def call(words: list[str], limit_s: float = LIMIT_S) -> tuple[int | None, str, str, str]:
    """Return exit status, stdout, stderr, and what went wrong, of one command in this process."""
    out, err = io.StringIO(), io.StringIO()

    def ring(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: what is raised while a library calls back into Python is lost.
    signal.setitimer(signal.ITIMER_REAL, limit_s, 1.0)
    status: int | None = None
    fault = ""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            status = main(words)
    except TooSlow:
        fault = f"never ends: {traceback.format_exc(limit=-6)}"
    except BaseException:  # SystemExit and the like are faults, too: main returns a status
        fault = traceback.format_exc(limit=-8)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return status, out.getvalue(), err.getvalue(), fault


def fault_of(status: int | None, out: str, err: str, fault: str) -> str:
    """Return which rule a command broke, or nothing."""
    if fault:
        return fault
    if status not in ALLOWED:
        return f"exit status {status}: {err[-300:]}"
    if "Traceback" in err or "Traceback" in out:
        return err[-2000:]
    if status == 2 and len(out) + len(err) > LONGEST_TEXT:
        return f"{len(out) + len(err)} characters: {err[:300]}"
    if OBEYED.search(err) or OBEYED.search(out):
        return f"raw control characters: {(err + out)[:300]!r}"
    return ""


Kind = Callable[[random.Random, Path], Iterator[list[str]]]


def _file(name: str, content: bytes) -> None:
    Path(name).write_bytes(content)


def _scenario(rng: random.Random) -> bytes:
    whole = rng.choice([seeds.scenario(), seeds.scenario(), seeds.HYBRID, seeds.CASE_STUDY])
    return mutant(json.dumps(whole).encode(), rng)


def scenario(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    _file("case.yaml", _scenario(rng))
    yield ["validate", "case.yaml", *rng.choice([[], ["--json"]])]
    if rng.random() < 0.5:
        yield ["resolve", "case.yaml"]
    if rng.random() < 0.15:
        yield ["plan", "case.yaml", "--time-limit", "2"]


def warm_up() -> None:
    """Load and compile everything once: the time limit is for work, not for a first call on a slow machine."""
    _file("seed.yaml", json.dumps(seeds.scenario()).encode())
    _file("seed.chain", json.dumps(seeds.CHAIN).encode())
    _file("instance.json", json.dumps(seeds.INSTANCE).encode())
    for words in (
        ["plan", "instance.json", "-o", "seed.plan"],
        ["simulate", "seed.plan", "--instance", "instance.json", "--runs", "1"],
        ["simulate", "chain", "seed.chain", "--runs", "1"],
        ["plan", "seed.yaml"],
    ):
        status, _, err, fault = call(words, 900.0)
        if fault or status not in ALLOWED:
            raise RuntimeError(f"{words}: {err}{fault}")


def instance(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    name = rng.choice(["case.json", "case.json", "case.yaml"])
    _file(name, mutant(json.dumps(seeds.INSTANCE).encode(), rng))
    yield ["plan", name, "--time-limit", "2", *rng.choice([[], ["--json"], ["--explain"]])]


def numbers(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    """Scenarios and instances that have the right shape, and numbers of any size."""
    if rng.random() < 0.5:
        _file("case.json", json.dumps(changed_numbers(seeds.INSTANCE, rng)).encode())
        yield ["plan", "case.json", "--time-limit", "2", "-o", "made.json"]
        if Path("made.json").exists():
            yield ["check", "case.json", "made.json"]
            Path("made.json").unlink()
        return
    _file("case.yaml", json.dumps(changed_numbers(seeds.scenario(), rng)).encode())
    yield ["validate", "case.yaml"]
    yield ["resolve", "case.yaml"]
    yield ["plan", "case.yaml", "--time-limit", "2"]


def plan(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    name = rng.choice(["case.json", "case.json", "case.yaml"])
    _file(name, mutant(Path("seed.plan").read_bytes(), rng))
    yield ["check", "instance.json", name]
    if rng.random() < 0.2:
        yield ["simulate", name, "--instance", "instance.json", "--runs", "2"]


def chain(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    _file("case.yaml", mutant(json.dumps(seeds.CHAIN).encode(), rng))
    yield ["simulate", "chain", "case.yaml", "--runs", "3"]


def elements(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    _file("sats", mutant(rng.choice([seeds.TLE, seeds.OMM]).encode(), rng))
    group = [{"id": "S", "file": {"path": "sats"}, "terminal": "satellite-30cm"}]
    _file("case.yaml", json.dumps(seeds.scenario(satellites=group)).encode())
    yield ["validate", "case.yaml"]


def topology(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    name, text = rng.choice([("net.graphml", seeds.GRAPHML), ("net.json", seeds.TOPOLOGY)])
    _file(name, mutant(text.encode(), rng))
    whole = seeds.scenario(ground={"terminal": "ground-60cm", "topology": {"file": name}}, fibre={})
    _file("case.yaml", json.dumps(whole).encode())
    yield ["validate", "case.yaml"]


def table(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    _file("nodes.csv", mutant(seeds.TABLE.encode(), rng))
    whole = seeds.scenario(ground={"terminal": "ground-60cm", "csv": "nodes.csv"}, fibre={})
    _file("case.yaml", json.dumps(whole).encode())
    yield ["validate", "case.yaml"]


def option(rng: random.Random, folder: Path) -> Iterator[list[str]]:
    keys = ["time.start", "time.slot_s", "satellites.0.walker.planes", "ground.nodes.0.id", "ground.nodes.²", "name",
            "paths.real", "fibre.links.0.ends", "hardware.x", "demands", "solver.gap", "", ".", "a.b.c", "seed"]  # fmt: skip
    value = rng.choice(
        [str(rng.choice(EVIL))[:50_000], "[" * 500, "&a [*a]", "!!x 1", "{a: ", "*b", "1:2:3", "1:2:²"]
    )
    _file("case.yaml", json.dumps(seeds.scenario()).encode())
    word = f"{rng.choice(keys)}={value}".replace("\0", "")
    yield rng.choice([
        ["validate", "case.yaml", "--set", word], ["resolve", "case.yaml", "--set", word],
        ["sweep", "case.yaml", "--vary", word.replace("=1,", "="), "-o", "out", "--metric", "x"],
    ])  # fmt: skip


KINDS: dict[str, Kind] = {
    "scenario": scenario, "instance": instance, "numbers": numbers, "plan": plan, "chain": chain, "elements": elements,
    "topology": topology, "table": table, "option": option,
}  # fmt: skip


def run(kinds: dict[str, int], seed: int = 0, keep: Path | None = None) -> Found:
    """Make so many mutants of every kind, give them to satqn, and return what was found."""
    found = Found()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as above:
        work = Path(above) / "a" / "work"
        work.mkdir(parents=True)
        os.chdir(work)
        try:
            warm_up()
            for kind, count in kinds.items():
                for number in range(count):
                    _one(kind, random.Random(f"{seed}-{kind}-{number}"), work, found, keep)
        finally:
            os.chdir(here)
        outside = [path for path in Path(above).rglob("*") if path.is_file() and work not in path.parents]
        if outside:
            found.broken.append(("outside", str(outside), b""))
    return found


def _one(kind: str, rng: random.Random, work: Path, found: Found, keep: Path | None) -> None:
    statuses: dict[str, int | None] = {}
    for words in KINDS[kind](rng, work):
        started = time.perf_counter()
        status, out, err, fault = call(words)
        if time.perf_counter() - started > 15 and keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            for path in work.glob("case*"):
                (keep / f"slow-{kind}-{found.codes.total()}-{path.name}").write_bytes(path.read_bytes())
        found.slowest[kind] = max(found.slowest.get(kind, 0.0), time.perf_counter() - started)
        found.codes[kind, status] += 1
        statuses[words[0]] = status
        broken = fault_of(status, out, err, fault)
        if not broken and statuses.get("validate") == 2 and status == 0:
            broken = f"validate refuses what {words[0]} takes"
        if not broken and statuses.get("validate") == 0 and words[0] == "resolve" and status != 0:
            broken = f"validate takes what resolve refuses: {err[:500]}"
        if not broken and words[0] == "check" and "made.json" in words and status != 0:
            broken = f"satqn refuses its own plan: {(out + err)[:500]}"
        if broken:
            files = b"\n".join(
                b"== %s\n%s" % (path.name.encode(), path.read_bytes())
                for path in work.iterdir()
                if path.is_file()
            )
            found.broken.append((f"{kind}: {' '.join(words)[:300]}", broken, files))
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{len(found.broken):04d}.txt").write_bytes(f"{words}\n{broken}\n".encode() + files)


def report(found: Found) -> str:
    """Return counts by kind and exit status, and the rules that were broken, the same ones together."""
    lines = [
        f"{kind:<10} exit {status}: {count}" for (kind, status), count in sorted(found.codes.items(), key=str)
    ]
    lines += [f"{kind:<10} slowest {seconds:.1f} s" for kind, seconds in found.slowest.items()]
    groups = Counter(what.strip().splitlines()[-1][:160] for _, what, _ in found.broken)
    lines += [f"BROKEN {count}: {what}" for what, count in groups.most_common()]
    return "\n".join(lines)


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    keep = None if asked.keep is None else asked.keep.absolute()
    found = run(dict.fromkeys(asked.kind or KINDS, asked.count), asked.seed, keep)
    print(report(found))
    for case, what, _ in found.broken[:20]:
        print("-----", case, what, sep="\n", file=sys.stderr)
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(_main())
