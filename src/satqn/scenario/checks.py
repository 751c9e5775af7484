"""What no single key can tell: names that must be known or unique, and values that must fit together."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterator

from satqn.model.hardware import LEAST_PASSED
from satqn.scenario.air import row_faults
from satqn.scenario.equipping import hardware_catalogue
from satqn.scenario.hardware import TransmitterSection
from satqn.scenario.joining import joining_faults
from satqn.scenario.planning import GroundSection, PlanScenario, SatelliteGroup
from satqn.scenario.reading import Fault, Loc

EARTH_EQUATORIAL_KM = 6378.137
"""WGS-84; for the lowest point of an orbit."""

MOST_SLOTS = 100_000
FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years for which the position of the Sun and the turn of the Earth are good."""


def faults(scenario: PlanScenario) -> Iterator[Fault]:
    """Yield every fault of a planning scenario that its shape does not show."""
    yield from _time(scenario)
    yield from _air(scenario)
    yield from _ids(scenario)
    terminals = list(_terminals(scenario))
    yield from terminals
    if not terminals:
        yield from joining_faults(scenario)
    for i, group in enumerate(scenario.satellites):
        yield from _group(group, ("satellites", i))
    yield from _between(scenario)
    if not scenario.demands and scenario.drawn_demands is None:
        yield ("demands",), "there are no demands", "list some, or give 'drawn_demands'"
    if listed(scenario.ground):
        yield from names(scenario)


def listed(ground: GroundSection) -> bool:
    """Whether all ground nodes stand in the scenario itself."""
    return all(getattr(ground, key) is None for key in ("csv", "geojson", "dataset", "topology"))


def names(scenario: PlanScenario) -> Iterator[Fault]:
    """Yield every use of a ground node that does not exist; all of them must be listed by now."""
    known = [node.id for node in scenario.ground.nodes]
    if not known:
        yield (
            ("ground", "nodes"),
            "there is nobody on the ground",
            "list nodes, or name a csv, geojson, dataset or topology",
        )
        return
    everybody = [*known, *(hap.id for hap in scenario.haps)]
    for name in scenario.ground.stations or ():
        if name not in known:
            yield ("ground", "stations"), f"there is no ground node {name!r}", _near(name, known)
    seen: set[frozenset[str]] = set()
    for i, link in enumerate(scenario.fibre.links):
        loc: Loc = ("fibre", "links", i)
        for end in link.ends:
            if end not in known:
                yield (*loc, "ends"), f"there is no ground node {end!r}", _near(end, known)
        if link.ends[0] == link.ends[1]:
            yield (*loc, "ends"), f"a fibre from {link.ends[0]!r} to itself", "name two nodes"
        elif frozenset(link.ends) in seen:
            yield (
                (*loc, "ends"),
                f"a second fibre between {link.ends[0]!r} and {link.ends[1]!r}",
                "leave one out",
            )
        seen.add(frozenset(link.ends))
    for i, demand in enumerate(scenario.demands):
        loc = ("demands", i)
        for key, end in (("source", demand.source), ("destination", demand.destination)):
            if end not in everybody:
                yield (*loc, key), f"there is no node {end!r}", _near(end, everybody)
        if demand.source == demand.destination:
            yield (*loc, "destination"), f"{demand.source!r} wants pairs with itself", "name another node"
    drawn = scenario.drawn_demands
    if drawn is not None:
        most = len(known) * (len(known) - 1) // 2
        if drawn.count > most:
            yield (
                ("drawn_demands", "count"),
                f"{drawn.count} demands among {most} pairs of nodes",
                "ask for fewer",
            )
        weightless = [node.id for node in scenario.ground.nodes if not node.population]
        if drawn.by == "population" and len(known) - len(weightless) < 2:
            yield ("drawn_demands", "by"), "fewer than two nodes have a population", "use 'by: uniform'"


def _time(scenario: PlanScenario) -> Iterator[Fault]:
    time = scenario.time
    if not FIRST_YEAR <= time.start.year <= LAST_YEAR:
        what = f"the year {time.start.year} is outside {FIRST_YEAR} to {LAST_YEAR}"
        yield ("time", "start"), what, "write e.g. 2026-06-21T00:00:00Z"
    if time.slot_s * MOST_SLOTS < time.horizon_s:
        what = f"more than {MOST_SLOTS} slots of {time.slot_s:g} s in {time.horizon_s:g} s"
        yield ("time", "horizon_s"), what, "take longer slots, or a shorter horizon"
    elif time.slot_s > time.horizon_s:
        yield (
            ("time", "slot_s"),
            f"a slot of {time.slot_s:g} s is longer than the horizon of {time.horizon_s:g} s",
            "shorten the slot, or lengthen the horizon",
        )
    elif abs(time.horizon_s / time.slot_s - time.slots) > 1e-9 * time.slots:
        yield (
            ("time", "horizon_s"),
            f"{time.horizon_s:g} s is not a whole number of slots of {time.slot_s:g} s",
            f"write {max(round(time.horizon_s / time.slot_s), 1) * time.slot_s:.10g} for so many whole slots",
        )


def _ids(scenario: PlanScenario) -> Iterator[Fault]:
    where: list[tuple[Loc, str]] = [
        *((("ground", "nodes", i, "id"), node.id) for i, node in enumerate(scenario.ground.nodes)),
        *((("haps", i, "id"), hap.id) for i, hap in enumerate(scenario.haps)),
        *((("satellites", i, "id"), group.id) for i, group in enumerate(scenario.satellites)),
        *(
            (("satellites", i, "orbits", j, "id"), orbit.id)
            for i, group in enumerate(scenario.satellites)
            for j, orbit in enumerate(group.orbits or ())
        ),
    ]
    count = Counter(name for _, name in where)
    first: set[str] = set()
    for loc, name in where:
        if count[name] > 1 and name in first:
            yield loc, f"the id {name!r} is taken", "every node needs a name of its own"
        first.add(name)
    demands = [demand.id for demand in scenario.demands if demand.id is not None]
    for i, demand in enumerate(scenario.demands):
        if demand.id is not None and demands.count(demand.id) > 1 and demand.id in demands[:i]:
            yield (
                ("demands", i, "id"),
                f"the id {demand.id!r} is taken",
                "every demand needs a name of its own",
            )


def _terminals(scenario: PlanScenario) -> Iterator[Fault]:
    known = sorted({*scenario.hardware, *hardware_catalogue().data})
    ground = scenario.ground
    used: list[tuple[Loc, str | None, tuple[str, ...]]] = [
        (("ground", "terminal"), ground.terminal, ("receiver",)),
        *(
            (("ground", "nodes", i, "terminal"), n.terminal, ("receiver",))
            for i, n in enumerate(ground.nodes)
        ),
        *((("haps", i, "terminal"), hap.terminal, ("transmitter",)) for i, hap in enumerate(scenario.haps)),
        *(
            (("satellites", i, "terminal"), group.terminal, ("transmitter",))
            for i, group in enumerate(scenario.satellites)
        ),
    ]
    for key, entry in scenario.hardware.items():
        yield from _sender_shadow(key, entry.transmitter)
        receiver = entry.receiver
        if receiver is not None and receiver.obscuration_radius_m >= receiver.radius_m:
            yield (
                ("hardware", key, "receiver", "obscuration_radius_m"),
                f"{receiver.obscuration_radius_m:g} m shadow the whole telescope of {receiver.radius_m:g} m",
                "the shadow is smaller than the telescope",
            )
    for loc, name, needs in used:
        if name is None:
            continue
        if name not in scenario.hardware:
            yield loc, f"there is no terminal {name!r}", _near(name, known)
            continue
        terminal = scenario.hardware[name]
        for part in needs:
            if getattr(terminal, part) is None:
                fix = f"give it one: {'the ground receives' if part == 'receiver' else 'a platform sends'}"
                yield loc, f"the terminal {name!r} has no {part}", fix
        storing = loc[0] in ("haps", "satellites") and terminal.memory is None
        if storing:
            holder = scenario.haps[int(loc[1])] if loc[0] == "haps" else scenario.satellites[int(loc[1])]
            if holder.storage_pairs > 0:
                yield (
                    (*loc[:-1], "storage_pairs"),
                    f"a store of {holder.storage_pairs:g} pairs behind {name!r}, which has no memory",
                    "give the terminal a memory, or storage_pairs: 0",
                )
        if terminal.memory is None and loc[0] == "haps":
            yield (
                loc,
                f"the HAP's terminal {name!r} has no memory",
                "give it one: a HAP is a node of the network",
            )


def _air(scenario: PlanScenario) -> Iterator[Fault]:
    air, mask = scenario.air, scenario.links.ground_mask_deg
    if air is None:
        return
    if (air.table is None) == (air.rows is None):
        both = "neither a table nor rows" if air.table is None else "a table and rows at once"
        yield ("air",), both, "give `table`, the name of a CSV file"
    elif air.rows is not None:
        for row, what, fix in row_faults(air.rows):
            yield ("air", "rows", *(() if row is None else (row,))), what, fix
        if air.rows and air.rows[0][0] > mask:
            yield (
                ("air", "rows"),
                f"the air is known from {air.rows[0][0]:g} degrees of elevation on, links begin at {mask:g}",
                "begin the table lower, or give a larger links.ground_mask_deg",
            )


def _sender_shadow(key: str, sender: TransmitterSection | None) -> Iterator[Fault]:
    """Yield what is wrong with the shadow of a transmitter's secondary mirror."""
    if sender is None or sender.obscuration_radius_m == 0.0:
        return
    loc = ("hardware", key, "transmitter", "obscuration_radius_m")
    hole, radius, waist = sender.obscuration_radius_m, sender.aperture_radius_m, sender.beam_waist_m
    if radius is None:
        yield loc, "a shadow without the radius of the telescope", "give aperture_radius_m"
    elif hole >= radius:
        yield (
            loc,
            f"{hole:g} m shadow the whole telescope of {radius:g} m",
            "the shadow is smaller than the telescope",
        )
    elif 1.0 - _beam_within(hole, waist) / _beam_within(radius, waist) < LEAST_PASSED:
        yield (
            loc,
            f"{hole:g} m shadow nearly all of a beam of {waist:g} m",
            "give a smaller shadow, a wider beam, or what passes as part of `optics`",
        )


def _beam_within(radius: float, waist: float) -> float:
    return -math.expm1(-2.0 * (radius / waist) ** 2)


def _group(group: SatelliteGroup, loc: Loc) -> Iterator[Fault]:
    ways = ("walker", "orbits", "geostationary", "file", "omm")
    given = [name for name in ways if getattr(group, name) is not None]
    if len(given) != 1:
        what = "nothing says where these satellites are" if not given else f"{' and '.join(given)} at once"
        yield loc, what, f"give one of {', '.join(ways)}"
    walker = group.walker
    if walker is not None:
        if walker.satellites % walker.planes:
            yield (
                (*loc, "walker", "planes"),
                f"{walker.satellites} satellites in {walker.planes} planes",
                f"every plane has as many: {_divisors(walker.satellites)} planes are possible",
            )
        if walker.phasing >= walker.planes:
            yield (
                (*loc, "walker", "phasing"),
                f"phasing {walker.phasing} with {walker.planes} planes",
                f"give 0 to {walker.planes - 1}",
            )
    for j, orbit in enumerate(group.orbits or ()):
        perigee = (EARTH_EQUATORIAL_KM + orbit.altitude_km) * (1.0 - orbit.eccentricity) - EARTH_EQUATORIAL_KM
        if not math.isfinite(perigee) or perigee <= 0.0:
            yield (
                (*loc, "orbits", j, "eccentricity"),
                f"the orbit comes down to {perigee:.4g} km: below the ground",
                f"at this altitude at most {_most_eccentric(orbit.altitude_km):.3g}",
            )


def _between(scenario: PlanScenario) -> Iterator[Fault]:
    known = [group.id for group in scenario.satellites]
    seen: set[frozenset[str]] = set()
    for i, rule in enumerate(scenario.crosslinks_between):
        loc: Loc = ("crosslinks_between", i)
        for name in dict.fromkeys(rule.groups):
            if name not in known:
                yield (*loc, "groups"), f"there is no group of satellites {name!r}", _near(name, known)
        one, other = rule.groups
        if one == other:
            yield (
                (*loc, "groups"),
                f"{one!r} with itself",
                f"name two groups; within {one} its crosslinks say so",
            )
        elif frozenset(rule.groups) in seen:
            yield (*loc, "groups"), f"a second rule for {one!r} and {other!r}", "leave one out"
        seen.add(frozenset(rule.groups))
        if (rule.crosslinks == "nearest") != (rule.nearest is not None):
            missing = rule.nearest is None
            what = (
                "nearest how many?"
                if missing
                else f"a number of nearest ones with crosslinks: {rule.crosslinks}"
            )
            yield (*loc, "nearest"), what, "give nearest: 2, say" if missing else "write crosslinks: nearest"


def _divisors(number: int) -> str:
    found = [planes for planes in range(1, number + 1) if number % planes == 0]
    return ", ".join(map(str, found[:12])) + (" …" if len(found) > 12 else "")


def _most_eccentric(altitude_km: float) -> float:
    return math.floor(1000.0 * altitude_km / (EARTH_EQUATORIAL_KM + altitude_km)) / 1000.0


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return (
        f"did you mean {near[0]!r}?"
        if near
        else "known: " + ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    )
