"""Claims: a sentence of a paper, its number, ours, and whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from satqn.model.options import Preset

Verdict = Literal["reproduced", "not reproduced", "true by construction", "not judged"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

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
    by_construction
        Why a program that works cannot give anything else: such a claim checks the program, and is not
        counted as reproduced.
    own_range
        The source says it in words ("far below"), and the range that stands for them is ours.
    not_comparable
        Why the number of the source is about something else than ours, so that it is shown, not judged.
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
    by_construction: str = ""
    own_range: bool = False
    not_comparable: str = ""

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
        """``reproduced`` if our number lies within the tolerance of the expected one.

        A claim that is true by construction is said to be that, unless it is false.
        """
        value = self.published if self.judged == "published" else self.physical
        if value is None or self.not_comparable:
            return "not judged"
        low, high = self.bounds
        above = low is None or value >= low - self.tolerance
        below = high is None or value <= high + self.tolerance
        if not (above and below):
            return "not reproduced"
        return "true by construction" if self.by_construction else "reproduced"

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
            "note": " ".join(filter(None, (self.by_construction, self.not_comparable, self.note))),
            "range": ("ours" if self.own_range else "source") if isinstance(self.expected, tuple) else None,
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
    own_range: bool = False,
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
        own_range=own_range,
    )


def count_verdicts(claims: Iterable[Claim]) -> dict[str, int]:
    """Return how many claims have each verdict, with a key for every verdict."""
    counts: dict[str, int] = dict.fromkeys(VERDICTS, 0)
    for claim in claims:
        counts[claim.verdict] += 1
    return counts
