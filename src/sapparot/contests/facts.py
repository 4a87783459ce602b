"""An election as facts: the entries that define it, and the whole of it in memory.

A definition is one `election` entry (the header) followed by as many `parties`, `areas`, `options` and `stations`
entries as its `parts` says. `roll.assemble` turns them into an `Election`.
"""

from datetime import date, datetime
from typing import Annotated, TypeAlias

import numpy as np
from msgspec import Meta, Struct
from msgspec.structs import force_setattr
from numpy.typing import NDArray

from sapparot.base.text import Text
from sapparot.places import Area, Station, enclosing

Int32s: TypeAlias = NDArray[np.int32]
Moment = Annotated[datetime, Meta(tz=True)]
"""A time with its offset: without one it would be another moment on another machine."""


class Ballot(Struct, frozen=True):
    """A kind of ballot paper. `scope` is the kind of area in which it is contested: constituency, country."""

    code: str
    scope: str
    name: Text


class Form(Struct, frozen=True):
    """An official paper on which a station writes the figures of one ballot, known by the code printed on it."""

    code: str
    ballot: str
    pages: int = 1
    name: Text | None = None


class SeatRule(Struct, frozen=True):
    """How votes become seats: the name of a rule in `seats`, and the seats given to lists."""

    name: str
    list_seats: int = 0


class Party(Struct, frozen=True):
    """A party; `number` is its number on the list ballot, None when it has no list."""

    code: str
    number: int | None
    name: Text
    short: Text
    color: str


class Option(Struct, frozen=True, omit_defaults=True):
    """What a vote can be for. `list_names` caps how many seats a list can fill."""

    number: int
    party: str | None
    name: Text
    list_names: int | None = None


class Contest(Struct, frozen=True):
    """One ballot contested in one area.

    `numbers` holds the option numbers, ascending; `column[number]` is the position of an option in `numbers` and in
    `options`, which is brought into the same order. Both are derived.
    """

    ballot: str
    area: str
    options: tuple[Option, ...]
    seats: int = 1
    numbers: tuple[int, ...] = ()
    column: dict[int, int] = {}

    def __post_init__(self) -> None:
        """Derive the order of options once."""
        options = tuple(sorted(self.options, key=lambda option: option.number))
        numbers = tuple(option.number for option in options)
        force_setattr(self, "options", options)
        force_setattr(self, "numbers", numbers)
        force_setattr(self, "column", {number: column for column, number in enumerate(numbers)})


class Figures(Struct, frozen=True, forbid_unknown_fields=False):
    """Figures of one sheet. `votes` maps option numbers, written as in JSON, to counts; None is not given."""

    votes: dict[str, int] = {}
    valid: int | None = None
    spoiled: int | None = None
    no_vote: int | None = None
    ballots_cast: int | None = None
    eligible: int | None = None


class ElectionDefined(Struct, frozen=True, tag_field="kind", tag="election"):
    """The header of a definition; `parts` entries follow it."""

    id: str
    name: Text
    date: date
    opens_at: Moment
    closes_at: Moment
    seat_rule: SeatRule
    ballots: tuple[Ballot, ...]
    forms: tuple[Form, ...]
    parts: int
    v: int = 1


class PartiesDefined(Struct, frozen=True, tag_field="kind", tag="parties"):
    """Some of the parties of an election."""

    election: str
    items: tuple[Party, ...]
    v: int = 1


class AreasDefined(Struct, frozen=True, tag_field="kind", tag="areas"):
    """Some of the areas of an election, parents before children."""

    election: str
    items: tuple[Area, ...]
    v: int = 1


class ContestDefined(Struct, frozen=True):
    """A contest as it stands in an `options` entry."""

    ballot: str
    area: str
    options: tuple[Option, ...]
    seats: int = 1


class OptionsDefined(Struct, frozen=True, tag_field="kind", tag="options"):
    """Some of the contests of an election with their options."""

    election: str
    contests: tuple[ContestDefined, ...]
    v: int = 1


class StationsDefined(Struct, frozen=True, tag_field="kind", tag="stations"):
    """Some of the stations of an election; `area` holds for every item that names no area of its own."""

    election: str
    area: str
    items: tuple[Station, ...]
    v: int = 1


class StationRoll(Struct, frozen=True, eq=False):
    """Every station of an election in columns of n = len(codes).

    `lat` and `lon` are microdegrees, 0 when unknown. `columns[kind][i]` is the position in `area_codes[kind]` of the
    area of that kind around station i, UNKNOWN_PLACE (-1) where there is none.
    """

    codes: list[str]
    index: dict[str, int]
    eligible: Int32s
    kind: list[str]
    lat: Int32s
    lon: Int32s
    columns: dict[str, Int32s]
    area_codes: dict[str, list[str]]

    def __len__(self) -> int:
        """Count the stations."""
        return len(self.codes)

    def column(self, kind: str) -> Int32s:
        """Give the column of areas of one kind; all UNKNOWN_PLACE when the election has no such areas."""
        found = self.columns.get(kind)
        return np.full(len(self.codes), -1, np.int32) if found is None else found

    @property
    def subdistrict(self) -> Int32s:
        """Positions in `area_codes["subdistrict"]`."""
        return self.column("subdistrict")

    @property
    def constituency(self) -> Int32s:
        """Positions in `area_codes["constituency"]`."""
        return self.column("constituency")

    @property
    def province(self) -> Int32s:
        """Positions in `area_codes["province"]`."""
        return self.column("province")


class Election(Struct, frozen=True, eq=False):
    """One polling day in memory.

    A sheet is numbered `station index * len(ballots) + ballot index`. `contest_list` holds the contests in the order of
    `contests`; `sheet_contest[sheet]` is a position in it, -1 where that ballot is not contested at that station.
    """

    id: str
    name: Text
    date: date
    opens_at: datetime
    closes_at: datetime
    seat_rule: SeatRule
    ballots: tuple[Ballot, ...]
    forms: tuple[Form, ...]
    parties: dict[str, Party]
    areas: dict[str, Area]
    contests: dict[tuple[str, str], Contest]
    stations: StationRoll
    contest_list: tuple[Contest, ...]
    sheet_contest: Int32s
    ballot_index: dict[str, int]

    @property
    def sheets(self) -> int:
        """Count the sheet numbers: stations times ballots."""
        return len(self.stations.codes) * len(self.ballots)

    def sheet_number(self, key: str) -> int | None:
        """Give the number of the sheet "station code/ballot code", or None when no such sheet exists."""
        code, _, ballot = key.rpartition("/")
        station = self.stations.index.get(code)
        position = self.ballot_index.get(ballot)
        if station is None or position is None:
            return None
        number = station * len(self.ballots) + position
        return number if self.sheet_contest[number] >= 0 else None

    def sheet_key(self, number: int) -> str:
        """Give the key of a sheet number."""
        station, position = divmod(number, len(self.ballots))
        return f"{self.stations.codes[station]}/{self.ballots[position].code}"

    def area_sheet(self, key: str) -> int | None:
        """Give a number below zero for a ballot in a whole area, "area code/ballot code"; None where there is no such vote.

        The authority speaks of whole areas too: its figures for 10-01/list are those of all stations of 10-01.
        """
        code, _, ballot = key.rpartition("/")
        position = self.ballot_index.get(ballot)
        if position is None or code not in self.areas:
            return None
        around = enclosing(self.areas, code, self.ballots[position].scope)
        if around is None or (ballot, around.code) not in self.contests:
            return None
        return -1 - (list(self.areas).index(code) * len(self.ballots) + position)

    def contest_of(self, number: int) -> Contest:
        """Give the contest a sheet belongs to. Raises LookupError when the ballot is not contested at that station."""
        position = int(self.sheet_contest[number])
        if position < 0:
            raise LookupError(f"no contest for sheet {self.sheet_key(number)}")
        return self.contest_list[position]
