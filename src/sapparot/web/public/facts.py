"""What the pages say: plain values, already chosen and ordered, so that templates only write them down.

Parties are named by their place in the election's list of parties, which is also their class in the palette; NO_PARTY is none.
Shares are basis points. Bars are parts of their width in percent: (kind, start, width).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

from sapparot.base.text import Text

NO_PARTY = -1

Standing: TypeAlias = Literal["open", "provisional", "leading", "decided"]
"""How far a contest is: nothing in, only layers outside the headline, a leader in the headline, a leader beyond reach."""

Bar: TypeAlias = list[tuple[str, float, float]]


def bar(parts: Iterable[tuple[str, int]], whole: int) -> Bar:
    """Lay parts of a whole end to end; parts of nothing are left out."""
    start, laid = 0, []
    for kind, amount in parts:
        if amount > 0 and whole > 0:
            laid.append((kind, round(start * 100 / whole, 2), round(amount * 100 / whole, 2)))
        start += amount
    return laid


class Progress(Struct, frozen=True):
    """How far one ballot is counted, in sheets.

    Counted, reported, live and empty exclude each other; disputed sheets are also in one of them.
    """

    ballot: Text
    sheets: int
    counted: int
    reported: int
    live: int
    disputed: int
    voters: int

    @property
    def empty(self) -> int:
        """Count the sheets of which nothing is known yet that could be counted."""
        return self.sheets - self.counted - self.reported - self.live

    @property
    def bar(self) -> Bar:
        """Give the parts of all sheets."""
        return bar((("counted", self.counted), ("reported", self.reported), ("live", self.live)), self.sheets)


class ContestLine(Struct, frozen=True):
    """One constituency in a list or on the map; `votes` and `margin` are over the layers that `standing` means.

    `disputed` and `counted` are sheets in dispute and the counted share; `doubtful` when those who may vote at disputed sheets are
    at least as many as the margin; `outstanding` voters in all may still change the result.
    """

    code: str
    name: Text
    standing: Standing
    disputed: int
    counted: int
    place: int = NO_PARTY
    leader: Text | None = None
    party: Text | None = None
    votes: int = 0
    margin: int = 0
    outstanding: int = 0
    tied: bool = False
    doubtful: bool = False


class PartyLine(Struct, frozen=True, kw_only=True):
    """One party in the country: its seats by certainty, and the votes on which lists are filled, by layer.

    Seats `decided` and `list_certain` nobody can take any more; `provisional` ones rest on layers outside the headline.
    """

    place: int
    name: Text
    short: Text
    decided: int = 0
    leading: int = 0
    provisional: int = 0
    list_certain: int = 0
    list_leading: int = 0
    list_provisional: int = 0
    votes: int = 0
    share: int = 0
    parts: Bar = []

    @property
    def shown(self) -> bool:
        """Tell whether it has a seat, or may have one."""
        return self.seats + self.waiting > 0

    @property
    def constituency(self) -> int:
        """Count the constituencies that it leads in the headline."""
        return self.decided + self.leading

    @property
    def lists(self) -> int:
        """Count the list seats that the headline gives it."""
        return self.list_certain + self.list_leading

    @property
    def seats(self) -> int:
        """Count the seats that the headline gives it."""
        return self.constituency + self.lists

    @property
    def certain(self) -> int:
        """Count the seats that nobody can take from it."""
        return self.decided + self.list_certain

    @property
    def waiting(self) -> int:
        """Count the seats that it has by provisional figures, where nothing is confirmed: once it is, it may be others that come."""
        return self.provisional + self.list_provisional


class OptionLine(Struct, frozen=True):
    """One option of a contest: its votes in the headline, and those `waiting` in other layers."""

    number: int
    place: int
    name: Text
    party: Text | None
    votes: int
    waiting: int
    share: int
    parts: Bar

    @property
    def is_party(self) -> bool:
        """Tell whether the vote is for a party and nobody else is named."""
        return self.party == self.name


class Ring(Struct, frozen=True):
    """Dots of one party and one certainty in the hemicycle, as one path."""

    place: int
    kind: str
    path: str


class Hemicycle(Struct, frozen=True):
    """The parliament as a drawing; `seats` in all, `majority` to have more than half."""

    box: str
    dot: float
    rings: tuple[Ring, ...]
    half: str
    seats: int
    majority: int


class ProvinceLine(Struct, frozen=True):
    """A province in a list, with how many constituencies it has and how far they are counted."""

    code: str
    name: Text
    contests: int
    counted: int


class StationLine(Struct, frozen=True):
    """A station in a list: the state of its sheets by ballot, in the order of the election's ballots; None where there is none."""

    code: str
    unit: str
    eligible: int
    states: tuple[str | None, ...]


class StationGroup(Struct, frozen=True):
    """The stations of one subdistrict."""

    code: str
    name: Text | None
    stations: tuple[StationLine, ...]
