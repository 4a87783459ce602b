"""Figures side by side, and what is known about their differences."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from sapparot.base.text import Text

State = Literal["open", "explained", "ours", "theirs"]
"""``ours`` and ``theirs`` say whose figures were wrong; ``explained``: both are right, for the reason that is given."""
OfficialState = Literal["none", "single", "agreed", "differ"]
Figures = dict[str, int]
"""By option number, or valid, spoiled, no_vote, ballots_cast."""


class Explanation(Struct, frozen=True):
    """What somebody said about the differences of a sheet; ``owner`` is who looks into them."""

    state: State
    owner: UUID | None
    reason: str
    by: UUID
    at: datetime


class NewExplanation(Struct, frozen=True, forbid_unknown_fields=True):
    """A head, or somebody of the war room, explains the differences of a sheet. The reason names nobody; ``mine``: I look into it."""

    sheet: Annotated[str, Meta(max_length=128)]
    state: State
    reason: Annotated[str, Meta(max_length=500)] = ""
    mine: bool = False


class Said(Struct, frozen=True):
    """The figures of one report, its position in the log, when it came, and the photographs that it names (SHA-256)."""

    figures: Figures
    position: int
    at: datetime
    photographs: tuple[str, ...] = ()


class Source(Struct, frozen=True):
    """Who reports official figures, as a device of a network, and what it says."""

    network: str
    name: Text
    said: Said


class Officially(Struct, frozen=True):
    """What independent groups report as the authority's figures: nobody (`none`), one group, several alike, or they differ.

    ``groups`` counts those behind the figures that are shown as official; ``sources`` holds the newest word of every device, in the order
    of the log; ``says`` names each figure in which sources differ, in words.
    """

    state: OfficialState = "none"
    groups: int = 0
    sources: tuple[Source, ...] = ()
    says: tuple[Text, ...] = ()


NOBODY = Officially()


class Difference(Struct, frozen=True):
    """One figure that differs; ``figure`` is an option number or valid, spoiled, no_vote, ballots_cast. ``text`` says it in words."""

    figure: str
    board: int | None
    own: int | None
    others: int | None
    official: int | None
    text: Text | None = None


class SheetCompared(Struct, frozen=True):
    """A sheet with the newest report of each side, None where a side has said nothing, and ``official`` where its sources differ.

    ``board`` is progress of anybody; ``own`` the newest final of the reader's network, ``others`` of any other network; ``public`` are the
    figures that count now, in ``state``.
    """

    sheet: str
    state: str
    board: Said | None
    own: Said | None
    others: Said | None
    official: Said | None
    public: Figures | None
    differences: tuple[Difference, ...]
    explanation: Explanation | None = None
    officially: Officially = NOBODY

    @property
    def differs(self) -> bool:
        """Whether there is something to explain."""
        return bool(self.differences or self.officially.says)

    @property
    def ours(self) -> Said | None:
        """The final of the own network, else that of another."""
        return self.own or self.others


class Announced(Struct, frozen=True):
    """What is reported of the authority's figures of the whole area, beside the public count of ``counted`` sheets there.

    ``said`` is None where the sources differ.
    """

    said: Said | None
    differences: tuple[Difference, ...]
    officially: Officially = NOBODY


class Compared(Struct, frozen=True):
    """A ballot in an area: how many sheets each side has, sums, and what differs.

    ``ours`` and ``official`` are sums over the ``both`` sheets that have a final and the authority's figures; ``public`` sums up the
    ``counted`` sheets whose figures count, provisional ones too. ``officials_single`` of the ``officials`` have one source alone;
    ``officials_differ`` more have sources that differ, and no official figures. ``announced`` is None before the authority spoke of the
    whole area.
    """

    area: str
    name: Text
    ballot: str
    sheets: int
    boards: int
    own: int
    others: int
    officials: int
    both: int
    ours: Figures
    official: Figures
    counted: int
    public: Figures
    announced: Announced | None
    differing: tuple[SheetCompared, ...]
    officials_single: int = 0
    officials_differ: int = 0
