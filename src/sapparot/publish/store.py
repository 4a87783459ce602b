"""Published snapshots in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
from psycopg.types.json import Jsonb

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection, Connection, notify
from sapparot.publish.facts import SnapshotKept
from sapparot.tally import Difference

CHANNEL = "sapparot_snapshot"
_SNAPSHOT = 'SELECT n, size, root, at, "full", manifest, counted, published_at FROM publish.snapshots'
_AFTER = f"{_SNAPSHOT} WHERE n > %s ORDER BY n LIMIT %s"
_LAST = f"{_SNAPSHOT} ORDER BY n DESC LIMIT 1"


def announce(connection: Connection, entry: tuple[str, bytes]) -> None:
    """Announce a publication key in the log, once, in the caller's transaction."""
    added = connection.execute("INSERT INTO publish.keys (entry) VALUES (%s) ON CONFLICT DO NOTHING", (entry[1],))
    if added.rowcount:
        outbox.put(connection, [entry])


def keep(connection: Connection, snapshot: SnapshotKept) -> None:
    """Record a snapshot in the caller's transaction, and wake the listeners; a number that is taken breaks the key."""
    connection.execute(
        'INSERT INTO publish.snapshots (n, size, root, at, "full", manifest, counted, published_at)'
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            snapshot.n,
            snapshot.size,
            snapshot.root,
            snapshot.at,
            snapshot.full,
            snapshot.manifest,
            Jsonb(snapshot.counted),
            snapshot.published_at,
        ),
    )
    notify(connection, CHANNEL)


def last(connection: Connection) -> SnapshotKept | None:
    """Return the newest snapshot."""
    row = connection.execute(_LAST).fetchone()
    return SnapshotKept(*row) if row else None


def last_full(connection: Connection) -> int | None:
    """Return the number of the newest full snapshot."""
    row = connection.execute('SELECT max(n) FROM publish.snapshots WHERE "full"').fetchone()
    return row[0] if row else None


def ask(connection: Connection) -> None:
    """Raise when the connection is gone, and with it the lead that it holds."""
    connection.execute("SELECT")


def is_full(connection: Connection, n: int) -> bool:
    """Tell whether snapshot ``n`` is a full one."""
    row = connection.execute('SELECT "full" FROM publish.snapshots WHERE n = %s', (n,)).fetchone()
    return bool(row and row[0])


def manifest_of(connection: Connection, n: int) -> bytes | None:
    """Return the manifest hash of snapshot ``n``."""
    row = connection.execute("SELECT manifest FROM publish.snapshots WHERE n = %s", (n,)).fetchone()
    return row[0] if row else None


def raise_alarm(connection: Connection, moment: datetime, size: int, differences: list[Difference]) -> None:
    """Record what the cross-check found at log size ``size``."""
    connection.execute(
        "INSERT INTO publish.alarms (at, size, difference) SELECT %s, %s, jsonb_array_elements(%s)",
        (moment, size, Jsonb(msgspec.to_builtins(differences))),
    )


def alarms(connection: Connection) -> list[tuple[datetime, int, Difference]]:
    """Return every alarm, oldest first."""
    rows = connection.execute("SELECT at, size, difference FROM publish.alarms ORDER BY number").fetchall()
    return [(at, size, msgspec.convert(difference, Difference)) for at, size, difference in rows]


async def last_async(connection: AsyncConnection) -> SnapshotKept | None:
    """Return the newest snapshot."""
    row = await (await connection.execute(_LAST)).fetchone()
    return SnapshotKept(*row) if row else None


async def after(connection: AsyncConnection, n: int, limit: int) -> list[SnapshotKept]:
    """Return at most ``limit`` snapshots that follow number ``n``, in order."""
    rows = await (await connection.execute(_AFTER, (n, limit))).fetchall()
    return [SnapshotKept(*row) for row in rows]


async def listen(connection: AsyncConnection) -> None:
    """Hear of new snapshots on this connection."""
    await connection.execute(f"LISTEN {CHANNEL}")


async def heard(connection: AsyncConnection, seconds: float) -> AsyncIterator[None]:
    """Yield when a snapshot was published; end after ``seconds`` without one."""
    async for _ in connection.notifies(timeout=seconds, stop_after=1):
        yield
