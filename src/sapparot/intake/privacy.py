"""What must not get into the log, which is public and lasts for ever: telephone numbers, addresses of mail, exact places. Pure.

A client other than ours may write members that we do not know. They are kept as they were signed, so the door looks at them first. It
finds what a careless client gives away; who wants to publish a number can always hide it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sapparot.base import canonical
from sapparot.intake.facts import Claim, Shown

_PERSON = re.compile(r"(?<![\w-])(?:\+?66|0)[ -]?[2-9](?:[ -]?\d){7,8}(?![\w-])|[\w.%+-]+@[\w-]+\.\w")
_PLACE = re.compile(r"(?<![\w.])-?\d{1,3}\.\d{4,}(?![\w.])")
_KNOWN = frozenset({"v", "id", "election", "sheet", "stage", "replaces", "photo", "evidence", "observed_at", "place"})
"""Members whose form is known: the code of a station may look like a telephone number."""
_EXACT = 1_000
"""Whole thousandths of a degree are about a hundred metres; other fractions are taken for an exact place."""

Personal = Literal["person", "place"]


class _Shown(Shown, frozen=True, forbid_unknown_fields=True):
    page: int | None = None
    small: str = ""


class Plain(Claim, frozen=True, forbid_unknown_fields=True):
    """A report with the members of docs/formats/report.md and no other. `place` is in whole hundredths of a degree."""

    votes: dict[Annotated[str, Meta(max_length=6)], int] = msgspec.field(default_factory=dict)
    evidence: tuple[_Shown, ...] = ()
    place: tuple[Annotated[int, Meta(ge=-9_000, le=9_000)], Annotated[int, Meta(ge=-18_000, le=18_000)]] | None = None
    app: Annotated[str, Meta(max_length=100)] = ""


_plain = msgspec.json.Decoder(Plain)


def plain(payload: bytes) -> Plain | None:
    """Read a report that has no other members than those of docs/formats/report.md; None for anything else."""
    try:
        return _plain.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def personal(payload: bytes, read: Plain | None) -> Personal | None:
    """Say what a payload tells that must not be public; None when nothing was found, or when nobody can read it.

    ``read``: the same payload as :func:`plain` read it.
    """
    return _in_any(payload) if read is None else _in_text(read.app)


def _in_any(payload: bytes) -> Personal | None:
    try:
        members = canonical.decode(payload)
    except msgspec.MsgspecError:
        return None
    if not isinstance(members, dict):
        return None
    if not _coarse(members.get("place")):
        return "place"
    return _within([*members, *(value for name, value in members.items() if name not in _KNOWN)])


def _coarse(place: Any) -> bool:
    """Tell whether a place is no more exact than hundredths of a degree."""
    if not isinstance(place, list) or len(place) != 2:
        return place is None
    return all(type(part) is int and abs(part) <= most for part, most in zip(place, (9_000, 18_000), strict=True))


def _within(values: list[Any]) -> Personal | None:
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, float) and 1 < abs(value) <= 180 and round(value * _EXACT) / _EXACT != value:
            return "place"
        elif isinstance(value, str) and (found := _in_text(value)):
            return found
    return None


@lru_cache(maxsize=256)
def _in_text(text: str) -> Personal | None:
    if _PERSON.search(text):
        return "person"
    return "place" if _PLACE.search(text) else None
