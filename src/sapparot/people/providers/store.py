"""Linked accounts in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection, Connection
from sapparot.people.providers.facts import Linked


class Link(NamedTuple):
    """An account before it is kept: a keyed hash, and what is sealed of it, if anything."""

    id: UUID
    person: UUID
    network: str
    provider: str
    account: bytes
    sealed: bytes | None


async def link(connection: AsyncConnection, made: Link, now: datetime) -> bool:
    """Link an account; return False when it, or one of the same provider, is linked already."""
    cursor = await connection.execute(
        "INSERT INTO people.linked (id, person, network, provider, account, sealed, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (*made, now),
    )
    return cursor.rowcount == 1


async def persons_of(connection: AsyncConnection, account: bytes, network: str) -> list[tuple[UUID, UUID]]:
    """Return links and persons of an account, in one network or (empty) in all that take part."""
    cursor = await connection.execute(
        "SELECT one.id, one.person FROM people.linked AS one JOIN people.networks AS of ON of.id = one.network"
        " WHERE one.account = %s AND (%s = '' OR one.network = %s) AND of.state = 'active' ORDER BY one.made_at",
        (account, network, network),
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def of_person(connection: AsyncConnection, person: UUID) -> list[Linked]:
    """Return the accounts that a person linked."""
    cursor = await connection.execute(
        "SELECT id, provider, made_at, used_at FROM people.linked WHERE person = %s ORDER BY made_at, id", (person,)
    )
    return [Linked(*row) for row in await cursor.fetchall()]


async def sealed_of(connection: AsyncConnection, person: UUID) -> dict[UUID, bytes]:
    """Return what is sealed of the accounts of a person, by link."""
    cursor = await connection.execute(
        "SELECT id, sealed FROM people.linked WHERE person = %s AND sealed IS NOT NULL", (person,)
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def used(connection: AsyncConnection, link: UUID, now: datetime) -> None:
    """Record that somebody signed in by a linked account."""
    await connection.execute("UPDATE people.linked SET used_at = %s WHERE id = %s", (now, link))


async def unlink(connection: AsyncConnection, person: UUID, link: UUID) -> bool:
    """Take a link of a person away; return whether there was one."""
    cursor = await connection.execute("DELETE FROM people.linked WHERE id = %s AND person = %s", (link, person))
    return cursor.rowcount == 1


def subjects(connection: Connection, persons: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return what is sealed of accounts to which messages go, by person."""
    found = connection.execute(
        "SELECT person, sealed FROM people.linked WHERE person = ANY(%s) AND sealed IS NOT NULL", (list(persons),)
    )
    return {row[0]: row[1] for row in found.fetchall()}


async def otherwise(connection: AsyncConnection, head: bytes, limit: int) -> dict[UUID, tuple[UUID, bytes]]:
    """Return of at most ``limit`` accounts whose person they are of and what is sealed and does not begin with ``head``; hold them."""
    cursor = await connection.execute(
        "SELECT id, person, sealed FROM people.linked WHERE sealed IS NOT NULL AND substr(sealed, 1, %s) <> %s"
        " ORDER BY id LIMIT %s FOR UPDATE",
        (len(head), head, limit),
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def put_sealed(connection: AsyncConnection, again: Mapping[UUID, bytes]) -> None:
    """Replace what is sealed of accounts."""
    for link, sealed in again.items():
        await connection.execute("UPDATE people.linked SET sealed = %s WHERE id = %s", (sealed, link))
