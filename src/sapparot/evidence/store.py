"""Photographs in PostgreSQL: which original has which published copy."""

from __future__ import annotations

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection, Connection
from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.rules import entry


async def find(connection: AsyncConnection, original: str) -> PhotographKept | None:
    """Return the photograph whose original has this SHA-256."""
    cursor = await connection.execute(
        "SELECT published, kind, size, width, height, carrier, received_at FROM evidence.photographs WHERE original = %s",
        (bytes.fromhex(original),),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    published, kind, size, width, height, carrier, received_at = row
    return PhotographKept(
        original=original,
        published=published.hex(),
        kind=kind,
        size=size,
        width=width,
        height=height,
        carrier=carrier,
        received_at=received_at,
    )


async def keep(connection: AsyncConnection, photograph: PhotographKept) -> bool:
    """Record a photograph and put its entry into the outbox, in one transaction; return False when it was recorded before.

    Of two processes that bring the same photograph at once, the second waits here for the first and then adds nothing.
    """
    async with connection.transaction():
        added = await connection.execute(
            "INSERT INTO evidence.photographs (original, published, kind, size, width, height, carrier, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                bytes.fromhex(photograph.original),
                bytes.fromhex(photograph.published),
                photograph.kind,
                photograph.size,
                photograph.width,
                photograph.height,
                photograph.carrier,
                photograph.received_at,
            ),
        )
        if added.rowcount:
            await outbox.put_async(connection, [entry(photograph)])
        return bool(added.rowcount)


def published(connection: Connection, original: str) -> str | None:
    """Return the SHA-256 of the published copy of an original, or None while the photograph is awaited."""
    row = connection.execute(
        "SELECT published FROM evidence.photographs WHERE original = %s", (bytes.fromhex(original),)
    ).fetchone()
    return None if row is None else bytes(row[0]).hex()
