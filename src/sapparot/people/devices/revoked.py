"""The devices that are revoked, in the memory of each process that takes something from devices.

Doors ask here and not the database, so that a flood of reports costs no query. The set is read again once a second: a phone that was
declared lost is refused everywhere within two. While the database does not answer, the last set stands; admission to the log asks the
database itself in any case.
"""

from __future__ import annotations

import asyncio
import contextlib

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.people.devices import store

log = structlog.get_logger()
EVERY_SECONDS = 1.0


class Revoked:
    """A set of thumbprints that keeps itself up to date while it is open."""

    def __init__(self, database: AsyncPool, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kids: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def __contains__(self, kid: object) -> bool:
        return kid in self._kids

    def add(self, kid: str) -> None:
        """Know of a revocation before the next look."""
        self._kids |= {kid}

    async def open(self) -> None:
        """Look once, and go on looking."""
        await self.look()
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Read the set again."""
        try:
            async with self._database.connection(timeout=5) as connection:
                self._kids = await store.revoked(connection, self._clock.now())
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("revoked devices could not be read; the last ones stand", reason=type(error).__name__)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.look()
