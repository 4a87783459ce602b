"""Who runs: every server says so in the database for as long as it lives, and whoever must be alone finds out.

An advisory lock that all share and one may want for itself. It ends with its connection, so a killed process is away at once; who lost
the database says so again when it is back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog

from sapparot.base.database import Connection, connect, unreachable

log = structlog.get_logger()
PRESENCE_LOCK = 0x5A90_0002
LOOK_SECONDS = 2.0


def alone(connection: Connection) -> bool:
    """Keep every server from starting until the connection closes; False while one runs, or somebody else is alone."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (PRESENCE_LOCK,)).fetchone()
    return bool(row and row[0])


@contextmanager
def present(url: str) -> Iterator[None]:
    """Say that a server runs, for the length of a block; waits first until nobody is alone."""
    held, stop = _say(url), threading.Event()
    keeper = threading.Thread(target=_stay, args=(held, url, stop), name="presence", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _say(url: str) -> Connection:
    connection = connect(url, autocommit=True)
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (PRESENCE_LOCK,))
    return connection


def _stay(held: Connection, url: str, stop: threading.Event) -> None:
    """Say it again whenever the connection was lost."""
    while not stop.wait(LOOK_SECONDS):
        try:
            if held.closed:
                held = _say(url)
            held.execute("SELECT 1")
        except psycopg.OperationalError as error:
            away = unreachable(error)
            code, said = away.kind.code, away.detail
            log.warning("a server lost the database; saying again that it runs", code=code, th=said.th, en=said.en)
            held.close()
    with suppress(psycopg.OperationalError):  # a server that is away forgets us by itself
        held.execute("SELECT pg_advisory_unlock_shared(%s)", (PRESENCE_LOCK,))
    held.close()
