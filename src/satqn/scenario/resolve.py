"""The machine form of a scenario: every key present, nothing implicit, each with where it came from."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ruamel.yaml import YAML

from satqn.scenario.reading import Loc
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
    # ruamel types the attribute as None, its default.
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump(resolved, stream)
    return stream.getvalue()


def leaves(node: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Yield every single value of a tree with its path; an empty list or mapping is one, too.

    Examples
    --------
    >>> list(leaves({"a": [1, 2], "b": {}}))
    [(('a', 0), 1), (('a', 1), 2), (('b',), {})]
    """
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, (*loc, key))
    elif isinstance(node, list) and node:
        for i, value in enumerate(node):
            yield from leaves(value, (*loc, i))
    else:
        yield loc, node


def dotted(loc: Loc) -> str:
    """Return a path as it is written after ``--set``."""
    return ".".join(map(str, loc))


def commented_yaml(data: Mapping[str, Any], origins: Mapping[str, str], title: str) -> str:
    """Return a tree of values as YAML 1.2 with a comment on every line that says where its value came from.

    Parameters
    ----------
    data
        Plain values.
    origins
        For the dotted path of every leaf, where it came from.
    title
        Comment at the top.
    """
    lines = [f"# {_comment(title)}"]
    _mapping(data, (), "", "", origins, lines)
    return "\n".join(lines) + "\n"


def _mapping(
    data: Mapping[str, Any], loc: Loc, first: str, indent: str, origins: Mapping[str, str], lines: list[str]
) -> None:
    """Add the lines of a mapping; the first of them begins with ``first``."""
    for number, (key, value) in enumerate(data.items()):
        start = f"{indent if number else first}{_scalar(key)}:"
        _value(value, (*loc, key), start, indent, origins, lines)


def _value(
    value: Any, loc: Loc, start: str, indent: str, origins: Mapping[str, str], lines: list[str]
) -> None:
    flat = _flat(value, loc, origins)
    if flat is not None:
        text, origin = flat
        lines.append(f"{start} {text}  # {_comment(origin)}")
        return
    lines.append(start)
    if isinstance(value, dict):
        _mapping(value, loc, indent + "  ", indent + "  ", origins, lines)
        return
    for i, item in enumerate(value):
        here, inner = (*loc, i), indent + "    "
        if isinstance(item, dict) and item:
            _mapping(item, here, f"{indent}  - ", inner, origins, lines)
        else:
            _value(item, here, f"{indent}  -", inner, origins, lines)


def _flat(value: Any, loc: Loc, origins: Mapping[str, str]) -> tuple[str, str] | None:
    """Return text and origin of what goes onto one line: a single value, or a short list of one origin."""
    if isinstance(value, dict):
        return None if value else ("{}", origins[dotted(loc)])
    if not isinstance(value, list):
        return _scalar(value), origins[dotted(loc)]
    if not value:
        return "[]", origins[dotted(loc)]
    if any(isinstance(item, list | dict) for item in value):
        return None
    own = [origins[dotted((*loc, i))] for i in range(len(value))]
    if len({re.sub(r":\d+$", "", origin) for origin in own}) > 1 or len(value) > 12:
        return None
    return f"[{', '.join(map(_scalar, value))}]", own[0]


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def _scalar(value: Any) -> str:
    """Return a single value as YAML 1.2; text that could be something else stands in quotes."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return "".join(c if c.isprintable() else _escaped(c) for c in json.dumps(value, ensure_ascii=False))


def _escaped(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))
