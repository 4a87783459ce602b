"""Decisions of the war room: who may decide, for which figures, and how many people it takes."""

from __future__ import annotations

from sapparot.verify import letters
from sapparot.verify.admission import decision_is_allowed
from sapparot.verify.count import Count
from sapparot.verify.facts import Finding, Row
from sapparot.verify.policy import Policy
from sapparot.verify.register import Register
from sapparot.verify.states import people_needed


def decided(
    entry: letters.DecisionEntry, count: Count, register: Register, policy: Policy
) -> tuple[Finding, int | None, Row | None]:
    """Judge a decision; give the finding, the sheet it is about and the figures that hold now, None when it is void."""
    sheet = count.ground.election.sheet_number(entry.sheet)
    people = _people(entry, register, policy)
    if sheet is None:
        return decision_is_allowed(people, policy.decisions.otherwise, figures=True, sheet=False), None, None
    row = _figures(entry, count, sheet, policy)
    standing = count.record(sheet).standing
    needed = policy.decisions.otherwise if row is None else people_needed(standing, row, policy)
    finding = decision_is_allowed(people, needed, figures=row is not None)
    return finding, sheet, row if finding.outcome == "passed" else None


def _people(entry: letters.DecisionEntry, register: Register, policy: Policy) -> int:
    """Count the different people of the war room who stand behind a decision."""
    at = letters.seconds(entry.at)
    return sum(register.stands(kid, policy.levels.decision, at) for kid in sorted(set(entry.by)))


def _figures(entry: letters.DecisionEntry, count: Count, sheet: int, policy: Policy) -> Row | None:
    """Give the figures that a decision names: its own, or those of a claim about this sheet; None when they cannot be used."""
    if entry.figures is None:
        claims = count.record(sheet).claims
        return next((claim.row for claim in claims if claim.position == entry.use), None)
    figures, absurd = letters.plausible(entry.figures, policy.tolerances.largest)
    shape = count.ground.shape(sheet)
    if absurd is not None or not figures.votes.keys() <= shape.known or not figures.votes:
        return None
    return shape.lay(figures).row
