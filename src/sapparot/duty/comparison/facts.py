"""Figures side by side, and what is known about their differences."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

State = Literal["open", "explained", "ours", "theirs"]
"""``ours`` and ``theirs`` say whose figures were wrong; ``explained``: both are right, for the reason that is given."""


class Explanation(Struct, frozen=True):
    """What somebody said about the differences of a sheet; ``owner`` is who looks into them."""

    state: State
    owner: UUID | None
    reason: str
    by: UUID
    at: datetime


class Difference(Struct, frozen=True):
    """One figure that differs; ``figure`` is an option number or valid, spoiled, no_vote, ballots_cast."""

    figure: str
    board: int | None
    form: int | None
    official: int | None


class SheetCompared(Struct, frozen=True):
    """A sheet with its newest figures from each side, by figure; None where a side has said nothing."""

    sheet: str
    board: dict[str, int] | None
    form: dict[str, int] | None
    official: dict[str, int] | None
    differences: tuple[Difference, ...]
    explanation: Explanation | None = None


class Compared(Struct, frozen=True):
    """A ballot in an area: how many sheets each side has, sums over the sheets that form and authority both have, what differs."""

    area: str
    ballot: str
    sheets: int
    boards: int
    forms: int
    officials: int
    both: int
    form: dict[str, int]
    official: dict[str, int]
    differing: tuple[SheetCompared, ...]
