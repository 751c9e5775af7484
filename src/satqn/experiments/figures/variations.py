"""Figs. S3, S4 and S5 of shao2025: worse Bell measurements, larger telescopes, finite memories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.experiments.claims import Claim
from satqn.experiments.context import SPACINGS_KM, Context
from satqn.experiments.experiment import Columns, Data, Experiment
from satqn.experiments.figures import common
from satqn.experiments.figures.common import PRESETS, sampled
from satqn.experiments.statistics import median_between
from satqn.model.hardware import FibreHardware
from satqn.physics.bell import elementary_fidelity
from satqn.reports.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ONE_COLUMN,
    ORANGE,
    TWO_COLUMNS,
    VERMILION,
    new_figure,
)
from satqn.scenario.schema import Scenario
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BSM_FIDELITY = 0.9
RADII_M = (0.5, 1.0, 2.0)
MEMORY_TIMES_S = (None, 5.0, 1.0)


def _columns(context: Context, count: int, runs: Mapping[str, Mapping[str, Scenario]], column: str) -> Data:
    """Return one column of results by distance for several runs, each a scenario by preset."""
    pairs: dict[str, Any] = {}
    for name, scenarios in runs.items():
        for preset, scenario in scenarios.items():
            result = context.evaluate(scenario, count)
            pairs.setdefault("distance_km", result.distance / KM)
            pairs[common.with_unit(f"{preset}_{name}_{column}")] = getattr(result, column)
    medians = common.median_table(pairs, [name for name in pairs if name != "distance_km"])
    return Data({"medians": medians, "pairs": pairs}, common.sample_numbers(context, count))


def _both(context: Context, spacing_km: int = 240, **changes: Any) -> dict[str, Scenario]:
    return {preset: context.scenario(preset, spacing_km, **changes) for preset in PRESETS}


def _worse_measurements(context: Context) -> Data:
    """Fidelity of the protocol with F_p = 0.9 and 0.99 for the three grids."""
    runs = {}
    for d in SPACINGS_KM:
        runs[f"fp99_d{d}"] = _both(context, d)
        runs[f"fp90_d{d}"] = _both(context, d, fibre__photonic_bsm_fidelity=BSM_FIDELITY)
    return _columns(context, context.sizes.variation, runs, "protocol_fidelity")


def _plot_worse_measurements(data: Data) -> Figure:
    figure = new_figure(TWO_COLUMNS, 2.6)
    medians = data.tables["medians"]
    panels = figure.subplots(1, 3, sharey=True)
    for axes, d in zip(panels, SPACINGS_KM, strict=True):
        for name, colour, label in (("fp99", GREY, "$F_p$ = 0.99"), ("fp90", VERMILION, "$F_p$ = 0.9")):
            column = f"d{d}_protocol_fidelity"
            common.draw_median(axes, medians, f"published_{name}_{column}", colour, label, spread=True)
            common.draw_median(axes, medians, f"physical_{name}_{column}", colour, style="--")
        axes.plot([], [], color=GREY, ls="--", label="preset physical")
        axes.set_title(f"$d$ = {d} km")
        common.distance_axis(axes)
    panels[0].set(ylabel="median fidelity of the protocol", ylim=(0.45, 1.01))
    panels[-1].legend(loc="upper right")
    return figure


def _claims_worse_measurements(data: Data) -> list[Claim]:
    hardware = FibreHardware(photonic_bsm_fidelity=BSM_FIDELITY)
    first = float(elementary_fidelity(hardware.ion_photon_fidelity, hardware.photonic_bsm_fidelity))
    claims = [Claim("Fidelity of one segment with F_p = 0.9", 0.88416, first, 5e-6, physical=first)]
    pairs = data.tables["pairs"]
    for d in SPACINGS_KM:
        drop: dict[str, float] = {}
        for preset in PRESETS:
            good, bad = (
                median_between(pairs["distance_km"], pairs[f"{preset}_{f}_d{d}_protocol_fidelity"], 0, np.inf)
                for f in ("fp99", "fp90")
            )
            if good is not None and bad is not None:
                drop[preset] = good.value - bad.value
        sentence = f"Drop of the median fidelity from F_p = 0.99 to 0.9, d = {d} km"
        claims.append(
            Claim(
                sentence,
                (0.05, None),
                drop.get("published"),
                physical=drop.get("physical"),
                note=CLEARLY,
                own_range=True,
            )
        )
    return claims


CLEARLY = "The source says that medians are clearly lower; the bound that stands for the word is ours."


def _telescopes(context: Context) -> Data:
    """Rate of hybrid for receivers of 0.5, 1 and 2 m, d = 240 km; fewer pairs under ``physical``."""
    counts = {"published": context.sizes.main, "physical": context.sizes.variation}
    changes = {_radius_name(r): {"satellite__receiver_radius_m": r} for r in RADII_M}
    return _by_preset(context, counts, changes, ("hybrid_rate",))


def _radius_name(radius_m: float) -> str:
    return f"radius_{radius_m:g}m"


def _by_preset(
    context: Context,
    counts: Mapping[str, int],
    changes: Mapping[str, Mapping[str, Any]],
    columns: Sequence[str],
) -> Data:
    """Return columns of results for several changes of the scenario, with so many pairs for each preset."""
    tables: dict[str, Columns] = {}
    for preset, count in counts.items():
        runs = {name: {preset: context.scenario(preset, **change)} for name, change in changes.items()}
        found = [_columns(context, count, runs, column).tables for column in columns]
        for table in ("medians", "pairs"):
            tables[f"{preset}_{table}"] = {k: v for one in found for k, v in one[table].items()}
    return Data(tables, common.sample_numbers(context, counts["published"]))


def _plot_telescopes(data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 2.8)
    axes = figure.subplots()
    published, physical = (data.tables[f"{preset}_medians"] for preset in PRESETS)
    for r, colour in zip(RADII_M, (BLUE, ORANGE, VERMILION), strict=True):
        name = f"{_radius_name(r)}_hybrid_rate_per_s"
        common.draw_median(axes, published, f"published_{name}", colour, f"$a_R$ = {r:g} m", spread=True)
        common.draw_median(axes, physical, f"physical_{name}", colour, style="--")
    axes.plot([], [], color=GREY, ls="--", label="preset physical")
    axes.set(yscale="log", ylabel="median rate of hybrid (1/s)", ylim=(0.3, 120))
    common.distance_axis(axes)
    axes.legend(loc="upper right", ncols=2)
    return figure


def _claims_telescopes(data: Data) -> list[Claim]:
    claims = []
    for r, expected in zip(RADII_M, ((0.8, 0.9), (6.4, 7.0), (20.0, 24.0)), strict=True):
        values = {}
        for preset in PRESETS:
            pairs = data.tables[f"{preset}_pairs"]
            column = pairs[f"{preset}_{_radius_name(r)}_hybrid_rate_per_s"]
            values[preset] = median_between(pairs["distance_km"], column, 500, np.inf)
        sentence = f"Median rate of hybrid beyond 500 km, a_R = {r:g} m"
        claims.append(sampled(data.numbers, sentence, expected, values, 0.02 * expected[1], unit="1/s"))
    return claims


def _memories(context: Context) -> Data:
    """Fidelity of fibre and of hybrid with memories that dephase; fewer pairs under ``physical``."""
    counts = {"published": context.sizes.variation, "physical": context.sizes.slow}
    changes = {_memory_name(t): {"memory_dephasing_time_s": t} for t in MEMORY_TIMES_S}
    return _by_preset(context, counts, changes, ("fibre_fidelity", "hybrid_fidelity"))


def _memory_name(tau: float | None) -> str:
    return "tau_none" if tau is None else f"tau_{tau:g}s"


def _plot_memories(data: Data) -> Figure:
    figure = new_figure(TWO_COLUMNS, 2.8)
    panels = figure.subplots(1, 2, sharey=True)
    published, physical = (data.tables[f"{preset}_medians"] for preset in PRESETS)
    for axes, way, farthest in zip(panels, ("fibre", "hybrid"), (1600.0, common.FARTHEST_KM), strict=True):
        for tau, colour in zip(MEMORY_TIMES_S, (BLACK, GREEN, VERMILION), strict=True):
            name = f"{_memory_name(tau)}_{way}_fidelity"
            label = r"$\tau$ = ∞" if tau is None else rf"$\tau$ = {tau:g} s"
            common.draw_median(axes, published, f"published_{name}", colour, label)
            common.draw_median(axes, physical, f"physical_{name}", colour, style="--")
        axes.set_title(way, loc="left")
        common.distance_axis(axes, farthest)
    panels[0].set(ylabel="median fidelity", ylim=(0.45, 1.01))
    panels[0].plot([], [], color=GREY, ls="--", label="preset physical")
    panels[0].legend(loc="upper right")
    return figure


def _claims_memories(data: Data) -> list[Claim]:
    claims = []
    for tau, expected in zip(MEMORY_TIMES_S, (0.70, 0.67, 0.56), strict=True):
        values = {}
        for preset in PRESETS:
            pairs = data.tables[f"{preset}_pairs"]
            column = pairs[f"{preset}_{_memory_name(tau)}_fibre_fidelity"]
            values[preset] = median_between(pairs["distance_km"], column, 550, 650)
        memory = "perfect memories" if tau is None else f"tau = {tau:g} s"
        sentence = f"Median fidelity of fibre at 600 km, {memory}"
        claims.append(sampled(data.numbers, sentence, expected, values, 0.02))
    return claims


EXPERIMENTS = (
    Experiment(
        "shao2025.figS3",
        "Worse photonic Bell measurements",
        "Fig. S3",
        _worse_measurements,
        _plot_worse_measurements,
        _claims_worse_measurements,
    ),
    Experiment(
        "shao2025.figS4", "Larger telescopes", "Fig. S4", _telescopes, _plot_telescopes, _claims_telescopes
    ),
    Experiment(
        "shao2025.figS5", "Memories that dephase", "Fig. S5", _memories, _plot_memories, _claims_memories
    ),
)
"""Figs. S3 to S5."""
