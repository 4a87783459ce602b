"""A report on its way in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from sapparot.base.text import Text

REPORT_TYPE = "sapparot-report+jwt"
PROMISE_TYPE = "sapparot-promise+jwt"


Name = Annotated[str, Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]


class Shown(msgspec.Struct, frozen=True):
    """A photograph that a report names."""

    role: str = ""
    sha256: str = ""
    small: Any = None


class Claim(msgspec.Struct, frozen=True):
    """What makes a payload a report at all: members of the form that the count reads. What they say is judged later."""

    v: Literal[1]
    id: UUID
    election: Name
    sheet: Name
    stage: Name
    votes: dict[str, int] = {}
    valid: int | None = None
    spoiled: int | None = None
    no_vote: int | None = None
    ballots_cast: int | None = None
    eligible: int | None = None
    evidence: tuple[Shown, ...] = ()
    observed_at: Moment | None = None
    seq: Annotated[int, Meta(ge=0, le=2**53)] = 0
    replaces: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    place: Any = None
    photo: str | None = None


class Line(msgspec.Struct, frozen=True):
    """One report as it stands in a body: its id, its bytes (compact JWS), their SHA-256, and who carried it."""

    id: UUID
    jws: bytes
    sha256: bytes
    carrier: str


class Stored(msgspec.Struct, frozen=True):
    """What the database holds for an id after a flush.

    ``fresh`` when this very line was stored now; ``refused`` is the code of a refusal that was decided earlier.
    """

    received_at: datetime
    sha256: bytes
    flush: int
    """The number of the statement that stored it."""
    fresh: bool
    refused: str | None = None


class Promise(msgspec.Struct, frozen=True):
    """What the server signs for all reports of one flush: they will stand in the log within ``max_delay`` seconds.

    ``root`` is the RFC 6962 root (hexadecimal) over ``size`` leaves, one for each report in the order of their ids; a leaf's data are
    the 16 bytes of the id and the 32 bytes of the SHA-256 of the compact JWS. It binds for a report whose signature is valid under a
    key that the log enrols.
    """

    log: str
    received_at: str
    max_delay: int
    size: int
    root: str
    v: int = 1


class Promised(msgspec.Struct, frozen=True):
    """A signed promise (compact JWS) and the path that leads from one report to its root."""

    jws: str
    index: int
    path: list[str]


class Reason(msgspec.Struct, frozen=True):
    """Why reports are not admitted, and how many."""

    code: str
    title: Text
    reports: int


class Refused(msgspec.Struct, frozen=True):
    """What was received and what was refused until `at`, the most frequent reason first."""

    at: datetime
    received: int
    reasons: tuple[Reason, ...]

    @property
    def reports(self) -> int:
        """Count the reports that are not admitted."""
        return sum(reason.reports for reason in self.reasons)
