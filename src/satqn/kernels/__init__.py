"""Compiled inner loops: plain arrays in SI in, arrays out, no nouns.

Each kernel has a slow, obvious twin in ``tests/oracles`` that the tests hold it against. Numba is
imported only when a kernel is first used, so that ``satqn --help`` never waits for a compiler.
"""
