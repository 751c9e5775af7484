"""``satqn compare``: the same demands with all segments together and with some of them missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import Json, Settings, emit_json, overrides, print_table, progress_bar, say
from satqn.commands.plan import EXIT
from satqn.errors import InputError

if TYPE_CHECKING:
    from satqn.whatif.architectures import Comparison


def compare(
    source: Annotated[str, Parameter(name="scenario")] = "metro-pair",
    *,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    settings: Settings = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> int:
    """Compare architectures: all together, fibre or satellites only, without HAPs, without storage.

    The exit status is that of the plan of all together: 0 if its gap is closed, 3 if minimum rates cannot
    be met, 4 if a limit ended the search, 130 after Ctrl-C, which keeps what is done.

    Parameters
    ----------
    source
        A planning scenario (a name or a YAML file), or an instance file.
    time_limit
        Seconds for all architectures together; half of them for the whole network.
    output
        The folder for architectures.json, .csv, .pdf and .png.
    """
    from dataclasses import replace

    from satqn.files import check_writable
    from satqn.planning import load_plannable
    from satqn.whatif.architectures import compare_instance

    if time_limit is not None and not time_limit > 0:
        raise InputError(f"{time_limit} cannot be used", where="--time-limit", fix="Give seconds > 0")
    if output is not None:
        check_writable(output / "architectures.json")
    with progress_bar("links") as progress:
        found = load_plannable(source, overrides(None, settings, None), progress)
    chosen = found.settings if time_limit is None else replace(found.settings, time_limit=time_limit)
    comparison = compare_instance(found.instance, chosen)
    name = found.instance.name or source
    if output is not None:
        _write(name, comparison, output)
    if json:
        emit_json({"scenario": name, **comparison.to_dict()})
    else:
        _print(name, comparison)
        if output is not None:
            say(f"Written to {output}")
    return EXIT[comparison.whole.status]


def _write(name: str, comparison: Comparison, folder: Path) -> None:
    import json

    from satqn.files import write_atomically
    from satqn.reports.style import save_figure, styled
    from satqn.whatif.figures import architectures_figure
    from satqn.whatif.tables import to_csv

    document = {"scenario": name, **comparison.to_dict()}
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "architectures.json", text + "\n")
    write_atomically(folder / "architectures.csv", to_csv(comparison.rows()))
    with styled():
        save_figure(architectures_figure(comparison.rows()), folder / "architectures")


def _print(name: str, comparison: Comparison) -> None:
    rows = [
        [
            row["name"],
            *(_number(row[key]) for key in ("objective_pairs", "delivered_pairs", "bound_pairs")),
            "—" if row["gap"] is None else f"{100 * row['gap']:.2g} %",
            row["status"],
        ]
        for row in comparison.rows()
    ]
    columns = ["architecture", "objective", "delivered", "bound", "gap", "status"]
    print_table(f"{name}, pairs", columns, rows)
    for sentence in gains(comparison.to_dict()):
        print(sentence)


def gains(found: dict[str, Any]) -> Iterator[str]:
    """Yield in words by how much all together beats one segment alone, and the best of all parts."""
    for key, what in (("gain_over_one_segment", "the best segment alone"), ("gain", "the best part")):
        gain = found[key]
        if gain["best_part"] is None:
            continue
        share = "" if gain["gain_share"] is None else f" ({100 * gain['gain_share']:.3g} %)"
        proven = gain["certain_gain_pairs"]
        if proven is not None and proven > 0:
            certain = f"; at least {proven:.6g} whatever the gaps"
        else:
            certain = "; not proven by the bounds" if gain["gain_pairs"] > 0 else ""
        more = f"{gain['gain_pairs']:.6g} pairs{share}"
        yield f"All together: {more} more than {gain['best_part']}, {what}{certain}."


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.6g}"
