"""The reception: people sign up, and people invite people.

Whoever signs up hears the same whether the telephone is known or not, and causes the same writes: a person that is new or not, and an
application that waits. Nothing changes for somebody who is known until a code proves the telephone (``Persons.proven``). A crash between
the application and the sending of the code leaves rows that nobody proves; they are swept away like those of every flood.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET

from sapparot.base.asgi import Budget
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import TOO_MANY, Problem
from sapparot.people.joining import store
from sapparot.people.joining.facts import InviteLink, Join, MadeInvite, NewInvite
from sapparot.people.joining.problems import INVITE_NEEDED, INVITES_SPENT
from sapparot.people.joining.rules import check_link, clean_name, spent
from sapparot.people.persons import Person, Persons
from sapparot.people.persons.facts import Application, Particulars
from sapparot.people.persons.problems import AREA_UNKNOWN, NETWORK_ENDED
from sapparot.people.persons.registry import APPLICATION
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.terms import Terms
from sapparot.people.terms import store as terms_store
from sapparot.people.terms.rules import check_agreed, plain

PER_PHONE = 6
"""Sign-ups for one telephone in a minute."""
OWN_INVITE_LIFE = timedelta(days=30)
SPARE = 20
"""Links that a volunteer may make in that time beside those that the network gives: some go to the wrong group and are cancelled."""


class SignedUp(NamedTuple):
    """Who is to prove which telephone (E.164), and what was typed."""

    person: UUID
    network: str
    phone: str
    application: UUID


class Reception:
    """Where people come in."""

    def __init__(self, persons: Persons) -> None:
        self._persons = persons
        self._budget = Budget(PER_PHONE)

    async def join(self, connection: AsyncConnection, ask: Join) -> SignedUp:
        """Record a sign-up; raises :class:`Problem` for what does not depend on the telephone."""
        now = self._persons.clock.now()
        phone, name = self._persons.phone(ask.phone), clean_name(ask.name)
        index = self._persons.vault.find(phone)
        area = ask.area if ask.area and await self._persons.knows_area(ask.area) else None
        async with connection.transaction():
            terms = await self._open(connection, ask.network)
            check_agreed(ask.consents, await terms_store.texts(connection, ask.network))
            link = await self._link(connection, terms, ask.invite)
            if not self._budget.spend(index.hex()):
                raise Problem(TOO_MANY)
            await terms_store.keep(connection, ask.network, ask.consents, now)
            made = store.new_id()
            sealed = self._persons.vault.seal(made, Particulars(name, phone))
            new = store.NewPerson(made, ask.network, sealed, index, ask.lang)
            person = await store.put_person(connection, new, now)
            near = link.area if link and ask.area is UNSET else None
            typed = Application(name, ask.consents, area, ask.lang, near)
            waiting = self._persons.vault.seal(person, typed, APPLICATION)
            application = await store.put_application(connection, person, waiting, link.id if link else None, now)
        return SignedUp(person, ask.network, phone, application)

    async def invite(
        self, connection: AsyncConnection, maker: tuple[str, UUID | None], wanted: NewInvite
    ) -> MadeInvite:
        """Make an invite link of a network for an organiser, or for the operator; ``maker`` is (network, person)."""
        now = self._persons.clock.now()
        network, person = maker
        if wanted.area and not await self._persons.knows_area(wanted.area):
            raise Problem(AREA_UNKNOWN)
        await self._open(connection, network)
        until = now + timedelta(days=wanted.days)
        label = plain(wanted.label)
        link = InviteLink(
            store.new_id(), network, person, now, wanted.uses, 0, until, wanted.vouched, label, None, wanted.area
        )
        return MadeInvite(link.id, await store.make_link(connection, link), link.uses, until)

    async def own_invite(self, connection: AsyncConnection, person: Person, uses: int) -> MadeInvite:
        """Make an invite link for a volunteer, within what the network gives each; raises :class:`Problem` INVITES_SPENT."""
        now = self._persons.clock.now()
        async with connection.transaction():
            await store.lock_person(connection, person.id)
            cap = (await self._open(connection, person.network)).own_invites
            links = await store.links_of_person(connection, person.id)
            left = cap - spent(links, now)
            lately = sum(link.made_at > now - OWN_INVITE_LIFE for link in links)
            if uses > left or lately >= cap + SPARE:
                raise Problem(INVITES_SPENT, left=max(left, 0))
            until = now + OWN_INVITE_LIFE
            link = InviteLink(store.new_id(), person.network, person.id, now, uses, 0, until, vouched=False, label="")
            return MadeInvite(link.id, await store.make_link(connection, link), uses, until)

    async def _open(self, connection: AsyncConnection, network: str) -> Terms:
        terms = await terms_store.terms(connection, network)
        if terms is None:
            raise Problem(NETWORK_UNKNOWN)
        if terms.state != "active":
            raise Problem(NETWORK_ENDED)
        return terms

    async def _link(self, connection: AsyncConnection, terms: Terms, code: str | None) -> InviteLink | None:
        if code is None:
            if not terms.open:
                raise Problem(INVITE_NEEDED)
            return None
        link = await store.link_of(connection, code)
        return check_link(link, terms.id, self._persons.clock.now())
