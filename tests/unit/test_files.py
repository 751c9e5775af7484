"""Nothing half-written is ever left behind."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from satqn.documents import read_bytes
from satqn.errors import InputError, OutputError
from satqn.files import (
    check_folder,
    check_writable,
    folder_name,
    one_command,
    staged_folder,
    write_atomically,
    write_part,
)
from satqn.limits import without_limits


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
    with without_limits(), staged_folder(target) as stage:
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


@pytest.mark.parametrize("write", [check_writable, lambda path: write_atomically(path, "x"), check_folder])
def test_nothing_but_regular_files_is_replaced(tmp_path: Path, write) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "real").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    places = [tmp_path / "pipe", Path("/dev/null")]
    if write is not check_folder:
        places += [tmp_path / "link", tmp_path / "dangling"]
    for place in places:
        before = place.lstat()
        with pytest.raises(OutputError, match=r"device or a pipe|is a link|not a folder"):
            write(place)
        assert os.path.samestat(before, place.lstat())
    assert (tmp_path / "real").read_text() == "kept"
    assert not (tmp_path / "nowhere").exists()
    assert not [path for path in Path("/dev").iterdir() if path.name.startswith(".null")]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_the_mode_of_a_file_is_kept(tmp_path: Path, mode: int) -> None:
    place = write_atomically(tmp_path / "a", "1")
    place.chmod(mode)
    write_atomically(place, "2")
    assert place.stat().st_mode & 0o777 == mode
    with without_limits(), staged_folder(tmp_path) as stage:
        (stage / "a").write_text("3")
    assert place.read_text() == "3"
    assert place.stat().st_mode & 0o777 == mode


def test_an_input_is_not_overwritten_whichever_comes_first(tmp_path: Path) -> None:
    place = write_atomically(tmp_path / "a", "1")
    (tmp_path / "same").hardlink_to(place)
    with one_command():
        read_bytes(place)
        for name in (place, tmp_path / "same"):
            with pytest.raises(OutputError, match="input of this command"):
                write_atomically(name, "2")
        with pytest.raises(OutputError, match="input of this command"), staged_folder(tmp_path) as stage:
            (stage / "a").write_text("2")
    with one_command():
        check_writable(tmp_path / "x" / ".." / "a")
        with pytest.raises(InputError, match="read and is to be written"):
            read_bytes(place)
    assert place.read_text() == "1"
    read_bytes(place)
    write_atomically(place, "2")  # two commands after another


def test_a_part_does_not_replace_the_whole(tmp_path: Path) -> None:
    assert write_part(tmp_path / "a.csv", "1") == tmp_path / "a.csv"
    assert write_part(tmp_path / "a.csv", "2") == tmp_path / "a.partial.csv"
    assert (tmp_path / "a.csv").read_text() == "1"


def run_into(folder: Path, text: str = "1") -> None:
    with staged_folder(folder) as stage:
        (stage / "figures").mkdir()
        (stage / "report.html").write_text(text)
        (stage / "provenance.json").write_text(json.dumps({"text": text}))
        (stage / "figures" / "a.png").write_text(text)


def test_a_folder_of_results_is_written_again(tmp_path: Path) -> None:
    for text in "123":
        run_into(tmp_path / "out", text)
        write_atomically(tmp_path / "out" / "points" / f"{'0' * 64}.json", text)
    assert (tmp_path / "out" / "figures" / "a.png").read_text() == "3"
    listed = json.loads((tmp_path / "out" / "provenance.json").read_text())["files"]
    assert set(listed) == {"report.html", "figures/a.png", "provenance.json"}


def test_files_that_a_later_run_does_not_make_stay_listed(tmp_path: Path) -> None:
    run_into(tmp_path / "out")
    with staged_folder(tmp_path / "out") as stage:
        (stage / "provenance.json").write_text('{"text": "without figures"}')
    run_into(tmp_path / "out", "3")
    assert (tmp_path / "out" / "figures" / "a.png").read_text() == "3"


@pytest.mark.parametrize(
    "name", ["report.html", "figures/a.png", "notes.txt", "points/mine.json", "provenance.json"]
)
def test_files_of_others_need_force(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    run_into(out)
    file = out / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    for again in (run_into, check_folder):
        with pytest.raises(OutputError, match=f"{name}.*--force"):
            again(out)
    assert file.read_text() == "mine"
    with without_limits():
        run_into(out)
    assert (out / "report.html").read_text() == "1"


def test_what_does_not_count_as_a_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("name: x")
    (tmp_path / ".hidden").write_text("")
    run_into(tmp_path / "results-of-another")
    (tmp_path / "results-of-another" / "notes.txt").write_text("")
    with one_command():
        read_bytes(tmp_path / "scenario.yaml")
        run_into(tmp_path)
    assert (tmp_path / "report.html").exists()


def test_a_link_within_the_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "figures").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is a link"):
        run_into(tmp_path / "out")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    "name", ["../../x", "/tmp/x", "..", ".", "", "a/b", "a\\b", "\0", "a\n", "x" * 300, "-", "…", "~x"]
)
def test_the_folder_of_a_name_stays_where_it_is(name: str, tmp_path: Path) -> None:
    made = folder_name(name)
    place = (tmp_path / made).resolve()
    assert place.parent == tmp_path.resolve()
    assert made not in ("", ".", "..")
    place.mkdir()
