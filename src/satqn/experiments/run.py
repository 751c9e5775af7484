"""Carry out experiments: figures as PDF and PNG, tables as CSV, claims as JSON, and one page of them all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from satqn.experiments.claims import Claim, count_verdicts
from satqn.experiments.context import FULL, QUICK, Context, Report, default_data_folder
from satqn.experiments.experiment import Data, Experiment, to_csv
from satqn.experiments.page import reproduction_html
from satqn.experiments.registry import experiments, select
from satqn.experiments.store import Store
from satqn.files import check_folder, staged_folder, write_atomically
from satqn.kept import cache_folder
from satqn.model.shown import Shown
from satqn.reports.style import save_figure, styled

CLAIMS = "claims.json"
"""The file of all claims of a run; it lists the other files too."""


@dataclass(frozen=True, slots=True, repr=False)
class Outcome(Shown):
    """What one experiment gave.

    Parameters
    ----------
    experiment
        The experiment.
    data
        What its figure shows.
    claims
        The numbers it must show, judged.
    files
        What was written, in the order PDF, PNG, CSV …, claims.
    """

    experiment: Experiment
    data: Data
    claims: tuple[Claim, ...]
    files: tuple[Path, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return identity, claims with verdicts and file names as plain values for JSON."""
        return {
            "id": self.experiment.id,
            "title": self.experiment.title,
            "source": self.experiment.source,
            "files": [path.name for path in self.files],
            "claims": [claim.to_dict() for claim in self.claims],
        }


def reproduce(
    names: Iterable[str] | None = None,
    folder: Path | str = "reproduction",
    *,
    quick: bool = False,
    context: Context | None = None,
    report: Report | None = None,
) -> list[Outcome]:
    """Compute, draw and judge experiments and write everything into one folder.

    Files are written as soon as each experiment is done, each whole or not at all; evaluations are kept
    in the cache, so a run that was interrupted goes on where it was.

    Parameters
    ----------
    names
        Which ones, see :func:`satqn.experiments.registry.select`; None means all.
    folder
        Where the files go; it is made if it is missing.
    quick
        Take a few hundred pairs of users instead of thousands, and two routing instances instead of ten.
    context
        What to compute with; by default the data named by ``SATQN_DATA`` and the store in the cache folder.
    report
        Called with what is being done and the share done, from 0 to 1.

    Raises
    ------
    InputError
        A name that means no experiment.
    DataError
        The census node set is needed and not at hand.
    OutputError
        The folder cannot be written.
    """
    chosen = select(names)
    context = context or Context(
        sizes=QUICK if quick else FULL,
        store=Store(cache_folder() / "experiments"),
        data_folder=default_data_folder(),
    )
    place = Path(folder)
    check_folder(place)
    outcomes: list[Outcome] = []
    for number, experiment in enumerate(chosen):
        if report is not None:
            context.report = _within(report, experiment.id, number, len(chosen))
            context.report("", 0.0)
        # After every experiment, so that a run that is stopped leaves a list of what is there.
        with staged_folder(place, CLAIMS) as stage:
            outcome = carry_out(experiment, context, stage)
            outcomes.append(replace(outcome, files=tuple(place / file.name for file in outcome.files)))
            _write_claims(stage, outcomes, quick)
    with staged_folder(place, CLAIMS) as stage:
        document = _write_claims(stage, outcomes, quick)
        write_atomically(stage / "reproduction.html", reproduction_html(document, place))
    return outcomes


def _write_claims(folder: Path, outcomes: Sequence[Outcome], quick: bool) -> dict[str, Any]:
    document = {
        "quick": quick,
        "summary": summary(outcomes),
        "experiments": [one.to_dict() for one in outcomes],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / CLAIMS, text)
    return document


def carry_out(experiment: Experiment, context: Context, folder: Path) -> Outcome:
    """Compute one experiment and write its figure, tables and claims."""
    data = experiment.compute(context)
    claims = tuple(experiment.claims(data))
    with styled():
        files = save_figure(experiment.plot(data), folder / experiment.id)
    for number, (name, columns) in enumerate(data.tables.items()):
        stem = experiment.id if number == 0 else f"{experiment.id}.{name}"
        files.append(write_atomically(folder / f"{stem}.csv", to_csv(columns)))
    text = json.dumps([claim.to_dict() for claim in claims], indent=2, ensure_ascii=False, allow_nan=False)
    files.append(write_atomically(folder / f"{experiment.id}.claims.json", text))
    return Outcome(experiment, data, claims, tuple(files))


def summary(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many claims have each verdict."""
    return count_verdicts(claim for outcome in outcomes for claim in outcome.claims)


def listing() -> list[dict[str, Any]]:
    """Return id, title, source and need for the census data of every experiment."""
    return [
        {"id": one.id, "title": one.title, "source": one.source, "needs_census": one.needs_census}
        for one in experiments().values()
    ]


def _within(report: Report, name: str, number: int, total: int) -> Report:
    """Return a report on one experiment as a part of the whole run."""

    def part(what: str, share: float) -> None:
        report(f"{name}  {what}".rstrip(), (number + share) / total)

    return part
