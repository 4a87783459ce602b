"""Seats as they stand in files: the parliament, and the whole calculation behind the list seats."""

from fractions import Fraction
from typing import Any, TypeAlias

from msgspec import Struct

from sapparot.contests.allotment import SeatOutcome
from sapparot.contests.seats import house, quota_text
from sapparot.tally import COUNTED_LAYERS, Lead, Parliament, Result, leads, outlook, seat_ballot

Block: TypeAlias = dict[str, Any]


class Outlooks(Struct, frozen=True):
    """Leads by ballot and parliament, twice: over the layers of the headline, and over everything that was reported."""

    headline: Parliament
    all_layers: Parliament
    leads: dict[str, tuple[list[Lead], list[Lead]]]


def outlooks(result: Result) -> Outlooks:
    """Work both out."""
    seat, level = seat_ballot(result), result.contest_level
    found = {
        ballot.code: (leads(result, ballot.code), leads(result, ballot.code, COUNTED_LAYERS))
        for ballot in result.election.ballots
        if ballot == seat or ballot.scope == level
    }
    counted, everything = found[seat.code] if seat else ([], [])
    return Outlooks(
        headline=outlook(result, counted), all_layers=outlook(result, everything, COUNTED_LAYERS), leads=found
    )


def seat_rows(parliament: Parliament) -> Block:
    """Give the seats of every party that has or may get one, largest first.

    `safe` are constituency seats that are decided; `low` and `high` bound the list seats, None where nothing bounds them.
    """
    rows = [
        {
            "party": party.party,
            "constituency": party.constituency_seats,
            "list": party.list_seats,
            "total": party.total,
            "safe": parliament.safe.get(party.party, 0),
            "low": parliament.low.get(party.party),
            "high": parliament.high.get(party.party),
        }
        for party in parliament.seats
    ]
    seated = [row for row in rows if row["total"] or row["low"]]
    return {
        "parties": sorted(seated, key=lambda row: (-row["total"], row["party"])),
        "undecided": parliament.undecided,
        "list_fixed": parliament.bounds and parliament.bounds.fixed,
        "list_open": parliament.bounds and parliament.bounds.open,
    }


def seats_file(result: Result, both: Outlooks) -> Block:
    """Give the whole calculation, over the headline and over all layers."""
    return {
        "rule": result.election.seat_rule,
        "headline": _calculation(result, both.headline),
        "all_layers": _calculation(result, both.all_layers),
    }


def _calculation(result: Result, parliament: Parliament) -> Block:
    block = seat_rows(parliament) | {"refused": parliament.refused}
    if parliament.lists is None:
        return block | {"lists": None}
    direct = not house(result.election.seat_rule.name).compensates
    return block | {"lists": _lists(parliament.lists, parliament, direct)}


def _lists(lists: SeatOutcome, parliament: Parliament, direct: bool) -> Block:
    """Write the steps of the rule; `whole` and `remainder` (in votes) only where the quota alone gives list seats."""
    rows: list[Block] = []
    for party in lists.parties:
        votes = parliament.votes[party.party]
        row: Block = {"party": party.party, "votes": votes, "seats": party.list_seats}
        row |= {"low": parliament.low.get(party.party), "high": parliament.high.get(party.party)}
        if direct:
            whole, remainder = divmod(Fraction(votes), lists.quota)
            row |= {"whole": whole, "remainder": quota_text(remainder)}
        rows.append(row)
    return {
        "quota": quota_text(lists.quota),
        "votes": sum(row["votes"] for row in rows),
        "parties": sorted(rows, key=lambda row: (-row["votes"], row["party"])),
        "ties": lists.ties,
        "unfilled": lists.unfilled,
        "note": lists.note,
    }
