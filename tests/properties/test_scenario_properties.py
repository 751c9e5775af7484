"""Scenarios under random edits: they survive being written out; junk is refused without a traceback."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.errors import SatqnError
from satqn.scenario.load import catalogue, load_any
from satqn.scenario.planning import PlanScenario
from satqn.topology.expand import expand, expanded
from satqn.topology.resolution import resolved, resolved_text, summary

positive = st.floats(1e-6, 1e6)
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.text(min_size=1, max_size=80),
    "description": st.text(),
    "seed": st.integers(0, 2**53),
    "earth": st.sampled_from(["wgs84", "sphere"]),
    "time": st.builds(
        lambda n, s: {"start": "2026-06-21T03:00:00.125+02:00", "horizon_s": n * s, "slot_s": s},
        st.integers(1, 100),
        st.integers(1, 3600),
    ),
    "target_fidelity": st.floats(0.26, 1),
    "ground.storage_pairs": positive,
    "ground.stations": st.lists(st.sampled_from(["Newark", "Yonkers", "Irvine"]), max_size=3),
    "ground.dataset": st.builds(lambda n: {"largest": n}, st.integers(1, 20)),
    "ground.nodes.Newark.altitude_m": st.floats(-500, 9000),
    "ground.nodes.11.lon_deg": st.floats(-180, 180),
    "haps.HAP-East": st.builds(
        lambda lat, radius: {
            "id": "HAP", "lat_deg": lat, "lon_deg": 0.1, "altitude_km": 20, "terminal": "hap-15cm", "circle_radius_km": radius,
        },
        st.floats(-90, 90),
        positive,
    ),
    "satellites.MEO.walker.altitude_km": st.floats(160, 400_000),
    "satellites.MEO.walker.satellites": st.sampled_from([2, 4, 400]),
    "satellites.MEO.crosslinks": st.sampled_from(["all", "grid", "none"]),
    "fibre.hardware.ion_pairs": st.integers(1, 1000),
    "fibre.least_fidelity": st.none() | st.floats(0.3, 1),
    "sky": st.builds(lambda v, s: {"day": v, "twilight": v, "night": 0, "source": "x" + s}, positive, st.text()),
    "demands.finance.weight": positive,
    "demands.1.id": st.none(),
    "drawn_demands": st.none() | st.builds(
        lambda n, by: {"count": n, "by": by}, st.integers(1, 20), st.sampled_from(["population", "uniform"])
    ),
    "hardware.ground-60cm.receiver.radius_m": st.floats(1e-3, 20),
    "paths.order": st.sampled_from(["hops", "log_werner", "inverse_rate"]),
    "solver.time_limit_s": st.none() | positive,
}  # fmt: skip
edits = st.fixed_dictionaries({}, optional=EDITS)


def refused_or_fits(use: Callable[[], Any]) -> None:
    """Whatever it is, an error is one for the user, and says something."""
    refused = None
    try:
        use()
    except SatqnError as error:
        refused = str(error)
    assert refused != ""


def loaded_from(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_text(text, encoding="utf-8")
        return load_any(path)


@settings(max_examples=8, deadline=None)
@given(edits)
def test_a_scenario_survives_being_written_out_and_says_what_was_put_in(changes: dict[str, Any]) -> None:
    first = load_any("metro-pair", changes)
    text, found, whole = resolved_text(first), resolved(first), expand(first).scenario
    again = loaded_from(text)
    assert again.scenario == whole
    assert expanded(whole) == whole
    assert resolved(again).data == found.data
    assert all(line.rstrip().endswith(":") or "  # " in line for line in text.splitlines()[1:])
    put_in = [".".join(map(str, loc)) for loc in first.changed]
    assert len(put_in) == len(changes)
    for key, origin in found.origins.items():
        under = any(key == one or key.startswith(one + ".") for one in put_in)
        if origin == "--set":
            assert under
        elif under:  # what was put in and then written out elsewhere
            assert origin.startswith(("written out in", "numbered", "as "))


@pytest.mark.parametrize("name", list(catalogue()))
def test_catalogue_scenarios_survive_being_written_out(name: str, tmp_path: Path) -> None:
    first = load_any(name)
    path = tmp_path / "case.yaml"
    path.write_text(resolved_text(first), encoding="utf-8")
    again = load_any(path)
    if isinstance(first.scenario, PlanScenario):
        assert again.scenario == expand(first).scenario
    assert resolved(again).data == resolved(first).data
    assert set(resolved(first).origins) == set(resolved(again).origins)
    assert all(resolved(first).origins.values())


SMALL = {
    "study": "plan",
    "name": "small",
    "time": {"start": "2026-06-21T00:00:00Z", "horizon_s": 1200, "slot_s": 600},
    "hardware": {"mine": {"extends": "ground-60cm", "acquisition_s": 10}},
    "ground": {
        "terminal": "mine",
        "stations": ["A"],
        "nodes": [
            {"id": "A", "lat_deg": 40, "lon_deg": -74},
            {"id": "B", "lat_deg": 41, "lon_deg": -73, "population": 5},
        ],
    },
    "haps": [{"id": "H", "lat_deg": 40, "lon_deg": -74, "altitude_km": 20, "terminal": "hap-15cm"}],
    "satellites": [
        {
            "id": "S",
            "terminal": "satellite-30cm",
            "walker": {"satellites": 2, "planes": 1, "altitude_km": 500, "inclination_deg": 53},
        },
        {
            "id": "O",
            "terminal": "micius",
            "orbits": [
                {"id": "O1", "altitude_km": 500, "inclination_deg": 97, "raan_deg": 0, "mean_anomaly_deg": 0}
            ],
        },
    ],
    "fibre": {"links": [{"ends": ["A", "B"], "length_km": 50}]},
    "demands": [{"source": "A", "destination": "B"}],
    "drawn_demands": {"count": 1, "by": "uniform"},
}


def test_the_small_scenario_is_right() -> None:
    assert summary(loaded_from(json.dumps(SMALL)))["counts"]["satellites"] == 3


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_junk_in_a_scenario_is_refused_or_fits(data: st.DataObject) -> None:
    document = json.loads(json.dumps(SMALL))
    for _ in range(data.draw(st.integers(1, 3))):
        node: Any = document
        for _ in range(6):
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and data.draw(st.integers(0, 3)):
                node = node[key]
                continue
            if isinstance(node, dict) and data.draw(st.booleans()):
                node[data.draw(st.sampled_from(["extends", "terminal", "omm", "csv", "x"]))] = data.draw(junk)
            else:
                node[key] = data.draw(junk)
            break
    text = json.dumps(document)
    refused_or_fits(lambda: summary(loaded_from(text)))


@settings(max_examples=100, deadline=None)
@given(st.text() | st.text(alphabet=":-[]{}&*!|>'\"%@`,?# \n\t0a.e~<=", max_size=40))
def test_any_text_is_refused_or_read(text: str) -> None:
    refused_or_fits(lambda: loaded_from(text))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from(["case.yaml", "case.csv", "case.tle", "case.graphml", "case.json"]),
)
def test_any_bytes_are_refused_or_read(content: bytes, name: str) -> None:
    keys = {
        "case.csv": "ground.csv",
        "case.tle": "satellites.MEO.file",
        "case.graphml": "ground.topology",
        "case.json": "ground.topology",
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        value = {"case.csv": str(path), "case.tle": {"path": str(path)}}.get(name, {"file": str(path)})
        changes = {"satellites.MEO.walker": None} if name == "case.tle" else {}
        if name == "case.yaml":
            refused_or_fits(lambda: load_any(path))
        else:
            refused_or_fits(lambda: summary(load_any("metro-pair", changes | {keys[name]: value})))


@settings(max_examples=30, deadline=None)
@given(
    st.text(max_size=20)
    | st.sampled_from(["satellites.MEO", "ground.nodes", "hardware.x.y", "time.start", "haps.0.id.x"]),
    junk,
)
def test_any_setting_is_refused_or_fits(key: str, value: Any) -> None:
    for name in ("zhang2024", "us-cities", "global-leo"):
        refused_or_fits(lambda name=name: summary(load_any(name, {key: value})))
