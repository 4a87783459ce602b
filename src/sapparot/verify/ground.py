"""What the rules need of an election, worked out once: row layouts, neighbourhoods, places and the parties of options."""

from __future__ import annotations

from collections.abc import Collection

from sapparot.contests import Election
from sapparot.places import UNKNOWN_PLACE, ancestors
from sapparot.verify.facts import Place
from sapparot.verify.shapes import Shape

NEIGHBOURS = 30
"""Stations of one neighbourhood at most: the cost of a comparison is bounded."""


class Ground:
    """An election as the engine walks on it. Sheets are numbered `station * ballots + ballot`."""

    def __init__(self, election: Election) -> None:
        self.election = election
        self.ballots = len(election.ballots)
        self.closes = int(election.closes_at.timestamp())
        stations = election.stations
        self.codes = stations.codes
        self.eligible: list[int] = stations.eligible.tolist()
        self._lat: list[int] = stations.lat.tolist()
        self._lon: list[int] = stations.lon.tolist()
        self._shapes = [Shape(contest) for contest in election.contest_list]
        self._contest: list[int] = election.sheet_contest.tolist()
        self._hood, self._place, self._sizes = _neighbourhoods(stations.subdistrict.tolist())
        self._partners: dict[tuple[int, int], list[int | None]] = {}

    def shape(self, sheet: int) -> Shape:
        """Give the row layout of a sheet."""
        return self._shapes[self._contest[sheet]]

    def place(self, station: int) -> Place | None:
        """Give the place of a station, None when it is not known."""
        lat, lon = self._lat[station], self._lon[station]
        return (lat, lon) if lat or lon else None

    def hood(self, sheet: int) -> int:
        """Give the number of the hood of a sheet: its neighbourhood in its contest."""
        return self._hood[sheet // self.ballots] * len(self._shapes) + self._contest[sheet]

    def hood_place(self, sheet: int) -> int:
        """Give the place of a sheet's station in its neighbourhood."""
        return self._place[sheet // self.ballots]

    def hood_size(self, sheet: int) -> int:
        """Count the stations of a sheet's neighbourhood."""
        return self._sizes[self._hood[sheet // self.ballots]]

    def lies_in(self, named: str, areas: Collection[str]) -> bool:
        """Tell whether a sheet, or the ballot of a whole area, lies in one of some areas."""
        election, (place, _, _) = self.election, named.rpartition("/")
        if (station := election.stations.index.get(place)) is None:
            return place in election.areas and any(area.code in areas for area in ancestors(election.areas, place))
        roll = election.stations
        around = ((roll.area_codes[kind], int(column[station])) for kind, column in roll.columns.items())
        return any(at != UNKNOWN_PLACE and codes[at] in areas for codes, at in around)

    def other(self, sheet: int) -> int | None:
        """Give the sheet of the next ballot at the same station; None when it is not contested there."""
        if self.ballots < 2:
            return None
        station, ballot = divmod(sheet, self.ballots)
        other = station * self.ballots + (ballot + 1) % self.ballots
        return other if self._contest[other] >= 0 else None

    def partner(self, sheet: int, other: int, column: int) -> int | None:
        """Give the column, in the contest of sheet `other`, of the party of an option; None when it does not stand there."""
        pair = (self._contest[sheet], self._contest[other])
        partners = self._partners.get(pair)
        if partners is None:
            partners = self._partners[pair] = self._same_parties(*pair)
        return partners[column]

    def _same_parties(self, here: int, there: int) -> list[int | None]:
        options = self._shapes[there].contest.options
        columns = {option.party: column for column, option in enumerate(options)}
        columns.pop(None, None)  # who stands for no party has nobody on the other ballot
        return [columns.get(option.party) for option in self._shapes[here].contest.options]


def _neighbourhoods(subdistricts: list[int]) -> tuple[list[int], list[int], list[int]]:
    """Cut every subdistrict into neighbourhoods of at most NEIGHBOURS stations, in the order of the roll.

    Gives the neighbourhood of each station, its place in it, and the number of stations of each neighbourhood; a station in no
    subdistrict is alone.
    """
    hood, place = [0] * len(subdistricts), [0] * len(subdistricts)
    sizes: list[int] = []
    last: dict[int, int] = {}
    for station, subdistrict in enumerate(subdistricts):
        number = last.get(subdistrict) if subdistrict >= 0 else None
        if number is None or sizes[number] == NEIGHBOURS:
            number = last[subdistrict] = len(sizes)
            sizes.append(0)
        hood[station], place[station] = number, sizes[number]
        sizes[number] += 1
    return hood, place, sizes
