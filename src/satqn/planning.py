"""From a planning scenario to its routing instance and its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satqn.errors import InputError
from satqn.model.instance import RoutingInstance
from satqn.model.shown import Shown
from satqn.model.timeline import LinkState
from satqn.reports import html
from satqn.reports.exports.graphml import network_graph
from satqn.reports.exports.netcdf import links_dataset
from satqn.routing.documents import read_document
from satqn.routing.generate import case_study_document
from satqn.routing.instance_file import instance_from_document, load_instance
from satqn.routing.instance_writer import document_text
from satqn.routing.solve import Settings, Solution, solve
from satqn.routing.stopping import Listener
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.load import AnyScenario, load_any
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import catalogue_entry
from satqn.scenario.schema import Scenario
from satqn.topology.bodies import Stage, stage
from satqn.topology.expand import expand, expansion_of
from satqn.topology.instance import instance_document, paths_document
from satqn.topology.state import link_state

if TYPE_CHECKING:
    import networkx

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, repr=False)
class Plannable(Shown):
    """Something that can be planned.

    Parameters
    ----------
    instance
        The routing instance.
    settings
        How its source wants it solved.
    system
        What it was made of, if it is a planning scenario.
    text
        Its instance file, if it was made here.
    """

    instance: RoutingInstance
    settings: Settings
    system: PlanSystem | None
    text: str | None


@dataclass(frozen=True, slots=True, repr=False)
class PlanSystem(Shown):
    """A planning scenario made ready: bodies and slots, what every link delivers, and the routing instance.

    Parameters
    ----------
    stage
        Bodies, slots and the scenario written out.
    state
        Rate and fidelity of every link in every slot.
    document
        The routing instance as the fields of its file.
    instance
        The same, checked.
    """

    stage: Stage
    state: LinkState
    document: dict[str, Any]
    instance: RoutingInstance

    @property
    def scenario(self) -> PlanScenario:
        """The scenario, written out."""
        return self.stage.scenario

    @property
    def instance_text(self) -> str:
        """The instance file."""
        return document_text(self.document)

    def plan(self, *, listener: Listener | None = None, **changes: Any) -> Solution:
        """Plan with the solver settings of the scenario.

        Parameters
        ----------
        listener
            Is told every line of the log.
        changes
            Fields of :class:`satqn.routing.solve.Settings` that differ; None leaves that of the scenario.
        """
        return solve(self.instance, settings_of(self.scenario, **changes), listener=listener)

    def _shown(self) -> dict[str, Any]:
        kinds = [body.kind for body in self.stage.bodies]
        return {
            "name": self.scenario.name,
            "ground_nodes": kinds.count("base_station"),
            "haps": kinds.count("aerial"),
            "satellites": kinds.count("satellite"),
            "links": len(self.state),
            "slots": self.state.slots,
            "demands": len(self.scenario.demands),
        }

    def to_networkx(self) -> networkx.MultiGraph:
        """Return nodes and links as a graph, with means over time."""
        return network_graph(self.stage, self.state)

    def to_xarray(self) -> Any:
        """Return rate, fidelity and share up of every link in every slot as an ``xarray.Dataset`` with units.

        Raises
        ------
        InputError
            xarray is not installed: it comes with the extra ``satqn[exports]``.
        """
        return links_dataset(self.stage, self.state)

    def _repr_html_(self) -> str:
        """Say in a notebook what the system is made of."""
        kinds = [body.kind for body in self.stage.bodies]
        rows = [
            ["ground nodes", str(kinds.count("base_station"))],
            ["HAPs", str(kinds.count("aerial"))],
            ["satellites", str(kinds.count("satellite"))],
            ["links that are ever up", str(len(self.state))],
            ["slots", f"{self.state.slots} of {self.stage.timeline.slot:g} s"],
            ["demands", str(len(self.scenario.demands))],
        ]
        return html.table([self.scenario.name, ""], rows)


def settings_of(scenario: PlanScenario | CaseStudyScenario, **changes: Any) -> Settings:
    """Return the solver settings of a scenario with changes put in; None is no change."""
    chosen = Settings(
        method=scenario.solver.method,
        gap=scenario.solver.gap,
        time_limit=scenario.solver.time_limit_s,
        seed=scenario.seed,
        ageing=scenario.solver.ageing,
    )
    return replace(chosen, **{name: value for name, value in changes.items() if value is not None})


def build_plan_system(
    scenario: PlanScenario, progress: Progress | None = None, remarks: Sequence[str] = ()
) -> PlanSystem:
    """Write a scenario out, propagate its satellites, evaluate its links and make the routing instance.

    Parameters
    ----------
    scenario
        From :func:`satqn.scenario.load.load_any`.
    progress
        Called with links done and all.
    remarks
        What was found when the scenario was written out; they become warnings of its instance.
    """
    whole = expansion_of(scenario)
    ready = stage(whole.scenario)
    state = link_state(ready, progress)
    document = instance_document(ready, state)
    instance = instance_from_document(document, source=scenario.name)
    warnings = dict.fromkeys((*remarks, *whole.remarks, *instance.warnings))
    return PlanSystem(ready, state, document, replace(instance, warnings=tuple(warnings)))


def is_instance_file(source: str | Path) -> bool:
    """Whether a word names an instance file; a scenario of the catalogue and a scenario file do not.

    Raises
    ------
    InputError
        A file that is neither JSON nor YAML.
    """
    if catalogue_entry(str(source)) is not None or not Path(source).is_file():
        return False
    document, _ = read_document(source)
    return document.get("format") not in ("satqn-scenario", None) or "rate_unit" in document


def is_plan_file(source: str | Path) -> bool:
    """Whether a word names a file that is no scenario and no instance: a plan, or what wants to be one.

    Raises
    ------
    InputError
        A file that is neither JSON nor YAML.
    """
    if catalogue_entry(str(source)) is not None or not Path(source).is_file():
        return Path(source).suffix == ".json" and catalogue_entry(str(source)) is None
    document, _ = read_document(source)
    return document.get("format") not in ("satqn-scenario", "satqn-instance") and "study" not in document


def load_plannable(
    source: str | Path, overrides: dict[str, Any] | None = None, progress: Progress | None = None
) -> Plannable:
    """Read an instance file, or make the instance of a scenario.

    Raises
    ------
    InputError
        Neither, or a scenario of the hybrid protocol.
    """
    if is_instance_file(source):
        if overrides:
            raise InputError("an instance file has no keys to set", where="--set", fix="Change the file")
        instance = load_instance(source)
        return Plannable(instance, Settings(), None, None)
    loaded = load_any(source, overrides)
    if isinstance(loaded.scenario, CaseStudyScenario):
        document = case_study(loaded.scenario)
        text = document_text(document)
        return Plannable(instance_from_document(document), settings_of(loaded.scenario), None, text)
    _planning(loaded.scenario, source)
    whole = expand(loaded)
    system = build_plan_system(whole.scenario, progress, whole.remarks)
    return Plannable(system.instance, settings_of(system.scenario), system, system.instance_text)


def case_study(scenario: CaseStudyScenario) -> dict[str, Any]:
    """Return the routing instance of the random case study as the fields of its file."""
    document = case_study_document(
        scenario.seed,
        demands=scenario.demands,
        slots=scenario.slots,
        capacity=scenario.storage_pairs,
        stations=scenario.stations_per_city,
        target_fidelity=scenario.target_fidelity,
        paths=paths_document(scenario.paths),
    )
    return document | {"name": scenario.name, "options": scenario.routing.model_dump()}


def load_plan_scenario(source: str | Path, overrides: dict[str, Any] | None = None) -> PlanScenario:
    """Read and check a planning scenario.

    Raises
    ------
    InputError
        No such scenario, or one of another study.
    """
    return _planning(load_any(source, overrides).scenario, source)


def _planning(scenario: AnyScenario, source: str | Path) -> PlanScenario:
    if not isinstance(scenario, PlanScenario):
        use = f"; for this one `satqn evaluate {source} --pairs 100 -o pairs.csv`"
        raise InputError(
            f"{source} is a scenario of the study {scenario.study!r}",
            why="This needs places, time slots and demands",
            fix="Use a scenario with `study: plan` such as metro-pair"
            + (use if isinstance(scenario, Scenario) else ""),
        )
    return scenario
