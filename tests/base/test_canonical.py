"""Canonical JSON is RFC 8785 for every value that we sign."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical

integers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


def by_the_standard(value: object) -> str:
    """RFC 8785, section 3.2, for our values: ECMAScript's rules for strings, members sorted by UTF-16 code units."""
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{by_the_standard(name)}:{by_the_standard(value[name])}" for name in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(by_the_standard, value)) + "]"
    if isinstance(value, str):
        short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
        return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if value is None:
        return "null"
    return str(value).lower()  # a truth value or a whole number


@given(values)
def test_every_value_is_written_as_the_standard_says(value: object) -> None:
    assert canonical.encode(value) == by_the_standard(value).encode()


@given(values)
def test_what_was_written_is_read_again(value: object) -> None:
    assert canonical.decode(canonical.encode(value)) == value
    assert json.loads(canonical.encode(value)) == value


def test_the_examples_of_the_standard() -> None:
    """RFC 8785, sections 3.2.2 and 3.2.3, as far as our values go."""
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    literals = {"string": text, "literals": [None, True, False]}
    assert canonical.encode(literals) == (
        b'{"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    mixed = {"\r": "Carriage Return", "1": "One", "\x7f": "Control", "</script>": "Script", "": 0}
    assert list(json.loads(canonical.encode(mixed))) == ["", "\r", "1", "</script>", "\x7f"]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'"\xff"', b'"\\ud800"', b"[" * 100_000, b"nul", b"1 2"])
def test_what_is_not_json_is_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        canonical.decode(data)


def test_a_wrong_type_is_the_same_kind_of_error() -> None:
    assert canonical.decode(b'{"a":1}', dict[str, int]) == {"a": 1}
    with pytest.raises(msgspec.DecodeError):
        canonical.decode(b'{"a":"x"}', dict[str, int])
