"""The MILP for other solvers: LP and MPS files whose names say what a row or column is."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from satqn.routing.highs import highs_model
from satqn.routing.highs_calls import ModelRefusedError, must, new_solver
from satqn.routing.problem import Problem

Format = Literal["mps", "lp"]


def export(problem: Problem, form: Format) -> str:
    """Return the MILP as the text of an LP or MPS file; the problem is to maximise.

    Parameters
    ----------
    problem
        The problem.
    form
        ``lp`` or ``mps``.

    Raises
    ------
    SolverError
        HiGHS cannot write the model.
    """
    lp = highs_model(problem.model, maximise=True)
    lp.col_names_, lp.row_names_ = names(problem)
    solver = new_solver({})
    must(solver, "take the model", lambda: solver.passModel(lp), ModelRefusedError)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"model.{form}"
        must(solver, f"write the model as {form}", lambda: solver.writeModel(str(file)))
        return file.read_text()


def names(problem: Problem) -> tuple[list[str], list[str]]:
    """Return names of columns and rows: ``x.k1.p3.t2``, ``C4.a_m.t2``; paths and classes count from 1.

    Parameters
    ----------
    problem
        The problem.

    Notes
    -----
    Characters that solvers do not read in names are written as ``_``; where that makes two names equal,
    a number is added.
    """
    instance, pool = problem.instance, problem.pool
    node = _legal(instance.nodes.ids)
    demand = _legal(instance.demands.ids)
    link = [f"{node[a]}_{node[b]}" for a, b in zip(instance.links.a, instance.links.b, strict=True)]
    pair = [f"{node[a]}_{node[b]}" for a, b in instance.storage_pairs]
    path = [f"{demand[k]}.p{p + 1}" for p, k in enumerate(pool.demand)]
    group = [f"{pair[n]}.c{q + 1}" for q, n in enumerate(pool.classes.pair)]
    shared = _legal(problem.formulation.shared.names)
    what = {"x": path, "y": path, "w": group, "z": group, "s": group, "C1": path, "C2": demand, "C3": node,
            "C4": link, "C5": group, "C6": group, "C7": shared, "D": demand, "S1": group,
            "S2": pair}  # fmt: skip
    return (
        [
            f"{v.name}.{what[v.name][i]}.t{t + 1}"
            for v in problem.model.variables
            for i, t in v.index.tolist()
        ],
        [f"{b.name}.{what[b.name][i]}.t{t + 1}" for b in problem.model.blocks for i, t in b.index.tolist()],
    )


def _legal(ids: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    legal = []
    for name in ids:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        seen[plain] = seen.get(plain, 0) + 1
        legal.append(plain if seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return legal
