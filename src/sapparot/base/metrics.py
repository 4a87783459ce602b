"""What operators watch: counters and gauges at ``/metrics``, health at ``/healthz``, readiness at ``/readyz``."""

from __future__ import annotations

import asyncio

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from psycopg_pool import PoolTimeout

from sapparot.base.asgi import Receive, Scope, Send, respond, respond_problem
from sapparot.base.clock import monotonic
from sapparot.base.database import AsyncPool, read_only, takes_writes
from sapparot.base.doors import Door
from sapparot.base.problems import NOT_READY, Problem

INTAKE_LINES = Counter("sapparot_intake_lines", "Lines answered by the reports door", ["outcome"])
INTAKE_WAITING = Gauge("sapparot_intake_waiting", "Reports that wait for the database")
INTAKE_FLUSH = Histogram("sapparot_intake_flush_seconds", "Time of one durable flush")
INTAKE_REFUSED = Counter("sapparot_intake_refused", "Stored reports that were not admitted to the log", ["code"])
EVIDENCE_UPLOADS = Counter("sapparot_evidence_uploads", "Photographs answered by the evidence door", ["outcome"])
FOLLOWER_POSITION = Gauge(
    "sapparot_follower_position", "Position each follower has reached in the ledger", ["follower"]
)
FOLLOWER_FAILURES = Counter("sapparot_follower_failures", "Failures after which a follower started again", ["follower"])
FOLLOWER_LEADS = Gauge(
    "sapparot_follower_leads", "1 where this process leads the follower, 0 where it did", ["follower"]
)
CHECKPOINT_TIME = Gauge("sapparot_checkpoint_time_seconds", "When a ledger checkpoint was published last")
SNAPSHOT_TIME = Gauge("sapparot_snapshot_time_seconds", "When a snapshot was published last")
TALLY_ALARMS = Counter("sapparot_tally_alarms", "Differences between running sums and full recomputation")

METRICS_DOOR = Door("GET", "/metrics", "operator", per_minute=600)
HEALTH_DOOR = Door("GET", "/healthz", "anyone", per_minute=6_000)
READY_DOOR = Door("GET", "/readyz", "anyone", per_minute=6_000)
ASK_SECONDS = 1.0
_TEXT = b"text/plain; charset=utf-8"


async def metrics(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with every metric of this process."""
    await respond(send, 200, generate_latest(), CONTENT_TYPE_LATEST.encode())


async def health(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that the process runs."""
    await respond(send, 200, b"ok\n", _TEXT)


class Ready:
    """Answers whether the database can be reached and written; it is asked once a second at most, however many want to know."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database
        self._asking = asyncio.Lock()
        self._asked = float("-inf")
        self._missing: Problem | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 when the database has said within two seconds that it takes writes, else 503."""
        async with self._asking:
            if monotonic() - self._asked > ASK_SECONDS:
                self._missing, self._asked = await self._look(), monotonic()
        if self._missing is None:
            await respond(send, 200, b"ready\n", _TEXT)
        else:
            await respond_problem(send, self._missing)

    async def _look(self) -> Problem | None:
        try:
            async with asyncio.timeout(2), self._database.connection() as connection:
                return None if await takes_writes(connection) else Problem(NOT_READY, read_only().detail)
        except (psycopg.Error, PoolTimeout, TimeoutError):
            return Problem(NOT_READY)
