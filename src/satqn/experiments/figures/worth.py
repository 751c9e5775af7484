"""What path selection, storage, purification and splitting are each worth to PS-EGR (not in zhang2024).

The case study with one thing changed at a time, every change on the same instances: differences are paired,
so the spread between instances drops out. At the target fidelity of the paper no path needs purification;
what it is worth is measured at higher ones. Plans are within 0.1 % of their optimum.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.experiments.claims import Claim
from satqn.experiments.context import FULL, Context
from satqn.experiments.experiment import Data, Experiment
from satqn.experiments.figures.case_study import (
    AT_LEAST,
    SPECIFICATION,
    Case,
    FloatArray,
    half_width,
    mean_claim,
    over_seeds,
)
from satqn.reports.style import BLUE, GREEN, GREY, ORANGE, PURPLE, TWO_COLUMNS, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 1e-3
OUTLIER_PERCENT = 60.0
"""Mean changes beyond this are drawn on a scale of their own."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The case study with one thing changed.

    Parameters
    ----------
    key, label
        Name in tables and in the figure.
    group
        What it is about; empty for what others are compared with.
    case
        The instance; the seed is put in later.
    against
        Key of what it is compared with.
    method
        Of the plan.
    slow
        Whether a quick run leaves it out.
    """

    key: str
    label: str = ""
    group: str = ""
    case: Case = field(default_factory=Case)
    against: str = "base"
    method: str = "exact"
    slow: bool = False


def _shortest(real: int, virtual: int, order: str = "hops") -> Case:
    counts = {"real": real, "virtual": virtual}
    return Case(paths={"mode": "k_shortest", "per_demand": counts, "order": order})


def _purified(target: float, protocol: str) -> Case:
    return Case(target_fidelity=target, options={"purification": protocol})


VARIANTS = (
    Variant("base"),
    Variant("pool_4_and_6", "4 + 6 shortest by hops", "paths", _shortest(4, 6)),
    Variant("pool_log_werner", "12 + 20 of highest fidelity", "paths", _shortest(12, 20, "log_werner")),
    Variant("pool_inverse_rate", "12 + 20 of highest rate", "paths", _shortest(12, 20, "inverse_rate")),
    Variant("pool_all_3_hops", "all simple paths up to 3 hops", "paths",
            Case(paths={"mode": "all_simple", "max_hops": 3})),
    Variant("pool_all_4_hops", "all simple paths up to 4 hops", "paths",
            Case(paths={"mode": "all_simple", "max_hops": 4}), slow=True),
    Variant("storage_none", "none", "storage", method="no-storage"),
    Variant("storage_5000", "5000 pairs", "storage", Case(capacity=5000.0)),
    Variant("target_0.95", case=_purified(0.95, "bbpssw")),
    Variant("target_0.95_none", "target 0.95: none", "purification", _purified(0.95, "none"), "target_0.95"),
    Variant("target_0.97", case=_purified(0.97, "bbpssw")),
    Variant("target_0.97_dejmps", "target 0.97: DEJMPS", "purification", _purified(0.97, "dejmps"),
            "target_0.97"),
    Variant("splitting", "a pair of users mixes paths", "splitting", Case(options={"splittable": True})),
)  # fmt: skip
"""What is planned; the base: 12 + 20 shortest paths by hops, 1500 pairs in store, BBPSSW, no splitting."""

COLOURS = {"paths": BLUE, "storage": GREEN, "purification": ORANGE, "splitting": PURPLE}


def _worth(context: Context) -> Data:
    full = context.sizes.instances >= FULL.instances
    variants = [variant for variant in VARIANTS if full or not variant.slow]
    cases = [(variant.case, {"method": variant.method, "gap": GAP}) for variant in variants]
    delivered, bound = over_seeds(context, cases, "what is worth what")
    keys = [variant.key for variant in variants]
    changed = {
        v.key: _gain(delivered[:, keys.index(v.key)], delivered[:, keys.index(v.against)])
        for v in variants
        if v.group
    }
    table = {
        "variant": list(changed),
        "against": [variant.against for variant in variants if variant.group],
        "gain_percent": [float(gain.mean()) for gain in changed.values()],
        "half_width_percent": [float(half_width(gain)) for gain in changed.values()],
    }
    seeds = len(delivered)
    plans: Mapping[str, Any] = {
        "seed": np.repeat(np.arange(seeds), len(keys)),
        "variant": keys * seeds,
        "delivered_pairs": delivered.ravel(),
        "bound_pairs": bound.ravel(),
    }
    return Data({"worth": table, "plans": plans})


def _gain(delivered: FloatArray, base: FloatArray) -> FloatArray:
    return np.asarray(100.0 * (delivered / base - 1.0))


def gains(data: Data) -> dict[str, FloatArray]:
    """Return the gain of every variant over what it is compared with, in percent, one value per seed.

    Parameters
    ----------
    data
        Of the experiment.
    """
    plans, table = data.tables["plans"], data.tables["worth"]
    keys = list(dict.fromkeys(plans["variant"]))
    delivered = np.asarray(plans["delivered_pairs"]).reshape(-1, len(keys))
    columns = dict(zip(keys, delivered.T, strict=True))
    return {
        key: _gain(columns[key], columns[against])
        for key, against in zip(table["variant"], table["against"], strict=True)
    }


def _plot(data: Data) -> Figure:
    found = gains(data)
    shown = [variant for variant in VARIANTS if variant.key in found]
    steps = [0.9 if a.group == b.group else 1.8 for a, b in itertools.pairwise(shown)]
    height = -np.cumsum([0.0, *steps])
    figure = new_figure(TWO_COLUMNS, 3.4)
    near, far = figure.subplots(1, 2, sharey=True, width_ratios=(5, 1))
    for at, variant in zip(height, shown, strict=True):
        sample = found[variant.key]
        axes = far if abs(sample.mean()) > OUTLIER_PERCENT else near
        colour = COLOURS[variant.group]
        axes.scatter(sample, np.full(len(sample), at), s=10, color=colour, alpha=0.35, linewidths=0)
        axes.errorbar(sample.mean(), at, xerr=half_width(sample), fmt="o", color=colour, capsize=2.5, ms=5)
        value = f"{sample.mean():+.1f} %".replace("-", "\N{MINUS SIGN}")
        far.annotate(
            value, (1.06, at), xycoords=("axes fraction", "data"), va="center", annotation_clip=False
        )
    near.set_yticks(height, [variant.label for variant in shown])
    _name_groups(near, shown, height)
    _join(near, far)
    near.axvline(0.0, color=GREY, lw=0.8)
    near.set_ylim(height[-1] - 0.6, 1.3)
    figure.supxlabel("change of the throughput (%); mean of the seeds with its 95 % interval", fontsize=8)
    return figure


def _name_groups(axes: Axes, shown: Sequence[Variant], height: FloatArray) -> None:
    for group, colour in COLOURS.items():
        first = next(at for at, variant in zip(height, shown, strict=True) if variant.group == group)
        where = (-0.012, first + 0.8)
        axes.annotate(
            group, where, xycoords=("axes fraction", "data"), color=colour, weight="bold", ha="right",
            va="center", annotation_clip=False,
        )  # fmt: skip


def _join(near: Axes, far: Axes) -> None:
    """Show that one horizontal axis is broken between two panels."""
    far.spines["left"].set_visible(False)
    for axes in (near, far):
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.08)
    far.margins(x=0.3)
    slash: dict[str, Any] = {
        "marker": [(-0.4, -1), (0.4, 1)],
        "ms": 6,
        "ls": "none",
        "color": "k",
        "mew": 0.8,
    }
    near.plot(1, 0, transform=near.transAxes, clip_on=False, **slash)
    far.plot(0, 0, transform=far.transAxes, clip_on=False, **slash)


def _claims(data: Data) -> list[Claim]:
    found = gains(data)
    without = found["storage_none"]
    storage = -without / (1.0 + without / 100.0)
    pools = found.get("pool_all_4_hops", np.empty(0))

    return [
        mean_claim("Gain of all simple paths over the shortest", (12.0, 27.0), pools, unit="%", note=HOPS),
        mean_claim("Gain of 1500 stored pairs over none", 4.0, storage, unit="%"),
        Claim("Mixing paths never loses: the smallest gain of a seed", (0.0, None), found["splitting"].min(),
              100.0 * GAP, "%", source=SPECIFICATION, by_construction=MIXED),
        Claim("Leaving out purification never gains: the largest gain of a seed", (None, 0.0),
              found["target_0.95_none"].max(), 100.0 * GAP, "%", source=SPECIFICATION,
              by_construction=FEWER_PATHS),
    ]  # fmt: skip


HOPS = "Up to 4 hops here."
MIXED = AT_LEAST + "a plan with one path is one that may mix."
FEWER_PATHS = AT_LEAST + "the paths that need no purification are among those that may use it."

EXPERIMENTS = (
    Experiment(
        "zhang2024.worth", "What each part of PS-EGR is worth", "Not in the paper",
        _worth, _plot, _claims, needs_census=False,
    ),
)  # fmt: skip
"""The study of parts."""
