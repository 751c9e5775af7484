"""What the models say about keys: which there are, where they stand, in which range their values lie."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from satqn.scenario.reading import Loc
from satqn.scenario.schema import Scenario


def known_keys(model: type[BaseModel] = Scenario) -> list[str]:
    """Return every dotted key that a scenario can have."""
    keys: list[str] = []

    def walk(section: type[BaseModel], prefix: str) -> None:
        for name, info in section.model_fields.items():
            inner = section_of(info.annotation)
            if inner is None:
                keys.append(prefix + name)
            else:
                walk(inner, f"{prefix}{name}.")

    walk(model, "")
    return keys


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the section behind an annotation, also as an item of a list or a mapping, or None."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := section_of(part)) is not None), None)


def section_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """Return the section in which the last key of a path stands."""
    here: type[BaseModel] | None = model
    for part in loc[:-1]:
        if here is not None and isinstance(part, str) and part in here.model_fields:
            here = section_of(here.model_fields[part].annotation)
        # A number is an item of a list, an unknown name one of a mapping: the section stays.
    return here


def bounds(info: FieldInfo) -> dict[str, float]:
    """Return the bounds ``ge``, ``gt``, ``le`` and ``lt`` of a key, as far as it has them."""
    found: dict[str, float] = {}

    def note(metadata: Any) -> None:
        for item in metadata:
            if isinstance(item, FieldInfo):
                note(item.metadata)
            for name in ("ge", "gt", "le", "lt"):
                if getattr(item, name, None) is not None:
                    found[name] = getattr(item, name)

    def walk(annotation: Any) -> None:
        if get_origin(annotation) is Annotated:
            note(annotation.__metadata__)
        for part in get_args(annotation):
            walk(part)

    note(info.metadata)
    walk(info.annotation)
    return found


def range_words(limits: dict[str, float]) -> str:
    """Return a range in words.

    Examples
    --------
    >>> range_words({"ge": -90, "le": 90}), range_words({"gt": 0, "le": 1}), range_words({"ge": 1})
    ('from -90 to 90', 'above 0, at most 1', 'at least 1')
    """
    if "ge" in limits and "le" in limits:
        return f"from {limits['ge']:.10g} to {limits['le']:.10g}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return ", ".join(f"{words[name]} {limits[name]:.10g}" for name in words if name in limits)
