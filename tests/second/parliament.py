"""The parliament that would follow, as docs/formats/counting.md has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.second.bounds import bounds
from tests.second.ground import Contest
from tests.second.leads import Lead, certain_votes, leads, outstanding
from tests.second.seats import Given, Party, Refused, given_by, written
from tests.second.standing import LAYERS
from tests.second.sums import FIRST, Count, added, by_party, rows_in


def party_votes(count: Count, layers: Iterable[str]) -> dict[str, int]:
    """Give the votes of each party on the list ballot, over some layers."""
    sheets = by_party(count, count.whole(count.list_ballot))
    parties = count.election.parties
    sums = added(rows_in(sheets, layers), FIRST + len(parties) + 1)
    return dict(zip(parties, sums[FIRST:], strict=False))


def lists_of(count: Count) -> list[Contest]:
    """Give the contests of the list ballot where it is contested in the top."""
    ballot = count.list_ballot
    if not count.is_in_top(ballot):
        return []
    return [contest for contest in count.election.contests.values() if contest.ballot == ballot]


def names_of(count: Count) -> dict[str, int | None]:
    """Give the parties that the rule weighs, with the names on their lists."""
    options = [
        (party, names)
        for contest in lists_of(count)
        for party, names in zip(contest.parties, contest.list_names, strict=True)
        if party is not None
    ]
    names = dict(options)
    return {party: names.get(party) for party in count.election.parties if party in names or not names}


@dataclass(frozen=True)
class Won:
    """Who leads in the contests of the seat ballot."""

    constituency: Counter[str]
    safe: Counter[str]
    undecided: int


def won(contests: Sequence[Contest], found: Sequence[Lead]) -> Won:
    constituency, safe, undecided = Counter[str](), Counter[str](), 0
    for contest, lead in zip(contests, found, strict=True):
        holders = dict(zip(map(int, contest.keys), contest.parties, strict=True))
        if len(lead.leaders) == 1:
            constituency[_holder(contest, lead.leaders[0], holders)] += 1
        else:
            undecided += 1
        if lead.decided is not None:
            safe[_holder(contest, lead.decided, holders)] += 1
    return Won(constituency, safe, undecided)


def _holder(contest: Contest, number: int, holders: dict[int, str | None]) -> str:
    party = holders[number]
    return f"{contest.area}/{number}" if party is None else party


def parliaments(count: Count) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the parliament over the headline, and over all layers."""
    contests = [each for each in count.election.contests.values() if each.ballot == count.seat_ballot]
    found = [leads(count, contest) for contest in contests]
    over_headline = won(contests, [pair[0] for pair in found])
    over_all = won(contests, [pair[1] for pair in found])
    return parliament(count, count.headline, over_headline, limits(count)), parliament(
        count, LAYERS[1:], over_all, None
    )


def limits(count: Count) -> dict[str, tuple[int, int]] | None:
    """Give what list seats can still change, if anything bounds them."""
    rule = count.election.header["seat_rule"]
    if rule["name"] != "th-2566" or not rule["list_seats"] or not count.is_in_top(count.list_ballot):
        return None
    names = names_of(count)
    sheets = count.whole(count.list_ballot)
    width = FIRST + len(count.election.parties) + 1
    certain = dict(zip(count.election.parties, certain_votes(by_party(count, sheets), width)[FIRST:], strict=False))
    votes = [certain[party] for party in names]
    return dict(zip(names, bounds(votes, outstanding(sheets), rule["list_seats"], list(names.values())), strict=True))


def parliament(
    count: Count, layers: Iterable[str], seats: Won, limited: dict[str, tuple[int, int]] | None
) -> dict[str, Any]:
    rule, votes, names = count.election.header["seat_rule"], party_votes(count, layers), names_of(count)
    weighed = [Party(code, votes[code], seats.constituency[code], names[code]) for code in names]
    given, refused = None, None
    try:
        given = given_by(rule["name"], weighed, rule["list_seats"] or 0)
    except Refused as error:
        refused = {"th": error.args[0], "en": error.args[1]}
    list_seats = dict(zip(names, given.seats, strict=True)) if given else {}
    rows = [
        _row(code, seats, list_seats.get(code, 0), (limited or {}).get(code))
        for code in {**names, **seats.constituency, **seats.safe}
    ]
    lows = None if limited is None else sum(low for low, _ in limited.values())
    return {
        "parties": sorted(
            (row for row in rows if row["total"] or row["low"]), key=lambda row: (-row["total"], row["party"])
        ),
        "undecided": seats.undecided,
        "list_fixed": lows,
        "list_open": None if lows is None else rule["list_seats"] - lows,
        "refused": refused,
        "lists": given and _calculation(weighed, given, limited or {}),
    }


def _row(code: str, seats: Won, list_seats: int, limited: tuple[int, int] | None) -> dict[str, Any]:
    low, high = limited or (None, None)
    led = seats.constituency[code]
    return {
        "party": code, "constituency": led, "list": list_seats, "total": led + list_seats, "safe": seats.safe[code],
        "low": low, "high": high,
    }  # fmt: skip


def _calculation(parties: list[Party], given: Given, limited: dict[str, tuple[int, int]]) -> dict[str, Any]:
    rows = []
    for at, party in enumerate(parties):
        low, high = limited.get(party.code, (None, None))
        row = {"party": party.code, "votes": party.votes, "seats": given.seats[at], "low": low, "high": high}
        if given.whole is not None and given.remainder is not None:
            row |= {"whole": given.whole[at], "remainder": written(given.remainder[at])}
        rows.append(row)
    return {
        "quota": written(given.quota),
        "votes": sum(party.votes for party in parties),
        "parties": sorted(rows, key=lambda row: (-row["votes"], row["party"])),
        "ties": [{"parties": [parties[at].code for at in tied], "seats": seats} for tied, seats in given.ties],
        "unfilled": given.unfilled,
        "note": given.note,
    }
