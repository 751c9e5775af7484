"""HiGHS: one number of threads, every status read, silence on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest
from tests.processors import POSSIBLE, believing

from satqn.routing.generate import case_study
from satqn.routing.highs import LiveLP, LiveMIP, _pass
from satqn.routing.highs_calls import (
    ModelRefusedError,
    SolverError,
    must,
    new_solver,
    run_solver,
)
from satqn.routing.linear import LinearModel, Rows
from satqn.routing.solve import Settings, solve
from satqn.routing.stopping import Run
from satqn.streams import stdout_silenced

needs_compiler = pytest.mark.skipif(not POSSIBLE, reason="needs Linux and a C compiler")

MIP_FIRST = """
import highspy, os
from satqn.routing.generate import case_study
from satqn.routing.solve import Settings, solve
first = {first}
if first == "foreign":  # a program of the user's that runs HiGHS by its defaults
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.addVar(0, 1)
    model.changeColCost(0, -1)
    model.run()
worth = [
    solve(case_study(seed=1, slots=3), Settings(method=method, gap=1e-9)).plan.objective_pairs
    for method in ("exact", "benders", "paper", "no-storage")
]
print(os.cpu_count(), *worth)
"""


@needs_compiler
@pytest.mark.parametrize("processors", [3, 4, 16])
@pytest.mark.parametrize("first", ["satqn", "foreign"])
def test_every_method_solves_on_any_number_of_processors(processors: int, first: str, tmp_path: Path) -> None:
    expected = solve(case_study(seed=1, slots=3), Settings(gap=1e-9)).plan
    done = subprocess.run(
        [sys.executable, "-c", MIP_FIRST.format(first=repr(first))],
        env=believing(processors, tmp_path), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count, exact, benders, paper, no_storage = done.stdout.splitlines()[-1].split()
    assert int(count) == processors
    assert expected is not None
    for worth in (exact, benders, paper):
        assert float(worth) == pytest.approx(expected.objective_pairs, rel=1e-6)
    assert 0 < float(no_storage) <= expected.objective_pairs * (1 + 1e-9)


def model(cost: list[float], matrix: list[list[float]], lower: list[float], **changed: float) -> LinearModel:
    entries = np.array(matrix, dtype=np.float64).reshape(len(lower), len(cost))
    row, column = np.nonzero(entries)
    rows = Rows(
        "row", np.arange(len(lower))[:, None], row, column, entries[row, column],
        np.array(lower), np.full(len(lower), changed.get("upper", np.inf)),
    )  # fmt: skip
    width = len(cost)
    whole = np.full(width, bool(changed.get("integer", 0)))
    return LinearModel.assemble(np.array(cost), np.zeros(width), np.ones(width), whole, (), [rows])


def test_rows_without_columns_that_ask_for_something_are_infeasible() -> None:
    asking, idle = model([], [[], []], [0.5, 0.5]), model([], [[], []], [0.0, -1.0])
    assert LiveLP(asking).solve().status == "infeasible"
    assert LiveMIP(asking, Run()).solve(gap=0.0).status == "infeasible"
    assert LiveLP(model([], [[]], [-np.inf], upper=-0.5)).solve().status == "infeasible"
    assert LiveMIP(model([], [[]], [-np.inf], upper=-0.5), Run()).solve(gap=0.0).status == "infeasible"
    lp, mip = LiveLP(idle).solve(), LiveMIP(idle, Run()).solve(gap=0.0)
    assert (lp.status, lp.objective, mip.status, mip.objective) == ("optimal", 0.0, "optimal", 0.0)
    assert lp.dual is not None
    assert len(lp.dual) == 2


def test_what_highs_refuses_is_an_error_with_its_own_words() -> None:
    with pytest.raises(ModelRefusedError, match=r"will not take the model: .*1e\+16.*1e\+15"):
        _pass(new_solver({}), model([1.0], [[1e16]], [0.0]), relaxed=True)
    assert LiveLP(model([1.0], [[1e16]], [0.0])).solve().objective == pytest.approx(1.0)  # it is scaled
    lp = LiveLP(model([1.0], [[1.0]], [0.0]))
    with pytest.raises(SolverError, match=r"will not take bounds of columns: .*inf"):
        lp.set_column_bounds(np.array([0]), np.array([np.inf]), np.array([np.inf]))
    with pytest.raises(SolverError, match="does not know its option no_such_option"):
        new_solver({"no_such_option": 1})
    # a refusal leaves the solver silent, and fit for use
    assert lp.solve().objective == pytest.approx(1.0)


def test_a_solver_that_another_number_of_threads_refuses_takes_what_there_is() -> None:
    solver = new_solver({})
    solver.setOptionValue("threads", 7)
    solver.addVar(0, 1)
    solver.changeColCost(0, -1)
    assert run_solver(new_solver({})) == highspy.HighsModelStatus.kOptimal  # the scheduler has begun with 1
    assert solver.run() == highspy.HighsStatus.kError
    assert run_solver(solver) == highspy.HighsModelStatus.kOptimal


def test_a_status_of_highs_is_read_by_must() -> None:
    solver = new_solver({})
    with pytest.raises(SolverError, match="will not read a model"):
        must(solver, "read a model", lambda: solver.readModel("no-such-model.lp"))


def test_a_rate_that_highs_cannot_take_is_named() -> None:
    instance = case_study(seed=1, slots=2)
    rate = instance.links.rate.copy()
    rate[1, 2] = 1e30
    ends = [instance.nodes.ids[v[2]] for v in (instance.links.a, instance.links.b)]
    too_large = replace(instance, links=replace(instance.links, rate=rate))
    # Either is right, so that nothing has to be raised (PT017): refused by its name, or scaled and solved.
    try:
        solution = solve(too_large)
    except ModelRefusedError as error:
        assert f"the largest rate is 1e+30, of link {ends[0]}–{ends[1]} in slot 2" in str(error)  # noqa: PT017
        assert "HiGHS" in str(error)  # noqa: PT017
    else:
        assert solution.plan is not None  # it can be scaled into what HiGHS takes


BANNER = """
import ctypes, os, sys
from satqn.streams import stdout_silenced
c = ctypes.CDLL(None)
c.puts(b"before")
sys.stdout.write('{"a": ')
with stdout_silenced():
    c.puts(b"a banner of compiled code")
    os.write(1, b"another")
print('1}')
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the C library is found by name there")
def test_what_compiled_code_prints_never_reaches_standard_output() -> None:
    done = subprocess.run([sys.executable, "-c", BANNER], capture_output=True, text=True, check=True)
    assert done.stdout == 'before\n{"a": 1}\n'
    closed = subprocess.run(
        [sys.executable, "-c", "import os; os.close(1); from satqn.streams import stdout_silenced as s\nwith s(): pass"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert closed.returncode in {0, 120}, closed.stderr  # 120: Python cannot flush what is closed


def test_a_solver_says_nothing_and_json_is_one_document(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import json
        from satqn.routing.generate import case_study
        from satqn.routing.solve import solve
        print(json.dumps(solve(case_study(seed=1, slots=2)).summary()))
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["status"] == "optimal"


def test_silence_ends_with_the_block(capfd: pytest.CaptureFixture[str]) -> None:
    with stdout_silenced():
        os.write(1, b"hidden\n")
    os.write(1, b"shown\n")
    assert capfd.readouterr().out == "shown\n"
