"""GeoJSON (RFC 7946): points are nodes, lines are fibres; what GIS programs and satqn itself write."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np

from satqn.errors import InvalidFileError, Problem, shown
from satqn.network.topologies.fields import found, length_unit
from satqn.network.topologies.model import RawLink, RawNode, RawTopology
from satqn.sphere import great_circle
from satqn.units import KM

NEAR = 1_000.0
"""A line whose end is no farther than this from a point, m, ends there."""

_SOURCE = ("source", "from", "a", "start", "node1")
_TARGET = ("target", "to", "b", "end", "node2")
_NAMES = ("id", "name", "label", "title")
_FIBRE = "fibre_chain"
_OTHERS = ("satellite", "aerial", "ground_track", "service", "one_sided", "dual_downlink")
"""What satqn's own export holds beside ground nodes and fibres."""


def is_geojson(document: Any) -> bool:
    """Whether a JSON document is GeoJSON."""
    return isinstance(document, Mapping) and document.get("type") in ("FeatureCollection", "Feature")


def geojson_topology(document: Mapping[str, Any], name: str) -> RawTopology:
    """Read a network from GeoJSON.

    Parameters
    ----------
    document
        A feature or a collection of features.
    name
        Of the file.

    Raises
    ------
    InvalidFileError
        Shapes that are neither point nor line, another reference system, lines that end at no node.

    Notes
    -----
    A line names its ends in its properties (``source`` and ``target``, ``a`` and ``b``, ``from`` and ``to``),
    or ends within 1 km of two points. Its length is that of its properties, else along the line, which is
    the way of the cable.
    """
    return _Features(document, name).topology()


class _Features:
    """Sorts features into nodes and links."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self.name, self.problems = name, list[Problem]()
        self.nodes: list[RawNode] = []
        self.lines: list[tuple[str, Mapping[str, Any], list[list[Any]]]] = []
        self.stand: list[tuple[Any, Any, Any]] | None = None
        self.left_out = 0
        crs = document.get("crs")
        if crs is not None and not any(code in str(crs) for code in ("CRS84", "4326")):
            self._fault(
                "crs", "another reference system than longitude and latitude", "convert it to EPSG:4326"
            )
        features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
        if not isinstance(features, list):
            self._fault("features", f"{shown(features)} is no list", "give a list of features")
            features = []
        for i, feature in enumerate(features):
            self._sort(f"features[{i}]", feature)

    def topology(self) -> RawTopology:
        links = [self._link(*line) for line in self.lines]
        if self.problems:
            raise InvalidFileError(self.name, self.problems)
        what = f"{self.left_out} features left out: neither ground nodes nor fibres"
        return RawTopology(
            self.nodes, [link for link in links if link is not None],
            remarks=[what.replace("1 features", "1 feature")] if self.left_out else [],
        )  # fmt: skip

    def _fault(self, place: str, what: str, fix: str = "") -> None:
        self.problems.append(Problem(f"{self.name}: {place}", what, fix))

    def _sort(self, place: str, feature: Any) -> None:
        if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
            self._fault(place, f"{shown(feature)} is no feature", 'give objects with "type": "Feature"')
            return
        properties, shape = feature.get("properties") or {}, feature.get("geometry") or {}
        if not isinstance(properties, Mapping) or not isinstance(shape, Mapping):
            self._fault(place, "properties and geometry are objects", "mend the feature")
            return
        if properties.get("kind") in _OTHERS:
            self.left_out += 1
            return
        kind, at = shape.get("type"), shape.get("coordinates")
        if kind == "Point" and properties.get("kind") == _FIBRE and _is_position(at):
            # As satqn writes a fibre between two nodes at one place: no line of RFC 7946 has length 0.
            self.lines.append((place, properties, [at, at]))
        elif kind in ("Point", None):
            self._point(place, feature, properties, at)
        elif kind == "LineString" and isinstance(at, list) and _is_line(at):
            self.lines.append((place, properties, at))
        elif kind == "MultiLineString" and isinstance(at, list) and all(_is_line(part) for part in at) and at:
            self.lines.append((place, properties, [point for part in at for point in part]))
        else:
            self._fault(place, f"a {kind} is neither a place nor a fibre", "give points and lines")

    def _point(self, place: str, feature: Mapping[str, Any], properties: Mapping[str, Any], at: Any) -> None:
        facts = {key: value for key, value in properties.items() if key.casefold() not in _NAMES}
        if at is not None:
            if not isinstance(at, list) or len(at) < 2:
                self._fault(
                    f"{place}.geometry.coordinates", f"{shown(at)} is no position", "[longitude, latitude]"
                )
                return
            facts = {**facts, "lon_deg": at[0], "lat_deg": at[1]}
            facts.setdefault("altitude_m", at[2] if len(at) > 2 else None)
        own, label = feature.get("id"), found(properties, _NAMES)
        if own is None and label is None:
            self._fault(place, "a point without a name", "give it 'id' or 'name' in its properties")
            return
        named = label[1] if label is not None else None
        self.nodes.append(RawNode(own if own is not None else named, named, place, facts))

    def _link(self, place: str, properties: Mapping[str, Any], line: list[list[Any]]) -> RawLink | None:
        one, other = found(properties, _SOURCE), found(properties, _TARGET)
        ends = [one[1] if one else self._at(line[0]), other[1] if other else self._at(line[-1])]
        if ends[0] is None or ends[1] is None:
            what = "the line ends at no point, and does not name its ends"
            self._fault(place, what, "give 'source' and 'target' in its properties")
            return None
        facts = dict(properties)
        if not any(length_unit(key) is not False for key in facts):
            facts["length_km"] = _along(line)
        return RawLink(ends[0], ends[1], place, facts)

    def _at(self, end: list[Any]) -> Any:
        """Return the node at the end of a line, or None."""
        if self.stand is None:
            placed = [(node.id, node.facts.get("lat_deg"), node.facts.get("lon_deg")) for node in self.nodes]
            self.stand = [one for one in placed if _is_position([one[2], one[1]])]
        if not self.stand:
            return None
        away = great_circle(end[1], end[0], [one[1] for one in self.stand], [one[2] for one in self.stand])
        nearest = int(np.argmin(away))
        return self.stand[nearest][0] if away[nearest] <= NEAR else None


def _is_position(at: Any) -> TypeGuard[list[Any]]:
    return isinstance(at, list) and len(at) >= 2 and all(
        isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in at[:2]
    )  # fmt: skip


def _is_line(part: Any) -> bool:
    return isinstance(part, list) and len(part) >= 2 and all(map(_is_position, part))


def _along(line: list[list[Any]]) -> float:
    """Return the length along a line, km."""
    lon, lat = [p[0] for p in line], [p[1] for p in line]
    return float(sum(great_circle(lat[:-1], lon[:-1], lat[1:], lon[1:]))) / KM
