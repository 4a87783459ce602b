"""The register of persons: what the rest of the program may ask and do about them.

Everything is asynchronous and works on the caller's connection, so that it commits together with the caller's own work. A person is
handed around by its id. Who somebody is leaves through :meth:`Persons.contact` alone, which asks the rules and writes the access log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.persons import store
from sapparot.people.persons.facts import Application, Contact, Particulars, Person, Reader, Why
from sapparot.people.persons.phones import REGION, e164
from sapparot.people.persons.problems import CONSENT_FIRST, NETWORK_ENDED, PERSON_UNKNOWN
from sapparot.people.persons.rules import may_know, proven_state
from sapparot.people.persons.vault import Vault
from sapparot.people.problems import INVITE_USED_UP

PARTICULARS = "particulars"
RESEAL_STEP = 500
APPLICATION = "application"
"""The use for which applications are sealed."""


class Persons:
    """The persons of every network that this installation hosts."""

    def __init__(self, vault: Vault, clock: Clock, region: str = REGION) -> None:
        self.vault = vault
        self.clock = clock
        self.region = region
        self.maps: list[Callable[[str], Awaitable[bool]]] = []
        """Other slices tell whether a code is that of an area."""

    async def knows_area(self, code: str) -> bool:
        """Tell whether a code is that of an area, as far as somebody is there to say so."""
        return all([await known(code) for known in self.maps])

    def phone(self, text: str) -> str:
        """Return a telephone number in E.164; raises :class:`Problem` PHONE_INVALID."""
        return e164(text, self.region)

    async def by_phone(self, connection: AsyncConnection, network: str, phone: str) -> Person | None:
        """Return the person of a network with this telephone, in any state; raises :class:`Problem` for what is no telephone."""
        return await store.by_phone(connection, network, self.vault.find(self.phone(phone)))

    async def get(self, connection: AsyncConnection, person: UUID) -> Person | None:
        """Return a person."""
        return (await store.persons(connection, [person])).get(person)

    async def many(self, connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Person]:
        """Return the persons among ``ids``."""
        return await store.persons(connection, ids)

    async def proven(
        self, connection: AsyncConnection, person: UUID, now: datetime, application: UUID | None = None
    ) -> Person:
        """Record that a person proved its telephone, and return it: active, or waiting for approval.

        ``application`` is the sign-up that the very same code belongs to; only then does what was typed there hold. Raises
        :class:`Problem` for a person who was expelled, left, or is in a network that ended, and for who signed up by a link into a
        network that is closed otherwise, when others used the link up before.
        """
        async with connection.transaction():
            found = (await store.sealed(connection, [person], lock=True)).get(person)
            if found is None or found.sealed is None:
                raise Problem(PERSON_UNKNOWN)
            terms = await store.terms(connection, found.person.network)
            if terms.state != "active":
                raise Problem(NETWORK_ENDED)
            applied = await store.take_application(connection, person, application)
            return await self._admit(connection, (found, applied), terms, now)

    async def trained(self, connection: AsyncConnection, person: UUID, now: datetime) -> Person:
        """Record that a person passed the training that unlocks reporting; raises :class:`Problem` before the consent to be called."""
        async with connection.transaction():
            found = (await store.sealed(connection, [person], lock=True)).get(person)
            if found is None or found.person.state != "active":
                raise Problem(PERSON_UNKNOWN)
            if "duty" not in (await store.agreed(connection, [person])).get(person, ()):
                raise Problem(CONSENT_FIRST)
            passed = replace(found.person, trained_at=found.person.trained_at or now)
            await store.update(connection, passed, found.sealed, found.link)
            return passed

    async def contact(
        self, connection: AsyncConnection, ids: Sequence[UUID], reader: Reader, purpose: Why
    ) -> dict[UUID, Contact]:
        """Return name and telephone of those among ``ids`` whom the reader may know, and write each into the access log.

        The caller has made sure that the reader has the role that it names, and that the persons concern it (a head: its own area).
        """
        async with connection.transaction():
            found = await store.sealed(connection, ids)
            agreed = await store.agreed(connection, list(found))
            told: dict[UUID, Contact] = {}
            for key, each in found.items():
                if each.sealed is not None and may_know(each.person, agreed.get(key, ()), reader, purpose):
                    who = self.vault.open(key, each.sealed, Particulars)
                    told[key] = Contact(who.name, who.phone)
            if told:
                await store.note_reads(connection, list(told), reader, purpose, self.clock.now())
        return told

    async def reseal(self, connection: AsyncConnection) -> int:
        """Seal again, under the newest key, what lies under an older one; return how many rows that were."""
        done = 0
        while True:
            async with connection.transaction():
                persons = await store.sealed_otherwise(connection, self.vault.head, RESEAL_STEP)
                typed = await store.applications_otherwise(connection, self.vault.head, RESEAL_STEP)
                again = {key: self._again(key, sealed, Particulars) for key, sealed in persons.items()}
                waiting = {key: self._again(who, sealed, Application) for key, (who, sealed) in typed.items()}
                await store.put_sealed(connection, again, waiting)
            if not persons and not typed:
                return done
            done += len(persons) + len(typed)

    def _again(self, person: UUID, sealed: bytes, kind: type[Particulars | Application]) -> bytes:
        use = APPLICATION if kind is Application else PARTICULARS
        return self.vault.seal(person, self.vault.open(person, sealed, kind, use), use)

    async def _admit(
        self,
        connection: AsyncConnection,
        known: tuple[store.Sealed, store.Applied | None],
        terms: store.Terms,
        now: datetime,
    ) -> Person:
        found, applied = known
        person, sealed, link = found
        typed: Application | None = None
        vouched = False
        if applied is not None and person.state != "expelled":
            typed = self.vault.open(person.id, applied.sealed, Application, APPLICATION)
            if applied.link and person.state != "active":
                room = await store.use_link(connection, applied.link, applied.at)
                if room is None and not terms.open and person.state in ("applied", "left"):
                    raise Problem(INVITE_USED_UP)
                vouched, link = (
                    bool(room),
                    applied.link,
                )  # also beyond its uses, so that cutting off the branch finds everybody
        state = proven_state(person.state, applied=typed is not None, vouched=vouched, approval=terms.approval)
        proven = replace(person, state=state, proven_at=now, ended_at=None)
        if typed is not None:
            proven = replace(proven, area=typed.area or person.area or typed.near, lang=typed.lang)
            if person.state != "active" and sealed is not None:
                who = self.vault.open(person.id, sealed, Particulars)
                sealed = self.vault.seal(person.id, replace(who, name=typed.name))
        await store.update(connection, proven, sealed, link)
        for consent in typed.consents if typed else ():
            await store.give(connection, person.id, consent, now)
        return proven
