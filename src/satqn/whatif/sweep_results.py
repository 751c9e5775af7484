"""What a sweep found: points in the order of its grid, as rows, as a data frame and on the grid."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from satqn.extras import need
from satqn.model.shown import Shown
from satqn.whatif.notebook import rows_html
from satqn.whatif.sweep import Axis, rows_of


@dataclass(frozen=True, slots=True, repr=False)
class SweepResults(Shown):
    """The points of a sweep.

    Parameters
    ----------
    scenario
        Name or file of the scenario.
    axes
        What varied; the last one fastest.
    metrics
        Names of the numbers of a point.
    points
        ``values`` of the axes, and ``results`` by architecture or ``error``, in the order of the grid.
    """

    scenario: str
    axes: tuple[Axis, ...]
    metrics: tuple[str, ...]
    points: tuple[dict[str, Any], ...]

    def __len__(self) -> int:
        return len(self.points)

    def _shown(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario,
            "keys": tuple(axis.key for axis in self.axes),
            "points": len(self.points),
            "errors": sum("error" in point for point in self.points),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per point, or per point and architecture: values, metrics, and the error if any."""
        return rows_of(self.points)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        keys = [axis.key for axis in self.axes]
        return {"scenario": self.scenario, "keys": keys, "points": [dict(point) for point in self.points]}

    def _repr_html_(self) -> str:
        return rows_html(self.rows())

    def to_pandas(self) -> Any:
        """Return :meth:`rows` as a ``pandas.DataFrame``.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        return need("pandas").DataFrame(self.rows())

    def to_xarray(self) -> Any:
        """Return the metrics on the grid as an ``xarray.Dataset``: a dimension per key that varied.

        Compared architectures are one more dimension. NaN where a point has an error, which is in ``error``.

        Raises
        ------
        InputError
            xarray is not installed.
        """
        shape = tuple(len(axis.values) for axis in self.axes)
        labels = list(dict.fromkeys(name for point in self.points for name in point.get("results", {})))
        compared = any(labels)
        tables = {name: np.full((len(self.points), max(1, len(labels))), np.nan) for name in self.metrics}
        for row, point in enumerate(self.points):
            for label, numbers in point.get("results", {}).items():
                for name in self.metrics:
                    value = numbers[name]
                    tables[name][row, labels.index(label)] = np.nan if value is None else value
        over = tuple(axis.key for axis in self.axes)
        data: dict[str, Any] = {}
        for name, table in tables.items():
            grid = table.reshape(*shape, -1)
            data[name] = ((*over, "architecture"), grid) if compared else (over, grid[..., 0])
        if any("error" in point for point in self.points):
            errors = np.array([point.get("error", "") for point in self.points], dtype=object)
            data["error"] = (over, errors.reshape(shape))
        coords = {axis.key: _coordinate(axis) for axis in self.axes}
        if compared:
            coords["architecture"] = np.array(labels, dtype=object)
        return need("xarray").Dataset(
            data, coords=coords, attrs={"scenario": self.scenario, "source": "satqn"}
        )


def _coordinate(axis: Axis) -> Any:
    """Return the values of an axis: numbers as numbers, anything else as text."""
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in axis.values):
        return np.array(axis.values)
    found = np.empty(len(axis.values), dtype=object)
    found[:] = [value if isinstance(value, str) else str(value) for value in axis.values]
    return found
