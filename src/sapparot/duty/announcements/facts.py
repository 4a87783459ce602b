"""Announcements and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.duty.assignments.facts import Job

Sent = Literal["in_app", "waiting", "sent", "failed"]
"""``in_app``: it waits in the app alone; the others say how it goes by SMS or LINE as well."""


class Message(Struct, frozen=True):
    """What one person is told; ``duty`` is the duty it is about."""

    id: int
    text: Text
    at: datetime
    seen_at: datetime | None
    announcement: int | None
    duty: int | None


class Told(Struct, frozen=True):
    """A message before it is kept."""

    person: UUID
    text: Text
    duty: int | None = None


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an announcement is for, among the people of one network; what is left out holds for everybody.

    ``area`` is a code and what lies in it: the place of a duty, or else where a person can serve.
    """

    area: str | None = None
    job: Job | None = None
    state: Literal["none", "offered", "accepted", "done", "missed"] | None = None
    """``none``: who has no duty; ``missed``: who should have checked in and has not."""


class Announcement(Struct, frozen=True):
    """An announcement and how far it has come."""

    id: int
    network: str
    made_by: UUID
    made_at: datetime
    chosen: Chosen
    text: Text
    people: int = 0
    seen: int = 0
    sent: dict[str, int] = {}
