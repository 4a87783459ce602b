"""Photographs in PostgreSQL: which original has which published copy, and how far those have come that are sent in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.problems import ProblemKind
from sapparot.evidence.facts import Beginning, Begun, PhotographKept, Piece, Upload
from sapparot.evidence.problems import NO_ROOM_TO_BEGIN, TOO_MANY_BEGUN
from sapparot.evidence.rules import entry

BEGINNINGS = 0x5A90_0020
"""The lock under which uploads begin."""


_FIND = """
SELECT original, published, kind, size, width, height, carrier, received_at, EXISTS (
    SELECT FROM evidence.photographs gone WHERE gone.published = kept.published AND gone.removed_at IS NOT NULL
)
FROM evidence.photographs kept
"""
_MARK_REMOVED = """
UPDATE evidence.photographs SET removed_at = coalesce(removed_at, %(now)s)
WHERE published IN (SELECT published FROM evidence.photographs WHERE original = %(name)s OR published = %(name)s)
RETURNING original, published, kind, size, width, height, carrier, received_at, true
"""


async def find(connection: AsyncConnection, original: str) -> PhotographKept | None:
    """Return the photograph whose original has this SHA-256."""
    cursor = await connection.execute(f"{_FIND} WHERE original = %s", (bytes.fromhex(original),))
    row = await cursor.fetchone()
    return None if row is None else _kept(row)


async def published_of(connection: AsyncConnection, originals: Sequence[str]) -> dict[str, str | None]:
    """Return the SHA-256 of the published copy of each photograph among these originals that has come; None for one taken down."""
    cursor = await connection.execute(f"{_FIND} WHERE original = ANY(%s)", ([bytes.fromhex(one) for one in originals],))
    found = [_kept(row) for row in await cursor.fetchall()]
    return {one.original: None if one.removed else one.published for one in found}


async def taken_down(connection: AsyncConnection, published: str) -> bool:
    """Tell whether the copy with this SHA-256 was taken down."""
    cursor = await connection.execute(
        "SELECT FROM evidence.photographs WHERE published = %s AND removed_at IS NOT NULL LIMIT 1",
        (bytes.fromhex(published),),
    )
    return await cursor.fetchone() is not None


def mark_removed(connection: Connection, name: str, now: datetime) -> list[PhotographKept]:
    """Mark as taken down every photograph with the copy that this is, or that the original of this name has; return them."""
    cursor = connection.execute(_MARK_REMOVED, {"now": now, "name": bytes.fromhex(name)})
    return [_kept(row) for row in cursor.fetchall()]


def carriers_of(connection: Connection, originals: Sequence[str]) -> dict[str, str]:
    """Return the pseudonym of the device that brought each photograph, of those among these originals that have come."""
    cursor = connection.execute(
        "SELECT original, carrier FROM evidence.photographs WHERE original = ANY(%s)",
        ([bytes.fromhex(one) for one in originals],),
    )
    return {row[0].hex(): row[1] for row in cursor.fetchall()}


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


_UPLOAD = "SELECT id, carrier, original, length, received, metadata, until, tail FROM evidence.uploads"
_BEGIN = """
INSERT INTO evidence.uploads (carrier, original, length, received, metadata, until)
SELECT %(carrier)s, %(original)s, %(length)s, %(received)s, %(metadata)s, %(until)s
RETURNING id, carrier, original, length, received, metadata, until, tail
"""
_BEGUN = """
SELECT count(*) FILTER (WHERE carrier = %(carrier)s), coalesce(sum(received), 0)
FROM evidence.uploads WHERE received < length AND until > %(now)s
"""
# The row is changed by whoever finds it where it was; of two that come with the next bytes at once, one finds it elsewhere.
_RECORD = """
WITH grown AS (
    UPDATE evidence.uploads SET received = %(received)s, tail = %(tail)s, until = %(until)s
    WHERE id = %(id)s AND received = %(seen)s AND until > %(now)s
    RETURNING id
), kept AS (
    INSERT INTO evidence.pieces (upload, start, size, sha256)
    SELECT grown.id, %(seen)s, %(size)s, %(sha256)s FROM grown WHERE %(size)s > 0
)
SELECT id FROM grown
"""
_LOST = """
SELECT FROM evidence.uploads WHERE id = %(id)s AND received > %(start)s AND NOT EXISTS (
    SELECT FROM evidence.pieces WHERE upload = %(id)s AND start = %(start)s AND sha256 = %(sha256)s
)
"""
_FINISH = """
WITH finished AS (
    UPDATE evidence.uploads SET received = length, tail = '', until = %(until)s WHERE id = %(id)s AND received = %(start)s
    RETURNING id
), gone AS (DELETE FROM evidence.pieces USING finished WHERE pieces.upload = finished.id)
SELECT id FROM finished
"""


async def begin(connection: AsyncConnection, said: Begun, carrier: str, beginning: Beginning) -> Upload | ProblemKind:
    """Record that an upload begins, or say which limit is reached; beginnings follow one another, so nobody begins too many."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (BEGINNINGS,))
        cursor = await connection.execute(_BEGUN, {"carrier": carrier, "now": beginning.now})
        row = await cursor.fetchone()
        own, whole = row or (0, 0)
        if not beginning.received:  # what is kept already takes no room
            if own >= beginning.of_device:
                return TOO_MANY_BEGUN
            if whole + said.length > beginning.in_all:
                return NO_ROOM_TO_BEGIN
        values = {"carrier": carrier, "original": bytes.fromhex(said.original), "length": said.length}
        values |= {"received": beginning.received, "metadata": said.metadata, "until": beginning.until}
        cursor = await connection.execute(_BEGIN, values)
        made = await cursor.fetchone()
        assert made is not None
        return _upload(made)


async def received(connection: AsyncConnection, now: datetime) -> int:
    """Return how many bytes have come of all uploads that are not finished."""
    cursor = await connection.execute(_BEGUN, {"carrier": None, "now": now})
    row = await cursor.fetchone()
    return int(row[1]) if row else 0


async def upload(connection: AsyncConnection, id: UUID, carrier: str, now: datetime) -> Upload | None:
    """Return an upload of this device that has not expired."""
    cursor = await connection.execute(f"{_UPLOAD} WHERE id = %s AND carrier = %s AND until > %s", (id, carrier, now))
    row = await cursor.fetchone()
    return None if row is None else _upload(row)


async def record(connection: AsyncConnection, seen: Upload, grown: Upload, piece: Piece | None, now: datetime) -> bool:
    """Record how far an upload has come, and its new piece; False when it has come to another place meanwhile, or is gone."""
    values = {"id": seen.id, "seen": seen.received, "received": grown.received, "tail": grown.tail}
    values |= {"until": grown.until, "now": now}
    values |= {"size": piece.size, "sha256": piece.sha256} if piece else {"size": 0, "sha256": None}
    return await (await connection.execute(_RECORD, values)).fetchone() is not None


async def lost(connection: AsyncConnection, id: UUID, piece: Piece) -> bool:
    """Tell whether the upload has gone on from where this piece begins, and without it: from then on nothing can name it."""
    cursor = await connection.execute(_LOST, {"id": id, "start": piece.start, "sha256": piece.sha256})
    return await cursor.fetchone() is not None


async def pieces(connection: AsyncConnection, id: UUID) -> list[Piece]:
    """Return the recorded pieces of an upload, in order."""
    cursor = await connection.execute(
        "SELECT start, size, sha256 FROM evidence.pieces WHERE upload = %s ORDER BY start", (id,)
    )
    return [Piece(*row) for row in await cursor.fetchall()]


async def finish(connection: AsyncConnection, id: UUID, start: int, until: datetime) -> bool:
    """Record that the photograph of an upload is kept, and forget its pieces; False when the upload was elsewhere or is gone."""
    cursor = await connection.execute(_FINISH, {"id": id, "start": start, "until": until})
    return await cursor.fetchone() is not None


async def end(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Forget uploads."""
    await connection.execute("DELETE FROM evidence.uploads WHERE id = ANY(%s)", (list(ids),))


async def expired(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Return the uploads whose time is over."""
    cursor = await connection.execute("SELECT id FROM evidence.uploads WHERE until <= %s ORDER BY until", (now,))
    return [row[0] for row in await cursor.fetchall()]


async def unfinished(connection: AsyncConnection, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the uploads that are known and not finished."""
    cursor = await connection.execute(
        "SELECT id FROM evidence.uploads WHERE id = ANY(%s) AND received < length", (list(ids),)
    )
    return {row[0] for row in await cursor.fetchall()}


def _kept(row: tuple[Any, ...]) -> PhotographKept:
    original, published, kind, size, width, height, carrier, received_at, removed = row
    return PhotographKept(
        original=original.hex(),
        published=published.hex(),
        kind=kind,
        size=size,
        width=width,
        height=height,
        carrier=carrier,
        received_at=received_at,
        removed=removed,
    )


def _upload(row: tuple[Any, ...]) -> Upload:
    id, carrier, original, length, received, metadata, until, tail = row
    return Upload(
        id=id,
        carrier=carrier,
        original=original.hex(),
        length=length,
        received=received,
        metadata=metadata,
        until=until,
        tail=tail,
    )
