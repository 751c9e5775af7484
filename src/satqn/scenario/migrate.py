"""Scenario files of older versions, brought to the newest."""

from __future__ import annotations

from satqn.errors import InvalidFileError, Problem
from satqn.scenario.reading import Reading

NEWEST = 2
"""Version of the scenario format. 1: evaluations of the hybrid protocol only. 2: ``study`` says what for."""

PLANNING_KEYS = ("time", "ground", "haps", "satellites", "demands", "drawn_demands")


def migrated(reading: Reading, label: str) -> Reading:
    """Return a scenario in the newest version.

    Raises
    ------
    InvalidFileError
        A version that this satqn does not know, or a planning scenario that does not say so.
    """
    data = reading.data
    version = data.get("schema_version", NEWEST if "study" in data else 1)
    if version not in (1, NEWEST) or isinstance(version, bool):
        problem = Problem(
            f"{reading.place(('schema_version',))}: schema_version",
            f"{version!r} is not a version that this satqn knows",
            f"it knows 1 to {NEWEST}; a newer file needs a newer satqn",
        )
        raise InvalidFileError(label, [problem])
    if "study" not in data:
        if ("schema_version" in data and version == NEWEST) or any(key in data for key in PLANNING_KEYS):
            problem = Problem(
                f"{reading.place(())}: study", "this key is missing",
                "schema_version 2 has 'study: plan' for a plan over time slots, 'study: hybrid' for pairs",
            )  # fmt: skip
            raise InvalidFileError(label, [problem])
        data["study"] = "hybrid"
    data["schema_version"] = NEWEST
    return reading
