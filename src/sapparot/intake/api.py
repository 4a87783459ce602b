"""``POST /v1/reports``: reports come in, one compact JWS a line, and each line gets its answer.

Bare ASGI, because this door is the hot one. The answer is sent only after the commit: what was acknowledged is on disk. Every line is
answered for itself; a caller that goes away, or a line that is refused, costs its companions nothing.
"""

from __future__ import annotations

from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Budget, Gone, Receive, Scope, Send, header, read_body, respond, respond_problem
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.groupcommit import Full, GroupCommit
from sapparot.base.problems import Problem
from sapparot.intake import admission, store
from sapparot.intake.facts import Line, Stored
from sapparot.intake.problems import CONFLICT, QUEUE_FULL, TOO_OFTEN, UNAVAILABLE
from sapparot.intake.rules import BODY_LIMIT, PromiseMaker, answer, read_line, refusal, split_body, status_of
from sapparot.people import DeviceTokens

log = structlog.get_logger()

DOOR = Door("POST", "/v1/reports", "device", body_limit=BODY_LIMIT, per_minute=6000)
NDJSON = b"application/x-ndjson"
MAX_BATCH = 1000


class ReportsDoor:
    """The ASGI application behind ``POST /v1/reports``."""

    def __init__(
        self, database: AsyncPool, tokens: DeviceTokens, promises: PromiseMaker, clock: Clock, limits: tuple[int, float]
    ) -> None:
        """``limits``: reports that may wait for the database, and seconds that a body may take."""
        self._database = database
        self._tokens = tokens
        self._promises = promises
        self._clock = clock
        self._body_seconds = limits[1]
        self._budget = Budget(DOOR.per_minute)
        self._commits: GroupCommit[Line, Stored] = GroupCommit(self._flush, max_waiting=limits[0], max_batch=MAX_BATCH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            carrier = self._tokens.check(header(scope, b"authorization"), self._clock.now())
            lines = split_body(await read_body(scope, receive, DOOR.body_limit, self._body_seconds))
            if not self._budget.spend(carrier, len(lines)):
                raise Problem(TOO_OFTEN)
            answers = await self._take(lines, carrier)
        except Problem as problem:
            await respond_problem(send, problem)
        except Full:
            await respond_problem(send, Problem(QUEUE_FULL))
        except (psycopg.Error, PoolTimeout):
            log.exception("reports could not be stored")
            await respond_problem(send, Problem(UNAVAILABLE))
        except Gone:
            return
        else:
            body = b"\n".join(map(canonical.encode, answers)) + b"\n"
            await respond(send, status_of(answers), body, NDJSON)

    async def close(self) -> None:
        """Finish what was accepted."""
        await self._commits.close()

    async def _take(self, lines: list[bytes], carrier: str) -> list[dict[str, Any]]:
        read = [_read(line, carrier) for line in lines]
        reports = [line for line in read if isinstance(line, Line)]
        stored = iter(await self._commits.submit(reports) if reports else [])
        return [
            answer(line, next(stored), self._promises) if isinstance(line, Line) else refusal(line) for line in read
        ]

    async def _flush(self, lines: list[Line]) -> list[Stored]:
        now = self._clock.now()
        async with self._database.connection() as connection:
            results = await store.receive(connection, lines, now)
            for place, (line, stored) in enumerate(zip(lines, results, strict=True)):
                if stored.sha256 != line.sha256 and await self._usurped(connection, line):
                    await store.replace(connection, line, CONFLICT.code, now)
                    results[place] = Stored(now, line.sha256, fresh=True)
        return results

    @staticmethod
    async def _usurped(connection: AsyncConnection, line: Line) -> bool:
        """Tell whether the id of an authentic report is held by bytes that nobody signed.

        Whoever carries others' reports could otherwise block one by sending forged bytes under its id first.
        """
        other = await store.held(connection, line.id)
        if other is None:
            return False
        return await admission.authentic(connection, line.jws) and not await admission.authentic(connection, other)


def _read(line: bytes, carrier: str) -> Line | Problem:
    try:
        return read_line(line, carrier)
    except Problem as problem:
        return problem
