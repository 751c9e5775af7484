"""Reading JSON or YAML records against a schema: every fault with its record and field, all at once."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from satqn.documents import Loc, decode, parse_json, parse_yaml, read_bytes
from satqn.errors import InvalidFileError, Problem, shown

M = TypeVar("M", bound=BaseModel)


def read_document(path: str | Path) -> tuple[dict[str, Any], bytes]:
    """Read a JSON or YAML file that holds one object.

    Parameters
    ----------
    path
        The file; ``.yaml`` and ``.yml`` are read as YAML 1.2, everything else as JSON.

    Returns
    -------
    document, content
        The object, and the bytes of the file.

    Raises
    ------
    InputError
        The file cannot be read.
    InvalidFileError
        It is not text, JSON or YAML, a key stands twice, or it is not one object.
    """
    content = read_bytes(path)
    text = decode(content, str(path))
    if not text.isascii():
        # Ids in composed form: an ö is one sign or two by the system on which the file was written.
        text = unicodedata.normalize("NFC", text)
    if Path(path).suffix in {".yaml", ".yml"}:
        document = parse_yaml(text, str(path))
    else:
        document = parse_json(text, str(path), locate)
    if not isinstance(document, dict):
        raise InvalidFileError(str(path), [Problem(str(path), "the file must hold one object of fields")])
    return document, content


def validate(model: type[M], document: Mapping[str, Any]) -> tuple[M | None, list[Problem]]:
    """Return the record, or None and its faults, each naming record and field.

    Parameters
    ----------
    model
        The schema.
    document
        What the file says.
    """
    try:
        return model.model_validate(document), []
    except ValidationError as error:
        return None, [_problem(fault, model, document) for fault in error.errors()]


def _problem(fault: Any, model: type[BaseModel], document: Mapping[str, Any]) -> Problem:
    loc = tuple(part for part in fault["loc"] if part not in {"number", "list", "by node"})
    where = locate(loc, document)
    kind, value = fault["type"], fault.get("input")
    if kind == "missing":
        about = _description(model, loc)
        return Problem(where, "this field is missing", about)
    if kind == "extra_forbidden":
        known = list(_section(model, loc[:-1]).model_fields)
        near = difflib.get_close_matches(str(loc[-1]), known, n=1)
        return Problem(
            where, "unknown field", f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(known)
        )
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return Problem(where, f"{message}, not {shown(value)}", _description(model, loc))


def locate(loc: Iterable[int | str], document: Mapping[str, Any]) -> str:
    """Return a place in words: ``links[2] (a–b).rate[0]``.

    Parameters
    ----------
    loc
        Keys and positions from the top of the document.
    document
        The document, for the names of its records.
    """
    text, node = "", document
    for part in loc:
        try:
            # The path comes from a validation of this very document.
            node = node[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            node = {}
        text += f"[{part}]" if isinstance(part, int) else ("." if text else "") + str(part)
        if isinstance(part, int) and isinstance(node, Mapping):
            text += _label(node)
    return text


def _label(record: Mapping[str, Any]) -> str:
    for field in ("id", "ends", "pair", "path", "class"):
        value = record.get(field)
        if isinstance(value, str):
            return f" ({value})"
        if isinstance(value, list):
            return f" ({'–'.join(map(str, value))})"
    return ""


def _section(model: type[BaseModel], loc: Loc) -> type[BaseModel]:
    """Return the record type at a place of the document."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            inner = _record_type(model.model_fields[part].annotation)
            model = inner or model
    return model


def _record_type(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _record_type(part)
        if found:
            return found
    return None


def _description(model: type[BaseModel], loc: Loc) -> str:
    names = [part for part in loc if isinstance(part, str)]
    field = _section(model, loc[:-1] if isinstance(loc[-1], str) else loc).model_fields.get(names[-1])
    return (field.description or "").rstrip(".") if field else ""
