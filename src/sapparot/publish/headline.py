"""The headline: a few kilobytes that a phone, a newsroom's graphic and the event stream can live on."""

from typing import Any, TypeAlias

from sapparot.publish.seating import Outlooks, seat_rows
from sapparot.tally import (
    COUNTED_LAYERS,
    LAYERS,
    TOTALS,
    AreaCoverage,
    Coverage,
    Result,
    list_ballot,
    rounded_up,
    share,
)

Block: TypeAlias = dict[str, Any]
TOP_PARTIES = 12
"""Parties listed by votes; a party with a seat is listed at any rate."""


def headline(result: Result, both: Outlooks, coverages: list[Coverage]) -> Block:
    """Give what is counted, the parliament that would follow and the leading parties."""
    election = result.election
    return {
        "name": election.name,
        "date": election.date.isoformat(),
        "ballots": [_ballot(result, covered) for covered in coverages],
        "parliament": {"headline": seat_rows(both.headline), "all_layers": seat_rows(both.all_layers)},
        "parties": _parties(result, both),
        "unread": len(result.unread),
    }


def counted_shares(result: Result) -> dict[str, int]:
    """Give the counted share of sheets by ballot, in basis points."""
    found: dict[str, int] = {}
    for ballot in result.standings:
        sheets = result.sheets(ballot, result.top_level)
        found[ballot] = share(int(result.counted(sheets)[0]), int(sheets.sum()))
    return found


def coverage_file(coverages: list[Coverage]) -> Block:
    """Give how much is counted where, and how far that is from the electorate."""
    return {"ballots": [_coverage(covered) for covered in coverages]}


def _ballot(result: Result, covered: Coverage) -> Block:
    ballot, options = covered.ballot, result.standings[covered.ballot].options
    sheets = result.sheets(ballot, result.top_level)[0].sum(axis=0).tolist()
    people = result.eligible(ballot, result.top_level)[0].sum(axis=0).tolist()
    totals = result.votes(ballot, result.top_level)[0, :, options:].tolist()
    layers = zip(COUNTED_LAYERS, totals, sheets[1:], strict=True)
    return {
        "ballot": ballot,
        "name": next(one.name for one in result.election.ballots if one.code == ballot),
        "whole": _area(covered.whole),
        "bias": _distance(covered),
        "sheets_by_layer": dict(zip(LAYERS, sheets, strict=True)),
        "eligible_by_layer": dict(zip(LAYERS, people, strict=True)),
        "totals": {layer: dict(zip(TOTALS, row, strict=True)) for layer, row, there in layers if there},
    }


def _coverage(covered: Coverage) -> Block:
    return {
        "ballot": covered.ballot,
        "whole": _area(covered.whole),
        "bias": _distance(covered),
        "bias_level": covered.bias_level,
        "areas": [_area(area) for area in covered.areas],
        "kinds": [_area(area) for area in covered.kinds],
    }


def _area(area: AreaCoverage) -> Block:
    return {
        "area": area.area,
        "sheets": area.sheets,
        "counted": area.counted_sheets,
        "share": share(area.counted_sheets, area.sheets),
        "eligible": area.eligible,
        "counted_eligible": area.counted_eligible,
        "eligible_share": share(area.counted_eligible, area.eligible),
        "sheets_by_state": area.states,
    }


def _distance(covered: Coverage) -> int | None:
    return None if covered.bias is None else rounded_up(covered.bias)


def _parties(result: Result, both: Outlooks) -> list[Block]:
    """Give parties by votes on the list ballot, the headline first; `share` is of all votes for parties."""
    counted, everything = both.headline.votes, both.all_layers.votes
    order = sorted(counted, key=lambda party: (-counted[party], -everything[party], party))
    seated = {
        party.party for parliament in (both.headline, both.all_layers) for party in parliament.seats if party.total
    }
    whole = sum(counted.values())
    rows = result.by_party(list_ballot(result).code, result.top_level)[0].tolist()
    column = {party: place for place, party in enumerate(result.election.parties)}
    return [
        _party(result, party)
        | {"votes": counted[party], "share": share(counted[party], whole)}
        | {"by_layer": {layer: row[column[party]] for layer, row in zip(COUNTED_LAYERS, rows, strict=True)}}
        for rank, party in enumerate(order)
        if party in seated or (rank < TOP_PARTIES and everything[party])
    ]


def _party(result: Result, code: str) -> Block:
    party = result.election.parties[code]
    return {"party": code, "name": party.name, "short": party.short, "color": party.color}
