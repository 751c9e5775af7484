"""What a killed process leaves behind is swept up by the next one; what others wrote is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from satqn.files import staged_folder, write_atomically
from satqn.leftovers import OLD, prefix_of, sweep

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

KILLED = """
import os, signal, sys
from pathlib import Path
from satqn import files
target = Path(sys.argv[1])
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "file":
    files.os.fsync = killed
    files.write_atomically(target, "half")
else:
    with files.staged_folder(target) as stage:
        (stage / "report.html").write_text("half")
        killed()
"""


@posix_only
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_the_next_writer_sweeps_up_behind_a_killed_one(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "result"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), target, kind], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    assert not target.exists()
    write_atomically(tmp_path / "other", "whole")
    assert [place.name for place in tmp_path.iterdir()] == ["other"]


def test_what_is_at_work_and_what_others_wrote_stays(tmp_path: Path) -> None:
    names = [
        ".result.abcdefgh",
        ".run.abc",
        ".gitignore",
        f"{prefix_of(tmp_path / 'x')}12345678",
        ".a.satqn-1-.b",
    ]
    for name in names:
        (tmp_path / name).write_text("")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    gone = prefix_of(tmp_path / "y").replace(f"-{os.getpid()}-", "-999999999-")
    (tmp_path / f"{gone}link0000").symlink_to(outside)
    sweep(tmp_path)
    assert {place.name for place in tmp_path.iterdir()} == {*names, "outside", f"{gone}link0000"}
    assert (outside / "kept").is_file()


def test_what_another_machine_left_is_swept_up_when_it_is_old(tmp_path: Path) -> None:
    fresh, old = (tmp_path / f".run.satqn-1-00000000.{name}" for name in ("fresh", "old"))
    fresh.mkdir()
    old.mkdir()
    (old / "half").write_text("")
    past = time.time() - 2 * OLD
    os.utime(old, (past, past))
    sweep(tmp_path)
    assert fresh.is_dir()
    assert not old.exists()


def test_long_names_can_be_written(tmp_path: Path) -> None:
    for name in ("x" * 250, "ü" * 120):
        assert write_atomically(tmp_path / name, "whole").read_text() == "whole"
        with staged_folder(tmp_path / f"{name[:-1]}y") as stage:
            (stage / "file").write_text("")
