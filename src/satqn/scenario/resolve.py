"""The machine form of a scenario: every key present, nothing implicit."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

from ruamel.yaml import YAML

from satqn.scenario.schema import Scenario


def resolve(scenario: Scenario) -> dict[str, Any]:
    """Return every key of a scenario with its value, the options of the preset written out.

    Loading the result again gives the same scenario.
    """
    data = scenario.model_dump(mode="json")
    options = asdict(scenario.protocol_options())
    data["options"] = {name: "none" if value is None else value for name, value in options.items()}
    return data


def to_yaml(resolved: dict[str, Any]) -> str:
    """Return a resolved scenario as YAML 1.2 text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump(resolved, stream)
    return stream.getvalue()
