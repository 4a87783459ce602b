"""The doors to the log: its files as they stand, and three conveniences that anyone can also compute from the files.

The files (``/log/checkpoint``, ``/log/tile/…``) are C2SP tlog-tiles; a CDN or a plain file server can carry them. Full and partial tiles
never change, so they may be kept for ever; checkpoints are replaced every second.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import psycopg
from obstore.exceptions import BaseError
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, respond, respond_problem
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.ledger import store
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.problems import (
    LEAF_UNKNOWN,
    NOT_A_LEAF_HASH,
    NOT_A_POSITION,
    NOT_COVERED,
    NOT_IN_LOG_FILES,
    UNAVAILABLE,
)
from sapparot.ledger.proofs import inclusion
from sapparot.ledger.receipts import Receipt
from sapparot.ledger.signatures import Checkpoint, Note, plain_number
from sapparot.ledger.tiles import Hashes, TileInvalid
from sapparot.ledger.tree import leaf_hash

FILES_DOOR = Door("GET", "/log/", "anyone", per_minute=12_000)
PROOF_DOOR = Door("GET", "/v1/proof/", "anyone", per_minute=1_200)
FIND_DOOR = Door("GET", "/v1/find/", "anyone", per_minute=1_200)

PLAIN = b"text/plain; charset=utf-8"
OCTETS = b"application/octet-stream"
FOR_EVER = b"public, max-age=31536000, immutable"
ONE_SECOND = b"public, max-age=1"
NOT_KEPT = b"no-store"
NEWEST, COSIGNED = "log/checkpoint", "log/cosigned"

_TILE = re.compile(
    r"tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)
_REPLACED = re.compile(r"checkpoint|cosigned|log\.vkey|policy|anchors/[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LEAF = re.compile(r"[0-9a-f]{64}")

FindEntry = Callable[[AsyncConnection, str], Awaitable[bytes]]
"""Returns the entry that a name stands for, as it is or will be in the log; raises :class:`Problem` when it never will be."""


class Proofs:
    """Receipts made from the public files alone."""

    def __init__(self, public: Objects) -> None:
        self._public = public

    def receipt(self, index: int, extra: bytes | None = None) -> Receipt:
        """Return the receipt of the entry at ``index``; raises :class:`Problem` while no checkpoint covers it.

        The newest checkpoint with quorum is taken when it covers the entry: it says more. Otherwise the newest, with whatever cosignatures
        it has.
        """
        note, size = self._covering(index)
        path = inclusion(Hashes(lambda name: self._public.get(f"log/{name}"), size), index, size)
        return Receipt(index, tuple(path), note, extra)

    def _covering(self, index: int) -> tuple[str, int]:
        for name in (COSIGNED, NEWEST):
            try:
                note = self._public.get(name)
                size = Checkpoint.read(Note.read(note).text).head.size
            except FileNotFoundError:
                continue
            if index < size:
                return note.decode(), size
        raise Problem(NOT_COVERED)


class _Behind:
    """What the doors share: an answer to whatever goes wrong."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self.answer(scope["path"], scope["method"], send)
        except Problem as problem:
            again = [(b"retry-after", b"2")] if problem.kind.status == 425 else []
            await respond_problem(send, problem, [*headers(NOT_KEPT), *again])
        except (psycopg.Error, PoolTimeout, BaseError, OSError, NoteInvalid, TileInvalid):
            await respond_problem(send, Problem(UNAVAILABLE), headers(NOT_KEPT))

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Answer a caller; raises :class:`Problem`."""
        raise NotImplementedError


class LogFiles(_Behind):
    """The ASGI application behind ``GET /log/…``."""

    def __init__(self, public: Objects) -> None:
        self._public = public

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Send a file of the log piece by piece; only names that such files have are looked for."""
        name = path.removeprefix(FILES_DOOR.path)
        for_ever = _TILE.fullmatch(name) is not None
        if not for_ever and not _REPLACED.fullmatch(name):
            raise Problem(NOT_IN_LOG_FILES)
        try:
            size, pieces = await self._public.open_async(path.removeprefix("/"))
        except FileNotFoundError:
            raise Problem(NOT_IN_LOG_FILES) from None
        kind = OCTETS if for_ever or name.startswith("anchors/") else PLAIN
        lines = [(b"content-type", kind), (b"content-length", b"%d" % size)]
        lines += headers(FOR_EVER if for_ever else ONE_SECOND)
        await send({"type": "http.response.start", "status": 200, "headers": lines})
        if method != "HEAD":
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class ProofDoor(_Behind):
    """The ASGI application behind ``GET /v1/proof/{index}``."""

    def __init__(self, public: Objects) -> None:
        self._proofs = Proofs(public)

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Send the receipt of the entry at a position, without the entry."""
        try:
            index = plain_number(path.removeprefix(PROOF_DOOR.path))
        except NoteInvalid:
            raise Problem(NOT_A_POSITION) from None
        await send_receipt(send, await asyncio.to_thread(self._proofs.receipt, index))


class FindDoor(_Behind):
    """The ASGI application behind ``GET /v1/find/{leaf hash}``."""

    def __init__(self, database: AsyncPool) -> None:
        self._database = database

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Say at which position an entry with this leaf hash stands; of several, the first."""
        leaf = path.removeprefix(FIND_DOOR.path)
        if not _LEAF.fullmatch(leaf):
            raise Problem(NOT_A_LEAF_HASH)
        async with self._database.connection() as connection:
            index = await store.find(connection, bytes.fromhex(leaf))
        if index is None:
            raise Problem(LEAF_UNKNOWN)
        await respond(send, 200, canonical.encode({"index": index, "leaf": leaf, "v": 1}), headers=headers(ONE_SECOND))


class ReceiptDoor(_Behind):
    """The ASGI application behind a door that gives the receipt of what a name stands for, with the entry as its extra data."""

    def __init__(self, door: Door, public: Objects, database: AsyncPool, entry_of: FindEntry) -> None:
        """``door``: its path ends with "/", and the name is what follows."""
        self._prefix = door.path
        self._proofs = Proofs(public)
        self._database = database
        self._entry_of = entry_of

    async def answer(self, path: str, method: str, send: Send) -> None:
        """Send the receipt."""
        async with self._database.connection() as connection:
            entry = await self._entry_of(connection, path.removeprefix(self._prefix))
            index = await store.find(connection, leaf_hash(entry))
        if index is None:
            raise Problem(NOT_COVERED)
        await send_receipt(send, await asyncio.to_thread(self._proofs.receipt, index, entry))


async def send_receipt(send: Send, receipt: Receipt) -> None:
    """Answer with a receipt's text; a later one may carry more cosignatures, so it is not kept for long."""
    await respond(send, 200, receipt.encode().encode(), PLAIN, headers(ONE_SECOND))


def headers(cache: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer: how long it may be kept, and that pages of others may read it."""
    return [(b"cache-control", cache), (b"access-control-allow-origin", b"*")]
