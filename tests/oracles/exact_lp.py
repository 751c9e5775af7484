"""Linear programs in rational numbers: two-phase simplex with Bland's rule. Slow, and without any tolerance."""

from __future__ import annotations

from fractions import Fraction

Row = tuple[dict[int, float], float]


def maximum(
    cost: dict[int, float], below: list[Row], equal: list[Row], columns: list[int]
) -> Fraction | None:
    """Return the largest cost over columns >= 0 under the rows; None if nothing meets them.

    Columns that are not listed are 0. The program must be bounded.
    """
    place = {column: i for i, column in enumerate(columns)}
    rows: list[tuple[list[Fraction], Fraction]] = []
    width = len(columns) + len(below)
    for number, (row, side) in enumerate([*below, *equal]):
        line = [Fraction(0)] * width
        for column, value in row.items():
            if column in place:
                line[place[column]] = Fraction(value)
        if number < len(below):
            line[len(columns) + number] = Fraction(1)
        sign = -1 if side < 0 else 1
        rows.append(([sign * value for value in line], sign * Fraction(side)))
    # One artificial column per row: basic at first, and driven to 0 in phase one.
    table = [
        line + [Fraction(int(i == j)) for j in range(len(rows))] + [side]
        for i, (line, side) in enumerate(rows)
    ]
    basis = [width + i for i in range(len(rows))]
    phase_one = [Fraction(0)] * width + [Fraction(-1)] * len(rows)
    if _simplex(table, basis, phase_one, width + len(rows)) < 0:
        return None
    for i in reversed(range(len(table))):
        if basis[i] >= width:
            entering = next((j for j in range(width) if table[i][j] != 0), None)
            if entering is None:
                del table[i], basis[i]
            else:
                _pivot(table, basis, i, entering)
    phase_two = [Fraction(cost.get(column, 0)) for column in columns] + [Fraction(0)] * len(below)
    return _simplex(table, basis, phase_two, width)


def _simplex(table: list[list[Fraction]], basis: list[int], cost: list[Fraction], width: int) -> Fraction:
    """Pivot to the optimum over the first ``width`` columns; return it."""
    while True:
        entering = next(
            (
                j
                for j in range(width)
                if j not in basis
                and cost[j] - sum(cost[b] * row[j] for b, row in zip(basis, table, strict=True) if row[j]) > 0
            ),
            None,
        )
        if entering is None:
            return sum((cost[b] * row[-1] for b, row in zip(basis, table, strict=True)), Fraction(0))
        ratios = [(row[-1] / row[entering], basis[i], i) for i, row in enumerate(table) if row[entering] > 0]
        _pivot(table, basis, min(ratios)[2], entering)


def _pivot(table: list[list[Fraction]], basis: list[int], leaving: int, entering: int) -> None:
    scale = table[leaving][entering]
    table[leaving] = [value / scale for value in table[leaving]]
    for i, row in enumerate(table):
        if i != leaving and row[entering]:
            factor = row[entering]
            table[i] = [a - factor * b if b else a for a, b in zip(row, table[leaving], strict=True)]
    basis[leaving] = entering
