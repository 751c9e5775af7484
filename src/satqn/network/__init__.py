"""Fibre networks on the ground: building the graph, stations, shortest paths, data sets."""
