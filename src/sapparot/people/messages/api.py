"""The outbox as operators see it: what waits, what was given up and why. Telephones and texts only where the page is the sender."""

from __future__ import annotations

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


class OutboxDoor:
    """The operators' view of the outbox."""

    def __init__(self, database: AsyncPool, vault: Vault, page: bool) -> None:
        """``page``: the page itself is a sender, so it shows what the messages say."""
        self._database = database
        self._vault = vault
        self._page = page

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint."""
        return [Endpoint(OUTBOX, self.outbox)]

    async def outbox(self) -> Outbox:
        """Show the newest messages to people, and how many wait, were sent and were given up within a day."""
        async with self._database.connection(timeout=5) as connection:
            found = await store.shown(connection, NEWEST)
            waiting, sent, failed = await store.counts(connection)
        shown: list[Shown] = []
        for message, person, sealed in found:
            if self._page and sealed is not None and message.sender == "page":
                letter = self._vault.open(person, sealed, Letter, USE)
                message = replace(message, phone=letter.phone, text=letter.text)
            shown.append(message)
        return Outbox(waiting, sent, failed, shown)
