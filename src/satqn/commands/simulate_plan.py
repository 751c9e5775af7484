"""``satqn simulate PLAN``: what random events leave of what a plan promises, and why."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from satqn.commands.common import Json, emit_json, print_table, progress_bar, say, show
from satqn.errors import EXIT_INTERRUPTED, EXIT_LIMIT, EXIT_OK, InfeasibleError, InputError

if TYPE_CHECKING:
    from satqn.model.instance import RoutingInstance
    from satqn.model.plan import Plan
    from satqn.simulate.replay_counts import Estimate, ReplayCounts
    from satqn.simulate.replay_options import ReplayOptions

RUNS = 1000
MOST_RUNS = 1_000_000
"""Runs without a target of precision, and at most with one, unless said."""
STATUS = {EXIT_OK: "done", EXIT_LIMIT: "limit", EXIT_INTERRUPTED: "interrupted"}
FILE_TYPES = {".json", ".yaml", ".yml"}


def simulate_plan(
    source: Annotated[str, Parameter(name="plan")],
    *,
    instance: Path | None = None,
    runs: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    seed: Annotated[int, Parameter(allow_leading_hyphen=True)] = 0,
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    cluster: str | None = None,
    target_relative_error: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    generation: Literal["mean", "poisson", "binomial"] = "poisson",
    attempts_per_slot: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    use_spare_pairs: Annotated[bool, Parameter(negative=())] = False,
    draw_order: Literal["fifo", "lifo"] = "fifo",
    memory_coherence_s: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    extra_rounds: Annotated[bool, Parameter(negative=())] = False,
    outage_probability: Annotated[float, Parameter(allow_leading_hyphen=True)] = 0.0,
    outage_mean_slots: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    keep: bool = True,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> int:
    """Replay a plan pair by pair: promised against delivered, with intervals and reasons.

    A replay that was stopped goes on where it was when it is started again. The exit status is 4 if the
    runs ended before the target of precision was reached, 130 after Ctrl-C.

    Parameters
    ----------
    source
        A plan file; or a planning scenario or instance file, which is planned first.
    instance
        Its instance file; by default the file beside the plan whose SHA-256 the plan names.
    runs
        Number of runs (1000), or the largest number with a target of precision (1 000 000).
    seed
        Of everything that is drawn.
    workers
        Processes that share the runs.
    cluster
        Address of a Dask scheduler instead.
    target_relative_error
        Stop when half of the 95 % interval of the delivered pairs is at most this share of them.
    generation
        Links make Poisson numbers of pairs, successes of given attempts, or the planned number (``mean``).
    attempts_per_slot
        Attempts of every link in a slot, with ``binomial``.
    use_spare_pairs
        Pairs that the plan gives to nobody fill the gaps of uses that fell short.
    draw_order
        Whether the oldest stored pair is used first, or the newest.
    memory_coherence_s
        Stored pairs decay with this time constant, in seconds; by default they do not.
    extra_rounds
        Aged pairs may get more rounds of purification than planned.
    outage_probability
        Share of slots in which a ground station, with all of its links, is down.
    outage_mean_slots
        Mean length of an outage in slots; by default every slot is drawn for itself.
    keep
        Keep finished blocks of runs in the cache and use those of earlier replays.
    output
        Write the result to this file, as JSON.
    """
    from satqn.files import check_writable
    from satqn.kept import cache_folder
    from satqn.simulate.executor import Workers
    from satqn.simulate.replay import ReplayInterrupted, replay_plan
    from satqn.simulate.replay_options import ReplayOptions

    if output is not None:
        check_writable(output)
    options = ReplayOptions(
        generation=generation, attempts_per_slot=attempts_per_slot, use_spare_pairs=use_spare_pairs,
        draw_order=draw_order, memory_coherence_s=memory_coherence_s, extra_rounds=extra_rounds,
        outage_probability=outage_probability, outage_mean_slots=outage_mean_slots,
    )  # fmt: skip
    problem, candidate = _plan(source, instance)
    _point_out(problem, candidate, options)
    most = runs if runs is not None else RUNS if target_relative_error is None else MOST_RUNS
    counts: ReplayCounts | None
    try:
        with Workers(workers, cluster=cluster) as pool, progress_bar("replaying") as report:
            counts = replay_plan(
                problem, candidate, options, runs=most, seed=seed, workers=pool, report=report,
                target_relative_error=target_relative_error,
                store=cache_folder() / "simulate" if keep else None,
            )  # fmt: skip
        status = EXIT_OK
    except ReplayInterrupted as stop:
        say(f"{stop}; start it again to go on from there")
        counts, status = stop.partial, EXIT_INTERRUPTED
    if counts is None:
        return status
    if status == EXIT_OK and counts.relative_error > (target_relative_error or math.inf):
        say(f"{counts.runs} runs do not reach the relative error {target_relative_error:g}: give more --runs")
        status = EXIT_LIMIT
    document = {"status": STATUS[status]} | _document(problem, candidate, options, counts, seed)
    _deliver(document, counts, output, json)
    return status


def _plan(source: str, instance_file: Path | None) -> tuple[RoutingInstance, Plan]:
    """Return an instance and its plan: read from files, or planned here."""
    from satqn.planning import is_plan_file, load_plannable
    from satqn.routing.plan_file import load_plan
    from satqn.routing.solve import solve

    if is_plan_file(source):
        plan = load_plan(source)
        return _instance(Path(source), plan, instance_file), plan
    if instance_file is not None:
        raise InputError(f"{source} is no plan file", where="--instance", fix="Give a plan file with it")
    with progress_bar("links") as report:
        found = load_plannable(source, progress=report)
    solution = solve(found.instance, found.settings)
    if solution.plan is None:
        raise InfeasibleError(f"there is no plan for {source}: {solution.conflict or solution.status}")
    say(f"planned: {solution.plan.objective_pairs:.7g} pairs, {solution.status}")
    return found.instance, solution.plan


def _instance(plan_file: Path, plan: Plan, instance_file: Path | None) -> RoutingInstance:
    """Load the instance that was named, or the one beside the plan that the plan was made for."""
    from satqn.documents import read_bytes
    from satqn.provenance import content_hash
    from satqn.routing.instance_file import load_instance

    if instance_file is not None:
        instance = load_instance(instance_file)
        if plan.instance_sha256 != instance.sha256:
            said = plan.instance_sha256[:12] or "none"
            say(f"warning: the plan names another instance (SHA-256 {said}…, here {instance.sha256[:12]}…)")
        return instance
    for file in sorted(plan_file.absolute().parent.iterdir()):
        if (
            file.suffix in FILE_TYPES
            and file.is_file()
            and content_hash(read_bytes(file)) == plan.instance_sha256
        ):
            say(f"instance: {file}")
            return load_instance(file)
    raise InputError(
        f"no file beside {plan_file} has the SHA-256 {plan.instance_sha256[:12] or 'none'}… of its instance",
        where="--instance",
        why="A plan names its instance by that alone",
        fix="Give the instance file with --instance",
    )


def _point_out(instance: RoutingInstance, plan: Plan, options: ReplayOptions) -> None:
    """Say what deserves a second look before the numbers are read."""
    from satqn.routing.check import check

    violations = check(instance, plan)
    if violations:
        say(f"warning: the plan breaks {len(violations)} constraints, the first of them {violations[0]}")
    if options.memory_coherence_s is not None:
        say(f"ages are counted in slots of {instance.slot_duration_s:g} s")


def _document(
    instance: RoutingInstance, plan: Plan, options: ReplayOptions, counts: ReplayCounts, seed: int
) -> dict[str, Any]:
    return {
        "instance": instance.name,
        "instance_sha256": instance.sha256,
        "method": plan.method,
        "slot_duration_s": instance.slot_duration_s,
        "seed": seed,
        "options": options.to_dict(),
    } | counts.to_dict()


def _deliver(document: dict[str, Any], counts: ReplayCounts, output: Path | None, json: bool) -> None:
    """Write and print the result."""
    from json import dumps

    from satqn.files import write_atomically

    if output is not None:
        write_atomically(output, dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    if json:
        emit_json(document)
    else:
        _print(document["instance"] or "replay", counts)


def _interval(found: Estimate) -> str:
    half = "" if found.low is None else f" ± {found.mean - found.low:.2g}"
    return f"{found.mean:.7g}{half}"


def _z(value: float | None) -> str:
    return "—" if value is None else f"{value:+.2f}"


def _print(title: str, counts: ReplayCounts) -> None:
    from satqn.simulate.replay_counts import LEDGER_NAMES, REASON_NAMES
    from satqn.simulate.replay_words import z_in_words

    rows = []
    for k, name in enumerate(counts.demands):
        promised, found = float(counts.promised[:, k].sum()), counts.demand(k)
        rows.append([name, f"{promised:.7g}", _interval(found), _z(found.z(promised))])
    promised, found = counts.promised_pairs, counts.delivered_pairs
    rows.append(["all", f"{promised:.7g}", _interval(found), _z(counts.z)])
    print_table(f"{title}: {counts.runs} runs", ["demand", "promised", "delivered, 95 %", "z"], rows)
    for line in z_in_words(counts):
        show(line)
    missing = [(name.replace("_", " "), counts.missing(name)) for name in REASON_NAMES]
    rows = [[name, _interval(found)] for name, found in missing if found.mean or found.error]
    if rows:
        print_table("missing pairs by reason", ["reason", "pairs"], rows)
    if counts.classes:
        ledger = counts.ledger / counts.runs
        print_table(
            "stored pairs",
            ["class", *LEDGER_NAMES],
            [[name, *(f"{x:.5g}" for x in ledger[:, q])] for q, name in enumerate(counts.classes)],
        )
