"""Where a result comes from: versions, inputs by hash, options, seed and time."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from satqn._version import __version__

LIBRARIES = ("numpy", "scipy", "numba", "highspy", "pydantic", "matplotlib")
"""The libraries whose versions can change a number."""


def content_hash(content: Any) -> str:
    """Return the SHA-256 of bytes, of text, or of the canonical JSON of anything else.

    Examples
    --------
    >>> content_hash({"b": 1, "a": 2}) == content_hash({"a": 2, "b": 1})
    True
    """
    if isinstance(content, bytes):
        data = content
    elif isinstance(content, str):
        data = content.encode()
    else:
        data = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    return hashlib.sha256(data).hexdigest()


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def provenance(*, command: str, scenario: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the record that goes beside every set of results.

    Parameters
    ----------
    command
        What was asked for, as a command line.
    scenario
        The resolved scenario, with its options and seed.
    inputs
        SHA-256 of every input by its name.
    """
    return {
        "satqn": __version__,
        "command": command,
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "libraries": library_versions(),
        "scenario_sha256": content_hash(dict(scenario)),
        "inputs_sha256": dict(inputs),
        "scenario": dict(scenario),
    }
