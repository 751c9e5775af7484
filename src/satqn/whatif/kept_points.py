"""Finished points of long work, each in a file of its own under the name of its content, with a seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from satqn.files import write_atomically
from satqn.kept import forget_damaged
from satqn.provenance import content_hash


def keep_point(folder: Path, name: str, results: Mapping[str, Any]) -> None:
    """Write what a point gave to ``points/NAME.json``.

    Parameters
    ----------
    folder
        Folder of the whole work.
    name
        Hash of all that the results depend on.
    results
        Plain values.
    """
    sealed = {"results": dict(results), "sha256": _seal(name, results)}
    write_atomically(_place(folder, name), json.dumps(sealed, indent=2, allow_nan=False) + "\n")


def kept_point(folder: Path, name: str) -> dict[str, Any] | None:
    """Return ``{"results": …}`` of a point of an earlier run; None if there is none that can be believed.

    Parameters
    ----------
    folder, name
        As of :func:`keep_point`.
    """
    place = _place(folder, name)
    if not place.is_file():
        return None
    with suppress(OSError, ValueError, RecursionError):
        kept = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(kept, dict) and isinstance(kept.get("results"), dict):
            results = kept["results"]
            if kept.get("sha256") == _seal(name, results):
                return {"results": results}
    forget_damaged(place)
    return None


def _place(folder: Path, name: str) -> Path:
    return folder / "points" / f"{name}.json"


def _seal(name: str, results: Mapping[str, Any]) -> str:
    """Return the checksum of a point: neither an edited number nor a renamed file is believed."""
    return content_hash({"point": name, "results": dict(results)})
