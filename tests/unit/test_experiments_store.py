"""The store: each evaluation is made once, found again, and never trusted when damaged."""

from __future__ import annotations

import os
from importlib.resources import files

import numpy as np
import pytest

from satqn.experiments import store as store_module
from satqn.experiments.store import COMPUTING_ROOMS, PLANNING_ROOMS, Store, code_fingerprint


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.times += 1
        return {"values": np.arange(3.0), "names": np.array(["a", "bc"])}


def test_equal_tasks_share_one_entry_and_others_do_not(tmp_path):
    work, store = Work(), Store(tmp_path)
    first = store.get({"a": 1, "b": [1, 2]}, work)
    again = store.get({"b": [1, 2], "a": 1}, work)
    assert again is first
    store.get({"a": 2, "b": [1, 2]}, work)
    assert work.times == store.computed == 2


def test_a_later_run_goes_on_where_the_first_one_was(tmp_path):
    Store(tmp_path).get({"a": 1}, Work())
    work, later = Work(), Store(tmp_path)
    found = later.get({"a": 1}, work)
    assert work.times == later.computed == 0
    assert found["values"].tolist() == [0.0, 1.0, 2.0]
    assert found["names"].tolist() == ["a", "bc"]


@pytest.mark.parametrize("damage", [b"", b"not a zip", None])
def test_a_damaged_entry_is_made_again_and_replaced(tmp_path, damage):
    Store(tmp_path).get({"a": 1}, Work())
    (entry,) = tmp_path.glob("*.kept")
    entry.write_bytes(entry.read_bytes()[:-40] if damage is None else damage)
    work = Work()
    assert Store(tmp_path).get({"a": 1}, work)["values"].tolist() == [0.0, 1.0, 2.0]
    assert work.times == 1
    assert Store(tmp_path).get({"a": 1}, work)["values"].tolist() == [0.0, 1.0, 2.0]
    assert work.times == 1


def test_changed_code_makes_entries_anew(tmp_path, monkeypatch):
    Store(tmp_path).get({"a": 1}, Work())
    monkeypatch.setattr(store_module, "code_fingerprint", lambda *rooms: "other code")
    work = Work()
    Store(tmp_path).get({"a": 1}, work)
    assert work.times == 1


def test_the_fingerprint_covers_what_computes_and_not_what_draws(tmp_path, monkeypatch):
    tree = tmp_path / "satqn"
    for name in ("model/a.py", "physics/b.py", "experiments/c.py", "data/d.csv", "physics/notes.txt"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("1")
    monkeypatch.setattr(store_module, "files", lambda package: tree)

    def fingerprint() -> str:
        code_fingerprint.cache_clear()
        return code_fingerprint()

    try:
        before = fingerprint()
        (tree / "experiments/c.py").write_text("2")
        (tree / "physics/notes.txt").write_text("2")
        assert fingerprint() == before
        (tree / "physics/b.py").write_text("2")
        changed = fingerprint()
        assert changed != before
        (tree / "physics/b.py").rename(tree / "physics/e.py")
        assert fingerprint() not in (before, changed)
    finally:
        code_fingerprint.cache_clear()


@pytest.mark.parametrize("room", dict.fromkeys((*COMPUTING_ROOMS, *PLANNING_ROOMS)))
def test_every_room_of_a_fingerprint_is_there_and_counts(room, tmp_path, monkeypatch):
    """A name that is gone would leave its successor out without a word, and old numbers would stay."""
    there = files("satqn").joinpath(*room.split("/"))
    assert there.is_file() or any(child.name.endswith(".py") for child in there.iterdir())
    file = tmp_path / (room if room.endswith(".py") else f"{room}/any.py")
    file.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(store_module, "files", lambda package: tmp_path)
    hashes = set()
    for text in ("1", "2"):
        file.write_text(text)
        hashes.add(code_fingerprint.__wrapped__((room,)))
    assert len(hashes) == 2


def test_an_interrupted_computation_leaves_nothing(tmp_path):
    def stopped() -> dict[str, np.ndarray]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).get({"a": 1}, stopped)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes into read-only folders, too")
def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path):
    tmp_path.chmod(0o500)
    assert Store(tmp_path / "kept").get({"a": 1}, Work())["values"].tolist() == [0.0, 1.0, 2.0]
    tmp_path.chmod(0o700)


def test_a_folder_that_is_a_file_costs_time_only(tmp_path):
    (tmp_path / "kept").write_text("")
    assert Store(tmp_path / "kept").get({"a": 1}, Work())["values"].tolist() == [0.0, 1.0, 2.0]


def test_without_a_folder_entries_last_as_long_as_the_store():
    work, store = Work(), Store()
    store.get({"a": 1}, work)
    store.get({"a": 1}, work)
    assert work.times == 1
