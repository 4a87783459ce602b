"""What this slice is made of, built once for a process."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sapparot import ledger, verify
from sapparot.base.asgi import AsgiApp
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.keys import secret_file
from sapparot.base.machine import Endpoint
from sapparot.base.settings import Settings
from sapparot.duty.assignments.roster import Roster
from sapparot.people import Keyring, own_devices
from sapparot.people.house import People
from sapparot.texting.api import DOOR, TextDoor, endpoints
from sapparot.texting.desk import Desk
from sapparot.texting.facts import TOTALS, Figures, Post, Said
from sapparot.texting.gateways import load

NEWEST = 200
"""Reports of a sheet among which a person's own is looked for."""


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
        self._desk = Desk(
            database, people.persons, (self._posts, self._signed, roster.rolls), (secret, keyring), people.clock
        )

    def doors(self) -> dict[Door, AsgiApp]:
        """Return the door for gateways."""
        return {DOOR: TextDoor(self._gateways, self._desk, self._clock)}

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints for persons."""
        return endpoints(self._desk, self._gateways)

    async def _signed(self, connection: AsyncConnection, person: UUID, said: Said) -> Figures | None:
        """Return the figures of the newest final about a sheet that a person's own device signed, as far as the log is read."""
        election, own = await self._roster.rolls.election(said.election), await own_devices(connection, person)
        number = election.sheet_number(said.sheet)
        if number is None or not own:
            return None
        traces = await verify.newest_async(connection, [number], NEWEST)
        places = [trace.position for trace in traces if trace.kind == "report"]
        newest = None
        for entry in await ledger.get_async(connection, places) if places else ():
            letter = verify.open_letter(entry.body, verify.REPORT_TYPE)
            if letter.jws.header.kid in own and letter.report.stage == "final":
                totals = {name: getattr(letter.report, name) for name in TOTALS}
                newest = Figures(letter.report.votes, **totals)
        return newest

    async def _posts(self, connection: AsyncConnection, person: UUID) -> Sequence[Post]:
        posts = await self._roster.posts(connection, person)
        return [Post(number, duty.election, duty.place) for number, duty in posts]
