"""What every rule says about one report, with its sentence: for the page of a station."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from sapparot.base.text import Text
from sapparot.verify import letters
from sapparot.verify.admission import entry_is_readable
from sapparot.verify.count import Count
from sapparot.verify.facts import Finding, Outcome, Value, Weight
from sapparot.verify.ground import Ground
from sapparot.verify.hearing import Hearing
from sapparot.verify.policy import Policy
from sapparot.verify.problems import Unreadable
from sapparot.verify.register import Register
from sapparot.verify.sentences import SENTENCES, sentence, title

TYPES = {"report": letters.REPORT_TYPE, "reading": letters.READING_TYPE}


class Judged(Struct, frozen=True):
    """A rule with its outcome on one report: what it demands, what it found, and what a failure weighs."""

    rule: str
    outcome: Outcome
    weight: Weight
    title: Text
    sentence: Text


class _Recorded(Struct):
    cause: int
    rule: str
    outcome: Outcome
    values: dict[str, Value] = {}


def judge(ground: Ground, policy: Policy, entries: Sequence[tuple[int, str, bytes]], position: int) -> list[Judged]:
    """Judge the report or reading at `position` again, given the entries (position, kind, body) about its sheet in order.

    Entries about the other ballot of the station may stand among them, and `duties` of who reported. What needs more is unknown here,
    unless it failed when the whole log was at hand: then the finding in the log says so. Empty when there is no such entry.
    """
    findings = _heard(ground, policy, entries, position)
    for recorded in _recorded(entries, position):
        findings[recorded.rule] = recorded
    return [
        Judged(finding.rule, finding.outcome, policy.weight(finding.rule), title(finding.rule), sentence(finding))
        for finding in findings.values()
    ]


def _heard(
    ground: Ground, policy: Policy, entries: Sequence[tuple[int, str, bytes]], position: int
) -> dict[str, Finding]:
    count = Count(ground)
    register = Register(presume=True)
    hearing = Hearing(policy, register, count, whole=False)
    for at, kind, body in entries:
        if at < position and kind == "duties":
            _assign(register, ground, body)
        if at > position or kind not in TYPES:
            continue
        try:
            letter = letters.open_letter(body, TYPES[kind])
        except Unreadable as problem:
            found = [entry_is_readable(kind, str(problem))]
        else:
            heard = hearing.hear(at, letter, letters.stage_of(kind, letter.report))
            found = heard.findings
            for sheet in heard.touched:
                count.restate(sheet, hearing.interests)
        if at == position:
            return {finding.rule: finding for finding in found}
    return {}


def _assign(register: Register, ground: Ground, body: bytes) -> None:
    try:
        said = letters.read(body, letters.DutiesEntry)
    except Unreadable:
        return
    if said.election == ground.election.id:
        register.assign(said.duties, ground.election.stations.index)


def _recorded(entries: Sequence[tuple[int, str, bytes]], position: int) -> list[Finding]:
    """Give the findings that the log holds on the entry at `position`."""
    found = []
    for _, kind, body in entries:
        if kind == "finding":
            try:
                recorded = msgspec.json.decode(body, type=_Recorded)
            except msgspec.DecodeError:
                continue  # not one of ours
            if recorded.cause == position and recorded.rule in SENTENCES:
                found.append(Finding(recorded.rule, recorded.outcome, recorded.values))
    return found
