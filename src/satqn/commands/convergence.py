"""Bound and incumbent of a method over time, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from satqn.files import write_atomically
from satqn.model.plan import LogLine
from satqn.reports.style import BLUE, ORANGE, new_figure, render, styled


def write_convergence(method: str, log: Sequence[LogLine], place: Path) -> None:
    """Draw bound and incumbent over time as steps.

    Parameters
    ----------
    method
        For the title.
    log
        Lines of the log.
    place
        File to write, ``.pdf`` or ``.png``.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with styled():
        figure = new_figure()
        axes = figure.add_subplot()
        for name, colour in (("bound", BLUE), ("incumbent", ORANGE)):
            known = [(line.wall_s, value) for line in log if (value := getattr(line, name)) is not None]
            if known:
                seconds, pairs = zip(*known, strict=True)
                axes.step(seconds, pairs, where="post", color=colour, marker=".", label=name)
        axes.set(xlabel="time, s", ylabel="weighted pairs", title=f"method {method}")
        axes.legend(loc="best")
        data = render(figure, place.suffix.removeprefix("."))
    write_atomically(place, data)
