"""``satqn simulate chain``: waiting times and fidelities of one chain, counted pair by pair."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import Json, emit_json, print_table, progress_bar
from satqn.errors import EXIT_INTERRUPTED, EXIT_LIMIT, EXIT_OK

if TYPE_CHECKING:
    from satqn.simulate.chain_counts import ChainCounts

EXIT = {"done": EXIT_OK, "limit": EXIT_LIMIT, "interrupted": EXIT_INTERRUPTED}
RUNS = 1 << 16
MOST_RUNS = 1 << 26
"""Deliveries without a target of precision, and at most with one, unless said."""


def chain(
    file: Path,
    *,
    runs: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    seed: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    cluster: str | None = None,
    target_relative_error: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    keep: bool = True,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> int:
    """Simulate a chain of elementary links: when pairs are delivered, how good they are, what was lost.

    Finished parts are kept in the cache: a run that was stopped goes on where it was when it is started
    again. The exit status is 4 if the runs ended before the target of precision was reached, 130 after
    Ctrl-C. What needs more than 2 GiB of memory for a process, or more than about five hours of processor
    time, is refused unless ``--force`` is given.

    Parameters
    ----------
    file
        The chain, YAML or JSON.
    runs
        Deliveries (65 536; with a target at most so many, by default 67 108 864).
    seed
        Of everything that is drawn; the same counts whatever the workers.
    workers
        Processes.
    cluster
        Address of a Dask scheduler instead of local processes.
    target_relative_error
        Go on until half of the 95 % interval over the mean is as small, for time and fidelity.
    keep
        Keep finished parts in the cache and use those of earlier runs.
    output
        Write the result with its histograms to this JSON file.
    json
        Print one JSON document.
    """
    from satqn.files import check_writable, write_atomically
    from satqn.kept import cache_folder
    from satqn.simulate.chain_file import load_chain
    from satqn.simulate.executor import Workers
    from satqn.simulate.monte_carlo import simulate_chain

    if output is not None:
        check_writable(output)
    loaded = load_chain(file)
    if runs is None:
        runs = RUNS if target_relative_error is None else MOST_RUNS
    with progress_bar("deliveries") as report, Workers(workers, cluster=cluster) as pool:
        run = simulate_chain(
            loaded.chain,
            deliveries=runs,
            seed=seed,
            restart=loaded.restart,
            target_relative_error=target_relative_error,
            workers=pool,
            store=cache_folder() / "simulate" if keep else None,
            report=report,
        )
    document: dict[str, Any] = {
        "name": loaded.name,
        "status": run.status,
        "links": loaded.chain.links,
        "restart": loaded.restart,
        "runs": runs,
        "seed": seed,
        **run.counts.to_dict(),
    }
    if output is not None:
        write_atomically(output, json_text.dumps(document, indent=2, allow_nan=False) + "\n")
    if json:
        emit_json(document)
    else:
        _print(loaded.name, run.counts)
    return EXIT[run.status]


def _print(name: str, counts: ChainCounts) -> None:
    found = counts.to_dict()
    rows = [["delivered pairs", str(found["delivered_pairs"]), "", ""]]
    for label, key in (
        ("rate, 1/s", "rate_per_s"),
        ("delivery time, s", "delivery_time_s"),
        ("fidelity", "fidelity"),
    ):
        if key in found:
            ends = [found[key][end] for end in ("mean", "low", "high")]
            rows.append([label, *("" if end is None else f"{end:.6g}" for end in ends)])
    if counts.restart == "continuous" and counts.delivered:
        fewest = min((n for n in found["effective_samples"].values() if n is not None), default=None)
        shown = "too few deliveries to say" if fewest is None else f"{fewest:.4g}"
        rows.append(["effective samples, fewest", shown, "", ""])
    made = found["elementary_pairs"].pop("made")
    rows.append(["elementary pairs made", str(made), "", ""])
    for reason, count in found["elementary_pairs"].items():
        rows.append([f"  {reason.replace('_', ' ')}", str(count), "", ""])
    print_table(name, ["", "mean", "95 % from", "to"], rows)
