"""The exports of a run: each is a service beside the result, and none of them may lose the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from satqn.errors import SatqnWarning
from satqn.model.timeline import LinkState
from satqn.reports.exports import netcdf
from satqn.reports.exports.czml import czml
from satqn.reports.exports.geojson import geojson
from satqn.reports.exports.graphml import graphml
from satqn.reports.exports.tables import network_csv
from satqn.reports.plan_view import PlanView
from satqn.topology.bodies import Stage

LONGEST = 200
"""Characters of a reason that are shown: it has to fit on one line."""


@dataclass(frozen=True, slots=True)
class Exports:
    """What could be exported, and what could not.

    Parameters
    ----------
    files
        Contents by name below the folder of the run.
    left_out
        Why, by name.
    """

    files: Mapping[str, bytes]
    left_out: Mapping[str, str]


def exports(stage: Stage, state: LinkState, view: PlanView) -> Exports:
    """Return every export that can be made, and warn in one line of each that cannot.

    Parameters
    ----------
    stage, state, view
        Bodies and slots, links, and the plan as it is shown.

    Notes
    -----
    Whatever an export raises, the run behind it has taken minutes: an optional library that is missing,
    broken or too old leaves its file out and nothing else.
    """
    makers: dict[str, Callable[[], bytes]] = {
        "exports/network.geojson": lambda: geojson(stage, state, view).encode(),
        "exports/network.graphml": lambda: graphml(stage, state).encode(),
        "exports/network.csv": lambda: network_csv(stage, state).encode(),
        "exports/orbits.czml": lambda: czml(stage, state, view).encode(),
        "exports/links.nc": lambda: _netcdf(stage, state),
    }
    files, left_out = {}, {}
    for name, make in makers.items():
        try:
            files[name] = make()
        except Exception as error:
            left_out[name] = reason(error)
            warnings.warn(f"{name} was left out: {left_out[name]}", SatqnWarning, stacklevel=2)
    return Exports(files, left_out)


def reason(error: Exception) -> str:
    """Return what an export failed on, on one line.

    Parameters
    ----------
    error
        What was raised.

    Examples
    --------
    >>> reason(ImportError("No module named 'h5py'"))
    "ImportError: No module named 'h5py'"
    """
    words = " ".join(str(error).split())
    said = words if isinstance(error, netcdf.NotInstalledError) else f"{type(error).__name__}: {words}"
    said = said.rstrip(".: ")
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _netcdf(stage: Stage, state: LinkState) -> bytes:
    with TemporaryDirectory() as folder:
        made = Path(folder) / "links.nc"
        netcdf.write_netcdf(stage, state, made)
        return made.read_bytes()
