"""The units in which a solver sees a model: columns in units of their largest value, rows of their own size.

A solver's tolerances are absolute numbers. In these units they are shares: of what a column can be at most,
of the right-hand side of a row, of the most that one column can be worth. So a link of 1e-6 pairs per second
beside one of 1e15 keeps to its own capacity, and a promise on it is a promise. All factors are powers of two:
changing units rounds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from satqn.routing.linear import LinearModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WORTH = 1024.0
"""What the most valuable column is worth to the solver: its tolerances of 1e-9 to 1e-6 are then far below."""
STEEPEST = 2.0**14
"""Largest entry of a row after scaling, where the side of a row is far below what its columns can be."""
LOST = 2.0**-36
"""Entries below this share of their row (1.5e-11) are left out, and the row is relaxed by all they can do."""


def power_of_two(values: FloatArray) -> FloatArray:
    """Return for every value the least power of two above it; 1 for 0 and for what is not finite.

    Parameters
    ----------
    values
        Not negative.
    """
    _, exponent = np.frexp(values)
    usable = (values > 0) & np.isfinite(values)
    return np.where(usable, np.ldexp(1.0, np.where(usable, exponent, 0)), 1.0)


def _sizes(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return the larger finite one of two sides in absolute value, 0 if there is none."""
    sides = np.stack([lower, upper])
    return np.asarray(np.where(np.isfinite(sides), np.abs(sides), 0.0).max(axis=0))


@dataclass(slots=True)
class Scale:
    """How the columns, rows and the objective of a model are told to a solver.

    Parameters
    ----------
    column
        Unit of every column; 1 for integer columns.
    row
        Factor of every row, those added later included.
    objective
        Factor of the objective.
    smallest, largest
        Bounds of the columns, in their units.
    below, above
        By how much the sides of rows move, in the units of the solver, for entries that were left out.
    """

    column: FloatArray
    row: FloatArray
    objective: float
    smallest: FloatArray
    largest: FloatArray
    below: FloatArray
    above: FloatArray

    @classmethod
    def of(cls, model: LinearModel) -> tuple[Scale, LinearModel]:
        """Choose units for a model, and return the model in them.

        Parameters
        ----------
        model
            The model; its columns have finite bounds.
        """
        column = np.where(model.integer, 1.0, power_of_two(_sizes(model.lower, model.upper)))
        worth = float(np.abs(model.cost * column).max(initial=0.0))
        objective = WORTH / float(power_of_two(np.array([worth]))[0])
        nothing = np.empty(0)
        scale = cls(column, nothing, objective, model.lower / column, model.upper / column, nothing, nothing)
        matrix, lower, upper = scale._rows(model.matrix, model.row_lower, model.row_upper, by_side=True)
        scaled = replace(
            model,
            cost=model.cost * column * objective,
            lower=scale.smallest,
            upper=scale.largest,
            matrix=matrix,
            row_lower=lower,
            row_upper=upper,
        )
        return scale, scaled

    def new_rows(
        self, lower: FloatArray, upper: FloatArray, start: IntArray, column: IntArray, value: FloatArray
    ) -> tuple[FloatArray, FloatArray, IntArray, IntArray, FloatArray]:
        """Return rows (cuts) that are added to the model, in the units of the solver.

        Parameters
        ----------
        lower, upper, start, column, value
            The rows as of :meth:`satqn.routing.highs.LiveLP.add_rows`.
        """
        ends = np.append(start, len(column))
        matrix = csr_array((value, column, ends), shape=(len(lower), len(self.column)))
        made, below, above = self._rows(matrix, lower, upper, by_side=False)
        return below, above, made.indptr[:-1].astype(np.int64), made.indices.astype(np.int64), made.data

    def _rows(
        self, matrix: csr_array, lower: FloatArray, upper: FloatArray, *, by_side: bool
    ) -> tuple[csr_array, FloatArray, FloatArray]:
        """Choose the units of rows, leave out what is lost beside the rest, and remember both."""
        scaled = csr_array(matrix @ diags_array(self.column)) if matrix.shape[0] else csr_array(matrix)
        scaled.sum_duplicates()
        # A column that is always 0 says nothing about the size of a row.
        scaled.data[((self.smallest == 0.0) & (self.largest == 0.0))[scaled.indices]] = 0.0
        number = np.repeat(np.arange(scaled.shape[0], dtype=np.int64), np.diff(scaled.indptr))
        steepest = np.zeros(scaled.shape[0])
        np.maximum.at(steepest, number, np.abs(scaled.data))
        side = _sizes(lower, upper)
        size = np.where(side > 0, side, steepest) if by_side else np.maximum(side, steepest)
        factor = 1.0 / power_of_two(np.maximum(size, steepest / STEEPEST))
        entry = scaled.data * factor[number]
        lost = np.abs(entry) < LOST
        at = scaled.indices[lost]
        ends = np.stack([entry[lost] * self.smallest[at], entry[lost] * self.largest[at]])
        below = -np.bincount(number[lost], ends.max(axis=0), minlength=len(factor))
        above = -np.bincount(number[lost], ends.min(axis=0), minlength=len(factor))
        kept = csr_array(
            (entry[~lost], (number[~lost], scaled.indices[~lost].astype(np.int64))), shape=scaled.shape
        )
        self.row = np.concatenate([self.row, factor])
        self.below = np.concatenate([self.below, below])
        self.above = np.concatenate([self.above, above])
        return kept, lower * factor + below, upper * factor + above

    def sides(self, rows: IntArray, lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sides of rows in the units of the solver."""
        factor = self.row[rows]
        return lower * factor + self.below[rows], upper * factor + self.above[rows]

    def values(self, columns: IntArray, values: FloatArray) -> FloatArray:
        """Return values of columns in the units of the solver."""
        return np.asarray(values / self.column[columns])

    def primal(self, values: FloatArray) -> FloatArray:
        """Return a solution of the solver in the units of the model."""
        return np.asarray(values * self.column)

    def dual(self, values: FloatArray) -> FloatArray:
        """Return multipliers of the solver in the units of the model: objective per unit of a side."""
        return np.asarray(values * self.row / self.objective)
