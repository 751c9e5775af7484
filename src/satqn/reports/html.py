"""One self-contained page: no request leaves the machine when it is opened."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with text, tables or a figure below it; ``body`` is HTML already."""

    title: str
    body: str


def page(title: str, lead: str, parts: Iterable[Part]) -> str:
    """Return a whole HTML page with its style inside."""
    parts = list(parts)
    style = files("satqn.reports").joinpath("page.css").read_text(encoding="utf-8")
    contents = "".join(f'<a href="#part{n}">{escape(part.title)}</a>' for n, part in enumerate(parts))
    sections = "".join(
        f'<section id="part{n}"><h2>{escape(part.title)}</h2>{part.body}</section>'
        for n, part in enumerate(parts)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f"<header><h1>{escape(title)}</h1><p>{escape(lead)}</p><nav>{contents}</nav></header>"
        f"<main>{sections}</main></body></html>\n"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are numbers set to the right."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


BROAD = 1500
"""Pixels of a picture, 5 inches in print, above which its words are unreadable on a telephone."""


def image(png: bytes, caption: str) -> str:
    """Return a figure with its picture inside the page; a broad one scrolls sideways on a small screen."""
    data = base64.b64encode(png).decode()
    text = escape(caption)
    picture = f'<img alt="{text}" src="data:image/png;base64,{data}">'
    if _width(png) > BROAD:
        picture = f'<div class="broad">{picture}</div>'
    return f"<figure>{picture}<figcaption>{text}</figcaption></figure>"


def _width(png: bytes) -> int:
    """Return the width of a PNG picture in pixels, which its first chunk says."""
    return int.from_bytes(png[16:20], "big") if png.startswith(b"\x89PNG") else 0


def cards(figures: Iterable[tuple[str, str]]) -> str:
    """Return large figures side by side, each with what it is below."""
    boxes = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for value, name in figures
    )
    return f'<div class="cards">{boxes}</div>'


def details(summary: str, body: str) -> str:
    """Return something that opens when its summary is clicked; ``body`` is HTML already."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def bullets(lines: Iterable[str]) -> str:
    """Return sentences as a list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are all text, set to the left."""
    return f'<div class="texts">{table(columns, rows)}</div>'


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def key_values(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return nested values as rows of dotted key and value."""
    rows: list[tuple[str, str]] = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            rows.extend(key_values(value, f"{prefix}{key}."))
        else:
            rows.append((prefix + key, "—" if value is None else str(value)))
    return rows
