"""Entries that wait for their place in the ledger.

A slice puts what it concludes here in the same transaction as the rest of its work; the sequencer alone takes it out and gives it its
place. Nothing waits in memory: a crash before the commit leaves no trace of the work, a crash after it leaves the entry here for the
next sequencer.

Entries are placed by their number. Numbers are drawn while transactions still run, so one that commits late may bring a number lower
than some that were placed before it; it is simply placed next, because what is placed is removed by name and never by "everything up
to". What was committed before another transaction began has the lower numbers and is seen no later: a cause stands before its effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # an audit imports this without a database
    from sapparot.base.database import AsyncConnection, Connection

ENTRY_LIMIT = 65_535
"""Bytes of an entry: in the bundles of the log its length stands in two."""

_PUT = "INSERT INTO base.outbox (kind, body) SELECT * FROM unnest(%b::text[], %b::bytea[])"
"""Parameters in binary form: as text, every byte of every body would be spelled out here and read again there."""


class Waiting(msgspec.Struct, frozen=True):
    """An entry in the outbox."""

    number: int
    kind: str
    body: bytes


class EntryTooLarge(ValueError):
    """An entry is larger than the ledger takes (65,535 bytes)."""


def put(connection: Connection, entries: Sequence[tuple[str, bytes]]) -> None:
    """Queue ``(kind, canonical JSON)`` entries in the caller's transaction."""
    if entries:
        connection.execute(_PUT, _columns(entries))


async def put_async(connection: AsyncConnection, entries: Sequence[tuple[str, bytes]]) -> None:
    """The same as :func:`put` on an asynchronous connection."""
    if entries:
        await connection.execute(_PUT, _columns(entries))


def take(connection: Connection, limit: int) -> list[Waiting]:
    """Return the waiting entries with the lowest numbers, at most ``limit``."""
    cursor = connection.cursor(binary=True)
    cursor.execute("SELECT number, kind, body FROM base.outbox ORDER BY number LIMIT %s", (limit,))
    return [Waiting(*row) for row in cursor.fetchall()]


def count(connection: Connection, limit: int) -> int:
    """Return how many entries wait, at most ``limit``."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM base.outbox LIMIT %s) AS waiting", (limit,)
    ).fetchone()
    return int(row[0]) if row else 0


def holds(connection: Connection, kinds: Sequence[str]) -> bool:
    """Tell whether an entry of one of these kinds waits."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM base.outbox WHERE kind = ANY(%s))", (list(kinds),)
    ).fetchone()
    return bool(row and row[0])


def drop(connection: Connection, placed: Sequence[Waiting]) -> None:
    """Remove entries that the caller placed in this very transaction."""
    connection.execute(
        "DELETE FROM base.outbox WHERE number = ANY(%b::bigint[])", ([entry.number for entry in placed],)
    )


def _columns(entries: Sequence[tuple[str, bytes]]) -> tuple[list[str], list[bytes]]:
    if any(len(body) > ENTRY_LIMIT for _, body in entries):
        raise EntryTooLarge(f"an entry has at most {ENTRY_LIMIT:,} bytes")
    return [kind for kind, _ in entries], [body for _, body in entries]
