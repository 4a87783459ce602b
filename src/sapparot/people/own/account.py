"""A person's own account. Reading one's own data is not written into the access log: the log is about others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.granting import store as grants
from sapparot.people.joining import store as joining
from sapparot.people.joining.rules import clean_name
from sapparot.people.own import store
from sapparot.people.own.facts import AgreedText, Asked, Everything, Me, MeChange, ReadLine, Reads, RoleHeld
from sapparot.people.persons import Persons, Purpose
from sapparot.people.persons import store as persons_store
from sapparot.people.persons.facts import Agreed, Consent, Particulars
from sapparot.people.persons.phones import national
from sapparot.people.persons.problems import AREA_UNKNOWN, PERSON_UNKNOWN
from sapparot.people.terms import Terms
from sapparot.people.terms import store as terms_store
from sapparot.people.terms.problems import CONSENT_REQUIRED
from sapparot.people.terms.rules import check_agreed

Tell = Callable[[AsyncConnection, UUID], Awaitable[Any]]
"""Another slice says what it holds about a person, as something that can be written as JSON."""
READS_AT_ONCE = 100
ALL_READS = 100_000


class Account:
    """What people do about themselves."""

    def __init__(self, persons: Persons, tell: dict[str, Tell] | None = None) -> None:
        """``tell``: what other parts hold about a person, by the name it gets in the export."""
        self._persons = persons
        self._tell = {} if tell is None else tell

    async def me(self, connection: AsyncConnection, person: UUID) -> Me:
        """Return what a person sees of itself."""
        found, who = await self._open(connection, person)
        one = found.person
        terms = await terms_store.terms(connection, one.network)
        if terms is None:
            raise Problem(PERSON_UNKNOWN)
        held = [grant for grant in await grants.of_person(connection, person) if grant.ended_at is None]
        return Me(
            person=one.id, network=one.network, network_name=terms.name, level=one.level, state=one.state,
            roles=[RoleHeld(grant.role, grant.area) for grant in held],
            name=who.name, phone=national(who.phone, self._persons.region), mail=who.mail, area=one.area, lang=one.lang,
            joined_at=one.joined_at, trained_at=one.trained_at,
            consents=await self._asked(connection, terms, person), own_invites=terms.own_invites,
        )  # fmt: skip

    async def change(self, connection: AsyncConnection, person: UUID, wanted: MeChange) -> None:
        """Change what a person says about itself; raises :class:`Problem` for an area that the election does not have."""
        if wanted.area and not await self._persons.knows_area(wanted.area):
            raise Problem(AREA_UNKNOWN)
        async with connection.transaction():
            found, who = await self._open(connection, person, lock=True)
            if wanted.name is not UNSET:
                who = replace(who, name=clean_name(wanted.name))
            if wanted.mail is not UNSET:
                who = replace(who, mail=wanted.mail)
            one = found.person
            one = one if wanted.area is UNSET else replace(one, area=wanted.area)
            one = one if wanted.lang is UNSET else replace(one, lang=wanted.lang)
            await persons_store.update(connection, one, self._persons.vault.seal(person, who), found.link)

    async def agree(self, connection: AsyncConnection, person: UUID, agreed: Agreed) -> None:
        """Record that a person agrees to what is asked now; raises :class:`Problem` for another version."""
        async with connection.transaction():
            found, _ = await self._open(connection, person, lock=True)
            network, now = found.person.network, self._persons.clock.now()
            check_agreed([agreed], await terms_store.texts(connection, network), whole=False)
            await terms_store.keep(connection, network, [agreed], now)
            await persons_store.give(connection, person, agreed, now)

    async def take_back(self, connection: AsyncConnection, person: UUID, purpose: Purpose) -> None:
        """End a consent, at once; raises :class:`Problem` for the one without which nobody takes part."""
        if purpose == "duty":
            raise Problem(CONSENT_REQUIRED)
        await persons_store.take_back(connection, person, purpose, self._persons.clock.now())

    async def reads(self, connection: AsyncConnection, person: UUID, before: int | None) -> Reads:
        """Return who looked at a person's data."""
        lines = await persons_store.reads(connection, person, before, READS_AT_ONCE)
        following = lines[-1][0] if len(lines) == READS_AT_ONCE else None
        return Reads([ReadLine(number, read) for number, read in lines], following)

    async def everything(self, connection: AsyncConnection, person: UUID) -> Everything:
        """Return everything that is held about a person."""
        found, _ = await self._open(connection, person)
        return Everything(
            me=await self.me(connection, person),
            proven_at=found.person.proven_at,
            consents=await self._history(connection, found.person.network, person),
            grants=await grants.of_person(connection, person),
            devices=await store.devices(connection, person),
            sessions=await store.sessions(connection, person),
            reads=[read for _, read in await persons_store.reads(connection, person, None, ALL_READS)],
            invites=await joining.links_of_person(connection, person),
            came_by=found.link,
            more={name: await tell(connection, person) for name, tell in self._tell.items()},
        )

    async def _open(
        self, connection: AsyncConnection, person: UUID, *, lock: bool = False
    ) -> tuple[persons_store.Sealed, Particulars]:
        found = (await persons_store.sealed(connection, [person], lock=lock)).get(person)
        if found is None or found.sealed is None:
            raise Problem(PERSON_UNKNOWN)
        return found, self._persons.vault.open(person, found.sealed, Particulars)

    async def _asked(self, connection: AsyncConnection, terms: Terms, person: UUID) -> list[Asked]:
        given = {one.purpose: one for one in await persons_store.consents(connection, person) if one.ended_at is None}
        return [
            Asked(text.purpose, text.version, text.text, text.required, *_standing(given.get(text.purpose)))
            for text in await terms_store.texts(connection, terms.id)
        ]

    async def _history(self, connection: AsyncConnection, network: str, person: UUID) -> list[AgreedText]:
        given: Sequence[Consent] = await persons_store.consents(connection, person)
        found = []
        for consent in given:
            words = await terms_store.text_of(connection, network, Agreed(consent.purpose, consent.version))
            found.append(AgreedText(consent, words))
        return found


def _standing(consent: Consent | None) -> tuple[int | None, Any]:
    return (consent.version, consent.given_at) if consent else (None, None)
