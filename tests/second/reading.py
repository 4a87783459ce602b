"""Reading an entry: JSON, times and the forms of members as docs/formats/judging.md has them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Reader = Callable[[Any], Any]
Members = dict[str, Any]

LONGEST_INTEGER = 4300
MOST_BRACKETS = 400
SECOND = 1_000_000
"""Times are microseconds since 1970."""
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))",
    re.ASCII,
)
ESCAPE = re.compile(
    r"""\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"""
)
HALF = re.compile("[\ud800-\udfff]")
"""What a byte that is no UTF-8 becomes."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEEDED = object()


class Unreadable(Exception):
    """The entry cannot be read; the message is the `problem`."""


class Fraction(float):
    """A number with a fraction or an exponent, or too long: no integer."""


class Object(dict[str, Any]):
    """An object: of members of one name the last, in the place of the first."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def check(holds: bool) -> None:
    if not holds:
        raise Unreadable("members")


def json_of(data: bytes) -> Any:
    """Read a text of JSON; what is no UTF-8 is refused where somebody reads it."""
    text = data.decode(errors="surrogateescape")
    check("\\" not in ESCAPE.sub("", text))
    try:
        return json.loads(
            text, parse_int=_integer, parse_float=Fraction, parse_constant=_constant, object_pairs_hook=Object
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("members") from error


def _integer(digits: str) -> int | Fraction:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Fraction("inf")


def _constant(_: str) -> None:
    raise Unreadable("members")


def read(data: bytes, form: Reader) -> Members:
    """Read an entry or payload that is not part of an election."""
    if data.count(b"{") + data.count(b"[") > MOST_BRACKETS:
        raise Unreadable("crowded")
    members: Members = form(json_of(data))
    return members


def anything(value: Any) -> Any:
    """Read what may be of any form: texts and numbers are those of the page all the same."""
    if isinstance(value, Object):
        for pair in value.pairs:
            anything(list(pair))
    elif isinstance(value, list):
        for each in value:
            anything(each)
    else:
        check(not (isinstance(value, str) and HALF.search(value)))
        check(not isinstance(value, float) or math.isfinite(value))
    return value


def any_object(value: Any) -> Any:
    check(isinstance(value, Object))
    return anything(value)


def text(fewest: int = 0, most: int | None = None) -> Reader:
    def reader(value: Any) -> str:
        check(isinstance(value, str) and fewest <= len(value) and (most is None or len(value) <= most))
        return str(anything(value))

    return reader


def integer(least: int | None = None, largest: int | None = None) -> Reader:
    def reader(value: Any) -> int:
        check(type(value) is int)
        check((least is None or least <= value) and (largest is None or value <= largest))
        return int(value)

    return reader


def one_of(*words: str) -> Reader:
    def reader(value: Any) -> str:
        check(isinstance(value, str) and value in words)
        return str(value)

    return reader


def items(item: Reader, fewest: int = 0, most: int | None = None) -> Reader:
    def reader(value: Any) -> list[Any]:
        check(isinstance(value, list) and fewest <= len(value) and (most is None or len(value) <= most))
        return [item(each) for each in value]

    return reader


def table(key: Reader, item: Reader, most: int | None = None) -> Reader:
    def reader(value: Any) -> Members:
        check(isinstance(value, Object) and (most is None or len(value) <= most))
        return dict([(key(name), item(each)) for name, each in value.pairs])

    return reader


@dataclass(frozen=True)
class Member:
    """How one member is read, what holds when it is left out, and whether it may be null."""

    read: Reader
    default: Any = _NEEDED
    null: bool = False

    def value(self, given: Any) -> Any:
        return None if self.null and given is None else self.read(given)


def left_out(reader: Reader, default: Any = None) -> Member:
    """Describe a member that may be left out and is never null."""
    return Member(reader, default)


def perhaps(reader: Reader) -> Member:
    """Describe a member that may be left out or null."""
    return Member(reader, None, null=True)


def members(known: dict[str, Reader | Member], *, closed: bool = False) -> Reader:
    """Describe an object; other members are passed over, or refused when it is closed."""
    described = {name: how if isinstance(how, Member) else Member(how) for name, how in known.items()}

    def reader(value: Any) -> Members:
        check(isinstance(value, Object) and not (closed and value.keys() - described.keys()))
        given = {name: described[name].value(each) for name, each in value.pairs if name in described}
        check(all(name in given or how.default is not _NEEDED for name, how in described.items()))
        return {name: given.get(name, how.default) for name, how in described.items()}

    return reader


def time(value: Any) -> int:
    """Read a time of RFC 3339 with an offset; its fraction is rounded to microseconds, half up."""
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unreadable("members")
    day, clock, fraction, sign, hours, minutes = match.groups()
    digits = (fraction or "") + "0000000"
    micros = int(digits[:6]) + (digits[6] >= "5")
    try:
        local = datetime.fromisoformat(f"{day}T{clock}+00:00") + timedelta(microseconds=micros)
    except (ValueError, OverflowError) as error:
        raise Unreadable("members") from error
    offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1) if sign else 0
    return (local - EPOCH) // timedelta(microseconds=1) - offset * 60 * SECOND


def seconds(moment: int) -> int:
    return moment // SECOND


def day(value: Any) -> str:
    check(isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is not None)
    time(f"{value}T00:00:00Z")
    return str(value)
