"""The rooms of this slice, built once for a process: what the program and other slices take from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.jws import SigningKey
from sapparot.base.machine import Endpoint
from sapparot.people.granting import Office
from sapparot.people.granting.api import GrantDoors
from sapparot.people.granting.office import Constituency
from sapparot.people.importing import Importer
from sapparot.people.joining import Reception
from sapparot.people.joining.api import InviteDoors
from sapparot.people.messages import store as messages
from sapparot.people.organising import Bureau
from sapparot.people.organising.api import OrganiserDoors, Services
from sapparot.people.own import Account
from sapparot.people.own.account import Tell
from sapparot.people.own.api import OwnDoors
from sapparot.people.parting import Farewell
from sapparot.people.parting.farewell import Forget
from sapparot.people.passkeys import store as passkeys
from sapparot.people.passkeys.ceremony import USE as PASSKEY
from sapparot.people.passkeys.ceremony import passkeys_of
from sapparot.people.passkeys.facts import Named, Passkey
from sapparot.people.persons import Persons, Vault
from sapparot.people.persons.resealing import Drawer, reseal
from sapparot.people.providers import store as linked
from sapparot.people.providers.facts import LINKED, Held, Subject
from sapparot.people.providers.linking import accounts_of
from sapparot.people.terms.api import TermsDoors


class People:
    """Everything about people.

    Other slices join in with ``forget`` when data are erased, ``free`` when people end, ``lose`` when phones are lost, ``tell`` in exports,
    ``maps`` when heads are made.
    """

    def __init__(self, secrets: Path, keys: dict[str, SigningKey], clock: Clock, region: str) -> None:
        """``secrets``: where keys are kept; ``keys``: the networks' signing keys; ``region``: the country of telephones without one."""
        self.clock = clock
        self._drawers = (
            Drawer(passkeys.otherwise, passkeys.put_sealed, Named, PASSKEY),
            Drawer(linked.otherwise, linked.put_sealed, Subject, LINKED),
        )
        self.forget: list[Forget] = []
        self.free: list[Forget] = []
        self.lose: list[Forget] = []
        self.tell: dict[str, Tell] = {
            "mailings": messages.held,
            "passkeys": self._passkeys,
            "accounts": self._accounts,
        }
        self.persons = Persons(Vault(secrets), clock, region)
        self.farewell = Farewell(keys, self.forget, self.free, self.lose)
        self.reception = Reception(self.persons)
        self.maps: list[Constituency] = []
        self.office = Office(self.farewell, clock, keys, self.maps)
        self.bureau = Bureau(self.persons, self.farewell)
        self.importer = Importer(self.persons)
        self.account = Account(self.persons, self.tell)

    def endpoints(self, database: AsyncPool) -> Sequence[Endpoint]:
        """Return the endpoints of networks, people, grants and one's own data."""
        return [
            *TermsDoors(database, self.clock).endpoints(),
            *OwnDoors(database, self.account, self.farewell, self.clock).endpoints(),
            *GrantDoors(database, self.office, self.clock).endpoints(),
            *OrganiserDoors(database, Services(self.bureau, self.importer, self.clock)).endpoints(),
            *InviteDoors(database, self.reception, self.bureau, self.persons).endpoints(),
        ]

    async def reseal(self, connection: AsyncConnection) -> int:
        """Seal everything that says who somebody is under the newest key of the vault; return how many rows lay under an older one."""
        done = await self.persons.reseal(connection)
        for drawer in self._drawers:
            done += await reseal(connection, self.persons.vault, drawer)
        return done

    async def _passkeys(self, connection: AsyncConnection, who: UUID) -> list[Passkey]:
        return await passkeys_of(connection, self.persons.vault, who)

    async def _accounts(self, connection: AsyncConnection, who: UUID) -> list[Held]:
        return await accounts_of(connection, self.persons.vault, who)
