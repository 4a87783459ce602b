"""Imports in PostgreSQL: how far each file came, and the people it brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection

_PUT = (
    "INSERT INTO people.persons (id, network, state, area, sealed, phone, joined_at)"
    " SELECT id, %s, 'listed', area, sealed, phone, %s FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::bytea[])"
    " AS new (id, area, sealed, phone) ORDER BY phone ON CONFLICT (network, phone) DO NOTHING RETURNING id"
)
_KNOWN = "SELECT id, phone, state, area, sealed FROM people.persons WHERE network = %s AND phone = ANY(%s) ORDER BY id"
_MERGE = (
    "UPDATE people.persons AS one SET state = new.state, area = new.area, sealed = new.sealed"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[]) AS new (id, state, area, sealed) WHERE one.id = new.id"
)


class Row(NamedTuple):
    """A person of a file, sealed."""

    id: UUID
    area: str | None
    sealed: bytes
    phone: bytes


class Known(NamedTuple):
    """A person of the network who was there before."""

    id: UUID
    phone: bytes
    state: str
    area: str | None
    sealed: bytes


class Counts(NamedTuple):
    """How far a file came: people done, of them new to the network, of them known."""

    done: int = 0
    added: int = 0
    merged: int = 0


async def begin(
    connection: AsyncConnection, network: str, file: bytes, by: UUID | None, now: datetime
) -> tuple[bool, Counts]:
    """Record that a file is brought, and hold it to the end of the transaction; return whether it was known, and how far it came."""
    new = await connection.execute(
        "INSERT INTO people.imports (network, file, brought_by, began_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (network, file, by, now),
    )
    cursor = await connection.execute(
        "SELECT done, added, merged FROM people.imports WHERE network = %s AND file = %s FOR UPDATE", (network, file)
    )
    row = await cursor.fetchone()
    return new.rowcount == 0, Counts(*row) if row else Counts()


async def advance(connection: AsyncConnection, network: str, file: bytes, counts: Counts) -> None:
    """Record how far a file came."""
    await connection.execute(
        "UPDATE people.imports SET done = %s, added = %s, merged = %s WHERE network = %s AND file = %s",
        (*counts, network, file),
    )


async def known(
    connection: AsyncConnection, network: str, phones: Sequence[bytes], *, lock: bool = False
) -> list[Known]:
    """Return the people of a network who have these telephones."""
    cursor = await connection.execute(_KNOWN + " FOR UPDATE" * lock, (network, list(phones)))
    return [Known(*row) for row in await cursor.fetchall()]


async def put(connection: AsyncConnection, network: str, rows: Sequence[Row], now: datetime) -> set[UUID]:
    """List people; return the ids of those who were not known."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = await connection.execute(_PUT, (network, now, *columns))
    return {row[0] for row in await cursor.fetchall()}


async def merge(connection: AsyncConnection, rows: Sequence[Known]) -> None:
    """Write people who were known, as they are now; they are locked."""
    if rows:
        columns = [
            [row.id for row in rows],
            [row.state for row in rows],
            [row.area for row in rows],
            [row.sealed for row in rows],
        ]
        await connection.execute(_MERGE, columns)
