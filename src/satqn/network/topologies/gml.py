"""GML, the Graph Modelling Language: the Topology Zoo, topohub, networkx, yEd and Gephi."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from satqn.errors import InvalidFileError, Problem
from satqn.network.topologies.model import RawLink, RawNode, RawTopology

DEEPEST = 50
"""Lists within lists; those of networks have about four."""

_TOKEN = re.compile(
    r"""[ \t\r\f\v]+ | (?P<line>\n) | (?P<comment>\#[^\n]*) | "(?P<text>[^"]*)" | (?P<open>\[) | (?P<close>\])
    | (?P<word>[^\s"\[\]]+)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|INF|NAN)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A key with its value, which is a number, a text or a list of pairs."""

    key: str
    value: Any
    line: int


class _FaultError(Exception):
    """What is wrong, and in which line."""


def gml_topology(text: str, name: str) -> RawTopology:
    """Read a network from GML.

    Raises
    ------
    InvalidFileError
        It is not GML, has no graph or several, or nodes and edges without what names them.

    Notes
    -----
    Signs beyond ASCII may stand as entities (``&#252;``) or as they are. Drawings are not taken.
    """
    try:
        top = _pairs(_tokens(text), 0)
        graphs = [pair for pair in top if pair.key == "graph" and isinstance(pair.value, list)]
        if len(graphs) != 1:
            line = graphs[1].line if graphs else 1
            raise _FaultError(
                f"{len(graphs)} graphs in one file: keep one" if graphs else "no graph in it", line
            )
        graph: list[_Pair] = graphs[0].value
        nodes = [_node(pair) for pair in graph if pair.key == "node"]
        links = [_link(pair) for pair in graph if pair.key == "edge"]
    except _FaultError as fault:
        what, line = fault.args
        raise InvalidFileError(name, [Problem(f"{name}:{line}", what)]) from fault
    return RawTopology(nodes, links, about=_facts(graph))


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line, at = 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _FaultError('a text that begins here has no end (")', line)
        kind = match.lastgroup
        if kind in ("text", "open", "close", "word"):
            yield kind, match[kind], line
        line += match[0].count("\n")
        at = match.end()
    yield "end", "", line


def _pairs(tokens: Iterator[tuple[str, str, int]], depth: int) -> list[_Pair]:
    """Return the pairs of a list up to its end."""
    if depth > DEEPEST:
        raise _FaultError(f"lists within lists, more than {DEEPEST} deep", next(tokens)[2])
    found: list[_Pair] = []
    for kind, key, line in tokens:
        if kind == ("close" if depth else "end"):
            return found
        if kind == "end":
            raise _FaultError("the file ends within a list: a ] is missing", line)
        if kind != "word":
            raise _FaultError(f"{'a ]' if kind == 'close' else 'a value'} where a key belongs", line)
        kind, value, begin = next(tokens)
        if kind == "open":
            found.append(_Pair(key, _pairs(tokens, depth + 1), line))
        elif kind == "text":
            found.append(_Pair(key, html.unescape(value), begin))
        elif kind == "word":
            found.append(_Pair(key, _plain(value), begin))
        else:
            raise _FaultError(f"the key {key!r} has no value", line)
    raise AssertionError("the tokens end with one that says so")


def _plain(word: str) -> Any:
    """Return a number where it is one; other words stand for themselves, as some programs write them."""
    if not _NUMBER.fullmatch(word):
        return word
    try:
        return int(word)
    except ValueError:
        return float(word)


def _facts(pairs: list[_Pair]) -> dict[str, Any]:
    """Return the single values of a list; of a key that stands twice the first one."""
    facts: dict[str, Any] = {}
    for pair in pairs:
        if not isinstance(pair.value, list):
            facts.setdefault(pair.key, pair.value)
    return facts


def _node(pair: _Pair) -> RawNode:
    facts = _facts(pair.value if isinstance(pair.value, list) else [])
    if "id" not in facts:
        raise _FaultError("a node without an id", pair.line)
    own = facts.pop("id")
    label = facts.pop("label", None)
    return RawNode(own, facts.get("name") if label is None else label, f"line {pair.line}", facts)


def _link(pair: _Pair) -> RawLink:
    facts = _facts(pair.value if isinstance(pair.value, list) else [])
    if "source" not in facts or "target" not in facts:
        raise _FaultError("an edge without source and target", pair.line)
    return RawLink(facts.pop("source"), facts.pop("target"), f"line {pair.line}", facts)
