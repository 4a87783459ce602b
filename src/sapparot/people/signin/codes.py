"""Signing in with a one-time code.

Whoever asks hears the same whether somebody has the telephone or not, after the same work: a code is made and kept, a message is sealed
and queued; only that the message of a telephone that nobody has is never sent and its code opens nothing. A code proves the telephone for
the sign-up that asked for it, so what strangers typed for it never holds. Codes that are asked
for in a browser with a session of that very person, standing or over, are counted apart: strangers cannot use them up.
"""

from __future__ import annotations

import hmac
from typing import NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.proxies import wider
from sapparot.people.messages import store as messages
from sapparot.people.messages.facts import Letter
from sapparot.people.messages.worker import USE
from sapparot.people.persons import Person, Persons
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.signin import store
from sapparot.people.signin.facts import Asker, Asking, Origin
from sapparot.people.signin.problems import CODE_ENDED, CODE_WRONG, CODES_STOPPED
from sapparot.people.signin.rules import (
    CODE,
    CODE_LASTS,
    CODE_TRIES,
    DIGITS,
    check_rate,
    code_mac,
    origin_mac,
    token_hash,
)

MOST_WAITING = 5_000
"""Messages that may wait for the senders before nobody gets a new code."""


class Limits(NamedTuple):
    """How many codes: for one address in an hour, and for everybody in a minute. 0 for everybody means that there is no sender."""

    per_address: int
    per_minute: int


class Wanted(NamedTuple):
    """Who wants a code: the telephone in E.164, the network, the person it is of, and the sign-up it is to prove."""

    network: str
    phone: str
    person: Person | None
    application: UUID | None = None


class Codes:
    """Makes, sends and checks one-time codes."""

    def __init__(self, persons: Persons, secret: bytes, limits: Limits) -> None:
        self._persons = persons
        self._secret = secret
        self._limits = limits

    async def begin(self, connection: AsyncConnection, network: str, phone: str, asker: Asker) -> str:
        """Send a code to a telephone and return the handle that goes with it; raises :class:`Problem`."""
        phone = self._persons.phone(phone)
        if not await store.network_known(connection, network):
            raise Problem(NETWORK_UNKNOWN)
        found = await self._persons.by_phone(connection, network, phone)
        return await self.send(connection, Wanted(network, phone, found), asker)

    async def send(self, connection: AsyncConnection, wanted: Wanted, asker: Asker) -> str:
        """Make a code, queue its message and return its handle."""
        if not self._limits.per_minute:
            raise Problem(CODES_STOPPED)
        now = self._persons.clock.now()
        person = wanted.person if wanted.person and may_come(wanted.person, wanted.application) else None
        index, origin = self._persons.vault.find(wanted.phone), await self._origin(connection, asker, person)
        handle, code = store.new_code()
        async with connection.transaction():
            recent = await store.recent(connection, index, origin, now)
            check_rate(recent, self._limits.per_address, self._limits.per_minute)
            if await messages.waiting(connection, MOST_WAITING) >= MOST_WAITING:
                raise Problem(CODES_STOPPED)
            kept = token_hash(handle)
            until = now + CODE_LASTS
            identity = person.id if person else None
            mac = code_mac(self._secret, kept, code)
            asking = Asking(kept, wanted.network, index, origin, identity, wanted.application, mac, now, until)
            await store.ask(connection, asking)
            text = CODE.say(person.lang if person else "th").format(code=code)
            letter = Letter(wanted.phone, text, to_phone=wanted.application is not None)
            sealed = self._persons.vault.seal(identity or store.new_id(), letter, USE)
            await messages.put(connection, store.new_id(), identity, sealed, (now, until))
        return handle

    async def _origin(self, connection: AsyncConnection, asker: Asker, person: Person | None) -> Origin:
        wide = wider(asker.address)
        known = bool(person and asker.token and await store.whose(connection, asker.token) == person.id)
        address = origin_mac(self._secret, asker.address)
        return Origin(address, origin_mac(self._secret, wide) if wide else None, known)

    async def check(self, connection: AsyncConnection, handle: str, code: str) -> Person:
        """Return the person whom a code proves; raises :class:`Problem`. Each call uses one try up, right or wrong."""
        now = self._persons.clock.now()
        kept = token_hash(handle)
        tried = await store.try_code(connection, kept, now)
        if tried is None or not DIGITS.fullmatch(code):
            raise Problem(CODE_ENDED if tried is None else CODE_WRONG)
        right = hmac.compare_digest(tried.code, code_mac(self._secret, kept, code))
        if tried.person is None or not right:
            raise Problem(CODE_WRONG, tries_left=CODE_TRIES - tried.tries)
        async with connection.transaction():
            if not await store.use_code(connection, kept, now):
                raise Problem(CODE_ENDED)
            return await self._persons.proven(connection, tried.person, now, tried.application)


def may_come(person: Person, application: UUID | None) -> bool:
    """Tell whether a code for this person can open anything; who left, or never proved a sign-up, comes by signing up again."""
    return application is not None if person.state in ("left", "applied") else not person.ended
