"""The outbox of messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sapparot.base.database import AsyncConnection, Connection
from sapparot.people.messages.facts import Outcome, Shown, Waiting

LEASE = timedelta(seconds=60)
"""How long a message that is being tried is left alone: longer than any try takes."""
_TAKE = (
    "UPDATE people.messages SET next_at = %s WHERE id IN (SELECT id FROM people.messages WHERE sent_at IS NULL"
    " AND failed_at IS NULL AND next_at <= %s ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)"
    " RETURNING id, person, sealed, tries, until"
)
_KEPT = "SELECT id, made_at, tries, sent_at, sender, failed_at, reason, person, sealed FROM people.messages"
Kept = tuple[Shown, UUID, bytes | None]
"""A message as it is shown, whom it is to, and what is sealed of it."""


async def put(
    connection: AsyncConnection, message: UUID, person: UUID | None, sealed: bytes, made: tuple[datetime, datetime]
) -> None:
    """Queue a message in the caller's transaction; ``made`` is when and until when it is of use. Without a person it is never sent."""
    now, until = made
    await connection.execute(
        "INSERT INTO people.messages (id, person, sealed, made_at, until, next_at, sent_at, sender)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (message, person, sealed, now, until, now, None if person else now, None if person else "nobody"),
    )


async def waiting(connection: AsyncConnection, most: int) -> int:
    """Return how many messages wait, counted up to ``most``."""
    cursor = await connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM people.messages WHERE sent_at IS NULL AND failed_at IS NULL LIMIT %s) AS queue",
        (most,),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


def take(connection: Connection, now: datetime, limit: int) -> list[Waiting]:
    """Return messages that are due and leave them alone for a while, in the caller's transaction."""
    return [Waiting(*row) for row in connection.execute(_TAKE, (now + LEASE, now, limit)).fetchall()]


def sent(connection: Connection, message: UUID, sender: str, now: datetime) -> None:
    """Record that a message was taken; what it said is kept only on the outbox page."""
    connection.execute(
        "UPDATE people.messages SET sent_at = %s, sender = %s, tries = tries + 1, reason = NULL,"
        " sealed = CASE WHEN %s = 'page' THEN sealed END WHERE id = %s",
        (now, sender, sender, message),
    )


def not_sent(connection: Connection, message: UUID, outcome: Outcome, again: datetime | None, now: datetime) -> None:
    """Record that a message was not taken: it is tried again, or given up."""
    connection.execute(
        "UPDATE people.messages SET tries = tries + 1, reason = %s, next_at = coalesce(%s, next_at),"
        " failed_at = CASE WHEN %s::timestamptz IS NULL THEN %s::timestamptz END,"
        " sealed = CASE WHEN %s::timestamptz IS NOT NULL THEN sealed END WHERE id = %s",
        (outcome.reason, again, again, now, again, message),
    )


def sweep(connection: Connection, before: datetime) -> int:
    """Remove messages and codes that are older; return how many."""
    gone = connection.execute("DELETE FROM people.messages WHERE made_at < %s", (before,)).rowcount
    return gone + connection.execute("DELETE FROM people.codes WHERE made_at < %s", (before,)).rowcount


async def shown(connection: AsyncConnection, limit: int) -> list[Kept]:
    """Return the newest messages."""
    cursor = await connection.execute(_KEPT + " WHERE person IS NOT NULL ORDER BY made_at DESC LIMIT %s", (limit,))
    return [(Shown(*row[:7]), row[7], row[8]) for row in await cursor.fetchall()]


async def sent_from(connection: AsyncConnection, moment: datetime, limit: int) -> list[Kept]:
    """Return messages that were sent at a moment or later, in that order: one messenger sends, so none comes in between later."""
    cursor = await connection.execute(
        _KEPT + " WHERE person IS NOT NULL AND sent_at >= %s ORDER BY sent_at, id LIMIT %s", (moment, limit)
    )
    return [(Shown(*row[:7]), row[7], row[8]) for row in await cursor.fetchall()]


async def counts(connection: AsyncConnection) -> Sequence[int]:
    """Return how many messages wait, were sent and were given up."""
    cursor = await connection.execute(
        "SELECT count(*) FILTER (WHERE sent_at IS NULL AND failed_at IS NULL), count(*) FILTER (WHERE sent_at IS NOT NULL),"
        " count(*) FILTER (WHERE failed_at IS NOT NULL) FROM people.messages WHERE person IS NOT NULL"
    )
    return await cursor.fetchone() or (0, 0, 0)
