"""Compiled inner loops: plain arrays in SI in, arrays out, no nouns.

Each kernel has a slow, obvious twin in ``tests/oracles`` that the tests hold it against. Numba is
imported only when a kernel is first used, so that ``satqn --help`` never waits for a compiler.
"""

from __future__ import annotations

from collections.abc import Callable

on_compiling: Callable[[], None] | None = None
"""Is called once, when something is compiled that is not in the cache; None where nobody wants to know."""
