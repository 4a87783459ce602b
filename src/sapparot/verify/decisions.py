"""Decisions of the war room: who may decide, for which figures, and how many people it takes."""

from __future__ import annotations

from sapparot.verify import letters
from sapparot.verify.admission import decision_is_allowed
from sapparot.verify.count import Count
from sapparot.verify.facts import Finding, Row
from sapparot.verify.policy import Interests, Policy
from sapparot.verify.register import Register
from sapparot.verify.states import people_needed


def decided(
    entry: letters.Decided, count: Count, register: Register, policy: Policy
) -> tuple[Finding, int | None, Row | None]:
    """Judge a decision; give the finding, the sheet it is about and the figures that hold now, None when it is void."""
    decision = entry.decision
    sheet = count.ground.election.sheet_number(decision.sheet)
    people, groups = _people(entry, register, policy)
    if sheet is None:
        return decision_is_allowed(people, policy.decisions.otherwise, "sheet"), None, None
    row = _figures(decision, count, sheet, policy)
    record, moment = count.record(sheet), letters.microseconds(decision.at)
    needed = policy.decisions.otherwise if row is None else people_needed(record.standing, row, policy)
    objection = _objection(entry, row, moment <= record.decided, policy)
    if objection is None and 1 < needed <= people and groups < policy.decisions.groups:
        objection = "groups"
    finding = decision_is_allowed(people, needed, objection)
    if finding.outcome == "failed":
        return finding, sheet, None
    record.decided = moment
    return finding, sheet, row


def _objection(entry: letters.Decided, row: Row | None, replayed: bool, policy: Policy) -> str | None:
    """Say why a decision is void whoever signed it. One of tomorrow would shut out every other until then."""
    if row is None:
        return "figures"
    if replayed:
        return "replayed"
    ahead = letters.seconds(entry.decision.at) > entry.received + policy.evening.clock_seconds
    return "ahead" if ahead else None


def _people(entry: letters.Decided, register: Register, policy: Policy) -> tuple[int, int]:
    """Count the different people of the war room who signed a decision, one with several devices once, and their groups."""
    level, at, interests = policy.levels.decision, entry.received, Interests(policy)
    signers = {jws.header.kid for jws in entry.signed if register.decided(jws)}
    standing = [device for kid in signers if (device := register.device(kid)) and register.stands(kid, level, at)]
    return len({device.voice for device in standing}), len({interests.group(device.network) for device in standing})


def _figures(entry: letters.Decision, count: Count, sheet: int, policy: Policy) -> Row | None:
    """Give the figures that a decision names: its own, or those of a claim about this sheet; None when they cannot be used."""
    if entry.figures is None:
        claims = count.record(sheet).claims
        return next((claim.row for claim in claims if claim.position == entry.use), None)
    figures, absurd = letters.plausible(entry.figures, policy.tolerances.largest)
    shape = count.ground.shape(sheet)
    if absurd is not None or not figures.votes.keys() <= shape.known or not figures.votes:
        return None
    return shape.lay(figures).row
