"""The JSON Schema of scenario files, from the models: everything that satqn reads passes it.

The models describe a scenario that is written out. A file may be shorter or say more: it may extend another
one and then leave anything out, write a value together with its source, be of version 1, and put numbers in
quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic.json_schema import models_json_schema

from satqn.scenario.load import MODELS
from satqn.scenario.migrate import NEWEST, PLANNING_KEYS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

PART = "Part"
"""Ending of the name of a section of which anything may be left out, because it extends another one."""

PLACE = "#/$defs/"
WITH_SOURCE = "ValueWithSource"

_WITH_SOURCE: Schema = {
    "description": "A value together with where it is from.",
    "type": "object",
    "required": ["value", "source"],
    "maxProperties": 2,
    "properties": {"source": {"type": "string", "pattern": r"\S"}},
}
_EXTENDS = {"type": "string", "minLength": 1}
_NUMBER = r"^\s*[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"
_WHOLE = r"^\s*[+-]?\d[\d_]*(\.0*)?\s*$"
_TRUTH = r"^([Tt]([Rr][Uu][Ee])?|[Ff]([Aa][Ll][Ss][Ee])?|[Yy]([Ee][Ss])?|[Nn][Oo]?|[Oo]([Nn]|[Ff][Ff])|[01])$"
_MOMENT = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d"
_NOTES = ("title", "description", "default")


def scenario_schema(study: str | None = None) -> Schema:
    """Return the JSON Schema of scenario files.

    Parameters
    ----------
    study
        ``hybrid``, ``plan`` or ``case-study``; None for a schema of all, told apart by ``study``.
    """
    models = MODELS if study is None else {study: MODELS[study]}
    found, shared = models_json_schema([(model, "validation") for model in models.values()])
    whole = {name: _section(schema, _same) for name, schema in shared["$defs"].items()}
    parts = {name + PART: _part(name, schema) for name, schema in shared["$defs"].items()}
    names = {key: str(found[model, "validation"]["$ref"]).rpartition("/")[2] for key, model in models.items()}
    for name in names.values():
        for schema in (whole[name], parts[name + PART]):
            schema["properties"]["schema_version"] = _sourced(
                {"enum": list(range(1, NEWEST + 1)), "default": NEWEST}
            )
        parts[name + PART]["properties"]["extends"] = _sourced(_EXTENDS)
    if "TerminalSection" in whole:
        parts["TerminalSection" + PART]["properties"]["extends"] = _sourced(_EXTENDS)
        _let_terminals_extend(whole, parts)
    top: Schema = {
        "if": {"required": ["extends"]},
        "then": _by_study(names, PART),
        "else": _by_study(names, ""),
    }
    if study is not None:
        part = names[study] + PART
        top["properties"] = {
            key: {"$ref": f"{PLACE}{part}/properties/{key}"} for key in parts[part]["properties"]
        }
    shapes = _reached(top, whole | parts | {WITH_SOURCE: _WITH_SOURCE})
    return {"$schema": DIALECT, "title": "Scenario of satqn", "type": "object", "$defs": shapes, **top}


def _reached(top: Schema, shapes: dict[str, Schema]) -> dict[str, Schema]:
    """Return the shapes that a schema leads to, in their order."""
    found: set[str] = set()
    ahead: list[Any] = [top]
    while ahead:
        node = ahead.pop()
        if isinstance(node, list):
            ahead.extend(node)
        elif isinstance(node, dict):
            ahead.extend(node.values())
            name = str(node.get("$ref", "")).removeprefix(PLACE).partition("/")[0]
            if name in shapes and name not in found:
                found.add(name)
                ahead.append(shapes[name])
    return {name: schema for name, schema in shapes.items() if name in found}


def _by_study(names: dict[str, str], ending: str) -> Schema:
    """Return the choice among studies by what the file says; without saying it, it is of version 1."""
    refs = {study: {"$ref": f"{PLACE}{name}{ending}"} for study, name in names.items()}
    if len(refs) == 1:
        return next(iter(refs.values()))
    unsaid: Schema = {"anyOf": list(refs.values())}
    if not ending:
        # As satqn.scenario.migrate: a file that does not say its study evaluates the hybrid protocol.
        needs = {"not": {"anyOf": [{"required": [key]} for key in PLANNING_KEYS]}}
        unsaid = {
            "allOf": [refs["hybrid"], needs, {"properties": {"schema_version": _sourced({"const": 1})}}]
        }
    choice: Schema = {"properties": {"study": _sourced({"enum": list(refs)})}}
    for study, ref in refs.items():
        said = {"required": ["study"], "properties": {"study": _sourced({"const": study})}}
        choice = {"if": said, "then": ref, "else": choice}
    return {"if": {"required": ["study"]}, "then": choice, "else": unsaid}


def _let_terminals_extend(whole: dict[str, Schema], parts: dict[str, Schema]) -> None:
    """Let terminals leave out what they take from the one that they extend, and their section be empty."""
    either: Schema = {
        "if": {"type": "object", "required": ["extends"]},
        "then": {"$ref": f"{PLACE}TerminalSection{PART}"},
        "else": {"$ref": f"{PLACE}TerminalSection"},
    }
    for section in (*whole.values(), *parts.values()):
        hardware = section.get("properties", {}).get("hardware", {})
        if "additionalProperties" not in hardware.get("else", {}):
            continue
        for branch in (hardware["else"], hardware["then"]["properties"]["value"]):
            branch["type"] = ["object", "null"]
            if section in whole.values():
                branch["additionalProperties"] = _sourced(either)


def _same(name: str) -> str:
    return name


def _part(name: str, schema: Schema) -> Schema:
    """Return a section without anything that must be there, as are the sections right within it."""
    part, whole = _section(schema, lambda inner: inner + PART), _section(schema, _same)
    part.pop("required", None)
    for key, value in part.get("properties", {}).items():
        if value == whole["properties"][key]:
            part["properties"][key] = {"$ref": f"{PLACE}{name}/properties/{key}"}
    return part


def _section(schema: Schema, named: Callable[[str], str]) -> Schema:
    """Return a section whose values may stand with their sources.

    Parameters
    ----------
    schema
        Of a model.
    named
        Gives the name of the section that stands for one right within this one; items of lists are whole.
    """
    made = {key: value for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        made["properties"] = {
            key: _sourced(_accepting(value, named)) for key, value in schema["properties"].items()
        }
    return made


def _sourced(schema: Schema) -> Schema:
    """Return the schema of a value, or of the value together with where it is from."""
    notes = {key: schema[key] for key in _NOTES if key in schema}
    plain = {key: value for key, value in schema.items() if key not in _NOTES}
    return {
        **notes,
        "if": {"$ref": PLACE + WITH_SOURCE},
        "then": {"properties": {"value": plain}},
        "else": plain,
    }


def _accepting(schema: Schema, named: Callable[[str], str]) -> Schema:
    """Return the schema of a value with the ways in which satqn lets it be written."""
    made = dict(schema)
    if "$ref" in made:
        place, _, name = made["$ref"].rpartition("/")
        made["$ref"] = f"{place}/{named(name)}"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in made:
            made[key] = [_accepting(branch, named) for branch in made[key]]
    # Lists are replaced as a whole: their items are never parts.
    if "items" in made:
        made["items"] = _sourced(_accepting(made["items"], _same))
    if "prefixItems" in made:
        made["prefixItems"] = [_sourced(_accepting(item, _same)) for item in made["prefixItems"]]
    if isinstance(made.get("additionalProperties"), dict):
        made["additionalProperties"] = _sourced(_accepting(made["additionalProperties"], named))
    return _in_quotes(made)


def _in_quotes(schema: Schema) -> Schema:
    """Let numbers stand in quotes, and truth be written as YAML 1.1 wrote it; moments in all their forms."""
    kind = schema.get("type")
    if kind in ("number", "integer") and "enum" not in schema and "const" not in schema:
        # Bounds hold for numbers alone and the pattern for text alone: JSON Schema, sections 6.2 and 6.3.
        return {**schema, "type": [kind, "string"], "pattern": _NUMBER if kind == "number" else _WHOLE}
    if kind == "boolean":
        ways: list[Schema] = [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": _TRUTH}]
        return {**{key: value for key, value in schema.items() if key != "type"}, "anyOf": ways}
    if schema.get("format") == "date-time":
        plain = {key: value for key, value in schema.items() if key != "format"}
        return {**plain, "pattern": _MOMENT}
    return schema
