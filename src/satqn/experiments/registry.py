"""All experiments by id, and what a person may write for one or for a group of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache

from satqn.errors import InputError
from satqn.experiments.experiment import Experiment


@cache
def experiments() -> dict[str, Experiment]:
    """Return every experiment by its id, in the order of the papers."""
    from satqn.experiments import figures

    return {experiment.id: experiment for experiment in figures.all_experiments()}


def select(names: Iterable[str] | None = None) -> list[Experiment]:
    """Return the experiments that names ask for, in the order of the papers, each once.

    Parameters
    ----------
    names
        Ids (``shao2025.fig2a``), short forms (``fig2a``, ``2a``, ``S5``, ``table1``), groups
        (``shao2025``, ``shao2025.fig6``, ``7``); None or nothing means all.

    Raises
    ------
    InputError
        A name that means no experiment, or one that more than one paper has.
    """
    known = experiments()
    wanted: set[str] = set()
    for name in names or ():
        wanted |= _meant(name)
    return [known[key] for key in known if not wanted or key in wanted]


def _meant(name: str) -> set[str]:
    """Return the ids that a name stands for: exactly one figure of a paper, else the group that begins so."""
    wanted = name.strip().casefold()
    by_paper: dict[str, set[str]] = {}
    for paper in dict.fromkeys(key.split(".")[0] for key in experiments()):
        ids = [key for key in experiments() if key.startswith(f"{paper}.")]
        exact = {key for key in ids if wanted in _short_forms(key)}
        group = {key for key in ids for form in _short_forms(key) if _is_group(wanted, form)}
        if exact or group:
            by_paper[paper] = exact or group
    if len(by_paper) > 1:
        choices = " or ".join(sorted(_full_name(keys) for keys in by_paper.values()))
        raise InputError(f"{name!r} is in more than one paper", where="reproduce", fix=f"Write {choices}")
    if by_paper:
        return next(iter(by_paper.values()))
    forms = sorted({form for key in experiments() for form in _short_forms(key)})
    near = difflib.get_close_matches(wanted, forms, n=1)
    raise InputError(
        f"there is no experiment {name!r}",
        where="reproduce",
        fix=(f"Did you mean {near[0]!r}? " if near else "") + "`satqn reproduce --list` shows all",
    )


def _full_name(keys: set[str]) -> str:
    """Return one name that means exactly these ids: their own, or that of their figure."""
    return min(keys) if len(keys) == 1 else min(keys).rstrip("abcdefghijklmnopqrstuvwxyz")


def _short_forms(key: str) -> tuple[str, ...]:
    full = key.casefold()
    name = full.split(".", 1)[1]
    return (full, name, name.removeprefix("fig")) if name.startswith("fig") else (full, name)


def _is_group(wanted: str, form: str) -> bool:
    """Tell whether a form is a member of a group: the paper, or a figure whose panels are letters."""
    rest = form.removeprefix(wanted)
    if not wanted or rest == form:
        return False
    return rest.startswith(".") or (len(rest) == 1 and rest.isalpha() and wanted[-1].isdigit())
