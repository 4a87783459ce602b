"""``GET /v1/events``: word of every snapshot as server-sent events (HTML Living Standard, section 9.2).

Events are numbered by snapshot, without gaps. A client that was away says the last number it saw (``Last-Event-ID``, or the parameter
``last_event_id`` where a header cannot be set) and gets what it missed from the table; one that was away too long gets a notice with
the numbers that it must read from files. Bare ASGI: a stream is one coroutine that mostly waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import msgspec
import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, address_of, header, respond_problem
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.problems import Problem
from sapparot.publish import rules, store
from sapparot.publish.facts import SnapshotKept
from sapparot.publish.problems import BAD_EVENT_ID, LISTENERS_FULL, UNAVAILABLE

log = structlog.get_logger()

DOOR = Door("GET", "/v1/events", "anyone", per_minute=600)
ANYWHERE = [(b"access-control-allow-origin", b"*")]
"""Every answer may be read by pages of other origins, problems too."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    *ANYWHERE,
    (b"x-accel-buffering", b"no"),
]
HEARTBEAT = b": still here\n\n"
RETRY = b"retry: 2000\n\n"
WATCH_SECONDS = 1.0
"""The table is read at least this often, also when a notification was lost."""


class StreamLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What listeners may cost."""

    listeners: int = 2000
    """Streams of one process."""
    of_caller: int = 500
    """Streams of one address; many phones share the address of their carrier."""
    waiting: int = 32
    """Events that may wait for one listener; one that falls further behind is cut and may come back."""
    catch_up: int = 500
    """Missed snapshots that are sent again."""
    heartbeat_seconds: float = 15.0


class Listener:
    """One open stream."""

    def __init__(self, caller: str, waiting: int) -> None:
        self.caller = caller
        self.queue: asyncio.Queue[SnapshotKept | None] = asyncio.Queue(waiting)
        self.stream: asyncio.Task[None] | None = None

    def cut(self) -> None:
        """End the stream at once."""
        if self.stream is not None:
            self.stream.cancel()


class Board:
    """Watches for new snapshots and tells everyone who listens; one per process."""

    def __init__(self, database: AsyncPool, limits: StreamLimits | None = None) -> None:
        self.limits = limits or StreamLimits()
        self.last: SnapshotKept | None = None
        self._database = database
        self._listeners: set[Listener] = set()
        self._callers: Counter[str] = Counter()
        self._watch: asyncio.Task[None] | None = None
        self._closing = False

    async def open(self) -> None:
        """Start to watch."""
        self._watch = asyncio.create_task(self._watching())

    async def close(self) -> None:
        """End every stream and stop watching; may be called again."""
        for listener in list(self._listeners):
            self._hand(listener, None)
        self._closing = True
        while self._watch is not None and not self._watch.done():
            # A cancelled query can end in an error of the database instead; then the watch begins again and must be told again.
            self._watch.cancel()
            await asyncio.wait((self._watch,), timeout=WATCH_SECONDS)

    async def recorded(self, n: int) -> bool:
        """Tell whether snapshot ``n`` is published; asks the table about one that this process has not heard of yet."""
        last = self.last.n if self.last else 0
        if n <= last or n > last + self.limits.catch_up:
            return n <= last
        async with self._database.connection() as connection:
            newest = await store.last_async(connection)
        return newest is not None and n <= newest.n

    def join(self, caller: str) -> Listener:
        """Add a listener; raises Problem when there are too many."""
        if len(self._listeners) >= self.limits.listeners or self._callers[caller] >= self.limits.of_caller:
            raise Problem(LISTENERS_FULL)
        listener = Listener(caller, self.limits.waiting)
        self._listeners.add(listener)
        self._callers[caller] += 1
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener; may be called again."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self._callers[listener.caller] -= 1
            self._callers += Counter()  # drops callers without a stream

    async def _watching(self) -> None:
        while not self._closing:
            try:
                await self._follow()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("snapshots cannot be watched; trying again", error=str(error))
                await asyncio.sleep(WATCH_SECONDS)

    async def _follow(self) -> None:
        async with self._database.connection() as connection:
            await store.listen(connection)
            self.last = self.last or await store.last_async(connection)
            while True:
                for kept in await store.after(connection, self.last.n if self.last else 0, self.limits.catch_up):
                    self._tell(kept)
                async for _ in store.heard(connection, WATCH_SECONDS):
                    pass

    def _tell(self, kept: SnapshotKept) -> None:
        self.last = kept
        for listener in list(self._listeners):
            self._hand(listener, kept)

    def _hand(self, listener: Listener, kept: SnapshotKept | None) -> None:
        try:
            listener.queue.put_nowait(kept)
        except asyncio.QueueFull:
            # Whoever does not read must not make the others wait, nor fill our memory.
            self.leave(listener)
            listener.cut()


class Events:
    """The ASGI application behind ``GET /v1/events``."""

    def __init__(self, board: Board, database: AsyncPool) -> None:
        self._board = board
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with a stream that ends when the client leaves, is too slow, or the server stops."""
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            since = last_event_id(scope)
            listener = self._board.join(address_of(scope))
        except Problem as problem:
            await respond_problem(send, problem, ANYWHERE)
            return
        try:
            missed = await self._missed(since)
            listener.stream = asyncio.create_task(self._stream(listener, missed, send))
            await _first_of(listener.stream, asyncio.create_task(_left(receive)))
        except (psycopg.Error, PoolTimeout):
            log.exception("missed snapshots could not be read")
            await respond_problem(send, Problem(UNAVAILABLE), ANYWHERE)
        finally:
            self._board.leave(listener)

    async def _missed(self, since: int | None) -> list[tuple[bytes, int]]:
        """Give what the client has not seen, as events with their numbers."""
        last, most = self._board.last, self._board.limits.catch_up
        if last is None:
            return []
        if since is None:
            return [written(last)]
        if since > last.n:
            return [notice(1, last.n), written(last)]
        async with self._database.connection() as connection:
            rows = await store.after(connection, since, most + 1)
        if len(rows) > most:
            return [notice(since + 1, last.n - 1), written(last)]
        return [written(kept) for kept in rows]

    async def _stream(self, listener: Listener, missed: list[tuple[bytes, int]], send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send(_part(RETRY))
        sent = 0
        for event, number in missed:
            await send(_part(event))
            sent = max(sent, number)
        async for event, number in self._news(listener):
            # A snapshot may stand both in the table and in the queue when it came while this client joined.
            if number > sent or not number:
                await send(_part(event))
                sent = max(sent, number)
        await send({"type": "http.response.body", "body": b""})

    async def _news(self, listener: Listener) -> AsyncIterator[tuple[bytes, int]]:
        while True:
            try:
                async with asyncio.timeout(self._board.limits.heartbeat_seconds):
                    kept = await listener.queue.get()
            except TimeoutError:
                yield HEARTBEAT, 0
                continue
            if kept is None:
                return
            yield written(kept)


def last_event_id(scope: Scope) -> int | None:
    """Read the number of the last event that the client saw; raises Problem when it is not a number."""
    text = header(scope, b"last-event-id") or asked(scope, "last_event_id")
    return None if text is None else number_in(text)


def asked(scope: Scope, name: str) -> str | None:
    """Read a parameter of a request."""
    given: str | None = parse_qs(scope.get("query_string", b"").decode("latin-1")).get(name, [None])[0]
    return given


def number_in(text: str) -> int:
    """Read the number of a snapshot; raises Problem when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(BAD_EVENT_ID)
    return int(text)


def written(kept: SnapshotKept) -> tuple[bytes, int]:
    """Write the event of a snapshot."""
    return b"id: %d\nevent: result\ndata: %s\n\n" % (kept.n, canonical.encode(rules.event(kept))), kept.n


def notice(start: int, end: int) -> tuple[bytes, int]:
    """Write the notice that snapshots ``start`` to ``end`` must be read from files; it has no number of its own."""
    return b"event: notice\ndata: %s\n\n" % canonical.encode(rules.missed(start, end)), 0


def _part(data: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _first_of(*tasks: asyncio.Task[None]) -> None:
    """Wait until one task ends, and end the others with it."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
