"""Who leads a contest, and what can no longer change, as docs/formats/counting.md has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from tests.second.ground import Contest
from tests.second.standing import LAYERS
from tests.second.sums import FIRST, NO_VOTE, Count, Sheet, added, rows_in


@dataclass(frozen=True)
class Lead:
    """Who leads in an area."""

    area: str
    leaders: list[int]
    runner_up: int | None
    margin: int
    outstanding: int
    decided: int | None = None

    def told(self) -> dict[str, object]:
        return asdict(self)


def outstanding(sheets: Iterable[Sheet]) -> int:
    left = 0
    for sheet in sheets:
        if not sheet.certain:
            left += sheet.station.eligible
        elif sheet.partial:
            left += sheet.untold()
    return left


def certain_votes(sheets: list[Sheet], width: int) -> list[int]:
    certain = [sheet for sheet in sheets if sheet.certain]
    votes = added(rows_in(certain, LAYERS), width)
    for sheet in certain:
        if not sheet.partial and sheet.stand.row is not None and sheet.stand.row[NO_VOTE] is None:
            votes[NO_VOTE] += sheet.untold()
    return votes


def lead_of(contest: Contest, sheets: list[Sheet], layers: Iterable[str]) -> Lead:
    """Say who leads over some layers; nothing is decided there."""
    row = added(rows_in(sheets, layers), FIRST + len(contest.keys))
    votes, no_vote = row[FIRST:], row[NO_VOTE]
    order = sorted(range(len(votes)), key=lambda option: -votes[option])
    most = votes[order[0]]
    second = votes[order[1]] if len(order) > 1 else 0
    leaders = [int(contest.keys[option]) for option in range(len(votes)) if votes[option] == most > no_vote]
    runner_up = int(contest.keys[order[1]]) if second else None
    return Lead(contest.area, leaders, runner_up, max(0, most - max(no_vote, second)), outstanding(sheets))


def with_decided(lead: Lead, contest: Contest, sheets: list[Sheet]) -> Lead:
    row = certain_votes(sheets, FIRST + len(contest.keys))
    votes = row[FIRST:]
    first = votes.index(max(votes))
    rivals = [row[NO_VOTE], *votes[:first], *votes[first + 1 :]]
    safe = all(votes[first] - rival > lead.outstanding for rival in rivals)
    return replace(lead, decided=int(contest.keys[first])) if safe else lead


def leads(count: Count, contest: Contest) -> tuple[Lead, Lead]:
    """Say who leads over the headline, and over all layers."""
    sheets = count.inside(contest.ballot, contest.area)
    over_headline = lead_of(contest, sheets, count.headline)
    return with_decided(over_headline, contest, sheets), lead_of(contest, sheets, LAYERS[1:])
