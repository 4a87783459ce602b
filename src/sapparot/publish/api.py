"""The doors to published files: pointer, snapshots, definitions, and the list of snapshots. Bare ASGI; files go out piece by piece.

A CDN or a plain file server in front can carry all of these; the program serves them itself so that one machine is enough.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator

import psycopg
from obstore.exceptions import BaseError as StoreError
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, header, respond, respond_problem
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.objects import Objects, media_type
from sapparot.base.problems import Problem
from sapparot.publish import rules, store
from sapparot.publish.events import ANYWHERE, Board, asked, number_in
from sapparot.publish.problems import NO_SNAPSHOT, NOTHING_YET, UNAVAILABLE

LATEST_DOOR = Door("GET", f"/{rules.LATEST}", "anyone", per_minute=6_000)
KEY_DOOR = Door("GET", f"/{rules.KEY}", "anyone", per_minute=6_000)
LIST_DOOR = Door("GET", "/v1/snapshots", "anyone", per_minute=600)
SNAPSHOTS_DOOR = Door("GET", "/v1/snapshots/", "anyone", per_minute=6_000)
DEFINITIONS_DOOR = Door("GET", "/v1/definitions/", "anyone", per_minute=600)
PHOTOGRAPHS_DOOR = Door("GET", "/v1/evidence/", "anyone", per_minute=6_000)

FOR_EVER = b"public, max-age=31536000, immutable"
FIVE_SECONDS = b"public, max-age=5"
LISTED = 500
"""Snapshots in one answer of the list."""

_FOR_EVER_THERE = re.compile(r"/v1/definitions/[0-9a-f]{64}\.json|/v1/evidence/[0-9a-f]{64}\.jpg")
"""Names that say what the bytes are: definitions of elections and published copies of photographs."""


class PublicFiles:
    """The ASGI application behind every published file."""

    def __init__(self, public: Objects, board: Board) -> None:
        self._public = public
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            path = scope["path"]
            if path in (LATEST_DOOR.path, KEY_DOOR.path):
                await self._small(path, scope, send)
            else:
                await self._immutable(path, scope, send)
        except Problem as problem:
            await respond_problem(send, problem, ANYWHERE)
        except (psycopg.Error, PoolTimeout, StoreError, OSError):
            await respond_problem(send, Problem(UNAVAILABLE), ANYWHERE)

    async def _small(self, path: str, scope: Scope, send: Send) -> None:
        try:
            data = await self._public.get_async(path.removeprefix("/"))
        except FileNotFoundError:
            raise Problem(NOTHING_YET) from None
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        if not await _unchanged(scope, send, tag, FIVE_SECONDS):
            await respond(send, 200, data, headers=_headers(tag, FIVE_SECONDS))

    async def _immutable(self, path: str, scope: Scope, send: Send) -> None:
        await self._admit(path)
        tag = f'"{path.removeprefix("/v1/")}"'
        if await _unchanged(scope, send, tag, FOR_EVER):
            return
        try:
            size, pieces = await self._public.open_async(path.removeprefix("/"))
        except FileNotFoundError:
            raise Problem(NO_SNAPSHOT) from None
        lines = [(b"content-type", media_type(path).encode()), (b"content-length", b"%d" % size)]
        await send({"type": "http.response.start", "status": 200, "headers": [*lines, *_headers(tag, FOR_EVER)]})
        await _pour(send, pieces, head=scope["method"] == "HEAD")

    async def _admit(self, path: str) -> None:
        """Let through only the names that published files have, and only snapshots that are recorded.

        Files of a number that is not recorded yet may still be written over after a crash: nobody may keep them for ever.
        """
        if _FOR_EVER_THERE.fullmatch(path):
            return
        wanted = rules.wanted_file(path)
        if wanted is None or not await self._board.recorded(wanted[0]):
            raise Problem(NO_SNAPSHOT)


class SnapshotList:
    """The ASGI application behind ``GET /v1/snapshots?after=n``: the next snapshots in order, at most LISTED."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            after = number_in(asked(scope, "after") or "0")
            async with self._database.connection() as connection:
                rows = await store.after(connection, after, LISTED)
        except Problem as problem:
            await respond_problem(send, problem, ANYWHERE)
        except (psycopg.Error, PoolTimeout):
            await respond_problem(send, Problem(UNAVAILABLE), ANYWHERE)
        else:
            listed = [rules.event(kept) | {"manifest": kept.manifest.hex()} for kept in rows]
            body = canonical.encode({"v": 1, "snapshots": listed})
            await respond(send, 200, body, headers=_headers(None, FIVE_SECONDS))


def _headers(tag: str | None, cache: bytes) -> list[tuple[bytes, bytes]]:
    lines = [(b"cache-control", cache), *ANYWHERE]
    return lines if tag is None else [*lines, (b"etag", tag.encode())]


async def _unchanged(scope: Scope, send: Send, tag: str, cache: bytes) -> bool:
    """Answer 304 when the caller holds the file already; tell whether that was done."""
    held = header(scope, b"if-none-match") or ""
    if tag not in (one.strip().removeprefix("W/") for one in held.split(",")):
        return False
    await send({"type": "http.response.start", "status": 304, "headers": _headers(tag, cache)})
    await send({"type": "http.response.body", "body": b""})
    return True


async def _pour(send: Send, pieces: AsyncIterator[bytes], *, head: bool) -> None:
    if not head:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
