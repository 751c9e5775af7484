"""XML as a tree that knows its lines; entities, DTDs and deep nesting are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from satqn.errors import InvalidFileError, Problem

DEEPEST = 100
"""Elements within elements; formats of networks have about ten."""


@dataclass(slots=True)
class Element:
    """An element without its namespace.

    Parameters
    ----------
    tag, attributes
        Without prefixes.
    line
        Where it begins.
    text
        Its own text, that of elements within it left out.
    children
        Elements within it.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """Return the elements right within this one that have a tag."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Element | None:
        """Return the first element right within this one that has a tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def walk(self, tag: str) -> Iterator[Element]:
        """Yield every element with a tag within this one, at any depth, in the order of the file."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.walk(tag)


def parse_xml(content: bytes, name: str) -> Element:
    """Return the root of an XML file.

    Raises
    ------
    InvalidFileError
        Not well formed, cut off, in an encoding that is not known, or with entities of its own.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    tree = _Tree(parser, name)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        what, fix = f"not well-formed XML: {expat.errors.messages[error.code]}", "is the file whole?"
        problem = Problem(f"{name}:{error.lineno}:{error.offset + 1}", what, fix)
        raise InvalidFileError(name, [problem]) from error
    except (ValueError, LookupError) as error:
        raise InvalidFileError(name, [Problem(name, f"not XML that can be read: {error}")]) from error
    assert tree.root is not None  # expat refuses a document without one
    return tree.root


class _Tree:
    """Builds the tree from what the parser finds."""

    def __init__(self, parser: expat.XMLParserType, name: str) -> None:
        self.parser, self.name = parser, name
        self.root: Element | None = None
        self.open: list[Element] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data
        parser.EntityDeclHandler = self.entity
        parser.buffer_text = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            self.refuse(f"elements within elements, more than {DEEPEST} deep", "this is no network")
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        element = Element(tag.rpartition("}")[2], plain, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _tag: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def entity(self, *_declared: object) -> None:
        self.refuse("the file declares entities of its own", "take the <!DOCTYPE …> out")

    def refuse(self, what: str, fix: str) -> None:
        where = f"{self.name}:{self.parser.CurrentLineNumber}"
        raise InvalidFileError(self.name, [Problem(where, what, fix)])
