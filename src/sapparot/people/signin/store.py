"""Sessions in PostgreSQL; of a token only its hash is kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.signin.facts import Identity, Method, Session
from sapparot.people.signin.rules import token_hash

_SESSION = """
SELECT session.token_hash, session.person, person.network, person.level, person.state, session.method, session.began_at,
  session.seen_at, session.until, coalesce(given.roles, '{}'), coalesce(given.areas, '{}')
FROM people.sessions AS session JOIN people.persons AS person ON person.id = session.person
CROSS JOIN LATERAL (
  SELECT array_agg(one.role ORDER BY one.id) AS roles, array_agg(one.area ORDER BY one.id) AS areas
  FROM people.grants AS one WHERE one.person = session.person AND one.ended_at IS NULL
) AS given
WHERE session.token_hash = %s
"""


async def session(connection: AsyncConnection, token: str) -> Session | None:
    """Return the session of a token with its person as of now; None when there is none."""
    cursor = await connection.execute(_SESSION, (token_hash(token),))
    row = await cursor.fetchone()
    if row is None:
        return None
    identity = Identity(row[1], row[2], row[3], tuple(zip(row[9], row[10], strict=True)))
    return Session(row[0], identity, row[4], row[5], row[6], row[7], row[8])


async def begin(connection: AsyncConnection, person: UUID, method: Method, now: datetime, lasts: timedelta) -> str:
    """Begin a session and return its token, which nobody can read from the table."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        "INSERT INTO people.sessions (token_hash, person, method, began_at, seen_at, until) VALUES (%s, %s, %s, %s, %s, %s)",
        (token_hash(token), person, method, now, now, now + lasts),
    )
    return token


async def seen(connection: AsyncConnection, session: Session, now: datetime) -> None:
    """Record that a session was used."""
    await connection.execute(
        "UPDATE people.sessions SET seen_at = %s WHERE token_hash = %s AND seen_at < %s", (now, session.token_hash, now)
    )


async def end(connection: AsyncConnection, token: str) -> None:
    """End a session at once."""
    await connection.execute("DELETE FROM people.sessions WHERE token_hash = %s", (token_hash(token),))
