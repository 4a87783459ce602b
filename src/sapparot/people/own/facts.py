"""What a person sees and changes about itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sapparot.base.text import Text
from sapparot.people.granting.facts import Grant, GrantRole
from sapparot.people.joining.facts import AreaCode, InviteLink, Name
from sapparot.people.persons.facts import Consent, Purpose, Read, State


class RoleHeld(msgspec.Struct, frozen=True):
    """A role that a person has; ``area`` is the constituency of a head."""

    role: GrantRole
    area: str | None


class Asked(msgspec.Struct, frozen=True):
    """Something one can agree to: its words now, and what one agreed to, if anything."""

    purpose: Purpose
    version: int
    text: Text
    required: bool
    agreed: int | None
    agreed_at: datetime | None


class Me(msgspec.Struct, frozen=True):
    """A person, as it sees itself. ``phone`` is as people of the country write it."""

    person: UUID
    network: str
    network_name: Text
    level: int
    state: State
    roles: list[RoleHeld]
    name: str
    phone: str
    mail: str | None
    area: str | None
    lang: Literal["th", "en"]
    joined_at: datetime
    trained_at: datetime | None
    consents: list[Asked]
    own_invites: int
    """How many people one may bring, all together."""


class MeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person changes about itself; what is left out stays."""

    name: Name | UnsetType = UNSET
    mail: Annotated[str, Meta(max_length=200, pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")] | UnsetType | None = UNSET
    area: AreaCode | UnsetType | None = UNSET
    lang: Literal["th", "en"] | UnsetType = UNSET


class Agree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person agrees to the version of a text that it read."""

    version: int


class AgreedText(msgspec.Struct, frozen=True):
    """A consent with the words that were agreed to."""

    consent: Consent
    text: Text | None


class OwnDevice(msgspec.Struct, frozen=True):
    """A device of a person; ``kid`` is how the public log knows it."""

    kid: str
    level: int
    enrolled_at: datetime
    until: datetime
    revoked_at: datetime | None


class OwnSession(msgspec.Struct, frozen=True):
    """A browser in which a person is signed in."""

    method: str
    began_at: datetime
    seen_at: datetime
    until: datetime


class ReadLine(msgspec.Struct, frozen=True):
    """A line of the access log with its number."""

    number: int
    read: Read


class Reads(msgspec.Struct, frozen=True):
    """Who looked, newest first; ``next`` goes into ``before`` to read on."""

    reads: list[ReadLine]
    next: int | None


class Everything(msgspec.Struct, frozen=True):
    """Everything that is held about a person; ``more`` is what other parts of the program hold, by their name."""

    me: Me
    proven_at: datetime | None
    consents: list[AgreedText]
    grants: list[Grant]
    devices: list[OwnDevice]
    sessions: list[OwnSession]
    reads: list[Read]
    invites: list[InviteLink]
    came_by: UUID | None
    more: dict[str, Any]
