"""``PUT /v1/evidence/{sha256}``: one photograph, named by the SHA-256 of its bytes.

Everything that can be known before the body is asked first (token, budget, name, size, room, whether the photograph is here already);
a client that sends ``Expect: 100-continue`` then saves the upload. The body goes to a file as it comes, never into memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
import psycopg
import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.asgi import Budget, Gone, Message, Receive, Scope, Send, header, respond, respond_problem, size_of
from sapparot.base.clock import Clock, monotonic
from sapparot.base.database import AsyncConnection
from sapparot.base.doors import Door
from sapparot.base.metrics import EVIDENCE_UPLOADS
from sapparot.base.problems import TOO_LARGE, TOO_SLOW, Problem
from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.photographs import Photographs, storage_problem
from sapparot.evidence.problems import AT_ONCE, BUSY, DISK_FULL, EMPTY, TOO_OFTEN, UNKNOWN, WRONG_HASH
from sapparot.evidence.rules import PREFIX, answer, entry, name_in
from sapparot.evidence.store import find
from sapparot.people import DeviceTokens

log = structlog.get_logger()

DOOR = Door("PUT", PREFIX, "device", body_limit=15_000_000, per_minute=30)
RECEIPTS_DOOR = Door("GET", "/v1/receipts/photographs/", "anyone", per_minute=1_200)
PIECE = 256 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one process takes at a time; a slow phone needs minutes for a photograph, so many may be on their way."""

    uploads: int = 256
    """Photographs on their way in."""
    uploads_of_device: int = 2
    idle_seconds: float = 20.0
    """Longest wait for the next part of a body; the server itself only limits the whole."""
    body_seconds: float = 600.0
    """Longest time for a whole body."""
    reserve: int = 1 << 30
    """Bytes that photographs leave free on the disk: the reports need them more."""


class EvidenceDoor:
    """The ASGI application behind ``PUT /v1/evidence/{sha256}``."""

    def __init__(
        self, photographs: Photographs, tokens: DeviceTokens, clock: Clock, scratch: Path, limits: Limits | None = None
    ) -> None:
        """``scratch``: an existing directory, on the disk of the stores, for bodies on their way in."""
        self._photographs = photographs
        self._tokens = tokens
        self._clock = clock
        self._scratch = scratch
        self._limits = limits or Limits()
        self._budget = Budget(DOOR.per_minute)
        self._under_way: Counter[str] = Counter()

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
        with self._place(carrier, expected), tempfile.TemporaryFile(dir=self._scratch) as file:
            await self._arrive(receive, file, original)
            return await self._photographs.keep(file, original, carrier)

    @contextmanager
    def _place(self, carrier: str, expected: int) -> Iterator[None]:
        """Hold one of the places for photographs on their way in."""
        if self._under_way.total() >= self._limits.uploads:
            raise Problem(BUSY)
        if self._under_way[carrier] >= self._limits.uploads_of_device:
            raise Problem(AT_ONCE)
        if shutil.disk_usage(self._scratch).free < self._limits.reserve + 2 * expected:
            raise Problem(DISK_FULL)
        self._under_way[carrier] += 1
        try:
            yield
        finally:
            self._under_way[carrier] -= 1
            if not self._under_way[carrier]:
                del self._under_way[carrier]

    async def _arrive(self, receive: Receive, file: BinaryIO, original: str) -> None:
        """Write the body into ``file``; raises :class:`Problem` when it is not the photograph of that name."""
        digest = hashlib.sha256()
        deadline = monotonic() + self._limits.body_seconds
        size, piece, more = 0, bytearray(), True
        while more:
            if monotonic() > deadline:
                raise Problem(TOO_SLOW)
            message = await _next_part(receive, self._limits.idle_seconds)
            piece += message.get("body", b"")
            more = message.get("more_body", False)
            if size + len(piece) > DOOR.body_limit:
                raise Problem(TOO_LARGE, limit=DOOR.body_limit)
            if len(piece) >= PIECE or not more:
                size += len(piece)
                await asyncio.to_thread(_append, file, digest, piece)
                piece = bytearray()
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


async def _next_part(receive: Receive, seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        raise Problem(TOO_SLOW) from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _append(file: BinaryIO, digest: hashlib._Hash, piece: bytearray) -> None:
    digest.update(piece)
    file.write(piece)
    file.flush()
