"""Announcements and messages over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint, invalid
from sapparot.base.text import Text
from sapparot.duty.announcements import store
from sapparot.duty.announcements.facts import Announcement, Chosen, Message, Preview, Reached
from sapparot.duty.announcements.office import AnnouncementOffice, Draft, spoken
from sapparot.duty.problems import ANNOUNCEMENT_UNKNOWN, ELECTION_UNKNOWN, NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.people.messages.problems import COSTLIER, DAY_FULL, HEAD_FULL, NO_SENDERS
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.problems import NOT_FOR_YOU

MESSAGES = Door("GET", "/v1/me/messages", "person", per_minute=600)
SEEN = Door("POST", "/v1/me/messages/seen", "person", body_limit=200, per_minute=600)
ANNOUNCE = Door("POST", "/v1/announcements", "person", body_limit=10_000, per_minute=10)
PREVIEW = Door("POST", "/v1/announcements/preview", "person", body_limit=10_000, per_minute=60)
STOP = Door("POST", "/v1/announcements/{id}/stop", "person", body_limit=200, per_minute=60)
LIST = Door("GET", "/v1/announcements", "person", per_minute=120)
DELIVERY = Door("GET", "/v1/announcements/{id}", "person", per_minute=120)
PAGE = 100
PEOPLE = 1000

Words = Annotated[str, Meta(max_length=1000)]


class Spoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is announced; one language may be left out."""

    th: Words = ""
    en: Words = ""


class NewAnnouncement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An announcement and whom it is for.

    ``mailed``: by SMS or LINE as well, for at most ``most`` SMS parts. ``id``: whoever sends it again under the same id announces once.
    """

    text: Spoken
    to: Chosen = Chosen()
    id: UUID | None = None
    mailed: bool = False
    most: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None


class Until(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest message that somebody has seen."""

    until: Annotated[int, Meta(ge=0, le=2**62)]


class Messages(msgspec.Struct, frozen=True):
    """Messages, oldest first, at most 100; `after` the last one come the next."""

    messages: list[Message]


class Announcements(msgspec.Struct, frozen=True):
    """Announcements, newest first."""

    announcements: list[Announcement]


class Delivery(msgspec.Struct, frozen=True):
    """An announcement and how it reached each person, by their ids, at most 1,000; `after` the last one come the next."""

    announcement: Announcement
    people: list[Reached]


class AnnouncementDoors:
    """The doors of announcements and messages."""

    def __init__(self, database: AsyncPool, office: AnnouncementOffice, clock: Clock) -> None:
        self._database = database
        self._office = office
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        refused, costs = (NOT_FOR_YOU, NOT_YOUR_AREA), (NO_SENDERS, COSTLIER, DAY_FULL, HEAD_FULL)
        return [
            Endpoint(MESSAGES, self.messages),
            Endpoint(SEEN, self.seen, status=204),
            Endpoint(PREVIEW, self.preview, problems=(*refused, ELECTION_UNKNOWN, PLACE_UNKNOWN)),
            Endpoint(ANNOUNCE, self.announce, status=201, problems=(*refused, ELECTION_UNKNOWN, PLACE_UNKNOWN, *costs)),
            Endpoint(STOP, self.stop, problems=(*refused, ANNOUNCEMENT_UNKNOWN)),
            Endpoint(LIST, self.list, problems=refused),
            Endpoint(DELIVERY, self.delivery, problems=(*refused, ANNOUNCEMENT_UNKNOWN)),
        ]

    async def messages(self, request: Asked, after: FromQuery[int] = 0) -> Messages:
        """List what one was told."""
        async with self._database.connection(timeout=5) as connection:
            return Messages(await store.messages(connection, identity_of(request).person, after, PAGE))

    async def seen(self, request: Asked, data: JSONBody[Until]) -> None:
        """Say which messages were seen."""
        async with self._database.connection(timeout=5) as connection:
            await store.seen(connection, identity_of(request).person, data.until, self._clock.now())

    async def announce(self, request: Asked, data: JSONBody[NewAnnouncement]) -> Announcement:
        """Tell a selection of the own network: organisers anyone, heads the people of their constituency."""
        text, office = _text(data), self._office
        draft = Draft(data.id or office.mailings.draft(), data.to, text, data.mailed, data.most)
        async with self._database.connection(timeout=5) as connection:
            return await office.announce(connection, identity_of(request), draft)

    async def preview(self, request: Asked, data: JSONBody[NewAnnouncement]) -> Preview:
        """Say whom an announcement would reach and what it would cost to send it to telephones; nothing is sent."""
        text = _text(data)
        async with self._database.connection(timeout=5) as connection:
            return await self._office.preview(connection, identity_of(request), data.to, text)

    async def stop(self, request: Asked, id: FromPath[int]) -> Announcement:
        """Stop what has not gone to telephones yet; in the app the announcement stays."""
        async with self._database.connection(timeout=5) as connection:
            return await self._office.stop(connection, identity_of(request), id)

    async def list(self, request: Asked) -> Announcements:
        """List the announcements of the own network with how far they have come."""
        async with self._database.connection(timeout=5) as connection:
            return Announcements(await self._office.all(connection, identity_of(request)))

    async def delivery(self, request: Asked, id: FromPath[int], after: FromQuery[UUID | None] = None) -> Delivery:
        """Say how an announcement reached each person."""
        async with self._database.connection(timeout=5) as connection:
            one = await self._office.one(connection, identity_of(request), id)
            return Delivery(one, await self._office.reached(connection, one, after, PEOPLE))


def _text(data: NewAnnouncement) -> Text:
    text = spoken(Text(data.text.th, data.text.en))
    if not text.th:
        raise invalid([("text", "write something in Thai or English")])
    return text
