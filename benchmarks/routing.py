"""Entanglement routing: every method beside HiGHS through scipy and a model built in pyomo.

    python benchmarks/routing.py PART ... [--quick]

Parts, each alone or all without any: `paper-size` (ten instances of the case study, method by method),
`large` (bound and incumbent after 60 s), `build` (the model beside pyomo, which is not a dependency),
`growth` (pairs of users, slots, paths), `options` (those of HiGHS, one at a time). Times are wall-clock
seconds of one process on a machine with nothing else to do; CPU time stands beside them. Results go to
benchmarks/results/routing.json, .md and .png, part by part.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

ROOT = Path(__file__).parent.parent
# The imports below (E402) are found from there.
sys.path.insert(0, str(ROOT))

from benchmarks.routing_page import draw_large, page  # noqa: E402

from satqn.model.instance import RoutingInstance  # noqa: E402
from satqn.model.paths import PathSet  # noqa: E402
from satqn.routing import exact as exact_method  # noqa: E402
from satqn.routing.formulation import formulate  # noqa: E402
from satqn.routing.generate import case_study, network  # noqa: E402
from satqn.routing.highs import BRANCHING, highs_model  # noqa: E402
from satqn.routing.pool import build_pool  # noqa: E402
from satqn.routing.problem import Problem  # noqa: E402
from satqn.routing.solve import Settings, Solution, solve  # noqa: E402

RESULTS = Path(__file__).parent / "results"
GAP = 1e-3
Row = dict[str, Any]


def timed(work: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, float, float]:
    """Return the answer, wall-clock seconds and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work(*arguments, **named)
    return answer, time.perf_counter() - wall, time.process_time() - cpu


def row_of(solution: Solution, wall: float, cpu: float) -> Row:
    plan = solution.plan
    return {
        "status": solution.status, "wall_s": wall, "cpu_s": cpu,
        "incumbent_pairs": plan.objective_pairs if plan else None, "bound_pairs": solution.bound_pairs,
        "gap": solution.gap, "iterations": solution.iterations, "cuts": solution.optimality_cuts,
    }  # fmt: skip


def by_scipy(problem: Problem, limit: float) -> Row:
    """Hand the same matrices to scipy.optimize.milp, building and checking left out."""
    m = problem.model
    found, wall, cpu = timed(
        milp,
        -m.cost,
        integrality=m.integer.astype(int),
        bounds=Bounds(m.lower, m.upper),
        constraints=LinearConstraint(m.matrix, m.row_lower, m.row_upper),
        options={"mip_rel_gap": GAP, "time_limit": limit},
    )
    return {
        "status": "optimal" if found.status == 0 else "time_limit", "wall_s": wall, "cpu_s": cpu,
        "incumbent_pairs": None if found.x is None else float(m.cost @ found.x),
        "bound_pairs": None if found.mip_dual_bound is None else -float(found.mip_dual_bound),
        "gap": found.mip_gap,
    }  # fmt: skip


def paper_size(quick: bool) -> list[Row]:
    """K = 3, T = 10, 12 + 20 paths: whole runs from the instance to the checked plan."""
    rows = []
    limit = 5.0 if quick else 60.0
    for seed in range(2 if quick else 10):
        instance = case_study(seed)
        row: Row = {"seed": seed}
        for name, method in (("default", None), ("benders", "benders"), ("paper", "paper")):
            settings = Settings(method=method, gap=GAP, time_limit=limit)
            row[name] = row_of(*timed(solve, instance, settings))
        row["scipy"] = by_scipy(Problem.of(instance), limit)
        tell(f"paper-size, seed {seed}", {name: row[name]["wall_s"] for name in list(row)[1:]})
        rows.append(row)
    return rows


LARGE: dict[str, Callable[[], Any]] = {
    "K = 6": lambda: case_study(0, demands=6),
    "K = 12": lambda: case_study(0, demands=12, stations=12),
    "T = 100": lambda: case_study(0, slots=100),
    "72 nodes, 20 pairs, 40 slots": lambda: network(0),
}
METHODS = ("exact", "benders", "paper", "no-storage", "satellite-only", "random")


def large(quick: bool) -> list[Row]:
    """Bound and incumbent of every method when its time is up."""
    rows = []
    limit = 3.0 if quick else 60.0
    for name, make in LARGE.items():
        instance = make()
        pool = build_pool(instance)
        binaries = len(Problem.of(instance, pool).switches)
        for method in METHODS:
            settings = Settings(method=method, gap=GAP, time_limit=limit)
            solution, wall, cpu = timed(solve, instance, settings, pool=pool)
            default = method == ("exact" if binaries <= 3000 else "benders")
            row = {"size": name, "binaries": binaries, "method": method, "default": default}
            row |= row_of(solution, wall, cpu)
            row["log"] = [[line.wall_s, line.bound, line.incumbent] for line in solution.log]
            tell(f"large, {name}, {method}", {k: row[k] for k in ("incumbent_pairs", "bound_pairs", "gap")})
            rows.append(row)
    return rows


def arrays_of_satqn(instance: RoutingInstance, pool: PathSet) -> Any:
    return highs_model(formulate(instance, pool)[1])


def build(quick: bool) -> list[Row]:
    """The whole MILP from instance and paths to the arrays of a solver, beside pyomo."""
    from benchmarks.routing_pyomo import arrays_of, plain_data, pyomo_model

    rows = []
    sizes = {"K = 3, T = 10": case_study(0), "K = 12, T = 10": case_study(0, demands=12, stations=12)}
    if not quick:
        sizes["72 nodes, 20 pairs, 40 slots"] = network(0)
    for name, instance in sizes.items():
        pool = build_pool(instance)
        ours = min(timed(arrays_of_satqn, instance, pool)[1:] for _ in range(5))
        f, model = formulate(instance, pool)
        data = plain_data(instance, pool, f)
        made, wall, cpu = timed(pyomo_model, data)
        arrays, wall_arrays, cpu_arrays = timed(arrays_of, made)
        same = arrays["nonzeros"] == model.matrix.nnz and arrays["rows"] == len(model.row_lower)
        rows.append({
            "size": name, "columns": len(model.cost), "rows": len(model.row_lower), "nonzeros": model.matrix.nnz,
            "same_rows_and_nonzeros": bool(same), "satqn_s": ours[0], "satqn_cpu_s": ours[1],
            "pyomo_s": wall, "pyomo_cpu_s": cpu, "pyomo_arrays_s": wall_arrays, "pyomo_arrays_cpu_s": cpu_arrays,
            "build_ratio": wall / ours[0], "to_arrays_ratio": (wall + wall_arrays) / ours[0],
        })  # fmt: skip
        tell(
            f"build, {name}",
            {k: rows[-1][k] for k in ("satqn_s", "pyomo_s", "build_ratio", "to_arrays_ratio")},
        )
    return rows


def growth(quick: bool) -> list[Row]:
    """Median over three seeds of the default method, one size changed at a time."""
    few = quick
    pools = {f"{r} + {v}": {"real": r, "virtual": v} for r, v in ((3, 5), (6, 10), (12, 20), (24, 40))}
    sweeps: dict[str, dict[str, Callable[[int], Any]]] = {
        "pairs of users": {
            str(k): lambda s, k=k: case_study(s, demands=k) for k in ((1, 2) if few else (1, 2, 3, 4, 5))
        },
        "slots": {
            str(t): lambda s, t=t: case_study(s, slots=t) for t in ((2, 5) if few else (5, 10, 20, 40))
        },
        "paths": {
            name: lambda s, p=p: case_study(s, paths={"mode": "k_shortest", "per_demand": p})
            for name, p in list(pools.items())[: 2 if few else None]
        },
    }
    rows = []
    for what, sizes in sweeps.items():
        for size, make in sizes.items():
            rows.append({"what": what, "size": size} | _median_of_seeds(make, 2.0 if quick else 30.0))
            tell(f"growth, {what} {size}", {k: rows[-1][k] for k in ("solve_s", "gap", "at_limit")})
    return rows


def _median_of_seeds(make: Callable[[int], Any], limit: float) -> Row:
    found = []
    for seed in range(3):
        instance = make(seed)
        pool, paths_s, _ = timed(build_pool, instance)
        problem, build_s, _ = timed(Problem.of, instance, pool)
        settings = Settings(gap=GAP, time_limit=limit)
        solution, wall, _ = timed(solve, instance, settings, pool=pool)
        found.append((paths_s, build_s, wall, solution.gap, solution.status != "optimal"))
    middle = [statistics.median(values) for values in list(zip(*found, strict=True))[:4]]
    return {
        "binaries": len(problem.switches), "columns": len(problem.model.cost), "paths_s": middle[0],
        "build_s": middle[1], "solve_s": middle[2], "gap": middle[3], "at_limit": sum(f[4] for f in found),
    }  # fmt: skip


def options(quick: bool) -> list[Row]:
    """Exact with the options of satqn, with the defaults of HiGHS, and with each option alone put back."""
    chosen = dict(BRANCHING)
    variants: dict[str, dict[str, Any]] = {"satqn": chosen, "HiGHS defaults": {}}
    for name in chosen:
        variants[f"without {name}"] = {key: value for key, value in chosen.items() if key != name}
    runs = [(3, variant) for variant in variants]
    if not quick:
        runs += [(4, "satqn"), (4, "HiGHS defaults")]
    rows = []
    for demands, variant in runs:
        size, values = f"K = {demands}", variants[variant]
        exact_method.BRANCHING = values
        settings = Settings(method="exact", gap=GAP, time_limit=60.0)
        instances = [case_study(seed, demands=demands) for seed in range(1 if quick else 3)]
        found = [timed(solve, instance, settings) for instance in instances]
        walls = [wall for _, wall, _ in found]
        gaps = [solution.gap for solution, _, _ in found]
        rows.append({"size": size, "options": variant, "wall_s": walls, "gap": gaps, "total_s": sum(walls)})
        tell(f"options, {size}, {variant}", {"total_s": sum(walls)})
    exact_method.BRANCHING = chosen
    return rows


PARTS: dict[str, Callable[[bool], list[Row]]] = {
    "paper-size": paper_size, "large": large, "build": build, "growth": growth, "options": options,
}  # fmt: skip


def tell(what: str, numbers: Row) -> None:
    words = (f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in numbers.items())
    print(f"{what}: " + ", ".join(words), file=sys.stderr, flush=True)


def numbers_as_plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def chosen_parts(words: list[str]) -> Iterator[str]:
    names = [word for word in words if not word.startswith("--")]
    unknown = set(names) - set(PARTS)
    if unknown:
        raise SystemExit(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    yield from names or PARTS


def main(words: list[str]) -> None:
    quick = "--quick" in words
    stem = "routing-quick" if quick else "routing"
    file = RESULTS / f"{stem}.json"
    record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"parts": {}}
    for name in chosen_parts(words):
        rows = PARTS[name](quick)
        record |= {
            "python": platform.python_version(), "machine": platform.machine(),
            "versions": {lib: version(lib) for lib in ("numpy", "scipy", "highspy")},
        }  # fmt: skip
        record["parts"][name] = rows
        RESULTS.mkdir(exist_ok=True)
        file.write_text(json.dumps(record, indent=1, default=numbers_as_plain) + "\n", encoding="utf-8")
        (RESULTS / f"{stem}.md").write_text(page(record), encoding="utf-8")
        if name == "large":
            draw_large(rows, RESULTS / f"{stem}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
