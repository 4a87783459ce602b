"""Entries that wait for their place in the ledger.

A slice puts what it concludes here in the same transaction as the rest of its work; the sequencer alone takes it out, in the order in
which transactions committed, and gives it its place. Nothing waits in memory: a crash before the commit leaves no trace of the work,
a crash after it leaves the entry here for the next sequencer.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sapparot.base.database import AsyncConnection, Connection

CHANNEL = "sapparot_outbox"
ENTRY_LIMIT = 64 * 1024

_PUT = "INSERT INTO base.outbox (kind, body) SELECT * FROM unnest(%s::text[], %s::bytea[])"
_NOTIFY = f"NOTIFY {CHANNEL}"


class Waiting(msgspec.Struct, frozen=True):
    """An entry in the outbox; (``transaction``, ``number``) is its order."""

    transaction: int
    number: int
    kind: str
    body: bytes


class EntryTooLarge(ValueError):
    """An entry is larger than the ledger takes (64 KiB)."""


def put(connection: Connection, entries: Sequence[tuple[str, bytes]]) -> None:
    """Queue ``(kind, canonical JSON)`` entries in the caller's transaction."""
    if entries:
        connection.execute(_PUT, _columns(entries))
        connection.execute(_NOTIFY)


async def put_async(connection: AsyncConnection, entries: Sequence[tuple[str, bytes]]) -> None:
    """The same as :func:`put` on an asynchronous connection."""
    if entries:
        await connection.execute(_PUT, _columns(entries))
        await connection.execute(_NOTIFY)


def take(connection: Connection, limit: int) -> list[Waiting]:
    """Return the oldest waiting entries; those of transactions still running, or later than them, stay out of sight."""
    rows = connection.execute(
        "SELECT transaction::text::bigint, number, kind, body FROM base.outbox"
        " WHERE transaction < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY transaction, number LIMIT %s",
        (limit,),
    ).fetchall()
    return [Waiting(*row) for row in rows]


def drop(connection: Connection, last: Waiting) -> None:
    """Remove ``last`` and everything before it; the caller placed them in this very transaction."""
    connection.execute(
        "DELETE FROM base.outbox WHERE (transaction, number) <= (%s::text::xid8, %s)", (last.transaction, last.number)
    )


def _columns(entries: Sequence[tuple[str, bytes]]) -> tuple[list[str], list[bytes]]:
    if any(len(body) > ENTRY_LIMIT for _, body in entries):
        raise EntryTooLarge(f"an entry has at most {ENTRY_LIMIT} bytes")
    return [kind for kind, _ in entries], [body for _, body in entries]
