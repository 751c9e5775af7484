"""Labels of an axis in short numbers, with as many digits as it takes to tell its ticks apart."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.ticker import Formatter

from satqn.reports.plan_words import short_all


class ShortTicks(Formatter):
    """Writes 6.442 M, 6.444 M where 6.44 M would stand twice."""

    def __call__(self, value: float, position: int | None = None) -> str:
        """Return the label of one tick, among those of its axis."""
        places = self.axis.get_majorticklocs() if isinstance(self.axis, Axis) else ()
        return short_all([value, *map(float, places)])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the labels of all ticks."""
        return short_all([float(value) for value in values])
