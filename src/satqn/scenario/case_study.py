"""The shape of a scenario without geography: the random case study of zhang2024."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from satqn.scenario.planning import PathSection, RoutingSection, SolverSection
from satqn.scenario.sections import Fidelity, NotNegative, Section


class CaseStudyScenario(Section):
    """Two cities, two HAPs and two satellites whose links are drawn (zhang2024, section on simulations)."""

    format: Literal["satqn-scenario"] = "satqn-scenario"
    """Always `satqn-scenario`."""
    schema_version: Literal[2] = 2
    """Version of this format."""
    study: Literal["case-study"]
    """What the scenario is for."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Name of the scenario."""
    description: str = ""
    """One sentence for lists and reports."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Of rates and fidelities."""
    demands: Annotated[int, Field(ge=1, le=1000)] = 3
    """K: demand k joins the k-th station of either city (zhang2024: 3)."""
    slots: Annotated[int, Field(ge=1)] = 10
    """T (zhang2024: 10)."""
    stations_per_city: Annotated[int, Field(ge=1, le=1000)] = 6
    """Base stations of either city (zhang2024: 6)."""
    storage_pairs: NotNegative = 1500.0
    """Store of every HAP and satellite (zhang2024: 1500)."""
    target_fidelity: Fidelity = 0.9
    """Of every demand (zhang2024: 0.9)."""
    paths: PathSection = PathSection(mode="k_shortest", order="hops")
    """Paths to choose from."""
    routing: RoutingSection = RoutingSection()
    """Readings of the routing problem."""
    solver: SolverSection = SolverSection()
    """How the plan is sought."""
