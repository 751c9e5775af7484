"""satqn plans quantum networks that span fibre, aircraft and satellites."""

from satqn._version import __version__

__all__ = ["__version__"]
