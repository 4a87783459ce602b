"""The story of one sheet from the entries of the public log: its reports, what was found in them, and how its standing moved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from sapparot.base.jws import Jws, MalformedJws, parse
from sapparot.base.text import Text
from sapparot.contests import Contest
from sapparot.contests.facts import Figures
from sapparot.verify import CERTAIN, Finding, Unreadable, open_decision, sentence, why

PHOTOGRAPHS = 16
"""Photographs of one report that are shown."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
OUTSIDE = ("revocation", "policy")
"""Kinds of entries about more than one sheet that can move one."""
SHOWN = ("passed", "failed", "unknown")
NEWEST_ONLY = Text(
    "ใบคะแนนนี้มีรายงานจำนวนมาก ที่นี่แสดงเฉพาะรายการล่าสุดและรายการที่ทำให้เกิดผลปัจจุบัน รายการทั้งหมดอยู่ในบันทึกสาธารณะ",
    "There are many reports of this sheet. Only the newest are shown here, and the one behind its standing; all are in the public log.",
)
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
T = TypeVar("T")
Stage: TypeAlias = Literal["progress", "final", "official", "reading", "decision", "revocation", "policy", "unknown"]


class LoggedEntry(Struct, frozen=True):
    """One entry of the log about a sheet, as the ledger keeps it."""

    position: int
    kind: str
    body: bytes


class Reporter(Struct, frozen=True):
    """Who a device reports for: nothing more is public about the person. `channel` as in its enrolment.

    What it says from `revoked` on does not count.
    """

    network: str
    name: Text | None
    level: int
    channel: str | None = None
    revoked: datetime | None = None


class Check(Struct, frozen=True):
    """What one rule says about a report."""

    outcome: str
    text: Text


class Trail(Struct, frozen=True):
    """What the log says about one sheet: its entries in order, the devices behind them by key thumbprint, published copies of
    photographs by the hash of their original (None for what was taken down), those of the copies that are lost, and what every rule
    says about the entry at a position.

    `since` is 0 when these are all entries; otherwise they are complete only from that position on."""

    sheet: str
    entries: Sequence[LoggedEntry]
    reporters: Mapping[str, Reporter] = {}
    photographs: Mapping[str, str | None] = {}
    lost: Collection[str] = ()
    checks: Mapping[int, Sequence[Check]] = {}
    since: int = 0


class Photograph(Struct, frozen=True):
    """A photograph that a report names; `published` is the hash of the public copy, None while it is awaited or when it was `removed`.

    `small` when it is the copy of the smaller one that came first: the same photograph, whose original is awaited; `lost` when its
    file should be there.
    """

    role: str
    page: int | None
    published: str | None
    small: bool = False
    removed: bool = False
    lost: bool = False


class Remark(Struct, frozen=True):
    """A rule that failed on an entry, in its own sentence; `grave` when it can dispute a sheet, `refuses` when it keeps the entry out."""

    text: Text
    grave: bool
    refuses: bool = False


class Step(Struct, frozen=True):
    """A change of the standing: from which state to which, why, and by which entry."""

    position: int
    was: str
    state: str
    layer: str
    reason: Text
    cause: int


class Told(Struct, frozen=True, kw_only=True):
    """One thing told about a sheet: a report, a reading, a decision or what else moved it, with what was found in it and what followed.

    `agrees` with the standing or not; None when there is nothing to compare. `withdrawn` when its device was revoked before it came.
    """

    position: int
    stage: Stage
    at: datetime | None
    pseudonym: str
    reporter: Reporter | None
    figures: Figures | None
    agrees: bool | None = None
    photographs: tuple[Photograph, ...] = ()
    reason: Text | None = None
    remarks: tuple[Remark, ...] = ()
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    withdrawn: bool = False

    @property
    def total(self) -> int:
        """Add up the votes that it gives."""
        return sum(self.figures.votes.values()) if self.figures else 0


class SheetStory(Struct, frozen=True):
    """What a sheet's page section shows."""

    state: str
    layer: str
    reason: Text | None
    sources: int
    figures: Figures | None
    told: tuple[Told, ...]
    remarks: tuple[Remark, ...] = ()
    gap: Text | None = None


class _Move(Struct):
    was: str
    state: str
    layer: str
    reason: str
    cause: int
    sources: int
    figures: Figures | None = None


class _Found(Struct):
    rule: str
    cause: int
    weight: str
    outcome: Literal["passed", "failed", "unknown", "not_applicable"] = "failed"
    values: dict[str, int | str] = {}


class _Signed(Struct):
    jws: str
    at: datetime | None = None


class _Revoked(Struct):
    kid: str = ""


class _Shot(Struct):
    sha256: str = ""
    role: str = "other"
    page: int | None = None
    small: Any = None

    @property
    def names(self) -> list[str]:
        """Give the hashes by which it is known, the original first."""
        return [name for name in (self.sha256, self.small) if isinstance(name, str) and _SHA256.fullmatch(name)]


class _Payload(Figures, frozen=True):
    stage: str = "unknown"
    evidence: tuple[_Shot, ...] = ()
    photo: str | None = None


def story(trail: Trail) -> SheetStory:
    """Tell a sheet's story, oldest first. Entries that cannot be read are left out: verify has said so in a finding."""
    moves = [step for entry in trail.entries if entry.kind == "move" and (step := _read(entry, _Move))]
    standing = moves[-1] if moves else _Move("empty", "empty", "none", "", 0, 0)
    steps, remarks = _by_cause(trail)
    told = []
    for entry in trail.entries:
        one = _told(entry, trail)
        if one is None:
            continue
        told.append(
            msgspec.structs.replace(
                one,
                agrees=agrees(one.figures, standing.figures) if one.stage != "progress" and not one.withdrawn else None,
                remarks=tuple(remarks.pop(entry.position, ())),
                steps=tuple(steps.get(entry.position, ())),
                checks=tuple(check for check in trail.checks.get(entry.position, ()) if check.outcome in SHOWN),
            )
        )
    return SheetStory(
        state=standing.state,
        layer=standing.layer,
        reason=why(standing.reason),
        sources=standing.sources,
        figures=standing.figures,
        told=tuple(told),
        remarks=tuple(remark for cause, group in remarks.items() if cause >= trail.since for remark in group),
        gap=NEWEST_ONLY if trail.since else None,
    )


def causes_of(entries: Iterable[LoggedEntry]) -> list[int]:
    """Give the positions of the entries that caused the moves among these, in the order of the moves."""
    moves = sorted((entry for entry in entries if entry.kind == "move"), key=lambda entry: entry.position)
    return [move.cause for entry in moves if (move := _read(entry, _Move))]


def signed_by(entries: Iterable[LoggedEntry]) -> list[tuple[str, int]]:
    """Give the key thumbprints of the devices that signed reports and readings, each with the position of what it signed."""
    return [(jws.header.kid, entry.position) for entry in entries if (jws := _letter_of(entry)) is not None]


def photographs_of(entries: Iterable[LoggedEntry]) -> set[str]:
    """Give the SHA-256 of the photographs that reports and readings name."""
    found: set[str] = set()
    for entry in entries:
        jws = _letter_of(entry)
        payload = _payload(jws) if jws is not None else None
        if payload is not None:
            found.update(name for shot in _shots(payload) for name in shot.names)
    return found


def agrees(told: Figures | None, held: Figures | None) -> bool | None:
    """Tell whether a report and the standing agree in all figures that both give; None when there is none."""
    if told is None or held is None:
        return None
    pairs = [(count, held.votes[name]) for name, count in told.votes.items() if name in held.votes]
    pairs += [(getattr(told, name), getattr(held, name)) for name in TOTALS]
    both = [(mine, ours) for mine, ours in pairs if mine is not None and ours is not None]
    return all(mine == ours for mine, ours in both) if both else None


def ordered_votes(figures: Figures | None, contest: Contest) -> list[tuple[int, int]]:
    """Give (column of the option in its contest, votes), most votes first; options without a figure are left out."""
    if figures is None:
        return []
    votes = [(column, figures.votes.get(str(number))) for column, number in enumerate(contest.numbers)]
    return sorted(((column, count) for column, count in votes if count is not None), key=lambda one: (-one[1], one[0]))


def _by_cause(trail: Trail) -> tuple[dict[int, list[Step]], dict[int, list[Remark]]]:
    steps: dict[int, list[Step]] = {}
    remarks: dict[int, list[Remark]] = {}
    for entry in trail.entries:
        if entry.kind == "move" and (move := _read(entry, _Move)):
            reason = why(move.reason) or Text(move.reason, move.reason)
            step = Step(entry.position, move.was, move.state, move.layer, reason, move.cause)
            steps.setdefault(move.cause, []).append(step)
        elif entry.kind == "finding" and (found := _read(entry, _Found)):
            remarks.setdefault(found.cause, []).append(_remark(found))
    return steps, remarks


def _told(entry: LoggedEntry, trail: Trail) -> Told | None:
    if entry.kind in ("report", "reading"):
        return _letter(entry, trail)
    if entry.kind in OUTSIDE:
        return _outside(entry, trail)
    return _decided(entry) if entry.kind == "decision" else None


def _outside(entry: LoggedEntry, trail: Trail) -> Told:
    """Tell that a device was revoked or that another policy holds."""
    try:
        jws = parse(msgspec.json.decode(entry.body, type=_Signed).jws) if entry.kind == "revocation" else None
        kid = msgspec.json.decode(jws.payload, type=_Revoked).kid if jws else ""
    except (MalformedJws, msgspec.MsgspecError, ValueError, RecursionError):
        kid = ""
    return Told(
        position=entry.position,
        stage="policy" if entry.kind == "policy" else "revocation",
        at=None,
        pseudonym=kid[:8],
        reporter=trail.reporters.get(kid),
        figures=None,
    )


def _decided(entry: LoggedEntry) -> Told | None:
    try:
        decided = open_decision(entry.body)
    except Unreadable:
        return None
    said = decided.decision
    return Told(
        position=entry.position,
        stage="decision",
        at=said.at,
        pseudonym=", ".join(sorted({jws.header.kid[:8] for jws in decided.signed})),
        reporter=None,
        figures=said.figures,
        reason=said.reason,
    )


def _letter(entry: LoggedEntry, trail: Trail) -> Told | None:
    signed, jws = _read(entry, _Signed), _letter_of(entry)
    payload = _payload(jws) if jws is not None else None
    if signed is None or jws is None or payload is None:
        return None
    reporter = trail.reporters.get(jws.header.kid)
    revoked = reporter.revoked if reporter else None
    return Told(
        position=entry.position,
        stage="reading" if entry.kind == "reading" else _stage(payload.stage),
        at=signed.at,
        pseudonym=jws.header.kid[:8],
        reporter=reporter,
        figures=payload,
        withdrawn=bool(revoked and signed.at and signed.at.replace(microsecond=0) >= revoked.replace(microsecond=0)),
        photographs=tuple(_photograph(shot, trail) for shot in _shots(payload)),
    )


def _photograph(shot: _Shot, trail: Trail) -> Photograph:
    """Show the original where it is there, else the smaller copy of it."""
    there = [name for name in shot.names if name in trail.photographs]
    if not there:
        return Photograph(shot.role, shot.page, None)
    published = trail.photographs[there[0]]
    if published is None:
        return Photograph(shot.role, shot.page, None, removed=True)
    return Photograph(shot.role, shot.page, published, small=there[0] != shot.sha256, lost=published in trail.lost)


def _letter_of(entry: LoggedEntry) -> Jws | None:
    """Open the JWS of a report or reading; None for other entries and for what is none."""
    signed = _read(entry, _Signed) if entry.kind in ("report", "reading") else None
    try:
        return None if signed is None else parse(signed.jws)
    except MalformedJws:
        return None


def _payload(jws: Jws) -> _Payload | None:
    try:
        return msgspec.json.decode(jws.payload, type=_Payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _shots(payload: _Payload) -> list[_Shot]:
    named = [_Shot(payload.photo, "form")] if payload.photo else []
    return [*payload.evidence[:PHOTOGRAPHS], *named]


def _stage(name: str) -> Stage:
    match name:
        case "progress" | "final" | "official":
            return name
    return "unknown"


def _remark(found: _Found) -> Remark:
    try:
        text = sentence(Finding(found.rule, found.outcome, found.values))
    except (KeyError, ValueError):
        # A newer verify may know rules that this page does not; the name of the rule is better than nothing.
        text = Text(found.rule, found.rule)
    return Remark(text, found.weight == "dispute", found.rule in CERTAIN)


def _read(entry: LoggedEntry, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(entry.body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
