"""``python -m satqn`` is the same as ``satqn``."""

from satqn.cli import entry

entry()
