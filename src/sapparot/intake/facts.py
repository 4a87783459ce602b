"""A report on its way in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from sapparot.base.text import Text

REPORT_TYPE = "sapparot-report+jwt"
PROMISE_TYPE = "sapparot-promise+jwt"


class Claim(msgspec.Struct, frozen=True):
    """The members that make a payload a report at all; every other member is judged later."""

    v: int
    id: UUID
    election: str
    sheet: str
    stage: str


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
