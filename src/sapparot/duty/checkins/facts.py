"""Check-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Flag = Literal["far", "not_assigned", "no_place", "early", "clock"]
"""``far``: the phone is far from the station; ``not_assigned``: the person has no duty there; ``no_place``: the phone gave none, or nobody
knows where the station is; ``early``: before polling day; ``clock``: the phone's clock runs ahead of ours, or is days
behind it. A flag is for people to look at; none refuses a check-in."""
Hundredths = Annotated[int, Meta(ge=-18_000, le=18_000)]


class CheckIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone says: its own id for it, the station, its own time, and where it is in whole hundredths of a degree."""

    id: UUID
    station: Annotated[str, Meta(min_length=1, max_length=64)]
    at: datetime
    lat: Annotated[int, Meta(ge=-9_000, le=9_000)] | None = None
    lon: Hundredths | None = None


class CheckIns(Struct, frozen=True, forbid_unknown_fields=True):
    """Some check-ins, in any order; sending them again changes nothing."""

    check_ins: Annotated[list[CheckIn], Meta(min_length=1, max_length=100)]


class Noted(Struct, frozen=True):
    """What became of one check-in: ``noted``, ``duplicate``, or ``unknown`` when no station has that code."""

    id: UUID
    status: Literal["noted", "duplicate", "unknown"]
    flags: tuple[Flag, ...] = ()


class Present(Struct, frozen=True):
    """A check-in as it is kept."""

    person: UUID
    station: str
    phone_at: datetime
    server_at: datetime
    flags: tuple[str, ...]
