"""The room that opens inputs: what is refused, and that nothing takes long or much memory."""

from __future__ import annotations

import gzip
import json
import math
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from satqn.documents import (
    MOST_DEPTH,
    compose,
    csv_rows,
    decode,
    inflate,
    member,
    parse_json,
    parse_value,
    parse_yaml,
    read_bytes,
    read_text,
)
from satqn.errors import LONGEST_LINE, InputError, InvalidFileError


def refusal(text: str, parse=parse_yaml) -> str:
    with pytest.raises(InvalidFileError) as caught:
        parse(text, "f")
    return str(caught.value)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        (tmp_path, "it is a folder"),
        (tmp_path / "pipe", "it is a pipe"),
        (Path("/dev/zero"), "it is a device"),
        (tmp_path / "absent", "No such file"),
    ):
        with pytest.raises(InputError, match=reason):
            read_bytes(path)
    with pytest.raises(InputError, match="not the name of a file"):
        read_bytes("a\0b")
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="more than 10 bytes"):
        read_bytes(tmp_path / "large", limit=10)
    (tmp_path / "link").symlink_to(tmp_path / "large")
    assert read_bytes(tmp_path / "link", limit=11) == b"x" * 11


def test_files_that_grow_while_they_are_read_have_the_same_limit() -> None:
    # Files of /proc say that they have no bytes.
    with pytest.raises(InputError, match="more than 4 bytes"):
        read_bytes("/proc/self/status", limit=4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_encodings(encoding: str) -> None:
    assert decode("Zürich".encode(encoding), "f") == "Zürich"


def test_the_first_byte_that_is_no_text_is_named() -> None:
    with pytest.raises(InvalidFileError, match=r"f:2:3: the byte 0xff"):
        decode(b"ab\ncd\xff", "f")
    with pytest.raises(InvalidFileError, match=r"f:1:5: the byte 0xff"):
        decode(b"\xef\xbb\xbfa\xff", "f")


def test_inflation_is_bounded(tmp_path: Path) -> None:
    assert inflate(gzip.compress(b"a" * 10) + gzip.compress(b"b"), "f", 11) == b"a" * 10 + b"b"
    bomb = gzip.compress(bytes(10**7))
    for packed in (bomb, gzip.compress(b"a" * 900) + bomb):
        with pytest.raises(InputError, match="inflates to more than 1000 bytes"):
            inflate(packed, "f", 1000)
    for damaged in (bomb[:-9], bomb[:50] + b"x" + bomb[51:], b"\x1f\x8bxx"):
        with pytest.raises(InputError, match="damaged"):
            inflate(damaged, "f")
    (tmp_path / "p.gz").write_bytes(gzip.compress(b"a,b\n"))
    assert read_text(tmp_path / "p.gz", packed=True) == "a,b\n"
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(10**6))
    with zipfile.ZipFile(tmp_path / "z") as archive, pytest.raises(InputError, match="inflates"):
        member(archive, "x", "z", 1000)


def test_cells_are_bounded() -> None:
    assert list(csv_rows('a,b\n"1\n2",3\n', "f")) == [(1, ["a", "b"]), (3, ["1\n2", "3"])]
    for length in (120_000, 140_000):  # below and above the limit of the csv module
        with pytest.raises(InvalidFileError, match="f:2: not CSV: a cell"):
            list(csv_rows("a,b\n" + "x" * length + ",y\n", "f"))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_json_is_read_alike_by_both_parsers(value) -> None:
    text = json.dumps(value)
    assert parse_json(text, "f") == value
    found = parse_yaml(text, "f")
    assert json.dumps(found) == text


@pytest.mark.parametrize(
    "text",
    ["a: 1", "- 1_000\n- 0o17\n- 0x1F\n- 010\n- +5\n- -0", "[1e6, .5, 1., -1.5e-3, 1e, e1, +, -, ., 1.2.3]",
     "[no, yes, on, true, True, TRUE, false, ~, null, Null, '']", "a: 'it''s'\nb: \"\\u00e4\\n\"\nc: |\n  x\n  y",
     "a: &x {b: 1}\nc: *x\n", "base: &b {x: 1, y: 2}\nd: {<<: *b, y: 3}\n", "'<<': 1\n",
     "a: &b {x: 1}\nc: &d {x: 5, z: 2}\ne: {<<: [*b, *d], w: 0}", "? a\n: b", "--- \na: b\n..."],
)  # fmt: skip
def test_yaml_is_read_as_the_library_reads_it(text: str) -> None:
    expected = YAML(typ="safe", pure=True).load(text)
    found = parse_yaml(text, "f")
    assert found == expected
    assert repr(found) == repr(expected) or "<<" in text  # merged keys stand elsewhere


def test_moments_stay_text() -> None:
    assert parse_yaml("a: 2026-06-21T00:00:00Z\nb: 2026-02-30", "f") == {
        "a": "2026-06-21T00:00:00Z", "b": "2026-02-30",
    }  # fmt: skip


def test_places() -> None:
    places: dict = {}
    parse_yaml("a:\n  - x\n  - {b: 1}\n", "f", places)
    assert places == {("a",): (1, 1), ("a", 0): (2, 5), ("a", 1): (3, 5), ("a", 1, "b"): (3, 6)}


def bomb(levels: int, width: int = 10) -> str:
    lines = ["a0: &a0 [" + ", ".join("x" * width) + "]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


def test_aliases_do_not_multiply() -> None:
    assert len(parse_yaml(bomb(3), "f")) == 3
    assert "f:5:" in refusal(bomb(40))
    assert "aliases add more than" in refusal(bomb(40))
    merged = "a0: &a0 {" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}\n"
    merged += "\n".join(f"b{i}: {{<<: *a0}}" for i in range(1000))
    assert "aliases add" in refusal(merged)
    # Merge keys that add nothing still cost time.
    many = "a: &a {k: 1}\nl: &l [" + ", ".join(["*a"] * 10_000) + "]\n"
    many += "\n".join(f"b{i}: {{k: 2, <<: *l}}" for i in range(200))
    assert "merge keys name too much" in refusal(many)
    # A chain of lists of one alias each is deep, though it has few values.
    deep = "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 200))
    assert "nested too deeply" in refusal(deep)


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: {c: *a}}"])
def test_an_alias_within_itself(text: str) -> None:
    assert "stands within what it names" in refusal(text)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "{? "])
def test_nesting_of_yaml_is_bounded(opening: str) -> None:
    found = refusal(opening * 100_000)
    assert "nested too deeply" in found or "stands as a key" in found
    if opening == "[":
        assert parse_yaml("[" * MOST_DEPTH + "]" * MOST_DEPTH, "f")


@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 500, 100_000])
def test_nesting_of_json_is_bounded(depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        assert "nested" in refusal(opening * depth + "1" + closing * depth, parse_json)
    assert parse_json("[" * MOST_DEPTH + "]" * MOST_DEPTH, "f")


def test_many_brackets_are_counted_before_anything_is_built() -> None:
    assert "more values than can be held" in refusal("[" + "[]," * 5_000_001 + "[]]", parse_json)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"a": NaN}', "a: nan is not a finite number"), ('{"a": [1, -Infinity]}', "a.1: -inf is not"),
        ('{"a": {"b": 1e999}}', "a.b: inf is not"), ('{"a": 1' + "0" * 5000 + "}", "a: a whole number with 5001 digits"),
        ('{"a": 1, "a": 2}', "'a': this field stands twice"), ('{"a": "\\ud800"}', "a: half a sign"),
        ('{"\\udc00": 1}', "half a sign"), ('{"a": 1,}', "not valid JSON"), ('{"a": }', "f:1:7: not valid JSON"), ("", "not valid JSON"),
    ],
)  # fmt: skip
def test_what_json_may_not_hold(text: str, what: str) -> None:
    assert what in refusal(text, parse_json)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: .nan", "f:1:4: a: .nan is not a finite number"), ("a:\n- 1\n- 1e999", "f:3:3: a.1: 1e999 is not"),
        ("a: 1" + "0" * 5000, "a: a whole number with 5001 digits"), ("a: 0x" + "f" * 5000, "digits"),
        ("a: 1\nb: 2\na: 3", "f:3:1: the key 'a' stands twice"), ('a: "\\ud800"', "half a sign"),
        ("a: !!python/object:os.system x", "the tag '!!python/object:os.system'"), ("!x {a: 1}", "the tag '!x'"),
        ("a: !!int x", "'x' is not !!int"), ("a: !!binary aGk=", "the tag '!!binary'"),
        ("{[1]: 2}", "stands as a key"), ("a: *b", "nothing is named &b"), ("a: 1\n---\nb: 2", "a second document"),
        ("a: {<<: 5}", "names no mapping"), ("a: \x07", "U+0007"), ("a: [1, 2", "not valid YAML"), ("\ta: 1", "a tab"),
    ],
)  # fmt: skip
def test_what_yaml_may_not_hold(text: str, what: str) -> None:
    found = refusal(text)
    assert what in found
    assert max(map(len, found.splitlines())) <= LONGEST_LINE


def test_all_faults_at_once() -> None:
    assert len(refusal("a: .nan\nb: !x 1\nb: 2\nc: 1e400\n").splitlines()) == 5


def test_core_tags_are_obeyed() -> None:
    assert parse_yaml("[!!str 5, !!float 5, !!int 5, !!null null, ! 5]", "f") == ["5", 5.0, 5, None, "5"]


def test_values_of_the_command_line() -> None:
    assert parse_value("2026-02-30", "--set a") == "2026-02-30"
    assert parse_value(" ", "--set a") is None
    assert parse_value("#", "--set a") is None
    assert math.isnan(parse_value(".nan", "--set a"))  # for who knows the field
    for text in ("!x 1", "&a [*a]", "[" * 1000, "*b", "{", "\ud800"):
        with pytest.raises(InputError, match=r"--set a: .* is not a value"):
            parse_value(text, "--set a")


@given(st.text(st.sampled_from("{}[]:,-&*!<>|?#%@ \t\n'\"\\x0ab~.0123456789ée\u2028")))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (compose, parse_json):
        with suppress(InvalidFileError):
            parse(text, "f")
