"""Photographs that come in pieces, until they are whole.

Each piece becomes an object of the sealed store, named after its place and its hash, and only then a row says that it is there: what
HEAD tells is what a power failure cannot take. The rows decide who comes first, so any number of web processes may serve one upload;
they must share the database and the sealed store, as for whole photographs, and nothing else.

1. a piece is written and forced onto the disk: a crash leaves an object that no row names, swept away with its upload; a piece that
   came second is removed at once. Bytes too few for an object wait in the row instead, until enough have followed;
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
from datetime import timedelta
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
from sapparot.evidence.problems import (
    BEYOND_LENGTH,
    CHECKSUM_DIFFERS,
    NO_ROOM_TO_BEGIN,
    OTHER_OFFSET,
    UPLOAD_UNKNOWN,
    WRONG_HASH,
)
from sapparot.evidence.resuming import Checksum

log = structlog.get_logger()

PIECE = 256 * 1024
"""Bytes of a body that are in memory before they become a piece: what a phone sends again at most after a crash."""
SMALLEST = 16 * 1024
"""Bytes that make a piece; an upload never has more pieces than it has these."""
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

        What came before a caller was cut off is kept. Under a checksum all of it waits in a file without a name until that holds.
        Of many that were begun while there was room, those of which nothing came yet wait until there is room again.
        """
        if not upload.received:
            async with self._database.connection() as connection:
                held = await store.received(connection, self._clock.now())
            if held + upload.length > self._arrivals.limits.unfinished_bytes:
                raise Problem(NO_ROOM_TO_BEGIN)
        if checksum is None:
            return await self._receive(upload, parts)
        with tempfile.TemporaryFile(dir=self._arrivals.scratch) as file:
            await _await_whole(file, upload, parts, checksum)
            return await self._receive(upload, _read(file))

    async def _receive(self, upload: Upload, parts: AsyncIterator[bytes]) -> Upload:
        body = _Body(upload)
        try:
            async for part in parts:
                body.buffer += part
                if body.end > upload.length:
                    raise Problem(BEYOND_LENGTH)
                if len(body.buffer) >= PIECE and body.end < upload.length:
                    await self._put(body)
        except (Gone, Problem) as reason:
            if isinstance(reason, Gone) or reason.kind.status == 408:
                await self._settle(body)
            raise
        return await self._settle(body)

    async def _settle(self, body: _Body) -> Upload:
        """Keep what is left of a body; with its last byte the photograph is whole."""
        if body.end == body.upload.received:
            return body.upload
        if body.end == body.upload.length:
            return await self._finish(body)
        if len(body.buffer) >= SMALLEST:
            await self._put(body)
        elif not await self._record(body, None):
            raise Problem(OTHER_OFFSET)
        return body.upload

    async def _put(self, body: _Body) -> None:
        """Write a piece onto the disk and record it."""
        data, upload = bytes(body.buffer), body.upload
        piece = Piece(upload.received, len(data), hashlib.sha256(data).digest())
        name = piece.name(upload.id)
        await self._sealed.keep_async(name, data)
        if await self._record(body, piece):
            return
        async with self._database.connection() as connection:
            lost = await store.lost(connection, upload.id, piece)
        if lost:
            await asyncio.to_thread(_drop, self._sealed, name)
        raise Problem(OTHER_OFFSET)

    async def _record(self, body: _Body, piece: Piece | None) -> bool:
        """Record what is in memory, as a piece or as the tail; False when another request was faster."""
        now = self._clock.now()
        until = now + timedelta(seconds=self._arrivals.limits.pause_seconds)
        tail = b"" if piece else bytes(body.buffer)
        grown = msgspec.structs.replace(body.upload, received=body.end, until=until, tail=tail)
        async with self._database.connection() as connection:
            recorded = await store.record(connection, body.upload, grown, piece, now)
        if recorded:
            body.upload, body.buffer = grown, bytearray(tail)
        return recorded

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
        return msgspec.structs.replace(upload, received=upload.length, until=until, tail=b"")

    async def _whole(self, body: _Body, file: BinaryIO) -> str:
        """Put all pieces and the rest of the body together in ``file``; return the SHA-256."""
        digest = hashlib.sha256()
        async with self._database.connection() as connection:
            pieces = await store.pieces(connection, body.upload.id)
        if sum(piece.size for piece in pieces) + len(body.upload.tail) != body.upload.received:
            raise Problem(OTHER_OFFSET)  # another request has finished or ended it
        for piece in pieces:
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
        await asyncio.to_thread(_remove, self._sealed, [f"{UPLOADS}{upload}" for upload in uploads])


class _Body:
    """One body on its way into an upload."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        """As it is recorded."""
        self.buffer = bytearray(upload.tail)
        """What is in memory: the tail of the upload and what has come since."""

    @property
    def end(self) -> int:
        """Where the bytes end that have come."""
        return self.upload.received - len(self.upload.tail) + len(self.buffer)


async def _await_whole(file: BinaryIO, upload: Upload, parts: AsyncIterator[bytes], checksum: Checksum) -> None:
    """Write a body into ``file``; raises :class:`Problem` unless it has its checksum."""
    digest, end = checksum.begin(), upload.received
    async for part in parts:
        end += len(part)
        if end > upload.length:
            raise Problem(BEYOND_LENGTH)
        await asyncio.to_thread(_append, file, digest, part)
    if digest.digest() != checksum.digest:
        raise Problem(CHECKSUM_DIFFERS)


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while part := await asyncio.to_thread(file.read, PIECE):
        yield part


def _append(file: BinaryIO, digest: hashlib._Hash, data: bytes) -> None:
    digest.update(data)
    file.write(data)
    file.flush()


def _upload_of(name: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(UPLOADS).partition("/")[0])
    except ValueError:
        return None


def _remove(sealed: Objects, folders: Iterable[str]) -> None:
    for folder in folders:
        for name in list(sealed.names(folder)):
            _drop(sealed, name)


def _drop(sealed: Objects, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        sealed.delete(name)
