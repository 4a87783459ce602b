"""What is held about one person, for who leads it; and the end of a device that was lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.census import store
from sapparot.people.census.facts import Dossier, LossReason
from sapparot.people.granting import store as granting
from sapparot.people.joining import store as joining
from sapparot.people.organising.problems import ABOVE_YOU, PHONE_UNKNOWN
from sapparot.people.parting import Farewell
from sapparot.people.parting.store import guarded
from sapparot.people.persons import Persons, Reader
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.rules import HEAD


class Records:
    """The records of people; that the caller may see this person has been checked where it says so."""

    def __init__(self, persons: Persons, farewell: Farewell) -> None:
        self._persons = persons
        self._farewell = farewell

    async def dossier(self, connection: AsyncConnection, reader: Reader, person: UUID) -> Dossier:
        """Return what is held about a person of the reader's own network; raises :class:`Problem` for anybody else."""
        found = await self._persons.get(connection, person)
        if found is None or found.network != reader.network or found.state == "erased":
            raise Problem(PERSON_UNKNOWN)
        told = await self._persons.contact(connection, [person], reader, "list")
        label, links = await store.origin(connection, person)
        brought = await joining.branch(connection, found.network, links) if links else []
        return Dossier(
            found,
            told.get(person),
            await store.devices(connection, person),
            tuple(await granting.of_person(connection, person)),
            label,
            len(brought),
        )

    async def revoke(
        self, connection: AsyncConnection, by: UUID, lost: tuple[UUID, str], reason: LossReason = "lost"
    ) -> bool:
        """Revoke a device, ``lost`` is (person, kid), and say so in the log with the reason; return whether it stood until now.

        That ``by`` leads the person has been checked; raises :class:`Problem` for a person with a role that is not given there.
        """
        return await self._end(connection, by, lost, (None, reason))

    async def take_back(self, connection: AsyncConnection, by: UUID, misused: tuple[UUID, str]) -> bool:
        """Revoke a device as :meth:`revoke` does, from the moment of its enrolment, also when it was revoked later than that."""
        since = await store.enrolled_at(connection, misused[1])
        return await self._end(connection, by, misused, (since, "misused"))

    async def end_nameless(self, connection: AsyncConnection, network: str, kid: str, reason: LossReason) -> bool:
        """Revoke a device of a network that is nobody's, one that was misused from its enrolment on; return whether it stood until then.

        Raises :class:`Problem` for one of the war room: the operator gave its code, and revokes it.
        """
        async with connection.transaction():
            phone = await store.nameless(connection, network, kid)
            if phone is None:
                raise Problem(PHONE_UNKNOWN)
            if phone.level > HEAD:
                raise Problem(ABOVE_YOU)
            since = phone.enrolled_at if reason == "misused" else self._persons.clock.now()
            return await self._farewell.revoke(connection, kid, since, reason)

    async def _end(
        self, connection: AsyncConnection, by: UUID, held: tuple[UUID, str], told: tuple[datetime | None, LossReason]
    ) -> bool:
        person, kid = held
        since, reason = told
        async with connection.transaction():
            if await store.holder(connection, kid) != person:
                raise Problem(PERSON_UNKNOWN)
            if person != by and await guarded(connection, [person]):
                raise Problem(ABOVE_YOU)
            await self._farewell.sign_out(connection, person)
            return await self._farewell.revoke(connection, kid, since or self._persons.clock.now(), reason)
