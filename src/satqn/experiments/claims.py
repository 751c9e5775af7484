"""Claims: a sentence of a paper, its number, ours, and whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from satqn.model.options import Preset

Verdict = Literal["reproduced", "not reproduced", "not judged"]

PAPER, SPECIFICATION = "shao2025", "specification, section 4"
"""Where expected numbers stand: the paper, or what its open choices were found to do."""

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Claim:
    """One number that a figure or table must show.

    Parameters
    ----------
    sentence
        What is claimed, in words, with the quantity named.
    expected
        The number of the source, or the range it states (``None`` for an open end).
    published
        Our number under the preset that reproduces the source; ``None`` where the sample is too small
        to give one, which leaves the claim ``not judged``.
    tolerance
        How far from ``expected`` (outside the range) our number may lie, in the same unit.
    unit
        Unit of all numbers, empty for a pure number.
    physical
        The same quantity under the corrected model, where it means anything there.
    judged
        Which of the two the expected number is about.
    source
        Where the expected number stands.
    note
        Why the numbers differ, or what else a reader should know.
    """

    sentence: str
    expected: float | Bounds
    published: float | None
    tolerance: float = 0.0
    unit: str = ""
    physical: float | None = None
    judged: Preset = "published"
    source: str = PAPER
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("published", "physical"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, float(value) if math.isfinite(value) else None)
        if not self.tolerance >= 0.0:
            raise ValueError(f"the tolerance of a claim must not be negative: {self.tolerance}")

    @property
    def bounds(self) -> Bounds:
        """The range in which our number must lie before the tolerance is added."""
        return self.expected if isinstance(self.expected, tuple) else (self.expected, self.expected)

    @property
    def verdict(self) -> Verdict:
        """``reproduced`` if our number lies within the tolerance of the expected one."""
        value = self.published if self.judged == "published" else self.physical
        if value is None:
            return "not judged"
        low, high = self.bounds
        above = low is None or value >= low - self.tolerance
        below = high is None or value <= high + self.tolerance
        return "reproduced" if above and below else "not reproduced"

    def to_dict(self) -> dict[str, Any]:
        """Return the claim with its verdict as plain values for JSON."""
        return {
            "sentence": self.sentence,
            "expected": list(self.expected) if isinstance(self.expected, tuple) else self.expected,
            "published": self.published,
            "tolerance": self.tolerance,
            "unit": self.unit,
            "verdict": self.verdict,
            "physical": self.physical,
            "judged": self.judged,
            "source": self.source,
            "note": self.note,
        }


def claim_of(
    sentence: str,
    expected: float | Bounds,
    values: Mapping[str, float | None],
    tolerance: float = 0.0,
    *,
    unit: str = "",
    judged: Preset = "published",
    source: str = PAPER,
    note: str = "",
) -> Claim:
    """Return a claim whose two numbers come by preset; parameters as in :class:`Claim`."""
    return Claim(
        sentence,
        expected,
        values.get("published"),
        tolerance,
        unit,
        physical=values.get("physical"),
        judged=judged,
        source=source,
        note=note,
    )


def count_verdicts(claims: Iterable[Claim]) -> dict[str, int]:
    """Return how many claims have each verdict, with a key for every verdict."""
    counts = {"reproduced": 0, "not reproduced": 0, "not judged": 0}
    for claim in claims:
        counts[claim.verdict] += 1
    return counts
