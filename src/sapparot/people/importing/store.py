"""Imports in PostgreSQL: how far each file came, and the people it brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
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


_PROGRESS = (
    "SELECT kept.file, kept.kept_at, kept.people, kept.flawed, coalesce(one.done, 0), coalesce(one.added, 0), coalesce(one.merged, 0),"
    " kept.sealed IS NOT NULL FROM people.import_files AS kept"
    " LEFT JOIN people.imports AS one ON one.network = kept.network AND one.file = kept.file WHERE kept.network = %s"
)


class Kept(NamedTuple):
    """A file that waits, sealed for who keeps it."""

    network: str
    file: bytes
    sealed: bytes | None
    people: int
    flawed: int
    by: UUID
    at: datetime


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


async def keep(connection: AsyncConnection, kept: Kept) -> None:
    """Let a file wait; one that waits already is sealed anew."""
    await connection.execute(
        "INSERT INTO people.import_files (network, file, sealed, people, flawed, kept_by, kept_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (network, file) DO UPDATE SET sealed = excluded.sealed,"
        " people = excluded.people, flawed = excluded.flawed, kept_by = excluded.kept_by, kept_at = excluded.kept_at",
        tuple(kept),
    )


async def kept(connection: AsyncConnection, network: str, file: bytes) -> Kept | None:
    """Return a file that waits."""
    cursor = await connection.execute(
        "SELECT network, file, sealed, people, flawed, kept_by, kept_at FROM people.import_files WHERE network = %s AND file = %s",
        (network, file),
    )
    row = await cursor.fetchone()
    return Kept(*row) if row else None


async def forget(connection: AsyncConnection, network: str, file: bytes) -> None:
    """Forget the bytes of a file."""
    await connection.execute(
        "UPDATE people.import_files SET sealed = NULL WHERE network = %s AND file = %s", (network, file)
    )


async def drop_before(connection: AsyncConnection, before: datetime) -> None:
    """Forget the bytes of files that waited too long."""
    await connection.execute("UPDATE people.import_files SET sealed = NULL WHERE kept_at < %s", (before,))


async def progress(connection: AsyncConnection, network: str, file: bytes) -> tuple[Any, ...] | None:
    """Return how far a file came: when it was kept, people, flawed, done, added, merged, whether it waits."""
    cursor = await connection.execute(_PROGRESS + " AND kept.file = %s", (network, file))
    row = await cursor.fetchone()
    return row[1:] if row else None


async def recent(connection: AsyncConnection, network: str, limit: int) -> list[tuple[Any, ...]]:
    """Return the newest files of a network, and how far each came."""
    cursor = await connection.execute(_PROGRESS + " ORDER BY kept.kept_at DESC LIMIT %s", (network, limit))
    return await cursor.fetchall()
