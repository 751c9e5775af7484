"""Scenario to system: the one place where the network on the ground meets physics and the sky."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from satqn.documents import parse_json, read_text
from satqn.errors import InputError, InvalidFileError, Problem, SatqnWarning
from satqn.model.network import Network, NodeTable
from satqn.model.options import ProtocolOptions
from satqn.model.system import HybridSystem
from satqn.network import datasets
from satqn.network.cache import cached_network
from satqn.network.ground import fibre_network
from satqn.network.places import nearest_node
from satqn.network.splitting import split_long_links
from satqn.network.stations import bounding_box, station_grid
from satqn.network.topologies import Choices
from satqn.network.topologies.assemble import assembled
from satqn.network.topologies.geojson import geojson_topology, is_geojson
from satqn.network.topologies.model import RawTopology
from satqn.orbits import geometry
from satqn.physics import freespace
from satqn.scenario.schema import Scenario, StationSection
from satqn.sphere import great_circle
from satqn.units import KM

GEOSTATIONARY_FROM_KM = 35_000.0
"""From this altitude on, the option ``geo_position`` says where the satellite stands."""


def build_system(scenario: Scenario) -> HybridSystem:
    """Build the network, its ground stations and the satellite of a scenario.

    Raises
    ------
    DataError
        The data set is not at hand and cannot be downloaded.
    InputError
        Stations that are not nodes of the network.
    """
    options = scenario.protocol_options()
    users = node_table(scenario, options)
    network = build_network(scenario, users, options)
    stations = place_stations(scenario.ground_stations, network, users)
    lat, lon = subpoint(scenario, users, options)
    return HybridSystem(
        network=network,
        stations=stations,
        fibre=scenario.fibre.hardware(),
        satellite=scenario.satellite.hardware(),
        subpoint_lat_deg=lat,
        subpoint_lon_deg=lon,
        options=options,
        target_fidelity=scenario.target_fidelity,
        memory_time=scenario.memory_dephasing_time_s,
    )


def node_table(scenario: Scenario, options: ProtocolOptions) -> NodeTable:
    """Return the places of a scenario before any link is split."""
    if scenario.network.dataset == "us-cities":
        return datasets.cities()
    return datasets.node_table(scenario.network.dataset, options.node_set)


def build_network(scenario: Scenario, users: NodeTable, options: ProtocolOptions) -> Network:
    """Return the fibre network with long links split; built once, then read from the cache."""

    def build() -> Network:
        network = fibre_network(users, k=scenario.network.neighbours)
        return split_long_links(network, options.long_links)

    return cached_network(users, (scenario.network.neighbours, options.long_links), build)


def place_stations(section: StationSection, network: Network, users: NodeTable) -> NDArray[np.int64]:
    """Return the node indices of the ground stations, sorted and unique."""
    if section.sites is not None:
        return _by_name(section.sites, network, "ground_stations.sites")
    if section.file is not None:
        return _by_name(_site_file(section, network), network, section.file)
    return np.unique(station_grid(users, section.spacing_km * 1e3))


def _site_file(section: StationSection, network: Network) -> list[str]:
    """Return the node ids that a file names: a list, one list per spacing, or points of GeoJSON."""
    path = str(section.file)
    try:
        content = parse_json(read_text(path), path)
    except InvalidFileError as error:
        raise InputError(f"{path} is not JSON: {error.problems[0]}", where="ground_stations.file") from error
    except InputError as error:
        raise InputError(error.what, where="ground_stations.file", fix=error.fix) from error
    if is_geojson(content):
        return _nearest_names(geojson_topology(content, path), network, path)
    if isinstance(content, dict):
        key = f"{section.spacing_km:g}"
        if key not in content:
            known = ", ".join(map(str, content))
            raise InputError(
                f"{path} has no stations for a spacing of {key} km",
                where="ground_stations.spacing_km",
                fix=f"Spacings in the file: {known}",
            )
        content = content[key]
    if not isinstance(content, list) or not content or not all(isinstance(name, str) for name in content):
        raise InputError(f"{path} does not hold a list of node ids", where="ground_stations.file")
    return content


def _nearest_names(raw: RawTopology, network: Network, path: str) -> list[str]:
    """Return the nodes that points of GeoJSON are: those of their names, else the nearest ones."""
    nodes = network.nodes
    known = set(map(str, nodes.ids))
    found = {str(node.label) for node in raw.nodes} & known
    others = [node for node in raw.nodes if str(node.label) not in known]
    if not others:
        return sorted(found)
    points = assembled(replace(raw, nodes=others, links=[]), path, Choices(without_position="refuse"))
    away = []
    for name, lat, lon in zip(points.ids, points.lat_deg, points.lon_deg, strict=True):
        near = nearest_node(network, lat, lon, name, path)
        found.add(str(nodes.ids[near]))
        away.append(float(great_circle(lat, lon, nodes.lat_deg[near], nodes.lon_deg[near])))
    who = "1 station stands" if len(away) == 1 else f"{len(away)} stations stand"
    what = f"{who} at the nearest node of the network, up to {max(away) / KM:.3g} km away"
    warnings.warn(f"{Path(path).name}: {what}", SatqnWarning, stacklevel=2)
    return sorted(found)


def _by_name(names: list[str] | tuple[str, ...], network: Network, where: str) -> NDArray[np.int64]:
    index = {str(name): i for i, name in enumerate(network.nodes.ids)}
    unknown = [name for name in names if name not in index]
    if unknown:
        raise InvalidFileError(where, [Problem(where, f"unknown node {name!r}") for name in unknown[:20]])
    if not names:
        raise InputError("there are no ground stations", where=where, fix="Name at least one node")
    return np.unique(np.array([index[name] for name in names], dtype=np.int64))


def subpoint(scenario: Scenario, users: NodeTable, options: ProtocolOptions) -> tuple[float, float]:
    """Return latitude and longitude in degrees of the point below the satellite.

    Without a place of its own the satellite stands above the centre of the bounding box of the
    nodes; a geostationary one, by the option ``geo_position``, above the equator at the longitude
    where the mean downlink is best.
    """
    section = scenario.satellite
    if section.subpoint is not None:
        return section.subpoint.lat_deg, section.subpoint.lon_deg
    if section.altitude_km >= GEOSTATIONARY_FROM_KM and options.geo_position == "equator":
        return 0.0, best_longitude(scenario, users, options)
    return bounding_box(users).centre


def best_longitude(scenario: Scenario, users: NodeTable, options: ProtocolOptions) -> float:
    """Return the longitude above the equator with the largest mean downlink transmittance.

    The rate of a pair is the product of two downlinks, so its mean over independent ends is the
    square of this mean: the same longitude is best.
    """
    from scipy.optimize import minimize_scalar

    hardware = scenario.satellite.hardware()

    def loss(lon: float) -> float:
        angle = geometry.ground_angle(users.lat_deg, users.lon_deg, 0.0, lon)
        slant = geometry.slant_range(angle, hardware.altitude)
        cos_zenith = geometry.cos_zenith(angle, hardware.altitude)
        return -float(np.mean(freespace.downlink(slant, cos_zenith, hardware, options.diffraction)))

    west, east = float(users.lon_deg.min()), float(users.lon_deg.max())
    return float(minimize_scalar(loss, bounds=(west, east), method="bounded").x)
