"""Shared by all tests: where the big data is, and a cache that is the tests' own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The suite tries the same examples each time, so that it says the same thing about the same code everywhere.
# `pytest --hypothesis-profile=search` tries new ones: the way to look for faults.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("same")

# Compiled code is shared by all processes of all test runs; it is named by its source text.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".kernels"))

CENSUS = "us_tracts_2020_conus.csv.gz"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the census node set where it is not at hand, and say why."""
    folder = os.environ.get("SATQN_DATA")
    if folder and (Path(folder) / CENSUS).is_file():
        return
    reason = f"SATQN_DATA does not name a folder with {CENSUS}"
    for item in items:
        if "data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of the reference data; only for tests marked `data`."""
    return Path(os.environ["SATQN_DATA"])


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the user's cache out of the tests, unless one is named (then it is shared between runs)."""
    os.environ.setdefault("SATQN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
