"""How long the links of a file are: what it says, and whether that fits the distances of their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from satqn.errors import shown
from satqn.network.topologies import fields
from satqn.network.topologies.fields import METRES, is_nothing
from satqn.network.topologies.findings import Findings, place_of, some
from satqn.network.topologies.model import LengthUnit, RawLink
from satqn.units import KM

SAME_PLACE = 1_000.0
"""Nodes nearer than this, m, are at one place as far as the coordinates of cities can tell."""

TOO_LONG = 200.0
"""Lengths that are so many times the distances, in the middle of all, are in another unit: real detours
are below 10."""

TOO_SHORT, ROUNDING = 0.9, 10_000.0
"""A fibre shorter than this share of the distance of its ends, less 10 km for coordinates of cities."""

SAME = 0.01
"""Two lengths of one link that differ by no more than this share are one."""


@dataclass(frozen=True, slots=True)
class Given:
    """A length that a file gives.

    Parameters
    ----------
    length
        m.
    key
        Under which it stands.
    sure
        Whether the key or the user says the unit.
    """

    length: float
    key: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """A link with a length and with ends of which the places are known.

    Parameters
    ----------
    link, given
        The link, and its length.
    distance
        Of its ends on the sphere, m.
    names
        Of its ends.
    """

    link: RawLink
    given: Given
    distance: float
    names: tuple[str, str]


def given_length(
    link: RawLink, usual: LengthUnit, said: LengthUnit | None, findings: Findings
) -> Given | None:
    """Return the length of a link; None where nothing is given, or at a fault.

    Parameters
    ----------
    link
        With its facts.
    usual
        Unit of the format, where the name of a length says none.
    said
        That of the user, which wins.
    findings
        Gathers faults.
    """
    where = place_of(link)
    all_given: list[Given] = []
    for key, value in link.facts.items():
        unit = fields.length_unit(key)
        if unit is False or value is None or (isinstance(value, str) and is_nothing(value)):
            continue
        bare, written = fields.with_unit(value)
        if written is not None and unit not in (None, written):
            what = f"{shown(value)} and the name {key!r} say different units"
            findings.fault(where, what, "keep one of them")
            continue
        unit = unit or written
        length = findings.number(where, key, bare)
        if length is not None and length < 0.0:
            findings.fault(f"{where}: {key}", f"{length:g} is negative", "a length is 0 or more")
        elif length is not None:
            metres = length * METRES[unit or said or usual]
            all_given.append(Given(metres, key, unit is not None or said is not None))
    if not all_given:
        return None
    first = max(all_given, key=lambda one: one.sure)
    for other in all_given:
        if abs(other.length - first.length) > SAME * max(other.length, first.length):
            lengths = f"{first.length / KM:g} km and {other.length / KM:g} km"
            findings.fault(where, f"{first.key} and {other.key} say {lengths}", "keep one of them")
    return first


def judge(measured: Sequence[Measured], findings: Findings) -> None:
    """Say where lengths and distances do not fit: 0 km apart, another unit, shorter than over ground."""
    apart = [one for one in measured if one.distance >= SAME_PLACE]
    for one in apart:
        if one.given.length == 0.0:
            what = f"it is 0 km long, but its ends are {one.distance / KM:.4g} km apart"
            findings.fault(place_of(one.link), what, "leave the length out, or mend it")
    apart = [one for one in apart if one.given.length > 0.0]
    unsure = [one for one in apart if not one.given.sure]
    ratio = median(one.given.length / one.distance for one in unsure) if unsure else 0.0
    if ratio > TOO_LONG:
        key = unsure[0].given.key
        what = f"the lengths under {key!r} are about {ratio:.2g} times the distances of their ends"
        findings.fault("", what, "say their unit: 'length_unit: m', or call the key length_m")
    short = [one for one in apart if one.given.length < TOO_SHORT * one.distance - ROUNDING]
    if short:
        worst = min(short, key=lambda one: one.given.length / one.distance)
        findings.remark(
            f"{len(short)} link{'s are' if len(short) > 1 else ' is'} shorter than the way over ground, "
            f"{' to '.join(worst.names)} {worst.given.length / KM:.4g} km instead of "
            f"{worst.distance / KM:.4g} km: is their unit right? ('length_unit')"
        )


def say_what_lacks(links: Sequence[RawLink], given: Sequence[bool], findings: Findings) -> None:
    """Say which links have no length, where others have one or a key looks like one.

    Parameters
    ----------
    links
        Of the file.
    given
        Of every link that is kept, whether its length was given.
    findings
        Gathers remarks.
    """
    without = len(given) - sum(given)
    if 0 < without < len(given):
        what = "the distance of their ends times fibre.detour is taken"
        findings.remark(f"{without} of {len(given)} links have no length: {what}")
    unread = sorted({key for link in links for key in link.facts if fields.looks_like_length(key)})
    if without and unread:
        findings.remark(
            f"not read as lengths: {some(unread)} (call the key length_km, length_m or length_mi)"
        )
