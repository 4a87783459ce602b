"""PostgreSQL: connections, migrations and notices. The SQL of the subject stands in each slice's ``store.py``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from sapparot.base.clock import monotonic
from sapparot.base.problems import DATABASE_UNAVAILABLE, MIGRATION_CHANGED, CannotGoOn
from sapparot.base.shipped import shipped

Connection = psycopg.Connection[tuple[Any, ...]]
AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]
AsyncPool = AsyncConnectionPool[AsyncConnection]

MIGRATION_LOCK = 0x5A90_0001
ASK_SECONDS = 0.5
"""How long a pooled connection is trusted after its server answered."""
READ_ONLY_SECONDS = 5.0
"""How long pooled sessions that can only read are kept: ``default_transaction_read_only`` holds for a whole session, also when the database
takes writes again meanwhile."""
RECONNECT_SECONDS = 1.0
"""How long a pool tries by itself to reach a server that is gone; then whoever asks next makes it try again, so that it is there as soon
as its server is. The pool's own patience of minutes doubles its pauses up to two minutes."""
IDLE_TRANSACTION_MS = 60_000
"""A transaction that a process forgot would keep its locks and every dead row for ever, so the server ends it."""
_SESSION = {
    "idle_in_transaction_session_timeout": IDLE_TRANSACTION_MS,
    "timezone": "UTC",
    "datestyle": "ISO",
    "default_transaction_isolation": r"read\ committed",
}
"""What a server of somebody else may have chosen otherwise for its sessions."""
_PARAMETERS: dict[str, Any] = {
    "application_name": "sapparot",
    "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
    # A server that vanished without a word is found out within half a minute; sockets on one machine ignore these.
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


OLDEST_SERVER = 15
UNUSABLE = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)
"""What a query raises when its server is away, or takes no writes."""


class DatabaseUnavailable(CannotGoOn, RuntimeError, kind=DATABASE_UNAVAILABLE):
    """There is no database that we can use; the message says why and what helps."""


def read_only() -> DatabaseUnavailable:
    """Return what is said of a database that takes no writes."""
    return DatabaseUnavailable(
        "ฐานข้อมูลนี้อ่านได้อย่างเดียว เช่นเป็นเครื่องสำรอง ให้ระบุเครื่องหลักใน SAPPAROT_DATABASE_URL",
        "the database can only be read: it is a standby, or its default_transaction_read_only is on; name the primary",
    )


class MigrationChanged(DatabaseUnavailable, kind=MIGRATION_CHANGED):
    """A migration that was already applied has other bytes now."""


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """Open one connection."""
    return psycopg.connect(url, autocommit=autocommit, **_PARAMETERS)


async def beside(connection: Connection) -> AsyncConnection:
    """Open an asynchronous connection to the database that ``connection`` is connected to; what it does is committed by itself."""
    info = connection.info
    parameters = _PARAMETERS | ({"password": info.password} if info.password else {})
    return await psycopg.AsyncConnection.connect(info.dsn, autocommit=True, **parameters)


class _Standing:
    """Asks a connection whether its server still answers, unless it did so a moment ago: each question is a journey there and back.

    A session that can only read is good for reading; but all of the pool are replaced now and then, for the next ones may write again.
    """

    pool: AsyncPool

    def __init__(self) -> None:
        self._answered: WeakKeyDictionary[AsyncConnection, float] = WeakKeyDictionary()
        self._replaced = float("-inf")

    async def __call__(self, connection: AsyncConnection) -> None:
        now = monotonic()
        if now - self._answered.get(connection, float("-inf")) < ASK_SECONDS:
            return
        if not await takes_writes(connection) and now - self._replaced >= READ_ONLY_SECONDS:
            self._replaced = now
            await self.pool.drain()
        self._answered[connection] = now


def pool(url: str, size: int) -> AsyncPool:
    """Return an unopened pool of at most ``size`` connections."""
    standing = _Standing()
    standing.pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=size,
        open=False,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs=_PARAMETERS | {"autocommit": True},
        check=standing,
    )
    return standing.pool


async def takes_writes(connection: AsyncConnection) -> bool:
    """Tell whether a session outside a transaction could write; raises ``psycopg.Error`` when its server does not answer."""
    return await (await connection.execute("SHOW transaction_read_only")).fetchone() == ("off",)


def refuse_read_only(connection: Connection) -> None:
    """Raise :class:`DatabaseUnavailable` when nothing could be written here."""
    if connection.execute("SHOW transaction_read_only").fetchone() != ("off",):
        raise read_only()


def migrate(url: str, directory: Path | None = None) -> list[str]:
    """Apply every SQL file not applied yet, in the order of their names; return the new ones; raises :class:`DatabaseUnavailable`.

    Each file and its record commit together: a crash leaves it applied or not at all, and the next start goes on from there. Two
    processes that start together wait for each other.
    """
    done: list[str] = []
    with _reached(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        connection.execute("CREATE SCHEMA IF NOT EXISTS base")
        connection.execute("CREATE TABLE IF NOT EXISTS base.migrations (name text PRIMARY KEY, sha256 bytea NOT NULL)")
        applied: dict[str, bytes] = dict(connection.execute("SELECT name, sha256 FROM base.migrations").fetchall())
        for path in sorted((directory or shipped("migrations")).glob("*.sql")):
            text = path.read_bytes()
            digest = hashlib.sha256(text).digest()
            if applied.get(path.name, digest) != digest:
                raise MigrationChanged(
                    f"{path.name} ถูกแก้หลังจากใช้กับฐานข้อมูลนี้ไปแล้ว ให้คืนไฟล์เดิมและเขียนเป็นไฟล์ใหม่แทน",
                    f"{path.name} was applied with other bytes; write a new migration instead",
                )
            if path.name in applied:
                continue
            with connection.transaction():
                connection.execute(text)
                connection.execute("INSERT INTO base.migrations (name, sha256) VALUES (%s, %s)", (path.name, digest))
            done.append(path.name)
    return done


def _reached(url: str) -> Connection:
    try:
        connection = connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise unreachable(error) from error
    if connection.info.server_version < OLDEST_SERVER * 10_000:
        connection.close()
        raise DatabaseUnavailable(
            f"ฐานข้อมูลเก่าเกินไป ต้องเป็น PostgreSQL {OLDEST_SERVER} ขึ้นไป",
            f"the database is older than PostgreSQL {OLDEST_SERVER}",
        )
    try:
        refuse_read_only(connection)
    except DatabaseUnavailable:
        connection.close()
        raise
    if connection.execute("SHOW synchronous_commit").fetchone() == ("off",):
        connection.close()
        raise DatabaseUnavailable(
            "ฐานข้อมูลตั้ง synchronous_commit เป็น off: รายงานที่ตอบรับแล้วอาจหายเมื่อเครื่องดับ ให้ตั้งเป็น on ก่อน",
            "synchronous_commit is off in the database: a power cut could lose reports that were acknowledged; set it to on",
        )
    return connection


def unreachable(error: psycopg.Error) -> DatabaseUnavailable:
    """Return what is said of a database that does not answer, that ended a connection, or that takes no writes any more."""
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return read_only()
    why = " ".join(str(error).split())
    return DatabaseUnavailable(f"ฐานข้อมูลไม่ตอบ: {why}", f"the database does not answer: {why}")


def notify(connection: Connection, channel: str) -> None:
    """Wake the followers that listen on ``channel`` when this transaction commits."""
    connection.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(channel)))
