"""Scenario files: what is read, what is refused, and how it is said."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from satqn.errors import InputError, InvalidFileError
from satqn.model.options import PHYSICAL, PUBLISHED, ProtocolOptions
from satqn.scenario.load import catalogue, known_keys, load_scenario
from satqn.scenario.resolve import resolve, to_yaml
from satqn.scenario.schema import OptionsSection, Scenario


def write(folder: Path, text: str) -> Path:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> str:
    with pytest.raises(InvalidFileError) as caught:
        load_scenario(write(folder, text))
    return str(caught.value)


@pytest.mark.parametrize("name", ["us-cities", "shao2025-us"])
def test_catalogue_entries_load_and_say_what_they_are(name: str) -> None:
    assert name in catalogue()
    assert catalogue()[name]
    assert load_scenario(name).name == name


def test_every_option_of_the_protocol_can_be_set_in_a_scenario() -> None:
    assert {field.name for field in fields(ProtocolOptions)} == set(OptionsSection.model_fields)


@pytest.mark.parametrize(("preset", "options"), [("published", PUBLISHED), ("physical", PHYSICAL)])
def test_presets(preset: str, options: ProtocolOptions) -> None:
    assert load_scenario("us-cities", {"preset": preset}).protocol_options() == options


@pytest.mark.parametrize("name", [field.name for field in fields(ProtocolOptions)])
def test_one_option_set_alone_changes_only_that_option(name: str) -> None:
    other = asdict(PHYSICAL)[name]
    value = "none" if other is None else other
    options = asdict(load_scenario("us-cities", {"preset": "published", name: value}).protocol_options())
    assert options == asdict(PUBLISHED) | {name: other}


def test_hardware_defaults_are_those_of_the_paper() -> None:
    from satqn.model.hardware import FibreHardware, SatelliteHardware

    scenario = load_scenario("us-cities")
    assert scenario.fibre.hardware() == FibreHardware()
    assert scenario.satellite.hardware() == SatelliteHardware()


def test_resolved_scenario_is_complete_and_loads_to_the_same(tmp_path: Path) -> None:
    first = load_scenario("us-cities", {"placement": "greedy", "max_photon_repeaters": 9})
    second = load_scenario(write(tmp_path, to_yaml(resolve(first))))
    assert resolve(second) == resolve(first)
    assert second.protocol_options() == first.protocol_options()
    assert set(resolve(first)) == set(Scenario.model_fields)
    assert set(resolve(first)["options"]) == set(OptionsSection.model_fields)


def test_all_faults_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = faults(
        tmp_path,
        "name: x\npreset: fysical\nnetwork:\n  dataset: us-citys\nsatellite:\n  altitude_km: 10000000\n"
        "  fidelity: .nan\n  receiver_radius: 1\noptions:\n  placment: greedy\n",
    )
    assert text.startswith("6 problems in ")
    for part in (
        "case.yaml:2:1: preset: 'fysical' is not 'published' or 'physical' (did you mean 'physical'?)",
        "case.yaml:4:3: network.dataset:",
        "case.yaml:6:3: satellite.altitude_km: 10000000 is too large: from 100 to 400000 (it looks like metres: 10000 would fit 'altitude_km')",
        "case.yaml:7:3: satellite.fidelity: nan is not a finite number",
        "case.yaml:8:3: satellite.receiver_radius: unknown key (did you mean 'receiver_radius_m'?)",
        "case.yaml:10:3: options.placment: unknown key (did you mean 'placement'?)",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\nseed: 1\nseed: 2\n", "case.yaml:3:1: the key 'seed' stands twice"),
        ("name: [\n", "not valid YAML 1.2"),
        ("- a\n- b\n", "a scenario is a mapping"),
        ("just text\n", "a scenario is a mapping"),
        ("", "the file is empty"),
        ("description: no name\n", "case.yaml:1:1: name: this key is missing"),
        ("name: x\nschema_version: 2\n", "schema_version"),
        ("name: x\nformat: satqn-instance\n", "format"),
        (
            "name: x\nsatellite: {fidelity: 0.25}\n",
            "satellite.fidelity: 0.25 is too small: above 0.25, at most 1",
        ),
        (
            "name: x\nsatellite: {fidelity: 1.01}\n",
            "satellite.fidelity: 1.01 is too large: above 0.25, at most 1",
        ),
        ("name: x\nsatellite: {altitude_km: -5}\n", "satellite.altitude_km"),
        ("name: x\nfibre: {attenuation_db_per_km: -0.1}\n", "fibre.attenuation_db_per_km"),
        ("name: x\nfibre: {ion_pairs: 0}\n", "fibre.ion_pairs"),
        ("name: x\nground_stations: {spacing_km: .inf}\n", "ground_stations.spacing_km"),
        ("name: x\nsatellite: {subpoint: {lat_deg: 91, lon_deg: 0}}\n", "satellite.subpoint.lat_deg"),
        ("name: x\ntarget_fidelity: 0.5\n", "target_fidelity"),
        ("name: x\nmemory_dephasing_time_s: 0\n", "memory_dephasing_time_s"),
        ("name: x\npairs: 0\n", "pairs"),
        ("name: x\nseed: -1\n", "seed"),
        ("name: x\nnetwork: 3\n", "network"),
    ],
)
def test_bad_files_are_refused_with_place_and_reason(tmp_path: Path, text: str, said: str) -> None:
    assert said in faults(tmp_path, text)


def test_numbers_are_read_as_yaml_1_2(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "name: no\nsatellite: {source_pairs_per_s: 6e7}\n"))
    assert scenario.name == "no"  # YAML 1.1 would read `false`
    assert scenario.satellite.source_pairs_per_s == 6.0e7


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"placement": "optimul"}, "--set options.placement: 'optimul' is not 'greedy' or 'optimal'"),
        ({"plcement": "greedy"}, "--set: unknown key 'plcement'. Did you mean 'placement'?"),
        ({"satellite.altitude": 5}, "--set satellite.altitude: unknown key (did you mean 'altitude_km'?)"),
        ({"name.x": 5}, "'name' is a value, not a section"),
    ],
)
def test_bad_settings(settings: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario("us-cities", settings)
    assert said in str(caught.value)


def test_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'us-cities'"):
        load_scenario("us-citis")


def test_known_keys_are_dotted_and_unique() -> None:
    keys = known_keys()
    assert len(keys) == len(set(keys))
    assert {"satellite.altitude_km", "satellite.subpoint.lat_deg", "options.placement", "seed"} <= set(keys)


def test_a_station_file_is_found_beside_the_scenario(tmp_path: Path) -> None:
    path = write(tmp_path, "name: x\nground_stations: {file: sites.json}\n")
    assert load_scenario(path).ground_stations.file == str(tmp_path / "sites.json")


def _whole_number_fields(model, seen):
    """Yield every section below a model and its fields that are whole numbers."""
    from typing import get_args

    from pydantic import BaseModel

    def kinds(annotation):
        return {annotation, *(kind for part in get_args(annotation) for kind in kinds(part))}

    if model in seen:
        return
    seen.add(model)
    for name, info in model.model_fields.items():
        found = kinds(info.annotation)
        if int in found and float not in found:
            yield model, name
        for kind in found:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _whole_number_fields(kind, seen)


@pytest.mark.parametrize("value", [2**53 + 1, 2**63, -(2**63) - 1, 10**300])
def test_no_whole_number_is_endless(value):
    from pydantic import ValidationError

    from satqn.routing.instance_schema import InstanceFile
    from satqn.routing.plan_schema import PlanFile
    from satqn.scenario.load import MODELS

    fields = [
        pair
        for model in (*MODELS.values(), InstanceFile, PlanFile)
        for pair in _whole_number_fields(model, set())
    ]
    assert len(fields) > 20
    for model, name in fields:
        with pytest.raises(ValidationError) as caught:
            model.model_validate({name: value})
        assert any(name in fault["loc"] for fault in caught.value.errors() if fault["type"] != "missing"), (
            name
        )
