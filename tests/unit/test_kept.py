"""What is kept to save time: checksums, compiled code by version and machine, and how to be rid of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest

from satqn.cli import main
from satqn.errors import SatqnWarning
from satqn.kept import MARK, read_arrays, write_arrays
from satqn.kernels import compiled

ARRAYS = {"a": np.arange(5.0), "names": np.array(["x", "yy"]), "none": np.empty(0, dtype=np.int64)}


def same(found: dict[str, np.ndarray] | None) -> bool:
    return found is not None and all(np.array_equal(found[name], ARRAYS[name]) for name in ARRAYS)


@pytest.mark.parametrize("compressed", [False, True])
def test_no_flipped_byte_is_believed(tmp_path: Path, compressed: bool) -> None:
    place = tmp_path / "entry.kept"
    assert write_arrays(place, ARRAYS, compressed=compressed)
    whole = place.read_bytes()
    assert same(read_arrays(place))
    for position in range(0, len(whole), 7):
        place.write_bytes(
            whole[:position] + bytes([whole[position] ^ 1 << position % 8]) + whole[position + 1 :]
        )
        with pytest.warns(SatqnWarning, match="entry.kept was damaged: it was removed and is computed again"):
            assert read_arrays(place) is None
        assert not place.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"x", MARK, b"\x00" * 100, b"PK\x03\x04" + b"\x00" * 60],
    ids=["empty", "x", "mark", "zeros", "zip"],
)
def test_what_is_no_entry_is_no_entry(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "entry.kept"
    place.write_bytes(content)
    with pytest.warns(SatqnWarning, match="was damaged"):
        assert read_arrays(place) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_arrays(place) is None  # nothing is there any more, and nothing is said


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not write_arrays(tmp_path / "file" / "entry.kept", ARRAYS)


def test_the_compiled_code_is_named_by_version_machine_and_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = compiled.kernel_folder("satqn.kernels.air")
    assert folder.is_relative_to(tmp_path)
    for word in ("satqn-", "python-", "numba-", "llvmlite-", "numpy-"):
        assert word in folder.parent.name
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path / "own"))
    assert compiled.kernel_folder("satqn.kernels.air").is_relative_to(tmp_path / "own" / "kernels")


def test_compiled_code_goes_with_all_source_that_is_in_it(tmp_path: Path) -> None:
    """A constant, or a function of another file, is compiled into what uses it: numba does not see them change."""
    code = """
        import sys
        from pathlib import Path
        from satqn.kernels import compiled
        sys.path.insert(0, str(Path.cwd()))
        import satqn
        satqn.__path__.append(str(Path.cwd() / "more"))
        print(compiled.source_hash("satqn.outer"))
    """
    more = tmp_path / "more"
    more.mkdir()
    (more / "outer.py").write_text("from satqn.inner import F\n")
    (more / "other.py").write_text("X = 1\n")

    def name(inner: str) -> str:
        (more / "inner.py").write_text(inner)
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout  # fmt: skip

    first = name("F = 1\n")
    assert name("F = 2\n") != first
    (more / "other.py").write_text("X = 2\n")
    assert name("F = 1\n") == first


def test_every_kernel_is_compiled_through_our_door() -> None:
    for file in Path(compiled.__file__).parent.glob("*.py"):
        if file.name != "compiled.py":
            text = file.read_text(encoding="utf-8")
            assert "from numba import njit" not in text, file.name
            assert "numba.njit" not in text, file.name


def test_first_compilation_is_said_once_and_the_code_is_found_again(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys
        from satqn import kernels
        kernels.on_compiling = lambda: print("compiling", file=sys.stderr)
        import numba
        from satqn.kernels.orbit import eccentric_anomaly
        assert not numba.core.config.CACHE_DIR  # functions of others keep their own place
        print(eccentric_anomaly(0.5, 0.1))
    """)
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment["SATQN_CACHE_DIR"] = str(tmp_path)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )

    first, second = run(), run()
    assert first.stderr == "compiling\n"
    assert second.stderr == ""
    assert first.stdout == second.stdout
    assert list((tmp_path / "kernels").rglob("*.nbi"))


def test_damaged_compiled_code_is_one_line(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment["SATQN_CACHE_DIR"] = str(tmp_path)
    words = [sys.executable, "-m", "satqn", "link", "fiber", "--length-km", "100"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert run(*words).returncode == 0
    for index in (tmp_path / "kernels").rglob("*.nbi"):
        content = index.read_bytes()
        index.write_bytes(content[: len(content) // 2])
    damaged = run(*words)
    if damaged.returncode != 0:  # numba may also compile again by itself
        assert damaged.returncode == 2
        assert "satqn data clear-cache" in damaged.stderr
        assert "Traceback" not in damaged.stderr
    assert run(sys.executable, "-m", "satqn", "data", "clear-cache").returncode == 0
    assert not list((tmp_path / "kernels").rglob("*.nbi"))
    assert run(*words).returncode == 0


def test_clear_cache_removes_what_can_be_made_again_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache, compiled_code = tmp_path / "cache", tmp_path / "compiled"
    monkeypatch.setenv("SATQN_CACHE_DIR", str(cache))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(compiled_code))
    for name in (
        "networks/a.kept",
        "experiments/b.kept",
        "simulate/ab/c.kept",
        "datasets/d.gz",
        "mine/e.txt",
    ):
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / name).write_text("12345")
    for name in ("satqn-0-x/y/f.nbi", "other/g.nbi"):
        (compiled_code / name).parent.mkdir(parents=True)
        (compiled_code / name).write_text("12345")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "h").write_text("")
    (compiled_code / "satqn-link").symlink_to(outside)
    assert main(["data", "clear-cache", "--json"]) == 0
    removed = json.loads(capsys.readouterr().out)["removed_bytes"]
    assert removed == {"networks": 5, "experiments": 5, "simulate": 5, "kernels": 5}
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == {"cache/datasets/d.gz", "cache/mine/e.txt", "compiled/other/g.nbi", "outside/h"}
    assert main(["data", "clear-cache", "--datasets"]) == 0
    assert not (cache / "datasets").exists()
    assert (cache / "mine" / "e.txt").is_file()
