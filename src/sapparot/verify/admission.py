"""Rules about whether a statement counts at all. What fails here stays in the record and out of the count."""

from __future__ import annotations

import re

from sapparot.verify.facts import Finding, Value, failed, not_applicable, passed, unknown
from sapparot.verify.policy import Policy
from sapparot.verify.register import Device

LONGEST = 64
"""Characters of a stranger's text that a finding repeats."""
STRANGE = re.compile(r"[^ -~\u0e00-\u0e7f]")
STAGES = frozenset({"progress", "final", "official", "reading"})


def quoted(text: str) -> str:
    """Shorten what a stranger wrote for a finding; what is neither ASCII that shows nor Thai becomes a question mark.

    No table of Unicode is asked: what counts as printable differs between versions of it, and these are bytes of the log.
    """
    return STRANGE.sub("?", text[:LONGEST])


def entry_is_readable(kind: str, problem: str | None) -> Finding:
    """An entry is what its kind says; `problem` is the code of why it is not, None when it is."""
    rule = "entry_is_readable"
    return passed(rule, kind=kind) if problem is None else failed(rule, kind=kind, problem=problem)


def signature_holds(genuine: bool | None) -> Finding:
    """A statement is signed by the key it names; None when signatures were checked at the door and not again here."""
    rule = "signature_holds"
    if genuine is None:
        return unknown(rule, "signature")
    return passed(rule) if genuine else failed(rule)


def device_is_enrolled(device: Device | None, kid: str, received: int | None) -> Finding:
    """A statement comes from a device that is enrolled at the moment of its receipt."""
    rule = "device_is_enrolled"
    if device is None:
        return failed(rule, device=quoted(kid), reason="unknown")
    if not device.level:
        return unknown(rule, "device")  # presumed, because the register is not at hand
    if received is None:
        return unknown(rule, "received_at")
    if device.revoked is not None and received >= device.revoked:
        return failed(rule, device=device.kid, reason="revoked")
    if not device.since <= received < device.until:
        return failed(rule, device=device.kid, reason="expired")
    return passed(rule, network=device.network)


def election_is_ours(named: str | None, ours: str | None) -> Finding:
    """A report is about the election that this log counts."""
    rule = "election_is_ours"
    if named is None or ours is None:
        return unknown(rule, "election")
    return passed(rule, election=ours) if named == ours else failed(rule, election=quoted(named))


def sheet_is_known(named: str | None, exists: bool) -> Finding:
    """A report is about a sheet of this election."""
    rule = "sheet_is_known"
    if named is None:
        return unknown(rule, "sheet")
    return passed(rule, sheet=named) if exists else failed(rule, sheet=quoted(named))


def stage_is_allowed(stage: str | None, level: int | None, policy: Policy) -> Finding:
    """A device makes only the kinds of statement that its level allows."""
    rule = "stage_is_allowed"
    if stage is None:
        return unknown(rule, "stage")
    needed = {"official": policy.levels.official, "reading": policy.levels.reading}.get(stage, 1)
    if stage not in STAGES:
        return failed(rule, stage=quoted(stage), level=level or 0, needed=needed)
    if not level:
        return unknown(rule, "device")
    judge = passed if level >= needed else failed
    return judge(rule, stage=stage, level=level, needed=needed)


def official_from_own_area(named: str, inside: bool | None) -> Finding:
    """A head reports the authority's figures of its own area; `inside` is None for a device whose areas nobody limits."""
    rule = "official_from_own_area"
    if inside is None:
        return unknown(rule, "areas")
    return passed(rule, sheet=named) if inside else failed(rule, sheet=quoted(named))


def report_is_new(used: bool | None) -> Finding:
    """A device gives every report an id of its own."""
    rule = "report_is_new"
    if used is None:
        return unknown(rule, "device")
    return failed(rule) if used else passed(rule)


def reading_is_blind(stage: str, of_this_station: bool | None, reads_itself: bool) -> Finding:
    """A reading is of a photograph of this station, by somebody who did not report the figures."""
    rule = "reading_is_blind"
    if stage != "reading":
        return not_applicable(rule)
    if reads_itself:
        return failed(rule)
    if of_this_station is None:
        return unknown(rule, "photograph")
    return passed(rule) if of_this_station else failed(rule)


def group_has_room(claims: int | None, policy: Policy, *, own: int = 0, dissents: bool = False) -> Finding:
    """One group speaks about a sheet with a limited number of claims, which never silence the first of it who differs.

    A quarter of them, at most, are finals of one device, the `own` ones: else one liar could leave no room for its whole group.
    """
    rule, room = "group_has_room", policy.agreement.room
    if claims is None:
        return unknown(rule, "device")
    fits = claims < room and own < max(1, room // 4)
    return passed(rule, claims=claims, room=room) if fits or dissents else failed(rule, claims=claims, room=room)


def device_has_room(room: bool | None, policy: Policy) -> Finding:
    """One phone of a volunteer speaks about a limited number of stations: else one person could dispute every sheet of a country."""
    rule, stations = "device_has_room", policy.evening.stations
    if room is None:
        return unknown(rule, "device")
    return passed(rule, stations=stations) if room else failed(rule, stations=stations)


def enrolment_is_authentic(kid: str, reason: str | None) -> Finding:
    """A device is enrolled and revoked by its own network; `reason` is one of the reasons in `wording`, None when all is well."""
    rule = "enrolment_is_authentic"
    return passed(rule, device=quoted(kid)) if reason is None else failed(rule, device=quoted(kid), reason=reason)


def decision_is_allowed(deciders: int, needed: int, objection: str | None = None) -> Finding:
    """A decision names a sheet and its figures, is newer than the last one, and enough different people of the war room signed it."""
    rule = "decision_is_allowed"
    values: dict[str, Value] = {"people": deciders, "needed": needed}
    if objection is None and deciders < needed:
        objection = "people"
    return passed(rule, **values) if objection is None else failed(rule, reason=objection, **values)
