"""A scenario of any study with every key present, and of each value where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from satqn._version import __version__
from satqn.model.shown import Shown
from satqn.scenario.load import Loaded
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import Loc
from satqn.scenario.resolve import commented_yaml, dotted, leaves, resolve
from satqn.scenario.schema import Scenario
from satqn.topology.bodies import stage
from satqn.topology.effort import refuse_tables
from satqn.topology.expand import expand


@dataclass(frozen=True, slots=True, repr=False)
class Resolved(Shown):
    """A scenario with nothing implicit.

    Parameters
    ----------
    data
        Every key with its value, ready for JSON or YAML; loading it gives the same scenario.
    origins
        For the dotted path of every single value, where it came from.
    """

    data: dict[str, Any]
    origins: dict[str, str]


def resolved(loaded: Loaded) -> Resolved:
    """Write a scenario out, with the origin of every value.

    Parameters
    ----------
    loaded
        From :func:`satqn.scenario.load.load_any`.

    Raises
    ------
    InputError
        A table, network or catalogue that a planning scenario names cannot be used.

    Examples
    --------
    >>> from satqn.scenario.load import load_any
    >>> found = resolved(load_any("metro-pair", {"seed": 7}))
    >>> found.origins["seed"], found.origins["earth"]
    ('--set', 'default')
    """
    added: dict[Loc, str] = {}
    if isinstance(loaded.scenario, PlanScenario):
        expansion = expand(loaded)
        data, added = expansion.scenario.model_dump(mode="json"), expansion.origins
    elif isinstance(loaded.scenario, Scenario):
        data = resolve(loaded.scenario)
        for name, value in loaded.scenario.options.model_dump().items():
            if value is None:
                added["options", name] = f"preset {loaded.scenario.preset}"
    else:
        data = loaded.scenario.model_dump(mode="json")
    return Resolved(data, {dotted(loc): _origin(loc, loaded, added) for loc, _ in leaves(data)})


def _origin(loc: Loc, loaded: Loaded, added: dict[Loc, str]) -> str:
    """Return where a value came from: the nearest thing that was added around it, or the file."""
    for end in range(len(loc), 0, -1):
        if loc[:end] in added:
            return added[loc[:end]]
    return loaded.origin(loc)


def origins(loaded: Loaded) -> dict[str, str]:
    """Return for every single value of a scenario, by its dotted path, where it came from."""
    return resolved(loaded).origins


def summary(loaded: Loaded) -> dict[str, Any]:
    """Return name, study and the counts of what is in a scenario; everything that it names is read for it.

    Raises
    ------
    InputError
        As :func:`resolved`.

    Examples
    --------
    >>> from satqn.scenario.load import load_any
    >>> summary(load_any("metro-pair"))["counts"]["satellites"]
    8
    """
    scenario = loaded.scenario
    if isinstance(scenario, PlanScenario):
        whole = expand(loaded).scenario
        ready = stage(whole)
        refuse_tables(ready)
        kinds = [body.kind for body in ready.bodies]
        counts = {
            "ground_nodes": kinds.count("base_station"),
            "ground_stations": sum(node.terminal is not None for node in whole.ground.nodes),
            "haps": kinds.count("aerial"),
            "satellites": kinds.count("satellite"),
            "listed_fibres": len(whole.fibre.links),
            "slots": whole.time.slots,
            "demands": len(whole.demands),
        }
    elif isinstance(scenario, Scenario):
        counts = {"pairs": scenario.pairs}
    else:
        counts = {
            "stations_per_city": scenario.stations_per_city,
            "slots": scenario.slots,
            "demands": scenario.demands,
        }
    return {"name": scenario.name, "study": scenario.study, "counts": counts}


def resolved_text(loaded: Loaded) -> str:
    """Return the machine form of a scenario as YAML 1.2: every key, behind each where its value came from.

    Loading the text again gives an equal scenario.
    """
    found = resolved(loaded)
    title = f"{loaded.scenario.name}, written out by satqn {__version__}; behind each value where it is from."
    return commented_yaml(found.data, found.origins, title)
