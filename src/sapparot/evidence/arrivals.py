"""How many photographs may be on their way in, and how long each part of one may take; both doors share these places."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sapparot.base.asgi import Gone, Message, Receive
from sapparot.base.clock import monotonic
from sapparot.base.problems import TOO_SLOW, Problem
from sapparot.evidence.problems import AT_ONCE, BUSY, DISK_FULL


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
    unfinished_of_device: int = 16
    """Photographs of one device that are begun and not finished, in all processes together."""
    unfinished_bytes: int = 64 << 30
    """Bytes that have come of photographs which are not finished, in all processes together; what is only announced holds no room."""
    begun_seconds: float = 3600.0
    """How long an upload lives of which nothing came yet."""
    pause_seconds: float = 86_400.0
    """How long an upload lives after its last piece."""


class Arrivals:
    """The places of one process for photographs on their way in."""

    def __init__(self, scratch: Path, limits: Limits) -> None:
        """``scratch``: an existing directory, on the disk of the stores."""
        self.scratch = scratch
        self.limits = limits
        self._under_way: Counter[str] = Counter()

    def make_sure_of_room(self, expected: int) -> None:
        """Raise :class:`Problem` when ``expected`` bytes and what becomes of them would not leave the reserve free."""
        if shutil.disk_usage(self.scratch).free < self.limits.reserve + 2 * expected:
            raise Problem(DISK_FULL)

    @contextmanager
    def place(self, carrier: str, expected: int) -> Iterator[None]:
        """Hold one of the places while a body comes in."""
        if self._under_way.total() >= self.limits.uploads:
            raise Problem(BUSY)
        if self._under_way[carrier] >= self.limits.uploads_of_device:
            raise Problem(AT_ONCE)
        self.make_sure_of_room(expected)
        self._under_way[carrier] += 1
        try:
            yield
        finally:
            self._under_way[carrier] -= 1
            if not self._under_way[carrier]:
                del self._under_way[carrier]

    async def parts(self, receive: Receive) -> AsyncIterator[bytes]:
        """Yield the body as it comes; raises :class:`Gone` when the caller left and :class:`Problem` when it is too slow."""
        deadline = monotonic() + self.limits.body_seconds
        more = True
        while more:
            if monotonic() > deadline:
                raise Problem(TOO_SLOW)
            message = await _next_part(receive, self.limits.idle_seconds)
            more = message.get("more_body", False)
            yield message.get("body", b"")


async def _next_part(receive: Receive, seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        raise Problem(TOO_SLOW) from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message
