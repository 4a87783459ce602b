"""Messages on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class Letter(msgspec.Struct, frozen=True):
    """What is said to whom; stored only sealed. ``line`` is the person's id at LINE, where one is linked."""

    phone: str
    text: str
    line: str | None = None


class Waiting(msgspec.Struct, frozen=True):
    """A message that is due."""

    id: UUID
    person: UUID
    sealed: bytes
    tries: int
    until: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What became of one try: ``sender`` took the message, or ``reason`` why not; ``final`` when trying again cannot help."""

    sender: str | None = None
    reason: str | None = None
    final: bool = False


class Shown(msgspec.Struct, frozen=True):
    """A message as operators see it; telephone and text only where the page itself is the sender."""

    id: UUID
    made_at: datetime
    tries: int
    sent_at: datetime | None
    sender: str | None
    failed_at: datetime | None
    reason: str | None
    phone: str | None = None
    text: str | None = None


class Outbox(msgspec.Struct, frozen=True):
    """The newest messages, and how many wait, were sent and were given up within a day."""

    waiting: int
    sent: int
    failed: int
    messages: list[Shown]
