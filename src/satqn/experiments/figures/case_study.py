"""What the figures over the case study of zhang2024 share: planned instances, means over seeds, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from satqn.experiments.claims import Bounds, Claim
from satqn.experiments.context import Context
from satqn.experiments.statistics import FEWEST, mean_of
from satqn.experiments.store import PLANNING_ROOMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from satqn.model.instance import RoutingInstance
    from satqn.routing.solve import Settings

FloatArray = NDArray[np.float64]

PAPER, SPECIFICATION = "zhang2024", "specification of routing, section 6"
"""Where expected numbers stand: the paper, or independent implementations of its case study."""

INDEPENDENT_SEEDS = 4
"""Seeds behind a mean of the independent implementations: 3 to 5."""

OTHER_INSTANCES = (
    "Expected are means of independent implementations over 3 to 5 instances of their own, which differ by "
    "4 % from seed to seed: shown, not judged. The same instances are judged in zhang2024.instances."
)
"""Goes with every claim on a mean."""

AT_LEAST = "True by construction, up to the gap of one plan: "

LARGEST_CAPACITY = 5000.0
"""Pairs; every instance lists its paths as if its stores were as large as this."""


@dataclass(frozen=True, slots=True)
class Case:
    """One instance of the case study.

    Parameters
    ----------
    seed
        Of rates and fidelities, and of random paths.
    demands
        K.
    capacity
        Pairs in store at every HAP and satellite.
    target_fidelity
        F_k of every demand.
    paths, options
        Changes to the sections of the instance file.
    """

    seed: int = 0
    demands: int = 3
    capacity: float = 1500.0
    target_fidelity: float = 0.9
    paths: Mapping[str, Any] | None = None
    options: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the case as plain values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def with_stores(self, capacity: float) -> RoutingInstance:
        """Return the instance with stores of a capacity."""
        from satqn.routing.generate import case_study_document
        from satqn.routing.instance_file import instance_from_document

        paths = None if self.paths is None else dict(self.paths)
        document = case_study_document(
            self.seed,
            demands=self.demands,
            capacity=capacity,
            target_fidelity=self.target_fidelity,
            paths=paths,
        )
        document["options"] |= self.options or {}
        return instance_from_document(document)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one plan is worth.

    Parameters
    ----------
    delivered_pairs
        Delivered pairs; all weights of the case study are 1.
    bound_pairs
        Proven bound.
    """

    delivered_pairs: float
    bound_pairs: float


def planned(context: Context, case: Case, **settings: Any) -> Planned:
    """Plan a case, or look it up.

    Parameters
    ----------
    context
        Whose store keeps the answer.
    case
        The instance.
    settings
        Of :class:`satqn.routing.solve.Settings`.
    """

    def work() -> dict[str, NDArray[Any]]:
        from satqn.routing.solve import Settings

        return _solved(case, Settings(seed=case.seed, **settings))

    task = {"case study": case.to_dict(), "settings": settings}
    found = context.store.get(task, work, rooms=PLANNING_ROOMS, libraries=("numpy", "scipy", "highspy"))
    return Planned(float(found["delivered_pairs"]), float(found["bound_pairs"]))


def _solved(case: Case, settings: Settings) -> dict[str, NDArray[Any]]:
    from satqn.routing.pool import build_pool
    from satqn.routing.solve import solve

    # The paths are those of the largest stores, so that instances differ in nothing but capacity.
    largest = case.with_stores(LARGEST_CAPACITY)
    instance = replace(case.with_stores(case.capacity), storage_pairs=largest.storage_pairs)
    solution = solve(instance, settings, pool=build_pool(largest))
    if solution.status == "interrupted":
        raise KeyboardInterrupt  # the plan in hand is not the answer that would be kept
    assert solution.status == "optimal"
    assert solution.plan is not None
    assert solution.bound_pairs is not None
    return {
        "delivered_pairs": np.array(solution.plan.delivered_pairs),
        "bound_pairs": np.array(solution.bound_pairs),
    }


def over_seeds(
    context: Context, cases: Sequence[tuple[Case, Mapping[str, Any]]], label: str
) -> tuple[FloatArray, FloatArray]:
    """Plan several cases for every seed.

    Parameters
    ----------
    context
        How many seeds, and where results are kept.
    cases
        Cases with the settings of their plans; the seed is put in here.
    label
        What is told to the progress report.

    Returns
    -------
    delivered, bound
        Pairs, shape (seeds, cases).
    """
    seeds, total = context.sizes.instances, len(cases)
    found = np.zeros((seeds, total, 2))
    for seed in range(seeds):
        for number, (case, settings) in enumerate(cases):
            context.report(label, (seed * total + number) / (seeds * total))
            plan = planned(context, replace(case, seed=seed), **settings)
            found[seed, number] = plan.delivered_pairs, plan.bound_pairs
    return found[:, :, 0], found[:, :, 1]


def mean_claim(
    sentence: str, expected: float | Bounds, sample: FloatArray, *, unit: str = "pairs", note: str = ""
) -> Claim:
    """Return a claim on a mean over seeds, against the mean of others over few seeds of their own.

    Parameters
    ----------
    sentence, expected, unit, note
        As in :class:`Claim`.
    sample
        One value per seed.

    Notes
    -----
    The tolerance is two standard errors of the difference of both means. It is not judged: the instances are
    others.
    """
    ours = mean_of(sample)
    if ours is None:
        return Claim(
            sentence,
            expected,
            None,
            0.0,
            unit,
            source=SPECIFICATION,
            note=note,
            not_comparable=OTHER_INSTANCES,
        )
    others = ours.error * float(np.sqrt(len(sample) / INDEPENDENT_SEEDS))
    tolerance = 2.0 * float(np.hypot(ours.error, others))
    return Claim(
        sentence,
        expected,
        ours.value,
        tolerance,
        unit,
        source=SPECIFICATION,
        note=note,
        not_comparable=OTHER_INSTANCES,
    )


def draw_band(
    axes: Axes, x: Sequence[float], sample: FloatArray, colour: str, label: str, **line: Any
) -> None:
    """Draw the mean over seeds, and a band of one standard deviation of the seeds to either side.

    Parameters
    ----------
    axes
        Where.
    x
        Abscissas, shape (n,).
    sample
        Shape (seeds, n).
    colour, label, line
        Of the line.
    """
    mean, deviation = sample.mean(axis=0), sample.std(axis=0)
    axes.fill_between(x, mean - deviation, mean + deviation, color=colour, alpha=0.14, lw=0)
    axes.plot(x, mean, color=colour, label=label, marker="o", **line)


def half_width(sample: FloatArray) -> FloatArray:
    """Return half the 95 % confidence interval of means over seeds (Student's t), 0 for fewer than five.

    Parameters
    ----------
    sample
        Shape (seeds, ...).
    """
    from scipy.stats import t

    seeds = len(sample)
    if seeds < FEWEST:
        return np.zeros(sample.shape[1:])
    return np.asarray(t.ppf(0.975, seeds - 1) * sample.std(axis=0, ddof=1) / np.sqrt(seeds))
