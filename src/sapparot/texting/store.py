"""What text messages left behind, in PostgreSQL: answers, what waits to be confirmed, what stands, and whose account is whose."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from sapparot.base.clock import stamp
from sapparot.base.database import AsyncConnection
from sapparot.texting.facts import Figures, Said, Standing, Word

CODE_LIFE = timedelta(minutes=10)
WAITING_LIFE = timedelta(hours=2)
ANSWERS_LIFE = timedelta(days=3)
STRANGERS_LIFE = timedelta(days=1)
OF_STRANGER = 5
"""Answers that a telephone or account which belongs to nobody gets in a day."""
OF_ALL_STRANGERS = 600
"""Answers that all such telephones get in an hour, and all such accounts at one gateway."""
CODE_TRIES = 5
"""Wrong codes that end what waits for the right one."""
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""

_COUNT = """
INSERT INTO texting.strangers AS held (speaker, since, answers) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (speaker) DO UPDATE SET
    since = CASE WHEN held.since <= %(ended)s THEN excluded.since ELSE held.since END,
    answers = CASE WHEN held.since <= %(ended)s THEN 1 ELSE held.answers + 1 END
RETURNING answers
"""


async def take_turn(connection: AsyncConnection, speaker: bytes) -> None:
    """Wait, in the caller's transaction, until no other message of this speaker is being answered."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(speaker[:8], "big", signed=True),))


async def answered(connection: AsyncConnection, gateway: str, message: str) -> str | None:
    """Return what a message was answered before."""
    cursor = await connection.execute(
        "SELECT reply FROM texting.messages WHERE gateway = %s AND id = %s", (gateway, message)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def answer(connection: AsyncConnection, gateway: str, message: str, reply: str, now: datetime) -> None:
    """Keep an answer, and forget those that nobody asks for any more."""
    await connection.execute(
        "INSERT INTO texting.messages (gateway, id, at, reply) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (gateway, message, now, reply),
    )
    await connection.execute(  # last, and it waits for nobody
        "DELETE FROM texting.messages WHERE (gateway, id) IN (SELECT gateway, id FROM texting.messages"
        " WHERE at < %s ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED)",
        (now - ANSWERS_LIFE,),
    )


async def may_answer(connection: AsyncConnection, speaker: bytes, everybody: bytes, now: datetime) -> bool:
    """Tell whether a telephone or account that belongs to nobody may be answered once more: answers cost money, and senders can be forged.

    ``everybody``: under what all that come the same way are counted together.
    """
    may = await _count(connection, speaker, now, STRANGERS_LIFE) <= OF_STRANGER
    may = may and await _count(connection, everybody, now, timedelta(hours=1)) <= OF_ALL_STRANGERS
    await connection.execute(  # last, and it waits for nobody
        "DELETE FROM texting.strangers WHERE speaker = ANY(ARRAY(SELECT speaker FROM texting.strangers"
        " WHERE since <= %s AND speaker <> %s LIMIT 100 FOR UPDATE SKIP LOCKED))",
        (now - STRANGERS_LIFE, speaker),
    )
    return may


def make_secret() -> str:
    """Return a code of six digits that nobody guesses."""
    return f"{secrets.randbelow(10**6):06d}"


async def wait(connection: AsyncConnection, person: UUID, word: Word, at: datetime, now: datetime) -> bool:
    """Keep what a person wrote ``at`` a time until it is confirmed; the next message takes its place. False when it is older than what
    waits about the same sheet and stage."""
    added = await connection.execute(
        "INSERT INTO texting.waiting AS held (person, marks, said, at, said_at, secret) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (person) DO UPDATE SET marks = excluded.marks, said = excluded.said, at = excluded.at,"
        " said_at = excluded.said_at, secret = excluded.secret, tries = 0"
        " WHERE held.said_at IS NULL OR held.said_at <= excluded.said_at"
        " OR held.said - 'figures' <> excluded.said - 'figures'",
        (person, word.marks, Jsonb(msgspec.to_builtins(word.said)), now, at, word.secret),
    )
    return added.rowcount > 0


async def confirmed(connection: AsyncConnection, person: UUID, marks: str, now: datetime) -> Word | None:
    """Take what waits under these check characters or this code."""
    cursor = await connection.execute(
        "DELETE FROM texting.waiting WHERE person = %s AND marks = %s AND at > %s RETURNING said, secret",
        (person, marks, now - WAITING_LIFE),
    )
    row = await cursor.fetchone()
    return Word(msgspec.convert(row[0], Said), marks, certain=True, secret=row[1]) if row else None


async def missed(connection: AsyncConnection, person: UUID) -> None:
    """Count, in the caller's transaction, that a person sent another code than the one it was asked for; too many end what waits."""
    await connection.execute("UPDATE texting.waiting SET tries = tries + 1 WHERE person = %s AND secret", (person,))
    await connection.execute(
        "DELETE FROM texting.waiting WHERE person = %s AND secret AND tries >= %s", (person, CODE_TRIES)
    )


async def standing(connection: AsyncConnection, person: UUID, said: Said) -> Standing | None:
    """Return the report of a person that stands about the same sheet and stage."""
    cursor = await connection.execute(
        "SELECT report, figures, seq, said_at FROM texting.standing WHERE person = %s AND sheet = %s AND stage = %s",
        (person, _key(said), said.stage),
    )
    row = await cursor.fetchone()
    return Standing(row[0], msgspec.convert(row[1], Figures), row[2], row[3]) if row else None


async def reports(connection: AsyncConnection, person: UUID) -> int:
    """Return the highest number that a report of a person has."""
    cursor = await connection.execute("SELECT coalesce(max(seq), 0) FROM texting.standing WHERE person = %s", (person,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def spoken_by_another(connection: AsyncConnection, person: UUID, speaker: bytes, said: Said) -> bool:
    """Tell whether the same telephone or account spoke about the sheet for another person, so of another network."""
    cursor = await connection.execute(
        "SELECT 1 FROM texting.standing WHERE speaker = %s AND sheet = %s AND person <> %s LIMIT 1",
        (speaker, _key(said), person),
    )
    return await cursor.fetchone() is not None


async def stand(connection: AsyncConnection, person: UUID, speaker: bytes, said: Said, now: Standing) -> None:
    """Keep which report of a person stands now."""
    await connection.execute(
        "INSERT INTO texting.standing (person, sheet, stage, speaker, report, figures, seq, said_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (person, sheet, stage) DO UPDATE SET speaker = excluded.speaker,"
        " report = excluded.report, figures = excluded.figures, seq = excluded.seq, said_at = excluded.said_at",
        (
            *(person, _key(said), said.stage, speaker, now.report),
            *(Jsonb(msgspec.to_builtins(now.figures)), now.seq, now.said_at),
        ),
    )


async def make_code(connection: AsyncConnection, person: UUID, now: datetime) -> tuple[str, datetime]:
    """Return a new code with which a person claims a chat account, and until when; only its hash is kept, and only the newest."""
    code, until = "".join(secrets.choice(ALPHABET) for _ in range(8)), now + CODE_LIFE
    await connection.execute("DELETE FROM texting.codes WHERE person = %s OR until <= %s", (person, now))
    await connection.execute(
        "INSERT INTO texting.codes (code_hash, person, until) VALUES (%s, %s, %s)",
        (sha256(code.encode()).digest(), person, until),
    )
    return code, until


async def claimant(connection: AsyncConnection, code: str, now: datetime) -> UUID | None:
    """Return whose code this is; it stays until :func:`bind` uses it up."""
    cursor = await connection.execute(
        "SELECT person FROM texting.codes WHERE code_hash = %s AND until > %s", (sha256(code.encode()).digest(), now)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def bind(connection: AsyncConnection, account: bytes, person: UUID, now: datetime) -> None:
    """Let an account be that of a person, which has no other one afterwards, and use its codes up."""
    await connection.execute("DELETE FROM texting.accounts WHERE person = %s", (person,))
    await connection.execute(
        "INSERT INTO texting.accounts (account, person, at) VALUES (%s, %s, %s)"
        " ON CONFLICT (account) DO UPDATE SET person = excluded.person, at = excluded.at",
        (account, person, now),
    )
    await connection.execute("DELETE FROM texting.codes WHERE person = %s", (person,))


async def owner(connection: AsyncConnection, account: bytes) -> UUID | None:
    """Return the person whose account this is."""
    cursor = await connection.execute("SELECT person FROM texting.accounts WHERE account = %s", (account,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def unbind(connection: AsyncConnection, persons: Sequence[UUID]) -> None:
    """Part persons from their chat accounts, in the caller's transaction: whoever has the phone has the account open in it."""
    await connection.execute("DELETE FROM texting.accounts WHERE person = ANY(%s)", (list(persons),))
    await connection.execute("DELETE FROM texting.codes WHERE person = ANY(%s)", (list(persons),))


async def forget(connection: AsyncConnection, persons: Sequence[UUID]) -> None:
    """Forget in the caller's transaction which accounts belong to persons, and what they wrote last."""
    await unbind(connection, persons)
    for query in (
        "DELETE FROM texting.waiting WHERE person = ANY(%s)",
        "DELETE FROM texting.standing WHERE person = ANY(%s)",
    ):
        await connection.execute(query, (list(persons),))


async def tell(connection: AsyncConnection, person: UUID) -> Any:
    """Return what is kept of a person's messages."""
    bound = await connection.execute("SELECT at FROM texting.accounts WHERE person = %s", (person,))
    stood = await connection.execute(
        "SELECT sheet, stage, figures, report FROM texting.standing WHERE person = %s ORDER BY seq", (person,)
    )
    waiting = await connection.execute("SELECT said, at FROM texting.waiting WHERE person = %s", (person,))
    return {
        "chat_accounts": [{"bound_at": stamp(row[0])} for row in await bound.fetchall()],
        "reports": [
            {"sheet": row[0], "stage": row[1], "figures": row[2], "report": str(row[3])}
            for row in await stood.fetchall()
        ],
        "waiting": [{"said": row[0], "at": stamp(row[1])} for row in await waiting.fetchall()],
    }


async def _count(connection: AsyncConnection, key: bytes, now: datetime, life: timedelta) -> int:
    cursor = await connection.execute(_COUNT, {"key": key, "now": now, "ended": now - life})
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def _key(said: Said) -> str:
    return f"{said.election} {said.sheet}"
