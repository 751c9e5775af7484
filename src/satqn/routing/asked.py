"""What a user may ask of a method: every setting with its rule, and settings with changes put in."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from numbers import Integral, Real
from typing import Any, get_args

from satqn.errors import InputError
from satqn.routing.ages import FORMS, AgeForm
from satqn.routing.baselines import Draw
from satqn.routing.solve import Method, Settings


def _whole(least: int) -> tuple[Callable[[Any], bool], str]:
    return lambda value: _is(value, Integral) and value >= least, f"Give a whole number >= {least}"


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _one_of(choices: tuple[str, ...]) -> tuple[Callable[[Any], bool], str]:
    return lambda value: isinstance(value, str) and value in choices, f"Give one of {', '.join(choices)}"


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "method": _one_of(get_args(Method)),
    "gap": (lambda value: _is(value, Real) and 0 <= value < math.inf, "Give a number >= 0, e.g. 0.001"),
    "time_limit": (lambda value: _is(value, Real) and value > 0, "Give seconds > 0"),
    "workers": _whole(1),
    "seed": _whole(0),
    "draw": _one_of(get_args(Draw)),
    "max_iterations": _whole(1),
    "stall": _whole(1),
    "ageing": (lambda value: isinstance(value, str) and AgeForm.parse(value) is not None, f"Give {FORMS}"),
    "warm_start": (lambda value: isinstance(value, bool), "Give True or False"),
}
"""By the name of a field of :class:`Settings`: what it takes, and what to do about anything else."""


def refuse_unusable(name: str, value: Any, *, where: str) -> None:
    """Refuse a value that a setting does not take.

    Parameters
    ----------
    name
        Of a field of :class:`Settings`.
    value
        What was asked for; None is no wish.
    where
        The option or argument, for the message.

    Raises
    ------
    InputError
        The value cannot be used.
    """
    usable, fix = RULES[name]
    if value is not None and not usable(value):
        raise InputError(f"{value!r} cannot be used", where=where, fix=fix)


def with_changes(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return settings with changes put in; None is no change, and an infinite time is no limit.

    Raises
    ------
    InputError
        A name that is no setting, or a value that it does not take.

    Examples
    --------
    >>> with_changes(Settings(), {"gap": 0.01, "time_limit": None}).gap
    0.01
    """
    known = [field.name for field in fields(Settings)]
    for name, value in changes.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise InputError(f"there is no setting {name!r}", fix=f"{hint}There are {', '.join(known)}")
        refuse_unusable(name, value, where=name)
    wished = {name: value for name, value in changes.items() if value is not None}
    if wished.get("time_limit") == math.inf:
        wished["time_limit"] = None
    return replace(settings, **wished)
