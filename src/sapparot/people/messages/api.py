"""The outbox as operators see it: what waits, what was given up and why. Telephones and texts only where the page is the sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar.params import FromQuery
from msgspec.structs import replace

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.messages import store
from sapparot.people.messages.facts import Letter, Outbox, Shown
from sapparot.people.messages.worker import USE
from sapparot.people.persons import Vault

OUTBOX = Door("GET", "/v1/outbox", "operator", per_minute=600)
NEWEST = 100
AT_ONCE = 500


class OutboxDoor:
    """The operators' view of the outbox."""

    def __init__(self, database: AsyncPool, vault: Vault, page: bool) -> None:
        """``page``: the page itself is a sender, so it shows what the messages say."""
        self._database = database
        self._vault = vault
        self.page = page

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint."""
        return [Endpoint(OUTBOX, self.outbox)]

    async def outbox(self, after: FromQuery[datetime | None] = None) -> Outbox:
        """Show messages to people, and how many wait, were sent and were given up within a day.

        The newest 100, or with `after` up to 500 that were sent at that moment or later, in that order.
        """
        return await self.newest() if after is None else await self._told(store.sent_from, (after, AT_ONCE))

    async def newest(self) -> Outbox:
        """Return the newest messages."""
        return await self._told(store.shown, (NEWEST,))

    async def _told(self, read: Callable[..., Awaitable[list[store.Kept]]], which: tuple[object, ...]) -> Outbox:
        async with self._database.connection(timeout=5) as connection:
            found = await read(connection, *which)
            waiting, sent, failed = await store.counts(connection)
        return Outbox(waiting, sent, failed, [self._opened(*kept) for kept in found])

    def _opened(self, message: Shown, person: UUID, sealed: bytes | None) -> Shown:
        if not self.page or sealed is None or message.sender != "page":
            return message
        letter = self._vault.open(person, sealed, Letter, USE)
        return replace(message, phone=letter.phone, text=letter.text)
