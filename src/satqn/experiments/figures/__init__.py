"""The figures and tables themselves: each module holds the experiments of one figure and their parts."""

from __future__ import annotations

from satqn.experiments.experiment import Experiment


def all_experiments() -> list[Experiment]:
    """Return every experiment in the order of the papers."""
    from satqn.experiments.figures import (
        crossovers,
        fibre_chain,
        fibre_network,
        fibre_or_satellite,
        geostationary,
        hybrid,
        instances,
        options,
        scaling,
        schemes,
        stations,
        subpoints,
        variations,
        worth,
    )

    return [
        *fibre_chain.EXPERIMENTS,
        *fibre_network.EXPERIMENTS,
        *fibre_or_satellite.EXPERIMENTS,
        *stations.EXPERIMENTS,
        *hybrid.EXPERIMENTS,
        *scaling.EXPERIMENTS,
        *crossovers.EXPERIMENTS,
        *geostationary.EXPERIMENTS,
        *variations.EXPERIMENTS,
        *subpoints.EXPERIMENTS,
        *options.EXPERIMENTS,
        *schemes.EXPERIMENTS,
        *instances.EXPERIMENTS,
        *worth.EXPERIMENTS,
    ]
