"""Grants in PostgreSQL: rows are added and ended, never changed otherwise."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.granting.facts import Grant, GrantRole

_GRANT = (
    "SELECT given.id, given.person, one.network, given.role, given.area, given.granted_by, given.granted_at, given.ended_by,"
    " given.ended_at FROM people.grants AS given JOIN people.persons AS one ON one.id = given.person WHERE "
)


async def add(
    connection: AsyncConnection, person: UUID, role: tuple[GrantRole, str | None], by: UUID | None, now: datetime
) -> int:
    """Record a grant; return its number, or that of the same grant that stands already."""
    await connection.execute(
        "INSERT INTO people.grants (person, role, area, granted_by, granted_at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (person, *role, by, now),
    )
    cursor = await connection.execute(
        "SELECT id FROM people.grants WHERE person = %s AND role = %s AND area IS NOT DISTINCT FROM %s AND ended_at IS NULL",
        (person, *role),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def grant(connection: AsyncConnection, number: int) -> Grant | None:
    """Return a grant."""
    cursor = await connection.execute(_GRANT + "given.id = %s", (number,))
    row = await cursor.fetchone()
    return Grant(*row) if row else None


async def end(connection: AsyncConnection, number: int, by: UUID | None, now: datetime) -> None:
    """End a grant that stands."""
    await connection.execute(
        "UPDATE people.grants SET ended_by = %s, ended_at = %s WHERE id = %s AND ended_at IS NULL", (by, now, number)
    )


async def roles(connection: AsyncConnection, person: UUID) -> frozenset[GrantRole]:
    """Return the roles that a person has now."""
    cursor = await connection.execute(
        "SELECT role FROM people.grants WHERE person = %s AND ended_at IS NULL", (person,)
    )
    return frozenset(row[0] for row in await cursor.fetchall())


async def set_level(connection: AsyncConnection, person: UUID, level: int) -> None:
    """Record the level that a person's roles give."""
    await connection.execute("UPDATE people.persons SET level = %s WHERE id = %s", (level, person))


async def lock(connection: AsyncConnection, person: UUID) -> tuple[str, str] | None:
    """Hold a person to the end of the transaction; return its network and state."""
    cursor = await connection.execute("SELECT network, state FROM people.persons WHERE id = %s FOR UPDATE", (person,))
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def of_person(connection: AsyncConnection, person: UUID) -> list[Grant]:
    """Return every grant that a person ever had."""
    cursor = await connection.execute(_GRANT + "given.person = %s ORDER BY given.id", (person,))
    return [Grant(*row) for row in await cursor.fetchall()]


async def listed(connection: AsyncConnection, network: str | None, before: int | None, limit: int) -> list[Grant]:
    """Return grants to people of a network, or of all, newest first."""
    cursor = await connection.execute(
        _GRANT
        + "(%s::text IS NULL OR one.network = %s) AND (%s::bigint IS NULL OR given.id < %s) ORDER BY given.id DESC LIMIT %s",
        (network, network, before, before, limit),
    )
    return [Grant(*row) for row in await cursor.fetchall()]


async def heads(connection: AsyncConnection, network: str) -> list[Grant]:
    """Return who of a network is head of which constituency now, by constituency."""
    cursor = await connection.execute(
        _GRANT + "one.network = %s AND given.role = 'head' AND given.ended_at IS NULL ORDER BY given.area, given.id",
        (network,),
    )
    return [Grant(*row) for row in await cursor.fetchall()]


async def heads_of(connection: AsyncConnection, area: str) -> frozenset[UUID]:
    """Return who heads an area now, of any network."""
    cursor = await connection.execute(
        "SELECT person FROM people.grants WHERE role = 'head' AND area = %s AND ended_at IS NULL", (area,)
    )
    return frozenset(row[0] for row in await cursor.fetchall())
