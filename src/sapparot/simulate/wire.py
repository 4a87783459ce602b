"""The simulator's HTTP/1.1 client: a pool of keep-alive connections, one request at a time on each, retried until it is answered.

It is small because it must cost less than the server it drives: bytes are written as given, answers are parsed by httptools.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections import deque
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

from sapparot.base.clock import monotonic

PATIENCE = 30.0
"""Seconds without an answer after which a connection is given up."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
"""Seconds before a lost request is sent again: the first time, and at most; they double in between."""
ROUND, REOPEN = 1.0, 0.05
"""Seconds between two rounds over the connections: while all stand, and while some are missing."""
PACE = 0.02
"""Seconds between two looks for letters that have become due while connections are free; answers bring on the next letter at once."""
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same bytes are sent again."""
TROUBLES = 3
"""Latest answers of that kind that are kept for whoever asks why."""
LOOPBACK = "127.0.0.1"
CARRIERS = 64
"""Addresses that simulated phones come from on one machine, as from so many mobile carriers."""
STREET = 250
"""Addresses of a pool that has a street of its own."""


class Letter:
    """One request: its bytes, and whom to tell the answer (status and body)."""

    __slots__ = ("answered", "cookie", "data", "lose", "tries")

    def __init__(self, data: bytes, answered: Callable[[int, bytes], None], *, lose: bool = False) -> None:
        self.data = data
        self.answered = answered
        self.lose = lose
        """Hang up before the answer comes, the first time."""
        self.tries = 0
        self.cookie = ""
        """The cookie that came with the answer."""


def request(method: str, host: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return the bytes of an HTTP/1.1 request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._pause = 0.0
        self.letter: Letter | None = None
        self.since = 0.0

    def send(self, letter: Letter) -> None:
        """Put a letter on the wire."""
        self.letter = letter
        self.since = monotonic()
        letter.tries += 1
        transport = self._transport
        if transport is None or transport.is_closing():
            self._lost()
            return
        transport.write(letter.data)
        if letter.lose:
            letter.lose = False
            asyncio.get_running_loop().call_soon(self.hang_up)

    def hang_up(self) -> None:
        """Close the connection; a letter without an answer is sent again on another."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready for letters."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read a piece of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give an unanswered letter back and leave the pool."""
        self._transport = None
        self._lost()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Heed how long the server asks us to wait."""
        if name.lower() == b"retry-after" and value.isdigit():
            self._pause = float(value)
        elif name.lower() == b"set-cookie" and self.letter is not None:
            self.letter.cookie = value.decode()

    def on_body(self, data: bytes) -> None:
        """Collect the body."""
        self._body += data

    def on_message_complete(self) -> None:
        """Hand a complete answer over and take the next letter."""
        letter, body, pause = self.letter, bytes(self._body), self._pause
        status, stays = self._parser.get_status_code(), self._parser.should_keep_alive()
        self.letter, self._body, self._pause = None, bytearray(), 0.0
        self._parser = httptools.HttpResponseParser(self)
        if letter is not None:
            self._pool.arrived(letter, status, body, pause)
        if stays:
            self._pool.ready(self)
        else:
            self.hang_up()

    def _lost(self) -> None:
        letter, self.letter = self.letter, None
        self._pool.gone(self)
        if letter is not None:
            self._pool.later(letter, 0.0)


class Pool:
    """Connections to one server and the letters that wait to be sent again.

    ``source`` is asked for a letter whenever a connection is free; None means that nothing is due.
    """

    def __init__(self, url: str, connections: int, source: Callable[[], Letter | None], seed: int = 1) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self._name, self._port = parts.hostname or LOOPBACK, parts.port or 80
        self.source = source
        self._size = connections
        self._idle: list[Wire] = []
        self._wires: set[Wire] = set()
        self._again: list[tuple[float, int, Letter]] = []
        self._order = count()
        self._chance = Random(seed)  # noqa: S311 - jitter
        self._failure: BaseException | None = None
        self.street = 0
        """Pools of different streets come from different addresses; 0 is shared."""
        self.in_flight = 0
        self.retried = 0
        self.troubles: deque[str] = deque(maxlen=TROUBLES)

    @property
    def waiting(self) -> int:
        """Count the letters that were sent and not answered yet."""
        return self.in_flight + len(self._again)

    async def keep(self, finished: Callable[[], bool], pace: float = PACE) -> None:
        """Keep the connections open and the letters flowing until ``finished``."""
        checked = 0.0
        asyncio.get_running_loop().set_exception_handler(self._fail)
        while not finished():
            if self._failure is not None:
                raise self._failure
            now = monotonic()
            if now - checked > (ROUND if len(self._wires) == self._size else REOPEN):
                checked = now
                await self._mend(now)
            self.pump()
            await asyncio.sleep(pace)

    def close(self) -> None:
        """Hang up everywhere."""
        for wire in list(self._wires):
            wire.hang_up()

    def pump(self) -> None:
        """Give every free connection a letter."""
        while self._idle and (letter := self._due()) is not None:
            self.in_flight += 1
            # On a street every address has its turn; else a few warm connections do most of the work.
            self._idle.pop(0 if self.street else -1).send(letter)

    def arrived(self, letter: Letter, status: int, body: bytes, pause: float) -> None:
        """Take an answer; whoever is too busy is asked again later."""
        if status in AGAIN:
            self.troubles.append(f"{status} {body.decode(errors='replace')}")
            self.later(letter, pause)
            return
        self.in_flight -= 1
        letter.answered(status, body)

    def later(self, letter: Letter, pause: float) -> None:
        """Send a letter again after the server's ``pause``, or ours, which grows."""
        self.in_flight -= 1
        self.retried += 1
        ours = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(letter.tries - 1, 10))
        wait = (pause or ours) * self._chance.uniform(1.0, 1.5)
        heapq.heappush(self._again, (monotonic() + wait, next(self._order), letter))

    def ready(self, wire: Wire) -> None:
        """Take a connection back and use it at once."""
        self._idle.append(wire)
        self.pump()

    def gone(self, wire: Wire) -> None:
        """Forget a closed connection."""
        self._wires.discard(wire)
        if wire in self._idle:
            self._idle.remove(wire)

    def _fail(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Let an error in a callback end the sender instead of being printed and forgotten."""
        self._failure = context.get("exception") or RuntimeError(context["message"])

    def _due(self) -> Letter | None:
        if self._again and self._again[0][0] <= monotonic():
            return heapq.heappop(self._again)[2]
        return self.source()

    async def _mend(self, now: float) -> None:
        """Open what is missing and give up what has been silent for too long."""
        for wire in list(self._wires):
            if wire.letter is not None and now - wire.since > PATIENCE:
                wire.hang_up()
        missing = self._size - len(self._wires)
        await asyncio.gather(*(self._open(number) for number in range(missing)))

    async def _open(self, number: int) -> None:
        # On one machine every connection comes from its own loopback address, as phones come from many networks.
        many = sys.platform == "linux" and self._name == LOOPBACK
        carrier = 1 + number % (STREET if self.street else CARRIERS)
        local = (f"127.{self.street}.{carrier}.1", 0) if many else None
        try:
            async with asyncio.timeout(PATIENCE):
                _, wire = await asyncio.get_running_loop().create_connection(
                    lambda: Wire(self), self._name, self._port, local_addr=local
                )
        except OSError:
            return  # the server is not there now; the next round tries again
        self._wires.add(wire)
        self.ready(wire)
