"""Nothing half-written is ever left behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from satqn.errors import OutputError
from satqn.files import check_writable, staged_folder, write_atomically


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    place = write_atomically(tmp_path / "new" / "a.txt", "städte\n")
    assert place.read_text(encoding="utf-8") == "städte\n"
    assert [p.name for p in place.parent.iterdir()] == ["a.txt"]


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_atomically(tmp_path / "a.txt", "old")
    monkeypatch.setattr("satqn.files.os.fsync", full_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        write_atomically(place, "new")
    assert place.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_cannot_be_written_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_atomically(tmp_path, "x")
    with pytest.raises(OutputError):
        check_writable(tmp_path)
    with pytest.raises(OutputError):
        check_writable(write_atomically(tmp_path / "file", "") / "below")


def test_a_staged_folder_moves_in_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "kept.txt").write_text("kept")
    with staged_folder(target) as stage:
        (stage / "figures").mkdir()
        (stage / "figures" / "a.png").write_bytes(b"1")
        assert not (target / "figures").exists()
    assert (target / "figures" / "a.png").read_bytes() == b"1"
    assert (target / "kept.txt").read_text() == "kept"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), ValueError("a bug")])
def test_a_failed_staged_folder_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    wanted = OutputError if isinstance(error, OSError) else ValueError

    def write_and_fail() -> None:
        with staged_folder(tmp_path / "out") as stage:
            (stage / "a.txt").write_text("x")
            raise error

    with pytest.raises(wanted):
        write_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="file, not a folder"), staged_folder(tmp_path / "out"):
        pass
