"""The JSON Schema of scenario files, from the models."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from satqn.scenario.load import MODELS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema(study: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of resolved scenarios.

    Parameters
    ----------
    study
        ``hybrid``, ``plan`` or ``case-study``; None for a schema of all, told apart by ``study``.
    """
    if study is not None:
        return {"$schema": DIALECT, **MODELS[study].model_json_schema()}
    found, shared = models_json_schema(
        [(model, "validation") for model in MODELS.values()], title="Scenario of satqn"
    )
    # Without `study` a file is an evaluation of the hybrid protocol: the others must say what they are for.
    return {"$schema": DIALECT, **shared, "oneOf": [found[model, "validation"] for model in MODELS.values()]}
