"""``PUT /v1/evidence/{sha256}``: one photograph, named by the SHA-256 of its bytes.

Everything that can be known before the body is asked first (token, budget, name, size, room, whether the photograph is here already);
a client that sends ``Expect: 100-continue`` then saves the upload. The body goes to a file as it comes, never into memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from typing import BinaryIO

import psycopg
import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.asgi import Budget, Gone, Receive, Scope, Send, header, respond, respond_problem, size_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.doors import Door
from sapparot.base.metrics import EVIDENCE_UPLOADS
from sapparot.base.problems import TOO_LARGE, Problem
from sapparot.evidence.arrivals import Arrivals
from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.photographs import Photographs, storage_problem
from sapparot.evidence.problems import EMPTY, TOO_OFTEN, UNKNOWN, WRONG_HASH
from sapparot.evidence.rules import PREFIX, answer, entry, name_in
from sapparot.evidence.store import find
from sapparot.people import DeviceTokens

log = structlog.get_logger()

DOOR = Door("PUT", PREFIX, "device", body_limit=15_000_000, per_minute=30)
RECEIPTS_DOOR = Door("GET", "/v1/receipts/photographs/", "anyone", per_minute=1_200)
PIECE = 256 * 1024


class EvidenceDoor:
    """The ASGI application behind ``PUT /v1/evidence/{sha256}``."""

    def __init__(self, photographs: Photographs, tokens: DeviceTokens, clock: Clock, arrivals: Arrivals) -> None:
        self._photographs = photographs
        self._tokens = tokens
        self._clock = clock
        self._arrivals = arrivals
        self._budget = Budget(DOOR.per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            kept, fresh = await self._take(scope, receive)
        except Problem as problem:
            await _refuse(send, problem)
        except (psycopg.Error, StoreError, OSError) as error:
            log.exception("a photograph could not be kept")
            await _refuse(send, storage_problem(error))
        except Gone:
            return
        else:
            EVIDENCE_UPLOADS.labels("kept" if fresh else "known").inc()
            await respond(send, 201 if fresh else 200, answer(kept))

    async def _take(self, scope: Scope, receive: Receive) -> tuple[PhotographKept, bool]:
        carrier = self._tokens.check(header(scope, b"authorization"), self._clock.now())
        if not self._budget.spend(carrier):
            raise Problem(TOO_OFTEN)
        original = name_in(scope["path"])
        expected = size_of(scope, DOOR.body_limit)
        if expected > DOOR.body_limit:
            raise Problem(TOO_LARGE, limit=DOOR.body_limit)
        if kept := await self._photographs.known(original):
            return kept, False
        with self._arrivals.place(carrier, expected), tempfile.TemporaryFile(dir=self._arrivals.scratch) as file:
            await self._arrive(receive, file, original)
            return await self._photographs.keep(file, original, carrier)

    async def _arrive(self, receive: Receive, file: BinaryIO, original: str) -> None:
        """Write the body into ``file``; raises :class:`Problem` when it is not the photograph of that name."""
        digest = hashlib.sha256()
        size, piece = 0, bytearray()
        async for part in self._arrivals.parts(receive):
            piece += part
            if size + len(piece) > DOOR.body_limit:
                raise Problem(TOO_LARGE, limit=DOOR.body_limit)
            if len(piece) >= PIECE:
                size += len(piece)
                await asyncio.to_thread(_append, file, digest, piece)
                piece = bytearray()
        size += len(piece)
        await asyncio.to_thread(_append, file, digest, piece)
        if not size:
            raise Problem(EMPTY)
        if digest.hexdigest() != original:
            raise Problem(WRONG_HASH)


async def logged_entry(connection: AsyncConnection, name: str) -> bytes:
    """Return the log entry of the photograph whose original has this SHA-256; raises :class:`Problem` when none was kept."""
    kept = await find(connection, name_in(PREFIX + name))
    if kept is None:
        raise Problem(UNKNOWN)
    return entry(kept)[1]


async def _refuse(send: Send, problem: Problem) -> None:
    EVIDENCE_UPLOADS.labels(problem.kind.code).inc()
    await respond_problem(send, problem)


def _append(file: BinaryIO, digest: hashlib._Hash, piece: bytearray) -> None:
    digest.update(piece)
    file.write(piece)
    file.flush()
