"""Messages on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from sapparot.base.text import Text
from sapparot.people.persons.facts import Person


class Letter(msgspec.Struct, frozen=True):
    """What is said to whom; stored only sealed. ``line`` is the person's id at LINE, where one is linked when it is sent.

    ``to_phone``: it proves the telephone, so it goes to the telephone alone.
    """

    phone: str
    text: str
    line: str | None = None
    to_phone: bool = False


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
    unsure: bool = False
    """The sender may have taken it all the same."""


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


class Mailing(msgspec.Struct, frozen=True):
    """An announcement goes to telephones; ``text`` is what is sent, ``until`` how long it is of use."""

    id: UUID
    network: str
    made_by: UUID
    made_at: datetime
    until: datetime
    text: Text


class Postage(msgspec.Struct, frozen=True):
    """What a mailing costs: SMS parts for each language, and for everybody at most; what network and sender have left for today."""

    people: int
    each: dict[str, int]
    parts: int
    left: int
    own: bool = False
    """Whether it is the sender's own bound that leaves so little, and not that of the network."""


class Asker(msgspec.Struct, frozen=True):
    """Who wants to send: a person of a network; a ``head`` has a bound of its own."""

    person: UUID
    network: str
    head: bool = False


class Copy(msgspec.Struct, frozen=True):
    """One person's copy of a mailing that is due; ``begun`` when a try of it may have gone out already."""

    id: UUID
    tries: int
    until: datetime
    begun: bool
    stopped: bool
    text: Text
    person: Person
    sealed: bytes | None
    agreed: bool


Sending = Literal["waiting", "sent", "failed"]


class Fate(msgspec.Struct, frozen=True):
    """What became of one person's copy; ``reason`` why it failed, or was not taken yet."""

    state: Sending
    sender: str | None
    reason: str | None
    at: datetime | None


class Sendings(msgspec.Struct, frozen=True):
    """How far a mailing has come: copies by state, and why some failed."""

    parts: int
    states: dict[Sending, int]
    reasons: dict[str, int]
    stopped_at: datetime | None
