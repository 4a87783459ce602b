"""The people of a network in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.persons.facts import Person

_PAGE = (
    "SELECT one.id, one.network, one.level, one.state, one.area, one.lang, one.joined_at, one.proven_at, one.trained_at,"
    " one.ended_at, one.sealed, one.link, made.made_by"
    " FROM people.persons AS one LEFT JOIN people.invite_links AS made ON made.id = one.link"
)
_VEILED = (
    "SELECT string_agg(uuid_send(one.id) || int4send(length(one.sealed)) || one.sealed, '') FROM people.persons AS one"
)
_PIECES = " GROUP BY get_byte(uuid_send(one.id), 0) / 16"
_NAMED = _PAGE + " WHERE one.id = ANY(%(ids)s) ORDER BY one.joined_at, one.id LIMIT %(limit)s"
_WANTED = """
 WHERE one.network = %(network)s AND one.state <> 'erased'
  AND (%(state)s::text IS NULL OR one.state = %(state)s)
  AND (%(area)s::text IS NULL OR one.area = %(area)s OR starts_with(one.area, %(area)s || '-'))
  AND (%(outside)s::text[] IS NULL
    OR one.state IN ('listed', 'waiting', 'active') AND NOT coalesce(one.area = ANY(%(outside)s), false))
  AND (%(phone)s::bytea IS NULL OR one.phone = %(phone)s)
  AND (one.joined_at, one.id) > (%(since)s, %(last)s)
"""
_IN_ORDER = " ORDER BY one.joined_at, one.id LIMIT %(limit)s"
_OPEN = " AND one.sealed IS NOT NULL AND one.state NOT IN ('applied', 'left', 'expelled')"
"""Whose names an organiser may see."""

BEGINNING = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Before everybody."""


class Found(NamedTuple):
    """A person of the network, with what is sealed, and who brought it."""

    person: Person
    sealed: bytes | None
    link: UUID | None
    brought_by: UUID | None


class Veiled(NamedTuple):
    """The id of a person (16 bytes) and what is sealed of it."""

    id: bytes
    sealed: bytes


class Query(NamedTuple):
    """Which people of a network."""

    network: str
    state: str | None = None
    area: str | None = None
    phone: bytes | None = None
    after: UUID | None = None
    limit: int = 50
    outside: Sequence[str] | None = None


async def page(connection: AsyncConnection, query: Query) -> list[Found]:
    """Return people of a network in the order in which they joined."""
    cursor = await connection.execute(_PAGE + _WANTED + _IN_ORDER, await _after(connection, query))
    return [_found(row) for row in await cursor.fetchall()]


async def veiled(connection: AsyncConnection, query: Query) -> list[Veiled]:
    """Return what is sealed of people whose names may be seen, in no order: a few rows of bytes, because there are many people."""
    whole = _VEILED + _WANTED + _OPEN + _PIECES
    cursor = await connection.execute(whole, await _after(connection, query), binary=True)
    return [one for row in await cursor.fetchall() for one in _cut(bytes(row[0]))]


def _cut(data: bytes) -> Iterator[Veiled]:
    at = 0
    while at < len(data):
        begin = at + 20
        end = begin + int.from_bytes(data[at + 16 : begin], "big")
        yield Veiled(data[at : at + 16], data[begin:end])
        at = end


async def named(connection: AsyncConnection, ids: Sequence[UUID], limit: int) -> list[Found]:
    """Return those among some people who joined first."""
    cursor = await connection.execute(_NAMED, {"ids": list(ids), "limit": limit})
    return [_found(row) for row in await cursor.fetchall()]


async def _after(connection: AsyncConnection, query: Query) -> dict[str, Any]:
    since, last = BEGINNING
    if query.after is not None:
        found = await connection.execute(
            "SELECT joined_at FROM people.persons WHERE id = %s AND network = %s", (query.after, query.network)
        )
        row = await found.fetchone()
        since, last = (row[0], query.after) if row else BEGINNING
    outside = None if query.outside is None else list(query.outside)
    return query._asdict() | {"since": since, "last": last, "outside": outside}


def _found(row: tuple[Any, ...]) -> Found:
    return Found(Person(*row[:10]), *row[10:])


async def counts(connection: AsyncConnection, network: str) -> dict[str, int]:
    """Return how many people of a network are in each state."""
    cursor = await connection.execute(
        "SELECT state, count(*) FROM people.persons WHERE network = %s GROUP BY state ORDER BY state", (network,)
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def waiting(connection: AsyncConnection, network: str, area: str) -> int:
    """Count the people of a network who wait in an area."""
    cursor = await connection.execute(
        "SELECT count(*) FROM people.persons WHERE network = %s AND state = 'waiting' AND (area = %s OR starts_with(area, %s))",
        (network, area, f"{area}-"),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def approve(
    connection: AsyncConnection, network: str, ids: Sequence[UUID], area: str | None = None
) -> list[UUID]:
    """Let people of a network, in an area if one is named, who wait take part; return them."""
    cursor = await connection.execute(
        "UPDATE people.persons SET state = 'active' WHERE network = %s AND id = ANY(%s) AND state = 'waiting'"
        " AND (%s::text IS NULL OR area = %s OR starts_with(area, %s || '-')) RETURNING id",
        (network, sorted(ids), area, area, area),
    )
    return [row[0] for row in await cursor.fetchall()]


async def own(connection: AsyncConnection, network: str, person: UUID) -> bool:
    """Tell whether a person is of this network."""
    cursor = await connection.execute("SELECT 1 FROM people.persons WHERE network = %s AND id = %s", (network, person))
    return await cursor.fetchone() is not None


async def holder(connection: AsyncConnection, kid: str) -> UUID | None:
    """Return whose device it is, revoked or not."""
    cursor = await connection.execute("SELECT person FROM people.devices WHERE kid = %s", (kid,))
    row = await cursor.fetchone()
    return row[0] if row else None
