"""Followers: workers that read the ledger in order and remember how far they came.

One process at a time leads each follower (an advisory lock of its connection, so a killed process frees it); any number may stand by.
A follower that fails is started again from what is durable: recovery and normal start are the same path.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.clock import monotonic
from sapparot.base.database import UNUSABLE, Connection, DatabaseUnavailable, connect, refuse_read_only, unreachable
from sapparot.base.metrics import FOLLOWER_FAILURES, FOLLOWER_LEADS, FOLLOWER_POSITION
from sapparot.base.problems import Problem

log = structlog.get_logger()
RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 10.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 0.2
GATHER_SECONDS = 0.05
"""Rest after a step that found little, so that the next one finds more: a transaction costs the same for one entry as for hundreds."""
PLENTY = 1000
"""Entries after which the next step follows at once."""
LOCK_SECONDS = 2.0


class Follower(Protocol):
    """Work that follows the ledger."""

    name: str

    def start(self, connection: Connection) -> None:
        """Build the state in memory from what is durable; called first and after every failure."""
        ...

    def step(self, connection: Connection) -> int:
        """Do the next piece of work in transactions of its own; return how much was done, 0 when there is nothing to do."""
        ...


@runtime_checkable
class Cautious(Protocol):
    """A follower that can tell before it leads that it could not."""

    def look(self) -> None:
        """Raise :class:`Problem` when it could not lead: who stands by for another must not find out when that one is gone."""
        ...


@runtime_checkable
class Finishing(Protocol):
    """A follower that leaves something in order when it is asked to stop while it leads."""

    def finish(self, connection: Connection) -> None:
        """Do what the next start would have to do otherwise."""
        ...


def cursor(connection: Connection, follower: str) -> int:
    """Return the position of the next entry that ``follower`` has not dealt with."""
    row = connection.execute("SELECT position FROM base.cursors WHERE follower = %s", (follower,)).fetchone()
    return int(row[0]) if row else 0


def advance(connection: Connection, follower: str, position: int) -> None:
    """Record in the caller's transaction that everything before ``position`` is dealt with."""
    connection.execute(
        "INSERT INTO base.cursors (follower, position) VALUES (%s, %s)"
        " ON CONFLICT (follower) DO UPDATE SET position = excluded.position",
        (follower, position),
    )
    FOLLOWER_POSITION.labels(follower).set(position)


def run_follower(make: Callable[[], Follower], url: str, stop: threading.Event) -> None:
    """Lead the follower until ``stop`` is set; after a failure begin again with fresh state and a fresh connection.

    Whatever the failure is, giving up would be worse: a count that stands still without a word. So every failure is logged and counted,
    and a follower that keeps failing for a reason of its own is started again less and less often.
    """
    pause, name = RETRY_SECONDS, make.__qualname__
    while not stop.is_set():
        began = monotonic()
        try:
            follower = make()
            name = follower.name
            if isinstance(follower, Cautious):
                follower.look()
            with connect(url) as connection:
                refuse_read_only(connection)
                if _lead(connection, name, stop):
                    with FOLLOWER_LEADS.labels(name).track_inprogress():
                        follower.start(connection)
                        connection.commit()
                        _work(follower, connection, stop)
        except (DatabaseUnavailable, *UNUSABLE) as error:
            FOLLOWER_FAILURES.labels(name).inc()
            away = error if isinstance(error, DatabaseUnavailable) else unreachable(error)
            code, said = away.kind.code, away.detail
            log.warning("a follower lost the database; trying again", follower=name, code=code, th=said.th, en=said.en)
            stop.wait(RETRY_SECONDS)
        except Exception as error:
            FOLLOWER_FAILURES.labels(name).inc()
            pause = RETRY_SECONDS if monotonic() - began > LONGEST_RETRY_SECONDS else pause
            if isinstance(error, Problem):
                _tell(error, name)
            elif isinstance(error, StoreError):
                reason = str(error).strip().split("\n", 1)[0]
                log.warning("a follower lost the object store; trying again", follower=name, reason=reason)
            else:
                log.exception("follower failed; starting again", follower=name, pause_seconds=pause)
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)


def _tell(problem: Problem, name: str) -> None:
    """What somebody can mend is told in words, with its code; of anything else it matters where it happened."""
    code, said = problem.kind.code, problem.detail
    log.error("a follower cannot go on; trying again", follower=name, code=code, th=said.th, en=said.en)


def _lead(connection: Connection, name: str, stop: threading.Event) -> bool:
    key = int.from_bytes(hashlib.sha256(f"follower {name}".encode()).digest()[:8], "big", signed=True)
    waited = False
    while not stop.is_set():
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        connection.commit()
        if row and row[0]:
            if waited:
                log.info("a follower leads here from now on", follower=name)
            return True
        if not waited:
            log.info("a follower stands by: another process leads", follower=name)
        waited = True
        stop.wait(LOCK_SECONDS)
    return False


def _work(follower: Follower, connection: Connection, stop: threading.Event) -> None:
    """Step without pause while there is much work, with short rests while there is little; look less and less often while there is none.

    Notices would wake us sooner, but PostgreSQL commits transactions that send any one after the other, each waiting for the disk:
    under load that costs the reports door more than looking costs when all is quiet.
    """
    pause = SHORTEST_PAUSE
    while not stop.is_set():
        done = follower.step(connection)
        connection.commit()
        pause = SHORTEST_PAUSE if done else min(pause * 1.5, LONGEST_PAUSE)
        if done < PLENTY:
            stop.wait(GATHER_SECONDS if done else pause)
    if isinstance(follower, Finishing):
        follower.finish(connection)
