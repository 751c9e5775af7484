"""Calls of HiGHS: one place for the threads of the process, and every status that HiGHS returns is read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from satqn.errors import SatqnError
from satqn.streams import stdout_silenced

THREADS = 1
"""Threads of every model of the process.

HiGHS starts one scheduler per process with the threads of the first model that runs, and refuses every later
model that asks for another number; its default differs between machines and versions. Slots of ``benders``
are solved side by side by ``--workers`` instead."""

ROW_TOLERANCE = 1e-6
"""A row without columns may ask for so little; the primal feasibility tolerance of HiGHS."""


class SolverError(SatqnError):
    """HiGHS refuses a model, or ends in a state that satqn does not expect; its words are in the message."""


class ModelRefusedError(SolverError):
    """HiGHS refuses the numbers of a model: too large, too small, or not finite."""


def new_solver(options: dict[str, Any]) -> highspy.Highs:
    """Return a solver that writes nothing and has the threads of the process.

    Parameters
    ----------
    options
        HiGHS options.

    Raises
    ------
    SolverError
        HiGHS does not know an option.
    """
    with stdout_silenced():  # from 1.16 on the first solver of a process prints a banner
        solver = highspy.Highs()
    for name, value in {"output_flag": False, "threads": THREADS, **options}.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverError(f"HiGHS {solver.version()} does not know its option {name} = {value!r}")
    return solver


def must(
    solver: highspy.Highs,
    what: str,
    call: Callable[[], highspy.HighsStatus],
    error: type[SolverError] = SolverError,
) -> None:
    """Make a call that HiGHS may refuse, and read its status.

    Parameters
    ----------
    solver
        The solver.
    what
        What is asked of HiGHS, for the message.
    call
        The call; it is made again where HiGHS refuses, to hear why.
    error
        What to raise.

    Raises
    ------
    SolverError
        HiGHS refuses; with its own words.
    """
    if call() == highspy.HighsStatus.kError:
        raise error(
            f"HiGHS {solver.version()} will not {what}: {words_of(solver, call) or 'it does not say why'}"
        )


def words_of(solver: highspy.Highs, call: Callable[[], highspy.HighsStatus]) -> str:
    """Return what HiGHS says of an error when a call is made again, on one line.

    Parameters
    ----------
    solver
        The solver.
    call
        The call that it refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "highs.log"
        for name, value in (("log_file", str(log)), ("log_to_console", False), ("output_flag", True)):
            solver.setOptionValue(name, value)
        call()
        for name, value in (("output_flag", False), ("log_file", "")):
            solver.setOptionValue(name, value)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    said = [line.partition("ERROR:")[2].strip() for line in lines if line.startswith("ERROR:")]
    return "; ".join(dict.fromkeys(said))


def run_solver(solver: highspy.Highs) -> highspy.HighsModelStatus:
    """Run a solver and return how its model ended.

    Parameters
    ----------
    solver
        The solver.

    Raises
    ------
    SolverError
        HiGHS refuses to run.
    """
    if solver.run() == highspy.HighsStatus.kError:
        # A program that uses HiGHS beside satqn has started the scheduler with a number of its own:
        # 0 takes what there is.
        solver.setOptionValue("threads", 0)
        again = solver.run()
        if (
            again == highspy.HighsStatus.kError
            and solver.getModelStatus() == highspy.HighsModelStatus.kNotset
        ):
            raise SolverError(f"HiGHS {solver.version()} will not run: {words_of(solver, solver.run)}")
    status = solver.getModelStatus()
    return _empty_status(solver) if status == highspy.HighsModelStatus.kModelEmpty else status


def _empty_status(solver: highspy.Highs) -> highspy.HighsModelStatus:
    """Judge the rows of a model without columns, whose sides HiGHS does not look at."""
    lp = solver.getLp()
    lower, upper = np.array(lp.row_lower_), np.array(lp.row_upper_)
    met = bool((lower <= ROW_TOLERANCE).all() and (upper >= -ROW_TOLERANCE).all())
    return highspy.HighsModelStatus.kOptimal if met else highspy.HighsModelStatus.kInfeasible
