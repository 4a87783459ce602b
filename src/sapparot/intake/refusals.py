"""``GET /v1/refusals``: how many reports were received, and how many of them are not admitted to the log, by the reason.

Counting reads an index of every report, so one count serves everybody for some seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, respond, respond_problem
from sapparot.base.clock import Clock, monotonic, stamp
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.problems import Problem, noted
from sapparot.intake import store
from sapparot.intake.facts import Reason, Refused
from sapparot.intake.problems import UNCOUNTED

log = structlog.get_logger()

DOOR = Door("GET", "/v1/refusals", "anyone", per_minute=600)
SECONDS = 15
"""How long a count is told; for half a million reports it costs 0.04 seconds, up to ten times that while they come in."""
PATIENCE = 3
"""Seconds after which a database that does not answer, or a count that does not end, is given up until the next time."""
ANYWHERE = (b"access-control-allow-origin", b"*")


class Refusals:
    """Counts when somebody asks, and not again for a while."""

    def __init__(self, database: AsyncPool, clock: Clock, seconds: float = SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._last: Refused | None = None
        self._again = float("-inf")

    async def counted(self) -> Refused | None:
        """Return the newest count, an older one while the database does not answer; None when there is none yet."""
        async with self._turn:
            if monotonic() >= self._again:
                try:
                    self._last = await self._count()
                except (psycopg.Error, PoolTimeout) as error:
                    log.warning("refused reports could not be counted", reason=str(error))
                self._again = monotonic() + self._seconds
            return self._last

    async def _count(self) -> Refused:
        now = self._clock.now()
        async with self._database.connection(timeout=PATIENCE) as connection:
            counts = await store.counted(connection, PATIENCE)
        received = counts.pop("received")
        order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return Refused(now, received, tuple(Reason(code, noted(code).title, count) for code, count in order))


class RefusalsDoor:
    """The ASGI application behind ``GET /v1/refusals``."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (found := await self._refusals.counted()) is None:
            await respond_problem(send, Problem(UNCOUNTED), [ANYWHERE])
        else:
            kept = (b"cache-control", b"public, max-age=%d" % SECONDS)
            await respond(send, 200, canonical.encode(_told(found)), b"application/json", [kept, ANYWHERE])


def _told(found: Refused) -> dict[str, Any]:
    reasons = [
        {"code": one.code, "reports": one.reports, "title": {"en": one.title.en, "th": one.title.th}}
        for one in found.reasons
    ]
    return {"at": stamp(found.at), "reasons": reasons, "received": found.received, "refused": found.reports, "v": 1}
