"""The census tracts of the contiguous US: built from two public files, stored as one table.

The table is a gzipped CSV ``geoid,lat,lon,population,src``: one row for each tract of the 48 states
and DC in 2020. ``src`` says where the point comes from: I is the internal point of the Gazetteer,
C the centre of population.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.documents import inflate, member
from satqn.errors import DataError, InputError
from satqn.model.shown import Shown
from satqn.network.download import download
from satqn.provenance import content_hash

FILE = "us_tracts_2020_conus.csv.gz"
"""Name of the table in ``SATQN_DATA`` and in the cache."""

BASE_URL = "https://www2.census.gov/geo/docs"
"""Where the Census Bureau publishes both files; ``SATQN_CENSUS_URL`` names a mirror."""

GAZETTEER = "maps-data/data/gazetteer/2020_Gazetteer/2020_Gaz_tracts_national.zip"
"""Internal points: tab-separated, columns GEOID, INTPTLAT, INTPTLONG among others."""

CENTRES = "reference/cenpop2020/tract/CenPop2020_Mean_TR.txt"
"""Populations and centres of population: STATEFP, COUNTYFP, TRACTCE, POPULATION, LATITUDE, LONGITUDE."""

COLUMNS = ("geoid", "lat", "lon", "population", "src")

STATES = {"tracts": 84_414, "population": 331_449_281}
"""Of the 50 states and DC. Source: US Census Bureau, 2020 census (apportionment count without overseas)."""

CONTIGUOUS = {"tracts": 83_776, "population": 329_260_619}
"""Of the 48 states and DC. Source: the same files."""

COUNTS_SHA256 = "2be913e541dc589e06d11b7091f460fd074258569f403e0b004af697406d7bfb"
"""SHA-256 of the lines ``geoid,population`` of the 48 states and DC, in the order of their numbers.

Every tract and every inhabitant of the published counts is in it; positions come with six or seven decimals,
as the Census Bureau publishes them here or there, and are not."""

LAST_STATE, ALASKA, HAWAII, VERMONT = "56", "02", "15", "50"
"""State codes (FIPS 5-2); those above 56 are territories."""

OFFLINE_HINT = (
    f"Connect to the internet and run `satqn data fetch`, or put {FILE} into a folder and name that "
    "folder in SATQN_DATA; the scenario us-cities needs no data"
)


AGAIN = "Try `satqn data fetch` again"


@dataclass(frozen=True, slots=True, repr=False)
class TractTable(Shown):
    """Census tracts in columns of equal length.

    Parameters
    ----------
    geoid
        Eleven digits: state, county, tract.
    lat_deg, lon_deg
        Position, degrees north and east.
    population
        Inhabitants on 1 April 2020.
    source
        I (internal point) or C (centre of population).
    """

    geoid: NDArray[np.str_]
    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    population: NDArray[np.int64]
    source: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.geoid)


def read_table(packed: bytes, name: str) -> TractTable:
    """Return the tracts of a stored table.

    Parameters
    ----------
    packed
        Content of the file.
    name
        What to call it in an error.

    Raises
    ------
    DataError
        If it is damaged, incomplete or another file.
    """
    try:
        text = inflate(packed, name).decode("utf-8")
        header, *rows = csv.reader(io.StringIO(text))
        if tuple(header) != COLUMNS:
            raise ValueError(f"its columns are {','.join(header)}, not {','.join(COLUMNS)}")
        table = _table(rows)
    except (InputError, csv.Error, ValueError) as error:
        raise DataError(f"it is damaged: {error}", where=name, fix=OFFLINE_HINT) from error
    _expect(table, CONTIGUOUS, name)
    _expect_counts(table, name)
    return table


def packed_table(table: TractTable) -> bytes:
    """Return the file that :func:`read_table` reads; equal tables give equal bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    columns = (table.geoid, table.lat_deg, table.lon_deg, table.population, table.source)
    writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return gzip.compress(text.getvalue().encode(), mtime=0)


def download_tracts() -> TractTable:
    """Download both files of the Census Bureau and return the table that they make.

    Raises
    ------
    DataError
        If a file cannot be had, is damaged, or does not count what the census counted.
    """
    base = os.environ.get("SATQN_CENSUS_URL") or BASE_URL
    gazetteer, centres = (f"{base.rstrip('/')}/{path}" for path in (GAZETTEER, CENTRES))
    points = _internal_points(download(gazetteer, fix=OFFLINE_HINT), gazetteer)
    counted = _counted(download(centres, fix=OFFLINE_HINT), centres)
    missing = set(counted.geoid.tolist()) - points.keys()
    if missing:
        raise DataError(f"tract {min(missing)} is not in it", where=gazetteer, fix=AGAIN)
    _expect(counted, STATES, centres)

    # The internal point stands for a tract. For empty tracts and for Vermont, which the published node
    # set leaves out, the table at hand has the centre of population; so has this one, to be equal to it.
    state = counted.geoid.astype("U2")
    internal = (counted.population > 0) & (state != VERMONT)
    own = np.array([points[geoid] for geoid in counted.geoid.tolist()])
    table = TractTable(
        counted.geoid,
        np.where(internal, own[:, 0], counted.lat_deg),
        np.where(internal, own[:, 1], counted.lon_deg),
        counted.population,
        np.where(internal, "I", "C"),
    )
    contiguous = _select(table, (state != ALASKA) & (state != HAWAII))
    _expect(contiguous, CONTIGUOUS, centres)
    _expect_counts(contiguous, centres)
    return contiguous


def _internal_points(archive: bytes, name: str) -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of every tract's internal point, degrees."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            text = member(files, files.namelist()[0], name).decode("utf-8-sig")
        rows = (line.split("\t") for line in text.splitlines() if line.strip())
        geoid, lat, lon = _columns_of(next(rows), ("GEOID", "INTPTLAT", "INTPTLONG"))
        points = {row[geoid].strip(): (float(row[lat]), float(row[lon])) for row in rows}
        if not np.isfinite(list(points.values())).all():
            raise ValueError("a position is not a number")
    # What unzipping, decoding and the table raise on damaged bytes; RuntimeError: they read as encrypted.
    except (
        InputError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, IndexError,
        StopIteration, RuntimeError,
    ) as error:  # fmt: skip
        raise DataError(f"it is damaged: {error}", where=name, fix=AGAIN) from error
    return points


def _counted(content: bytes, name: str) -> TractTable:
    """Return the tracts of the 50 states and DC at their centres of population."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        wanted = ("STATEFP", "COUNTYFP", "TRACTCE", "POPULATION", "LATITUDE", "LONGITUDE")
        state, county, tract, population, lat, lon = _columns_of(next(rows), wanted)
        return _table(
            (row[state] + row[county] + row[tract], row[lat], row[lon], row[population], "C")
            for row in sorted(row for row in rows if row and row[state] <= LAST_STATE)
        )
    except (csv.Error, ValueError, IndexError, StopIteration) as error:
        raise DataError(f"it is damaged: {error}", where=name, fix=AGAIN) from error


def _columns_of(header: list[str], wanted: Iterable[str]) -> list[int]:
    names = [name.strip() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    return [names.index(name) for name in wanted]


def _table(rows: Iterable[Iterable[str]]) -> TractTable:
    geoid, lat, lon, population, source = zip(*rows, strict=True)
    table = TractTable(
        np.array(geoid, dtype=np.str_),
        np.array(lat, dtype=np.float64),
        np.array(lon, dtype=np.float64),
        np.array(population, dtype=np.int64),
        np.array(source, dtype=np.str_),
    )
    if not np.isfinite(table.lat_deg).all() or not np.isfinite(table.lon_deg).all():
        raise ValueError("a position is not a number")
    if np.unique(table.geoid).size < len(table):
        raise ValueError("a tract is in it twice")
    return table


def _select(table: TractTable, rows: NDArray[np.bool_]) -> TractTable:
    return TractTable(
        table.geoid[rows],
        table.lat_deg[rows],
        table.lon_deg[rows],
        table.population[rows],
        table.source[rows],
    )


def _expect(table: TractTable, expected: dict[str, int], name: str) -> None:
    seen = {"tracts": len(table), "population": int(table.population.sum())}
    if seen != expected:
        raise DataError(
            f"{seen['tracts']} tracts with {seen['population']} inhabitants instead of "
            f"{expected['tracts']} with {expected['population']}",
            where=name,
            why="It is incomplete or another edition of the census",
            fix=OFFLINE_HINT,
        )


def counts_sha256(table: TractTable) -> str:
    """Return the hash of tracts and inhabitants that :data:`COUNTS_SHA256` is.

    Parameters
    ----------
    table
        The tracts in the order of their numbers.
    """
    lines = zip(table.geoid.tolist(), table.population.tolist(), strict=True)
    return content_hash("".join(f"{geoid},{population}\n" for geoid, population in lines).encode())


def _expect_counts(table: TractTable, name: str) -> None:
    if counts_sha256(table) != COUNTS_SHA256:
        raise DataError(
            "its tracts and inhabitants are not those of the 2020 census (SHA-256 of its counts)",
            where=name,
            why="It is damaged or another edition of the census",
            fix=AGAIN,
        )
