"""The published files as pages read them: what is not shown is not named. Formats: docs/formats/snapshots.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from msgspec import Struct, field

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest, Party, SeatRule
from sapparot.places import Area, enclosing
from sapparot.tally import COUNTED_LAYERS, LAYERS, STATES, Lead


class SnapshotMark(Struct, frozen=True):
    """Which snapshot a file belongs to."""

    n: int
    size: int
    root: str
    at: datetime
    full: bool


class Definition(Struct, frozen=True, dict=True):
    """What every code and number in the other files stands for."""

    election: str
    name: Text
    date: date
    seat_rule: SeatRule
    ballots: tuple[Ballot, ...]
    parties: tuple[Party, ...]
    areas: tuple[Area, ...]
    contests: tuple[Contest, ...]
    closes_at: datetime

    @cached_property
    def area(self) -> dict[str, Area]:
        """Give areas by code."""
        return {area.code: area for area in self.areas}

    @cached_property
    def party(self) -> dict[str, Party]:
        """Give parties by code."""
        return {party.code: party for party in self.parties}

    @cached_property
    def place(self) -> dict[str, int]:
        """Give the place of each party in the list of parties, which names its colours."""
        return {party.code: place for place, party in enumerate(self.parties)}

    @cached_property
    def contest(self) -> dict[tuple[str, str], Contest]:
        """Give contests by ballot and area."""
        return {(one.ballot, one.area): one for one in self.contests}

    @cached_property
    def local(self) -> Ballot:
        """Give the ballot contested in the most areas: the one for constituencies."""
        return max(self.ballots, key=lambda ballot: sum(1 for one in self.contests if one.ballot == ballot.code))

    @property
    def lists(self) -> Ballot:
        """Give the ballot whose votes fill the lists, as the files count it: the first of the whole country, else the first."""
        return next((ballot for ballot in self.ballots if ballot.scope == self.areas[0].kind), self.ballots[0])

    @property
    def national(self) -> tuple[Ballot, ...]:
        """Give the ballots of the whole country that fill no lists, such as that for a president."""
        beside = (self.local, self.lists) if self.seat_rule.list_seats else (self.local,)
        return tuple(one for one in self.ballots if one.scope == self.areas[0].kind and one not in beside)

    def contest_at(self, ballot: Ballot, area: str) -> Contest | None:
        """Give the contest of a ballot in which the voters of an area vote."""
        around = enclosing(self.area, area, ballot.scope) if area in self.area else None
        return None if around is None else self.contest.get((ballot.code, around.code))


class Sums(Struct, frozen=True):
    """One ballot in one area: sheets by LAYERS and by STATES, the counted part, and sums by layer in the columns of the file."""

    sheets: tuple[int, ...]
    sheets_by_state: tuple[int, ...]
    counted: int
    share: int
    eligible_share: int
    votes: dict[str, list[int]]
    eligible_by_state: tuple[int, ...] = ()
    columns: list[str] | None = None
    lead: Lead | None = None
    lead_of_all_layers: Lead | None = None

    @property
    def disputed_eligible(self) -> int:
        """Count those who may vote at the disputed sheets."""
        return self.eligible_by_state[STATES.index("disputed")] if self.eligible_by_state else 0

    def of(self, layers: tuple[str, ...], column: int) -> int:
        """Add up one column over some layers."""
        return sum(self.votes[layer][column] for layer in layers if layer in self.votes)


class AreaSums(Struct, frozen=True):
    """One area with its ballots."""

    area: str
    name: Text
    ballots: dict[str, Sums]
    around: str | None = field(name="in", default=None)
    kind: str | None = None


class AreaFile(Struct, frozen=True):
    """constituencies.json; `columns` are those of ballots contested more widely than its areas."""

    columns: Mapping[str, list[str]]
    areas: tuple[AreaSums, ...]


class PartyFile(Struct, frozen=True):
    """provinces.json; columns are parties, None for votes for none."""

    columns: list[str | None]
    areas: tuple[AreaSums, ...]


class SeatRow(Struct, frozen=True):
    """The seats of one party; `low` and `high` bound its list seats, None where nothing bounds them."""

    party: str
    constituency: int
    list_seats: int = field(name="list")
    total: int = 0
    safe: int = 0
    low: int | None = None
    high: int | None = None


class Seats(Struct, frozen=True):
    """The parliament over some layers; `refused` says why list seats cannot be given yet."""

    parties: tuple[SeatRow, ...]
    undecided: int
    list_fixed: int | None = None
    list_open: int | None = None
    refused: Text | None = None


class SeatFile(Struct, frozen=True):
    """seats.json."""

    headline: Seats
    all_layers: Seats


class CoveredBallot(Struct, frozen=True):
    """How far the counted part of a ballot is from the electorate, in basis points; None while nothing is counted."""

    ballot: str
    bias: int | None


class CoverageFile(Struct, frozen=True):
    """coverage.json."""

    ballots: tuple[CoveredBallot, ...]


class HeadlineFile(Struct, frozen=True):
    """headline.json: only what the other files do not say."""

    snapshot: SnapshotMark
    definition: str
    headline: tuple[str, ...]
    unread: int = 0


class StationBallot(Struct, frozen=True):
    """The sheets of one contest in a station file; rows in the order of `columns`."""

    ballot: str
    contest: str
    columns: list[str]
    rows: list[list[str | int | None]]


class StationFile(Struct, frozen=True):
    """stations/<constituency>.json."""

    ballots: tuple[StationBallot, ...]


class Edition(Struct, frozen=True, dict=True):
    """One snapshot with everything that the pages of areas show."""

    definition: Definition
    headline: HeadlineFile
    constituencies: AreaFile
    provinces: PartyFile
    seats: SeatFile
    coverage: CoverageFile

    @property
    def mark(self) -> SnapshotMark:
        """Say which snapshot it is."""
        return self.headline.snapshot

    @property
    def counted(self) -> tuple[str, ...]:
        """Name the layers of the headline."""
        return self.headline.headline

    @property
    def waiting(self) -> tuple[str, ...]:
        """Name the layers that are known and not in the headline, the better first."""
        return tuple(layer for layer in reversed(COUNTED_LAYERS) if layer not in self.counted)

    @cached_property
    def constituency(self) -> dict[str, AreaSums]:
        """Give constituencies by code."""
        return {area.area: area for area in self.constituencies.areas}

    @cached_property
    def province(self) -> dict[str, AreaSums]:
        """Give the country and provinces by code."""
        return {area.area: area for area in self.provinces.areas}


def in_layers(sheets: tuple[int, ...], layers: tuple[str, ...]) -> int:
    """Count the sheets of some layers."""
    return sum(sheets[LAYERS.index(layer)] for layer in layers)
