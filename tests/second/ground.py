"""The election that is counted: areas, contests, stations and which sheets there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.second.forms import PARTS
from tests.second.reading import Members, Unreadable, json_of, seconds

BLOCK = 30
Place = tuple[int, int]


class SheetId(NamedTuple):
    """A station and a ballot by their order."""

    station: int
    ballot: int


@dataclass(frozen=True, eq=False)
class Contest:
    """Options by ascending number."""

    ballot: str
    area: str
    keys: tuple[str, ...]
    parties: tuple[str | None, ...]
    list_names: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Station:
    """A station with the areas around it by their kind."""

    code: str
    kind: str
    eligible: int
    place: Place | None
    around: dict[str, str]


@dataclass
class Election:
    """What the entries of an election say together."""

    id: str
    closes: int
    scopes: dict[str, str]
    ballots: list[str]
    header: Members
    areas: dict[str, Members] = field(default_factory=dict)
    parties: dict[str, Members] = field(default_factory=dict)
    contests: dict[tuple[str, str], Contest] = field(default_factory=dict)
    given: list[Members] = field(default_factory=list)
    """The contests as they were given."""
    stations: list[Station] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    blocks: dict[int, list[int]] = field(default_factory=dict)

    def way_up(self, area: str | None) -> Iterator[Members]:
        while area is not None:
            yield self.areas[area]
            area = self.areas[area]["parent"]

    def contest(self, sheet: SheetId) -> Contest | None:
        ballot = self.ballots[sheet.ballot]
        area = self.stations[sheet.station].around.get(self.scopes[ballot])
        return None if area is None else self.contests.get((ballot, area))

    def sheet(self, name: str) -> SheetId | None:
        station, _, ballot = name.rpartition("/")
        if station not in self.index or ballot not in self.scopes:
            return None
        sheet = SheetId(self.index[station], self.ballots.index(ballot))
        return sheet if self.contest(sheet) else None

    def is_sheet_of_area(self, name: str) -> bool:
        area, _, ballot = name.rpartition("/")
        if ballot not in self.scopes or area not in self.areas:
            return False
        first = next((each["code"] for each in self.way_up(area) if each["kind"] == self.scopes[ballot]), None)
        return (ballot, first) in self.contests

    def name(self, sheet: SheetId) -> str:
        return f"{self.stations[sheet.station].code}/{self.ballots[sheet.ballot]}"


def fits(holds: bool) -> None:
    if not holds:
        raise Unreadable("definition")


class Definitions:
    """Keeps what came of each election until it is whole."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[str, Members]]] = defaultdict(list)
        self._balance: Counter[str] = Counter()
        self.fixed = False

    def add(self, kind: str, body: bytes) -> Election | None:
        try:
            part = PARTS[kind](json_of(body))
        except Unreadable as error:
            raise Unreadable("definition") from error
        election = part["id" if kind == "election" else "election"]
        self._kept[election].append((kind, part))
        self._balance[election] += part["parts"] if kind == "election" else -1
        return None if self._balance[election] else _election(self._kept.pop(election))

    def replaces(self, old: Election | None, new: Election) -> bool:
        """Tell whether a whole election counts from now on."""
        return old is None or (old.id == new.id and not self.fixed)


def _election(kept: list[tuple[str, Members]]) -> Election:
    headers = [part for kind, part in kept if kind == "election"]
    fits(len(headers) == 1)
    ballots = headers[0]["ballots"]
    election = Election(
        headers[0]["id"],
        seconds(headers[0]["closes_at"]),
        {ballot["code"]: ballot["scope"] for ballot in ballots},
        [ballot["code"] for ballot in ballots],
        headers[0],
    )
    for kind, add in (("areas", _areas), ("parties", _parties), ("options", _options), ("stations", _stations)):
        for each, part in kept:
            if each == kind:
                add(election, part)
    _cut_into_blocks(election)
    return election


def _areas(election: Election, part: Members) -> None:
    for area in part["items"]:
        fits(area["code"] not in election.areas and (area["parent"] is None or area["parent"] in election.areas))
        election.areas[area["code"]] = area


def _parties(election: Election, part: Members) -> None:
    for party in part["items"]:
        fits(party["code"] not in election.parties)
        election.parties[party["code"]] = party


def _options(election: Election, part: Members) -> None:
    for given in part["contests"]:
        options = sorted(given["options"], key=lambda option: option["number"])
        key = (given["ballot"], given["area"])
        fits(bool(options) and len({option["number"] for option in options}) == len(options))
        fits(given["area"] in election.areas and key not in election.contests)
        fits(election.scopes.get(given["ballot"]) == election.areas[given["area"]]["kind"])
        parties = tuple(option["party"] for option in options)
        fits(all(party is None or party in election.parties for party in parties))
        numbers = tuple(str(option["number"]) for option in options)
        election.contests[key] = Contest(*key, numbers, parties, tuple(option["list_names"] for option in options))
        election.given.append(given)


def _stations(election: Election, part: Members) -> None:
    for code, eligible, kind, lat, lon, own in part["items"]:
        area = part["area"] if own is None else own
        fits(code not in election.index and area in election.areas)
        fits(all(-(2**31) <= number < 2**31 for number in (eligible, lat or 0, lon or 0)))
        around: dict[str, str] = {}
        for each in election.way_up(area):
            around.setdefault(each["kind"], each["code"])
        place = (lat or 0, lon or 0) if lat or lon else None
        election.index[code] = len(election.stations)
        election.stations.append(Station(code, kind or "ordinary", eligible, place, around))


def _cut_into_blocks(election: Election) -> None:
    last: dict[str, list[int]] = {}
    for number, station in enumerate(election.stations):
        subdistrict = station.around.get("subdistrict")
        if subdistrict is not None:
            if len(last.get(subdistrict, ())) in (0, BLOCK):
                last[subdistrict] = []
            last[subdistrict].append(number)
            election.blocks[number] = last[subdistrict]
