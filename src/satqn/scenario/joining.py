"""Which terminals have to exchange light, and whether they can: the parts they need, their wavelengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from satqn.scenario.hardware import TerminalSection
from satqn.scenario.planning import PlanScenario, SatelliteGroup
from satqn.scenario.reading import Fault, Loc


@dataclass(frozen=True, slots=True)
class _Holder:
    """A terminal in its place.

    Parameters
    ----------
    loc
        Where it is named.
    name
        Its name in the hardware.
    owner
        Who has it.
    terminal
        Its numbers.
    group
        The satellites that have it; None on the ground and on HAPs.
    """

    loc: Loc
    name: str
    owner: str
    terminal: TerminalSection
    group: SatelliteGroup | None = None

    @property
    def stores(self) -> bool:
        return self.terminal.memory is not None


def joining_faults(scenario: PlanScenario) -> Iterator[Fault]:
    """Yield every pair of terminals between which light should go but cannot, each pair once.

    Parameters
    ----------
    scenario
        With terminals that exist and have the parts that every platform needs.
    """
    told: set[tuple[str, str]] = set()
    for sender, receiver in _lines(scenario):
        if (sender.name, receiver.name) in told:
            continue
        told.add((sender.name, receiver.name))
        if receiver.terminal.receiver is None:
            yield (
                receiver.loc,
                f"the terminal {receiver.name!r} has no receiver for the light of {sender.owner}",
                "give it one, or write 'crosslinks: none'" if receiver.group is not None else "give it one",
            )
        elif sender.terminal.wavelength_nm != receiver.terminal.wavelength_nm:
            yield (
                receiver.loc,
                f"{receiver.name!r} receives at {receiver.terminal.wavelength_nm:g} nm, but "
                f"{sender.name!r} of {sender.owner} sends at {sender.terminal.wavelength_nm:g} nm",
                "give both the same wavelength_nm",
            )


def _lines(scenario: PlanScenario) -> Iterator[tuple[_Holder, _Holder]]:
    """Yield sender and receiver of every kind of line that the planner draws (as in satqn.topology)."""
    ground, haps, groups = list(_ground(scenario)), list(_haps(scenario)), list(_groups(scenario))
    for i, group in enumerate(groups):
        # A satellite without a memory sends to any two stations; one with memories to memories.
        for below in [*ground, *haps]:
            if (below.stores and group.stores) or (not group.stores and below in ground):
                yield group, below
        if group.stores and group.group is not None and _linked_inside(group.group):
            yield group, group
        for other in groups[i + 1 :]:
            if group.stores and other.stores and not _apart(scenario, group, other):
                yield group, other
    for i, hap in enumerate(haps):
        for below in (*(station for station in ground if station.stores), *haps[i + 1 :]):
            yield hap, below


def _apart(scenario: PlanScenario, one: _Holder, other: _Holder) -> bool:
    """Whether a rule says that the satellites of two groups are not linked."""
    ids = {holder.group.id for holder in (one, other) if holder.group is not None}
    return any(set(rule.groups) == ids and rule.crosslinks == "none" for rule in scenario.crosslinks_between)


def _linked_inside(group: SatelliteGroup) -> bool:
    members = (
        group.walker.satellites if group.walker is not None
        else len(group.orbits) if group.orbits is not None
        else len(group.geostationary.lon_deg) if group.geostationary is not None
        else len(group.omm) if group.omm is not None
        else 2
    )  # fmt: skip
    return group.crosslinks != "none" and members > 1


def _ground(scenario: PlanScenario) -> Iterator[_Holder]:
    section = scenario.ground
    if section.terminal is not None and (section.stations is None or section.stations):
        loc: Loc = ("ground", "terminal")
        yield _Holder(loc, section.terminal, "the ground", scenario.hardware[section.terminal])
    for i, node in enumerate(section.nodes):
        if node.terminal is not None:
            loc = ("ground", "nodes", i, "terminal")
            yield _Holder(loc, node.terminal, node.id, scenario.hardware[node.terminal])


def _haps(scenario: PlanScenario) -> Iterator[_Holder]:
    for i, hap in enumerate(scenario.haps):
        yield _Holder(("haps", i, "terminal"), hap.terminal, hap.id, scenario.hardware[hap.terminal])


def _groups(scenario: PlanScenario) -> Iterator[_Holder]:
    for i, group in enumerate(scenario.satellites):
        loc: Loc = ("satellites", i, "terminal")
        yield _Holder(loc, group.terminal, group.id, scenario.hardware[group.terminal], group)
