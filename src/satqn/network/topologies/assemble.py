"""From what a file says to a network: ids, positions, lengths and doubles, with every fault at once.

The one place that judges what the readers of the formats give, so that the same fault has the same words in
all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from satqn.errors import InvalidFileError, Problem, shown
from satqn.network.topologies import fields
from satqn.network.topologies.fields import METRES, NotANumberError, found, is_nothing, number
from satqn.network.topologies.model import Around, Choices, FibreTopology, RawLink, RawNode, RawTopology
from satqn.network.topologies.naming import clean, unique_names
from satqn.network.topologies.placing import mean_of_neighbours, on_a_circle
from satqn.sphere import great_circle
from satqn.units import KM

MOST_PROBLEMS = 20
"""So many faults of one file are listed; of the others only the count."""

SAME_PLACE = 1_000.0
"""Nodes nearer than this, m, are at one place as far as the coordinates of cities can tell."""

TOO_LONG = 200.0
"""Lengths that are so many times the distances, in the middle of all, are in another unit: real detours
are below 10."""

TOO_SHORT, ROUNDING = 0.9, 10_000.0
"""A fibre shorter than this share of the distance of its ends, less 10 km for coordinates of cities."""

LOWEST, HIGHEST = -500.0, 9_000.0
"""Altitudes of places on the ground, m, as in a scenario."""

NOWHERE = Around(0.0, 0.0, 100_000.0)
"""Where a network without positions is laid out, for maps."""

_FLYING = ("satellite", "aerial")
_NO_FIBRES = ("one_sided", "dual_downlink")
"""What the exports of satqn hold beside ground nodes and fibres."""

Position = tuple[float, float, float]


def assembled(raw: RawTopology, name: str, choices: Choices) -> FibreTopology:
    """Return the network that a file describes.

    Parameters
    ----------
    raw
        From the reader of its format.
    name
        Of the file.
    choices
        How what the file leaves open is read.

    Raises
    ------
    InvalidFileError
        All its faults: ids that stand twice, links to nobody, positions and lengths that are none.

    Notes
    -----
    Of parallel links the shortest is kept; a link of a node to itself is left out. A link without a length
    gets the distance of its ends on the sphere.
    """
    return _Assembly(raw, name, choices).topology()


class _Assembly:
    """Judges a raw network part by part and gathers faults and remarks."""

    def __init__(self, raw: RawTopology, name: str, choices: Choices) -> None:
        self.raw, self.name, self.choices = raw, name, choices
        self.problems: list[Problem] = []
        self.remarks = [f"{name}: {remark}" for remark in (*raw.remarks, raw.drawn) if remark]
        flying = {_id(node.id) for node in raw.nodes if _text(node.facts.get("kind")) in _FLYING}
        self.nodes = [node for node in raw.nodes if _id(node.id) not in flying]
        on_the_ground = [link for link in raw.links if not flying & {_id(link.source), _id(link.target)}]
        self.links = [link for link in on_the_ground if _text(link.facts.get("making")) not in _NO_FIBRES]
        through_the_air = len(raw.links) - len(self.links)
        if flying or through_the_air:
            what = (
                f"{_count(len(flying), 'node')} in the air and {_count(through_the_air, 'link')} through it"
            )
            self._remark(f"{what} left out: they are no fibre network")

    def topology(self) -> FibreTopology:
        """Return the network, or raise all faults."""
        self._check_ids()
        names = unique_names((clean(_label(node)), clean(node.id)) for node in self.nodes)
        places = [self._position(node, name) for node, name in zip(self.nodes, names, strict=True)]
        ends = self._ends()
        lengths = {pair: self._length(link) for pair, link in ends}
        self._refuse()
        kept = self._kept(ends, names)
        located, laid_out = self._located(places, kept, names)
        self._refuse()
        return self._network(names, located, kept, lengths, laid_out)

    # Faults and remarks

    def _fault(self, place: str, what: str, fix: str = "") -> None:
        self.problems.append(Problem(f"{self.name}: {place}", what, fix))

    def _remark(self, what: str) -> None:
        self.remarks.append(f"{self.name}: {what}")

    def _refuse(self) -> None:
        problems = list(dict.fromkeys(self.problems))
        if len(problems) > MOST_PROBLEMS:
            more = len(problems) - MOST_PROBLEMS
            problems = [
                *problems[:MOST_PROBLEMS],
                Problem(self.name, f"and {more} more faults of these kinds"),
            ]
        if problems:
            raise InvalidFileError(self.name, problems)

    # Nodes

    def _check_ids(self) -> None:
        if not self.nodes:
            self.problems.append(Problem(self.name, "no node in it"))
        first: dict[str | int | float, str] = {}
        for node in self.nodes:
            own = _id(node.id)
            if own is None:
                self._fault(f"node at {node.place}", "it has no id", "give every node an id of its own")
            elif own in first:
                what = f"the id {_plain(own)} stands twice: at {first[own]} and {node.place}"
                self._fault(f"node {_plain(own)}", what, "give every node an id of its own")
            else:
                first[own] = node.place

    def _position(self, node: RawNode, name: str) -> Position | None:
        """Return latitude, longitude and altitude of a node; None if it stands nowhere."""
        known = self.choices.positions
        for key in (str(node.id), clean(_label(node)), name):
            if key in known:
                return known[key]
        lat = found(node.facts, (*fields.LATITUDE, *(("y",) if self.raw.geographic else ())))
        lon = found(node.facts, (*fields.LONGITUDE, *(("x",) if self.raw.geographic else ())))
        if lat is None and lon is None:
            return None
        where = f"node {_shown(node, name)} ({node.place})"
        if lat is None or lon is None:
            has, lacks = ("longitude", "latitude") if lat is None else ("latitude", "longitude")
            self._fault(where, f"it has a {has} and no {lacks}", "give both, or none")
            return None
        lat_deg, lon_deg = self._number(where, *lat), self._number(where, *lon)
        altitude = found(node.facts, fields.ALTITUDE)
        height = self._number(where, *altitude) if altitude is not None else 0.0
        if lat_deg is None or lon_deg is None or height is None:
            return None
        return self._in_range(where, (lat[0], lat_deg), (lon[0], lon_deg), height)

    def _in_range(
        self, where: str, lat: tuple[str, float], lon: tuple[str, float], height: float
    ) -> Position | None:
        (lat_key, lat_deg), (lon_key, lon_deg) = lat, lon
        if abs(lat_deg) > 90.0:
            swapped = abs(lat_deg) <= 180.0 and abs(lon_deg) <= 90.0
            fix = f"are {lat_key} and {lon_key} swapped?" if swapped else "south is negative"
            self._fault(where, f"{lat_key} {lat_deg:g} is {_size(lat_deg)}: from -90 to 90", fix)
        elif abs(lon_deg) > 180.0:
            turned = (lon_deg + 180.0) % 360.0 - 180.0
            fix = "east is positive, west negative"
            fix += f": write {turned:.10g}" if abs(lon_deg) <= 360.0 else ""
            self._fault(where, f"{lon_key} {lon_deg:g} is {_size(lon_deg)}: from -180 to 180", fix)
        elif not LOWEST <= height <= HIGHEST:
            what = f"the altitude {height:g} m is {_size(height)}: from {LOWEST:g} to {HIGHEST:g}"
            self._fault(where, what, "metres above the ellipsoid")
        else:
            return lat_deg, lon_deg, height
        return None

    def _number(self, where: str, key: str, value: Any) -> float | None:
        try:
            return number(value)
        except NotANumberError as error:
            self._fault(f"{where}: {key}", error.what, error.fix)
            return None

    # Links

    def _ends(self) -> list[tuple[int, RawLink]]:
        """Return the links by their number, with ends that exist; links to nobody are faults."""
        number_of: dict[Any, int] = {}
        for i, node in enumerate(self.nodes):
            number_of.setdefault(_id(node.id), i)
        for i, node in enumerate(self.nodes):
            number_of.setdefault(str(node.id), i)
        labels = Counter(clean(_label(node)) for node in self.nodes)
        for i, node in enumerate(self.nodes):
            label = _label(node)
            if label and labels[clean(label)] == 1:
                number_of.setdefault(label, i)
        self.number_of = number_of
        good = []
        for i, link in enumerate(self.links):
            missing = [end for end in (link.source, link.target) if self._number_of(end) is None]
            for end in missing:
                what = "an end of it is not named" if end in (None, "") else f"there is no node {_plain(end)}"
                self._fault(f"link at {link.place}", what, "name a node of the file by its id")
            if not missing:
                good.append((i, link))
        return good

    def _number_of(self, end: Any) -> int | None:
        own = _id(end)
        return None if own is None else self.number_of.get(own, self.number_of.get(str(own)))

    def _length(self, link: RawLink) -> tuple[float, str, bool] | None:
        """Return length in m, its key and whether the key names the unit; None where nothing is given."""
        where = f"link at {link.place}"
        given: list[tuple[float, str, bool]] = []
        for key, value in link.facts.items():
            unit = fields.length_unit(key)
            if unit is False or value is None or (isinstance(value, str) and is_nothing(value)):
                continue
            length = self._number(where, key, value)
            if length is not None and length < 0.0:
                self._fault(f"{where}: {key}", f"{length:g} is negative", "a length is 0 or more")
            elif length is not None:
                named = unit is not None
                given.append((length * METRES[unit or self.choices.unit or self.raw.unit], key, named))
        if not given:
            return None
        first = max(given, key=lambda one: one[2])
        for length, key, _ in given:
            if abs(length - first[0]) > 0.01 * max(length, first[0]):
                what = f"{first[1]} and {key} say {first[0] / KM:g} km and {length / KM:g} km"
                self._fault(where, what, "keep one of them")
        return first

    def _kept(self, ends: list[tuple[int, RawLink]], names: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return ends and number of the links between two different nodes, and say which are none."""
        kept, loops = [], []
        for i, link in ends:
            a, b = self._number_of(link.source), self._number_of(link.target)
            assert a is not None
            assert b is not None
            if a == b:
                loops.append(names[a])
            else:
                kept.append((min(a, b), max(a, b), i))
        if loops:
            self._remark(f"links of nodes to themselves left out: {_some(loops)}")
        return kept

    # Positions of all nodes

    def _located(
        self, places: list[Position | None], kept: list[tuple[int, int, int]], names: Sequence[str]
    ) -> tuple[list[Position | None], bool]:
        """Return positions with those that stand nowhere placed; and whether all are made up."""
        nowhere = [i for i, place in enumerate(places) if place is None]
        if not nowhere:
            return places, False
        if len(nowhere) == len(places):
            return self._all_laid_out(places, kept)
        choice = self.choices.without_position
        if choice == "refuse":
            for i in nowhere:
                where = f"node {_shown(self.nodes[i], names[i])} ({self.nodes[i].place})"
                fix = "give lat and lon, or 'without_position: neighbours' or 'leave_out'"
                self._fault(where, "it has no position", fix)
            return places, False
        if choice == "leave_out":
            who = _some([names[i] for i in nowhere])
            self._remark(f"{_count(len(nowhere), 'node')} without position left out, as asked for: {who}")
            return places, False
        return self._placed(places, kept, names), False

    def _placed(
        self, places: list[Position | None], kept: list[tuple[int, int, int]], names: Sequence[str]
    ) -> list[Position | None]:
        known = np.array([place is not None for place in places])
        a, b = (np.array([link[end] for link in kept], dtype=np.int64) for end in (0, 1))
        lat, lon, placed = mean_of_neighbours(
            np.array([place[0] if place else 0.0 for place in places]),
            np.array([place[1] if place else 0.0 for place in places]), known, a, b,
        )  # fmt: skip
        new = [names[int(i)] for i in np.flatnonzero(placed & ~known)]
        lost = [names[int(i)] for i in np.flatnonzero(~placed)]
        if new:
            self._remark(
                f"{_count(len(new), 'node')} without position put at the mean of their neighbours: "
                f"{_some(new)} ('without_position: leave_out' takes them out)"
            )
        if lost:
            why = "for no link joins them to one with a position"
            self._remark(f"{_count(len(lost), 'node')} left out, {why}: {_some(lost)}")
        return [
            place if place is not None else _rounded(lat[i], lon[i]) if placed[i] else None
            for i, place in enumerate(places)
        ]

    def _all_laid_out(
        self, places: list[Position | None], kept: list[tuple[int, int, int]]
    ) -> tuple[list[Position | None], bool]:
        """Put a network without any position on a circle, if that is asked for or harms no length."""
        around = self.choices.around
        measured = bool(kept) and all(self._length(self.links[i]) is not None for _, _, i in kept)
        if around is None and not measured:
            said = found(self.raw.about, ("GeoLocation",))
            located = f" (the file says: {shown(said[1])})" if said is not None else ""
            unnamed = any("x" in node.facts and "y" in node.facts for node in self.nodes)
            what = f"no node has a position{located}, and links without a length need one"
            what = f"{self.raw.drawn}: {what}" if self.raw.drawn else what
            fix = "give 'positions', a table of name, lat_deg, lon_deg, or 'around', where to lay them out"
            if unnamed and not self.raw.geographic:
                fix += "; if x and y are degrees, call them lon and lat"
            self.problems.append(Problem(self.name, what, fix))
            return places, False
        circle = around or NOWHERE
        lat, lon = on_a_circle(len(places), circle)
        where = f"{circle.radius / KM:g} km around {circle.lat_deg:g}° N {circle.lon_deg:g}° E"
        use = (
            "lengths are those of the file"
            if measured
            else "lengths that the file lacks are those between them"
        )
        self._remark(
            f"no node has a position: they stand on a circle of {where}, and {use} "
            "('positions' and 'around' of ground.topology say where they are)"
        )
        return [_rounded(y, x) for y, x in zip(lat, lon, strict=True)], around is None

    # The network

    def _network(
        self,
        names: list[str],
        located: list[Position | None],
        kept: list[tuple[int, int, int]],
        lengths: dict[int, tuple[float, str, bool] | None],
        laid_out: bool,
    ) -> FibreTopology:
        new = {old: i for i, old in enumerate(i for i, place in enumerate(located) if place is not None)}
        places = [place for place in located if place is not None]
        best: dict[tuple[int, int], tuple[float, bool]] = {}
        measured: list[tuple[float, float, str, tuple[int, int]]] = []
        parallel = 0
        for a, b, i in kept:
            if a not in new or b not in new:
                continue
            pair = (new[a], new[b])
            one, other = places[pair[0]], places[pair[1]]
            distance = float(great_circle(one[0], one[1], other[0], other[1]))
            given = lengths[i]
            length = distance if given is None else given[0]
            if given is not None and not laid_out and self.choices.around is None:
                self._judge(self.links[i], length, distance)
                measured.append((length, distance, "" if given[2] else given[1], pair))
            parallel += pair in best
            if pair not in best or length < best[pair][0]:
                best[pair] = (length, given is not None)
        self._judge_all(measured, names, list(new))
        self._refuse()
        if parallel:
            self._remark(f"{_count(parallel, 'parallel link')}: of each pair the shortest is kept")
        self._say_lengths(best)
        return FibreTopology(
            name=self.name,
            ids=tuple(names[old] for old in new),
            lat_deg=tuple(place[0] for place in places),
            lon_deg=tuple(place[1] for place in places),
            population=tuple(self._population(self.nodes[old]) for old in new),
            a=tuple(a for a, _ in best),
            b=tuple(b for _, b in best),
            length=tuple(length for length, _ in best.values()),
            given=tuple(given for _, given in best.values()),
            altitude=tuple(place[2] for place in places),
            remarks=tuple(dict.fromkeys(self.remarks)),
            laid_out=laid_out,
        )

    def _population(self, node: RawNode) -> float | None:
        people = found(node.facts, fields.POPULATION)
        try:
            value = number(people[1]) if people is not None else -1.0
        except NotANumberError:
            return None
        return value if value >= 0.0 else None

    def _judge(self, link: RawLink, length: float, distance: float) -> None:
        if length == 0.0 and distance >= SAME_PLACE:
            what = f"it is 0 km long, but its ends are {distance / KM:.4g} km apart"
            self._fault(f"link at {link.place}", what, "leave the length out, or mend it")

    def _judge_all(
        self, measured: list[tuple[float, float, str, tuple[int, int]]], names: list[str], old: list[int]
    ) -> None:
        """Say where lengths and distances do not fit: another unit, or shorter than the straight line."""
        apart = [one for one in measured if one[1] >= SAME_PLACE and one[0] > 0.0]
        ratios = [length / distance for length, distance, key, _ in apart if key]
        if ratios and median(ratios) > TOO_LONG:
            key = next(key for _, _, key, _ in apart if key)
            what = (
                f"the lengths under {key!r} are about {median(ratios):.2g} times the distances of their ends"
            )
            fix = "say their unit: 'length_unit: m', or call the key length_m"
            self.problems.append(Problem(self.name, what, fix))
        short = [one for one in apart if one[0] < TOO_SHORT * one[1] - ROUNDING]
        if short:
            length, distance, _, (a, b) = min(short, key=lambda one: one[0] / one[1])
            self._remark(
                f"{len(short)} link{'s are' if len(short) > 1 else ' is'} shorter than the way over ground, "
                f"{names[old[a]]} to {names[old[b]]} {length / KM:.4g} km instead of {distance / KM:.4g} km: "
                "is their unit right? ('length_unit')"
            )

    def _say_lengths(self, best: dict[tuple[int, int], tuple[float, bool]]) -> None:
        """Say which links have no length, where others have or a key looks like one."""
        without = sum(not given for _, given in best.values())
        if without and without < len(best):
            self._remark(
                f"{without} of {len(best)} links have no length: "
                "the distance of their ends times fibre.detour is taken"
            )
        unread = sorted({key for link in self.links for key in link.facts if fields.looks_like_length(key)})
        if without and unread:
            self._remark(
                f"not read as lengths: {_some(unread)} (call the key length_km, length_m or length_mi)"
            )


def _rounded(lat_deg: float, lon_deg: float) -> Position:
    """Return a position that was worked out, to a tenth of a millimetre: equal places are equal."""
    return round(float(lat_deg), 9) + 0.0, round(float(lon_deg), 9) + 0.0, 0.0


def _label(node: RawNode) -> str:
    """Return what people call a node; nothing where the file only says that there is none.

    Programs write the None of Python and the NaN of tables as text; NA is Namibia.
    """
    if not isinstance(node.label, str | int | float) or isinstance(node.label, bool):
        return ""
    text = str(node.label).strip()
    return "" if text.casefold() in ("none", "null", "nan") else text


def _id(value: Any) -> str | int | float | None:
    """Return what can be an id; None for truth, lists and nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: Any) -> str:
    """Return an id as people write it."""
    return clean(value) if isinstance(value, str) and clean(value) else shown(value)


def _shown(node: RawNode, name: str) -> str:
    own = _plain(node.id)
    return own if own == name else f"{own} {name!r}"


def _size(value: float) -> str:
    return "too large" if value > 0 else "too small"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list and how many more there are."""
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - 5} more" if len(different) > 5 else ""
    return ", ".join(different[:5]) + more
