"""Everything about coming in, built once for a process: codes, sign-ups, devices, the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.keys import secret_file
from sapparot.base.machine import Endpoint
from sapparot.base.settings import Settings, practice
from sapparot.people.devices import Revoked
from sapparot.people.devices.api import Desk, DeviceDoors
from sapparot.people.house import People
from sapparot.people.joining.api import JoinDoor
from sapparot.people.joining.reception import SignedUp
from sapparot.people.keyring import Keyring
from sapparot.people.messages.api import OutboxDoor
from sapparot.people.passkeys.api import PasskeyDoors
from sapparot.people.passkeys.ceremony import Ceremony
from sapparot.people.providers.api import ProviderDoors
from sapparot.people.providers.known import read_providers
from sapparot.people.providers.linking import Linking
from sapparot.people.providers.roundtrip import RoundTrip
from sapparot.people.signin.api import SignInDoors
from sapparot.people.signin.authority import PeopleAuthority
from sapparot.people.signin.codes import Codes, Limits, Wanted
from sapparot.people.signin.facts import Asker, Site
from sapparot.people.signin.once import Once
from sapparot.people.tokens import DeviceTokens

log = structlog.get_logger()


class Entrance:
    """The doors through which people come in."""

    def __init__(
        self, people: People, database: AsyncPool, settings: Settings, devices: tuple[DeviceTokens, Revoked]
    ) -> None:
        self._people = people
        self._database = database
        self._settings = settings
        keys = Keyring(_secrets(settings) / "networks")
        self.authority = PeopleAuthority(database, devices[0], people.clock)
        self._desk = Desk(keys, *devices, people.farewell, settings.training_first)
        limits = Limits(settings.codes_per_address, settings.codes_per_minute if settings.senders else 0)
        self.site, once = Site(settings.address), Once(secret_file(_secrets(settings) / "once.key"))
        self.passkeys = Ceremony(people.persons, once, self.site)
        known = read_providers(settings.providers)
        self.providers, self.linking = RoundTrip(known, once, self.site, people.clock), Linking(people.persons, known)
        self.codes = Codes(people.persons, secret_file(_secrets(settings) / "codes.key"), limits)
        if practice(settings):
            log.warning("this is practice: everybody's codes stand on a page of this machine", page="/outbox")
        self.outbox = OutboxDoor(database, people.persons.vault, practice(settings))

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the endpoints of signing in, signing up, and of the outbox."""
        return [
            *SignInDoors(self._database, self.codes, self._people.clock).endpoints(),
            *PasskeyDoors(self._database, self.passkeys, self._people.clock).endpoints(),
            *ProviderDoors(self._database, self.linking).endpoints(),
            *JoinDoor(self._database, self._people.reception, self._begin).endpoints(),
            *DeviceDoors(self._database, self._desk, self._people.clock).endpoints(),
            *self.outbox.endpoints(),
        ]

    async def _begin(self, connection: AsyncConnection, signed: SignedUp, asker: Asker) -> str:
        person = await self._people.persons.get(connection, signed.person)
        return await self.codes.send(
            connection, Wanted(signed.network, signed.phone, person, signed.application), asker
        )


def _secrets(settings: Settings) -> Path:
    return settings.data / "secrets"
