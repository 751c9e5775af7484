"""``satqn instance``: make, describe and export instances of the routing problem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from satqn.commands.common import Json, emit_json, print_table, say
from satqn.errors import InputError

if TYPE_CHECKING:
    from satqn.routing.problem import Problem

app = App(name="instance", help="Make, describe and export instances of the routing problem.")

Output = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="File to write; standard output without it.")
]
Count = Annotated[int | None, Parameter(allow_leading_hyphen=True)]
Number = Annotated[float | None, Parameter(allow_leading_hyphen=True)]


@app.command
def generate(
    kind: Literal["case-study", "network"] = "case-study",
    *,
    seed: Annotated[int, Parameter(allow_leading_hyphen=True)] = 0,
    demands: Count = None,
    slots: Count = None,
    capacity: Number = None,
    stations: Count = None,
    cities: Count = None,
    haps: Count = None,
    satellites: Count = None,
    visibility: Number = None,
    target_fidelity: Number = None,
    paths: Literal["k_shortest", "all_simple"] = "k_shortest",
    max_hops: Count = None,
    output: Output = None,
) -> None:
    """Make an instance by seed: the case study of zhang2024, or a network of cities and passing satellites.

    Parameters
    ----------
    kind
        ``case-study``: 2 satellites, 2 HAPs, two cities of 6 base stations. ``network``: as large as asked.
    seed
        Of rates, fidelities and visibility.
    demands
        User pairs (case study 3, network 20).
    slots
        Time slots (10, 40).
    capacity
        Pairs in store at every HAP and satellite (1500).
    stations
        Base stations per city (6, 10).
    cities
        Cities of a network (6).
    haps
        HAPs of a network (6).
    satellites
        Satellites of a network (6).
    visibility
        Share of the slots in which a satellite of a network sees a city (0.5).
    target_fidelity
        Of every demand (0.9).
    paths
        The pool: 12 real and 20 virtual shortest paths, or all simple paths.
    max_hops
        Most hops of a path (with ``all_simple`` 3 unless said).
    """
    from satqn.routing.generate import case_study_document, network_document
    from satqn.routing.instance_file import instance_from_document
    from satqn.routing.instance_writer import document_text

    given: dict[str, Any] = {"demands": demands, "slots": slots, "capacity": capacity, "stations": stations,
                             "target_fidelity": target_fidelity}  # fmt: skip
    larger = {"cities": cities, "haps": haps, "satellites": satellites, "visibility": visibility}
    if kind == "network":
        given |= larger
    else:
        for name, value in larger.items():
            if value is not None:
                raise InputError(
                    "the case study has none to choose", where=f"--{name}", fix="Generate a network"
                )
    if seed < 0:
        raise InputError(f"{seed} cannot be used", where="--seed", fix="Give a whole number >= 0")
    pool: dict[str, Any] = {"mode": paths}
    if max_hops is not None or paths == "all_simple":
        pool["max_hops"] = 3 if max_hops is None else max_hops
    make = network_document if kind == "network" else case_study_document
    document = make(seed, paths=pool, **{name: value for name, value in given.items() if value is not None})
    instance_from_document(document, source="the instance asked for")
    _write(document_text(document), output)


@app.command
def describe(instance: str, *, json: Json = False) -> None:
    """Check an instance file and say how large its problem is.

    Parameters
    ----------
    instance
        The instance file, JSON or YAML.
    """
    from satqn.routing.remarks import remarks

    problem = _problem(instance)
    size = _size(problem)
    notes = list(remarks(problem))
    if json:
        emit_json({"sha256": problem.instance.sha256, **size, "warnings": notes})
        return
    print_table(
        problem.instance.name or instance, ["", ""], [[k.replace("_", " "), str(v)] for k, v in size.items()]
    )
    for note in notes:
        say(f"warning: {note}")


def _size(problem: Problem) -> dict[str, int]:
    instance, model, pool = problem.instance, problem.model, problem.pool.listed
    real = sum(1 for row in range(len(pool)) if not len(pool.drawn[row]))
    return {
        "nodes": len(instance.nodes),
        "links": len(instance.links),
        "slots": instance.slots,
        "demands": len(instance.demands),
        "storage_pairs": len(instance.storage_pairs),
        "shared_limits": len(problem.formulation.shared.names),
        "real_paths": real,
        "virtual_paths": len(pool) - real,
        "inventory_classes": len(pool.classes),
        "binaries": int(model.integer.sum()),
        "columns": len(model.cost),
        "rows": len(model.row_lower),
    }


@app.command
def export(instance: str, *, format: Literal["mps", "lp"] = "mps", output: Output = None) -> None:
    """Write the MILP of an instance for other solvers, with names that say what they are.

    Parameters
    ----------
    instance
        The instance file, JSON or YAML.
    format
        ``mps`` or ``lp``.
    """
    from satqn.routing.export import export as text_of

    _write(text_of(_problem(instance), format), output)


@app.command
def schema(which: Literal["instance", "plan"] = "instance") -> None:
    """Print the JSON Schema of instance files or plan files.

    Parameters
    ----------
    which
        Of which files.
    """
    from satqn.routing.instance_file import instance_schema
    from satqn.routing.plan_file import plan_schema

    emit_json(instance_schema() if which == "instance" else plan_schema())


def _problem(instance: str) -> Problem:
    from satqn.routing.instance_file import load_instance
    from satqn.routing.problem import Problem

    return Problem.of(load_instance(instance))


def _write(text: str, output: Path | None) -> None:
    from satqn.files import write_atomically

    if output is None:
        print(text, end="")
    else:
        write_atomically(output, text)
        say(f"written to {output}")
