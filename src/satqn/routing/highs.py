"""HiGHS by arrays: a live LP that is re-solved warm, and a MIP with bound, incumbent and interruption.

HiGHS minimises here: costs go in negated, and row duals come back as ``pi``, the growth of the maximum per
unit of right-hand side. What it is told and what it answers is in units of :mod:`satqn.routing.scaling`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown
from satqn.routing.highs_calls import ModelRefusedError, SolverError, must, new_solver, run_solver
from satqn.routing.linear import LinearModel
from satqn.routing.scaling import Scale
from satqn.routing.stopping import Run

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BRANCHING: dict[str, Any] = {
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": True,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""Options under which HiGHS closes PS-EGR sooner than by its defaults.

Its cuts nearly close the root, and one sub-MIP around the root LP (RENS) finds the plan; restarts and
further sub-MIPs are time lost."""

REPORT_EVERY = 0.2
"""s between two lines of the log while a solver works."""

SolveStatus = Literal["optimal", "infeasible", "stopped"]
_STOPPED = {
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kInterrupt,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kIterationLimit,
}
_INFEASIBLE = {
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
}


def highs_model(model: LinearModel, *, relaxed: bool = False, maximise: bool = False) -> highspy.HighsLp:
    """Return a model in the arrays of HiGHS.

    Parameters
    ----------
    model
        The model, to be maximised.
    relaxed
        Whether to leave integrality out.
    maximise
        Whether to say so, instead of negating the costs.
    """
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.sense_ = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
    lp.col_cost_ = model.cost if maximise else -model.cost
    lp.col_lower_, lp.col_upper_ = model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = model.matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = model.matrix.data
    if not relaxed and model.integer.any():
        kinds = np.array([highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger])
        lp.integrality_ = kinds[model.integer.astype(np.int64)].tolist()
    return lp


def _pass(solver: highspy.Highs, model: LinearModel, *, relaxed: bool) -> None:
    lp = highs_model(model, relaxed=relaxed)
    must(solver, "take the model", lambda: solver.passModel(lp), ModelRefusedError)


def _change_columns(solver: highspy.Highs, columns: IntArray, lower: FloatArray, upper: FloatArray) -> None:
    where = columns.astype(np.int32)
    must(
        solver, "take bounds of columns",
        lambda: solver.changeColsBounds(len(where), where, lower, upper), ModelRefusedError,
    )  # fmt: skip


def _change_rows(solver: highspy.Highs, rows: IntArray, lower: FloatArray, upper: FloatArray) -> None:
    where = rows.astype(np.int32)
    must(
        solver, "take sides of rows",
        lambda: solver.changeRowsBounds(len(where), where, lower, upper), ModelRefusedError,
    )  # fmt: skip


def _add_rows(
    solver: highspy.Highs, lower: FloatArray, upper: FloatArray, start: IntArray, column: IntArray,
    value: FloatArray,
) -> None:  # fmt: skip
    begin, where = start.astype(np.int32), column.astype(np.int32)
    must(
        solver, "take rows",
        lambda: solver.addRows(len(lower), lower, upper, len(value), begin, where, value), ModelRefusedError,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class LPResult(Shown):
    """What an LP solve gives.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` or ``stopped``.
    objective
        Maximum; meaningful only if optimal.
    primal
        Values of the columns.
    dual
        pi of the rows, or a Farkas ray if infeasible (unverified), or None.
    """

    status: SolveStatus
    objective: float
    primal: FloatArray
    dual: FloatArray | None


class LiveLP:
    """One LP kept in the solver: bounds change, the basis stays.

    Parameters
    ----------
    model
        The model; integrality is ignored.
    run
        Whose limits a solve obeys, or None for LPs too small to interrupt.
    options
        HiGHS options beyond simplex without presolve, which duals and rays need.
    """

    def __init__(self, model: LinearModel, run: Run | None = None, **options: Any) -> None:
        self._solver = new_solver({"solver": "simplex", "presolve": "off"} | options)
        self._scale, scaled = Scale.of(model)
        _pass(self._solver, scaled, relaxed=True)
        self._run = run
        if run is not None:
            _obey(self._solver, run, highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)

    def set_column_bounds(self, columns: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of columns."""
        lower, upper = self._scale.values(columns, lower), self._scale.values(columns, upper)
        _change_columns(self._solver, columns, lower, upper)

    def set_rows(self, rows: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the sides of rows."""
        lower, upper = self._scale.sides(rows, lower, upper)
        _change_rows(self._solver, rows, lower, upper)

    def add_rows(
        self, lower: FloatArray, upper: FloatArray, start: IntArray, column: IntArray, value: FloatArray
    ) -> None:
        """Append rows (cuts)."""
        lower, upper, start, column, value = self._scale.new_rows(lower, upper, start, column, value)
        _add_rows(self._solver, lower, upper, start, column, value)

    def solve(self) -> LPResult:
        """Solve from the last basis."""
        solver = self._solver
        if self._run is not None:
            _allow(solver, self._run.remaining)
        status = run_solver(solver)
        if status not in {highspy.HighsModelStatus.kOptimal} | _INFEASIBLE | _STOPPED:
            # Simplex may lose its way from a basis that many changes have made ill-conditioned.
            must(solver, "forget a basis", solver.clearSolver)
            status = run_solver(solver)
        if status == highspy.HighsModelStatus.kOptimal:
            solution = solver.getSolution()
            return LPResult(
                "optimal", -solver.getInfo().objective_function_value / self._scale.objective,
                self._scale.primal(np.array(solution.col_value)),
                -self._scale.dual(np.array(solution.row_dual)),
            )  # fmt: skip
        if status in _INFEASIBLE:
            read, found, ray = solver.getDualRay()
            known = found and read != highspy.HighsStatus.kError
            multipliers = -self._scale.dual(np.array(ray)) if known else None
            return LPResult("infeasible", -np.inf, np.empty(0), multipliers)
        if status in _STOPPED:
            return LPResult("stopped", np.nan, np.empty(0), None)
        raise SolverError(f"HiGHS ended an LP with {solver.modelStatusToString(status)}")


@dataclass(frozen=True, slots=True, repr=False)
class MIPResult(Shown):
    """What a MIP solve gives.

    Parameters
    ----------
    status
        ``optimal`` (to the gap), ``infeasible`` or ``stopped``.
    objective, primal
        The incumbent; None if there is none.
    bound
        Proven bound on the maximum.
    """

    status: SolveStatus
    objective: float | None
    primal: FloatArray | None
    bound: float


class LiveMIP:
    """One MIP kept in the solver: rows may be added between solves.

    Parameters
    ----------
    model
        The model.
    run
        Whose limits it obeys.
    options
        HiGHS options.
    """

    def __init__(self, model: LinearModel, run: Run, **options: Any) -> None:
        self._solver = new_solver(options)
        self._run = run
        self._discrete = bool(model.integer.any())
        self._scale, scaled = Scale.of(model)
        _pass(self._solver, scaled, relaxed=False)
        _obey(self._solver, run, highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
        _obey(self._solver, run, highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)

    def report(self, *, incumbent: bool) -> None:
        """Let the run hear bounds (and incumbents, where they are true ones) while the solver works.

        HiGHS tells its bounds wherever it asks whether to stop; its logging callback is silent without a log.
        """
        run = self._run
        told: tuple[float, float] | None = None
        due = run.elapsed

        def heard(event: Any) -> None:
            nonlocal told, due
            out = event.data_out
            unit = self._scale.objective
            now = (-out.mip_dual_bound / unit, -out.mip_primal_bound / unit)
            if run.elapsed < due or now == told or not np.isfinite(now[0]):
                return
            told, due = now, run.elapsed + REPORT_EVERY
            run.lower_bound_to(now[0])
            run.note("branch and bound", now[1] if incumbent and np.isfinite(now[1]) else None)

        self._solver.callbacks[int(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)].subscribe(heard)

    def add_rows(
        self, lower: FloatArray, upper: FloatArray, start: IntArray, column: IntArray, value: FloatArray
    ) -> None:
        """Append rows (cuts)."""
        lower, upper, start, column, value = self._scale.new_rows(lower, upper, start, column, value)
        _add_rows(self._solver, lower, upper, start, column, value)

    def start_from(self, columns: IntArray, values: FloatArray) -> None:
        """Offer a (partial) start solution."""
        where, values = columns.astype(np.int32), self._scale.values(columns, values)
        must(
            self._solver, "start from a solution", lambda: self._solver.setSolution(len(where), where, values)
        )

    def solve(self, gap: float, time_limit: float | None = None) -> MIPResult:
        """Solve to a relative gap.

        Parameters
        ----------
        gap
            Relative gap.
        time_limit
            s; by default what the run has left.
        """
        solver = self._solver
        must(solver, f"take the gap {gap}", lambda: solver.setOptionValue("mip_rel_gap", gap))
        _allow(solver, min(self._run.remaining, np.inf if time_limit is None else time_limit))
        status = run_solver(solver)
        if status in _INFEASIBLE:
            return MIPResult("infeasible", None, None, -np.inf)
        solved = status == highspy.HighsModelStatus.kOptimal
        if not solved and status not in _STOPPED:
            raise SolverError(f"HiGHS ended a MIP with {solver.modelStatusToString(status)}")
        info = solver.getInfo()
        has = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible or (
            solver.getModelStatus() == highspy.HighsModelStatus.kModelEmpty
        )
        unit = self._scale.objective
        objective: float | None = -info.objective_function_value / unit if has else None
        # Without integers HiGHS solves an LP, and reports no bound beside the optimum itself.
        bound = objective if objective is not None and solved else np.inf
        if self._discrete:
            bound = -info.mip_dual_bound / unit
        primal = self._scale.primal(np.array(solver.getSolution().col_value)) if has else None
        return MIPResult("optimal" if solved else "stopped", objective, primal, bound)


def _obey(solver: highspy.Highs, run: Run, kind: Any) -> None:
    """Let Ctrl-C and the end of the time reach a solver that is at work.

    HiGHS looks at its own clock too seldom: inside its heuristics it overran a limit of 60 s by 15 s.
    """

    def asked(event: Any) -> None:
        if run.interrupted.is_set() or run.remaining <= 0.0:
            event.interrupt()

    solver.callbacks[int(kind)].subscribe(asked)


def _allow(solver: highspy.Highs, seconds: float) -> None:
    """Set the time limit of the next solve: the clock of a live solver runs on from one to the next."""
    until = solver.getRunTime() + seconds
    must(solver, f"take the time limit {until} s", lambda: solver.setOptionValue("time_limit", until))
