"""HiGHS by arrays: a live LP that is re-solved warm, and a MIP with bound, incumbent and interruption.

HiGHS minimises here: costs go in negated, and row duals come back as ``pi``, the growth of the maximum per
unit of right-hand side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from satqn.routing.linear import LinearModel
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
_SOLVED = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty}
_INFEASIBLE = {
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
}


class SolverError(RuntimeError):
    """HiGHS ended in a state that satqn does not expect."""


def _highs(options: dict[str, Any]) -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverError(f"HiGHS does not know {name} = {value!r}")
    return solver


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
    if solver.passModel(highs_model(model, relaxed=relaxed)) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the model")


@dataclass(frozen=True, slots=True)
class LPResult:
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
        self._solver = _highs({"solver": "simplex", "presolve": "off", "threads": 1} | options)
        _pass(self._solver, model, relaxed=True)
        self._run = run
        if run is not None:
            _obey(self._solver, run, highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)

    def set_column_bounds(self, columns: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of columns."""
        self._solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def set_rows(self, rows: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the sides of rows."""
        self._solver.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper)

    def add_rows(
        self, lower: FloatArray, upper: FloatArray, start: IntArray, column: IntArray, value: FloatArray
    ) -> None:
        """Append rows (cuts)."""
        self._solver.addRows(
            len(lower), lower, upper, len(value), start.astype(np.int32), column.astype(np.int32), value
        )

    def solve(self) -> LPResult:
        """Solve from the last basis."""
        solver = self._solver
        if self._run is not None:
            _allow(solver, self._run.remaining)
        solver.run()
        status = solver.getModelStatus()
        if status not in _SOLVED | _INFEASIBLE | _STOPPED:
            # Simplex may lose its way from a basis that many changes have made ill-conditioned.
            solver.clearSolver()
            solver.run()
            status = solver.getModelStatus()
        if status in _SOLVED:
            solution = solver.getSolution()
            return LPResult(
                "optimal", -solver.getInfo().objective_function_value,
                np.array(solution.col_value), -np.array(solution.row_dual),
            )  # fmt: skip
        if status in _INFEASIBLE:
            _, found, ray = solver.getDualRay()
            return LPResult("infeasible", -np.inf, np.empty(0), -np.array(ray) if found else None)
        if status in _STOPPED:
            return LPResult("stopped", np.nan, np.empty(0), None)
        raise SolverError(f"HiGHS ended an LP with {solver.modelStatusToString(status)}")


@dataclass(frozen=True, slots=True)
class MIPResult:
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
        self._solver = _highs(options)
        self._run = run
        self._discrete = bool(model.integer.any())
        _pass(self._solver, model, relaxed=False)
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
            now = (-out.mip_dual_bound, -out.mip_primal_bound)
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
        self._solver.addRows(
            len(lower), lower, upper, len(value), start.astype(np.int32), column.astype(np.int32), value
        )

    def start_from(self, columns: IntArray, values: FloatArray) -> None:
        """Offer a (partial) start solution."""
        self._solver.setSolution(len(columns), columns.astype(np.int32), values)

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
        solver.setOptionValue("mip_rel_gap", gap)
        _allow(solver, min(self._run.remaining, np.inf if time_limit is None else time_limit))
        solver.run()
        status = solver.getModelStatus()
        if status in _INFEASIBLE:
            return MIPResult("infeasible", None, None, -np.inf)
        if status not in _SOLVED and status not in _STOPPED:
            raise SolverError(f"HiGHS ended a MIP with {solver.modelStatusToString(status)}")
        info = solver.getInfo()
        solved = status in _SOLVED
        has = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible or (
            status == highspy.HighsModelStatus.kModelEmpty
        )
        objective: float | None = -info.objective_function_value if has else None
        # Without integers HiGHS solves an LP, and reports no bound beside the optimum itself.
        bound = objective if objective is not None and solved else np.inf
        if self._discrete:
            bound = -info.mip_dual_bound
        primal = np.array(solver.getSolution().col_value) if has else None
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
    solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
