"""Labels of an axis, in short numbers or times, that tell its ticks apart."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.dates import ConciseDateFormatter, num2date
from matplotlib.ticker import Formatter, Locator

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


class DistinctTimes(Formatter):
    """Times as short as they can be, with the day below a time of day that stands on the axis before.

    Parameters
    ----------
    locator
        Of the ticks.
    """

    def __init__(self, locator: Locator) -> None:
        self._short = ConciseDateFormatter(locator)

    def __call__(self, value: float, position: int | None = None) -> str:
        """Return the label of one tick by itself."""
        return str(self._short(value, position))

    def get_offset(self) -> str:
        """Return what the labels leave out: the day, or the month."""
        return str(self._short.get_offset())

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the labels of all ticks."""
        labels: list[str] = []
        for value, label in zip(values, self._short.format_ticks(values), strict=True):
            labels.append(f"{label}\n{num2date(value):%b-%d}" if label and label in labels else label)
        return labels
