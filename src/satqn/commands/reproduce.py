"""``satqn reproduce``: figures and tables of the papers, with their claims judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from satqn.commands.common import Json, emit_json, print_table, say, show


def reproduce(
    *names: str,
    list_only: Annotated[bool, Parameter(name="--list", negative=())] = False,
    quick: Annotated[bool, Parameter(negative=())] = False,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("reproduction"),
    json: Json = False,
) -> None:
    """Reproduce figures and tables: PDF, PNG, the data as CSV, and every claim with its verdict.

    Parameters
    ----------
    names
        Which ones: ids (shao2025.fig2a, zhang2024.fig5), short forms (2a, S5, table1) or groups (shao2025,
        7); all without any. Finished evaluations are kept, so an interrupted run goes on where it was.
    list_only
        List what can be reproduced and do nothing else.
    quick
        Take a few hundred pairs of users instead of thousands, and two routing instances instead of ten.
    output
        The folder to write.
    """
    from satqn.experiments import run

    if list_only:
        rows = run.listing()
        if json:
            emit_json({"experiments": rows})
        else:
            for entry in rows:
                show(f"{entry['id']:<20} {entry['title']}")
        return
    with _share_bar() as report:
        outcomes = run.reproduce(names, output, quick=quick, report=report)
    counts = run.summary(outcomes)
    if json:
        emit_json(
            {
                "folder": str(output),
                "quick": quick,
                "summary": counts,
                "experiments": [outcome.to_dict() for outcome in outcomes],
            }
        )
        return
    for outcome in outcomes:
        lines = [
            [
                claim["sentence"],
                _expected(claim["expected"]),
                _number(claim["published"]),
                _number(claim["physical"]),
                claim["verdict"],
            ]
            for claim in outcome.to_dict()["claims"]
        ]
        if lines:
            columns = ["claim", "expected", "published", "physical", "verdict"]
            print_table(outcome.experiment.id, columns, lines)
    say(f"{', '.join(f'{count} {verdict}' for verdict, count in counts.items())}; written to {output}")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.6g}"


def _expected(value: float | list[float | None]) -> str:
    return " to ".join(_number(end) for end in value) if isinstance(value, list) else _number(value)


@contextmanager
def _share_bar() -> Iterator[Callable[[str, float], None] | None]:
    """Show what is being done and the share done, on stderr, if that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)
