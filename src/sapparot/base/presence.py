"""Who runs: every server says so in the database for as long as it lives, and whoever must be alone finds out.

An advisory lock that all share and one may want for itself. It ends with its connection, so a killed process is away at once; who lost
the database says so again when it is back. On the way each machine hears how far its clock is from the database's: several machines of
one count have one time, or reports that came to one of them seem to have come before others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg
import structlog

from sapparot.base.clock import Clock, SystemClock, monotonic
from sapparot.base.database import Connection, connect, unreachable
from sapparot.base.problems import CLOCK_APART

log = structlog.get_logger()
PRESENCE_LOCK = 0x5A90_0002
LOOK_SECONDS = 2.0
APART_SECONDS = 5.0
"""How far the clock of this machine may be from the database's; NTP keeps both within a fraction of a second."""
REMIND_SECONDS = 600.0
"""How often a clock that stays apart is spoken of."""
MACHINE = SystemClock()


def alone(connection: Connection) -> bool:
    """Keep every server from starting until the connection closes; False while one runs, or somebody else is alone."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (PRESENCE_LOCK,)).fetchone()
    return bool(row and row[0])


@contextmanager
def present(url: str, clock: Clock = MACHINE) -> Iterator[None]:
    """Say that a server runs, for the length of a block; waits first until nobody is alone. ``clock`` is the machine's."""
    held, stop = _say(url), threading.Event()
    keeper = threading.Thread(target=_stay, args=(held, url, stop, clock), name="presence", daemon=True)
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


def apart(connection: Connection, clock: Clock) -> float:
    """Return by how many seconds a clock is ahead of the database's, negative when behind; what the question took excuses it."""
    before = clock.now()
    [theirs] = connection.execute("SELECT clock_timestamp()").fetchone() or (before,)
    ahead: timedelta = before - theirs
    behind: timedelta = clock.now() - theirs
    return max(0.0, ahead.total_seconds()) + min(0.0, behind.total_seconds())


def _stay(held: Connection, url: str, stop: threading.Event, clock: Clock) -> None:
    """Say it again whenever the connection was lost."""
    remind_at = float("-inf")
    while not stop.wait(LOOK_SECONDS):
        try:
            if held.closed:
                held = _say(url)
            seconds = apart(held, clock)
            if abs(seconds) > APART_SECONDS and monotonic() >= remind_at:
                remind_at = monotonic() + REMIND_SECONDS
                said = CLOCK_APART.title
                log.warning(
                    "clocks are apart", code=CLOCK_APART.code, th=said.th, en=said.en, ahead_s=round(seconds, 1)
                )
        except psycopg.OperationalError as error:
            away = unreachable(error)
            code, said = away.kind.code, away.detail
            log.warning("a server lost the database; saying again that it runs", code=code, th=said.th, en=said.en)
            held.close()
    with suppress(psycopg.OperationalError):  # a server that is away forgets us by itself
        held.execute("SELECT pg_advisory_unlock_shared(%s)", (PRESENCE_LOCK,))
    held.close()
