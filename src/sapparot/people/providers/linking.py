"""Whose account is this? Accounts are linked by people who are signed in, and by nothing else: never by an address of mail or a name
(docs/decisions/0022-other-ways-in.md)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.persons import Person, Persons, Vault
from sapparot.people.providers import store
from sapparot.people.providers.facts import LINKED, Held, KnownProvider, Linked, Provider, Subject
from sapparot.people.providers.problems import (
    ACCOUNT_BEFORE,
    ACCOUNT_GONE,
    ACCOUNT_SEVERAL,
    ACCOUNT_TAKEN,
    ACCOUNT_UNKNOWN,
)
from sapparot.people.providers.roundtrip import Arrived
from sapparot.people.signin.coming import welcome_back
from sapparot.people.signin.store import new_id


class Linking:
    """The linked accounts of everybody."""

    def __init__(self, persons: Persons, known: Mapping[str, Provider]) -> None:
        self._persons = persons
        self._known = known

    def providers(self) -> list[KnownProvider]:
        """Return the providers, in the order of their file."""
        return [KnownProvider(provider.id, provider.name) for provider in self._known.values()]

    async def person_of(self, connection: AsyncConnection, arrived: Arrived) -> Person:
        """Return the person who linked an account; raises :class:`Problem`."""
        account = self._persons.vault.find_account(arrived.provider.issuer, arrived.subject)
        found = await store.persons_of(connection, account, arrived.errand.network)
        if len(found) != 1:
            raise Problem(ACCOUNT_SEVERAL if found else ACCOUNT_UNKNOWN)
        [(link, person)] = found
        async with connection.transaction():
            come = await welcome_back(connection, self._persons, person)
            await store.used(connection, link, self._persons.clock.now())
        return come

    async def link(self, connection: AsyncConnection, arrived: Arrived, who: UUID) -> None:
        """Link an account to a person who is signed in; raises :class:`Problem`. Doing it again changes nothing."""
        provider, now, vault = arrived.provider, self._persons.clock.now(), self._persons.vault
        person = await welcome_back(connection, self._persons, who)
        account = vault.find_account(provider.issuer, arrived.subject)
        sealed = vault.seal(who, Subject(arrived.subject), LINKED) if provider.messages else None
        if await store.link(connection, store.Link(new_id(), who, person.network, provider.id, account, sealed), now):
            return
        holders = [holder for _, holder in await store.persons_of(connection, account, person.network)]
        if who not in holders:
            raise Problem(ACCOUNT_TAKEN if holders else ACCOUNT_BEFORE)

    async def all(self, connection: AsyncConnection, who: UUID) -> list[Linked]:
        """Return the accounts that a person linked."""
        return await store.of_person(connection, who)

    async def unlink(self, connection: AsyncConnection, who: UUID, link: UUID) -> None:
        """Take a link away; the account opens nothing any more."""
        if not await store.unlink(connection, who, link):
            raise Problem(ACCOUNT_GONE)


async def accounts_of(connection: AsyncConnection, vault: Vault, who: UUID) -> list[Held]:
    """Return everything that is kept of the accounts that a person linked."""
    sealed = await store.sealed_of(connection, who)
    return [
        Held(each, vault.open(who, sealed[each.id], Subject, LINKED).sub if each.id in sealed else None)
        for each in await store.of_person(connection, who)
    ]
