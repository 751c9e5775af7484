"""Files that are right: what the mutants are made of."""

from __future__ import annotations

import json

TLE = (
    "MICIUS\n1 41731U 16051A   26170.90152003  .00000364  00000-0  17957-4 0  9996\n"
    "2 41731  97.3699 267.4500 0013200 178.5836 246.0824 15.23915303 19068\n"
)
OMM = json.dumps([{
    "OBJECT_NAME": "A", "OBJECT_ID": "2016-051A", "EPOCH": "2026-06-20T12:00:00.000000", "MEAN_MOTION": 15.2,
    "ECCENTRICITY": 0.001, "INCLINATION": 97.3, "RA_OF_ASC_NODE": 267.4, "ARG_OF_PERICENTER": 178.5,
    "MEAN_ANOMALY": 246.0, "EPHEMERIS_TYPE": 0, "CLASSIFICATION_TYPE": "U", "NORAD_CAT_ID": 41731,
    "ELEMENT_SET_NO": 999, "REV_AT_EPOCH": 1906, "BSTAR": 1.8e-05, "MEAN_MOTION_DOT": 3e-06, "MEAN_MOTION_DDOT": 0,
}])  # fmt: skip
GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="Latitude" attr.type="double" for="node" id="d0"/>
<key attr.name="Longitude" attr.type="double" for="node" id="d1"/>
<key attr.name="label" attr.type="string" for="node" id="d2"/>
<graph edgedefault="undirected">
<node id="0"><data key="d0">46.9</data><data key="d1">7.4</data><data key="d2">Bern</data></node>
<node id="1"><data key="d0">47.4</data><data key="d1">8.5</data><data key="d2">Zurich</data></node>
<edge source="0" target="1"/>
</graph></graphml>
"""
TOPOLOGY = json.dumps({
    "nodes": [{"id": "Bern", "lat": 46.9, "lon": 7.4}, {"id": "Zurich", "lat": 47.4, "lon": 8.5}],
    "links": [{"source": "Bern", "target": "Zurich", "km": 110.0}],
})  # fmt: skip
TABLE = "id,lat_deg,lon_deg,population\nBern,46.9,7.4,130000\nZurich,47.4,8.5,400000\n"
PAIRS = "a,b\nBern,Zurich\nZurich,Bern\n"


def scenario(**more: object) -> dict[str, object]:
    """Return a planning scenario of two places; keys replace or add sections."""
    return {
        "study": "plan", "name": "two", "description": "x",
        "time": {"start": "2026-06-21T00:00:00Z", "horizon_s": 1200, "slot_s": 600},
        "ground": {
            "terminal": "ground-60cm", "storage_pairs": 10,
            "nodes": [{"id": "Bern", "lat_deg": 46.9, "lon_deg": 7.4}, {"id": "Zurich", "lat_deg": 47.4, "lon_deg": 8.5}],
        },
        "haps": [{"id": "H", "lat_deg": 47.0, "lon_deg": 8.0, "altitude_km": 20, "terminal": "hap-15cm",
                  "storage_pairs": 100}],
        "satellites": [{"id": "S", "walker": {"satellites": 2, "planes": 1, "altitude_km": 1000,
                        "inclination_deg": 60}, "terminal": "satellite-30cm", "storage_pairs": 10}],
        "fibre": {"links": [{"ends": ["Bern", "Zurich"], "length_km": 100}]},
        "demands": [{"id": "k", "source": "Bern", "destination": "Zurich", "target_fidelity": 0.8}],
        "paths": {"real": 3, "virtual": 2}, "solver": {"time_limit_s": 5, "gap": 0.01},
    } | more  # fmt: skip


HYBRID = {
    "study": "hybrid", "name": "h", "pairs": 3, "seed": 2, "target_fidelity": 0.9,
    "satellite": {"altitude_km": 800}, "fibre": {"ion_pairs": 5}, "ground_stations": {"spacing_km": 450},
    "options": {"placement": "greedy"},
}  # fmt: skip
CASE_STUDY = {"study": "case-study", "name": "c", "slots": 2, "demands": 1, "seed": 3, "storage_pairs": 100}
INSTANCE = {
    "format": "satqn-instance", "version": 1, "name": "x", "rate_unit": "pairs_per_slot", "slot_duration_s": 20,
    "slots": 2,
    "nodes": [{"id": "a", "kind": "base_station"}, {"id": "b", "kind": "base_station"},
              {"id": "h", "kind": "aerial", "storage_pairs": 30}, {"id": "s", "kind": "satellite", "storage_pairs": 30}],
    "links": [{"ends": ["a", "h"], "kind": "A2G", "rate": [10, 20], "fidelity": 0.98},
              {"ends": ["h", "s"], "rate": 5, "fidelity": 0.97}, {"ends": ["s", "b"], "rate": [3, 0], "fidelity": 0.96}],
    "storage_pairs": [["h", "s"]], "initial_stock": [{"pair": ["h", "s"], "route": ["h", "s"], "pairs": 10}],
    "demands": [{"id": "k", "source": "a", "destination": "b", "target_fidelity": 0.8, "weight": [1, 2],
                 "minimum_rate": 0}],
    "paths": {"mode": "all_simple", "max_hops": 4},
    "options": {"purification": "bbpssw", "swap": "werner", "splittable": False, "stock_retention": 0.9},
}  # fmt: skip
CHAIN = {
    "format": "satqn-chain", "version": 1, "name": "x",
    "links": [{"count": 2, "success_probability": 0.5, "attempt_time_s": 0.001, "fidelity": 0.97, "state": "werner"},
              {"success_probability": 0.6, "attempt_time_s": 0.002, "bell_weights": [0.9, 0.05, 0.03, 0.02]}],
    "memories": 2, "memory": {"dephasing_time_s": 1.0}, "swap": {"success_probability": 0.5, "gate_noise": 0.01},
    "order": "nested", "sharing": "shared", "purification": {"rounds": [1, 0], "protocol": "dejmps"},
    "cutoff": {"time_s": [0.1, None, 0.5], "age": "oldest", "discards": "pair"}, "restart": "fresh",
}  # fmt: skip
