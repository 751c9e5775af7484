"""Places and pairs of users: from what a person writes to the nodes of a network."""

from __future__ import annotations

import difflib
import re
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from satqn.documents import SEPARATORS, csv_rows, read_text, told_separator
from satqn.errors import InputError, InvalidFileError, Problem, shown
from satqn.limits import ask
from satqn.model.network import Network
from satqn.network.datasets import cities
from satqn.sphere import great_circle

FARTHEST_M = 100_000.0
"""A place farther than this from every node is refused rather than moved there in silence."""

PAIR_BYTES = 500.0
"""Of memory for a pair that is drawn and evaluated: 40 columns of 8 bytes, and their text."""

_COORDINATES = re.compile(r"\s*([+-]?\d+(?:\.\d*)?)\s*,\s*([+-]?\d+(?:\.\d*)?)\s*")
_SHOWN = 20


def parse_coordinates(text: str, where: str = "") -> tuple[float, float]:
    """Return latitude and longitude in degrees from ``LAT,LON``.

    Raises
    ------
    InputError
        If the text is not two numbers, or they are out of range.

    Examples
    --------
    >>> parse_coordinates("-35,150")
    (-35.0, 150.0)
    """
    match = _COORDINATES.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not LAT,LON", where=where, fix="Write degrees, e.g. 40.71,-74.01")
    lat, lon = float(match[1]), float(match[2])
    if abs(lat) > 90:
        raise InputError(f"latitude {lat:g} is outside -90..90 degrees", where=where)
    if abs(lon) > 360:
        raise InputError(f"longitude {lon:g} is outside -360..360 degrees", where=where)
    return lat, (lon + 180.0) % 360.0 - 180.0


def find_node(network: Network, place: str, where: str = "") -> int:
    """Return the node that a person means by a geoid, a city name or ``LAT,LON``.

    Parameters
    ----------
    network
        The network; inserted nodes are never found.
    place
        A node id, the name of one of the 300 largest cities (``Denver`` or ``Denver CO``), or
        ``LAT,LON`` in degrees, which stands for the nearest node.

    Raises
    ------
    InputError
        Unknown or ambiguous name, or more than 100 km from every node.
    """
    ids = network.nodes.ids
    exact = np.flatnonzero((ids == place.strip()) & ~network.nodes.inserted)
    if len(exact):
        return int(exact[0])
    if _COORDINATES.fullmatch(place):
        lat, lon = parse_coordinates(place, where)
    else:
        lat, lon = _city(place, where)
    return nearest_node(network, lat, lon, place, where)


def _city(name: str, where: str) -> tuple[float, float]:
    table = cities()
    names = [str(item) for item in table.ids]
    wanted = name.strip().casefold().replace(",", "")
    hits = [i for i, item in enumerate(names) if item.casefold() == wanted]
    if not hits:
        hits = [i for i, item in enumerate(names) if item.rsplit(" ", 1)[0].casefold() == wanted]
    if len(hits) > 1:
        choices = " or ".join(names[i] for i in hits)
        raise InputError(f"{name!r} is the name of {len(hits)} cities", where=where, fix=f"Write {choices}")
    if not hits:
        plain = {item.casefold(): item for full in names for item in (full, full.rsplit(" ", 1)[0])}
        near = difflib.get_close_matches(wanted, plain, n=1)
        hint = f"Did you mean {plain[near[0]]!r}? " if near else ""
        raise InputError(
            f"unknown place {name!r}",
            where=where,
            fix=hint + "Give a node id, one of the 300 largest US cities, or LAT,LON",
        )
    return float(table.lat_deg[hits[0]]), float(table.lon_deg[hits[0]])


def nearest_node(network: Network, lat: float, lon: float, place: str, where: str) -> int:
    """Return the node nearest to a place, inserted ones aside.

    Parameters
    ----------
    network
        The network.
    lat, lon
        Of the place, degrees.
    place, where
        What it is called, and where it is named, for the message.

    Raises
    ------
    InputError
        Every node is more than 100 km away.
    """
    nodes = network.nodes
    distance = np.where(nodes.inserted, np.inf, great_circle(lat, lon, nodes.lat_deg, nodes.lon_deg))
    best = int(np.argmin(distance))
    if distance[best] > FARTHEST_M:
        raise InputError(
            f"{place!r} is {distance[best] / 1e3:.0f} km from the nearest node, {nodes.ids[best]} "
            f"({nodes.lat_deg[best]:.4f},{nodes.lon_deg[best]:.4f})",
            where=where,
            why="A place farther than 100 km from every node is not on this network",
            fix="Choose a place nearer to the network",
        )
    return best


def draw_pairs(network: Network, count: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw pairs of different users uniformly at random; the first pairs do not depend on ``count``.

    Parameters
    ----------
    network
        The network; inserted nodes have no users.
    count
        Number of pairs, at least 1.
    seed
        Seed of the scenario, at least 0.
    """
    if count < 1:
        raise InputError(f"{count} pairs asked for", where="--pairs", fix="Ask for at least 1")
    if seed < 0:
        raise InputError(f"seed {seed} is negative", where="--seed", fix="Use 0 or more")
    ask(f"drawing {count} pairs", memory=count * PAIR_BYTES, where="--pairs", fix="Ask for fewer")
    users = np.flatnonzero(~network.nodes.inserted)
    if len(users) < 2:
        raise InputError("the network has fewer than two users", why="A pair needs two different ends")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(b"pairs"),)))
    draws = rng.random((count, 2))
    first = np.minimum((draws[:, 0] * len(users)).astype(np.int64), len(users) - 1)
    other = np.minimum((draws[:, 1] * (len(users) - 1)).astype(np.int64), len(users) - 2)
    other += other >= first
    return users[first], users[other]


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table of two columns, each with its line."""
    told, text = told_separator(text)
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    header = next(lines, "")
    separator = told or max(SEPARATORS, key=header.count)
    for line, row in csv_rows(text, name, separator):
        if row and not row[0].lstrip().startswith("#"):
            # Trailing separators make empty cells.
            while len(row) > 2 and not row[-1].strip():
                row.pop()
            yield line + (told is not None), [unicodedata.normalize("NFC", cell) for cell in row]


def pairs_from_file(network: Network, path: str | Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read pairs of node ids: two columns with a header; CSV, also gzipped.

    Cells may be separated by a semicolon, a tab or a bar; lines that begin with # are comments.

    Raises
    ------
    InputError
        If the file cannot be read.
    InvalidFileError
        If lines do not have two known, different nodes; each is named with its line.
    """
    index = {str(name): i for i, name in enumerate(network.nodes.ids) if not network.nodes.inserted[i]}
    rows = list(_rows(read_text(path, packed=True), str(path)))
    problems: list[Problem] = []
    if not rows:
        raise InvalidFileError(str(path), [Problem(f"{path}:1", "the file is empty")])
    header = rows[0][1]
    if len(header) >= 2 and header[0].strip() in index and header[1].strip() in index:
        problems.append(Problem(f"{path}:1", "the first line is a pair, not a header", "add a header line"))
    ends: list[tuple[int, int]] = []
    for line, row in rows[1:]:
        names = [cell.strip() for cell in row]
        if not any(names):
            continue
        if len(names) != 2:
            problems.append(Problem(f"{path}:{line}", f"{len(names)} columns instead of 2"))
            continue
        unknown = [name for name in names if name not in index]
        problems.extend(
            Problem(f"{path}:{line}", f"unknown node {shown(name)}", "no such id in this network")
            for name in unknown
        )
        if not unknown and names[0] == names[1]:
            problems.append(Problem(f"{path}:{line}", f"both ends are {shown(names[0])}"))
        elif not unknown:
            ends.append((index[names[0]], index[names[1]]))
    if len(problems) > _SHOWN:
        rest = len(problems) - _SHOWN
        problems = [*problems[:_SHOWN], Problem(str(path), f"and {rest} more problems of this kind")]
    if not problems and not ends:
        problems.append(Problem(f"{path}:2", "there are no pairs after the header"))
    if problems:
        raise InvalidFileError(str(path), problems)
    table = np.array(ends, dtype=np.int64)
    return table[:, 0].copy(), table[:, 1].copy()
