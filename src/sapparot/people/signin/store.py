"""Sessions, codes and what counts once, in PostgreSQL; of a token only its hash is kept."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.signin.facts import Asking, Identity, Method, Origin, Recent, Session, Tried
from sapparot.people.signin.rules import CODE_TRIES, JUST_NOW, LASTS, token_hash

MOST = 50
"""Browsers in which one person is signed in at one time."""
_SESSION = """
SELECT session.token_hash, session.person, person.network, person.level, person.state, session.method, session.began_at,
  session.seen_at, session.until, coalesce(given.roles, '{}'), coalesce(given.areas, '{}'),
  EXISTS (SELECT FROM people.passkeys AS key WHERE key.person = session.person AND key.resident)
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
    return Session(row[0], identity, row[4], row[5], row[6], row[7], row[8], row[11])


async def begin(
    connection: AsyncConnection, person: UUID, method: Method, now: datetime, seal: Callable[[str], str]
) -> str:
    """Begin a session and return its token, which nobody can read from the table; sessions that ended go, and the oldest of too many.

    The second half of the token is the seal of the first: a true one is told from a made-up one without the table.
    """
    await connection.execute(
        "DELETE FROM people.sessions WHERE person = %s AND (until <= %s OR token_hash IN (SELECT token_hash FROM people.sessions"
        " WHERE person = %s ORDER BY began_at DESC, token_hash OFFSET %s))",
        (person, now, person, MOST - 1),
    )
    word = secrets.token_urlsafe(16)
    token = word + seal(word)
    await connection.execute(
        "INSERT INTO people.sessions (token_hash, person, method, began_at, seen_at, until) VALUES (%s, %s, %s, %s, %s, %s)",
        (token_hash(token), person, method, now, now, now + LASTS),
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


def new_code() -> tuple[str, str]:
    """Return a new handle and a new code of six digits."""
    return secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06}"


def new_id() -> UUID:
    """Return a random id."""
    return uuid.uuid4()


async def recent(connection: AsyncConnection, phone: bytes, origin: Origin, now: datetime) -> Recent:
    """Say how many codes were asked for lately, and let nobody else ask for this telephone until the transaction ends.

    What browsers of the person asked for is counted apart from what everybody else did, and by no address.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (phone.hex(),))
    cursor = await connection.execute(
        "SELECT count(*) FILTER (WHERE made_at > %s), count(*) FILTER (WHERE made_at > %s), count(*)"
        " FROM people.codes WHERE phone = %s AND known = %s AND made_at > %s",
        (now - JUST_NOW, now - timedelta(hours=1), phone, origin.known, now - timedelta(days=1)),
    )
    of_phone = await cursor.fetchone() or (0, 0, 0)
    hour = now - timedelta(hours=1)
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM people.codes WHERE origin = %s AND made_at > %s AND NOT %s),"
        " (SELECT count(*) FROM people.codes WHERE wide = %s AND made_at > %s AND NOT %s),"
        " (SELECT count(*) FROM people.codes WHERE made_at > %s)",
        (origin.address, hour, origin.known, origin.wide, hour, origin.known, now - timedelta(minutes=1)),
    )
    return Recent(*of_phone, *(await cursor.fetchone() or (0, 0, 0)))


async def whose(connection: AsyncConnection, token: str) -> UUID | None:
    """Return the person of a session, also of one that opens nothing any more."""
    cursor = await connection.execute("SELECT person FROM people.sessions WHERE token_hash = %s", (token_hash(token),))
    row = await cursor.fetchone()
    return row[0] if row else None


async def ask(connection: AsyncConnection, asking: Asking) -> None:
    """Keep a code that was asked for."""
    await connection.execute(
        "INSERT INTO people.codes (handle, network, phone, origin, wide, known, person, application, code, made_at, until)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(asking.handle, asking.network, asking.phone, *asking.origin, asking.person, asking.application),
            *(asking.code, asking.made_at, asking.until),
        ),
    )


async def try_code(connection: AsyncConnection, handle: bytes, now: datetime) -> Tried | None:
    """Use up one try of a code that stands, and return it; None when it does not stand."""
    cursor = await connection.execute(
        "UPDATE people.codes SET tries = tries + 1 WHERE handle = %s AND used_at IS NULL AND tries < %s AND until > %s"
        " RETURNING person, application, code, tries",
        (handle, CODE_TRIES, now),
    )
    row = await cursor.fetchone()
    return Tried(*row) if row else None


async def use_code(connection: AsyncConnection, handle: bytes, now: datetime) -> bool:
    """Record that a code was used; return False when somebody else did at the same moment."""
    cursor = await connection.execute(
        "UPDATE people.codes SET used_at = %s WHERE handle = %s AND used_at IS NULL", (now, handle)
    )
    return cursor.rowcount == 1


async def network_known(connection: AsyncConnection, network: str) -> bool:
    """Tell whether there is such a network."""
    cursor = await connection.execute("SELECT 1 FROM people.networks WHERE id = %s", (network,))
    return await cursor.fetchone() is not None


async def of_person(connection: AsyncConnection, person: UUID) -> list[tuple[bytes, Method, datetime, datetime]]:
    """Return the sessions of a person, newest first: hash, method, since when, last seen."""
    cursor = await connection.execute(
        "SELECT token_hash, method, began_at, seen_at FROM people.sessions WHERE person = %s ORDER BY began_at DESC",
        (person,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]


async def end_kept(connection: AsyncConnection, person: UUID, kept: Sequence[bytes]) -> None:
    """End sessions of a person by their hashes."""
    await connection.execute(
        "DELETE FROM people.sessions WHERE person = %s AND token_hash = ANY(%s)", (person, list(kept))
    )


async def spend(connection: AsyncConnection, mark: bytes, until: datetime, now: datetime) -> bool:
    """Keep the mark of what counts once until it ends by itself; return False when it was kept before. Marks that ended go."""
    await connection.execute("DELETE FROM people.spent WHERE until <= %s", (now,))
    cursor = await connection.execute(
        "INSERT INTO people.spent (mark, until) VALUES (%s, %s) ON CONFLICT DO NOTHING", (mark, until)
    )
    return cursor.rowcount == 1


async def proved(connection: AsyncConnection, token: str) -> None:
    """Record that a browser showed a passkey of its person."""
    await connection.execute(
        "UPDATE people.sessions SET method = 'passkey' WHERE token_hash = %s", (token_hash(token),)
    )


async def began_at(connection: AsyncConnection, token: str) -> datetime | None:
    """Return since when a browser is signed in."""
    cursor = await connection.execute(
        "SELECT began_at FROM people.sessions WHERE token_hash = %s", (token_hash(token),)
    )
    row = await cursor.fetchone()
    return row[0] if row else None
