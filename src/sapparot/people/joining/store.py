"""Sign-ups and invite links in PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sapparot.base.database import AsyncConnection
from sapparot.people.joining.facts import InviteLink
from sapparot.people.rules import code_hash

_LINK = "SELECT id, network, made_by, made_at, uses, used, expires_at, vouched, label, ended_at, area FROM people.invite_links WHERE "
_MAKE = (
    "INSERT INTO people.invite_links (id, code_hash, network, made_by, made_at, uses, expires_at, vouched, label, area)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_BRANCH = """
WITH RECURSIVE branch (person) AS (
    SELECT id FROM people.persons WHERE link = ANY(%(links)s)
  UNION
    SELECT brought.id FROM branch JOIN people.invite_links AS made ON made.made_by = branch.person
    JOIN people.persons AS brought ON brought.link = made.id
)
SELECT branch.person FROM branch JOIN people.persons AS one ON one.id = branch.person
WHERE one.network = %(network)s AND one.state NOT IN ('left', 'expelled', 'erased') ORDER BY branch.person
"""
_FAMILY = """
SELECT link.id, link.network, link.made_by, link.made_at, link.uses, link.used, link.expires_at, link.vouched, link.label, link.ended_at,
  link.area,
  maker.link, coalesce(came.people, 0), coalesce(came.active, 0)
FROM people.invite_links AS link LEFT JOIN people.persons AS maker ON maker.id = link.made_by
LEFT JOIN (SELECT link, count(*) AS people, count(*) FILTER (WHERE state = 'active') AS active FROM people.persons
  WHERE network = %s AND link IS NOT NULL AND state <> 'applied' GROUP BY link) AS came ON came.link = link.id
WHERE link.network = %s ORDER BY link.made_at, link.id LIMIT %s
"""
APPLICATIONS_KEPT = 4
"""Of what is typed for one telephone the newest few wait; the rest is a flood."""


class NewPerson(NamedTuple):
    """A row of a person who signs up."""

    id: UUID
    network: str
    sealed: bytes
    phone: bytes
    lang: str


class Sprout(NamedTuple):
    """A link, the link by which its maker came, and who came by it: all, and those who take part."""

    link: InviteLink
    parent: UUID | None
    people: int
    active: int


async def put_person(connection: AsyncConnection, new: NewPerson, now: datetime) -> UUID:
    """Record somebody who signs up, unless the telephone is known in the network; return the person's id either way."""
    await connection.execute(
        "INSERT INTO people.persons (id, network, state, sealed, phone, lang, joined_at)"
        " VALUES (%s, %s, 'applied', %s, %s, %s, %s) ON CONFLICT (network, phone) DO NOTHING",
        (new.id, new.network, new.sealed, new.phone, new.lang, now),
    )
    cursor = await connection.execute(
        "SELECT id FROM people.persons WHERE network = %s AND phone = %s FOR NO KEY UPDATE", (new.network, new.phone)
    )
    row = await cursor.fetchone()
    return UUID(str(row[0])) if row else new.id


async def put_application(
    connection: AsyncConnection, person: UUID, sealed: bytes, link: UUID | None, now: datetime
) -> UUID:
    """Let what was typed wait for the proof of the telephone; return its id. The person is locked."""
    made = uuid4()
    await connection.execute(
        "INSERT INTO people.applications (id, person, sealed, link, at) VALUES (%s, %s, %s, %s, %s)",
        (made, person, sealed, link, now),
    )
    await connection.execute(
        "DELETE FROM people.applications WHERE person = %s AND id NOT IN"
        " (SELECT id FROM people.applications WHERE person = %s ORDER BY at DESC, id LIMIT %s)",
        (person, person, APPLICATIONS_KEPT),
    )
    return made


async def link_of(connection: AsyncConnection, code: str) -> InviteLink | None:
    """Return the link with this code."""
    cursor = await connection.execute(_LINK + "code_hash = %s", (code_hash(code),))
    row = await cursor.fetchone()
    return InviteLink(*row) if row else None


async def link_by_id(connection: AsyncConnection, link: UUID) -> InviteLink | None:
    """Return a link."""
    cursor = await connection.execute(_LINK + "id = %s", (link,))
    row = await cursor.fetchone()
    return InviteLink(*row) if row else None


async def links_of_network(
    connection: AsyncConnection, network: str, before: datetime | None, limit: int
) -> list[InviteLink]:
    """Return links of a network, newest first."""
    cursor = await connection.execute(
        _LINK + "network = %s AND (%s::timestamptz IS NULL OR made_at < %s) ORDER BY made_at DESC, id LIMIT %s",
        (network, before, before, limit),
    )
    return [InviteLink(*row) for row in await cursor.fetchall()]


async def family(connection: AsyncConnection, network: str, limit: int) -> list[Sprout]:
    """Return the links of a network, oldest first, with the link by which each maker came itself and how many came by each."""
    cursor = await connection.execute(_FAMILY, (network, network, limit))
    return [Sprout(InviteLink(*row[:11]), *row[11:]) for row in await cursor.fetchall()]


async def links_of_person(connection: AsyncConnection, person: UUID) -> list[InviteLink]:
    """Return the links that a person made, newest first."""
    cursor = await connection.execute(_LINK + "made_by = %s ORDER BY made_at DESC, id", (person,))
    return [InviteLink(*row) for row in await cursor.fetchall()]


async def lock_person(connection: AsyncConnection, person: UUID) -> None:
    """Hold a person to the end of the transaction, so that of two invites at once the second sees the first."""
    await connection.execute("SELECT id FROM people.persons WHERE id = %s FOR UPDATE", (person,))


async def make_link(connection: AsyncConnection, link: InviteLink) -> str:
    """Keep a new link; return its code, of which only the hash is kept."""
    code = secrets.token_urlsafe(12)
    row = (link.id, code_hash(code), link.network, link.made_by, link.made_at)
    await connection.execute(_MAKE, (*row, link.uses, link.expires_at, link.vouched, link.label, link.area))
    return code


async def end_link(connection: AsyncConnection, link: UUID, now: datetime) -> None:
    """Cancel a link."""
    await connection.execute(
        "UPDATE people.invite_links SET ended_at = coalesce(ended_at, %s) WHERE id = %s", (now, link)
    )


async def branch(connection: AsyncConnection, network: str, links: Iterable[UUID]) -> list[UUID]:
    """Return everybody of the network who came by these links, or by links of those who did, and so on; who is gone is left out."""
    cursor = await connection.execute(_BRANCH, {"network": network, "links": list(links)})
    return [row[0] for row in await cursor.fetchall()]


def new_id() -> UUID:
    """Return a random id of a person or a link."""
    return uuid4()
