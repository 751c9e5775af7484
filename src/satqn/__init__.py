"""satqn plans quantum networks that span fibre, aircraft and satellites.

>>> import satqn
>>> satqn.fibre_link(300e3, 32, preset="published").photon_repeaters
32
"""

from typing import TYPE_CHECKING, Any

from satqn._version import __version__

if TYPE_CHECKING:
    from satqn.api import (
        SatqnError,
        build,
        catalogue,
        check,
        compare,
        design_stations,
        diff,
        evaluate,
        fibre_link,
        load,
        map_place,
        map_regions,
        pair,
        plan,
        replay,
        report,
        run,
        satellite_link,
        sweep,
    )

__all__ = [
    "SatqnError",
    "__version__",
    "build",
    "catalogue",
    "check",
    "compare",
    "design_stations",
    "diff",
    "evaluate",
    "fibre_link",
    "load",
    "map_place",
    "map_regions",
    "pair",
    "plan",
    "replay",
    "report",
    "run",
    "satellite_link",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Load the API when it is first used, so that ``import satqn`` is quick."""
    if name in __all__:
        from satqn import api

        return getattr(api, name)
    raise AttributeError(f"module 'satqn' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the API, which is not loaded yet, too."""
    return sorted({*globals(), *__all__} - {"Any", "TYPE_CHECKING"})
