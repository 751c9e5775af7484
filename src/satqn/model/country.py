"""One place and everywhere else, and regions: results of pairs as they lie on a map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.model.network import Network, NodeTable
from satqn.model.results import MaskedFloats, PairResults
from satqn.model.shown import Shown

Quantity = Literal["rate", "fidelity", "protocol"]
"""What a map shows: pairs per second at the target fidelity, fidelity in the satellite's time, chosen way."""

CELL_DEG = 5.0
"""Side of the cells that stand for regions where a network has no states."""

STATES: dict[str, tuple[str, str]] = {
    "01": ("AL", "Alabama"), "04": ("AZ", "Arizona"), "05": ("AR", "Arkansas"), "06": ("CA", "California"),
    "08": ("CO", "Colorado"), "09": ("CT", "Connecticut"), "10": ("DE", "Delaware"),
    "11": ("DC", "District of Columbia"), "12": ("FL", "Florida"), "13": ("GA", "Georgia"),
    "16": ("ID", "Idaho"), "17": ("IL", "Illinois"), "18": ("IN", "Indiana"), "19": ("IA", "Iowa"),
    "20": ("KS", "Kansas"), "21": ("KY", "Kentucky"), "22": ("LA", "Louisiana"), "23": ("ME", "Maine"),
    "24": ("MD", "Maryland"), "25": ("MA", "Massachusetts"), "26": ("MI", "Michigan"),
    "27": ("MN", "Minnesota"), "28": ("MS", "Mississippi"), "29": ("MO", "Missouri"), "30": ("MT", "Montana"),
    "31": ("NE", "Nebraska"), "32": ("NV", "Nevada"), "33": ("NH", "New Hampshire"),
    "34": ("NJ", "New Jersey"), "35": ("NM", "New Mexico"), "36": ("NY", "New York"),
    "37": ("NC", "North Carolina"), "38": ("ND", "North Dakota"), "39": ("OH", "Ohio"),
    "40": ("OK", "Oklahoma"), "41": ("OR", "Oregon"), "42": ("PA", "Pennsylvania"),
    "44": ("RI", "Rhode Island"), "45": ("SC", "South Carolina"), "46": ("SD", "South Dakota"),
    "47": ("TN", "Tennessee"), "48": ("TX", "Texas"), "49": ("UT", "Utah"), "50": ("VT", "Vermont"),
    "51": ("VA", "Virginia"), "53": ("WA", "Washington"), "54": ("WV", "West Virginia"),
    "55": ("WI", "Wisconsin"), "56": ("WY", "Wyoming"),
}  # fmt: skip
"""Code, abbreviation and name of the contiguous states and DC. Source: ANSI INCITS 38:2009 (FIPS 5-2)."""

_BY_LETTERS = dict(STATES.values())
_TRACT, _CITY = re.compile(r"\d{11}"), re.compile(r".+ ([A-Z]{2})")


@dataclass(frozen=True, slots=True, repr=False)
class PlaceMap(Shown):
    """What one place and every other place with users make together: one row per other place.

    Parameters
    ----------
    network
        The network.
    start
        Node index of the place.
    results
        Its pairs: ``results.a`` is ``start``, ``results.b`` the other places.
    target_fidelity
        At which rates hold.
    """

    network: Network
    start: int
    results: PairResults
    target_fidelity: float

    def columns(self) -> dict[str, Any]:
        """Return one column per number, in the order of tables; masked where there is none."""
        nodes, found = self.network.nodes, self.results
        return {
            "node": nodes.ids[found.b],
            "lat_deg": nodes.lat_deg[found.b],
            "lon_deg": nodes.lon_deg[found.b],
            "distance_km": found.distance / 1e3,
            "rate_per_s": found.protocol_rate,
            "protocol_by_rate": found.protocol_by_rate,
            "fidelity": found.protocol_fidelity,
            "protocol_by_fidelity": found.protocol_by_fidelity,
        }

    def _shown(self) -> dict[str, Any]:
        return {"from": str(self.network.nodes.ids[self.start]), "places": len(self.results)}


@dataclass(frozen=True, slots=True, repr=False)
class RegionMap(Shown):
    """Pairs drawn at random, gathered by the regions in which their ends lie.

    Parameters
    ----------
    network
        The network.
    results
        One row per pair.
    names
        The regions in which there is an end, in order.
    region
        Index into ``names`` for every node; -1 where nobody lives.
    target_fidelity
        At which rates hold.
    """

    network: Network
    results: PairResults
    names: tuple[str, ...]
    region: NDArray[np.int64]
    target_fidelity: float

    def rows(self, region: int) -> NDArray[np.int64]:
        """Return the pairs with an end (or both) in a region."""
        a, b = self.region[self.results.a], self.region[self.results.b]
        return np.flatnonzero((a == region) | (b == region))

    def _shown(self) -> dict[str, Any]:
        return {"pairs": len(self.results), "regions": len(self.names)}


def shown_values(results: PairResults, quantity: Quantity) -> MaskedFloats | NDArray[np.str_]:
    """Return what a map of a quantity shows of every pair."""
    if quantity == "protocol":
        return results.protocol_by_rate
    return results.protocol_rate if quantity == "rate" else results.protocol_fidelity


def regions_of(nodes: NodeTable) -> NDArray[np.str_]:
    """Return the region of every node: its state, or the cell of 5 degrees in which it lies.

    Parameters
    ----------
    nodes
        A census tract names its state by the first two digits, a city by its last two letters. Where the
        ids of a network say nothing of states, cells are named by their south-western corner.

    Examples
    --------
    >>> at = np.array([40.7])
    >>> nodes = NodeTable(np.array(["New York NY"]), at, -at, at, np.zeros(1, dtype=bool))
    >>> regions_of(nodes).tolist()
    ['New York']
    """
    found = [_state(name) for name in nodes.ids.tolist()]
    south = CELL_DEG * np.floor(nodes.lat_deg / CELL_DEG)
    west = CELL_DEG * np.floor(nodes.lon_deg / CELL_DEG)
    return np.array(
        [state or f"{lat:g},{lon:g}" for state, lat, lon in zip(found, south, west, strict=True)],
        dtype=np.str_,
    )


def _state(name: str) -> str | None:
    if _TRACT.fullmatch(name):
        return STATES.get(name[:2], (None, None))[1]
    city = _CITY.fullmatch(name)
    return _BY_LETTERS.get(city[1]) if city else None
