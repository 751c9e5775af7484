"""What attacks have in common: so many by command, verdicts by number, and the first faults in full."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from typing import Any

Attack = Callable[[int, int], tuple[Counter[str], list[Any]]]
"""Count and seed in; verdicts by number and faults out."""


def attack_by_command(about: str | None, attack: Attack, told: Callable[[Any], str], most_told: int) -> int:
    """Attack as the words of the program ask for, print what came out, and return the exit status.

    Parameters
    ----------
    about
        What the program does, for its help.
    attack
        The attack.
    told
        Words for one fault.
    most_told
        Faults that are printed.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    verdicts, faults = attack(asked.count, asked.seed)
    for name, number in verdicts.most_common():
        print(f"{number:8} {name}")
    for fault in faults[:most_told]:
        print(told(fault))
    return 1 if faults else 0
