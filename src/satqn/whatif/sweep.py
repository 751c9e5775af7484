"""Sweeps: every point of a grid of settings, each kept in a file of its own under the name of its content."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from satqn.documents import parse_value
from satqn.errors import InputError, InvalidFileError, SatqnError
from satqn.files import check_folder
from satqn.model.shown import Shown
from satqn.scenario.load import load_any
from satqn.scenario.schema import Scenario
from satqn.scenario.settings import refuse_outside
from satqn.simulate.executor import Workers
from satqn.whatif.kept_points import keep_point, kept_point
from satqn.whatif.points import HYBRID_METRICS, PLAN_METRICS, Point, evaluate

Progress = Callable[[int, int], None]

MOST_POINTS = 10_000
"""A larger grid is most likely a slip."""


UNKNOWN = "unknown key"
"""How a fault begins that no other value of the key would mend."""


@dataclass(frozen=True, slots=True, repr=False)
class Axis(Shown):
    """A key of a scenario and the values that it takes.

    Parameters
    ----------
    key
        Dotted key, as after ``--set``.
    values
        At least one, all different.
    """

    key: str
    values: tuple[Any, ...]


def parse_axis(word: str) -> Axis:
    """Read ``KEY=V1,V2,...`` or ``KEY=FROM:TO:COUNT``, a linear range with both ends.

    Raises
    ------
    InputError
        Not of this form, no value, or a value that stands twice.

    Examples
    --------
    >>> parse_axis("satellites.MEO.walker.altitude_km=2000:10000:3").values
    (2000, 6000, 10000)
    """
    key, separator, text = word.partition("=")
    key = key.strip()
    if not separator or not key or not text.strip():
        raise InputError(
            f"{word!r} is not KEY=VALUES", where="--vary", fix="Write e.g. --vary target_fidelity=0.8,0.9"
        )
    values = _range(text, key) or [_value(part, key) for part in text.split(",")]
    _refuse_twice(values, f"--vary {key}")
    return Axis(key, tuple(values))


def axes_of(vary: Mapping[str, Sequence[Any]]) -> tuple[Axis, ...]:
    """Return the axes of a mapping of keys to values.

    Raises
    ------
    InputError
        No key, no value, something that is no list of values, or a value that stands twice.

    Examples
    --------
    >>> axes_of({"target_fidelity": [0.8, 0.9]})[0].values
    (0.8, 0.9)
    """
    if not isinstance(vary, Mapping) or not vary:
        raise InputError("nothing varies", where="vary", fix="Give e.g. {'target_fidelity': [0.8, 0.9]}")
    return tuple(Axis(str(key), _listed(key, values)) for key, values in vary.items())


def _listed(key: str, values: Any) -> tuple[Any, ...]:
    plain = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(plain, str) or not isinstance(plain, Iterable):
        raise InputError(f"{values!r} is no list of values", where=f"vary {key}", fix="Put it into [ ]")
    found = tuple(one.item() if hasattr(one, "item") else one for one in plain)
    if not found:
        raise InputError("no values", where=f"vary {key}", fix="Give one or more")
    _refuse_twice(found, f"vary {key}")
    return found


def _refuse_twice(values: Sequence[Any], where: str) -> None:
    seen = [repr(value) for value in values]
    twice = next((value for value in seen if seen.count(value) > 1), None)
    if twice is not None:
        raise InputError(f"the value {twice} stands twice", where=where, fix="Leave one out")


def _range(text: str, key: str) -> list[Any] | None:
    parts = text.split(":")
    if len(parts) != 3:
        return None
    try:
        begin, end, count = float(parts[0]), float(parts[1]), int(parts[2])
    except ValueError:
        return None
    if not (math.isfinite(begin) and math.isfinite(end) and begin != end and 2 <= count <= MOST_POINTS):
        raise InputError(
            f"{text!r} is no range", where=f"--vary {key}", fix="Write FROM:TO:COUNT with COUNT of 2 or more"
        )
    last = count - 1
    steps = [(begin * (last - i) + end * i) / last for i in range(count)]
    return [int(value) if value.is_integer() else float(f"{value:.12g}") for value in steps]


def _value(text: str, key: str) -> Any:
    value = parse_value(text, f"--vary {key}")
    refuse_outside(key, value, f"--vary {key}")
    return value


@dataclass(frozen=True, slots=True, repr=False)
class Sweep(Shown):
    """A grid of settings of one scenario.

    Parameters
    ----------
    source
        Name or file of the scenario.
    axes
        What varies; the last one fastest.
    settings
        What is set the same for all points.
    architectures
        Whether every point plans parts of the network too.
    """

    source: str
    axes: tuple[Axis, ...]
    settings: Mapping[str, Any]
    architectures: bool = False

    def points(self) -> list[tuple[dict[str, Any], Point]]:
        """Return the values of the axes and the point of every place of the grid."""
        keys = [axis.key for axis in self.axes]
        return [
            (values, Point(self.source, {**self.settings, **values}, self.architectures))
            for combination in product(*(axis.values for axis in self.axes))
            for values in [dict(zip(keys, combination, strict=True))]
        ]

    def metrics(self) -> tuple[str, ...]:
        """Return the metrics of its study; the first one is the default.

        Raises
        ------
        InputError
            The scenario cannot be used as it is, or a key that it does not have.
        """
        hybrid = isinstance(load_any(self.source, self.settings).scenario, Scenario)
        if hybrid and self.architectures:
            raise InputError(
                "architectures are compared for plans only", where="--compare", fix="Leave it out"
            )
        keys = [axis.key for axis in self.axes]
        twice = next((key for key in keys if keys.count(key) > 1 or key in self.settings), None)
        if twice is not None:
            raise InputError(f"{twice} is given twice", where="--vary", fix="Give all its values at once")
        if math.prod(len(axis.values) for axis in self.axes) > MOST_POINTS:
            raise InputError(f"more than {MOST_POINTS} points", where="--vary", fix="Take fewer values")
        for axis in self.axes:
            self._check_key(axis)
        return HYBRID_METRICS if hybrid else PLAN_METRICS

    def _check_key(self, axis: Axis) -> None:
        """Refuse a key that is unknown, whatever its value; bad values are for their points to tell."""
        for value in axis.values:
            try:
                load_any(self.source, {**self.settings, axis.key: value})
            except InvalidFileError as error:
                if any(UNKNOWN in problem.what for problem in error.problems):
                    raise

    def run(
        self, folder: Path, *, workers: int = 1, progress: Progress | None = None
    ) -> list[dict[str, Any]]:
        """Evaluate the points that are not in the folder yet, and return all in the order of the grid.

        Every point is written to ``points/HASH.json`` as soon as it is done.

        Parameters
        ----------
        folder
            Where points are kept.
        workers
            Processes.
        progress
            Called with points done and all.

        Returns
        -------
        list of dict
            ``values``, and ``results`` by architecture or ``error``.
        """
        check_folder(folder)
        places = self.points()
        found: dict[int, dict[str, Any]] = {}
        waiting: dict[str, list[int]] = {}
        for number, (_, point) in enumerate(places):
            try:
                name = point.name()
            except SatqnError as error:
                found[number] = {"error": str(error)}
                continue
            kept = kept_point(folder, name)
            if kept is not None:
                found[number] = kept
            else:
                waiting.setdefault(name, []).append(number)
        if progress is not None:
            progress(len(found), len(places))
        for name, result in _evaluated({n: places[at[0]][1] for n, at in waiting.items()}, workers):
            if "results" in result:
                keep_point(folder, name, result["results"])
            found |= dict.fromkeys(waiting[name], result)
            if progress is not None:
                progress(len(found), len(places))
        return [{"values": values, **found[number]} for number, (values, _) in enumerate(places)]


def _evaluated(points: Mapping[str, Point], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    if not points:
        return
    with Workers(min(workers, len(points))) as pool:
        for (name, _), result in pool.results(_evaluate, list(points.items())):
            yield name, result


def _evaluate(task: tuple[str, Point]) -> dict[str, Any]:
    return evaluate(task[1])


def rows_of(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the points as rows of a table: values, architecture if compared, metrics, error.

    Parameters
    ----------
    points
        From :meth:`Sweep.run`.
    """
    rows: list[dict[str, Any]] = []
    for point in points:
        if "error" in point:
            rows.append({**point["values"], "error": point["error"]})
            continue
        for label, numbers in point["results"].items():
            rows.append({**point["values"], **({"architecture": label} if label else {}), **numbers})
    return rows
