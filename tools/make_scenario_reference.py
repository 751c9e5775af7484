"""Write docs/reference/scenario-format.md from the models of scenario files.

    python tools/make_scenario_reference.py

A test compares the page with what this program would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from satqn.files import write_atomically
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.keys import bounds, range_words, section_of
from satqn.scenario.planning import PlanScenario
from satqn.scenario.schema import Scenario

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "scenario-format.md"

UNITS = {
    "km_per_s": "km/s", "db_per_km": "dB/km", "pairs_per_s": "pairs/s", "counts_per_s": "1/s",
    "rate_per_s": "pairs/s", "km": "km", "m": "m", "nm": "nm", "deg": "°", "urad": "µrad",
    "s": "s", "us": "µs", "ns": "ns",
}  # fmt: skip
"""Ends of keys and the units they stand for; longer ends first."""

HEAD = """# Scenario format

*This page is generated from the models by `tools/make_scenario_reference.py`; `satqn schema` prints the
same as JSON Schema.*

A scenario is a YAML 1.2 file (JSON is a part of YAML). `study` says what it is for:
[`plan`](#study-plan), a network planned over time slots; [`hybrid`](#study-hybrid), pairs of users of
the hybrid protocol; [`case-study`](#study-case-study), the random case study of Zhang et al. (2024),
without places. A file without `study` and without `schema_version` is one of version 1, which had
`hybrid` only.

`satqn validate FILE` reports every fault with file, line, column and what to do. First the shape of the
file is checked (keys, kinds and ranges of values), and when that is right its meaning (names, times,
terminals), then the tables, networks and catalogues that it names. `satqn resolve FILE` writes
everything out, and behind each value where it came from.

## Rules

- **Units** stand in the names of keys: `altitude_km`, `slot_s`. No suffix is a plain number.
- An **unknown key**, a key that stands **twice**, NaN and infinity are faults, and so is `true` where a
  number belongs.
- **Numbers with their source**: any value may be written `{value: 0.15, source: "where it is from"}`;
  the source shows in `satqn resolve` and in the report.
- **`extends: NAME`** puts a file over a scenario of the catalogue (`satqn scenarios`) or over a file in
  the same folder or below it. Mappings are merged key by key; **lists are replaced as a whole**, also
  lists of nodes, HAPs, satellites and demands: items are not merged by their ids. A terminal under
  `hardware` may extend another one, or one of the catalogue of the same name, in the same way.
- **`--set KEY=VALUE`** changes one value: dotted keys, items of lists by id or by number from 0 (`--set
  satellites.MEO.walker.altitude_km=8000`, `--set demands.0.weight=2`).
- **Files** are named relative to the file in which the name stands, and lie in its folder or below it.
- **Ids** of ground nodes, HAPs, groups of satellites and satellites are unique among each other, those
  of demands among demands. Satellites of a group without names of their own are called `GROUP-1`,
  `GROUP-2`, …
- **Terminals** are named: those of the scenario's own `hardware`, else those of the catalogue. HAPs and
  satellites need a transmitter, ground stations a receiver, HAPs a memory; where light should go from
  one to another, both have the same wavelength.
"""


PARTS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("plan", PlanScenario, "Ground nodes, fibre, HAPs and satellites, and demands over time slots."),
    (
        "hybrid",
        Scenario,
        "Pairs of users of fibre, a satellite and ground stations; the defaults are those of shao2025.",
    ),
    ("case-study", CaseStudyScenario, "Two cities, two HAPs and two satellites; the links are drawn."),
)


def page() -> str:
    """Return the whole page."""
    lines = [HEAD]
    for study, model, about in PARTS:
        lines += [f"## study: {study}\n", about + "\n"]
        shown: set[type[BaseModel]] = set()
        for path, section in sections(model, ""):
            if section in shown:
                continue
            shown.add(section)
            lines += table(path, section)
    return "\n".join(lines).rstrip() + "\n"


def sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every section with its path, a section before those in it."""
    yield path, model
    for name, info in model.model_fields.items():
        inner = section_of(info.annotation)
        if inner is not None:
            yield from sections(inner, f"{path}{name}{_items(info.annotation)}.")


def table(path: str, section: type[BaseModel]) -> list[str]:
    """Return heading and table of one section."""
    lines = []
    if path:
        about = (section.__doc__ or "").strip()
        lines += [f"### {path.rstrip('.')}\n", " ".join(about.split()) + "\n"]
    lines += ["| key | value | unit | default | meaning |", "|---|---|---|---|---|"]
    for name, info in section.model_fields.items():
        meaning = " ".join((info.description or "").split()).replace("``", "`")
        cells = (f"`{name}`", kind(info), unit(name), default(info), meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*lines, ""]


def _items(annotation: Any) -> str:
    """Return what stands for the items of a list or a mapping in a path."""
    origin = get_origin(annotation)
    if origin is tuple:
        return "[]"
    if origin is dict:
        return ".NAME"
    return next((found for part in get_args(annotation) if (found := _items(part))), "")


def kind(info: FieldInfo) -> str:
    """Return what kind of value a key takes, with its range."""
    words = list(dict.fromkeys(_kinds(info.annotation)))
    limits = range_words(bounds(info))
    return ", ".join(part for part in (" or ".join(words), limits) if part)


def _kinds(annotation: Any) -> Iterator[str]:
    origin = get_origin(annotation)
    plain = {float: "number", int: "whole number", bool: "true or false", str: "text", type(None): ""}
    if annotation in plain:
        yield from filter(None, [plain[annotation]])
    elif origin is Literal:
        yield from (f"`{value}`" for value in get_args(annotation))
    elif origin is dict:
        inner = section_of(annotation)
        yield "sections by name" if inner is not None else "mapping of names to text or numbers"
    elif origin is tuple:
        items = [part for part in get_args(annotation) if part is not Ellipsis]
        many = "list" if Ellipsis in get_args(annotation) else f"list of {len(items)}:"
        of = "sections" if section_of(annotation) is not None else ", ".join(dict.fromkeys(_kinds(items[0])))
        yield f"{many} {'of ' if many == 'list' else ''}{of}"
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "section"
    elif get_args(annotation):
        for part in get_args(annotation):
            if not hasattr(part, "metadata") and (isinstance(part, type) or get_args(part)):
                yield from _kinds(part)
    else:
        yield "moment with a time zone"


def unit(name: str) -> str:
    """Return the unit that the name of a key says."""
    for end, words in UNITS.items():
        if name == end or name.endswith(f"_{end}"):
            return words
    return ""


def default(info: FieldInfo) -> str:
    """Return the default of a key."""
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | dict | str) and not value:
        return "empty"
    return (
        f"{value:.10g}"
        if isinstance(value, float)
        else f"`{value}`"
        if isinstance(value, str)
        else str(value)
    )


if __name__ == "__main__":
    write_atomically(PAGE, page())
