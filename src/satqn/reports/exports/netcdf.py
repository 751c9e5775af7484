"""NetCDF: rate, fidelity and share up by slot and link, with units (CF conventions)."""

from __future__ import annotations

from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from satqn.errors import InputError
from satqn.extras import how_to_get
from satqn.model.timeline import LinkState
from satqn.topology.bodies import Stage

LIBRARIES = ("xarray", "h5netcdf", "h5py")
HOW_TO_GET = f"Install them with {how_to_get('exports')}"


class NotInstalledError(InputError):
    """A library for NetCDF is not installed."""


def missing_libraries() -> list[str]:
    """Return which of the libraries for NetCDF are not installed."""
    return [name for name in LIBRARIES if find_spec(name) is None]


def require_libraries() -> None:
    """Say which libraries are missing and how to get them.

    Raises
    ------
    NotInstalledError
        At least one is missing.
    """
    if missing := missing_libraries():
        raise NotInstalledError(f"{' and '.join(missing)} not installed", fix=HOW_TO_GET)


def links_dataset(stage: Stage, state: LinkState) -> Any:
    """Return every link in every slot as an ``xarray.Dataset`` with dimensions ``slot`` and ``link``.

    Raises
    ------
    NotInstalledError
        A library for it is not installed.
    """
    require_libraries()
    import xarray as xr

    # The reference is a whole second: not every reader takes a fraction in it.
    start = stage.timeline.start.astimezone(UTC)
    begin = start.microsecond * 1e-6 + np.arange(state.slots) * stage.timeline.slot
    over = ("slot", "link")
    return xr.Dataset(
        {
            "rate": (over, state.rate, {"units": "s-1", "long_name": "entangled pairs, mean over the slot"}),
            "fidelity": (
                over, state.fidelity.filled(np.nan),
                {"units": "1", "long_name": "fidelity, weighted by pairs", "comment": "missing where down"},
            ),
            "up": (over, state.up, {"units": "1", "long_name": "share of the slot in which the link is up"}),
            "via": (over, state.via.astype(np.str_), {"long_name": "satellite that sends down, if any"}),
            "length": ("link", state.length, {"units": "m", "long_name": "fibre length, or least distance"}),
        },
        coords={
            "time": (
                "slot", begin,
                {"units": f"seconds since {start:%Y-%m-%d %H:%M:%S}", "long_name": "begin of the slot",
                 "standard_name": "time", "calendar": "standard"},
            ),
            "node_a": ("link", np.array(state.a, dtype=np.str_)),
            "node_b": ("link", np.array(state.b, dtype=np.str_)),
            "making": ("link", np.array(state.making, dtype=np.str_)),
        },
        attrs={
            "Conventions": "CF-1.11", "title": f"Links of {stage.scenario.name}",
            "slot_duration_s": stage.timeline.slot, "source": "satqn",
        },
    )  # fmt: skip


def write_netcdf(stage: Stage, state: LinkState, path: Path) -> None:
    """Write the links as a NetCDF 4 file.

    Raises
    ------
    NotInstalledError
        A library for it is not installed.
    """
    links_dataset(stage, state).to_netcdf(path, engine="h5netcdf")
