"""In what two scenarios, two instances or two plans differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from satqn.errors import InputError
from satqn.extras import need
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan
from satqn.model.shown import Shown
from satqn.planning import is_instance_file
from satqn.routing.documents import read_document
from satqn.routing.instance_file import load_instance
from satqn.routing.instance_writer import instance_document
from satqn.routing.plan_file import load_plan
from satqn.scenario.load import AnyScenario, load_any
from satqn.scenario.planning import PlanScenario
from satqn.topology.expand import expanded
from satqn.whatif.notebook import rows_html
from satqn.whatif.plan_view import plan_view

Kind = Literal["scenarios", "instances", "plans"]

NAMES = ("id", "ends", "pair")
"""What names the items of a list, in this order; other lists are compared place by place."""


@dataclass(frozen=True, slots=True, repr=False)
class Change(Shown):
    """A key that differs.

    Parameters
    ----------
    key
        Dotted; items of lists by their name.
    kind
        ``added`` (only the second has it), ``removed`` or ``changed``.
    before, after
        Its values; None where there is none.
    """

    key: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {"key": self.key, "change": self.kind, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True, repr=False)
class Difference(Shown):
    """In what two files differ.

    Parameters
    ----------
    kind
        What was compared.
    changes
        In the order of the first; empty if both say the same.
    """

    kind: Kind
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def _repr_html_(self) -> str:
        return rows_html([change.to_dict() for change in self.changes])

    def to_pandas(self) -> Any:
        """Return the changes as a ``pandas.DataFrame`` with key, change, before and after.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        rows = [change.to_dict() for change in self.changes]
        return need("pandas").DataFrame(rows, columns=["key", "change", "before", "after"])

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "kind": self.kind,
            "equal": not self.changes,
            "changes": [change.to_dict() for change in self.changes],
        }


Source = str | Path | AnyScenario | RoutingInstance | Plan


def difference(a: Source, b: Source) -> Difference:
    """Compare two scenarios, two instances or two plans by what they say, not by their text.

    Parameters
    ----------
    a, b
        Scenarios (names or files), instance files, or plan files; or what was read from them.

    Raises
    ------
    InputError
        One of them cannot be read, or they are of two kinds.

    Examples
    --------
    >>> difference("us-cities", "us-cities").changes
    ()
    """
    (kind, before), (other, after) = _view(a), _view(b)
    if kind != other:
        raise InputError(
            f"{_called(a)} is one of {kind}, {_called(b)} one of {other}",
            why="Only things of one kind can be compared",
            fix="Give two scenarios, two instances or two plans",
        )
    return Difference(kind, tuple(changes(before, after)))


def _called(source: Source) -> str:
    return str(source) if isinstance(source, str | Path) else f"a {type(source).__name__}"


def _view(source: Source) -> tuple[Kind, dict[str, Any]]:
    """Return what a source is, and what it says as a tree of plain values."""
    if isinstance(source, Plan):
        return "plans", plan_view(source)
    if isinstance(source, RoutingInstance):
        return "instances", instance_document(source)
    if not isinstance(source, str | Path):
        scenario = source
    elif _is_plan(source):
        return "plans", plan_view(load_plan(source))
    elif is_instance_file(source):
        load_instance(source)  # tells every fault
        return "instances", read_document(source)[0]
    else:
        scenario = load_any(source).scenario
    if isinstance(scenario, PlanScenario):
        scenario = expanded(scenario)
    return "scenarios", json.loads(scenario.model_dump_json(by_alias=True))


def _is_plan(source: str | Path) -> bool:
    path = Path(source)
    return (
        path.suffix == ".json" and path.is_file() and read_document(source)[0].get("format") == "satqn-plan"
    )


def changes(before: Any, after: Any, key: str = "") -> Iterator[Change]:
    """Yield in what two trees of plain values differ.

    Parameters
    ----------
    before, after
        Numbers, text, lists and mappings.
    key
        Where in a larger tree they stand.

    Examples
    --------
    >>> [change.key for change in changes({"n": [{"id": "a", "x": 1}]}, {"n": [{"id": "a", "x": 2}]})]
    ['n.a.x']
    """
    one, other = _branches(before), _branches(after)
    if one is None or other is None or (isinstance(before, list) != isinstance(after, list)):
        if _differ(before, after):
            yield Change(key, "changed", before, after)
        return
    for name in dict.fromkeys([*one, *other]):
        inner = f"{key}.{name}" if key else name
        if name not in other:
            yield Change(inner, "removed", one[name], None)
        elif name not in one:
            yield Change(inner, "added", None, other[name])
        else:
            yield from changes(one[name], other[name], inner)


def _differ(before: Any, after: Any) -> bool:
    """Whether two values differ; 1 and 1.0 are the same number, 1 and True are not."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) != len(after) or any(map(_differ, before, after))
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() != after.keys() or any(_differ(before[key], after[key]) for key in before)
    return bool(isinstance(before, bool) != isinstance(after, bool) or before != after)


def _branches(node: Any) -> dict[str, Any] | None:
    """Return the branches of a mapping or of a list whose items have names; None for anything else."""
    if isinstance(node, Mapping):
        return {str(key): value for key, value in node.items()}
    if not isinstance(node, list) or not all(isinstance(item, Mapping) for item in node):
        return None
    names = [_name(item) for item in node]
    if None in names or len(set(names)) < len(names):
        return {str(place): item for place, item in enumerate(node)}
    return dict(zip(map(str, names), node, strict=True))


def _name(item: Mapping[str, Any]) -> str | None:
    for field in NAMES:
        value = item.get(field)
        if isinstance(value, str):
            return value
        if isinstance(value, list | tuple):
            return "–".join(sorted(map(str, value)))
    return None
