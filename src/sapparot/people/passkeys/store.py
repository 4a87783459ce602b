"""Passkeys in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.passkeys.facts import Kept

_KEPT = "SELECT id, person, credential, key, count, transports, sealed, made_at, used_at FROM people.passkeys WHERE "


async def of_person(connection: AsyncConnection, person: UUID) -> list[Kept]:
    """Return the passkeys of a person, oldest first."""
    cursor = await connection.execute(_KEPT + "person = %s ORDER BY made_at, id", (person,))
    return [Kept(*row) for row in await cursor.fetchall()]


async def by_credential(connection: AsyncConnection, credential: bytes) -> Kept | None:
    """Return the passkey that a device calls so."""
    cursor = await connection.execute(_KEPT + "credential = %s", (credential,))
    row = await cursor.fetchone()
    return Kept(*row) if row else None


async def keep(connection: AsyncConnection, made: Kept, most: int) -> bool | None:
    """Keep a new passkey; False when it is known already, None when the person has ``most``. In the caller's transaction."""
    await connection.execute("SELECT 1 FROM people.persons WHERE id = %s FOR UPDATE", (made.person,))
    if len(await of_person(connection, made.person)) >= most:
        return None
    cursor = await connection.execute(
        "INSERT INTO people.passkeys (id, person, credential, key, count, transports, sealed, made_at, resident)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, true) ON CONFLICT DO NOTHING",
        made[:8],
    )
    return cursor.rowcount == 1


async def used(connection: AsyncConnection, passkey: UUID, count: int, now: datetime) -> bool:
    """Record that a passkey signed; False when its count does not grow, or it was removed meanwhile."""
    cursor = await connection.execute(
        "UPDATE people.passkeys SET count = %s, used_at = %s, resident = true"
        " WHERE id = %s AND (count < %s OR (count = 0 AND %s = 0))",
        (count, now, passkey, count, count),
    )
    return cursor.rowcount == 1


async def rename(connection: AsyncConnection, person: UUID, passkey: UUID, sealed: bytes) -> bool:
    """Give a passkey of a person another name; return whether there is one."""
    cursor = await connection.execute(
        "UPDATE people.passkeys SET sealed = %s WHERE id = %s AND person = %s", (sealed, passkey, person)
    )
    return cursor.rowcount == 1


async def remove(connection: AsyncConnection, person: UUID, passkey: UUID) -> bool:
    """Remove a passkey of a person; return whether there was one."""
    cursor = await connection.execute("DELETE FROM people.passkeys WHERE id = %s AND person = %s", (passkey, person))
    return cursor.rowcount == 1


async def otherwise(connection: AsyncConnection, head: bytes, limit: int) -> dict[UUID, tuple[UUID, bytes]]:
    """Return of at most ``limit`` passkeys whose person they are of and their sealed names that do not begin with ``head``; hold them."""
    cursor = await connection.execute(
        "SELECT id, person, sealed FROM people.passkeys WHERE substr(sealed, 1, %s) <> %s ORDER BY id LIMIT %s FOR UPDATE",
        (len(head), head, limit),
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def put_sealed(connection: AsyncConnection, again: Mapping[UUID, bytes]) -> None:
    """Replace sealed names."""
    for passkey, sealed in again.items():
        await connection.execute("UPDATE people.passkeys SET sealed = %s WHERE id = %s", (sealed, passkey))
