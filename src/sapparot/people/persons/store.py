"""Persons, what they agreed to, and who looked, in PostgreSQL. Nothing that says who somebody is comes here in clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection, Connection
from sapparot.people.persons.facts import Agreed, Consent, Person, Purpose, Read, Reader, Serving, Why

_PERSONS = (
    "SELECT id, network, level, state, area, lang, joined_at, proven_at, trained_at, ended_at"
    " FROM people.persons WHERE id = ANY(%s)"
)
_BY_PHONE = (
    "SELECT id, network, level, state, area, lang, joined_at, proven_at, trained_at, ended_at"
    " FROM people.persons WHERE network = %s AND phone = %s"
)
_SEALED = (
    "SELECT id, network, level, state, area, lang, joined_at, proven_at, trained_at, ended_at, sealed, link"
    " FROM people.persons WHERE id = ANY(%s) ORDER BY id"
)
_SERVING = (
    "SELECT one.id, one.network, one.area, one.level, one.lang, one.trained_at IS NOT NULL FROM people.persons AS one"
    " WHERE one.state = 'active' AND (%(network)s::text IS NULL OR one.network = %(network)s)"
    " AND (%(areas)s::text[] IS NULL OR one.area = ANY(%(areas)s))"
    " AND (%(ids)s::uuid[] IS NULL OR one.id = ANY(%(ids)s))"
    " AND EXISTS (SELECT 1 FROM people.consents AS given"
    " WHERE given.person = one.id AND given.purpose = %(purpose)s AND given.ended_at IS NULL)"
    " ORDER BY array_position(%(areas)s::text[], one.area), one.id LIMIT %(limit)s"
)
ONE_LOOK = timedelta(minutes=10)
"""A page that keeps itself up to date looks again and again; its reader looked once."""
_CONSENT = "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, %s, %s, %s)"


class Crew(NamedTuple):
    """Which active people are asked for: of a network, with one of some areas of service, among some ids, who agreed to a purpose."""

    purpose: Purpose = "duty"
    network: str | None = None
    areas: Sequence[str] | None = None
    ids: Sequence[UUID] | None = None
    limit: int | None = None


class Sealed(NamedTuple):
    """A person with its sealed particulars and the link it came by."""

    person: Person
    sealed: bytes | None
    link: UUID | None


class Terms(NamedTuple):
    """A network's state, whether it looks at people before they take part, and whether people may come without an invite link."""

    state: str
    approval: bool
    open: bool


class Applied(NamedTuple):
    """An application as it is kept."""

    sealed: bytes
    link: UUID | None
    at: datetime


async def persons(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Return the persons among ``ids``."""
    cursor = await connection.execute(_PERSONS, (list(ids),))
    return {row[0]: Person(*row) for row in await cursor.fetchall()}


def serving(connection: Connection, crew: Crew) -> list[Serving]:
    """Return the active people of a crew, in the order of its areas and then of their ids."""
    return [Serving(*row) for row in connection.execute(_SERVING, crew._asdict()).fetchall()]


async def serving_async(connection: AsyncConnection, crew: Crew) -> list[Serving]:
    """The same as :func:`serving` on an asynchronous connection."""
    cursor = await connection.execute(_SERVING, crew._asdict())
    return [Serving(*row) for row in await cursor.fetchall()]


async def by_phone(connection: AsyncConnection, network: str, phone: bytes) -> Person | None:
    """Return the person of a network with this telephone (as :meth:`Vault.find` gives it)."""
    cursor = await connection.execute(_BY_PHONE, (network, phone))
    row = await cursor.fetchone()
    return Person(*row) if row else None


async def sealed(connection: AsyncConnection, ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, Sealed]:
    """Return persons with what is sealed of them; ``lock`` holds them, in the order of their ids, to the end of the transaction."""
    cursor = await connection.execute(_SEALED + " FOR UPDATE" * lock, (sorted(ids),))
    return {row[0]: Sealed(Person(*row[:10]), row[10], row[11]) for row in await cursor.fetchall()}


async def sealed_otherwise(connection: AsyncConnection, head: bytes, limit: int) -> dict[UUID, bytes]:
    """Return what does not begin with ``head`` of at most ``limit`` persons, and hold those persons."""
    cursor = await connection.execute(
        "SELECT id, sealed FROM people.persons WHERE sealed IS NOT NULL AND substr(sealed, 1, %s) <> %s"
        " ORDER BY id LIMIT %s FOR UPDATE",
        (len(head), head, limit),
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def applications_otherwise(
    connection: AsyncConnection, head: bytes, limit: int
) -> dict[UUID, tuple[UUID, bytes]]:
    """The same of applications, with the person of each."""
    cursor = await connection.execute(
        "SELECT id, person, sealed FROM people.applications WHERE substr(sealed, 1, %s) <> %s ORDER BY id LIMIT %s FOR UPDATE",
        (len(head), head, limit),
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def put_sealed(connection: AsyncConnection, persons: dict[UUID, bytes], applications: dict[UUID, bytes]) -> None:
    """Write what was sealed again."""
    await connection.execute(
        "UPDATE people.persons AS one SET sealed = new.sealed FROM unnest(%s::uuid[], %s::bytea[]) AS new (id, sealed)"
        " WHERE one.id = new.id",
        (list(persons), list(persons.values())),
    )
    await connection.execute(
        "UPDATE people.applications AS one SET sealed = new.sealed FROM unnest(%s::uuid[], %s::bytea[]) AS new (id, sealed)"
        " WHERE one.id = new.id",
        (list(applications), list(applications.values())),
    )


async def update(connection: AsyncConnection, person: Person, particulars: bytes | None, link: UUID | None) -> None:
    """Write a person that the caller has locked."""
    await connection.execute(
        "UPDATE people.persons SET level = %s, state = %s, area = %s, lang = %s, proven_at = %s, trained_at = %s, ended_at = %s,"
        " sealed = %s, link = %s WHERE id = %s",
        (
            *(person.level, person.state, person.area, person.lang),
            *(person.proven_at, person.trained_at, person.ended_at, particulars, link, person.id),
        ),
    )


async def settle(connection: AsyncConnection, person: UUID, area: str | None) -> None:
    """Let an active person who never said where serve in an area; who said so stays where it is."""
    await connection.execute(
        "UPDATE people.persons SET area = %s WHERE id = %s AND area IS NULL AND state = 'active'", (area, person)
    )


async def move(connection: AsyncConnection, network: str, person: UUID, area: str | None) -> bool:
    """Let a person of a network, who takes part or is to, serve in another area; return whether there is such a person."""
    cursor = await connection.execute(
        "UPDATE people.persons SET area = %s WHERE id = %s AND network = %s AND state NOT IN ('left', 'expelled', 'erased')",
        (area, person, network),
    )
    return cursor.rowcount == 1


async def agreed(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, set[Purpose]]:
    """Return what each person agrees to now."""
    cursor = await connection.execute(
        "SELECT person, purpose FROM people.consents WHERE person = ANY(%s) AND ended_at IS NULL", (list(ids),)
    )
    found: dict[UUID, set[Purpose]] = {}
    for person, purpose in await cursor.fetchall():
        found.setdefault(person, set()).add(purpose)
    return found


async def consents(connection: AsyncConnection, person: UUID) -> list[Consent]:
    """Return everything that a person agreed to and took back, in order."""
    cursor = await connection.execute(
        "SELECT purpose, version, given_at, ended_at FROM people.consents WHERE person = %s ORDER BY id", (person,)
    )
    return [Consent(*row) for row in await cursor.fetchall()]


async def give(connection: AsyncConnection, person: UUID, given: Agreed, now: datetime) -> None:
    """Record in the caller's transaction, with the person locked, that a person agrees; a version that stands already stays as it is."""
    cursor = await connection.execute(
        "UPDATE people.consents SET ended_at = %s WHERE person = %s AND purpose = %s AND ended_at IS NULL AND version <> %s",
        (now, person, given.purpose, given.version),
    )
    standing = await connection.execute(
        "SELECT 1 FROM people.consents WHERE person = %s AND purpose = %s AND ended_at IS NULL", (person, given.purpose)
    )
    if cursor.rowcount or await standing.fetchone() is None:
        await connection.execute(_CONSENT, (person, given.purpose, given.version, now))


async def take_back(connection: AsyncConnection, person: UUID, purpose: Purpose, now: datetime) -> bool:
    """End a consent; return whether it stood."""
    cursor = await connection.execute(
        "UPDATE people.consents SET ended_at = %s WHERE person = %s AND purpose = %s AND ended_at IS NULL",
        (now, person, purpose),
    )
    return cursor.rowcount > 0


async def note_reads(connection: AsyncConnection, ids: Sequence[UUID], reader: Reader, why: Why, now: datetime) -> None:
    """Write into the access log that a reader learns who these persons are; looking on within ten minutes is the same look."""
    await connection.execute(
        "INSERT INTO people.reads (person, reader, role, network, purpose, at)"
        " SELECT read.person, %(reader)s::uuid, %(role)s, %(network)s::text, %(why)s, %(now)s FROM unnest(%(ids)s::uuid[]) AS read (person)"
        " WHERE NOT EXISTS (SELECT 1 FROM people.reads AS before WHERE before.person = read.person AND before.at > %(since)s"
        " AND before.at <= %(now)s AND before.reader IS NOT DISTINCT FROM %(reader)s::uuid AND before.role = %(role)s"
        " AND before.network IS NOT DISTINCT FROM %(network)s::text AND before.purpose = %(why)s)",
        {
            **{"reader": reader.person, "role": reader.role, "network": reader.network, "why": why},
            **{"now": now, "since": now - ONE_LOOK, "ids": list(ids)},
        },
    )


async def reads(connection: AsyncConnection, person: UUID, before: int | None, limit: int) -> list[tuple[int, Read]]:
    """Return lines of a person's access log with their numbers, newest first."""
    cursor = await connection.execute(
        "SELECT id, at, role, network, purpose, reader FROM people.reads"
        " WHERE person = %s AND (%s::bigint IS NULL OR id < %s) ORDER BY id DESC LIMIT %s",
        (person, before, before, limit),
    )
    return [(row[0], Read(*row[1:])) for row in await cursor.fetchall()]


async def take_application(connection: AsyncConnection, person: UUID, application: UUID | None) -> Applied | None:
    """Remove what was typed for a person, all of it, and return the application that was proven, when there is one."""
    cursor = await connection.execute(
        "DELETE FROM people.applications WHERE person = %s RETURNING id, sealed, link, at", (person,)
    )
    return next((Applied(*row[1:]) for row in await cursor.fetchall() if row[0] == application), None)


async def terms(connection: AsyncConnection, network: str) -> Terms:
    """Return on what terms a network takes people in."""
    cursor = await connection.execute("SELECT state, approval, open FROM people.networks WHERE id = %s", (network,))
    row: tuple[Any, ...] | None = await cursor.fetchone()
    return Terms(*row) if row else Terms("expelled", approval=True, open=False)


async def use_link(connection: AsyncConnection, link: UUID, at: datetime) -> bool | None:
    """Count a person against an invite link that stood ``at``; return whether the link vouches, None when it has no room."""
    cursor = await connection.execute(
        "UPDATE people.invite_links SET used = used + 1"
        " WHERE id = %s AND used < uses AND expires_at > %s AND ended_at IS NULL RETURNING vouched",
        (link, at),
    )
    row: tuple[Any, ...] | None = await cursor.fetchone()
    return bool(row[0]) if row else None
