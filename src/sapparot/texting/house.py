"""What this slice is made of, built once for a process."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sapparot.base.asgi import AsgiApp
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.keys import secret_file
from sapparot.base.machine import Endpoint
from sapparot.base.settings import Settings
from sapparot.duty.assignments.roster import Roster
from sapparot.people import Keyring
from sapparot.people.house import People
from sapparot.texting.api import DOOR, TextDoor, endpoints
from sapparot.texting.desk import Desk
from sapparot.texting.facts import Post
from sapparot.texting.gateways import load


class Texting:
    """Everything about text messages; without a file of gateways nobody is believed."""

    def __init__(
        self, settings: Settings, database: AsyncPool, people: People, roster: Roster, keyring: Keyring
    ) -> None:
        """``roster`` says who has a duty where; ``keyring`` signs enrolments."""
        self._gateways = load(settings.text_gateways) if settings.text_gateways else {}
        self._roster = roster
        self._clock = people.clock
        secret = secret_file(settings.data / "secrets" / "text.key")
        self._desk = Desk(database, people.persons, (self._posts, roster.rolls), (secret, keyring), people.clock)

    def doors(self) -> dict[Door, AsgiApp]:
        """Return the door for gateways."""
        return {DOOR: TextDoor(self._gateways, self._desk, self._clock)}

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints for persons."""
        return endpoints(self._desk, self._gateways)

    async def _posts(self, connection: AsyncConnection, person: UUID) -> Sequence[Post]:
        posts = await self._roster.posts(connection, person)
        return [Post(number, duty.election, duty.place) for number, duty in posts]
