"""Announcements and messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb

from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.text import Text
from sapparot.duty.announcements.facts import Announcement, Chosen, Message, Told

_TELL = (
    "INSERT INTO duty.messages (person, duty, th, en, at, sent)"
    " SELECT person, duty, th, en, %s, 'in_app' FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::text[])"
    " AS told (person, duty, th, en)"
)
_ANNOUNCEMENTS = (
    "SELECT one.id, one.network, one.made_by, one.made_at, one.chosen, one.th, one.en,"
    " count(told.id), count(told.seen_at), one.draft, one.mailed"
    " FROM duty.announcements AS one LEFT JOIN duty.messages AS told ON told.announcement = one.id"
    " WHERE one.network = %s AND (%s::bigint IS NULL OR one.id = %s) GROUP BY one.id ORDER BY one.id DESC LIMIT %s"
)


class Draft(NamedTuple):
    """An announcement before it is kept."""

    id: UUID
    network: str
    by: UUID
    at: datetime
    chosen: Chosen
    text: Text
    mailed: bool


class Delivery(NamedTuple):
    """How an announcement reached one person."""

    person: UUID
    seen_at: datetime | None


async def tell(connection: AsyncConnection, told: Sequence[Told], at: datetime) -> None:
    """Keep messages in the caller's transaction."""
    if told:
        await connection.execute(_TELL, _columns(told, at))


def tell_now(connection: Connection, told: Sequence[Told], at: datetime) -> None:
    """The same as :func:`tell` without an event loop."""
    if told:
        connection.execute(_TELL, _columns(told, at))


def _columns(told: Sequence[Told], at: datetime) -> tuple[object, ...]:
    texts = [one.text.th for one in told], [one.text.en for one in told]
    return (at, [one.person for one in told], [one.duty for one in told], *texts)


async def messages(connection: AsyncConnection, person: UUID, after: int, limit: int) -> list[Message]:
    """Return what a person was told after a message, oldest first."""
    cursor = await connection.execute(
        "SELECT id, th, en, at, seen_at, announcement, duty FROM duty.messages"
        " WHERE person = %s AND id > %s ORDER BY id LIMIT %s",
        (person, after, limit),
    )
    return [Message(row[0], Text(row[1], row[2]), *row[3:]) for row in await cursor.fetchall()]


async def seen(connection: AsyncConnection, person: UUID, until: int, at: datetime) -> None:
    """Record that a person has seen its messages up to one."""
    await connection.execute(
        "UPDATE duty.messages SET seen_at = %s WHERE person = %s AND id <= %s AND seen_at IS NULL", (at, person, until)
    )


async def announce(connection: AsyncConnection, draft: Draft, people: Sequence[UUID]) -> int | None:
    """Keep an announcement and a message for each person in the caller's transaction; return its number, None when it was made before."""
    text, chosen = draft.text, Jsonb(to_builtins(draft.chosen))
    cursor = await connection.execute(
        "INSERT INTO duty.announcements (draft, network, made_by, made_at, chosen, th, en, mailed)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (draft) DO NOTHING RETURNING id",
        (draft.id, draft.network, draft.by, draft.at, chosen, text.th, text.en, draft.mailed),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    await connection.execute(
        "INSERT INTO duty.messages (person, announcement, th, en, at, sent)"
        " SELECT person, %s, %s, %s, %s, 'in_app' FROM unnest(%b::uuid[]) AS told (person)",
        (row[0], text.th, text.en, draft.at, sorted(people)),
    )
    return int(row[0])


async def number_of(connection: AsyncConnection, network: str, draft: UUID) -> int | None:
    """Return the number of the announcement that a network made of a draft."""
    cursor = await connection.execute(
        "SELECT id FROM duty.announcements WHERE network = %s AND draft = %s", (network, draft)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else None


async def announcements(
    connection: AsyncConnection, network: str, number: int | None = None, limit: int = 100
) -> list[Announcement]:
    """Return a network's announcements, newest first, or one of them."""
    cursor = await connection.execute(_ANNOUNCEMENTS, (network, number, number, limit))
    return [_announcement(row) for row in await cursor.fetchall()]


def _announcement(row: tuple[Any, ...]) -> Announcement:
    text, chosen = Text(row[5], row[6]), convert(row[4], Chosen)
    head = (row[0], row[1], row[2], row[3])
    return Announcement(*head, chosen, text, row[7], row[8], draft=row[9], mailed=row[10])


async def deliveries(connection: AsyncConnection, number: int, after: UUID | None, limit: int) -> list[Delivery]:
    """Return how an announcement reached each person, by their ids."""
    cursor = await connection.execute(
        "SELECT person, seen_at FROM duty.messages WHERE announcement = %s"
        " AND (%s::uuid IS NULL OR person > %s) ORDER BY person LIMIT %s",
        (number, after, after, limit),
    )
    return [Delivery(*row) for row in await cursor.fetchall()]
