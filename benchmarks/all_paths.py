"""Plans over all paths beside those over listed paths: bound, plan, gap, CPU seconds and memory.

    python benchmarks/all_paths.py [NAME ...] [--limit S] [--pools]

Names: those of ``INSTANCES`` below, all without any; ``--pools`` also runs the default method over the k
shortest paths, in a process of its own like every other run, for the same time. CPU seconds are of the whole
process, with what it loads and compiles; the machine should have nothing else to do. Results go to
benchmarks/results/all-paths.json and .md.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from satqn.model.instance import RoutingInstance
from satqn.planning import load_plannable
from satqn.routing.generate import case_study, network
from satqn.routing.pool import with_paths
from satqn.routing.solve import Settings, solve

RESULTS = Path(__file__).parent / "results"
LIMIT = 120.0
Row = dict[str, Any]


def scenario(name: str) -> RoutingInstance:
    return load_plannable(name).instance


INSTANCES: dict[str, Callable[[], RoutingInstance]] = {
    "K3": lambda: case_study(0),
    "K6": lambda: case_study(0, demands=6),
    "K12": lambda: case_study(0, demands=12, stations=12),
    "T100": lambda: case_study(0, slots=100),
    "n72": lambda: network(0),
    "metro-pair": lambda: scenario("metro-pair"),
    "global-leo": lambda: scenario("global-leo"),
    "coronet-meo": lambda: scenario("coronet-meo"),
    "n1010": lambda: network(0, cities=50, stations=18, haps=50, satellites=60, demands=100, slots=20),
}


def one(name: str, mode: str, limit: float) -> Row:
    """Plan one instance in this process."""
    instance = INSTANCES[name]()
    # The mode comes from the command line of `apart`, which knows only the two of `main`.
    kept = instance if mode == "generated" and instance.paths.mode == mode else with_paths(instance, mode)  # type: ignore[arg-type]
    begun, spent = time.perf_counter(), time.process_time()
    marks: Row = {}

    def listen(line: Any) -> None:
        marks.setdefault("first_plan_s", line.wall_s) if line.incumbent else None
        if "columns" in line.event or "bound" in line.event:
            marks["columns_s"], marks["columns_cpu_s"] = line.wall_s, time.process_time() - spent
            marks["columns"] = line.event

    found = solve(kept, replace(Settings(), time_limit=limit), listener=listen)
    return {
        "instance": name, "paths": mode, "status": found.status, "method": found.method,
        "plan_pairs": found.plan.objective_pairs if found.plan else None, "bound_pairs": found.bound_pairs,
        "gap": found.gap, "rounds": found.iterations, "wall_s": time.perf_counter() - begun,
        "cpu_s": time.process_time() - spent,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, **marks,
    }  # fmt: skip


def apart(name: str, mode: str, limit: float) -> Row:
    """Plan one instance in a process of its own, so that memory is its own too."""
    words = [sys.executable, __file__, "--one", name, mode, str(limit)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    row: Row = json.loads(done.stdout)
    return row


def page(rows: list[Row]) -> str:
    head = (
        "| instance | paths | plan | bound | gap % | first plan s | columns done, CPU s | CPU s | MB |\n"
        + "|---" * 9
        + "|\n"
    )
    body = ""
    for row in rows:
        gap = "—" if row["gap"] is None else f"{100 * row['gap']:.2f}"
        cells = [
            row["instance"], row["paths"], _pairs(row["plan_pairs"]), _pairs(row["bound_pairs"]), gap,
            f"{row.get('first_plan_s', float('nan')):.2f}", f"{row.get('columns_cpu_s', float('nan')):.1f}",
            f"{row['cpu_s']:.0f}", f"{row['memory_mb']:.0f}",
        ]  # fmt: skip
        body += "| " + " | ".join(cells) + " |\n"
    return "# All paths beside listed ones\n\n`python benchmarks/all_paths.py --pools`\n\n" + head + body


def _pairs(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def main(words: list[str]) -> None:
    if words[:1] == ["--one"]:
        print(json.dumps(one(words[1], words[2], float(words[3]))))
        return
    limit = float(words[words.index("--limit") + 1]) if "--limit" in words else LIMIT
    modes = ["generated"] + (["k_shortest_by_slot"] if "--pools" in words else [])
    names = [word for word in words if word in INSTANCES] or list(INSTANCES)
    file = RESULTS / "all-paths.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    for name in names:
        for mode in modes:
            try:
                row = apart(name, mode, limit)
            except subprocess.CalledProcessError as error:
                print(f"{name}, {mode}: failed: {error.stderr[-300:]}", file=sys.stderr)
                continue
            print(
                name,
                mode,
                {k: row[k] for k in ("plan_pairs", "bound_pairs", "gap", "cpu_s")},
                file=sys.stderr,
                flush=True,
            )
            known = [old for old in known if (old["instance"], old["paths"]) != (name, mode)] + [row]
            RESULTS.mkdir(exist_ok=True)
            file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
            (RESULTS / "all-paths.md").write_text(page(known), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
