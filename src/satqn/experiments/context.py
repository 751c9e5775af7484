"""What experiments compute with: scenarios, systems, pairs of users and stored evaluations."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.store import Store
from satqn.kept import Arrays
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.datasets import node_table
from satqn.network.places import draw_pairs, pairs_from_file
from satqn.provenance import content_hash
from satqn.scenario.load import load_scenario
from satqn.scenario.resolve import resolve
from satqn.scenario.schema import Scenario
from satqn.topology.hybrid import build_system

SPACINGS_KM = (240, 450, 700)
"""Spacings d of the ground-station grids of shao2025."""

BLOCK = 1_000
"""Pairs that are evaluated and stored together."""

PAIRS_FILE, STATIONS_FILE = "shao2025_pairs.csv.gz", "shao2025_stations.json"

Ends = tuple[NDArray[np.int64], NDArray[np.int64]]
Report = Callable[[str, float], None]
"""Called with what is being computed and the share done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many pairs and instances the evaluations take.

    Parameters
    ----------
    main
        Pairs of the main figures.
    variation
        Pairs of the supplementary figures and of the table of options.
    slow
        Pairs where every one takes long: memories in which every stored qubit has its own age.
    instances
        Random instances of the routing problem.
    """

    main: int
    variation: int
    slow: int
    instances: int = 2


FULL = Sizes(main=10_000, variation=1_500, slow=300, instances=10)
QUICK = Sizes(main=300, variation=150, slow=60, instances=2)


@dataclass
class Context:
    """Everything that an experiment may ask for.

    Parameters
    ----------
    sizes
        How many pairs and instances are evaluated.
    store
        Where finished evaluations are kept.
    data_folder
        Folder with the published pairs and station sites. Without them pairs are drawn by seed and
        stations are the program's own grids.
    seed
        Seed of the pairs that are drawn.
    report
        Hears about progress.
    """

    sizes: Sizes = FULL
    store: Store = field(default_factory=Store)
    data_folder: Path | None = None
    seed: int = 1
    report: Report = lambda what, share: None

    def scenario(self, preset: str, spacing_km: int = 240, **changes: Any) -> Scenario:
        """Return the scenario of the paper with single values changed.

        Parameters
        ----------
        preset
            ``published`` or ``physical``.
        spacing_km
            Spacing of the station grid.
        changes
            Dotted keys of a scenario with ``__`` for the dot, or names of options.
        """
        overrides = {name.replace("__", "."): value for name, value in changes.items()}
        sites = self._published(STATIONS_FILE)
        if sites is not None and spacing_km in SPACINGS_KM:
            overrides.setdefault("ground_stations.file", str(sites))
        return load_scenario(
            "shao2025-us", {"preset": preset, "ground_stations.spacing_km": spacing_km} | overrides
        )

    def system(self, scenario: Scenario) -> HybridSystem:
        """Return the built system of a scenario; the last few are kept."""
        return _built(scenario)

    def has_published_sample(self, count: int) -> bool:
        """Tell whether ``count`` pairs are those of the paper, and thousands of them."""
        return self._published(PAIRS_FILE) is not None and count >= FULL.variation

    def pairs(self, system: HybridSystem, count: int) -> Ends:
        """Return the first pairs of users, by node index in the network of the system.

        The same places are taken in every network: published pairs where their file is at hand,
        otherwise pairs drawn by seed in the node set of the paper, which every other set contains.
        """
        ids_a, ids_b = self._pair_ids()
        index = {str(name): i for i, name in enumerate(system.network.nodes.ids)}
        count = min(count, len(ids_a))
        return (
            np.array([index[name] for name in ids_a[:count]], dtype=np.int64),
            np.array([index[name] for name in ids_b[:count]], dtype=np.int64),
        )

    def evaluate(self, scenario: Scenario, count: int) -> PairResults:
        """Return the protocol's results for the first ``count`` pairs, stored or computed now.

        Pairs are evaluated in blocks, each kept on its own: an interrupted run loses one block at most, and
        a larger sample takes over the blocks of a smaller one.
        """
        known = len(self._pair_ids()[0])
        edges = [*range(0, min(count, known), BLOCK), min(count, known)]
        blocks = [self._block(scenario, start, stop, edges[-1]) for start, stop in itertools.pairwise(edges)]
        return from_arrays({name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]})

    def _block(self, scenario: Scenario, start: int, stop: int, count: int) -> Arrays:
        def work() -> Arrays:
            # Compiled kernels are loaded only where something is left to compute.
            from satqn.hybrid.protocol import evaluate_pairs

            system = self.system(scenario)
            a, b = self.pairs(system, stop)
            label = f"{scenario.preset}, d = {scenario.ground_stations.spacing_km:g} km"

            def heard(done: int, _total: int) -> None:
                self.report(label, (start + done) / count)

            return to_arrays(evaluate_pairs(system, a[start:], b[start:], progress=heard))

        return self.compute(
            {"pairs": content_hash([ids[start:stop] for ids in self._pair_ids()])}, scenario, work
        )

    def compute(self, task: Mapping[str, Any], scenario: Scenario, work: Callable[[], Arrays]) -> Arrays:
        """Return arrays that depend on a scenario and on a named task, stored or computed now."""
        full = dict(task) | {
            "scenario": _physics_of(scenario),
            "stations": _file_hash(scenario.ground_stations.file),
            "nodes": _nodes_hash(scenario),
        }
        return self.store.get(full, work)

    def _published(self, name: str) -> Path | None:
        if self.data_folder is None or not (self.data_folder / name).is_file():
            return None
        return self.data_folder / name

    def _pair_ids(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return _pair_ids(self._published(PAIRS_FILE), self.seed, FULL.main)


def default_data_folder() -> Path | None:
    """Return the folder named by ``SATQN_DATA``, if it is set."""
    name = os.environ.get("SATQN_DATA")
    return Path(name).resolve() if name else None


@lru_cache(maxsize=3)
def _built(scenario: Scenario) -> HybridSystem:
    return build_system(scenario)


@lru_cache(maxsize=4)
def _pair_ids(file: Path | None, seed: int, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    network = _built(load_scenario("shao2025-us", {"preset": "published"})).network
    a, b = pairs_from_file(network, file) if file is not None else draw_pairs(network, count, seed)
    ids = network.nodes.ids
    return tuple(str(name) for name in ids[a]), tuple(str(name) for name in ids[b])


def _physics_of(scenario: Scenario) -> dict[str, Any]:
    """Leave out what changes no result: names, paths and the numbers of pairs that ``satqn run`` takes."""
    data = resolve(scenario)
    for key in ("name", "description", "preset", "pairs", "seed"):
        del data[key]
    del data["ground_stations"]["file"]
    return data


@lru_cache(maxsize=8)
def _file_hash(path: str | None) -> str | None:
    return None if path is None else content_hash(Path(path).read_bytes())


def _nodes_hash(scenario: Scenario) -> str:
    return _table_hash(scenario.network.dataset, scenario.protocol_options().node_set)


@lru_cache(maxsize=4)
def _table_hash(dataset: str, node_set: str) -> str:
    nodes = node_table(dataset, node_set)
    return content_hash(nodes.lat_deg.tobytes() + nodes.lon_deg.tobytes() + "".join(nodes.ids).encode())


def to_arrays(results: PairResults) -> Arrays:
    """Return the columns of results as plain arrays; a masked column takes a second one for its mask.

    What lies under a mask is written as 0, so that equal results give equal files.
    """
    arrays: Arrays = {}
    for name in PairResults.__dataclass_fields__:
        column = getattr(results, name)
        if isinstance(column, np.ma.MaskedArray):
            arrays[name], arrays[f"{name}.mask"] = column.filled(0), np.ma.getmaskarray(column)
        else:
            arrays[name] = column
    return arrays


def from_arrays(arrays: Arrays) -> PairResults:
    """Return the results that :func:`to_arrays` took apart."""
    columns: dict[str, Any] = {}
    for name in PairResults.__dataclass_fields__:
        mask = arrays.get(f"{name}.mask")
        columns[name] = arrays[name] if mask is None else np.ma.MaskedArray(arrays[name], mask=mask)
    return PairResults(**columns)
