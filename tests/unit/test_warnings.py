"""Warnings of satqn: one line each on stderr, once, and in `validate --json`."""

from __future__ import annotations

import json
import warnings

import pytest

from satqn.cli import main
from satqn.errors import SatqnWarning


def noisy(*_: object, **__: object) -> dict[str, object]:
    for text in ("a node stands nowhere", "a node stands nowhere", "another thing"):
        warnings.warn(text, SatqnWarning, stacklevel=1)
    return {"name": "n", "study": "plan", "counts": {"slots": 1}}


def test_every_warning_is_one_line_on_stderr_and_told_once(monkeypatch, capsys):
    monkeypatch.setattr("satqn.topology.resolution.summary", noisy)
    assert main(["validate", "metro-pair"]) == 0
    seen = capsys.readouterr()
    assert seen.err == "warning: a node stands nowhere\nwarning: another thing\n"
    assert seen.out.startswith("ok: n")
    # Also if a filter of the process would turn warnings off: the command line answers for its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(["validate", "metro-pair"])
    assert "another thing" in capsys.readouterr().err


def test_validate_lists_warnings_in_its_document(monkeypatch, capsys):
    monkeypatch.setattr("satqn.topology.resolution.summary", noisy)
    assert main(["validate", "metro-pair", "--json"]) == 0
    seen = capsys.readouterr()
    assert seen.err == ""
    assert json.loads(seen.out)["warnings"] == ["a node stands nowhere", "another thing"]


def test_in_python_the_filters_apply():
    with pytest.warns(SatqnWarning, match="another"):
        noisy()
