"""Tries in PostgreSQL."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.duty.training.facts import Try


async def lock(connection: AsyncConnection, person: UUID) -> None:
    """Hold the tries of a person to the end of the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 18))", (f"tries {person}",))


async def tries(connection: AsyncConnection, person: UUID, version: int) -> list[Try]:
    """Return a person's tries at a version, in order."""
    cursor = await connection.execute(
        "SELECT id, seed, ended_at, wrong, passed FROM duty.tries WHERE person = %s AND version = %s ORDER BY seed",
        (person, version),
    )
    return [Try(row[0], row[1], row[2], tuple(row[3]), row[4]) for row in await cursor.fetchall()]


async def keep(connection: AsyncConnection, person: UUID, version: int, made: Try) -> None:
    """Keep a try in the caller's transaction."""
    await connection.execute(
        "INSERT INTO duty.tries (id, person, version, seed, began_at, ended_at, wrong, passed)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (made.id, person, version, made.number, made.ended_at, made.ended_at, list(made.wrong), made.passed),
    )


def try_id(person: UUID, version: int, number: int) -> UUID:
    """Name a try: the same try has the same name, whenever it arrives."""
    return UUID(bytes=hashlib.sha256(f"{person} {version} {number}".encode()).digest()[:16])
