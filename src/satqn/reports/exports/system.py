"""A network before any plan is made for it, in the formats of the exports."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from satqn.files import write_atomically
from satqn.model.timeline import LinkState
from satqn.reports.exports.czml import czml
from satqn.reports.exports.geojson import geojson
from satqn.reports.exports.graphml import graphml
from satqn.reports.exports.netcdf import write_netcdf
from satqn.reports.exports.tables import links_csv, network_csv
from satqn.reports.plan_view import PlanView, colours
from satqn.topology.bodies import Stage

TextFormat = Literal["geojson", "graphml", "czml", "csv", "links-csv"]


def unplanned_view(stage: Stage) -> PlanView:
    """Return the view of a network in which nobody is served."""
    ends = {str(demand.id): (demand.source, demand.destination) for demand in stage.scenario.demands}
    palette = dict(zip(ends, colours(len(ends)), strict=True))
    kind = {body.id: body.kind for body in stage.bodies}
    return PlanView(stage.timeline, tuple(ends), ends, palette, kind, ())


def system_text(stage: Stage, state: LinkState, form: TextFormat) -> str:
    """Return bodies and links as text.

    Parameters
    ----------
    stage, state
        Bodies and slots, and what every link delivers in them.
    form
        ``csv``: nodes and links with means over time; ``links-csv``: every link in every slot.
    """
    if form == "geojson":
        return geojson(stage, state, unplanned_view(stage))
    if form == "czml":
        return czml(stage, state, unplanned_view(stage))
    if form == "graphml":
        return graphml(stage, state)
    return network_csv(stage, state) if form == "csv" else links_csv(stage, state)


def write_system_netcdf(stage: Stage, state: LinkState, path: Path) -> None:
    """Write every link in every slot as a NetCDF file, whole or not at all.

    Raises
    ------
    InputError
        A library for it is not installed.
    OutputError
        The place cannot be written.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        made = Path(folder) / "links.nc"
        write_netcdf(stage, state, made)
        write_atomically(path, made.read_bytes())
