"""``satqn export``: a network for other programs, before any plan is made for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from satqn.commands.common import Seed, Settings, overrides, parse_settings, progress_bar, say
from satqn.errors import InputError

if TYPE_CHECKING:
    from satqn.model.timeline import LinkState
    from satqn.reports.exports.fibre_graph import FibreGraph
    from satqn.reports.exports.system import TextFormat
    from satqn.topology.bodies import Stage

app = App(name="export", help="Write a network for other programs: simulators, GIS, graphs, Cesium, NetCDF.")

MOST_NODES = 2000
"""That a topology of SeQUeNCe has without being asked for: its reader seeks a path for every two of them."""

Output = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="File to write; standard output without it.")
]


@app.command
def sequence(
    scenario: str,
    *,
    memories: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    stop_time_s: Annotated[float, Parameter(allow_leading_hyphen=True)] = 1.0,
    generation: Literal["barrett-kok", "single-heralded"] = "barrett-kok",
    classical: Literal["all", "neighbours"] = "all",
    all_nodes: Annotated[bool, Parameter(name="--all", negative=())] = False,
    settings: Settings = None,
    seed: Seed = None,
    output: Output = None,
) -> None:
    """Write the fibre network of a scenario as a JSON topology of the simulator SeQUeNCe.

    What does not fit into the format is said on standard error.

    Parameters
    ----------
    scenario
        Name of a scenario (see ``satqn scenarios``) or a YAML file, of a plan or of the hybrid protocol.
    memories
        Of every router; by default the ion pairs of the hardware for each of its fibres.
    stop_time_s
        How long SeQUeNCe shall simulate.
    generation
        Protocol of SeQUeNCe that makes pairs; ``single-heralded`` is faster, but has no swaps there.
    classical
        Classical channels between all nodes that fibre connects (swapping needs them), or along fibres only.
    all_nodes
        Write networks of more than 2000 nodes too.
    """
    from satqn.reports.exports.sequence import remarks, sequence_text, sequence_topology

    graph, drawn, lost = _fibre_graph(scenario, settings, seed)
    if len(graph) > MOST_NODES and not all_nodes:
        raise InputError(
            f"the fibre network of {scenario} has {len(graph)} nodes",
            why=f"SeQUeNCe seeks a path for every two of them when it reads a file; limit {MOST_NODES}",
            fix="Say --all to write it nevertheless, with --classical neighbours to keep it small",
        )
    topology = sequence_topology(
        graph,
        memories=memories,
        stop_time=stop_time_s,
        generation=generation,
        classical=classical,
        seed=drawn,
    )
    _put(sequence_text(topology), output)
    for remark in (*remarks(graph), *lost):
        say(f"note: {remark}")


def _fibre_graph(
    source: str, settings: list[str] | None, seed: int | None
) -> tuple[FibreGraph, int, list[str]]:
    """Return nodes and segments of a scenario, its seed, and what of it is lost."""
    from satqn.reports.exports.fibre_graph import FibreGraph
    from satqn.scenario.case_study import CaseStudyScenario
    from satqn.scenario.load import load_any
    from satqn.scenario.planning import PlanScenario
    from satqn.topology.expand import expand
    from satqn.topology.hybrid import build_network, node_table

    loaded = load_any(source, overrides(None, settings, seed))
    found, lost = loaded.scenario, list[str]()
    if isinstance(found, CaseStudyScenario):
        raise InputError(
            f"{source} has no fibre lengths",
            why="The links of the case study are drawn, not built",
            fix="Use a planning scenario such as metro-pair, or one of the hybrid protocol such as us-cities",
        )
    if isinstance(found, PlanScenario):
        graph = FibreGraph.of_scenario(expand(loaded).scenario)
        if found.haps or found.satellites:
            lost.append("links through free space are left out")
    else:
        options = found.protocol_options()
        network = build_network(found, node_table(found, options), options)
        graph = FibreGraph.of_network(network, found.fibre.hardware())
        lost.append("links by satellite are left out")
        if found.memory_dephasing_time_s is not None:
            lost.append("memories are perfect in the file; their dephasing is Gaussian here, not in SeQUeNCe")
    if not graph.a.size:
        raise InputError(f"{source} has no fibre", fix="Add fibre.links or fibre.neighbours")
    return graph, found.seed, lost


@app.command
def geojson(scenario: str, *, settings: Settings = None, output: Output = None) -> None:
    """Write nodes, fibres and ground tracks of a planning scenario as GeoJSON, for GIS programs.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    """
    _text(scenario, settings, "geojson", output)


@app.command
def graphml(scenario: str, *, settings: Settings = None, output: Output = None) -> None:
    """Write the network of a planning scenario as GraphML with means over time, for graph programs.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    """
    _text(scenario, settings, "graphml", output)


@app.command
def czml(scenario: str, *, settings: Settings = None, output: Output = None) -> None:
    """Write the satellites and nodes of a planning scenario in motion as CZML, for Cesium.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    """
    _text(scenario, settings, "czml", output)


@app.command
def csv(
    scenario: str,
    *,
    table: Literal["network", "links"] = "network",
    settings: Settings = None,
    output: Output = None,
) -> None:
    """Write the network of a planning scenario as a table.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    table
        ``network``: nodes and links with means over time; ``links``: every link in every slot.
    """
    _text(scenario, settings, "csv" if table == "network" else "links-csv", output)


@app.command
def netcdf(
    scenario: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="File to write.")],
    settings: Settings = None,
) -> None:
    """Write rate, fidelity and share up of every link in every slot as NetCDF with units.

    Parameters
    ----------
    scenario
        Name of a planning scenario or a YAML file.
    """
    from satqn.files import check_writable
    from satqn.reports.exports.netcdf import require_libraries
    from satqn.reports.exports.system import write_system_netcdf

    require_libraries()
    check_writable(output)
    write_system_netcdf(*_system(scenario, settings), output)
    say(f"written to {output}")


def _text(source: str, settings: list[str] | None, form: TextFormat, output: Path | None) -> None:
    from satqn.files import check_writable
    from satqn.reports.exports.system import system_text

    if output is not None:
        check_writable(output)
    _put(system_text(*_system(source, settings), form), output)


def _system(source: str, settings: list[str] | None) -> tuple[Stage, LinkState]:
    """Return bodies, slots and links of a planning scenario."""
    from satqn.scenario.load import load_any
    from satqn.scenario.planning import PlanScenario
    from satqn.topology.bodies import stage
    from satqn.topology.expand import expand
    from satqn.topology.state import link_state

    loaded = load_any(source, parse_settings(settings))
    if not isinstance(loaded.scenario, PlanScenario):
        raise InputError(
            f"{source} is a scenario of the study {loaded.scenario.study!r}",
            why="This needs places, time slots and demands",
            fix="Use a scenario with `study: plan` such as metro-pair",
        )
    ready = stage(expand(loaded).scenario)
    with progress_bar("who sees whom") as progress:
        return ready, link_state(ready, progress)


def _put(text: str, output: Path | None) -> None:
    from satqn.files import write_atomically

    if output is None:
        print(text, end="")
    else:
        write_atomically(output, text)
        say(f"written to {output}")
