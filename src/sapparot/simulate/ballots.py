"""Deals the announced votes out to constituencies and stations, every sum exact.

Order: ballots cast in each constituency; the country's list votes over constituencies; ballots cast at each station, the same
for every ballot paper; then options, spoiled and no-vote of each paper over the stations of a constituency.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from sapparot.simulate.problems import SumsImpossible
from sapparot.simulate.published import Published
from sapparot.simulate.sums import Floats, Ints, apportion, table
from sapparot.simulate.truth import Int32s

LEANING_OF_PLACE, LEANING_OF_STATION, LEANING_OF_BALLOT = 0.30, 0.20, 0.10
"""Spread (log-normal) of a party's strength over the subdistricts of a constituency, over stations, between the two papers."""
TURNOUT_SPREAD = 0.08
"""Spread (log-normal) of turnout over the stations of a constituency."""
INVALID_SPREAD = 0.15
"""Spread (log-normal) of the shares of spoiled and no-vote ballots."""
LOCAL = 0.7
"""How far a party's list follows its candidates: 1 wholly, 0 the country's average everywhere."""


class Dealt(Struct, frozen=True, eq=False):
    """What was voted, in the shapes of :class:`sapparot.simulate.truth.Truth`."""

    cast: Int32s
    votes: tuple[Int32s, ...]
    spoiled: Int32s
    no_vote: Int32s


class Paper(Struct, frozen=True, eq=False):
    """One ballot paper over c constituencies: option parties, votes, spoiled and no-vote of each."""

    parties: list[list[str]]
    votes: list[Ints]
    spoiled: Ints
    no_vote: Ints


def cast_votes(
    published: Published, constituency: Ints, place: Ints, eligible: Ints, chance: np.random.Generator
) -> Dealt:
    """Draw what was voted at stations that stand in ``constituency`` and ``place`` with ``eligible`` voters (all n long)."""
    papers = _papers(published, chance)
    lineup = sorted({party for paper in papers for parties in paper.parties for party in parties})
    column = {party: number for number, party in enumerate(lineup)}
    widths = [max(len(votes) for votes in paper.votes) for paper in papers]
    cast = np.zeros(len(eligible), np.int32)
    sheets = [np.zeros((len(eligible), width + 2), np.int32) for width in widths]
    for number in range(len(published.constituencies)):
        here = np.flatnonzero(constituency == number)
        total = int(papers[0].votes[number].sum() + papers[0].spoiled[number] + papers[0].no_vote[number])
        turnout = np.asarray(eligible[here] * np.exp(chance.normal(0, TURNOUT_SPREAD, len(here))), np.float64)
        cast[here] = rows = apportion(total, turnout, eligible[here])
        leaning = _leaning(place[here], len(lineup) + 1, chance)
        for paper, sheet in zip(papers, sheets, strict=True):
            filled = _at_stations(paper, number, rows, leaning[:, [column[p] for p in paper.parties[number]]], chance)
            sheet[here, : filled.shape[1] - 2] = filled[:, :-2]
            sheet[here, -2:] = filled[:, -2:]
    return Dealt(
        cast,
        tuple(np.ascontiguousarray(sheet[:, :-2]) for sheet in sheets),
        np.stack([sheet[:, -2] for sheet in sheets]),
        np.stack([sheet[:, -1] for sheet in sheets]),
    )


def _leaning(place: Ints, parties: int, chance: np.random.Generator) -> Floats:
    """How strong each party is at each station against its constituency: n x parties factors, alike within a place."""
    spots, inside = np.unique(place, return_inverse=True)
    shared = chance.standard_normal((len(spots), parties))[inside]
    own = chance.standard_normal((len(place), parties))
    return np.asarray(np.exp(LEANING_OF_PLACE * shared + LEANING_OF_STATION * own))


def _at_stations(paper: Paper, number: int, rows: Ints, leaning: Floats, chance: np.random.Generator) -> Ints:
    """Deal one paper of one constituency to its stations: stations x (options, spoiled, no-vote)."""
    columns = np.array([*paper.votes[number], paper.spoiled[number], paper.no_vote[number]])
    own = np.exp(chance.normal(0, LEANING_OF_BALLOT, (len(rows), len(columns))))
    own[:, :-2] *= leaning
    return table(own * rows[:, np.newaxis] * columns, rows, columns, chance)


def _papers(published: Published, chance: np.random.Generator) -> list[Paper]:
    """Give every ballot its figures in every constituency; the first one decides how many ballots were cast."""
    registered = np.array([constituency.registered for constituency in published.constituencies])
    first, scope = published.ballots[0]
    if scope != "constituency":
        raise SumsImpossible(f"the first ballot is counted by {scope}: the votes of constituencies are needed first")
    papers = [_local(published, first, registered, chance)]
    cast = _valid(papers[0]) + papers[0].spoiled + papers[0].no_vote
    for ballot, scope in published.ballots[1:]:
        if scope == "country":
            papers.append(_national(published, ballot, cast, papers[0], chance))
        else:
            papers.append(_filled_up(published, ballot, cast, chance))
    return papers


def _valid(paper: Paper) -> Ints:
    return np.array([int(votes.sum()) for votes in paper.votes])


def _contested(published: Published, ballot: str) -> tuple[list[list[str]], list[Ints]]:
    areas = [constituency.code for constituency in published.constituencies]
    parties = [[option.party for option in published.contests[ballot, area]] for area in areas]
    return parties, [published.votes[ballot, area] for area in areas]


def _around(shares: Ints, chance: np.random.Generator) -> Floats:
    return np.asarray(shares * np.exp(chance.normal(0, INVALID_SPREAD, len(shares))))


def _local(published: Published, ballot: str, registered: Ints, chance: np.random.Generator) -> Paper:
    """The paper of the constituencies: votes as announced, spoiled and no-vote spread like the votes."""
    parties, votes = _contested(published, ballot)
    valid = np.array([int(column.sum()) for column in votes])
    announced = published.totals[ballot]
    spoiled = apportion(announced.spoiled, _around(valid, chance), registered - valid)
    no_vote = apportion(announced.no_vote, _around(valid, chance), registered - valid - spoiled)
    return Paper(parties, votes, spoiled, no_vote)


def _filled_up(published: Published, ballot: str, cast: Ints, chance: np.random.Generator) -> Paper:
    """A further paper of the constituencies: what the votes leave of the ballots cast is spoiled or no-vote."""
    parties, votes = _contested(published, ballot)
    rest = cast - np.array([int(column.sum()) for column in votes])
    return Paper(parties, votes, *_split(rest, published.totals[ballot].no_vote, chance))


def _split(rest: Ints, no_vote: int, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Split ballots without a valid vote into spoiled and no-vote."""
    if (rest < 0).any():
        raise SumsImpossible("more valid votes were announced than ballots were cast")
    abstained = apportion(min(no_vote, int(rest.sum())), _around(rest, chance), rest)
    return rest - abstained, abstained


def _national(published: Published, ballot: str, cast: Ints, local: Paper, chance: np.random.Generator) -> Paper:
    """A paper of the whole country, dealt to constituencies after the strength of each party's candidates there."""
    options = [option.party for option in published.contests[ballot, published.country]]
    totals = published.votes[ballot, published.country]
    invalid = _around(np.full(len(cast), max(0, int(cast.sum() - totals.sum()))), chance) / cast.sum()
    valid = apportion(int(totals.sum()), np.asarray(cast * (1 - np.minimum(invalid, 0.9))), cast)
    share = _strength(options, local)
    noise = np.exp(chance.normal(0, LEANING_OF_BALLOT, share.shape))
    dealt = table(share * noise * valid[:, np.newaxis] * totals, valid, totals, chance)
    spoiled, no_vote = _split(cast - valid, published.totals[ballot].no_vote, chance)
    return Paper([options] * len(cast), list(dealt), spoiled, no_vote)


def _strength(options: list[str], local: Paper) -> Floats:
    """How strong each list is in each constituency against its average (1): constituencies x options."""
    column = {party: number for number, party in enumerate(options)}
    votes = np.zeros((len(local.votes), len(options)))
    for number, (parties, given) in enumerate(zip(local.parties, local.votes, strict=True)):
        for party, count in zip(parties, given.tolist(), strict=True):
            if party in column:
                votes[number, column[party]] += count
    share = votes / _valid(local)[:, np.newaxis]
    average = votes.sum(axis=0) / votes.sum()
    relative = np.divide(share, average, out=np.ones_like(share), where=average > 0)
    return np.asarray(1 - LOCAL + LOCAL * relative)
