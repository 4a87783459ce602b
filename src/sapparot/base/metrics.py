"""What operators watch: counters and gauges at ``/metrics``, health at ``/healthz``, readiness at ``/readyz``."""

from __future__ import annotations

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from psycopg_pool import PoolTimeout

from sapparot.base.asgi import Receive, Scope, Send, respond
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door

INTAKE_LINES = Counter("sapparot_intake_lines", "Lines answered by the reports door", ["outcome"])
INTAKE_WAITING = Gauge("sapparot_intake_waiting", "Reports that wait for the database")
INTAKE_FLUSH = Histogram("sapparot_intake_flush_seconds", "Time of one durable flush")
INTAKE_REFUSED = Counter("sapparot_intake_refused", "Stored reports that were not admitted to the log", ["code"])
EVIDENCE_UPLOADS = Counter("sapparot_evidence_uploads", "Photographs answered by the evidence door", ["outcome"])
FOLLOWER_POSITION = Gauge(
    "sapparot_follower_position", "Position each follower has reached in the ledger", ["follower"]
)
FOLLOWER_FAILURES = Counter("sapparot_follower_failures", "Failures after which a follower started again", ["follower"])
TALLY_ALARMS = Counter("sapparot_tally_alarms", "Differences between running sums and full recomputation")

METRICS_DOOR = Door("GET", "/metrics", "operator", per_minute=600)
HEALTH_DOOR = Door("GET", "/healthz", "anyone")
READY_DOOR = Door("GET", "/readyz", "anyone")
_TEXT = b"text/plain; charset=utf-8"


async def metrics(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with every metric of this process."""
    await respond(send, 200, generate_latest(), CONTENT_TYPE_LATEST.encode())


async def health(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that the process runs."""
    await respond(send, 200, b"ok\n", _TEXT)


class Ready:
    """Answers whether the database can be reached."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 when a query succeeds within two seconds, else 503."""
        try:
            async with self._database.connection(timeout=2) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout):
            await respond(send, 503, b"the database does not answer\n", _TEXT)
        else:
            await respond(send, 200, b"ready\n", _TEXT)
