"""A linear or mixed-integer model as sparse arrays: maximise c x, l <= A x <= u, bounds, integrality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from satqn.model.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Variables(Shown):
    """A named block of columns.

    Parameters
    ----------
    name
        ``x``, ``y``, ``w``, ``z`` ...
    start, count
        Columns ``start .. start + count - 1`` of the model.
    index
        What each column stands for, e.g. (p, t), counted from 0; shape (count, d).
    """

    name: str
    start: int
    count: int
    index: IntArray

    @property
    def columns(self) -> slice:
        """The columns of the block."""
        return slice(self.start, self.start + self.count)


@dataclass(frozen=True, slots=True, repr=False)
class Rows(Shown):
    """A named block of constraints ``lower <= sum of value * column <= upper``.

    Parameters
    ----------
    name
        C1..C6 of the paper, C7, or the name of an option's constraint.
    index
        What each row stands for, e.g. (e, t), counted from 0; shape (R, d).
    row, column, value
        The entries, shape (nnz,); rows are counted within the block.
    lower, upper
        Sides, shape (R,); infinite where there is none.
    """

    name: str
    index: IntArray
    row: IntArray
    column: IntArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True, slots=True, repr=False)
class LinearModel(Shown):
    """The whole model, handed to a solver at once.

    Parameters
    ----------
    cost
        To be maximised, shape (n,).
    lower, upper
        Bounds of the columns, shape (n,); always finite.
    integer
        Which columns are integer, shape (n,).
    variables, blocks
        What columns and rows mean.
    matrix
        A, CSR, shape (R, n).
    row_lower, row_upper
        Sides, shape (R,).
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: NDArray[np.bool_]
    variables: tuple[Variables, ...]
    blocks: tuple[Rows, ...]
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray

    @classmethod
    def assemble(
        cls,
        cost: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        integer: NDArray[np.bool_],
        variables: Sequence[Variables],
        blocks: Sequence[Rows],
    ) -> LinearModel:
        """Stack the blocks of constraints into one sparse matrix."""
        starts = np.concatenate([[0], np.cumsum([len(block) for block in blocks])]).astype(np.int64)
        row = np.concatenate([block.row + start for block, start in zip(blocks, starts[:-1], strict=True)])
        column = np.concatenate([block.column for block in blocks])
        value = np.concatenate([block.value for block in blocks])
        matrix = csr_array((value, (row, column)), shape=(int(starts[-1]), len(cost)))
        below = np.concatenate([block.lower for block in blocks])
        above = np.concatenate([block.upper for block in blocks])
        return cls(cost, lower, upper, integer, tuple(variables), tuple(blocks), matrix, below, above)

    def rows_of(self, name: str) -> slice:
        """Return the rows of a block of constraints; empty where there is none of that name."""
        start = 0
        for block in self.blocks:
            if block.name == name:
                return slice(start, start + len(block))
            start += len(block)
        return slice(0, 0)

    def block(self, name: str) -> Variables:
        """Return a block of columns by its name."""
        return next(block for block in self.variables if block.name == name)


def gather(
    name: str,
    key: Sequence[IntArray],
    column: IntArray,
    value: FloatArray,
) -> Rows:
    """Collect entries with the same key into one row; the sides are open until :func:`bounded` sets them.

    Parameters
    ----------
    name
        Name of the block.
    key
        Columns of the index, one entry per non-zero.
    column, value
        The non-zeros.
    """
    keys = np.stack(key, axis=1) if len(column) else np.empty((0, len(key)), dtype=np.int64)
    # One whole number per key is far quicker to sort than rows are.
    spans = [int(k.max(initial=0)) + 1 for k in keys.T]
    flat = np.ravel_multi_index(tuple(keys.T), spans) if len(column) else np.empty(0, dtype=np.int64)
    distinct, row = np.unique(flat, return_inverse=True)
    index = np.stack(np.unravel_index(distinct, spans), axis=1) if len(column) else keys
    open_side = np.full(len(distinct), np.inf)
    return Rows(name, index, row.astype(np.int64), column, value, -open_side, open_side)


def bounded(rows: Rows, *, lower: FloatArray | None = None, upper: FloatArray | None = None) -> Rows:
    """Return the rows with sides set, one value per row."""
    return replace(
        rows, lower=rows.lower if lower is None else lower, upper=rows.upper if upper is None else upper
    )


def extended(rows: Rows, row: IntArray, column: IntArray, value: FloatArray) -> Rows:
    """Return the rows with more entries."""
    return replace(
        rows,
        row=np.concatenate([rows.row, row]),
        column=np.concatenate([rows.column, column]),
        value=np.concatenate([rows.value, value]),
    )
