"""How kernels are compiled whose small functions hand arrays to each other."""

from __future__ import annotations

from typing import Any

from numba.core.cpu import CPUTargetOptions

from satqn.kernels.compiled import njit

# Numba counts references to every array that a function is handed, also to those inside of tuples: in kernels
# of many small functions that is four fifths of the time. Where arrays are neither made nor kept it is of no
# use: the caller owns them. Division by zero gives inf or nan, as in numpy, without a branch for each.
_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy"}
if hasattr(CPUTargetOptions, "_nrt"):
    _OPTIONS["_nrt"] = False

bare = njit(**_OPTIONS)
"""Compile a function that neither makes nor keeps arrays."""

inlined = njit(**_OPTIONS, inline="always")
"""The same for a small function, which becomes part of those that call it."""
