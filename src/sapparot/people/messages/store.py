"""The outbox of messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sapparot.base.clock import stamp
from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.text import Text
from sapparot.people.messages.facts import Copy, Fate, Mailing, Outcome, Sendings, Shown, Waiting
from sapparot.people.messages.rules import STOPPED
from sapparot.people.persons.facts import PROGRAM, Person

LEASE = timedelta(seconds=60)
"""How long a message that is being tried is left alone: longer than any try takes."""
_TAKE = (
    "UPDATE people.messages SET next_at = %s WHERE id IN (SELECT id FROM people.messages WHERE sent_at IS NULL"
    " AND failed_at IS NULL AND mailing IS NULL AND next_at <= %s ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)"
    " RETURNING id, person, sealed, tries, until"
)
_KEPT = "SELECT id, made_at, tries, sent_at, sender, failed_at, reason, person, sealed FROM people.messages"
Kept = tuple[Shown, UUID, bytes | None]
"""A message as it is shown, whom it is to, and what is sealed of it."""


_COPIES = """
WITH due AS (
  SELECT id, begun_at IS NOT NULL AS begun FROM people.messages
  WHERE sent_at IS NULL AND failed_at IS NULL AND mailing IS NOT NULL AND next_at <= %(now)s
  ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), taken AS (
  UPDATE people.messages AS one SET next_at = %(lease)s, begun_at = %(now)s FROM due WHERE one.id = due.id
  RETURNING one.id, one.person, one.mailing, one.tries, one.until, due.begun
)
SELECT taken.id, taken.tries, taken.until, taken.begun, mail.stopped_at IS NOT NULL, mail.th, mail.en,
  who.id, who.network, who.level, who.state, who.area, who.lang, who.joined_at, who.proven_at, who.trained_at, who.ended_at, who.sealed,
  EXISTS (SELECT 1 FROM people.consents AS given
    WHERE given.person = who.id AND given.purpose = 'announcements' AND given.ended_at IS NULL)
FROM taken JOIN people.mailings AS mail ON mail.id = taken.mailing JOIN people.persons AS who ON who.id = taken.person
"""
_MAIL = (
    "INSERT INTO people.messages (id, person, mailing, made_at, until, next_at)"
    " SELECT gen_random_uuid(), person, %s, %s, %s, %s FROM unnest(%s::uuid[]) AS told (person) ON CONFLICT DO NOTHING"
)
_SENDINGS = (
    "SELECT mailing, CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'waiting' END AS state,"
    " CASE WHEN failed_at IS NOT NULL THEN coalesce(reason, '') END AS why, count(*)"
    " FROM people.messages WHERE mailing = ANY(%s) GROUP BY mailing, state, why ORDER BY count(*) DESC"
)


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
        "SELECT count(*) FROM (SELECT 1 FROM people.messages WHERE sent_at IS NULL AND failed_at IS NULL AND mailing IS NULL"
        " LIMIT %s) AS queue",
        (most,),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


def take(connection: Connection, now: datetime, limit: int) -> list[Waiting]:
    """Return messages that are due and leave them alone for a while, in the caller's transaction."""
    return [Waiting(*row) for row in connection.execute(_TAKE, (now + LEASE, now, limit)).fetchall()]


def sent(connection: Connection, message: UUID, sender: str, now: datetime, sealed: bytes | None = None) -> None:
    """Record that a message was taken; what it said, ``sealed`` unless it lies there already, is kept only on the outbox page."""
    connection.execute(
        "UPDATE people.messages SET sent_at = %s, sender = %s, tries = tries + 1, reason = NULL,"
        " sealed = CASE WHEN %s = 'page' THEN coalesce(%s, sealed) END WHERE id = %s",
        (now, sender, sender, sealed, message),
    )


def not_sent(connection: Connection, message: UUID, outcome: Outcome, again: datetime | None, now: datetime) -> None:
    """Record that a message was not taken, as far as is known: it is tried again, or given up."""
    connection.execute(
        "UPDATE people.messages SET tries = tries + 1, reason = %s, begun_at = CASE WHEN %s THEN begun_at END,"
        " next_at = coalesce(%s, next_at),"
        " failed_at = CASE WHEN %s::timestamptz IS NULL THEN %s::timestamptz END,"
        " sealed = CASE WHEN %s::timestamptz IS NOT NULL THEN sealed END WHERE id = %s",
        (outcome.reason, outcome.unsure, again, again, now, again, message),
    )


def sweep(connection: Connection, before: datetime) -> int:
    """Remove messages and codes that are older, and return how many; of mailings it is kept how each copy ended, which says nothing."""
    gone = connection.execute("DELETE FROM people.messages WHERE made_at < %s AND mailing IS NULL", (before,)).rowcount
    connection.execute(
        "UPDATE people.messages SET sealed = NULL WHERE made_at < %s AND mailing IS NOT NULL AND sealed IS NOT NULL",
        (before,),
    )
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
        " AND (mailing IS NULL OR made_at > (SELECT max(made_at) - interval '1 day' FROM people.messages))"
    )
    return await cursor.fetchone() or (0, 0, 0)


def take_copies(connection: Connection, now: datetime, limit: int) -> list[Copy]:
    """Return copies that are due; note in the caller's transaction that a try of each begins, and leave them alone for a while."""
    found = connection.execute(_COPIES, {"now": now, "limit": limit, "lease": now + LEASE}).fetchall()
    return [_copy(row) for row in found]


def _copy(row: tuple[Any, ...]) -> Copy:
    number, tries, until, begun, stopped, th, en = row[:7]
    return Copy(number, tries, until, begun, stopped, Text(th, en), Person(*row[7:17]), row[17], row[18])


def note_read(connection: Connection, people: Sequence[UUID], now: datetime) -> None:
    """Write into the access log that the program looked up whom it sends an announcement."""
    connection.execute(
        "INSERT INTO people.reads (person, reader, role, network, purpose, at)"
        " SELECT person, NULL, %s, NULL, 'announcement', %s FROM unnest(%s::uuid[]) AS read (person)",
        (PROGRAM.role, now, list(people)),
    )


async def mail(
    connection: AsyncConnection, mailing: Mailing, people: Sequence[UUID], parts: int, *, head: bool
) -> bool:
    """Queue a mailing with a copy for each person in the caller's transaction; return whether it is new."""
    made = await connection.execute(
        "INSERT INTO people.mailings (id, network, made_by, made_at, until, th, en, people, parts, head)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (
            *(mailing.id, mailing.network, mailing.made_by, mailing.made_at, mailing.until),
            *(mailing.text.th, mailing.text.en, len(people), parts, head),
        ),
    )
    if made.rowcount:
        now = mailing.made_at
        await connection.execute(_MAIL, (mailing.id, now, mailing.until, now, sorted(people)))
    return made.rowcount > 0


async def parts_since(connection: AsyncConnection, network: str, by: UUID, since: datetime) -> tuple[int, int, int]:
    """Return how many SMS parts the mailings of a network cost since a moment, of them those of one of its people, and those of heads.

    The network is held to the end of the transaction.
    """
    await connection.execute("SELECT 1 FROM people.networks WHERE id = %s FOR NO KEY UPDATE", (network,))
    cursor = await connection.execute(
        "SELECT coalesce(sum(parts), 0), coalesce(sum(parts) FILTER (WHERE made_by = %s), 0), coalesce(sum(parts) FILTER (WHERE head), 0)"
        " FROM people.mailings WHERE network = %s AND made_at > %s",
        (by, network, since),
    )
    row = await cursor.fetchone()
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)


async def sendings(connection: AsyncConnection, mailings: Sequence[UUID]) -> dict[UUID, Sendings]:
    """Return how far some mailings have come."""
    cursor = await connection.execute(
        "SELECT id, parts, stopped_at FROM people.mailings WHERE id = ANY(%s)", (list(mailings),)
    )
    found = {row[0]: Sendings(row[1], {}, {}, row[2]) for row in await cursor.fetchall()}
    cursor = await connection.execute(_SENDINGS, (list(found),))
    for mailing, state, why, count in await cursor.fetchall():
        one = found[mailing]
        one.states[state] = one.states.get(state, 0) + count
        if why is not None:
            one.reasons[why] = count
    return found


async def fates(connection: AsyncConnection, mailing: UUID, people: Sequence[UUID]) -> dict[UUID, Fate]:
    """Return what became of the copies of some people."""
    cursor = await connection.execute(
        "SELECT person, CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'waiting' END,"
        " sender, reason, coalesce(sent_at, failed_at) FROM people.messages WHERE mailing = %s AND person = ANY(%s)",
        (mailing, list(people)),
    )
    return {row[0]: Fate(*row[1:]) for row in await cursor.fetchall()}


async def stop(connection: AsyncConnection, mailing: UUID, by: UUID, now: datetime) -> int:
    """Stop a mailing: what was not begun is never sent; return how many copies that were."""
    await connection.execute(
        "UPDATE people.mailings SET stopped_at = %s, stopped_by = %s WHERE id = %s AND stopped_at IS NULL",
        (now, by, mailing),
    )
    cursor = await connection.execute(
        "UPDATE people.messages SET failed_at = %s, reason = %s WHERE mailing = %s"
        " AND sent_at IS NULL AND failed_at IS NULL AND begun_at IS NULL",
        (now, STOPPED, mailing),
    )
    return cursor.rowcount


async def held(connection: AsyncConnection, person: UUID) -> Any:
    """Return when announcements went to a person's telephone, as something that can be written as JSON."""
    cursor = await connection.execute(
        "SELECT made_at, sent_at, sender, failed_at, reason FROM people.messages WHERE person = %s AND mailing IS NOT NULL"
        " ORDER BY made_at",
        (person,),
    )
    return [
        {
            "made_at": stamp(row[0]), "sent_at": row[1] and stamp(row[1]), "sender": row[2],
            "failed_at": row[3] and stamp(row[3]), "reason": row[4],
        }
        for row in await cursor.fetchall()
    ]  # fmt: skip
