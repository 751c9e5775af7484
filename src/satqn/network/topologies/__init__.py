"""Fibre networks from outside.

A reader for each format (``graphml``, ``gml``, ``sndlib``, ``geojson``, ``sequence``, ``node_link``) makes
one raw network of a file, in its own words; ``assemble`` alone judges it: ids, positions, lengths and
doubles, with all faults at once and every assumption said. ``reading`` tells the format by the content,
``reference`` knows networks by name.
"""

from satqn.network.topologies.model import Around, Choices, FibreTopology
from satqn.network.topologies.reading import read_topology
from satqn.network.topologies.reference import REFERENCE_FILE, reference_topology

__all__ = ["REFERENCE_FILE", "Around", "Choices", "FibreTopology", "read_topology", "reference_topology"]
