"""One problem as every method sees it: instance, pool, formulation, and where to start."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.plan import PlanStatus
from satqn.model.shown import Shown
from satqn.routing.ages import AgeForm, aged_pool, default_form
from satqn.routing.columns import serve_columns, stock_columns
from satqn.routing.common_pool import common_pool
from satqn.routing.formulation import Formulation, formulate
from satqn.routing.linear import LinearModel
from satqn.routing.pool import Clock
from satqn.routing.sharing import SharedLimits
from satqn.routing.subproblem import Switches

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Problem(Shown):
    """An instance with its pool and its MILP.

    Parameters
    ----------
    instance, pool, formulation, model
        The parts.
    switches
        The binary choices and what they switch on.
    """

    instance: RoutingInstance
    pool: PathSet
    formulation: Formulation
    model: LinearModel
    switches: Switches

    @classmethod
    def of(
        cls,
        instance: RoutingInstance,
        pool: PathSet | None = None,
        clock: Clock | None = None,
        form: AgeForm | None = None,
    ) -> Problem:
        """Build pool and model of an instance; a clock may end the listing of paths.

        Where stored pairs age, ``form`` says how ages are told apart; by default by size.
        """
        paths = common_pool(instance, clock=clock) if pool is None else pool
        if instance.ageing is not None and paths.ages is None:
            paths = aged_pool(instance, paths, form or default_form(_binaries(instance, paths)))
        f, model = formulate(instance, paths)
        return cls(instance, paths, f, model, Switches.of(f))

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which serve columns are open, shape (J,)."""
        return np.asarray(self.model.upper[self.formulation.y.columns] > 0)

    def only(self, allowed: NDArray[np.bool_], *, storing: bool | NDArray[np.bool_] = True) -> Problem:
        """Return the problem with some of its serve columns shut, and storing too if asked.

        Parameters
        ----------
        allowed
            Which serve columns stay open, shape (J,).
        storing
            Whether pairs may be stored; or into which classes, shape (Q,).
        """
        f = self.formulation
        upper = self.model.upper.copy()
        upper[f.y.columns] *= allowed
        if f.x.count:
            open_choice = np.zeros(f.x.count)
            np.maximum.at(open_choice, f.choice, allowed)
            upper[f.x.columns] *= open_choice
        shut = np.broadcast_to(
            ~np.asarray(storing, dtype=bool), (self.instance.slots, len(self.pool.classes))
        )
        upper[f.w.columns][shut.ravel()] = 0.0
        if f.s.count:
            upper[f.s.columns][shut.ravel()] = 0.0
        most = np.minimum(self.switches.most, upper[self.switches.rate])
        model = replace(self.model, upper=upper)
        return replace(self, model=model, switches=replace(self.switches, most=most))


def _binaries(instance: RoutingInstance, pool: PathSet) -> int:
    """Return the number of choices of a path in a slot, ages aside."""
    shared = SharedLimits.of(instance)
    return len(serve_columns(instance, pool, shared, stock_columns(instance, pool, shared)))


@dataclass(frozen=True, slots=True, repr=False)
class Outcome(Shown):
    """What a method hands back before its plan is written.

    Parameters
    ----------
    status
        Why it ended.
    bound
        Proven bound, or None.
    primal
        Columns of the best solution with its choices fixed, or None if there is none.
    """

    status: PlanStatus
    bound: float | None
    primal: FloatArray | None
