"""What came in by text message."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Stage = Literal["progress", "final"]
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")


class Incoming(msgspec.Struct, frozen=True):
    """A message arrived: the gateway's name for it, the telephone or account that sent it, its words."""

    id: str
    sender: str
    text: str
    reply_to: str = ""
    """With what the gateway wants to be answered later, where it does not take the answer at once."""
    at: datetime | None = None
    """When it was written, where the gateway tells."""


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """Figures were written: votes by option number, and what was given of the totals."""

    votes: dict[str, int] = {}
    valid: int | None = None
    spoiled: int | None = None
    no_vote: int | None = None
    ballots_cast: int | None = None


class Written(msgspec.Struct, frozen=True):
    """A message was read as a report."""

    station: str | None
    """Code of the station, or the short number of a duty; None when there is only one that can be meant."""
    ballot: str | None
    """``C`` or ``L``; None when it was left out."""
    stage: Stage
    figures: Figures
    marks: str
    """The check characters that it has."""
    checked: bool
    """Whether they stood behind it."""


class Said(msgspec.Struct, frozen=True):
    """A person said this about a sheet."""

    election: str
    sheet: str
    stage: Stage
    figures: Figures


class Word(msgspec.Struct, frozen=True):
    """Something was said, and how sure it is."""

    said: Said
    marks: str
    """Its check characters, or the code that confirms it."""
    certain: bool
    """Whether the figures are certain: its check characters stood behind it and its sums add up, or it was confirmed."""
    secret: bool
    """Whether it was confirmed with a code that only the sender's telephone or account got."""


class Post(msgspec.Struct, frozen=True):
    """A person has a duty at a station; ``number`` is the short number under which the person may name it."""

    number: int
    election: str
    station: str


class Standing(msgspec.Struct, frozen=True):
    """A report of a person about a sheet stands."""

    report: UUID
    figures: Figures
    seq: int
    said_at: datetime | None
    """When it was written, as far as it is known."""
