"""The parliament as it stands: seats by party and certainty, as a table and as a hemicycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sapparot.base.text import Text
from sapparot.tally import TOTALS
from sapparot.web.public.facts import NO_PARTY, ContestLine, Hemicycle, PartyLine, Ring, bar
from sapparot.web.public.hemicycle import Hall, hall
from sapparot.web.public.snapshots import Definition, Edition, SeatRow, Sums

INDEPENDENT = Text("ไม่สังกัดพรรค", "Independent")
SCALE = 100


def party_lines(edition: Edition, contests: Iterable[ContestLine]) -> list[PartyLine]:
    """Give every party with a vote or a seat, most seats first, then most votes."""
    definition = edition.definition
    won = Counter((line.place, line.standing) for line in contests if line.leader and not line.tied)
    lists, provisional = list_rows(edition)
    votes, waiting = _votes(edition)
    total = sum(votes.values())
    longest = max((votes[place] + sum(waiting[place].values()) for place in votes), default=0)
    found = []
    for place in (*range(len(definition.parties)), NO_PARTY):
        row, later = lists.get(place), provisional.get(place)
        certain = (row.low or 0) if row else 0
        found.append(
            PartyLine(
                place=place,
                name=definition.parties[place].name if place >= 0 else INDEPENDENT,
                short=definition.parties[place].short if place >= 0 else INDEPENDENT,
                decided=won[place, "decided"],
                leading=won[place, "leading"],
                provisional=won[place, "provisional"],
                list_certain=certain,
                list_leading=row.list_seats - certain if row else 0,
                list_provisional=later.list_seats if later else 0,
                votes=votes.get(place, 0),
                share=votes.get(place, 0) * 10_000 // total if total else 0,
                parts=bar((("party", votes.get(place, 0)), *waiting.get(place, {}).items()), longest),
            )
        )
    standing = [line for line in found if line.seats or line.waiting or line.parts]
    return sorted(standing, key=lambda line: (-line.seats, -line.seats - line.waiting, -line.votes, line.place))


def list_rows(edition: Edition) -> tuple[dict[int, SeatRow], dict[int, SeatRow]]:
    """Give the list seats of the headline by place of the party; and, while it gives none, those over all layers."""
    counted, everything = edition.seats.headline, edition.seats.all_layers
    place = edition.definition.place
    rows = {place[row.party]: row for row in counted.parties if row.party in place}
    if sum(row.list_seats for row in rows.values()):
        return rows, {}
    return {}, {place[row.party]: row for row in everything.parties if row.party in place}


def _votes(edition: Edition) -> tuple[dict[int, int], dict[int, dict[str, int]]]:
    """Give list votes by place of the party: those of the headline, and those of reported and live sheets apart."""
    definition = edition.definition
    country = edition.provinces.areas[0].ballots
    sums = country[definition.lists.code]
    columns = {place: len(TOTALS) + place for place in range(len(definition.parties))}
    columns[NO_PARTY] = len(TOTALS) + len(definition.parties)
    votes = {place: sums.of(edition.counted, column) for place, column in columns.items()}
    return votes, {place: _waiting(edition, sums, column) for place, column in columns.items()}


def _waiting(edition: Edition, sums: Sums, column: int) -> dict[str, int]:
    live = tuple(layer for layer in edition.waiting if layer == "live")
    other = tuple(layer for layer in edition.waiting if layer != "live")
    return {"waiting": sums.of(other, column), "live": sums.of(live, column)}


def hemicycle(definition: Definition, lines: Iterable[PartyLine]) -> Hemicycle:
    """Draw the seats: parties from left to right, in each the certain seats first, open seats last."""
    seats = sum(one.seats for one in definition.contests if one.ballot == definition.local.code)
    seats += definition.seat_rule.list_seats
    room = hall(seats)
    rings, taken = [], 0
    for line in lines:
        certainties = (("sure", line.certain), ("now", line.seats - line.certain), ("maybe", line.waiting))
        for kind, count in certainties:
            if count:
                rings.append(Ring(line.place, kind, _dots(room, taken, taken + count)))
                taken += count
    if taken < seats:
        rings.append(Ring(NO_PARTY, "open", _dots(room, taken, seats)))
    edge = round(SCALE * (1 + room.dot), 1)
    return Hemicycle(
        box=f"{-edge} {-edge} {2 * edge} {round(edge + SCALE * 0.08, 1)}",
        dot=round(room.dot * SCALE, 2),
        rings=tuple(rings),
        half=f"M0 {-SCALE * 0.36:g}V{-edge}",
        seats=seats,
        majority=seats // 2 + 1,
    )


def _dots(room: Hall, start: int, end: int) -> str:
    """Draw dots as lines without length: with round ends they are discs as wide as the stroke."""
    return "".join(f"M{round(x * SCALE, 1):g} {round(-y * SCALE, 1):g}h0" for x, y in room.places[start:end])
