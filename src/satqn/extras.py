"""Packages that satqn can do without: which extra brings each of them, and how to get it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from satqn.errors import InputError

EXTRAS: dict[str, tuple[str, ...]] = {
    "exports": ("pandas", "xarray", "h5netcdf", "h5py"),
    "topologies": ("topohub",),
    "cluster": ("distributed",),
    "web": ("fastapi", "uvicorn"),
}
"""The packages of every extra, under the names by which they are imported."""


def how_to_get(extra: str) -> str:
    """Return what to type to get an extra, quoted for every shell.

    Examples
    --------
    >>> how_to_get("exports")
    'python -m pip install "satqn[exports]"'
    """
    return f'python -m pip install "satqn[{extra}]"'


def missing(*names: str) -> list[str]:
    """Return which packages are not installed."""
    return [name for name in names if find_spec(name) is None]


def refusal(names: list[str], *, where: str = "") -> InputError:
    """Return the error that says which packages are not installed, and how to get them."""
    extra = next(extra for extra, packages in EXTRAS.items() if names[0] in packages)
    verb = "is" if len(names) == 1 else "are"
    return InputError(
        f"{' and '.join(names)} {verb} not installed", where=where, fix=f"Type {how_to_get(extra)}"
    )


def need(name: str, *, where: str = "") -> Any:
    """Import a package of an extra.

    Raises
    ------
    InputError
        It is not installed.
    """
    if missing(name):
        raise refusal([name], where=where)
    return import_module(name)
