"""What there is to say about one pair of users: a value, its JSON form and its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from satqn.hybrid.placement import Placement
from satqn.model.shown import Shown
from satqn.units import KM


@dataclass(frozen=True, slots=True, repr=False)
class FibrePart(Shown):
    """A fibre path of a way and the repeaters at work on it.

    Parameters
    ----------
    nodes
        Node ids along the path, both ends included.
    length
        m.
    in_time
        Placement within the satellite's time per pair; None if nothing is ready by then.
    at_target
        Placement when the way reaches the target fidelity soonest; None if it never does.
    """

    nodes: tuple[str, ...]
    length: float
    in_time: Placement | None
    at_target: Placement | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "length_km": self.length / KM,
            "path": list(self.nodes),
            "in_satellite_time": _placement(self.in_time, self.nodes),
            "at_target": _placement(self.at_target, self.nodes),
        }


@dataclass(frozen=True, slots=True)
class SatellitePart:
    """The satellite between two nodes: pairs per second, and how many it sends in each of the two times."""

    node_a: str
    node_b: str
    rate: float
    pairs_at_target: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "node_a": self.node_a,
            "node_b": self.node_b,
            "rate_per_s": self.rate,
            "pairs_at_target": self.pairs_at_target,
        }


@dataclass(frozen=True, slots=True, repr=False)
class WayExplanation(Shown):
    """What one way delivers and the parts it is made of; None where it does not exist or never gets there.

    Parameters
    ----------
    fidelity
        In the satellite's time per pair; 0 if nothing is ready by then.
    rate
        At the target fidelity, 1/s.
    fibre
        Fibre paths from the first end to the second.
    satellite
        The satellite link, if the way has one.
    """

    fidelity: float | None
    rate: float | None
    fibre: tuple[FibrePart, ...] = ()
    satellite: SatellitePart | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "fidelity": self.fidelity,
            "rate_per_s": self.rate,
            "fibre": [part.to_dict() for part in self.fibre],
            "satellite": None if self.satellite is None else self.satellite.to_dict(),
        }


@dataclass(frozen=True, slots=True, repr=False)
class PairExplanation(Shown):
    """All ways between two nodes, side by side, and the chosen one (``none`` if nothing is delivered)."""

    node_a: str
    node_b: str
    distance: float
    target_fidelity: float
    fibre: WayExplanation
    satellite: WayExplanation
    hybrid: WayExplanation
    by_fidelity: str
    by_rate: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, units in the names."""
        return {
            "node_a": self.node_a,
            "node_b": self.node_b,
            "distance_km": self.distance / KM,
            "target_fidelity": self.target_fidelity,
            "fibre": self.fibre.to_dict(),
            "satellite": self.satellite.to_dict(),
            "hybrid": self.hybrid.to_dict(),
            "protocol_by_fidelity": self.by_fidelity,
            "protocol_by_rate": self.by_rate,
        }

    def to_text(self) -> str:
        """Return the comparison for reading, chosen ways marked."""
        lines = [
            f"{self.node_a} to {self.node_b}: {self.distance / KM:.1f} km",
            "",
            f"{'way':<10}  {'fidelity*':>10}  {f'rate at F = {self.target_fidelity:g}':>20}",
        ]
        for name, way in (("fibre", self.fibre), ("satellite", self.satellite), ("hybrid", self.hybrid)):
            fidelity = "-" if way.fidelity is None else f"{way.fidelity:.4f}"
            rate = "-" if way.rate is None else f"{way.rate:.4g} /s"
            best = {"fidelity": self.by_fidelity, "rate": self.by_rate}
            marks = " and ".join(criterion for criterion, chosen in best.items() if chosen == name)
            lines.append(f"{name:<10}  {fidelity:>10}  {rate:>20}" + (f"  best {marks}" if marks else ""))
        lines.append("* in the satellite's time per pair; a dash: the way does not exist or never gets there")
        for name, way in (("fibre", self.fibre), ("hybrid", self.hybrid)):
            for part in way.fibre:
                lines += ["", *_part_lines(name, part)]
            if way.satellite is not None:
                link = way.satellite
                lines += ["", f"{name}: satellite {link.node_a} to {link.node_b}, {link.rate:.4g} pairs/s"]
        return "\n".join(lines)


def _placement(placement: Placement | None, nodes: tuple[str, ...]) -> dict[str, Any] | None:
    if placement is None:
        return None

    def node(index: int | None) -> str | None:
        return None if index is None else nodes[index]

    return {
        "time_s": placement.time,
        "fidelity": placement.fidelity,
        "photon_repeaters": placement.photon_repeaters,
        "roles": [{"node": nodes[i], "role": role} for i, role in placement.roles().items()],
        "segments": [
            {
                "from": node(segment.start),
                "to": node(segment.end),
                "photon_repeater": node(segment.photon_repeater),
                "time_per_copy_s": segment.time,
                "copies": segment.copies,
                "fidelity": segment.fidelity,
            }
            for segment in placement.segments
        ],
    }


def _part_lines(way: str, part: FibrePart) -> list[str]:
    fibre = f"{part.length / KM:.1f} km of fibre over {len(part.nodes) - 1} links"
    lines = [f"{way}: {part.nodes[0]} to {part.nodes[-1]}, {fibre}"]
    for title, placement in (("in the satellite's time", part.in_time), ("at the target", part.at_target)):
        if placement is None:
            lines.append(f"  {title}: nothing")
            continue
        kind = f"{placement.photon_repeaters} photon repeaters" if placement.photon_repeaters else "direct"
        lines.append(f"  {title} ({placement.time:.4g} s): F = {placement.fidelity:.4f}, {kind}")
        for segment in placement.segments:
            via = "" if segment.photon_repeater is None else f" via {part.nodes[segment.photon_repeater]}"
            lines.append(
                f"    {part.nodes[segment.start]} to {part.nodes[segment.end]}{via}: "
                f"{segment.copies} copies, F = {segment.fidelity:.4f}"
            )
    return lines
