"""States of a sheet and the moves between them.

The claims of a sheet alone say what they are worth (`weigh`); the table says whether that may follow from what was held before
(`step`). What the table does not allow makes the sheet disputed: a change that no rule allows needs people.

A group speaks with one voice. It supports figures when every claim of it is sound and agrees with them and one of them gives the
votes of every option; it dissents from figures when one of its claims differs or breaks a rule of weight `dispute`. So a further
claim of a group that has spoken can never raise a sheet. Claims of a channel that is no source under the policy can report and dissent
like any other; behind figures they do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from sapparot.verify.facts import Claim, Layer, Row, Standing, State, Verdict
from sapparot.verify.policy import Interests, Policy
from sapparot.verify.shapes import ABSENT, TOTALS, cell, compatible, missing, numbers, votes_known, without

MOVES: Mapping[State, frozenset[State]] = {
    "empty": frozenset({"live", "reported", "disputed", "settled"}),
    "live": frozenset({"empty", "live", "reported", "disputed", "settled"}),
    "reported": frozenset({"empty", "live", "reported", "confirmed", "disputed", "settled"}),
    "confirmed": frozenset({"confirmed", "disputed", "settled"}),
    "disputed": frozenset({"empty", "live", "reported", "confirmed", "disputed", "settled"}),
    "settled": frozenset({"settled"}),
}
"""From each state, the states that may follow. A state that follows itself has other figures, another layer or other sources."""


class Camp(Struct, frozen=True):
    """Claims that agree with `row`: the groups behind it, those against it, and whether one of those has sound other figures."""

    row: Row
    behind: frozenset[str]
    against: frozenset[str]
    differs: bool
    final: bool


def weigh(claims: Sequence[Claim], interests: Interests) -> Verdict:
    """Say what the claims of one sheet are worth, whatever the order in which they came."""
    live = best_progress(claims, interests)
    finals = [claim for claim in claims if claim.stage != "progress"]
    if not any(claim.stage == "final" for claim in finals):
        if live is None:
            return Verdict("empty", "nothing_stands")
        return Verdict("live", "progress_counted", live, live, 1)
    rows = leaders({claim.row for claim in finals}, interests.agreement.tolerance)
    camps = [_camp(row, finals, interests) for row in rows]
    agreed = [camp for camp in camps if _enough(camp, interests)]
    if len(agreed) == 1:
        said = _vouched(agreed[0], finals, interests)
        return Verdict("confirmed", _agreement(agreed[0], interests), said, live, len(agreed[0].behind))
    if len(rows) > 1:
        return Verdict("disputed", "sources_differ", None, live)
    if not all(sound(claim, interests) for claim in finals):
        return Verdict("disputed", "rule_failed", None, live)
    groups = {interests.group(claim.network) for claim in finals if interests.is_source(claim.channel)}
    return Verdict("reported", "first_final" if groups else "only_text", rows[0], live, len(groups))


def step(held: Standing, verdict: Verdict, tolerance: int = 0) -> Standing:
    """Say what is held true for a sheet after its claims were weighed again."""
    if held.state == "settled":
        return held
    if held.layer == "confirmed":
        return _after_confirmed(held, verdict, tolerance)
    if verdict.state == "disputed" or verdict.state not in MOVES[held.state] | {held.state}:
        if verdict.live is None:
            return Standing("disputed", "none", None, 0, verdict.reason)
        return Standing("disputed", "live", verdict.live, 1, verdict.reason)
    layer: Layer = "none" if verdict.state == "empty" else verdict.state
    return Standing(verdict.state, layer, verdict.row, verdict.sources, verdict.reason)


def settle(row: Row, people: int) -> Standing:
    """Say what is held true after the war room decided for figures."""
    return Standing("settled", "settled", row, people, "decided")


def people_needed(held: Standing, row: Row, policy: Policy) -> int:
    """Say how many different people must stand behind a decision for these figures."""
    needed = policy.decisions.otherwise
    if held.state == "disputed":
        needed = max(needed, policy.decisions.disputed)
    if held.layer in ("confirmed", "settled") and held.row != row:
        needed = max(needed, policy.decisions.overrule)
    return needed


def sound(claim: Claim, interests: Interests) -> bool:
    """Tell whether a claim breaks no rule of weight `dispute`."""
    return not claim.failed or interests.disputing.isdisjoint(claim.failed)


def leaders(rows: Iterable[Row], tolerance: int) -> list[Row]:
    """Choose one row for each set of rows that agree, so that the order of arrival plays no part: who gives every vote comes first.

    Else a report that leaves an option out, and gives more totals, would take from what others confirm the votes of that option.
    """
    distinct = set(rows)
    if len(distinct) == 1:
        return list(distinct)
    found: list[Row] = []
    for row in sorted(distinct, key=lambda row: (not votes_known(row), missing(row), row)):
        if not any(compatible(row, leader, tolerance) for leader in found):
            found.append(row)
    return found


def first_to_differ(row: Row, spoken: Sequence[Row], tolerance: int) -> bool:
    """Tell whether these figures differ from what a group has said with one voice until now: whoever repeats a lie silences nobody."""
    if all(compatible(row, one, tolerance) for one in spoken):
        return False
    return all(compatible(one, other, tolerance) for one, other in combinations(dict.fromkeys(spoken), 2))


def best_progress(claims: Sequence[Claim], interests: Interests) -> Row | None:
    """Choose the progress that has seen most votes: a count only grows, so it is the newest."""
    best: Claim | None = None
    for claim in claims:
        if (
            claim.stage == "progress"
            and sound(claim, interests)
            and (best is None or (claim.total, claim.row) > (best.total, best.row))
        ):
            best = claim
    return None if best is None else best.row


def _camp(row: Row, finals: Sequence[Claim], interests: Interests) -> Camp:
    tolerance = interests.agreement.tolerance
    behind: set[str] = set()
    against: set[str] = set()
    whole: set[str] = set()
    differs = False
    for claim in finals:
        group = interests.group(claim.network)
        if not sound(claim, interests):
            against.add(group)
        elif not compatible(claim.row, row, tolerance):
            against.add(group)
            differs = True
        elif votes_known(claim.row) and interests.is_source(claim.channel):
            behind.add(group)
            if claim.stage == "final":
                whole.add(group)
    stand = frozenset(behind - against)
    return Camp(row, stand, frozenset(against), differs, final=not stand.isdisjoint(whole))


def _enough(camp: Camp, interests: Interests) -> bool:
    agreement = interests.agreement
    if not camp.final or not votes_known(camp.row) or len(camp.behind) < agreement.sources:
        return False
    if not camp.against:
        return True
    needed = agreement.outvote if camp.differs else agreement.outvote_unsound
    return len(camp.against) <= agreement.outvoted and interests.strength(camp.behind) >= needed


def _vouched(camp: Camp, finals: Sequence[Claim], interests: Interests) -> Row:
    """Leave out totals that fewer groups behind the figures give than must agree: what one source says alone is not confirmed.

    A total that follows from the other figures needs nobody: valid ballots from the votes, one of the others from the rest.
    """
    if all(claim.row == camp.row for claim in finals):
        return camp.row
    *votes, valid, spoiled, no_vote, cast = numbers(camp.row)
    behind = [
        (group, claim.row)
        for claim in finals
        if (group := interests.group(claim.network)) in camp.behind and interests.is_source(claim.channel)
    ]
    given = [{group for group, row in behind if cell(row, len(votes) + n) != ABSENT} for n in range(len(TOTALS))]
    alone = [len(votes) + n for n, groups in enumerate(given) if len(groups) < interests.agreement.sources]
    if valid == sum(votes) and len(votes) in alone:
        alone.remove(len(votes))
    if len(alone) == 1 and valid == sum(votes) and valid + spoiled + no_vote == cast:
        return camp.row
    return without(camp.row, alone)


def _agreement(camp: Camp, interests: Interests) -> str:
    if camp.against:
        return "dissent_outvoted"
    return "rivals_agree" if interests.rivals(camp.behind) > 1 else "independent_sources_agree"


def _after_confirmed(held: Standing, verdict: Verdict, tolerance: int) -> Standing:
    """Keep confirmed figures: only people put others in their place."""
    if verdict.state == "confirmed" and verdict.row is not None and held.row is not None:
        if compatible(held.row, verdict.row, tolerance):
            # Without a tolerance the rows differ only in figures that one of them does not give.
            row = held.row if tolerance else verdict.row
            return Standing("confirmed", "confirmed", row, verdict.sources, verdict.reason)
        return Standing("disputed", "confirmed", held.row, held.sources, "sources_differ")
    reason = verdict.reason if verdict.state == "disputed" else "support_lost"
    return Standing("disputed", "confirmed", held.row, held.sources, reason)
