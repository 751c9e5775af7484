"""The same demands on parts of a network: what fibre, HAPs, satellites and stores are worth together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from satqn.errors import InputError
from satqn.extras import need
from satqn.model.instance import RoutingInstance
from satqn.model.plan import LogLine
from satqn.model.shown import Shown
from satqn.planning import PlanSystem, settings_of
from satqn.routing.architectures import ALL, PARTS, WHOLE, Architecture, Segment, distinct_parts, same_parts
from satqn.routing.solve import PART_GAP, Settings, Solution, list_paths, part_settings, solve
from satqn.routing.stopping import Listener
from satqn.whatif.lift import no_bound_above, no_less_than
from satqn.whatif.notebook import rows_html

__all__ = ["ALL", "PARTS", "WHOLE", "Architecture", "Comparison", "Segment", "compare", "compare_instance"]

PART_LEAST_S = 1.0
"""Every part may take so long, however little of the time limit is left, s."""

SEGMENTS_ALONE = frozenset(part.name for part in PARTS if len(part.segments) == 1)
"""The parts of one segment."""


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Shown):
    """Plans of a network and of its parts for the same demands and slots.

    Parameters
    ----------
    parts
        Name and solution of every part; after Ctrl-C of those that were reached.
    whole
        Solution of all together; its objective is that of no part less.
    """

    parts: tuple[tuple[str, Solution], ...]
    whole: Solution

    def _shown(self) -> dict[str, Any]:
        return {row["name"].replace(" ", "_"): row["objective_pairs"] for row in self.rows()}

    def rows(self) -> list[dict[str, Any]]:
        """Return name, objective, delivered pairs, bound, gap and status of each; the whole is the last."""
        return [_row(name, found) for name, found in (*self.parts, (WHOLE.name, self.whole))]

    def gain(self, among: Collection[str] | None = None) -> dict[str, Any]:
        """Return by how much all together beats the best part, and by how much at least for certain.

        Parameters
        ----------
        among
            Names of the parts that count; None for all of them.

        Notes
        -----
        ``gain_pairs`` compares plans. ``certain_gain_pairs`` takes the largest bound of a part for what the
        best part could do: negative where the bounds do not yet tell.
        """
        parts = [(name, found) for name, found in self.parts if among is None or name in among]
        served = [(n, found.plan.objective_pairs) for n, found in parts if found.plan is not None]
        if self.whole.plan is None or not served:
            return {"best_part": None, "gain_pairs": None, "gain_share": None, "certain_gain_pairs": None}
        worth = self.whole.plan.objective_pairs
        name, best = max(served, key=lambda item: item[1])
        bounds = [found.bound_pairs for _, found in parts if found.status != "infeasible"]
        known = [bound for bound in bounds if bound is not None]
        return {
            "best_part": name,
            "gain_pairs": worth - best,
            "gain_share": (worth - best) / best if best > 0 else None,
            "certain_gain_pairs": worth - max(known) if len(known) == len(bounds) else None,
        }

    def _repr_html_(self) -> str:
        return rows_html(self.rows())

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame``.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        return need("pandas").DataFrame(self.rows())

    def to_dict(self) -> dict[str, Any]:
        """Return rows and gain as plain values for JSON."""
        return {
            "architectures": self.rows(),
            "gain": self.gain(),
            "gain_over_one_segment": self.gain(SEGMENTS_ALONE),
        }


def _row(name: str, found: Solution) -> dict[str, Any]:
    return {
        "name": name,
        "objective_pairs": None if found.plan is None else found.plan.objective_pairs,
        "delivered_pairs": None if found.plan is None else found.plan.delivered_pairs,
        "bound_pairs": None if found.bound_pairs is None else found.bound_pairs + 0.0,  # no -0.0
        "gap": None if found.gap is None else found.gap + 0.0,
        "bound_covers": found.bound_covers,
        "paths": int(np.unique(found.problem.formulation.serve.path[found.problem.open]).size),
        "status": found.status,
    }


def compare(system: PlanSystem, *, listener: Listener | None = None, **changes: Any) -> Comparison:
    """Plan a scenario and its parts; parameters as of :meth:`satqn.planning.PlanSystem.plan`.

    Parameters
    ----------
    system
        The scenario made ready: its links are evaluated once, for all architectures.
    listener
        Is told every line of every log; the event begins with the name of the architecture.
    changes
        Fields of :class:`satqn.routing.solve.Settings` that differ; None leaves that of the scenario.
    """
    return compare_instance(system.instance, settings_of(system.scenario, **changes), listener=listener)


def compare_instance(
    instance: RoutingInstance, settings: Settings | None = None, *, listener: Listener | None = None
) -> Comparison:
    """Plan an instance and its parts, for the same demands and slots.

    Parameters
    ----------
    instance
        The whole network.
    settings
        How the whole is planned: exactly as :func:`satqn.routing.solve.solve` plans it alone. Parts stop at
        a gap of 1 %, and all of them together may take the time limit of the whole once more.
    listener
        Is told every line of every log.

    Raises
    ------
    InputError
        The method draws paths: what it draws of a part says nothing about the whole.

    Notes
    -----
    There is one pool of paths, and a part is the same problem with columns shut. So whatever a part may do,
    a larger one may do: it takes over the plan of the smaller one where it finds less within its gap, and
    no bound of the smaller one needs to be above its own.

    Examples
    --------
    >>> from satqn.routing.generate import case_study
    >>> comparison = compare_instance(case_study(seed=0, slots=2, demands=1))
    >>> [row["name"] for row in comparison.rows()][-1]
    'all together'
    """
    settings = settings or Settings()
    if settings.method == "random":
        raise InputError(
            "architectures cannot be compared by drawn paths",
            where="method",
            fix="Use exact, benders or paper",
        )
    listed = list_paths(instance, settings.method)
    known: dict[str, Solution] = {}
    whole = solve(instance, settings, listed=listed, known=known, listener=_named(WHOLE.name, listener))
    for part, left in distinct_parts(instance):
        if whole.status == "interrupted" or any(one.status == "interrupted" for one in known.values()):
            break
        if part.name not in known:
            share = _share(settings, [one.wall_s for one in known.values()], left)
            heard = _named(part.name, listener)
            if listed is None:
                # Paths are generated: the part is an instance without what it lacks.
                gap = max(settings.gap, PART_GAP)
                chosen = replace(settings, gap=gap, time_limit=share, warm_start=False)
                known[part.name] = solve(part.instance(instance), chosen, listener=heard)
            else:
                chosen = replace(part_settings(settings, part), time_limit=share)
                known[part.name] = solve(instance, chosen, listed=listed, part=part, listener=heard)
    whole, found = _ordered(instance, whole, known, settings.gap)
    return Comparison(tuple(found), whole)


def _share(settings: Settings, spent: Sequence[float], left: int) -> float | None:
    """Return the time limit of a part, s: its share of what the parts have left together."""
    if settings.time_limit is None:
        return None
    return max(PART_LEAST_S, (settings.time_limit - sum(spent)) / left)


def _ordered(
    instance: RoutingInstance, whole: Solution, known: dict[str, Solution], gap: float
) -> tuple[Solution, list[tuple[str, Solution]]]:
    """Return the whole and the parts that were planned: larger ones worth no less, and bounded no lower."""
    same = same_parts(instance)
    parts = [part for part in PARTS if same[part.name] in {*known, WHOLE.name}]
    found: dict[str, Solution] = {}
    for part in parts:
        best = whole if same[part.name] == WHOLE.name else known[same[part.name]]
        for smaller in parts:
            if smaller.name in found and smaller.within(part):
                best = no_less_than(best, found[smaller.name], max(gap, PART_GAP))
        found[part.name] = best
    for solution in found.values():
        whole = no_less_than(whole, solution, gap)
    for part in reversed(parts):
        above = [whole, *(found[p.name] for p in parts if p is not part and part.within(p))]
        bounds = [one.bound_pairs for one in above if one.bound_pairs is not None]
        found[part.name] = no_bound_above(found[part.name], min(bounds, default=None), max(gap, PART_GAP))
    return whole, list(found.items())


def _named(name: str, listener: Listener | None) -> Callable[[LogLine], None] | None:
    if listener is None:
        return None
    return lambda line: listener(replace(line, event=f"{name}: {line.event}"))
