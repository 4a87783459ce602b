"""Reads entries of the log. Members that we do not know are left alone; a wrong type or another version is unreadable.

Whatever stands in an entry, reading it ends the same way on every machine: nesting is bounded before a decoder sees it, because the
depth at which a decoder gives up depends on the machine.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from sapparot.base.jws import Jws, MalformedJws, parse
from sapparot.base.text import Text
from sapparot.contests import Figures
from sapparot.verify.facts import Place
from sapparot.verify.policy import Policy
from sapparot.verify.problems import Unreadable

REPORT_TYPE = "sapparot-report+jwt"
READING_TYPE = "sapparot-reading+jwt"
ENROLMENT_TYPE = "sapparot-enrolment+jwt"
REVOCATION_TYPE = "sapparot-revocation+jwt"
DECISION_TYPE = "sapparot-decision+jwt"
DUTY_KEYS, DUTY_STATIONS = 200, 64
"""Keys of one `duties` entry, and stations of one key, at most."""
DECIDERS = 20
"""People whose signatures stand under one decision, at most."""
BRACKETS = 400
"""Objects and lists in one signed payload; a report with 16 photographs has fewer than 40."""
HEADER_LENGTH = 1024
SHA256 = re.compile("[0-9A-Fa-f]{64}")
PHOTOGRAPHS = 16
"""Photographs of one report that are compared."""

Moment = Annotated[datetime, Meta(tz=True)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Key = Annotated[str, Meta(min_length=1, max_length=200)]
T = TypeVar("T")


class Evidence(Struct, frozen=True, gc=False):
    """A photograph named in a report; `small` is the SHA-256 of a smaller copy that may come before it, when it is a text."""

    sha256: str = ""
    role: str = ""
    small: Any = None


class Report(Struct, frozen=True):
    """The payload of a report or reading, as other people's clients may write it."""

    id: Id
    election: Key
    sheet: Key
    stage: Key
    votes: dict[str, int] = {}
    valid: int | None = None
    spoiled: int | None = None
    no_vote: int | None = None
    ballots_cast: int | None = None
    eligible: int | None = None
    evidence: list[Evidence] = []
    observed_at: Moment | None = None
    seq: Annotated[int, Meta(ge=0, le=2**53)] = 0
    replaces: Id | None = None
    place: list[int] | None = None
    photo: str | None = None
    v: Literal[1] = 1


class Letter(Struct, frozen=True):
    """A report or reading as it was received at `at` (seconds since 1970)."""

    at: int
    jws: Jws
    report: Report


class Enrolment(Struct, frozen=True, rename={"since": "from"}):
    """What a network says about a device."""

    kid: Key
    network: Id
    level: Annotated[int, Meta(ge=1, le=3)]
    since: Moment
    until: Moment
    key: dict[str, Any] = {}
    channel: Any = None
    """`text` when the key is not the person's own: a gateway signs what the person writes. Other words are passed over."""
    same: Key | None = None
    """An earlier device of the same person: both speak with one voice."""
    areas: Annotated[list[Key], Meta(max_length=64)] | None = None
    """Areas of which the device may report the authority's figures; None does not limit it."""
    v: Literal[1] = 1


class Revocation(Struct, frozen=True):
    """A network ends a device's right to report, from a moment on."""

    kid: Key
    network: Id
    at: Moment
    v: Literal[1] = 1


class NetworkEntry(Struct, frozen=True):
    """A network and its public key."""

    id: Id
    key: dict[str, Any]
    v: Literal[1] = 1


class Decision(Struct, frozen=True):
    """What the war room decided about a sheet: figures, or the position of a report whose figures hold.

    `at` is when it was decided. Everyone who decides signs the same bytes.
    """

    sheet: Key
    at: Moment
    figures: Figures | None = None
    use: int | None = None
    reason: Text | None = None
    v: Literal[1] = 1


class DecisionEntry(Struct, frozen=True):
    """A decision as it was received, signed by each of the people behind it."""

    at: Moment
    jws: Annotated[list[str], Meta(min_length=1, max_length=DECIDERS)]
    v: Literal[1] = 1


class Decided(Struct, frozen=True):
    """A decision with its signatures, as it was received at `received` (seconds since 1970)."""

    received: int
    decision: Decision
    signed: tuple[Jws, ...]


class DutiesEntry(Struct, frozen=True):
    """At which stations the owners of some keys have agreed to serve."""

    election: Key
    duties: Annotated[dict[Key, Annotated[list[Key], Meta(max_length=DUTY_STATIONS)]], Meta(max_length=DUTY_KEYS)]
    v: Literal[1] = 1


class PolicyEntry(Struct, frozen=True):
    """A policy that is in force from here on."""

    policy: Policy
    v: Literal[1] = 1


class SignedEntry(Struct, frozen=True):
    """An entry that carries a JWS, with the time of its receipt where it has one."""

    jws: str
    at: Moment | None = None
    v: Literal[1] = 1


class AboutSheet(Struct, frozen=True):
    """The sheet that an entry is about."""

    sheet: str | None = None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_signed = msgspec.json.Decoder(SignedEntry)
_report = msgspec.json.Decoder(Report)


def read(data: bytes, kind: type[T] | msgspec.json.Decoder[T]) -> T:
    """Read JSON as `kind`; raises Unreadable."""
    if _crowded(data):
        raise Unreadable("crowded")
    try:
        return kind.decode(data) if isinstance(kind, msgspec.json.Decoder) else msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:  # ValueError: no UTF-8, a number too long to be read
        raise Unreadable("members") from error


def _crowded(data: bytes) -> bool:
    """Tell whether there are more objects and lists than a decoder should see; most entries are one object, which is seen at a glance."""
    if data.find(b"{", 1) < 0 and data.find(b"[") < 0:
        return False
    return data.count(b"{") + data.count(b"[") > BRACKETS


def open_letter(body: bytes, typ: str) -> Letter:
    """Read a `report` or `reading` entry; raises Unreadable."""
    entry, jws = _open(body, typ)
    if entry.at is None:
        raise Unreadable("received_at")
    return Letter(seconds(entry.at), jws, read(jws.payload, _report))


def open_statement(body: bytes, typ: str, kind: type[T]) -> tuple[Jws, T]:
    """Read an entry that a network signed; raises Unreadable."""
    _, jws = _open(body, typ)
    return jws, read(jws.payload, kind)


def open_decision(body: bytes) -> Decided:
    """Read a `decision` entry; raises Unreadable."""
    entry = read(body, DecisionEntry)
    signed = tuple(_statement(text, DECISION_TYPE) for text in entry.jws)
    if any(jws.payload != signed[0].payload for jws in signed):
        raise Unreadable("words")
    return Decided(seconds(entry.at), read(signed[0].payload, Decision), signed)


def _open(body: bytes, typ: str) -> tuple[SignedEntry, Jws]:
    entry = read(body, _signed)
    return entry, _statement(entry.jws, typ)


def _statement(text: str, typ: str) -> Jws:
    if not 0 < text.find(".") <= HEADER_LENGTH:
        raise Unreadable("header")
    try:
        jws = parse(text)
    except (MalformedJws, ValueError) as error:
        raise Unreadable("jws") from error
    if jws.header.typ != typ:
        raise Unreadable("typ")
    return jws


def stage_of(kind: str, report: Report) -> str:
    """Give the stage in which a `report` or `reading` entry speaks; one that its kind does not have is named as such."""
    if kind == "report":
        return report.stage if report.stage != "reading" else "reading (as a report)"
    return "reading" if report.stage == "final" else f"reading ({report.stage})"


def seconds(moment: datetime) -> int:
    """Give a moment as whole seconds since 1970, rounded down; exact also where a float is not."""
    return (moment - _EPOCH) // _SECOND


def microseconds(moment: datetime) -> int:
    """Give a moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def photographs(report: Report) -> list[int]:
    """Give the first 64 bits of the SHA-256 of each photograph named, and of its smaller copy.

    Two with equal bits would have to be made on purpose.
    """
    found = []
    for item in report.evidence[:PHOTOGRAPHS]:
        for name in (item.sha256, item.small):
            if (key := photograph(name)) is not None:
                found.append(key)
    return found


def photograph(sha256: Any) -> int | None:
    """Give the first 64 bits of a SHA-256 in hexadecimal; None for anything else."""
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        return None
    return int(sha256[:16], 16)


def place(report: Report) -> Place | None:
    """Give the place of the device in microdegrees; reports write hundredths of a degree."""
    if report.place is None or len(report.place) != 2:
        return None
    lat, lon = report.place
    return (lat * 10_000, lon * 10_000) if abs(lat) <= 9_000 and abs(lon) <= 18_000 else None


def plausible(given: Report | Figures, largest: int) -> tuple[Figures, str | None]:
    """Give the figures without numbers that cannot stand on a sheet, and the first such number in words."""
    votes = given.votes
    absurd: list[str] = []
    if votes and not 0 <= min(votes.values()) <= max(votes.values()) <= largest:
        absurd = [f"{option[:20]}: {_digits(count)}" for option, count in votes.items() if not 0 <= count <= largest]
        votes = {option: count for option, count in votes.items() if 0 <= count <= largest}
    totals: list[int | None] = []
    for name in ("valid", "spoiled", "no_vote", "ballots_cast", "eligible"):
        count = getattr(given, name, None)
        if count is not None and not 0 <= count <= largest:
            absurd.append(f"{name}: {_digits(count)}")
            count = None
        totals.append(count)
    return Figures(votes, *totals), absurd[0] if absurd else None


def _digits(number: int) -> str:
    return (
        str(number)
        if abs(number) < 10**15
        else f"{'-' if number < 0 else ''}10^{number.bit_length() * 3 // 10} or more"
    )
