"""``POST /v1/reports``: reports come in, one compact JWS a line, and each line gets its answer.

Bare ASGI, because this door is the hot one. The answer is sent only after the commit: what was acknowledged is on disk. Every line is
answered for itself; a caller that goes away, or a line that is refused, costs its companions nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

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
from sapparot.intake.facts import Line, Promised, Stored
from sapparot.intake.problems import CONFLICT, QUEUE_FULL, TOO_OFTEN, UNAVAILABLE
from sapparot.intake.promises import PromiseMaker
from sapparot.intake.rules import BODY_LIMIT, answer, read_line, refusal, split_body, status_of
from sapparot.people import DeviceTokens

log = structlog.get_logger()

DOOR = Door("POST", "/v1/reports", "device", body_limit=BODY_LIMIT, per_minute=6000)
NDJSON = b"application/x-ndjson"
MAX_BATCH = 1000


class ReportsDoor:
    """The ASGI application behind ``POST /v1/reports``."""

    def __init__(
        self, database: AsyncPool, tokens: DeviceTokens, promises: PromiseMaker, clock: Clock, max_waiting: int
    ) -> None:
        """``max_waiting``: reports that may wait for the database before callers are told to come back."""
        self._database = database
        self._tokens = tokens
        self._promises = promises
        self._clock = clock
        self._budget = Budget(DOOR.per_minute)
        self._commits: GroupCommit[Line, dict[str, Any]] = GroupCommit(
            self._flush, max_waiting=max_waiting, max_batch=MAX_BATCH
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            carrier = self._tokens.check(header(scope, b"authorization"), self._clock.now())
            lines = split_body(await read_body(scope, receive, DOOR.body_limit))
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
        answers = iter(await self._commits.submit(reports) if reports else [])
        return [next(answers) if isinstance(line, Line) else refusal(line) for line in read]

    async def _flush(self, lines: list[Line]) -> list[dict[str, Any]]:
        now = self._clock.now()
        async with self._database.connection() as connection:
            stored = await store.receive(connection, lines, now)
            for place, (line, held) in enumerate(zip(lines, stored, strict=True)):
                if held.sha256 != line.sha256 and await self._usurped(connection, line):
                    stored[place] = await store.put_in_place(connection, line, CONFLICT.code, now)
            earlier = {held.batch for held in stored if not held.fresh}
            batches = await store.batches(connection, sorted(earlier)) if earlier else {}
        for line, held in zip(lines, stored, strict=True):
            if held.fresh:
                batches.setdefault(held.batch, {})[line.id] = held.sha256
        promised = self._promise(stored, batches)
        return [answer(line, held, promised.get(line.id)) for line, held in zip(lines, stored, strict=True)]

    def _promise(self, stored: list[Stored], batches: dict[int, dict[UUID, bytes]]) -> dict[UUID, Promised]:
        times = {held.batch: held.received_at for held in stored}
        promised: dict[UUID, Promised] = {}
        for number, batch in batches.items():
            promised |= self._promises.make(batch, times[number])
        return promised

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
