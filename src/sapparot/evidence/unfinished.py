"""Photographs that come in pieces, until they are whole.

Each piece becomes an object of the sealed store, named after its place and its hash, and only then a row says that it is there: what
HEAD tells is what a power failure cannot take. The rows decide who comes first, so any number of web processes may serve one upload;
they must share the database and the sealed store, as for whole photographs, and nothing else.

1. a piece is written and forced onto the disk: a crash leaves an object that no row names, swept away with its upload;
2. its row is written, if the upload still stands where the piece begins: from here on the piece is received;
3. the last piece is not recorded by itself. The whole is put together, compared with its SHA-256 and kept like any other photograph
   (``photographs.py``); a crash leaves it before its last piece, and sending that again finishes the work;
4. the upload is marked as finished and its pieces are removed: a crash leaves objects that no row names, swept away later.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

import msgspec
import psycopg
import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.asgi import Gone
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.evidence import store
from sapparot.evidence.arrivals import Arrivals
from sapparot.evidence.facts import UPLOADS, Beginning, Begun, PhotographKept, Piece, Upload
from sapparot.evidence.photographs import Photographs
from sapparot.evidence.problems import BEYOND_LENGTH, CHECKSUM_DIFFERS, OTHER_OFFSET, UPLOAD_UNKNOWN, WRONG_HASH
from sapparot.evidence.resuming import Checksum

log = structlog.get_logger()

PIECE = 256 * 1024
"""Bytes of a body that are in memory before they become a piece: what a phone sends again at most after a crash."""
SWEEP_SECONDS = 300.0
HOPELESS = frozenset({415, 422})
"""Statuses of problems that sending the same bytes again would meet again."""


class Unfinished:
    """Keeps what has come of photographs that are not whole yet, and makes them whole."""

    def __init__(
        self, database: AsyncPool, photographs: Photographs, sealed: Objects, clock: Clock, arrivals: Arrivals
    ) -> None:
        self._database = database
        self._photographs = photographs
        self._sealed = sealed
        self._clock = clock
        self._arrivals = arrivals
        self._sweeping: asyncio.Task[None] | None = None

    async def begin(self, said: Begun, carrier: str) -> tuple[Upload, PhotographKept | None]:
        """Begin an upload; that of a photograph which is kept already is finished at once. Raises :class:`Problem`."""
        kept = await self._photographs.known(said.original)
        if kept is not None and kept.size != said.length:
            raise Problem(WRONG_HASH)
        now, limits = self._clock.now(), self._arrivals.limits
        until = now + timedelta(seconds=limits.pause_seconds if kept else limits.begun_seconds)
        received = said.length if kept else 0
        beginning = Beginning(received, now, until, limits.unfinished_of_device, limits.unfinished_bytes)
        async with self._database.connection() as connection:
            upload = await store.begin(connection, said, carrier, beginning)
        if not isinstance(upload, Upload):
            raise Problem(upload)
        return upload, kept

    async def find(self, upload: UUID, carrier: str) -> Upload:
        """Return an upload of this device; raises :class:`Problem` for every other one, whether it exists or not."""
        async with self._database.connection() as connection:
            found = await store.upload(connection, upload, carrier, self._clock.now())
        if found is None:
            raise Problem(UPLOAD_UNKNOWN)
        return found

    async def end(self, upload: UUID) -> None:
        """Forget an upload and remove its pieces; a photograph that is kept stays."""
        async with self._database.connection() as connection:
            await store.end(connection, [upload])
        await self._clear([upload])

    async def take(self, upload: Upload, parts: AsyncIterator[bytes], checksum: Checksum | None) -> Upload:
        """Receive what follows; return the upload as it stands afterwards. Raises :class:`Problem` or :class:`Gone`.

        What came before a caller was cut off is kept, unless a checksum stands over all of it.
        """
        body = _Body(upload, checksum)
        try:
            async for part in parts:
                body.buffer += part
                if body.end > upload.length:
                    raise Problem(BEYOND_LENGTH)
                if len(body.buffer) >= PIECE and body.end < upload.length:
                    await self._put(body)
        except (Gone, Problem) as reason:
            cut_off = isinstance(reason, Gone) or reason.kind.status == 408
            if cut_off and checksum is None and body.end > body.place:
                await self._settle(body)
            raise
        if checksum is not None and not body.holds():
            raise Problem(CHECKSUM_DIFFERS)
        return await self._settle(body)

    async def _settle(self, body: _Body) -> Upload:
        """Keep what is left of a body; with its last byte the photograph is whole."""
        if body.end == body.upload.length and not body.upload.finished:
            return await self._finish(body)
        if body.buffer:
            await self._put(body)
        if body.waiting:
            await self._record(body)
        return body.upload

    async def _put(self, body: _Body) -> None:
        """Write a piece onto the disk and, where no checksum must hold first, record it."""
        data = bytes(body.buffer)
        piece = Piece(body.place, len(data), hashlib.sha256(data).digest())
        await self._sealed.keep_async(piece.name(body.upload.id), data)
        body.took(piece)
        if body.checksum is None:
            await self._record(body)

    async def _record(self, body: _Body) -> None:
        now = self._clock.now()
        until = now + timedelta(seconds=self._arrivals.limits.pause_seconds)
        async with self._database.connection() as connection:
            if not await store.record(connection, body.upload.id, body.waiting, now, until):
                raise Problem(OTHER_OFFSET)
        body.recorded(until)

    async def _finish(self, body: _Body) -> Upload:
        upload = body.upload
        until = self._clock.now() + timedelta(seconds=self._arrivals.limits.pause_seconds)
        try:
            with tempfile.TemporaryFile(dir=self._arrivals.scratch) as file:
                if await self._whole(body, file) != upload.original:
                    raise Problem(WRONG_HASH)
                await self._photographs.keep(file, upload.original, upload.carrier)
        except Problem as problem:
            if problem.kind.status in HOPELESS:
                await self.end(upload.id)
            raise
        async with self._database.connection() as connection:
            if not await store.finish(connection, upload.id, upload.received, until):
                raise Problem(OTHER_OFFSET)
        await self._clear([upload.id])
        return body.finished(until)

    async def _whole(self, body: _Body, file: BinaryIO) -> str:
        """Put all pieces and the rest of the body together in ``file``; return the SHA-256."""
        digest = hashlib.sha256()
        async with self._database.connection() as connection:
            pieces = await store.pieces(connection, body.upload.id)
        if sum(piece.size for piece in pieces) != body.upload.received:
            raise Problem(OTHER_OFFSET)  # another request has finished or ended it
        for piece in [*pieces, *body.waiting]:
            data = await self._sealed.get_async(piece.name(body.upload.id))
            await asyncio.to_thread(_append, file, digest, data)
        await asyncio.to_thread(_append, file, digest, bytes(body.buffer))
        return digest.hexdigest()

    async def open(self) -> None:
        """Begin to sweep from time to time; several processes may."""
        self._sweeping = asyncio.create_task(self._sweep_on())

    async def close(self) -> None:
        """Stop sweeping."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeping

    async def _sweep_on(self) -> None:
        while True:
            try:
                await self.sweep()
            except (psycopg.Error, StoreError, OSError):
                log.exception("unfinished photographs could not be swept; trying again later")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Remove expired uploads, and every piece that belongs to no unfinished one."""
        named = await asyncio.to_thread(lambda: list(self._sealed.names(UPLOADS)))
        lying = {upload for name in named if (upload := _upload_of(name)) is not None}
        async with self._database.connection() as connection:
            await store.end(connection, await store.expired(connection, self._clock.now()))
            lying -= await store.unfinished(connection, sorted(lying))  # rows are older than their pieces
        await self._clear(lying)

    async def _clear(self, uploads: Iterable[UUID]) -> None:
        await asyncio.to_thread(_remove, self._sealed, list(uploads))


class _Body:
    """One body on its way into an upload: what is in memory, and what is on the disk without being recorded."""

    def __init__(self, upload: Upload, checksum: Checksum | None) -> None:
        self.upload = upload
        self.checksum = checksum
        self.buffer = bytearray()
        self.waiting: list[Piece] = []
        self.place = upload.received
        """Where ``buffer`` begins."""
        self._digest = None if checksum is None else checksum.begin()

    @property
    def end(self) -> int:
        """Where the bytes end that have come."""
        return self.place + len(self.buffer)

    def took(self, piece: Piece) -> None:
        """The buffer became a piece."""
        if self._digest is not None:
            self._digest.update(self.buffer)
        self.waiting.append(piece)
        self.place += piece.size
        self.buffer.clear()

    def recorded(self, until: datetime) -> None:
        """What waited is recorded."""
        self.upload = _moved(self.upload, self.waiting[-1].start + self.waiting[-1].size, until)
        self.waiting = []

    def finished(self, until: datetime) -> Upload:
        """Return the finished upload."""
        return _moved(self.upload, self.upload.length, until)

    def holds(self) -> bool:
        """Tell whether the checksum is that of the body; asked once, at its end."""
        if self.checksum is None or self._digest is None:
            return True
        self._digest.update(self.buffer)
        return self._digest.digest() == self.checksum.digest


def _moved(upload: Upload, received: int, until: datetime) -> Upload:
    return msgspec.structs.replace(upload, received=received, until=until)


def _append(file: BinaryIO, digest: hashlib._Hash, data: bytes) -> None:
    digest.update(data)
    file.write(data)
    file.flush()


def _upload_of(name: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(UPLOADS).partition("/")[0])
    except ValueError:
        return None


def _remove(sealed: Objects, uploads: list[UUID]) -> None:
    for upload in uploads:
        for name in list(sealed.names(f"{UPLOADS}{upload}")):
            with contextlib.suppress(FileNotFoundError):
                sealed.delete(name)
