"""``POST /v1/reports``: reports come in, one compact JWS a line, and each line gets its answer.

Bare ASGI, because this door is the hot one. The answer is sent only after the commit: what was acknowledged is on disk. Every line is
answered for itself; a caller that goes away, or a line that is refused, costs its companions nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import (
    Budget,
    Gone,
    Receive,
    Room,
    Scope,
    Send,
    header,
    read_body,
    respond,
    respond_problem,
    size_of,
)
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.groupcommit import Full, GroupCommit
from sapparot.base.metrics import INTAKE_FLUSH, INTAKE_LINES, INTAKE_WAITING
from sapparot.base.problems import Problem, noted
from sapparot.intake import admission, store
from sapparot.intake.facts import Line, Promised
from sapparot.intake.problems import CONFLICT, QUEUE_FULL, REPORT_UNKNOWN, TOO_OFTEN, UNAVAILABLE
from sapparot.intake.promises import PromiseMaker
from sapparot.intake.rules import BODY_LIMIT, answer, read_line, refusal, split_body, status_of
from sapparot.people import DeviceTokens

log = structlog.get_logger()

DOOR = Door("POST", "/v1/reports", "device", body_limit=BODY_LIMIT, per_minute=6000)
RECEIPTS_DOOR = Door("GET", "/v1/receipts/reports/", "anyone", per_minute=1_200)
NDJSON = b"application/x-ndjson"
MAX_BATCH = 1000
MAX_BYTES = 256 * 1024 * 1024
"""Bytes of large bodies that may be in memory at once; one carrier may hold two of the largest."""
SMALL = 32 * 1024
"""A body of a phone, a few reports: they have a room of their own, which no number of slow large bodies can fill."""
SMALL_BYTES = 64 * 1024 * 1024
COURTS = 2
"""Requests whose conflicts are looked into at the same time: they must not hold up those that have none."""
DATABASE_SECONDS = 5.0
"""How long a flush waits for a connection before its callers are told to send again."""


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
        self._large = Room(2 * BODY_LIMIT, MAX_BYTES)
        self._small = Room(SMALL_BYTES // 64, SMALL_BYTES)
        self._courts = asyncio.Semaphore(COURTS)
        self._commits: GroupCommit[Line, dict[str, Any]] = GroupCommit(
            self._flush, max_waiting=max_waiting, max_batch=MAX_BATCH
        )
        INTAKE_WAITING.set_function(lambda: self._commits.waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            carrier = self._tokens.check(header(scope, b"authorization"), self._clock.now())
            self._charge(carrier, 1)
            size = size_of(scope, BODY_LIMIT)
            held = min(size, BODY_LIMIT)
            room = self._small if held <= SMALL else self._large
            room.enter(carrier, held)
            try:
                lines = split_body(await read_body(scope, receive, BODY_LIMIT, size))
                if len(lines) > 1:
                    self._charge(carrier, len(lines) - 1)
                answers = await self._take(lines, carrier)
            finally:
                room.leave(carrier, held)
        except Problem as problem:
            await respond_problem(send, problem)
        except Full:
            await respond_problem(send, Problem(QUEUE_FULL))
        except (psycopg.Error, PoolTimeout):
            await respond_problem(send, Problem(UNAVAILABLE))
        except Gone:
            return
        else:
            body = b"\n".join(map(canonical.encode, answers)) + b"\n"
            await respond(send, status_of(answers), body, NDJSON)

    async def close(self) -> None:
        """Finish what was accepted."""
        await self._commits.close()

    def _charge(self, carrier: str, lines: int) -> None:
        if not self._budget.spend(carrier, lines):
            raise Problem(TOO_OFTEN)

    async def _take(self, lines: list[bytes], carrier: str) -> list[dict[str, Any]]:
        read = [_read(line, carrier) for line in lines]
        reports = [line for line in read if isinstance(line, Line)]
        answers = await self._commits.submit(reports) if reports else []
        if any(one["outcome"] == "conflict" for one in answers):
            answers = await self._settled(reports, answers)
        if len(reports) == len(lines):
            return answers
        INTAKE_LINES.labels("refused").inc(len(lines) - len(reports))
        taken = iter(answers)
        return [next(taken) if isinstance(line, Line) else refusal(line) for line in read]

    async def _settled(self, reports: list[Line], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the answers after every conflict among them was looked into."""
        places = [place for place, one in enumerate(answers) if one["outcome"] == "conflict"]
        better = await self._settle([reports[place] for place in places])
        for place in places:
            digest = reports[place].sha256
            if digest in better:
                answers[place] = better[digest]
                better[digest] = better[digest] | {"outcome": "duplicate"}  # for a second copy in the same body
            INTAKE_LINES.labels(answers[place]["outcome"]).inc()
        return answers

    async def _flush(self, lines: list[Line]) -> list[dict[str, Any]]:
        now = self._clock.now()
        try:
            with INTAKE_FLUSH.time():
                async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
                    stored = await store.receive(connection, lines, now)
                    earlier = {held.flush for held in stored if not held.fresh}
                    flushes = await store.batches(connection, sorted(earlier)) if earlier else {}
        except (psycopg.Error, PoolTimeout) as error:
            log.error("reports could not be stored; their phones send again", reports=len(lines), reason=str(error))
            raise
        for line, held in zip(lines, stored, strict=True):
            if held.fresh:
                flushes.setdefault(held.flush, {})[line.id] = held.sha256
        times = {held.flush: held.received_at for held in stored}
        promised: dict[UUID, Promised] = {}
        for number, batch in flushes.items():
            promised |= self._promises.make(batch, times[number])
        answers = [answer(line, held, promised.get(line.id)) for line, held in zip(lines, stored, strict=True)]
        for outcome, count in Counter(one["outcome"] for one in answers).items():
            if outcome != "conflict":  # counted when it was looked into
                INTAKE_LINES.labels(outcome).inc(count)
        return answers

    async def _settle(self, contested: list[Line]) -> dict[bytes, dict[str, Any]]:
        """Give ids back to the authentic reports among ``contested`` when bytes that nobody signed hold them.

        Returns their new answers by SHA-256; every other line stays in conflict.
        """
        now = self._clock.now()
        async with self._courts, self._database.connection(timeout=DATABASE_SECONDS) as connection:
            usurped = await admission.usurped(connection, contested)
            placed = await store.put_in_place(connection, usurped, CONFLICT.code, now) if usurped else {}
        promised = self._promises.make({key: held.sha256 for key, held in placed.items()}, now) if placed else {}
        lines = [usurped[key][0] for key in placed]
        return {line.sha256: answer(line, placed[line.id], promised[line.id]) for line in lines}


async def logged_entry(connection: AsyncConnection, name: str) -> bytes:
    """Return the log entry of the report with this id, as it stands or will stand in the log.

    Raises :class:`Problem` for an id that no report has, and with the reason of its refusal for a report that is not admitted.
    """
    try:
        report = UUID(name)
    except ValueError:
        raise Problem(REPORT_UNKNOWN) from None
    found = await store.find(connection, report) if str(report) == name else None
    if found is None:
        raise Problem(REPORT_UNKNOWN)
    received, refused = found
    if refused:
        raise Problem(noted(refused))
    return admission.entry(received)[1]


def _read(line: bytes, carrier: str) -> Line | Problem:
    try:
        return read_line(line, carrier)
    except Problem as problem:
        return problem
