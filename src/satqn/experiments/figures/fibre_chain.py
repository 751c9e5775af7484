"""Fig. 2 of shao2025: rate and fidelity of a fibre chain with photon and ion repeaters.

The published axes count ion repeaters, N - 1; here N is the number of photon repeaters, 0 is direct
transmission. Rates are for one ion pair. Under ``physical`` the waiting factor is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from satqn.experiments.claims import SPECIFICATION, Claim, claim_of
from satqn.experiments.context import Context
from satqn.experiments.experiment import Data, Experiment
from satqn.model.hardware import FibreHardware
from satqn.model.options import PHYSICAL, PUBLISHED
from satqn.physics.fiber import (
    best_photon_repeaters,
    chain_fidelity,
    chain_rate,
    crossover_length,
    direct_time,
)
from satqn.physics.waiting import WaitingKind
from satqn.reports.style import BLACK, BLUE, GREY, ONE_COLUMN, SERIES_COLOURS, VERMILION, new_figure
from satqn.units import KM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HARDWARE = FibreHardware()
POWER, EXACT = PUBLISHED.waiting_factor, PHYSICAL.waiting_factor
LENGTHS_KM = np.concatenate([np.arange(2.0, 100.0, 2.0), np.arange(100.0, 1501.0, 20.0)])
CHAIN_LENGTHS_KM = (100, 200, 300, 500, 1000)
FEWEST_TO_MOST = np.arange(1, 161)


def _optimal(context: Context) -> Data:
    """Optimal number of photon repeaters and its rate against length, with the rate without repeaters."""
    best = {
        kind: [best_photon_repeaters(km * KM, HARDWARE, kind, 1) for km in LENGTHS_KM]
        for kind in (POWER, EXACT)
    }
    columns = {"length_km": LENGTHS_KM, "direct_rate_per_s": 1.0 / direct_time(LENGTHS_KM * KM, HARDWARE)}
    numbers: dict[str, float | None] = {}
    for preset, kind in (("published", POWER), ("physical", EXACT)):
        columns[f"{preset}_photon_repeaters"] = np.array([n for n, _ in best[kind]], dtype=np.int64)
        columns[f"{preset}_rate_per_s"] = np.array([rate for _, rate in best[kind]])
        crossover = crossover_length(HARDWARE, kind)
        numbers[f"{preset}_crossover_km"] = crossover / KM
        numbers[f"{preset}_crossover_rate_per_s"] = float(1.0 / direct_time(crossover, HARDWARE))
        numbers[f"{preset}_repeaters_beyond_crossover"] = best_photon_repeaters(
            crossover + 1.0, HARDWARE, kind, 1
        )[0]
        far = LENGTHS_KM >= 300.0
        numbers[f"{preset}_slope_per_km"] = float(
            np.polyfit(LENGTHS_KM[far], columns[f"{preset}_photon_repeaters"][far], 1)[0]
        )
        numbers[f"{preset}_seven_from_km"] = _tie(6, 7, kind)
        numbers[f"{preset}_seven_to_km"] = _tie(7, 8, kind)
    return Data({"optimum": columns}, numbers)


def _tie(fewer: int, more: int, kind: WaitingKind) -> float:
    """Return the length in km from which ``more`` photon repeaters give a higher rate than ``fewer``."""
    from scipy.optimize import brentq

    def gap(km: float) -> float:
        return float(
            np.log(chain_rate(km * KM, more, HARDWARE, kind) / chain_rate(km * KM, fewer, HARDWARE, kind))
        )

    return float(brentq(gap, 5.0, 300.0))


def _plot_optimal(data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 3.6)
    rate, count = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
    table, length = data.tables["optimum"], data.tables["optimum"]["length_km"]
    direct = np.asarray(table["direct_rate_per_s"])
    shown = direct > 0.3
    rate.semilogy(length[shown], direct[shown], color=GREY, label="direct transmission")
    rate.semilogy(length, table["published_rate_per_s"], color=BLUE, label="best chain or direct")
    rate.semilogy(
        length, table["physical_rate_per_s"], color=VERMILION, ls="--", label="the same, exact waiting"
    )
    at, level = data.numbers["published_crossover_km"], data.numbers["published_crossover_rate_per_s"]
    rate.plot(at, level, "o", color=BLACK, zorder=4)
    rate.annotate(f"{at:.1f} km, {level:.1f} /s", (at, level), xytext=(8, 10), textcoords="offset points")
    rate.set_ylabel("rate (1/s)")
    rate.set_ylim(1, 2e3)
    rate.legend(loc="upper right")
    count.plot(length, table["published_photon_repeaters"], color=BLUE, drawstyle="steps-mid")
    count.plot(length, table["physical_photon_repeaters"], color=VERMILION, ls="--", drawstyle="steps-mid")
    count.set_ylabel("photon repeaters $N$")
    count.set_xlabel("fibre length $L$ (km)")
    count.set_xlim(0, 1500)
    return figure


def _claims_optimal(data: Data) -> list[Claim]:
    table, numbers = data.tables["optimum"], data.numbers
    last = {name: float(column[-1]) for name, column in table.items()}

    def both(name: str) -> dict[str, float | None]:
        return {"published": numbers[f"published_{name}"], "physical": numbers[f"physical_{name}"]}

    pair = {p: last[f"{p}_rate_per_s"] for p in ("published", "physical")}
    count = {p: last[f"{p}_photon_repeaters"] for p in ("published", "physical")}
    return [
        claim_of("Rate of the best chain over 1500 km", 3.514, pair, tolerance=5e-4, unit="1/s"),
        claim_of("Optimal number of photon repeaters over 1500 km", 160, count),
        claim_of(
            "Growth of the optimal number with length",
            0.1066,
            both("slope_per_km"),
            tolerance=2e-4,
            unit="1/km",
        ),
        claim_of(
            "Length at which repeaters begin to pay",
            61.705,
            both("crossover_km"),
            tolerance=5e-4,
            unit="km",
        ),
        claim_of("Rate at that length", 22.697, both("crossover_rate_per_s"), tolerance=5e-4, unit="1/s"),
        claim_of("Photon repeaters just beyond it", 7, both("repeaters_beyond_crossover")),
        claim_of("Seven are best among chains from", 60.73, both("seven_from_km"), tolerance=5e-3, unit="km"),
        claim_of("Seven are best among chains up to", 70.14, both("seven_to_km"), tolerance=5e-3, unit="km"),
        claim_of(
            "Length at which repeaters begin to pay, exact waiting",
            56.526,
            both("crossover_km"),
            tolerance=5e-4,
            unit="km",
            judged="physical",
            source=SPECIFICATION,
        ),
        claim_of(
            "Photon repeaters just beyond it, exact waiting",
            12,
            both("repeaters_beyond_crossover"),
            judged="physical",
            source=SPECIFICATION,
        ),
    ]


def _fidelity(context: Context) -> Data:
    """Fidelity against the number of photon repeaters, without purification."""
    count = np.arange(1, 41)
    return Data(
        {
            "fidelity": {
                "photon_repeaters": count,
                "fidelity": chain_fidelity(count, HARDWARE),
            }
        }
    )


def _plot_fidelity(data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 2.5)
    axes = figure.subplots()
    count, fidelity = (np.asarray(data.tables["fidelity"][name]) for name in ("photon_repeaters", "fidelity"))
    axes.axhspan(0.2, 0.5, color="#ECECEC", lw=0, zorder=0)
    axes.plot(count, fidelity, "o-", color=BLUE)
    last = int(np.flatnonzero(fidelity > 0.5)[-1])
    axes.annotate(
        f"entangled up to $N$ = {count[last]}",
        (count[last], fidelity[last]),
        xytext=(count[last] - 4, 0.72),
        arrowprops={"arrowstyle": "-", "lw": 0.6, "color": GREY},
    )
    axes.text(1, 0.45, "no entanglement left", va="center", color=GREY)
    axes.set(xlabel="photon repeaters $N$", ylabel="fidelity $F$", xlim=(0, 40.5), ylim=(0.4, 1.0))
    return figure


def _claims_fidelity(data: Data) -> list[Claim]:
    fidelity = np.asarray(data.tables["fidelity"]["fidelity"])
    count = np.asarray(data.tables["fidelity"]["photon_repeaters"])
    expected = {1: 0.970596, 2: 0.933682, 10: 0.713257, 20: 0.559007, 26: 0.502669, 27: 0.495010}
    claims = [
        Claim(
            f"Fidelity with N = {n} photon repeaters",
            value,
            float(fidelity[n - 1]),
            5e-7,
            physical=float(fidelity[n - 1]),
        )
        for n, value in expected.items()
    ]
    first = float(count[fidelity <= 0.5][0])
    return [*claims, Claim("Fewest photon repeaters that leave no entanglement", 27, first, physical=first)]


def _counts(context: Context) -> Data:
    """Rate against the number of photon repeaters for a few lengths."""
    columns: dict[str, np.ndarray] = {"photon_repeaters": FEWEST_TO_MOST}
    for km in CHAIN_LENGTHS_KM:
        for preset, kind in (("published", POWER), ("physical", EXACT)):
            columns[f"{preset}_{km}_km_rate_per_s"] = chain_rate(km * KM, FEWEST_TO_MOST, HARDWARE, kind)
    return Data({"rates": columns})


def _plot_counts(data: Data) -> Figure:
    figure = new_figure(ONE_COLUMN, 2.8)
    axes = figure.subplots()
    table = data.tables["rates"]
    count = np.asarray(table["photon_repeaters"])
    for km, colour in zip(CHAIN_LENGTHS_KM, SERIES_COLOURS, strict=False):
        rate, exact = (
            np.asarray(table[f"{preset}_{km}_km_rate_per_s"]) for preset in ("published", "physical")
        )
        best = int(np.argmax(rate))
        axes.semilogy(count, rate, color=colour, label=f"{km} km")
        axes.semilogy(count, exact, color=colour, ls="--", lw=0.8)
        axes.plot(count[best], rate[best], "o", color=colour)
    axes.plot([], [], color=GREY, ls="--", lw=0.8, label="exact waiting")
    axes.plot([], [], "o", color=GREY, label="maximum")
    axes.set(xlabel="photon repeaters $N$", ylabel="rate (1/s)", xlim=(0, FEWEST_TO_MOST[-1]), ylim=(0.3, 60))
    figure.legend(*axes.get_legend_handles_labels(), ncols=3, loc="outside upper center")
    return figure


def _claims_counts(data: Data) -> list[Claim]:
    rates = {p: np.asarray(data.tables["rates"][f"{p}_300_km_rate_per_s"]) for p in ("published", "physical")}
    best = {p: float(rate.max()) for p, rate in rates.items()}
    at = {p: float(FEWEST_TO_MOST[rate.argmax()]) for p, rate in rates.items()}
    exact = SPECIFICATION
    return [
        claim_of("Largest rate over 300 km", 9.0086, best, tolerance=5e-5, unit="1/s"),
        claim_of("Photon repeaters that give it", 32, at),
        claim_of(
            "Largest rate over 300 km, exact waiting",
            20.015,
            best,
            tolerance=5e-4,
            unit="1/s",
            judged="physical",
            source=exact,
        ),
        claim_of("Photon repeaters that give it, exact waiting", 105, at, judged="physical", source=exact),
    ]


EXPERIMENTS = (
    Experiment(
        "shao2025.fig2a",
        "Best number of repeaters and its rate",
        "Fig. 2a",
        _optimal,
        _plot_optimal,
        _claims_optimal,
        False,
    ),
    Experiment(
        "shao2025.fig2b", "Fidelity of a chain", "Fig. 2b", _fidelity, _plot_fidelity, _claims_fidelity, False
    ),
    Experiment(
        "shao2025.fig2c",
        "Rate by the number of repeaters",
        "Fig. 2c",
        _counts,
        _plot_counts,
        _claims_counts,
        False,
    ),
)
"""Fig. 2."""
