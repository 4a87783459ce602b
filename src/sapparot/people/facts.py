"""Who may report."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from sapparot.base.text import Text


class Network(msgspec.Struct, frozen=True):
    """An organisation that recruits volunteers; ``key`` is its public JWK."""

    id: str
    name: Text
    key: dict[str, Any]


AREAS = 64
"""Constituencies of one head at most: an enrolment that names more is void for every reader of the log."""


class Device(msgspec.Struct, frozen=True):
    """An enrolled phone or browser, known by the thumbprint ``kid`` of its public JWK ``key``."""

    kid: str
    key: dict[str, Any]
    network: str
    level: int
    enrolled_at: datetime
    until: datetime
    revoked_at: datetime | None = None
    channel: str | None = None
    """``text`` when it is no device: the gateway signs with this key what its person writes in text messages."""
    same: str | None = None
    """The first device of the same person at the level that decides, where this is a further one; the log says so."""
    areas: tuple[str, ...] | None = None
    """Of a head's device: the constituencies of which it may report the authority's figures; the log says so."""


class Invited(NamedTuple):
    """What a device may do that enrols under an invite: its level, and the constituency of a head's."""

    level: int = 1
    area: str | None = None


class StandingInvite(msgspec.Struct, frozen=True):
    """An invite that still enrols devices; ``name`` are the first signs of its code's hash, which give the code away to nobody."""

    name: str
    invited: Invited
    uses: int
    used: int
    expires_at: datetime


class Enrolment(msgspec.Struct, frozen=True):
    """A device asks to be enrolled under an invite; it has proved that it holds the key."""

    kid: str
    key: dict[str, Any]
    invite: bytes
    """SHA-256 of the invite code."""


class Ask(msgspec.Struct, frozen=True):
    """The payload of a device's request for enrolment."""

    invite: str
    v: int = 1
