"""Announcements and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.duty.assignments.facts import Job


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
    trained: bool | None = None
    """Who has passed the training, or has not."""


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
    """How many get it in the app alone (``in_app``), or by SMS or LINE as well: ``waiting``, ``sent``, ``failed``."""
    reasons: dict[str, int] = {}
    """Why it failed to reach telephones."""
    draft: UUID | None = None
    mailed: bool = False
    parts: int = 0
    """SMS parts that it costs at most."""
    stopped_at: datetime | None = None


class Preview(Struct, frozen=True):
    """What an announcement would do: who gets it, who fits and did not agree, and what it costs to send it to telephones.

    ``each`` counts the SMS parts of one message in each language, ``parts`` those of all; network and sender have ``left`` for today.
    ``text`` is what telephones get. ``ready`` says whether this installation can send messages at all.
    """

    people: int
    not_agreed: int
    text: Text
    each: dict[str, int]
    parts: int
    left: int
    ready: bool


class Reached(Struct, frozen=True):
    """How an announcement reached one person; ``reason`` why it did not reach the telephone."""

    person: UUID
    sent: str
    sent_at: datetime | None
    seen_at: datetime | None
    by: str | None = None
    reason: Text | None = None
