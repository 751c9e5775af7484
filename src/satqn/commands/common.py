"""What the commands share: their common options, and how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from satqn.documents import parse_value
from satqn.errors import InputError, cut, escaped, printable

LONGEST_CELL = 200
"""Characters of a cell of a table on the terminal."""

PresetName = Literal["published", "physical"]

Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print one JSON document.")]
Preset = Annotated[
    PresetName | None,
    Parameter(name="--preset", help="Model of the published figures, or the corrected one."),
]
Seed = Annotated[
    int | None, Parameter(name="--seed", help="Seed of everything that is drawn.", allow_leading_hyphen=True)
]
Settings = Annotated[
    list[str] | None,
    Parameter(
        name="--set",
        help="Change one key of the scenario, e.g. --set placement=greedy or "
        "--set satellite.altitude_km=12000; may be repeated.",
        negative=(),
    ),
]


def parse_settings(words: Sequence[str] | None) -> dict[str, Any]:
    """Return ``key=value`` words as a mapping; values are read as YAML 1.2 scalars or lists.

    Raises
    ------
    InputError
        A word without ``=`` or a value that is not YAML.
    """
    from satqn.scenario.settings import refuse_outside

    settings: dict[str, Any] = {}
    for word in words or ():
        key, separator, text = word.partition("=")
        if not separator or not key.strip():
            raise InputError(
                f"{word!r} is not key=value", where="--set", fix="Write e.g. --set placement=greedy"
            )
        settings[key.strip()] = value = parse_value(text, f"--set {key}")
        refuse_outside(key, value, f"--set {key}")
    return settings


def overrides(preset: PresetName | None, settings: Sequence[str] | None, seed: int | None) -> dict[str, Any]:
    """Return the common options as overrides of a scenario."""
    chosen = parse_settings(settings)
    if preset is not None:
        chosen["preset"] = preset
    if seed is not None:
        chosen["seed"] = seed
    return chosen


def emit_json(document: Mapping[str, Any]) -> None:
    """Print exactly one JSON document on stdout; what a terminal would obey stands in it as an escape."""
    print(escaped(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)))


def say(message: str) -> None:
    """Print a message for people on stderr."""
    print(printable(message), file=sys.stderr)


def show(text: object) -> None:
    """Print text for people on stdout; names in it come from files, and a terminal must not obey them."""
    print(printable(str(text)))


def say_when_compiling() -> None:
    """Let stderr say why a first run takes longer: inner loops are compiled once."""
    from satqn import kernels

    kernels.on_compiling = lambda: say(
        "satqn compiles its inner loops for this machine: once, for about a minute"
    )


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table for people on stdout; the first column is text, the others numbers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(Text(_cell(name)), justify="left" if number == 0 else "right")
    for row in rows:
        # Text, not str: rich would read brackets in a name as markup.
        table.add_row(*(Text(_cell(cell)) for cell in row))
    console = Console(highlight=False, emoji=False)
    console.print(Text(_cell(title)), style="bold", soft_wrap=True)
    console.print(table)


def _cell(text: str) -> str:
    return cut(printable(text.replace("\n", "\\n")), LONGEST_CELL)


def station_overrides(path: Path | None) -> dict[str, Any]:
    """Return the override for a station file given on the command line."""
    return {} if path is None else {"ground_stations.file": str(path)}


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar with the remaining time on stderr, if that is a terminal.

    Yields a function of (done, all), or None where nobody would see the bar.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update
