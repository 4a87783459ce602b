"""A network in numbers, and one of its people as an organiser sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

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
