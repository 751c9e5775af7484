"""From the faults that the models find to sentences: what is wrong, and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from satqn.errors import shown
from satqn.scenario.keys import bounds, range_words, section_at
from satqn.scenario.reading import Fault, Loc
from satqn.scenario.unit_hints import misread_unit, other_unit

_SCALARS = {"float", "int", "str", "bool", "constrained-int", "constrained-float"}
"""Names of union branches of plain values."""


def worded(found: Iterable[Any], model: type[BaseModel], data: Any) -> Iterator[Fault]:
    """Yield every fault once, in words.

    Parameters
    ----------
    found
        ``ValidationError.errors()``.
    model
        The model of the whole scenario.
    data
        What the scenario says.
    """
    by_place: dict[Loc, list[Any]] = {}
    for fault in found:
        by_place.setdefault(_without_branches(fault["loc"], data), []).append(fault)
    suggested: set[tuple[Loc, int | str]] = set()
    faults = []
    for loc, there in by_place.items():
        what, fix = _explain(there, loc, model, data)
        if there[0]["type"] == "extra_forbidden":
            suggested.update((loc[:-1], word.strip("'?:")) for word in fix.split())
        faults.append((loc, what, fix, there[0]["type"]))
    for loc, what, fix, kind in faults:
        # A key with a slip of the pen is one fault, not an unknown key and a missing one.
        if kind != "missing" or (loc[:-1], loc[-1]) not in suggested:
            yield loc, what, fix


def _without_branches(loc: Loc, data: Any) -> Loc:
    """Return a path without pydantic's names of union branches (``literal['none']``, ``tuple[...]``)."""
    kept: list[int | str] = []
    node = data
    for part in loc:
        there = isinstance(node, dict) and part in node
        there |= isinstance(node, list) and isinstance(part, int) and part < len(node)
        branch = isinstance(part, str) and (
            part in _SCALARS or part.endswith("]") or part.startswith("function-")
        )
        if there or not branch:  # a key of the file may look like a branch
            kept.append(part)
            node = node[part] if there else None
    return tuple(kept)


def _explain(there: list[Any], loc: Loc, model: type[BaseModel], data: Any) -> tuple[str, str]:
    section = section_at(model, loc)
    info = section.model_fields.get(str(loc[-1])) if section is not None and loc else None
    words = [fault for fault in there if fault["type"] == "literal_error"]
    others = [fault for fault in there if fault["type"] != "literal_error"]
    what, fix = _one((others or words)[0], loc, section, info, data)
    if words and others:
        fix = " ".join(part for part in (fix, f"or write {words[0]['ctx']['expected']}") if part)
    return what, fix


def _one(
    fault: Any, loc: Loc, section: type[BaseModel] | None, info: FieldInfo | None, data: Any
) -> tuple[str, str]:
    kind, value, context = fault["type"], fault.get("input"), fault.get("ctx") or {}
    names = list(section.model_fields) if section is not None else []
    if kind == "extra_forbidden":
        return "unknown key", _suggestion(str(loc[-1]), value, names)
    if kind == "missing":
        return (
            ("an item is missing", "") if isinstance(loc[-1], int) else ("this key is missing", _means(info))
        )
    if value is None:
        optional = info is not None and not info.is_required() and not isinstance(loc[-1], int)
        return "nothing stands here", _wanted(kind, info) + (", or leave the key out" if optional else "")
    if kind == "literal_error":
        near = difflib.get_close_matches(str(value), re.findall(r"'([^']*)'", context["expected"]), n=1)
        return (
            f"{_shown(value)} is not {context['expected']}",
            f"did you mean {near[0]!r}?" if near else "write one of them" if "or" in context["expected"] else
            f"write {context['expected']}",
        )  # fmt: skip
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        limits = bounds(info) if info is not None else {}
        size = "small" if kind.startswith("greater") else "large"
        hint = _swapped(loc, value, data) or misread_unit(str(_key(loc)), value, limits or context)
        return f"{_shown(value)} is too {size}: {range_words(limits or context)}", hint
    if kind == "finite_number":
        return f"{_shown(value)} is not a finite number", "write a number"
    if kind == "moment" or kind.startswith(("datetime", "timezone")):
        if kind == "timezone_aware":
            return f"{_shown(value)} has no time zone", f"write '{value}Z' for UTC, or end it with +02:00"
        return f"{_shown(value)} is not a moment", "write it as 2026-06-21T00:00:00Z"
    if kind == "string_pattern_mismatch":
        what = (
            "a line break"
            if set(str(value)) & set("\r\n\v\f\x85\u2028\u2029")
            else "a blank, a comma or a bar"
        )
        return f"{_shown(value)} has {what} in it", "write e.g. New-York: such signs separate names"
    if kind == "string_too_short":
        return "the text is empty", "write something"
    if kind == "string_too_long":
        return f"the text is {len(str(value))} characters long", f"at most {context['max_length']}"
    if kind == "too_short":
        return f"{context['actual_length']} items, too few", f"give at least {context['min_length']}"
    if kind == "too_long":
        return f"{context['actual_length']} items, too many", f"give {context['max_length']}"
    if isinstance(value, dict) and "value" in value:
        return (
            f"{_shown(value)} is not a number",
            'write the number alone, or with its source: {value: 1, source: "…"}',
        )
    return f"{_shown(value)} is not {_noun(kind)}", _wanted(kind, info)


_NOUNS = {
    "float": "a number", "int": "a whole number", "bool": "true or false", "string": "text",
    "tuple": "a list", "list": "a list", "dict": "a mapping of names to values", "model": "a section of keys",
    "truth": "a number",
}  # fmt: skip


def _noun(kind: str) -> str:
    return _NOUNS.get(kind.split("_")[0], "a value that fits")


def _wanted(kind: str, info: FieldInfo | None) -> str:
    stem = kind.split("_")[0]
    if stem in ("float", "int", "truth") and info is not None:
        return ", ".join(part for part in (f"write {_noun(kind)}", range_words(bounds(info))) if part)
    return {
        "model": "write its keys below it, indented",
        "dict": "write names and values below it, indented",
        "tuple": "write a list: [a, b], or one item a line after '- '",
        "list": "write a list: [a, b], or one item a line after '- '",
        "string": "put it in quotes if it is a name",
    }.get(stem, f"write {_noun(kind)}")


def _means(info: FieldInfo | None) -> str:
    """Return the first sentence of what a key says about itself."""
    text = (info.description if info is not None else None) or ""
    sentence = " ".join(text.split()).split(". ")[0].rstrip(".")
    return f"needed: {sentence}" if sentence else ""


def _suggestion(key: str, value: object, names: list[str]) -> str:
    unit = other_unit(key, value, names)
    if unit:
        return unit
    near = difflib.get_close_matches(key, names, n=1)
    return f"did you mean {near[0]!r}?" if near else "known keys: " + ", ".join(names)


def _key(loc: Loc) -> int | str:
    return next((part for part in reversed(loc) if isinstance(part, str)), "")


def _swapped(loc: Loc, value: Any, data: Any) -> str:
    """Say so where latitude and longitude would fit if they changed places."""
    if loc[-1] != "lat_deg" or not isinstance(value, int | float) or abs(value) > 180:
        return ""
    try:
        for part in loc[:-1]:
            data = data[part]
        other = data["lon_deg"]
    except (KeyError, IndexError, TypeError):
        return ""
    return "are lat_deg and lon_deg swapped?" if isinstance(other, int | float) and abs(other) <= 90 else ""


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)
