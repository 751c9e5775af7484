"""``satqn compare``: the same demands with all segments together and with some of them missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import Json, Settings, emit_json, overrides, print_table, progress_bar, say, show
from satqn.commands.plan import EXIT
from satqn.errors import EXIT_INTERRUPTED, InputError
from satqn.interruption import interruptible

if TYPE_CHECKING:
    from satqn.whatif.architectures import Comparison


def compare(
    source: Annotated[str, Parameter(name="scenario")] = "metro-pair",
    *,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    layers: Annotated[bool, Parameter(negative=())] = False,
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
    layers
        Leave out one layer at a time (a group of satellites, the HAPs) in place of the architectures: who
        is served through which, and what each is worth. The time limit is then that of each plan.
    output
        The folder for architectures.json, .csv, .pdf and .png.
    """
    from dataclasses import replace

    from satqn.files import check_folder
    from satqn.planning import load_plannable
    from satqn.whatif.architectures import compare_instance

    if time_limit is not None and not time_limit > 0:
        raise InputError(f"{time_limit} cannot be used", where="--time-limit", fix="Give seconds > 0")
    if output is not None:
        check_folder(output)
    if layers:
        return _compare_layers(source, time_limit, settings, output, json=json)
    with progress_bar("links") as progress:
        found = load_plannable(source, overrides(None, settings, None), progress)
    # Half of it for the whole network, half for all its parts together.
    chosen = found.settings if time_limit is None else replace(found.settings, time_limit=0.5 * time_limit)
    with interruptible() as asked:
        comparison = compare_instance(found.instance, chosen)
    name = found.instance.name or source
    document = {"scenario": name, **comparison.to_dict()}
    if output is not None:
        document = _write(document, comparison, output)
    if json:
        emit_json(document)
    else:
        _print(name, comparison)
        if output is not None:
            say(f"Written to {output}")
    return EXIT_INTERRUPTED if asked.is_set() else EXIT[comparison.whole.status]


def _compare_layers(
    source: str, time_limit: float | None, settings: Settings, output: Path | None, *, json: bool
) -> int:
    from satqn.planning import load_plannable
    from satqn.whatif.layers import compare_layers

    with progress_bar("links") as progress:
        found = load_plannable(source, overrides(None, settings, None), progress)
    if found.system is None:
        raise InputError(
            f"{source} has no layers", why="Only a planning scenario says which satellites belong together",
            fix="Name a scenario with `study: plan`, such as three-layers",
        )  # fmt: skip
    with interruptible() as asked:
        layers = compare_layers(found.system, time_limit=time_limit)
    document = {"scenario": found.system.scenario.name, **layers.to_dict()}
    if output is not None:
        _write_layers(document, output)
    if json:
        emit_json(document)
    else:
        _print_layers(document)
        if output is not None:
            say(f"Written to {output}")
    return EXIT_INTERRUPTED if asked.is_set() else EXIT[layers.whole.status]


def _write_layers(document: dict[str, Any], folder: Path) -> None:
    import json

    from satqn.files import staged_folder, write_atomically
    from satqn.whatif.tables import to_csv

    with staged_folder(folder, "architectures.json") as stage:
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        write_atomically(stage / "architectures.json", text + "\n")
        write_atomically(stage / "layers.csv", to_csv(document["layers"]))
        write_atomically(stage / "served.csv", to_csv(document["served"]))


def _print_layers(document: dict[str, Any]) -> None:
    keys = ("pairs_through", "objective_without_pairs", "bound_without_pairs", "worth_pairs")
    print_table(
        f"{document['scenario']}: {_number(document['objective_pairs'])} pairs with all layers",
        ["layer", "demands", "pairs through", "without it", "at most", "worth", "for certain"],
        [
            [row["layer"], str(row["demands"]), *(_number(row[key]) for key in keys),
             _number(row["certain_worth_pairs"])]
            for row in document["layers"]
        ],
    )  # fmt: skip
    print_table(
        "who is served through what, pairs",
        ["demand", "through", "pairs"],
        [[row["demand"], row["through"], _number(row["pairs"])] for row in document["served"]],
    )


def _write(document: dict[str, Any], comparison: Comparison, folder: Path) -> dict[str, Any]:
    """Write the folder, and return the document with the list of its files."""
    import json

    from satqn.files import staged_folder, write_atomically
    from satqn.reports.style import save_figure, styled
    from satqn.whatif.figures import architectures_figure
    from satqn.whatif.tables import to_csv

    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    with styled(), staged_folder(folder, "architectures.json") as stage:
        write_atomically(stage / "architectures.json", text + "\n")
        write_atomically(stage / "architectures.csv", to_csv(comparison.rows()))
        save_figure(architectures_figure(comparison.rows()), stage / "architectures")
    return dict(json.loads((folder / "architectures.json").read_text(encoding="utf-8")))


def _print(name: str, comparison: Comparison) -> None:
    from satqn.reports.plan_words import covered, ended_early

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
    whole = comparison.whole
    show(f"Bounds cover {covered(whole.bound_covers, len(whole.problem.pool))}, as far as a part has them.")
    early = ended_early(whole.status)
    for sentence in (*([] if early is None else [early]), *map(str, whole.missing)):
        show(sentence)
    for sentence in gains(comparison.to_dict()):
        show(sentence)


def gains(found: dict[str, Any]) -> Iterator[str]:
    """Yield in words by how much all together beats one segment alone, and the best of all parts."""
    for key, what in (("gain_over_one_segment", "the best segment alone"), ("gain", "the best part")):
        gain = found[key]
        if gain["best_part"] is None:
            continue
        if gain["gain_share"] is None:
            none = "No segment alone" if key == "gain_over_one_segment" else "No other architecture"
            if gain["gain_pairs"] > 0:
                yield f"All together: {gain['gain_pairs']:.6g} pairs. {none} delivers any."
            continue
        share = f" ({100 * gain['gain_share']:.3g} %)"
        proven = gain["certain_gain_pairs"]
        if proven is not None and proven > 0:
            certain = f"; at least {proven:.6g} whatever the gaps"
        else:
            certain = "; not proven by the bounds" if gain["gain_pairs"] > 0 else ""
        more = f"{gain['gain_pairs']:.6g} pairs{share}"
        yield f"All together: {more} more than {gain['best_part']}, {what}{certain}."


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.6g}"
