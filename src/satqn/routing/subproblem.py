"""The subproblem: with every choice fixed, rates and stocks are a linear program (zhang2024, Benders)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown
from satqn.routing.formulation import Formulation
from satqn.routing.highs import LiveLP, LPResult
from satqn.routing.linear import LinearModel
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHOICE_BLOCKS = {"C1", "C2", "S1", "S2"}
"""Constraints that only tie binary choices to rates, or to each other."""


@dataclass(frozen=True, slots=True, repr=False)
class Switches(Shown):
    """Binary choices and the rates they switch on: x with y, and s with w where storing needs a choice.

    One choice may switch several rates: those of a path by the age of what it draws.

    Parameters
    ----------
    choice
        Columns of the binaries in the whole model, shape (I,).
    rate
        Columns of the rates, shape (I,).
    most
        Largest rate where the choice is 1, shape (I,).
    """

    choice: IntArray
    rate: IntArray
    most: FloatArray

    @classmethod
    def of(cls, f: Formulation) -> Switches:
        """Collect the switches of a formulation."""
        x, s = np.arange(len(f.choice) if f.x.count else 0), np.arange(f.s.count, dtype=np.int64)
        return cls(
            choice=np.concatenate([f.x.start + f.choice[: len(x)], f.s.start + s]),
            rate=np.concatenate([f.y.start + x, f.w.start + s]),
            most=np.concatenate([f.serve.most[: len(x)], f.stock.most_storing.ravel()[: len(s)]]),
        )

    def __len__(self) -> int:
        return len(self.choice)

    @property
    def binaries(self) -> int:
        """Number of binary choices."""
        return len(np.unique(self.choice))


class Subproblem:
    """The LP over y, w, z with the choices as upper bounds of the rates they switch.

    Parameters
    ----------
    model
        The whole model.
    switches
        Its choices.
    run
        Whose limits it obeys, or None.
    """

    def __init__(self, model: LinearModel, switches: Switches, run: Run | None = None) -> None:
        self.switches = switches
        self.model = without_choices(model)
        self._lp = LiveLP(self.model, run, primal_feasibility_tolerance=1e-9, dual_feasibility_tolerance=1e-9)

    def solve(self, choice: FloatArray) -> LPResult:
        """Solve with choices in [0, 1], shape (I,); duals are those of the rows other than C1, C2, S1, S2."""
        switches = self.switches
        upper = switches.most * choice
        self._lp.set_column_bounds(switches.rate, np.zeros(len(upper)), upper)
        return self._lp.solve()


def without_choices(model: LinearModel) -> LinearModel:
    """Return the model without its binaries: their columns stay, fixed at 0, so that indices agree.

    Parameters
    ----------
    model
        The whole model.
    """
    upper = np.where(model.integer, 0.0, model.upper)
    blocks = [block for block in model.blocks if block.name not in CHOICE_BLOCKS]
    nothing = np.zeros(len(model.cost), dtype=bool)
    return LinearModel.assemble(model.cost, model.lower, upper, nothing, model.variables, blocks)
