"""``njit`` of satqn: that of numba, with a cache that is named by version, machine and source text.

Numba asks only whether the file of a function itself has changed. What it calls in other files, and constants
of other files, are compiled into it all the same: a cache that is kept beside the source, or shared between
machines and versions, can hold code that no longer fits and ends the process. ``NUMBA_CACHE_DIR`` moves it.
"""

from __future__ import annotations

import ast
import platform
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core import config, event

from satqn import kernels
from satqn._version import __version__
from satqn.kept import kernels_folder
from satqn.provenance import content_hash

_alone = threading.Lock()


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return numba's decorator; with ``cache=True`` the code is kept in :func:`kernel_folder`.

    Parameters
    ----------
    options
        Of ``numba.njit``.

    Notes
    -----
    Where nothing can be kept at all, code is compiled in every process: that costs time, never the run.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        with _own_cache(function.__module__):
            try:
                return numba.njit(**options)(function)
            except RuntimeError:  # numba has found no place that it may write
                return numba.njit(**{**options, "cache": False})(function)

    return decorate


@contextmanager
def _own_cache(module: str) -> Iterator[None]:
    """Let numba choose our place while it looks for one; functions of others keep theirs."""
    with _alone:
        before, config.CACHE_DIR = config.CACHE_DIR, str(kernel_folder(module))
        try:
            yield
        finally:
            config.CACHE_DIR = before


def kernel_folder(module: str) -> Path:
    """Return where the compiled functions of a module are kept.

    Parameters
    ----------
    module
        Its full name.
    """
    return kernels_folder() / machine() / source_hash(module)[:16]


@cache
def machine() -> str:
    """Return versions and processor, as the name of a folder."""
    processor = llvmlite.binding.get_host_cpu_name()
    words = [
        f"satqn-{__version__}", f"python-{platform.python_version()}", sys.implementation.name,
        *(f"{name}-{version(name)}" for name in ("numba", "llvmlite", "numpy")),
        platform.system(), platform.machine(), processor,
        content_hash(sorted(llvmlite.binding.get_host_cpu_features().items()))[:8],
    ]  # fmt: skip
    return re.sub(r"[^A-Za-z0-9.-]+", "_", "-".join(words))


@cache
def source_hash(module: str) -> str:
    """Return one hash of the source text of a module and of all of satqn that it imports.

    Parameters
    ----------
    module
        Its full name.
    """
    found: dict[str, str] = {}
    _gather(module, found)
    return content_hash(sorted(found.items()))


def _gather(module: str, found: dict[str, str]) -> None:
    if module in found or module == __name__:
        return
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return
    source = Path(spec.origin).read_bytes()
    found[module] = content_hash(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from satqn.kernels import air` names a module, `from satqn.kernels.air import f` does not.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.startswith("satqn.") and _is_module(name):
                _gather(name, found)


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # what stands before the last dot is no package
        return False


class _FirstCompilation(event.Listener):  # type: ignore[misc]  # numba has no types
    """Says once that functions of satqn are being compiled."""

    def on_start(self, event: Any) -> None:
        """Hear that a compilation begins."""
        told, function = kernels.on_compiling, getattr(event.data.get("dispatcher"), "py_func", None)
        if told is not None and str(getattr(function, "__module__", "")).startswith("satqn."):
            kernels.on_compiling = None
            told()

    def on_end(self, event: Any) -> None:
        """Hear that a compilation has ended."""


event.register("numba:compile", _FirstCompilation())
