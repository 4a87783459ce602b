"""Levels, and sums over sheets, as docs/formats/counting.md has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.second.ground import Contest, Election, SheetId, Station
from tests.second.standing import LAYERS, Stand, Standing

TOTALS = ("unlisted", "valid", "spoiled", "no_vote", "ballots_cast")
FIRST = len(TOTALS)
"""The column of the first option."""
NO_VOTE = TOTALS.index("no_vote")
KINDS = ("ordinary", "advance", "overseas", "special")


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet and what it stands for."""

    station: Station
    contest: Contest
    stand: Stand
    counted: bool
    """It is in a layer of the headline."""

    @property
    def certain(self) -> bool:
        return self.counted and self.stand.state != "disputed"

    @property
    def partial(self) -> bool:
        return self.stand.row is not None and None in self.stand.row[FIRST:]

    def untold(self) -> int:
        """Give the ballots of which the sheet does not say what they were for."""
        assert self.stand.row is not None
        unlisted, _, spoiled, no_vote, cast, *votes = self.stand.row
        ballots = self.station.eligible if cast is None else cast
        return max(0, ballots - sum(each or 0 for each in (unlisted, spoiled, no_vote, *votes)))


class Count:
    """All sheets of an election at one size of its log."""

    def __init__(self, standing: Standing) -> None:
        assert standing.election is not None
        self.election: Election = standing.election
        self.headline = standing.headline
        self.unread = standing.unread
        self._sheets: defaultdict[tuple[str, str], list[Sheet]] = defaultdict(list)
        self.sheets: list[Sheet] = []
        for number, station in enumerate(self.election.stations):
            for ballot in range(len(self.election.ballots)):
                contest = self.election.contest(SheetId(number, ballot))
                if contest is not None:
                    self._add(station, contest, standing.stands.get(SheetId(number, ballot), Stand()))
        self.levels: defaultdict[str, list[str]] = defaultdict(list)
        for code, area in self.election.areas.items():
            self.levels[area["kind"]].append(code)
        kinds = {station.kind for station in self.election.stations}
        self.kinds = [*(kind for kind in KINDS if kind in kinds), *sorted(kinds.difference(KINDS))]

    def _add(self, station: Station, contest: Contest, stand: Stand) -> None:
        sheet = Sheet(station, contest, stand, stand.layer in self.headline)
        self.sheets.append(sheet)
        for area in station.around.values():
            self._sheets[contest.ballot, area].append(sheet)

    def inside(self, ballot: str, area: str) -> list[Sheet]:
        return self._sheets.get((ballot, area), [])

    def whole(self, ballot: str) -> list[Sheet]:
        """Give the sheets of the country."""
        return self.inside(ballot, self.levels[self.top][0])

    @property
    def top(self) -> str:
        return next(iter(self.levels))

    @property
    def wide(self) -> str:
        return next((kind for kind, areas in self.levels.items() if len(areas) > 1), self.top)

    @property
    def contest_level(self) -> str:
        contested = [kind for kind in self.levels if kind in self.election.scopes.values()]
        return max(reversed(contested), key=lambda kind: len(self.levels[kind]))

    @property
    def smaller(self) -> list[str]:
        kinds = list(self.levels)
        return kinds[kinds.index(self.contest_level) + 1 :]

    def is_in_top(self, ballot: str) -> bool:
        return self.election.scopes[ballot] == self.top

    @property
    def seat_ballot(self) -> str | None:
        return next((ballot for ballot in self.election.ballots if not self.is_in_top(ballot)), None)

    @property
    def list_ballot(self) -> str:
        return next(filter(self.is_in_top, self.election.ballots), self.election.ballots[0])


def columns_of(contest: Contest) -> list[str]:
    return [*TOTALS, *contest.keys]


def added(rows: Iterable[tuple[int | None, ...]], width: int) -> list[int]:
    sums = [0] * width
    for row in rows:
        for column, number in enumerate(row):
            sums[column] += number or 0
    return sums


def rows_in(sheets: Iterable[Sheet], layers: Iterable[str]) -> list[tuple[int | None, ...]]:
    """Give what the sheets of some layers say."""
    return [sheet.stand.row for sheet in sheets if sheet.stand.layer in layers and sheet.stand.row is not None]


def by_layer(sheets: list[Sheet], width: int) -> dict[str, list[int]]:
    """Give the sums of each layer with a sheet."""
    rows = {layer: rows_in(sheets, [layer]) for layer in LAYERS[1:]}
    return {layer: added(given, width) for layer, given in rows.items() if given}


def by_party(count: Count, sheets: Iterable[Sheet]) -> list[Sheet]:
    """Give the same sheets with a column for each party, and one for votes for none."""
    parties = [*count.election.parties, None]
    places = {party: FIRST + number for number, party in enumerate(parties)}
    return [_of_parties(sheet, places) for sheet in sheets]


def _of_parties(sheet: Sheet, places: dict[str | None, int]) -> Sheet:
    stand = sheet.stand
    if stand.row is None:
        return sheet
    row: list[int] = [number or 0 for number in stand.row[:FIRST]] + [0] * len(places)
    for party, votes in zip(sheet.contest.parties, stand.row[FIRST:], strict=True):
        row[places[party]] += votes or 0
    stand = Stand(stand.state, stand.layer, stand.reason, stand.sources, stand.position, tuple(row))
    return Sheet(sheet.station, sheet.contest, stand, sheet.counted)
