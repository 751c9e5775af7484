"""How ``satqn link explain`` shows a link to people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from satqn.commands.common import print_table, say

if TYPE_CHECKING:
    from satqn.topology.explanation import LinkExplanation


def print_explanation(found: LinkExplanation) -> None:
    """Print what joins two nodes: fibre, lines of sight, and what arrives."""
    if found.fibre is not None:
        fibre = found.fibre
        print_table(
            f"{found.a} to {found.b} by fibre",
            ["length, km", "photon repeaters", "rate /s", "fidelity"],
            [[f"{fibre.length / 1e3:.3f}", str(fibre.photon_repeaters), f"{fibre.rate:.6g}",
              f"{fibre.fidelity:.6f}"]],
        )  # fmt: skip
    light, lines = found.free_space, found.free_space.lines
    if lines:
        items = dict.fromkeys(item for line in lines for item in line.budget_db)
        rows = [
            ["range, km", *(f"{line.range / 1e3:.3f}" for line in lines)],
            ["lowest point, km", *(f"{round(line.lowest / 1e3, 3) + 0.0:.3f}" for line in lines)],
            ["elevation, degrees", *(f"{math.degrees(line.elevation):.3f}" for line in lines)],
            *(
                [
                    f"{item.replace('_', ' ')}, dB",
                    *(_decibels(line.budget_db.get(item)) for line in lines),
                ]
                for item in items
            ),
            ["total, dB", *(_decibels(line.total_db) for line in lines)],
            ["dark counts /s", *(f"{line.dark_rate:.6g}" for line in lines)],
            ["light of the sky /s", *(f"{line.sky_rate:.6g}" for line in lines)],
            ["Sun, degrees", *(f"{math.degrees(line.sun):.2f}" for line in lines)],
        ]
        heads = [f"{line.sender} to {line.receiver}" for line in lines]
        print_table(f"{found.a} to {found.b} at {found.moment.isoformat()}", ["item", *heads], rows)
    if light.rate is not None and light.fidelity is not None and light.attempts is not None:
        print_table(
            f"{(light.making or '').replace('_', ' ')}{f' through {light.via}' if light.via else ''}",
            ["attempts /s", "rate /s", "fidelity"],
            [[f"{light.attempts:.6g}", f"{light.rate:.6g}", f"{light.fidelity:.6f}"]],
        )
    else:
        say(f"nothing through free space: {light.reason}")
    for line in lines:
        for reason in line.hidden:
            say(f"{line.sender} to {line.receiver}: {reason}")


def _decibels(loss: float | None) -> str:
    return "nothing passes" if loss is None else f"{loss:.3f}"
