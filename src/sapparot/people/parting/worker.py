"""The keeper: personal data do not outlive their purpose, whatever else happens.

Once a minute it sweeps sign-ups whose telephone nobody proved, erases who left long enough ago and, when the election is long over,
everybody, and finishes the end of networks that was interrupted. Each step is a transaction of its own; a crash between two leaves
fewer data than before, and the next look goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection, Connection, beside
from sapparot.people.parting import store
from sapparot.people.parting.farewell import STEP, Farewell

EVERY = timedelta(minutes=1)
UNPROVEN = timedelta(days=1)
"""How long a sign-up waits for the proof of its telephone."""
AFTER_LEAVING = timedelta(days=30)
"""How long a network can still reach, and take back, who left."""
PollingDay = Callable[[Connection], date | None]


class Keeper:
    """Follows nothing but the clock."""

    name = "keep"

    def __init__(self, farewell: Farewell, clock: Clock, keep_days: int, polling_day: PollingDay) -> None:
        """``keep_days`` after the polling day everything that says who somebody is is erased."""
        self._farewell = farewell
        self._clock = clock
        self._keep = timedelta(days=keep_days)
        self._polling_day = polling_day
        self._next: datetime | None = None

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory."""

    def step(self, connection: Connection) -> int:
        """Look once a minute, and go on at once while there is something to do; return how many people were dealt with."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return 0
        day = self._polling_day(connection)
        connection.commit()
        done = asyncio.run(self._keep_house(connection, now, day))
        self._next = None if done else now + EVERY
        return done

    async def _keep_house(self, connection: Connection, now: datetime, day: date | None) -> int:
        async with await beside(connection) as other:
            done = await store.sweep(other, now - UNPROVEN, STEP)
            done += await self._erase(other, now, self._over(now, day))
            for network in await store.ended_networks(other):
                ended = await self._farewell.end_network(other, network, "left", now)
                done += ended.persons + ended.devices
        return done

    async def _erase(self, connection: AsyncConnection, now: datetime, everybody_before: datetime | None) -> int:
        due = await store.to_erase(connection, now - AFTER_LEAVING, everybody_before, STEP)
        if due:
            await self._farewell.erase(connection, due, now, revoke=False)
        return len(due)

    def _over(self, now: datetime, day: date | None) -> datetime | None:
        """Return the moment before which everybody who joined is erased now, when retention has ended."""
        if day is None:
            return None
        ends = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + timedelta(days=1)
        return ends if now >= ends + self._keep else None
