"""How a photograph is kept: developed, sealed, published, recorded.

The order is durable at each step, and a crash leaves at most objects that nobody names; sending the photograph again finishes the work:

1. it arrives in a file without a name: a crash leaves nothing;
2. it is developed into another such file: a crash leaves nothing;
3. the original is sealed under its hash: a crash leaves an original without an entry, which the next attempt writes again, the same;
4. the copy is published under its own hash: a crash leaves a copy that no entry names, likewise;
5. row and log entry are committed together: from here on it is kept, and sending it again changes nothing.

Of pixels that were taken down (``removal.py``) steps 3 and 4 keep nothing; the entry tells that they came again.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import signal
from types import MappingProxyType
from typing import BinaryIO

import psycopg
import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem, ProblemKind
from sapparot.evidence import store
from sapparot.evidence.darkroom import Darkroom
from sapparot.evidence.facts import Kind, PhotographKept
from sapparot.evidence.problems import (
    ALSO_ANOTHER,
    ANIMATED,
    BUSY,
    DAMAGED,
    DISK_FULL,
    NOT_A_PHOTOGRAPH,
    TOO_COSTLY,
    TOO_MANY_PIXELS,
    UNAVAILABLE,
)
from sapparot.evidence.removal import drop_files
from sapparot.evidence.rules import bare_jpeg_size
from sapparot.evidence.sandbox import LATE, Outcome

log = structlog.get_logger()

AT_ONCE = 2
"""Photographs that are finished at the same time; each holds its original and its copy in memory."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
KINDS: MappingProxyType[int, Kind] = MappingProxyType(
    {Outcome.JPEG: "jpg", Outcome.PNG: "png", Outcome.WEBP: "webp", Outcome.HEIC: "heic"}
)
REFUSALS: MappingProxyType[int, ProblemKind] = MappingProxyType(
    {
        Outcome.NOT_A_PHOTOGRAPH: NOT_A_PHOTOGRAPH,
        Outcome.TOO_MANY_PIXELS: TOO_MANY_PIXELS,
        Outcome.ANIMATED: ANIMATED,
        Outcome.ALSO_ANOTHER: ALSO_ANOTHER,
        Outcome.TOO_COSTLY: TOO_COSTLY,
        -signal.SIGXCPU: TOO_COSTLY,
        Outcome.NO_ROOM: DISK_FULL,
        LATE: BUSY,
        -signal.SIGKILL: BUSY,  # nobody here kills a decoder but the machine in need of memory
    }
)
"""What the sender is told; every other end of a decoder means that the file broke it."""


class Photographs:
    """Keeps photographs."""

    def __init__(self, database: AsyncPool, darkroom: Darkroom, stores: tuple[Objects, Objects], clock: Clock) -> None:
        """``stores``: of sealed originals and of public files."""
        self._database = database
        self._darkroom = darkroom
        self._sealed, self._public = stores
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    async def known(self, original: str) -> PhotographKept | None:
        """Return the photograph when it is kept already."""
        async with self._database.connection() as connection:
            return await store.find(connection, original)

    async def keep(self, photograph: BinaryIO, original: str, carrier: str) -> tuple[PhotographKept, bool]:
        """Keep the file whose SHA-256 is ``original``; return what is kept, and whether it is new. Raises :class:`Problem`."""
        async with self._places:
            kind, copy = await self._develop(photograph)
            kept = await self._put(photograph, (original, kind, carrier), copy)
        async with self._database.connection() as connection:
            fresh = await store.keep(connection, kept)
            found = await store.find(connection, original) or kept
        if found.removed:
            await asyncio.to_thread(drop_files, [kept], (self._sealed, self._public))
        return found, fresh

    async def _develop(self, photograph: BinaryIO) -> tuple[Kind, bytes]:
        status, copy = await self._darkroom.develop(photograph)
        if status not in KINDS:
            log.info("a photograph was refused", status=status)
            raise Problem(REFUSALS.get(status, DAMAGED))
        return KINDS[status], copy

    async def _put(self, photograph: BinaryIO, known: tuple[str, Kind, str], copy: bytes) -> PhotographKept:
        original, kind, carrier = known
        size = bare_jpeg_size(copy)
        if size is None:
            log.error("a copy holds more than a picture and is not published", original=original)
            raise Problem(DAMAGED)
        photograph.seek(0)
        data = photograph.read()
        kept = PhotographKept(
            original=original,
            published=hashlib.sha256(copy).hexdigest(),
            kind=kind,
            size=len(data),
            width=size[0],
            height=size[1],
            carrier=carrier,
            received_at=self._clock.now(),
        )
        async with self._database.connection() as connection:
            gone = await store.taken_down(connection, kept.published)
        if not gone:
            await self._sealed.keep_async(kept.sealed_name, data)
            await self._public.keep_async(kept.public_name, copy)
        return kept


def storage_problem(error: OSError | psycopg.Error | StoreError) -> Problem:
    """Return what the sender is told when a file, an object or a row could not be written."""
    full = isinstance(error, psycopg.errors.DiskFull) or getattr(error, "errno", None) in NO_ROOM
    return Problem(DISK_FULL if full or "os error 28" in str(error) else UNAVAILABLE)
