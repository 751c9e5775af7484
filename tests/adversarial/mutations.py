"""What is done to a file before it is given to satqn: to its tree of values, to its text, to its bytes."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from typing import Any

EVIL: list[Any] = [
    None, True, False, 0, 1, -1, 2, 0.5, -0.0, 1e-320, 1e-300, 1e300, -1e300, math.inf, -math.inf, math.nan,
    2**31, 2**53 + 1, 2**63, 10**30, 10**400, "", " ", "x", "x" * 61, "x" * 100_000, "1e6", "0x10", "²", "１",
    "\u202eevil", "\x1b[31mred", "[/x]", "[red]k", "a\nb", "a\0b", "\ud83d\ude00", "=1+1", "../x", "/etc/passwd",
    "..", "nul", "2026-02-30", "2026-06-21T00:00:00Z", "9999-12-31T23:59:60Z", "0000-00-00", "no", "~", "null",
    [], {}, [[]], [None], [1, 2], {"value": 1, "source": "x"}, {"value": {}, "source": 5}, {"id": "x"}, [{}] * 3,
]  # fmt: skip
"""Values that no key expects, and some that look right."""

SNIPPETS = [
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n", b"\t", b"\x1b[2J", b"{", b"}", b"[" * 200, b"- " * 200,
    b"{a: " * 100, b"&a [*a]", b"*b", b"<<: *a\n", b"<<: {name: x}\n", b"!!python/object:os.system x", b"!x ",
    b"---\n", b"...\n", b"%YAML 1.1\n", b"? ", b": ", b"'", b'"', b"|\n", b">", b"#", b"@", b"`", b",", b";",
    b"9" * 400, b"1e999", b".nan", b"NaN", b"-Infinity", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"</", b"<x>",
    b"\xe2\x80\xae", b"\xc2\xa0", b"\xc2\xb2",
]  # fmt: skip
"""Bytes that are put somewhere into a file."""


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield container and key of every value of a tree."""
    stack = [tree]
    while stack:
        node = stack.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in list(keys):
            yield node, key
            if isinstance(node[key], dict | list):
                stack.append(node[key])


def changed_tree(tree: Any, rng: random.Random) -> Any:
    """Return a copy of a tree with one to three values changed."""
    tree = copy.deepcopy(tree)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        found = list(places(tree))
        if not found:
            break
        node, key = rng.choice(found)
        act = rng.randrange(8)
        if act <= 3:
            node[key] = copy.deepcopy(rng.choice(EVIL))
        elif act == 4:
            del node[key]
        elif act == 5 and isinstance(node, list):
            node.insert(key, copy.deepcopy(node[key]))
        elif act == 5:
            node[str(rng.choice(EVIL))[:200]] = node.pop(key)
        elif act == 6:
            other, place = rng.choice(found)
            node[key] = copy.deepcopy(other[place]) if place in other or isinstance(other, list) else None
        elif isinstance(node[key], int | float) and not isinstance(node[key], bool):
            node[key] = rng.choice(
                [-node[key], node[key] * 1e9, node[key] * 1e-9, str(node[key]), [node[key]]]
            )
        else:
            node[key] = [node[key]] if rng.random() < 0.5 else {"x": node[key]}
    return tree


def changed_numbers(tree: Any, rng: random.Random) -> Any:
    """Return a copy of a tree with one to four numbers that are other, but still numbers of their kind."""
    tree = copy.deepcopy(tree)
    numbers = [
        (node, key)
        for node, key in places(tree)
        if isinstance(node[key], int | float) and not isinstance(node[key], bool)
    ]
    for _ in range(rng.choice([1, 2, 3, 4])):
        node, key = rng.choice(numbers)
        factor = rng.choice([0, 0.1, 0.5, 0.999, 1.001, 2, 10, 1e3, 1e-3, 1e6, 1e-6, 1e12, 1e-12])
        node[key] = type(node[key])(node[key] * factor)
    return tree


def changed_bytes(content: bytes, rng: random.Random) -> bytes:
    """Return content with one to three changes of bytes."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(content) + 1)
        act = rng.randrange(9)
        if act <= 1:
            content = content[:at] + rng.choice(SNIPPETS) + content[at:]
        elif act == 2:
            content = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
        elif act == 3:
            content = content[:at] + content[at + rng.randrange(1, 20) :]
        elif act == 4:
            content = content[:at]
        elif act == 5:
            lines = content.splitlines(keepends=True)
            rng.shuffle(lines) if rng.random() < 0.3 else lines.append(rng.choice(lines or [b""]))
            content = b"".join(lines)
        elif act == 6:
            content = content.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\n\t", b" "]))
        elif act == 7 and rng.random() < 0.3:
            try:
                content = content.decode().encode(rng.choice(["utf-16", "utf-8-sig", "utf-32", "utf-7"]))
            except UnicodeDecodeError:
                content = b"\xef\xbb\xbf" + content
        else:
            digits = [i for i, byte in enumerate(content) if 48 <= byte <= 57]
            if digits:
                place = rng.choice(digits)
                content = (
                    content[:place]
                    + rng.choice([b"9" * 30, b"-", b"e9", b".", b"x", b""])
                    + content[place + 1 :]
                )
    return content


def mutant(content: bytes, rng: random.Random) -> bytes:
    """Return a changed file: by its values where it is JSON, else, and sometimes anyway, by its bytes."""
    try:
        tree = json.loads(content)
    except ValueError:
        return changed_bytes(content, rng)
    if rng.random() < 0.65:
        return json.dumps(changed_tree(tree, rng), ensure_ascii=rng.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
    return changed_bytes(content, rng)
