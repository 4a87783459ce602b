"""A network in numbers, and one of its people as an organiser sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from sapparot.people.granting.facts import Grant
from sapparot.people.persons.facts import Contact, Person, Purpose, State

LossReason = Literal["lost", "broken", "misused"]
"""Why a device is revoked, as the public log says it: the phone is lost or stolen, broken or given away, or reports what is not true."""


class Census(msgspec.Struct, frozen=True):
    """The people of a network in numbers: by state, by level of who takes part, by area of service of who is not gone."""

    states: dict[State, int]
    levels: dict[int, int]
    trained: int
    devices: int
    with_device: int
    nameless: int
    """Devices that stand and are nobody's: enrolled under an invite code, or left by somebody whose data were erased."""
    areas: dict[str, int]

    @property
    def active(self) -> int:
        """How many take part."""
        return self.states.get("active", 0)


class HeldDevice(msgspec.Struct, frozen=True):
    """A device of a person."""

    kid: str
    level: int
    enrolled_at: datetime
    until: datetime
    revoked_at: datetime | None


class Phone(msgspec.Struct, frozen=True):
    """A device of a network. `person` is None where it is nobody's, `area` that of the invite code under which it was enrolled."""

    kid: str
    level: int
    area: str | None
    enrolled_at: datetime
    until: datetime
    revoked_at: datetime | None
    person: UUID | None
    channel: str | None

    @property
    def reaches(self) -> bool:
        """Tell whether something that it reported still counts."""
        return self.revoked_at is None or self.revoked_at > self.enrolled_at


class Dossier(msgspec.Struct, frozen=True):
    """One person of a network; ``contact`` is None for who is gone, or never proved the telephone."""

    person: Person
    contact: Contact | None
    devices: tuple[HeldDevice, ...]
    grants: tuple[Grant, ...]
    label: str | None
    """Of the invite link by which the person came; None without one."""
    brought: int
    """How many people came by the person's links, and by links of those."""


class Standing(msgspec.Struct, frozen=True):
    """How many people of a network agree now to one version of a text."""

    purpose: Purpose
    version: int
    people: int
