"""Everything that a planning run found out, as plain values: what a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satqn.model.plan import Plan
from satqn.model.shown import Shown
from satqn.model.timeline import LinkState
from satqn.topology.bodies import Stage


@dataclass(frozen=True, slots=True, repr=False)
class PlanRecord(Shown):
    """A plan with what it was made of and what was found out about it.

    Parameters
    ----------
    stage
        Bodies, slots and the scenario written out.
    state
        Rate and fidelity of every link in every slot.
    plan
        The plan.
    summary
        Answer of the planner: status, bound, gap, method, warnings.
    instance_text, plan_text
        The instance file and the plan file.
    resolved_yaml
        The scenario with nothing implicit.
    provenance
        Versions, hashes, options and seed.
    origins
        Dotted key, value and where it came from, for every value of the scenario.
    violations
        What the checker says about the plan, empty if all is well; None if it was not asked.
    explanation
        ``prices`` and ``unserved``: what binds, and why a demand gets nothing; None if not asked for.
    comparison
        Rows of ``name``, ``objective_pairs``, ``delivered_pairs`` and ``bound_pairs``, one for each
        architecture, the whole network last; a number is None where there is no plan or no bound.
    replay
        Promised against delivered in simulation, as :mod:`satqn.simulate` writes it.
    """

    stage: Stage
    state: LinkState
    plan: Plan
    summary: Mapping[str, Any]
    instance_text: str
    plan_text: str
    resolved_yaml: str
    provenance: Mapping[str, Any]
    origins: Sequence[tuple[str, Any, str]] = ()
    violations: Sequence[str] | None = None
    explanation: Mapping[str, Any] | None = None
    comparison: Sequence[Mapping[str, Any]] | None = None
    replay: Mapping[str, Any] | None = None
